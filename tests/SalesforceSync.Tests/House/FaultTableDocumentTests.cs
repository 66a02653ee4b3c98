using System.Text.RegularExpressions;

namespace SalesforceSync.Tests.House;

/// <summary>A table that names tests is only worth something while they exist.</summary>
public sealed partial class FaultTableDocumentTests
{
    [Theory]
    [InlineData("docs/faults.md")]
    [InlineData("docs/guarantees.md")]
    public void Every_test_a_table_names_exists(string document)
    {
        var classes = Repository.Sources("tests/SalesforceSync.Tests").ToLookup(source => Path.GetFileNameWithoutExtension(source.Path), source => source.Text);
        var rows = File.ReadLines(Path.Combine(Repository.Root, document)).Where(line => line.StartsWith('|'));
        var named = rows.SelectMany(row => TestName().Matches(row[..^1].Split('|')[^1])).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();
        named.Count.ShouldBeGreaterThan(20);
        named.Where(test => !Exists(classes, test.Class, test.Method)).ShouldBeEmpty();
    }

    private static bool Exists(ILookup<string, string> classes, string name, string method) =>
        classes[name].Any(text => method.Length == 0 || text.Contains($" {method}(", StringComparison.Ordinal));

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName();
}
