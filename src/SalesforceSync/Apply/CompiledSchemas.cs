using SalesforceSync.Assemble;
using SalesforceSync.Decode;
using SalesforceSync.Masks;
using SalesforceSync.Store;

namespace SalesforceSync.Apply;

/// <summary>
/// Stored schemas, compiled once each, and what they make of stored events. A schema that cannot be compiled is an answer as well: its events are
/// parked. What was stored before its object had masks is understood as if it had had them. Used by one loop.
/// </summary>
/// <param name="find">The JSON of a stored schema, or null.</param>
/// <param name="masks">The org's; null: it has none.</param>
internal sealed class CompiledSchemas(Func<string, CancellationToken, ValueTask<string?>> find, OrgMasks? masks = null)
{
    private readonly Dictionary<string, Known> _compiled = new(StringComparer.Ordinal);
    private readonly EventMasking _masking = new(masks ?? OrgMasks.None);

    /// <summary>Payloads that cannot be understood may be kept: nothing of the org is masked.</summary>
    public bool KeepsPayloads => _masking.IsIdle;

    /// <summary>Decodes as much of an event as can be: all, the header, or nothing.</summary>
    public async ValueTask<TransactionEvent> UnderstandAsync(StoredEvent stored, CancellationToken stop)
    {
        if (WithheldEvent.Is(stored.SchemaId))
        {
            var withheld = WithheldEvent.Read(stored.Payload);
            return new(stored, withheld.Header, null, withheld.Fault);
        }
        if (!_compiled.TryGetValue(stored.SchemaId, out var known))
        {
            known = await CompileAsync(stored.SchemaId, stop);
            _compiled.Add(stored.SchemaId, known);
        }
        // Without its schema an event can still tell whose record it was about: headers have looked alike in every schema seen.
        return known.Schema is not { } schema ? new(stored, EventSchema.TryReadUsualHeader(stored.Payload), null, known.Fault)
            : _masking.IsIdle || HeaderOf(stored, schema) is not { } header ? Understand(stored, schema)
            : Masked(stored, schema, known.Json!, header);
    }

    private TransactionEvent Masked(StoredEvent stored, EventSchema schema, string json, ChangeEventHeader header)
    {
        try
        {
            return _masking.Of(schema, json, header.EntityName) is not { } masked ? Understand(stored, schema)
                : Understand(stored with { SchemaId = masked.SchemaId, Payload = masked.Mask(stored.Payload) }, masked.Compiled);
        }
        catch (Exception refused) when (refused is DecodeException or SchemaException)
        {
            return new(stored, header, null, refused.Message);
        }
    }

    private async Task<Known> CompileAsync(string schemaId, CancellationToken stop)
    {
        if (await find(schemaId, stop) is not { } json)
            return new(null, null, $"schema {schemaId} is not stored");
        try
        {
            return new(EventSchema.Compile(schemaId, json), json, null);
        }
        catch (SchemaException refused)
        {
            return new(null, json, refused.Message);
        }
    }

    private static TransactionEvent Understand(StoredEvent stored, EventSchema schema)
    {
        try
        {
            var change = schema.Decode(stored.Payload);
            return new(stored, change.Header, change, null);
        }
        catch (DecodeException refused)
        {
            return new(stored, HeaderOf(stored, schema), null, refused.Message);
        }
    }

    private static ChangeEventHeader? HeaderOf(StoredEvent stored, EventSchema schema)
    {
        try
        {
            return schema.DecodeHeader(stored.Payload);
        }
        catch (DecodeException)
        {
            // The fault of the whole event has been kept; the header shares it.
            return null;
        }
    }

    private sealed record Known(EventSchema? Schema, string? Json, string? Fault);
}
