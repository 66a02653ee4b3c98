using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Simulator;

public class TextDifferenceTests
{
    private readonly SimulatedOrg _org = new(new OrgOptions(), new ManualClock());

    [Theory]
    [InlineData(1, "\n")]
    [InlineData(2, "\r\n")]
    [InlineData(3, "\n")]
    public void Difference_restores_the_text_line_by_line(int seed, string newline)
    {
        var random = new Random(seed);
        var several = 0;
        for (var round = 0; round < 200; round++)
        {
            var old = Lines(random, 60);
            var now = old.ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(now.Count);
                if (random.Next(3) == 0) now.RemoveAt(at);
                else if (random.Next(2) == 0) now.Insert(at, $"new line {random.Next()} ünïcödé 🇨🇭");
                else now[at] += " changed";
            }
            var (before, after) = (string.Join(newline, old), string.Join(newline, now));
            if (before == after) continue;
            var difference = TextDifference.Between(before, after).ShouldNotBeNull();
            UnifiedDiff.Apply(before, difference).ShouldBe(after);
            if (difference.Split("\n@@ ").Length > 2) several++;
        }
        several.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Whole_value_goes_where_a_difference_would_not_pay()
    {
        var random = new Random(5);
        var text = Lines(random, 40);
        string Joined(IEnumerable<string> lines) => string.Join('\n', lines);
        TextDifference.Between(Joined(text), Joined([.. text[..39], "last"])).ShouldNotBeNull();
        TextDifference.Between(Joined(text[..8]), Joined([.. text[..7], "last"])).ShouldBeNull("shorter than 1,000 characters");
        TextDifference.Between(Joined(text), Joined(text[..15])).ShouldBeNull("more than half shorter");
        TextDifference.Between(Joined(text), Joined([.. text[..26], .. Lines(random, 14)])).ShouldBeNull("more than a quarter of all lines changed");
        TextDifference.Between(new string('a', 2000), new string('a', 1999) + "b").ShouldBeNull("one line");
        TextDifference.Between(Joined(text), Joined(text)).ShouldBeNull("no change");
        string[] wide = [.. text[..4], new string('x', 9000), .. text[4..8]];
        TextDifference.Between(Joined(wide), Joined([.. wide[..4], new string('y', 9000), .. wide[5..]])).ShouldBeNull("longer than the value");
    }

    [Fact]
    public void Update_says_in_two_bitmaps_that_its_text_is_a_difference()
    {
        var lines = Lines(new Random(6), 40);
        var before = string.Join("\r\n", lines);
        lines[20] = "another line";
        var after = string.Join("\r\n", lines);
        var id = OrgEvents.New(_org, "Account", ("Name", "a"), ("Description", before));
        _org.Commit(t => t.Update("Account", [id], new Dictionary<string, object?> { ["Description"] = after, ["Phone"] = "1" }, diffs: true));
        _org.Commit(t => t.Update("Account", [id], new Dictionary<string, object?> { ["Description"] = before }));
        var bodies = OrgEvents.Bodies(_org);
        var header = (Dictionary<string, object?>)bodies[1]["ChangeEventHeader"]!;
        header["diffFields"].ShouldBe(new List<string> { "0x020000" });
        (Convert.ToInt64(((List<string>)header["changedFields"]!)[0], 16) & ~0x1000000).ShouldBe(0x020000 | 0x80 | 0x800000);
        UnifiedDiff.Apply(before, (string)bodies[1]["Description"]!).ShouldBe(after);
        bodies[2]["Description"].ShouldBe(before);
        ((List<string>)((Dictionary<string, object?>)bodies[2]["ChangeEventHeader"]!)["diffFields"]!).ShouldBeEmpty();
        _org.Truth().Value(id, "Description").ShouldBe(before);
        _org.Tally.Counts[OrgAct.TextDifference].ShouldBe(1);
    }

    private static List<string> Lines(Random random, int count)
        => [.. Enumerable.Range(0, count).Select(i => random.Next(6) == 0 ? "" : $"line {i} {random.Next(1000)} {new string((char)('a' + random.Next(26)), random.Next(60))}x")];
}
