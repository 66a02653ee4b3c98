using System.Globalization;
using System.Text;

namespace SalesforceSync.Simulator.Schemas;

/// <summary>Reads as a page of field definitions; numbers custom fields as Salesforce does, with ids of the object's own series.</summary>
internal sealed class FieldList(string series) : List<SimulatedField>
{
    private int _custom;

    public FieldList Plain(FieldKind kind, params string[] names)
    {
        foreach (var name in names) Add(Numbered(new SimulatedField(name, kind) { MaxLength = LengthOf(kind) }));
        return this;
    }

    public FieldList Picklist(FieldKind kind, string name, params string[] choices)
    {
        Add(Numbered(new SimulatedField(name, kind) { Choices = choices }));
        return this;
    }

    public FieldList Owner()
    {
        Add(new SimulatedField("OwnerId", FieldKind.EntityId) { Writable = false });
        return this;
    }

    /// <summary>The four fields every object has and only the org writes.</summary>
    public FieldList Audit()
    {
        Add(new SimulatedField("CreatedDate", FieldKind.DateTime) { Writable = false });
        Add(new SimulatedField("CreatedById", FieldKind.EntityId) { Writable = false });
        Add(new SimulatedField("LastModifiedDate", FieldKind.DateTime) { Writable = false });
        Add(new SimulatedField("LastModifiedById", FieldKind.EntityId) { Writable = false });
        return this;
    }

    /// <summary>A 15-character field id, <c>00N</c> and twelve more, different for every series and number.</summary>
    public static string FieldIdOf(string series, int number) =>
        new StringBuilder("00NDp00000").Append(series).Append(number.ToString("D4", CultureInfo.InvariantCulture)).ToString();

    private SimulatedField Numbered(SimulatedField field) => field.IsCustom ? field with { FieldId = FieldIdOf(series, ++_custom) } : field;

    private static int LengthOf(FieldKind kind) => kind switch
    {
        FieldKind.StringPlusClob => 32_000,
        FieldKind.HtmlStringPlusClob => 32_768,
        FieldKind.Phone => 40,
        FieldKind.Email => 80,
        _ => 255
    };
}
