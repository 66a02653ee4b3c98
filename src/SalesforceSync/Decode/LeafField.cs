namespace SalesforceSync.Decode;

/// <summary>What a leaf has to do with a person's name; the <c>name</c> column is computed from the parts.</summary>
internal enum NameRole
{
    None,

    /// <summary>The text branch of <c>["null","string",Switchable_PersonName]</c>: the name of a business account.</summary>
    Whole,
    Salutation,
    FirstName,
    MiddleName,
    LastName,
    Suffix,

    /// <summary>A part that does not enter the composed name (InformalName).</summary>
    Other,
}

/// <summary>One scalar of an event schema after compounds are taken apart. Belongs to one schema id; ordinals mean nothing in another.</summary>
/// <param name="Ordinal">Index in <see cref="EventSchema.Leaves"/>.</param>
/// <param name="Path">Place in the event: <c>Industry</c>, <c>BillingAddress.Street</c>, <c>Name.FirstName</c>.</param>
/// <param name="ApiName">Name of the field in REST and Bulk (<c>BillingStreet</c>, <c>FirstName</c>, <c>Loc__Latitude__s</c>); null where REST knows no such field (<c>Xyz</c>): no column.</param>
/// <param name="Type">Meaning and thereby Postgres type.</param>
/// <param name="Doc">The <c>doc</c> attribute of the top-level field, or null.</param>
/// <param name="FieldId">The 15-character field id at the end of the doc, custom fields only.</param>
/// <param name="NameRole">Part in a person's name, or None.</param>
/// <param name="IsMasked">Its values were taken out of the event when it was received; a text stands in their place.</param>
internal sealed record LeafField(
    int Ordinal, string Path, string? ApiName, FieldType Type, string? Doc, string? FieldId, NameRole NameRole, bool IsMasked = false)
{
    /// <summary>The field it is a part of, or null.</summary>
    public string? Compound { get; } = Path.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? Path[..dot] : null;
}
