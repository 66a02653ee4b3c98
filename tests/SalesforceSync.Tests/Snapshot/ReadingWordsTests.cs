using SalesforceSync.Apply;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>Names, queries and places.</summary>
public class ReadingWordsTests
{
    [Theory]
    [InlineData("Account", "/data/AccountChangeEvent")]
    [InlineData("Invoice__c", "/data/Invoice__ChangeEvent")]
    [InlineData("ns__Thing__c", "/data/ns__Thing__ChangeEvent")]
    public void An_object_has_a_topic_of_its_own(string name, string topic)
    {
        ChangeTopic.Of(name).ShouldBe(topic);
        ChangeTopic.ObjectOfChannel(topic).ShouldBe(name);
    }

    [Theory]
    [InlineData("/data/ChangeEvents")]
    [InlineData("/data/Sales__chn")]
    [InlineData("/event/Order__e")]
    public void A_channel_of_several_objects_names_none(string channel) => ChangeTopic.ObjectOfChannel(channel).ShouldBeNull();

    [Fact]
    public void A_query_reaches_back_half_an_hour_before_the_time_asked_for()
    {
        var since = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(1));
        SoqlText.Select("Account", ["Id", "Name"], null, null).ShouldBe("SELECT Id,Name FROM Account");
        SoqlText.Select("Account", ["Id"], since, "Type = 'A' OR Type = 'B'")
            .ShouldBe("SELECT Id FROM Account WHERE SystemModstamp >= 2026-01-31T10:30:00.000Z AND (Type = 'A' OR Type = 'B')");
    }

    [Fact]
    public void The_next_page_by_keyset_begins_after_the_last_record()
    {
        var place = new KeysetPlace(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), "a01000000000001AAA");
        SoqlText.Next("X__c", ["Id", "SystemModstamp"], null, null, place, 2_000).ShouldBe(
            "SELECT Id,SystemModstamp FROM X__c WHERE (SystemModstamp > 2026-01-31T12:00:00.000Z OR (SystemModstamp = 2026-01-31T12:00:00.000Z AND Id > 'a01000000000001AAA'))"
            + " ORDER BY SystemModstamp, Id LIMIT 2000");
        SoqlText.Next("X__c", ["Id"], null, null, new(null, "a01000000000001AAA"), 10).ShouldBe("SELECT Id FROM X__c WHERE Id > 'a01000000000001AAA' ORDER BY Id LIMIT 10");
    }

    [Fact]
    public void A_place_is_the_same_after_it_was_written_down()
    {
        ReadingPlace[] places =
        [
            ReadingPlace.Start, new(0, "MTAwMDA"), new(2, null), new(3, "a:b"), ReadingPlace.End, ReadingPlace.Judged,
            new(0, null, new(DateTimeOffset.FromUnixTimeMilliseconds(1769903999123), "a01000000000001AAA")), new(0, null, new(null, "a01000000000001AAA")),
        ];
        foreach (var place in places) ReadingPlace.Parse(place.ToString()).ShouldBe(place);
        ReadingPlace.Parse(null).ShouldBe(ReadingPlace.Start);
        (ReadingPlace.End.IsEnd, ReadingPlace.End.IsJudged, ReadingPlace.Judged.IsEnd, ReadingPlace.Judged.IsJudged).ShouldBe((true, false, true, true));
    }

    [Fact]
    public void A_wide_object_is_asked_for_in_groups()
    {
        EvidenceField[] fields = [.. Enumerable.Range(0, 750).Select(i => new EvidenceField($"Field_{i}__c", ColumnType.Text))];
        var groups = ColumnGroups.Of(fields, 100);
        groups.Select(group => group.Count).ShouldBe([300, 300, 150]);
        groups.SelectMany(group => group).ShouldBe(fields);
        var longNames = Enumerable.Range(0, 100).Select(i => new EvidenceField(new string('x', 300) + i, ColumnType.Text)).ToArray();
        ColumnGroups.Of(longNames, 100).ShouldAllBe(group => 100 + group.Sum(field => field.Name.Length + 1) <= ColumnGroups.LongestQuery);
        ColumnGroups.Of([], 100).Count.ShouldBe(1);
    }

    [Fact]
    public void A_large_job_is_looked_at_seldom()
    {
        PollPlan.Wait(0, null).ShouldBe(TimeSpan.FromMilliseconds(250));
        PollPlan.Wait(0, 1_000_000).ShouldBe(TimeSpan.FromSeconds(20));
        LooksWithin(TimeSpan.FromMinutes(10), null).ShouldBeLessThanOrEqualTo(12);
        LooksWithin(TimeSpan.FromMinutes(10), 1_000_000).ShouldBeLessThanOrEqualTo(5);
    }

    private static int LooksWithin(TimeSpan time, long? rows)
    {
        var (looks, passed) = (0, TimeSpan.Zero);
        while ((passed += PollPlan.Wait(looks, rows)) < time) looks++;
        return looks;
    }
}
