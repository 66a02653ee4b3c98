using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Masks;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Decode;

namespace SalesforceSync.Tests.Masks;

/// <summary>What a reading asks for and keeps of an object with masks.</summary>
public sealed class MaskedReadingTests
{
    private static readonly ObjectShape Described = new("Small", "001", true, true,
    [
        Field("Id", "id"), Field("Name", "string", extra: "switchablepersonname"), Field("FirstName", "string", "Name"), Field("LastName", "string", "Name"), Field("Phone", "phone"),
        Field("Employees", "int"), Field("BillingCity", "string", "BillingAddress"), Field("BillingLatitude", "double", "BillingAddress"), Field("When", "datetime"),
        Field("Score", "double"), Field("Formula__c", "double", calculated: true), Field("Other__c", "string", calculated: true),
    ]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_dropped_is_not_asked_for_and_what_is_masked_is_text_with_or_without_a_schema(bool hasSchema)
    {
        var rule = new ObjectRule(Mask: Mask(
            ("phone", FieldMask.Drop), ("BillingAddress", FieldMask.Redact), ("Score", FieldMask.Hash), ("When", FieldMask.Redact), ("LastName", FieldMask.Hash), ("Formula__c", FieldMask.Hash),
            ("Other__c", FieldMask.Drop)));
        var shape = hasSchema ? ReadShape.Of(Described, SmallEvent.Schema, rule) : ReadShape.Of(Described, rule);
        shape.Select(shape.Evidence.Fields.Concat(shape.Formulas)).ShouldNotContain(name => name == "Phone" || name == "Other__c");
        var fields = shape.Evidence.Fields.Concat(shape.Formulas).ToDictionary(f => f.Name);
        string Shown(string name) => $"{fields[name].Type} {fields[name].AsRead} {fields[name].Mask?.Mask}".TrimEnd();
        string[] shown = [Shown("BillingCity"), Shown("Score"), Shown("When"), Shown("LastName"), Shown("FirstName"), Shown("Employees"), Shown("Formula__c")];
        shown.ShouldBe(["Text Text Redact", "Text Numeric Hash", "Text Timestamp Redact", "Text Text Hash", "Text", "Integer", "Text Numeric Hash"]);
        // A reading brings the name of a person whole.
        Shown("Name").ShouldBe("Text Text Hash");
    }

    [Fact]
    public void A_reading_and_the_stream_make_the_same_columns()
    {
        var mask = Mask(("Name", FieldMask.Hash), ("Score", FieldMask.Redact), ("BillingLatitude", FieldMask.Hash), ("Tags", FieldMask.Drop));
        var rule = new ObjectRule(Mask: mask);
        var streamed = WantedColumn.Of(MaskedSchema.Of(SmallEvent.Schema, SmallEvent.Json, mask)!.Compiled, rule).ToDictionary(c => c.Column, c => (c.Type, c.Doc, c.FieldId));
        foreach (var column in WantedColumn.Of(ReadShape.Of(Described, SmallEvent.Schema, rule).Evidence, rule))
            streamed[column.Column].ShouldBe((column.Type, column.Doc, column.FieldId), column.Column);
        streamed.ShouldNotContainKey("tags");
    }

    private static ObjectMask Mask(params (string Name, FieldMask Kind)[] masks)
    {
        var key = new MaskKey(new Secret(new string('k', 32)));
        return new(masks.Select(m => KeyValuePair.Create(m.Name, m.Kind == FieldMask.Hash ? $"Hash {key.Fingerprint}" : m.Kind.ToString())), key);
    }

    private static FieldShape Field(string name, string type, string? compound = null, bool calculated = false, string? extra = null) =>
        new(name, type, compound, calculated, true, 0, 0, 0, extra);
}
