using SalesforceSync.Assemble;
using SalesforceSync.Decode;
using SalesforceSync.Store;

namespace SalesforceSync.Apply;

/// <summary>
/// Stored schemas, compiled once each, and what they make of stored events. A schema that cannot be compiled is an answer as well: its events are
/// parked. Used by one loop.
/// </summary>
/// <param name="find">The JSON of a stored schema, or null.</param>
internal sealed class CompiledSchemas(Func<string, CancellationToken, ValueTask<string?>> find)
{
    private readonly Dictionary<string, (EventSchema? Schema, string? Fault)> _compiled = new(StringComparer.Ordinal);

    /// <summary>Decodes as much of an event as can be: all, the header, or nothing.</summary>
    public async ValueTask<TransactionEvent> UnderstandAsync(StoredEvent stored, CancellationToken stop)
    {
        if (!_compiled.TryGetValue(stored.SchemaId, out var known))
        {
            known = await CompileAsync(stored.SchemaId, stop);
            _compiled.Add(stored.SchemaId, known);
        }
        // Without its schema an event can still tell whose record it was about: headers have looked alike in every schema seen.
        return known.Schema is { } schema ? Understand(stored, schema) : new(stored, EventSchema.TryReadUsualHeader(stored.Payload), null, known.Fault);
    }

    private async Task<(EventSchema?, string?)> CompileAsync(string schemaId, CancellationToken stop)
    {
        if (await find(schemaId, stop) is not { } json)
            return (null, $"schema {schemaId} is not stored");
        try
        {
            return (EventSchema.Compile(schemaId, json), null);
        }
        catch (SchemaException refused)
        {
            return (null, refused.Message);
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
}
