using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Soql;

/// <summary>The columns of an object that the integration user sees, in describe's order.</summary>
internal sealed class ObjectColumns
{
    private readonly Dictionary<string, ObjectColumn> _byName;

    public ObjectColumns(SimulatedObject target, Access access)
    {
        Object = target;
        All =
        [
            new ObjectColumn("Id", "id", record => record.Id) { Length = 18 },
            new ObjectColumn("IsDeleted", "boolean", record => record.Deleted),
            .. target.Name is "Account" or "Contact" or "Lead" ? [Master] : Array.Empty<ObjectColumn>(),
            .. target.Fields.Where(field => access.MaySee(target, field)).SelectMany(field => Of(target, field)),
            new ObjectColumn("SystemModstamp", "datetime", record => record.Stamp)
        ];
        _byName = All.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
    }

    private static ObjectColumn Master => new("MasterRecordId", "reference", record => record.MasterRecordId) { Length = 18 };

    public SimulatedObject Object { get; }

    public IReadOnlyList<ObjectColumn> All { get; }

    public ObjectColumn? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="SoqlError">INVALID_FIELD: not there, or hidden, which looks the same.</exception>
    public ObjectColumn this[string name] => Find(name) ?? throw SoqlError.NoColumn(name, Object.Name);

    private static IEnumerable<ObjectColumn> Of(SimulatedObject target, SimulatedField field)
    {
        if (field.Compound is not { } compound)
        {
            yield return Single(target[field.Name], field, TypeOf(field)) with { Length = LengthOf(field) };
            yield break;
        }
        yield return field.Kind is FieldKind.PersonName or FieldKind.SwitchablePersonName ? PersonName(target, field) : Whole(target, field, compound);
        foreach (var part in compound.Parts)
        {
            var leaf = target[field.RestNameOf(part)];
            yield return Single(leaf, field, TypeOf(part)) with { Length = part.Kind == ValueKind.Text ? 255 : 0, Compound = field.Name };
        }
    }

    private static ObjectColumn Single(Leaf leaf, SimulatedField field, string type)
        => new(leaf.RestName, type, record => record.Values[leaf.Index]) { Leaf = leaf, IsCustom = field.IsCustom, IsCalculated = field.Formula is not null };

    // The name of a person is a text to REST and Bulk, whatever it is made of.
    private static ObjectColumn PersonName(SimulatedObject target, SimulatedField field)
    {
        var own = target.Find(field.Name);
        return new ObjectColumn(field.Name, "string", record => (own is null ? null : record.Values[own.Index]) ?? record.FullName())
        {
            Length = 255,
            ExtraType = field.Kind == FieldKind.PersonName ? "personname" : "switchablepersonname"
        };
    }

    private static ObjectColumn Whole(SimulatedObject target, SimulatedField field, CompoundShape shape)
        => new(field.Name, field.Kind == FieldKind.Address ? "address" : "location", _ => null)
        {
            IsCustom = field.IsCustom,
            Parts = [.. shape.Parts.Select(part => (char.ToLowerInvariant(part.Name[0]) + part.Name[1..], target[field.RestNameOf(part)])).OrderBy(p => p.Item1, StringComparer.Ordinal)]
        };

    private static int LengthOf(SimulatedField field) => field.Kind == FieldKind.EntityId ? 18 : field.ValueKind == ValueKind.Text ? field.MaxLength : 0;

    private static string TypeOf(CompoundPart part) => part.Kind == ValueKind.Number ? "double" : part.Name is "Street" ? "textarea" : part.Name is "GeocodeAccuracy" or "Salutation" ? "picklist" : "string";

    private static string TypeOf(SimulatedField field) => field.Kind switch
    {
        FieldKind.Email => "email",
        FieldKind.Phone => "phone",
        FieldKind.Url => "url",
        FieldKind.StringPlusClob or FieldKind.HtmlStringPlusClob => "textarea",
        FieldKind.EncryptedText => "encryptedstring",
        FieldKind.DynamicEnum or FieldKind.StaticEnum => "picklist",
        FieldKind.MultiEnum => "multipicklist",
        FieldKind.EntityId => "reference",
        FieldKind.Boolean => "boolean",
        FieldKind.Integer => "int",
        FieldKind.Double => "double",
        FieldKind.Currency => "currency",
        FieldKind.Percent => "percent",
        FieldKind.DateTime => "datetime",
        FieldKind.DateOnly => "date",
        FieldKind.TimeOnly => "time",
        _ => "string"
    };
}
