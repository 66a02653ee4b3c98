using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>The masked schemas of one org, each made once. Used by one loop.</summary>
internal sealed class EventMasking(OrgMasks masks)
{
    private readonly Dictionary<(string SchemaId, string Entity), MaskedSchema?> _known = [];

    /// <summary>Nothing of the org is masked.</summary>
    public bool IsIdle => !masks.Any;

    /// <summary>How events of a schema are masked; null where they are kept as they come, or were masked before.</summary>
    /// <param name="entity">The object the event's header names; where that has no masks the schema's has the word.</param>
    /// <exception cref="SchemaException">It cannot be told.</exception>
    public MaskedSchema? Of(EventSchema schema, string json, string entity)
    {
        if (IsIdle || MaskedSchema.IsDerived(schema.SchemaId))
            return null;
        if (!_known.TryGetValue((schema.SchemaId, entity), out var masked))
        {
            masked = (masks.For(entity) ?? masks.For(schema.EntityName)) is { } mask ? MaskedSchema.Of(schema, json, mask) : null;
            _known.Add((schema.SchemaId, entity), masked);
        }
        return masked;
    }
}
