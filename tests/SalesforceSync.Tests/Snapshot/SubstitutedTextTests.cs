using System.Text;
using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Apply.Evidence;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>Rule D6 for readings: what Postgres cannot hold is replaced, and the rows with substitutes are recorded.</summary>
public class SubstitutedTextTests
{
    private const string Id = "001000000000001AAA";
    private const string Other = "001000000000002AAA";

    private static readonly ReadShape Shape = new(ReadOrg.Shape("Name", "Industry"), HasIsDeleted: false, HasStamp: false, "001", null);

    [Theory]
    [InlineData(@"plain", "plain", false)]
    [InlineData(@"\u00e4 \uD83D\uDE00 \n\t\r\b\f\/\\\""", "ä 😀 \n\t\r\b\f/\\\"", false)]
    [InlineData(@"a\u0000b", "a\uFFFDb", true)]
    [InlineData(@"a\ud800b", "a\uFFFDb", true)]
    [InlineData(@"a\udc00", "a\uFFFD", true)]
    [InlineData(@"\ud800\ud83d\ude00", "\uFFFD😀", true)]
    [InlineData(@"\ud800\n", "\uFFFD\n", true)]
    public void A_text_in_JSON_is_what_was_meant_with_substitutes_where_there_must_be(string json, string text, bool substituted)
    {
        var row = Row($$"""{"Id":"{{Id}}","Name":"{{json}}","Industry":null}""");
        (row.Values[0].Text, row.IsSubstituted).ShouldBe((text, substituted));
    }

    [Fact]
    public void A_text_in_JSON_that_is_no_UTF_8_has_substitutes()
    {
        byte[] half = [0xED, 0xA0, 0x80];
        byte[] json = [.. Encoding.UTF8.GetBytes($$"""{"Id":"{{Id}}","Name":"a"""), .. half, .. "b\"}"u8];
        using var record = JsonDocument.Parse(json);
        var row = RecordJson.Row(record.RootElement, Shape);
        (row.Values[0].Text, row.IsSubstituted).ShouldBe(("a\uFFFDb", true));
    }

    [Fact]
    public async Task Of_a_page_the_row_with_a_substitute_is_told_from_the_others()
    {
        var csv = $"Id,Name,Industry\n{Other},fine,fine\n{Id},a\0b,fine\n003000000000003AAA,fine,fine\n";
        await using var page = new CsvPage(new MemoryStream(Encoding.UTF8.GetBytes(csv)), Shape, Shape.Evidence.Fields, 3);
        var rows = await page.NextAsync(10, 1000, CancellationToken.None);
        rows.Where(row => row.IsSubstituted).Select(row => row.Id).ShouldBe([Id]);
        rows[1].Values[0].Text.ShouldBe("a\uFFFDb");
    }

    [PostgresFact]
    public async Task Merged_rows_with_substitutes_are_recorded()
    {
        await using var org = await ReadOrg.OpenAsync();
        await org.FinishAsync(await org.BeginAsync(), Shape.Evidence, ReadOrg.Row(Other, "fine", "fine"), ReadOrg.Row(Id, "a\uFFFDb", "x") with { IsSubstituted = true });
        (await org.OneAsync("select string_agg(object || ' ' || record_id || ' ' || coalesce(event::text, 'reading'), ', ') from salesforce_sync.substituted")).ShouldBe($"Account {Id} reading");
    }

    private static EvidenceRow Row(string json)
    {
        using var record = JsonDocument.Parse(json);
        return RecordJson.Row(record.RootElement, Shape);
    }
}
