using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>
/// How an object is read: exactly the fields that become columns and that this user may query, and beside them what tells of a record's existence and age.
/// Immutable.
/// </summary>
/// <param name="HasIsDeleted">The object has a recycle bin, which its queries ask too. Where it has none they do not: what came from it could not be told from what lives.</param>
/// <param name="HasStamp">Its records carry SystemModstamp.</param>
/// <param name="SchemaId">The event schema the fields were taken from; null where there was none.</param>
internal sealed record ReadShape(EvidenceShape Evidence, bool HasIsDeleted, bool HasStamp, string? KeyPrefix, string? SchemaId)
{
    public const string Id = "Id";
    public const string IsDeleted = "IsDeleted";
    public const string Stamp = "SystemModstamp";

    public string Object => Evidence.Object;

    /// <summary>API names of the fields that become columns.</summary>
    public IReadOnlyList<string> Fields => [.. Evidence.Fields.Select(f => f.Name)];

    /// <summary>What every query of the object begins with.</summary>
    public IReadOnlyList<string> Lead => [Id, .. HasIsDeleted ? [IsDeleted] : Array.Empty<string>(), .. HasStamp ? [Stamp] : Array.Empty<string>()];

    /// <summary>The fields of a query for these columns, none twice.</summary>
    public IReadOnlyList<string> Select(IEnumerable<EvidenceField> fields) =>
        [.. Lead.Concat(fields.Select(field => field.Name)).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Calculated fields, which change without an event: read anew by a reading of their own.</summary>
    public IReadOnlyList<EvidenceField> Formulas { get; init; } = [];

    /// <summary>What one reading takes of it: everything, the columns it fills, or what is calculated.</summary>
    public ReadShape For(Read read) => read.Kind switch
    {
        ReadKind.Fill => Only(Evidence.Fields.Where(field => read.Fields.Contains(field.Name, StringComparer.OrdinalIgnoreCase))),
        ReadKind.Refresh => Only(Formulas),
        _ => this,
    };

    private ReadShape Only(IEnumerable<EvidenceField> fields) => this with { Evidence = Evidence with { Fields = [.. fields], Complete = false } };

    /// <summary>The columns of the stream, as far as this user may read them.</summary>
    public static ReadShape Of(ObjectShape described, EventSchema schema, ObjectRule rule)
    {
        var readable = Readable(described).ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);
        // The doc of a masked field says so, and it is the doc of its parts.
        var masked = schema.Leaves.Where(leaf => leaf.Compound is null && rule.Mask?.Of(leaf, schema.Leaves) is not null).Select(leaf => leaf.Path).ToHashSet(StringComparer.Ordinal);
        string? DocOf(LeafField leaf) => masked.Contains(leaf.Compound ?? leaf.Path) ? LeafDoc.Mask(leaf.Doc) : leaf.Doc;
        var fields = schema.Leaves
            .Where(leaf => leaf.ApiName is { } name && !IsId(name) && rule.Copies(leaf) && readable.ContainsKey(name) && leaf.Type != FieldType.Bytes)
            .Select(leaf => Masked(new EvidenceField(readable[leaf.ApiName!].Name, ColumnTypes.Of(leaf.Type), DocOf(leaf), leaf.FieldId, leaf.NameRole, leaf.Compound), rule, leaf.Type));
        return New(described, [.. fields], schema.SchemaId) with { Formulas = Calculated(described, rule, fields) };
    }

    /// <summary>The columns by describe alone, where no event schema can be had.</summary>
    public static ReadShape Of(ObjectShape described, ObjectRule rule)
    {
        var fields = Readable(described)
            .Where(field => !field.Calculated && !IsId(field.Name) && field.Name is not (IsDeleted or Stamp) && !IsComposedName(field) && rule.Copies(field.Name, field.Compound, RoleOf(field)))
            .Select(field => Masked(new EvidenceField(field.Name, TypeOf(field), NameRole: RoleOf(field), Compound: field.Compound), rule));
        return New(described, [.. fields], null) with { Formulas = Calculated(described, rule, []) };
    }

    /// <summary>As the stream has them where it lists them, else as describe does.</summary>
    private static IReadOnlyList<EvidenceField> Calculated(ObjectShape described, ObjectRule rule, IEnumerable<EvidenceField> streamed)
    {
        var known = streamed.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. Readable(described).Where(field => field.Calculated && rule.Copies(field.Name, field.Compound))
                .Select(field => known.GetValueOrDefault(field.Name) ?? Masked(new EvidenceField(field.Name, TypeOf(field), Compound: field.Compound), rule)),
        ];
    }

    /// <summary>A field whose values are made into others before anything of them is kept, as the stream's are when they are received.</summary>
    private static EvidenceField Masked(EvidenceField field, ObjectRule rule, FieldType? meaning = null) =>
        rule.Mask?.For(meaning ?? field.Type.Meaning(), field.Name, field.Compound, field.NameRole) is not { } mask ? field
            : field with { Type = ColumnType.Text, AsRead = field.Type, Mask = mask };

    private static ReadShape New(ObjectShape described, IReadOnlyList<EvidenceField> fields, string? schemaId)
    {
        bool Has(string name) => described.Fields.Any(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return new(new(described.Name, fields), Has(IsDeleted), Has(Stamp), described.KeyPrefix, schemaId);
    }

    // Bulk refuses compounds and base64 fields, and their values come with their parts or not at all.
    private static IEnumerable<FieldShape> Readable(ObjectShape described) =>
        described.Fields.Where(field => field.Type.ToLowerInvariant() is not ("address" or "location" or "base64" or "complexvalue"));

    private static bool IsId(string name) => name.Equals(Id, StringComparison.OrdinalIgnoreCase);

    private static bool IsComposedName(FieldShape field) => field.ExtraType is { } extra && extra.Equals("personname", StringComparison.OrdinalIgnoreCase);

    private static ColumnType TypeOf(FieldShape field) => field.Type.ToLowerInvariant() switch
    {
        "boolean" => ColumnType.Boolean,
        "int" or "integer" => ColumnType.Integer,
        "long" => ColumnType.BigInteger,
        "double" when field.Compound is not null => ColumnType.Double,
        "double" or "currency" or "percent" => ColumnType.Numeric,
        "datetime" => ColumnType.Timestamp,
        "date" => ColumnType.Date,
        "time" => ColumnType.Time,
        _ => ColumnType.Text,
    };

    private static NameRole RoleOf(FieldShape field) => (field.Compound, field.Name) switch
    {
        (PersonName.Field, "Salutation") => NameRole.Salutation,
        (PersonName.Field, "FirstName") => NameRole.FirstName,
        (PersonName.Field, "MiddleName") => NameRole.MiddleName,
        (PersonName.Field, "LastName") => NameRole.LastName,
        (PersonName.Field, "Suffix") => NameRole.Suffix,
        (PersonName.Field, not PersonName.Field) => NameRole.Other,
        (_, PersonName.Field) when field.ExtraType is { } extra && extra.Equals("switchablepersonname", StringComparison.OrdinalIgnoreCase) => NameRole.Whole,
        _ => NameRole.None,
    };
}
