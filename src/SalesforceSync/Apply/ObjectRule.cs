using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Masks;

namespace SalesforceSync.Apply;

/// <summary>
/// What of an object is copied. A name covers the field of that API name, and naming a compound (<c>BillingAddress</c>, <c>Name</c>) covers its parts.
/// </summary>
/// <param name="Include">False: no table, no rows.</param>
/// <param name="Fields">Only these; null: all.</param>
/// <param name="Exclude">All but these; applied after <paramref name="Fields"/>.</param>
/// <param name="HardDeletes">A delete removes the row instead of marking it.</param>
/// <param name="Changes">What is done when the object gets other fields.</param>
/// <param name="Mask">What stands in the place of values; null: they stay.</param>
internal sealed record ObjectRule(
    bool Include = true, IReadOnlySet<string>? Fields = null, IReadOnlySet<string>? Exclude = null, bool HardDeletes = false,
    SchemaChanges Changes = SchemaChanges.Apply, ObjectMask? Mask = null)
{
    /// <summary>Everything of the object, deletes soft.</summary>
    public static ObjectRule All { get; } = new();

    /// <summary>The rule an org's configuration gives.</summary>
    /// <param name="masks">The org's, where they are made already.</param>
    public static ObjectRule Of(OrgOptions org, string objectName, OrgMasks? masks = null)
    {
        var chosen = org.Objects.For(objectName);
        return new(chosen.Include, chosen.Fields, chosen.Exclude, chosen.Deletes == DeletePolicy.Hard, org.SchemaChanges, masks is null ? ObjectMask.Of(org, objectName) : masks.For(objectName));
    }

    private readonly HashSet<string>? _fields = Fields?.ToHashSet(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _exclude = (Exclude ?? new HashSet<string>()).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a leaf is copied. A leaf without an API name has no column in any case.</summary>
    public bool Copies(LeafField leaf) => leaf.ApiName is not null && Copies(leaf.ApiName, leaf.Compound, leaf.NameRole);

    /// <summary>
    /// Whether a leaf's value is what may stand in its column. Not where it was masked and is not any more, or the other way round: a reading brings it, and an
    /// event that was stored before says nothing of it.
    /// </summary>
    public bool Takes(LeafField leaf, string schemaId) => Copies(leaf) && (Mask?.Of(leaf.ApiName!, leaf.Compound, leaf.NameRole) is null
        ? !leaf.IsMasked
        : leaf.IsMasked && MaskedSchema.IsOf(schemaId, Mask));

    /// <summary>Whether a field is copied that is no leaf: the composed name of a person.</summary>
    public bool Copies(string apiName, string? compound = null, NameRole role = NameRole.None) =>
        Mask?.Of(apiName, compound, role) != FieldMask.Drop
        && (_fields is null || _fields.Contains(apiName) || (compound is not null && _fields.Contains(compound)))
        && !_exclude.Contains(apiName) && (compound is null || !_exclude.Contains(compound));
}
