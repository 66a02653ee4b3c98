using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SalesforceSync.Tests.Simulator;

/// <summary>Applies a unified diff the way <c>patch</c> does, strictly, and checks the hash in its second line. Of another hand than the simulator's writer.</summary>
internal static partial class UnifiedDiff
{
    public static string Apply(string before, string difference)
    {
        var newline = before.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var old = before.ReplaceLineEndings("\n").Split('\n');
        var lines = difference.Split('\n');
        lines[0].ShouldBe("--- ");
        lines[1].ShouldStartWith("+++ ");
        var result = new List<string>();
        var at = 0;
        for (var i = 2; i < lines.Length;)
        {
            var range = HunkHeader().Match(lines[i++]);
            range.Success.ShouldBeTrue("a hunk begins with its ranges");
            var numbers = range.Groups.Values.Skip(1).Select(group => int.Parse(group.ValueSpan)).ToArray();
            var start = numbers[1] == 0 ? numbers[0] : numbers[0] - 1;
            result.AddRange(old[at..start]);
            at = start;
            result.Count.ShouldBe(numbers[3] == 0 ? numbers[2] : numbers[2] - 1);
            var (olds, news) = (numbers[1], numbers[3]);
            for (; olds > 0 || news > 0; i++)
            {
                var (mark, text) = (lines[i][0], lines[i][1..]);
                if (mark != '+') old[at++].ShouldBe(text);
                if (mark != '-') result.Add(text);
                (olds, news) = (olds - (mark == '+' ? 0 : 1), news - (mark == '-' ? 0 : 1));
            }
        }
        result.AddRange(old[at..]);
        var after = string.Join(newline, result);
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(after))).ShouldBe(lines[1][4..]);
        return after;
    }

    [GeneratedRegex(@"^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$")]
    private static partial Regex HunkHeader();
}
