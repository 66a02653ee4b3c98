using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class ChangedFieldBitmapTests
{
    // The first rows were read off captured payloads, the others are the examples of the Change Data Capture guide; fields go by their positions.
    [Theory]
    [InlineData("1 23", "0x800002")]
    [InlineData("6.0 23", "0x800000", "6-0x01")]
    [InlineData("6.7 6.8", "6-0x0180")]
    [InlineData("23 68", "0x100000000000800000")]
    [InlineData("4 36", "0x1000000010")]
    [InlineData("11 22", "0x400800")]
    [InlineData("7 22", "0x400080")]
    [InlineData("4.0 22", "0x400000", "4-0x01")]
    [InlineData("16 22", "0x410000")]
    [InlineData("16", "0x010000")]
    [InlineData("12 19 20 21 22 23 27", "0x08F81000")]
    [InlineData("5 6 7 10 24 26 29 30", "0x650004E0")]
    [InlineData("4.4 7.1 7.2", "4-0x10", "7-0x06")]
    [InlineData("12 19 20 21 22 23 27", "0x08f81000")]
    [InlineData("1", "0x2")]
    [InlineData("", "0x00")]
    [InlineData("")]
    public void Bitmap_flags_the_fields_it_is_known_to_flag(string expected, params string[] elements) => Flags(elements).ShouldBe(expected);

    [Fact]
    public void A_flag_on_a_compound_means_all_its_parts() => Flags(["0x10"], compoundsAsOne: false).ShouldBe("4.0 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9");

    [Theory]
    [InlineData("0x")]
    [InlineData("0xZZ")]
    [InlineData("0x1G")]
    [InlineData("x01")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("5-")]
    [InlineData("-0x01")]
    [InlineData("+4-0x01")]
    [InlineData(" 4-0x01")]
    [InlineData("4-4-0x01")]
    [InlineData("0-0x01")]
    [InlineData("99999-0x01")]
    [InlineData("999999-0x01")]
    [InlineData("0x01")]
    [InlineData("0x03")]
    [InlineData("4-0x0400")]
    [InlineData("5-0x01")]
    [InlineData("0x20000000000000000000")]
    public void Bitmap_that_does_not_fit_the_schema_is_refused(string element)
    {
        var fields = Fields(out var leaves);
        ChangedFieldBitmap.Mark(element, fields, new LeafSet(leaves)).ShouldNotBeNull();
    }

    [Fact]
    public void Bitmap_of_ten_thousand_digits_is_refused_and_leading_zeros_are_not()
    {
        var fields = Fields(out var leaves);
        ChangedFieldBitmap.Mark("0x" + new string('0', 10_000), fields, new LeafSet(leaves)).ShouldNotBeNull();
        Flags(["0x" + new string('0', 200) + "02"]).ShouldBe("1");
    }

    private static string Flags(string[] elements, bool compoundsAsOne = true)
    {
        var fields = Fields(out var leaves);
        var set = new LeafSet(leaves);
        foreach (var element in elements) ChangedFieldBitmap.Mark(element, fields, set).ShouldBeNull();
        var names = fields.Skip(1).SelectMany(f => f.Parts.Count == 0 || (compoundsAsOne && All(set, f)) ? [f] : f.Parts.AsEnumerable());
        return string.Join(' ', names.Where(n => All(set, n)).Select(n => n.Name));
    }

    private static bool All(LeafSet set, FieldPosition field) => Enumerable.Range(field.FirstLeaf, field.LeafCount).All(set.Has);

    /// <summary>A header and 69 fields, those at 4, 6 and 7 compounds of ten parts.</summary>
    private static List<FieldPosition> Fields(out int leaves)
    {
        var fields = new List<FieldPosition> { new("0", 0, 0, []) };
        leaves = 0;
        for (var position = 1; position <= 69; position++)
        {
            var first = leaves;
            var parts = position is 4 or 6 or 7 ? Enumerable.Range(0, 10).Select(i => new FieldPosition($"{position}.{i}", first + i, 1, [])).ToList() : [];
            leaves += Math.Max(1, parts.Count);
            fields.Add(new FieldPosition($"{position}", first, leaves - first, parts));
        }

        return fields;
    }
}
