using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Snapshot;

/// <summary>Values as Bulk and REST write them.</summary>
public class SalesforceTextTests
{
    [Theory]
    [InlineData("2026-01-31T23:59:59.123Z", 1769903999123)]
    [InlineData("2026-01-31T23:59:59.123+0000", 1769903999123)]
    [InlineData("2026-01-31T23:59:59Z", 1769903999000)]
    [InlineData("2026-02-01T01:59:59.123+02:00", 1769903999123)]
    [InlineData("1700-01-01T00:00:00.000Z", -8520336000000)]
    public void A_time_is_read_however_it_is_written(string text, long milliseconds) => Read(ColumnType.Timestamp, text).Integer.ShouldBe(milliseconds);

    [Theory]
    [InlineData("1970-01-02", 86_400_000)]
    [InlineData("1969-12-31", -86_400_000)]
    [InlineData("1970-01-02T00:00:00.000Z", 86_400_000)]
    public void A_date_is_read(string text, long milliseconds) => Read(ColumnType.Date, text).Integer.ShouldBe(milliseconds);

    [Theory]
    [InlineData("10:20:30.500Z", 37_230_500)]
    [InlineData("10:20:30Z", 37_230_000)]
    [InlineData("00:00:00.000", 0)]
    public void A_time_of_day_is_read(string text, long milliseconds) => Read(ColumnType.Time, text).Integer.ShouldBe(milliseconds);

    [Theory]
    [InlineData("true", 1)]
    [InlineData("FALSE", 0)]
    [InlineData("1", 1)]
    public void A_flag_is_read(string text, long value) => Read(ColumnType.Boolean, text).Integer.ShouldBe(value);

    [Theory]
    [InlineData("12345678901234567890.123456789")]
    [InlineData("-0.5")]
    [InlineData("1.0E7")]
    public void A_number_stays_as_it_is_written(string text) => Read(ColumnType.Numeric, text).Text.ShouldBe(text);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("7.0", 7)]
    [InlineData("-3", -3)]
    public void A_whole_number_may_carry_a_fraction_of_zero(string text, long value) => Read(ColumnType.Integer, text).Integer.ShouldBe(value);

    [Theory]
    [InlineData(nameof(ColumnType.Integer), "7.5")]
    [InlineData(nameof(ColumnType.Integer), "3000000000")]
    [InlineData(nameof(ColumnType.Numeric), "12,5")]
    [InlineData(nameof(ColumnType.Numeric), "1.2.3")]
    [InlineData(nameof(ColumnType.Numeric), "E5")]
    [InlineData(nameof(ColumnType.Boolean), "yes?")]
    [InlineData(nameof(ColumnType.Date), "31.01.2026")]
    [InlineData(nameof(ColumnType.Timestamp), "2026-13-01T00:00:00.000Z")]
    [InlineData(nameof(ColumnType.Time), "25:00:00Z")]
    public void What_does_not_fit_says_which_field_and_not_what_it_holds(string type, string text)
    {
        var refused = Should.Throw<UnreadableValueException>(() => Read(Enum.Parse<ColumnType>(type), text));
        refused.Message.ShouldContain("Total__c");
        refused.Message.ShouldNotContain(text);
    }

    [Fact]
    public void Nothing_is_null_and_what_Postgres_cannot_hold_is_replaced()
    {
        Read(ColumnType.Text, "").IsNull.ShouldBeTrue();
        Read(ColumnType.Numeric, "").IsNull.ShouldBeTrue();
        Read(ColumnType.Text, "a\0b").Text.ShouldBe("a\uFFFDb");
        SalesforceText.Value("x", ColumnType.Text, [0x61, 0xFF], new TextRoom()).Text.ShouldBe("a\uFFFD");
    }

    [Fact]
    public void Texts_of_any_length_lie_beside_each_other()
    {
        var room = new TextRoom();
        var values = Enumerable.Range(0, 2_000).Select(i => SalesforceText.Value("x", ColumnType.Text, Encoding.UTF8.GetBytes(new string('é', i)), room)).ToArray();
        for (var i = 1; i < values.Length; i++) values[i].Text.ShouldBe(new string('é', i));
    }

    private static FieldValue Read(ColumnType type, string text) => SalesforceText.Value("Total__c", type, Encoding.UTF8.GetBytes(text), new TextRoom());
}
