using System.Text;
using CsvHelper;
using SalesforceSync.Apply;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>Pages of results, whole and broken.</summary>
public class CsvPageTests
{
    private const string Header = "\"Id\",\"IsDeleted\",\"SystemModstamp\",\"Name\",\"Total__c\"\n";
    private const string One = "\"001000000000001AAA\",\"false\",\"2026-01-31T23:59:59.000Z\",\"Acme \"\"&\"\" Söhne,\nBerlin\",\"1.50\"\n";
    private const string Two = "001000000000002AAA,true,2026-01-31T23:59:59.000Z,,\n";
    internal const string Whole = Header + One + Two;

    private static readonly EvidenceField[] Fields = [new("Name", ColumnType.Text), new("Total__c", ColumnType.Numeric)];
    internal static readonly ReadShape Shape = new(new("Account", Fields), HasIsDeleted: true, HasStamp: true, "001", null);

    [Fact]
    public async Task Rows_are_read_with_quotes_line_ends_and_nulls()
    {
        var rows = await ReadAsync(Whole, 2);
        rows.Select(row => row.Id).ShouldBe(["001000000000001AAA", "001000000000002AAA"]);
        rows[0].Values[0].Text.ShouldBe("Acme \"&\" Söhne,\nBerlin");
        rows[0].Values[1].Text.ShouldBe("1.50");
        rows[0].Stamp.ShouldBe(new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero));
        (rows[0].IsDeleted, rows[1].IsDeleted).ShouldBe((false, true));
        rows[1].Values.ShouldAllBe(value => value.IsNull);
    }

    [Fact]
    public async Task A_page_cut_anywhere_gives_only_rows_that_are_whole_and_says_that_it_broke_off()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var cut = Encoding.UTF8.GetByteCount(Header); cut < bytes.Length; cut++)
        {
            var (rows, failure) = await TryAsync(bytes[..cut], expected: 2);
            failure.ShouldBeOfType<TruncatedPageException>($"cut at {cut}");
            rows.ShouldAllBe(row => row.Id == "001000000000001AAA" && row.Values[1].Text == "1.50");
            rows.Count.ShouldBe(cut >= Encoding.UTF8.GetByteCount(Header + One) ? 1 : 0, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Without_a_count_a_page_cut_inside_a_row_is_still_seen()
    {
        var (rows, failure) = await TryAsync(Encoding.UTF8.GetBytes(Whole[..^3]), expected: null);
        failure.ShouldBeOfType<TruncatedPageException>();
        rows.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_without_the_end_of_its_last_line_is_taken_when_it_comes_so_again()
    {
        var (rows, failure) = await TryAsync(Encoding.UTF8.GetBytes(Whole[..^1]), expected: 2);
        failure.ShouldBeOfType<TruncatedPageException>().IsOpenEnd.ShouldBeTrue();
        rows.Count.ShouldBe(1);
        (rows, failure) = await TryAsync(Encoding.UTF8.GetBytes(Whole[..^1]), expected: 2, takesOpenEnd: true);
        failure.ShouldBeNull();
        rows.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Merged_rows_are_passed_over_and_parts_are_bounded()
    {
        await using var page = Page(Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(1, 9).Select(i => $"00100000000000{i}AAA,false,,{i},{i}\n"))), 9);
        await page.SkipAsync(4, CancellationToken.None);
        (await page.NextAsync(3, long.MaxValue, CancellationToken.None)).Select(row => row.Values[0].Text).ShouldBe(["5", "6", "7"]);
        page.IsRead.ShouldBeFalse();
        (await page.NextAsync(3, long.MaxValue, CancellationToken.None)).Select(row => row.Values[0].Text).ShouldBe(["8", "9"]);
        page.IsRead.ShouldBeTrue();
        page.Rows.ShouldBe(9);
    }

    [Fact]
    public async Task A_row_in_the_middle_that_is_none_is_no_end_of_the_page()
    {
        var (_, failure) = await TryAsync(Encoding.UTF8.GetBytes(Header + "001000000000001AAA,false\n" + Two), expected: 2);
        failure.ShouldBeOfType<CsvFormatException>();
        (_, failure) = await TryAsync(Encoding.UTF8.GetBytes(Header + One.Replace("1.50", "many", StringComparison.Ordinal) + Two), expected: 2);
        failure.ShouldBeOfType<UnreadableValueException>();
    }

    [Fact]
    public async Task A_page_without_rows_is_whole()
    {
        (await ReadAsync(Header, 0)).ShouldBeEmpty();
        (await ReadAsync("", null)).ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<EvidenceRow>> ReadAsync(string csv, long? expected)
    {
        var (rows, failure) = await TryAsync(Encoding.UTF8.GetBytes(csv), expected);
        failure.ShouldBeNull();
        return rows;
    }

    internal static async Task<(List<EvidenceRow> Rows, Exception? Failure)> TryAsync(byte[] csv, long? expected, bool takesOpenEnd = false)
    {
        var rows = new List<EvidenceRow>();
        await using var page = Page(csv, expected, takesOpenEnd);
        try
        {
            while (!page.IsRead)
                rows.AddRange(await page.NextAsync(10, long.MaxValue, CancellationToken.None));
            return (rows, null);
        }
        catch (Exception failure) when (failure is TruncatedPageException or CsvFormatException or UnreadableValueException or FormatException)
        {
            return (rows, failure);
        }
    }

    private static CsvPage Page(byte[] csv, long? expected, bool takesOpenEnd = false) => new(new MemoryStream(csv), Shape, Fields, expected, takesOpenEnd);
}
