using System.Globalization;
using System.Text;
using System.Text.Json;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Masks;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Tests.Masks;

/// <summary>A value has one hash, whether an event, CSV or JSON brings it: else a column would change with every fetch.</summary>
public sealed class CanonicalTextTests
{
    private static readonly MaskKey Key = new(new Secret("thirty-two-bytes-make-a-mask-key"));

    public static TheoryData<string, string, string, string[]> Values => new()
    {
        // what it means, what an event carries, its one text, what readings write
        { "Text", "Ada 😀 ü", "Ada 😀 ü", ["Ada 😀 ü"] },
        { "Text", " with blanks\r\nand lines ", " with blanks\r\nand lines ", [" with blanks\r\nand lines "] },
        { "Text", "a\0b", "a\uFFFDb", ["a\0b"] },
        { "TextList", "Web;Fax & Phone", "Web;Fax & Phone", ["Web;Fax & Phone"] },
        { "Boolean", "1", "true", ["true", "True", "1"] },
        { "Boolean", "0", "false", ["false", "FALSE", "0"] },
        { "Integer", "-42", "-42", ["-42", "-42.0"] },
        { "BigInteger", "9007199254740992", "9007199254740992", ["9007199254740992", "9007199254740992.0"] },
        { "Numeric", "1234.5", "1234.5", ["1234.5", "1234.50", "1.2345E3", "+1234.5"] },
        { "Numeric", "0", "0", ["0", "0.00", "-0.0"] },
        { "Numeric", "1E+16", "10000000000000000", ["1E16", "10000000000000000.00"] },
        { "Numeric", "1E-07", "0.0000001", ["0.0000001", "1e-7"] },
        // More digits than a double has: what the stream can tell is what is hashed.
        { "Numeric", "123456789012345680", "123456789012345680", ["123456789012345678", "123456789012345678.00"] },
        { "Numeric", "0.1", "0.1", ["0.1", "0.1000"] },
        { "Coordinate", "52.520008", "52.520008", ["52.520008", "52.5200080"] },
        { "DateTime", "1769903999000", "2026-01-31T23:59:59.000Z", ["2026-01-31T23:59:59.000Z", "2026-01-31T23:59:59.000+0000"] },
        { "DateTime", "-1", "1969-12-31T23:59:59.999Z", ["1969-12-31T23:59:59.999Z"] },
        { "DateOnly", "1769817600000", "2026-01-31", ["2026-01-31", "2026-01-31T00:00:00.000Z"] },
        { "TimeOnly", "49500000", "13:45:00.000", ["13:45:00.000Z", "13:45:00"] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void An_event_and_every_reading_give_one_text(string meaning, string carried, string text, string[] written)
    {
        var type = Enum.Parse<FieldType>(meaning);
        var mask = new ValueMask(FieldMask.Hash, type, Key);
        var hash = Key.Hash(Encoding.UTF8.GetBytes(text));
        mask.Of(Carried(type, carried)).Text.ShouldBe(hash);
        var field = new EvidenceField("Field__c", ColumnType.Text, Mask: mask, AsRead: ColumnTypes.Of(type));
        foreach (var form in written)
        {
            SalesforceText.Value(field, Encoding.UTF8.GetBytes(form), new TextRoom()).Text.ShouldBe(hash, form);
            using var json = JsonDocument.Parse($$"""{"Field__c": {{JsonSerializer.Serialize(form)}}}""");
            RecordJson.Value(json.RootElement, field, new TextRoom()).Text.ShouldBe(hash, form);
        }
    }

    [Fact]
    public void Numbers_of_either_kind_have_one_text()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            // Eighteen digits are the most a field of numbers holds.
            var exact = new decimal(random.Next(), random.Next(), random.Next(0, 50_000_000), random.Next(2) == 0, (byte)random.Next(0, 19)) % 1_000_000_000_000_000_000m;
            var digits = exact.ToString(CultureInfo.InvariantCulture);
            CanonicalText.Of(FieldType.Numeric, FieldValue.Of(Encoding.ASCII.GetBytes(digits)))
                .ShouldBe(CanonicalText.Of(FieldType.Numeric, FieldValue.Of(double.Parse(digits, CultureInfo.InvariantCulture))));
        }
    }

    // openssl dgst -sha256 -hmac thirty-two-bytes-make-a-mask-key
    [Fact]
    public void The_hash_is_what_others_compute()
    {
        Key.Hash("ada@example.com"u8).ShouldBe("143aea79b4873de51328581467aed85f66cf62de9ec01d4f00667eb103466850");
        Key.Fingerprint.Length.ShouldBe(16);
    }

    [Fact]
    public void Where_there_is_no_value_there_is_none()
    {
        foreach (var kind in Enum.GetValues<FieldMask>())
        {
            var mask = new ValueMask(kind, FieldType.Text, Key);
            mask.Of(FieldValue.Null).IsNull.ShouldBeTrue();
            mask.Of(FieldValue.Of(ReadOnlyMemory<byte>.Empty)).IsNull.ShouldBeTrue();
        }
        new ValueMask(FieldMask.Redact, FieldType.Boolean, null).Of(FieldValue.Of(false)).Text.ShouldBe("REDACTED");
        new ValueMask(FieldMask.Drop, FieldType.Text, null).Of(FieldValue.Of("x"u8.ToArray())).IsNull.ShouldBeTrue();
    }

    private static FieldValue Carried(FieldType type, string text) => type switch
    {
        FieldType.Text or FieldType.TextList => FieldValue.Of(StorableText.StateOf(Encoding.UTF8.GetBytes(text)) == TextState.Storable
            ? Encoding.UTF8.GetBytes(text) : StorableText.Substitute(Encoding.UTF8.GetBytes(text))),
        FieldType.Numeric or FieldType.Coordinate => FieldValue.Of(double.Parse(text, CultureInfo.InvariantCulture)),
        _ => FieldValue.Of(long.Parse(text, CultureInfo.InvariantCulture)),
    };
}
