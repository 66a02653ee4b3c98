using Microsoft.Extensions.Logging;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>An event as it is to be stored, and when it was committed.</summary>
/// <param name="CommitAt">Null when the event cannot be read: apply will say why.</param>
internal readonly record struct UnderstoodEvent(RawEvent Event, DateTimeOffset? CommitAt);

/// <summary>
/// Makes sure that the schema of an event is stored before the event is, takes out of it what is masked, and reads the one thing receiving needs to know of it:
/// when it was committed. Used by one receive loop.
/// </summary>
internal sealed class SchemaIntake(PubSubClient client, SchemaStore schemas, OrgMasks masks, StoredSpans spans, string org, ILogger logger)
{
    private readonly Dictionary<string, KnownSchema> _compiled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stored = new(StringComparer.Ordinal);
    private readonly EventMasking _masking = new(masks);

    /// <summary>The event as it is to be stored; one that is stored already comes back as it is.</summary>
    /// <exception cref="Protocol.GrpcException">The schema cannot be had just now; the event must not be passed over.</exception>
    public async ValueTask<UnderstoodEvent> UnderstandAsync(RawEvent raw, CancellationToken stop)
    {
        if (WithheldEvent.Is(raw.SchemaId))
            return new(raw, CommitTime(WithheldEvent.Read(raw.Payload).Header));
        if (!_compiled.TryGetValue(raw.SchemaId, out var known))
        {
            known = await FetchAsync(raw.SchemaId, stop);
            _compiled.Add(raw.SchemaId, known);
        }
        var (header, fault) = Header(raw, known);
        if (fault is null && header is not null)
            spans.Note(raw, header);
        if (_masking.IsIdle || MaskedSchema.IsDerived(raw.SchemaId))
            return new(raw, fault is null ? CommitTime(header) : null);
        // Whose values they are, or where they are, cannot be told: none is kept.
        if (known.Schema is null || header is null)
            return new(await WithholdAsync(raw, header, fault!, stop), CommitTime(header));
        try
        {
            if (_masking.Of(known.Schema, known.Json!, header.EntityName) is not { } masked || PlantedBug.Is(PlantedBugs.StoredUnmasked))
                return new(raw, CommitTime(header));
            await StoreAsync(masked.SchemaId, masked.Json, stop);
            return new(raw with { SchemaId = masked.SchemaId, Payload = masked.Mask(raw.Payload) }, CommitTime(header));
        }
        catch (Exception unreadable) when (unreadable is DecodeException or SchemaException)
        {
            return new(await WithholdAsync(raw, header, unreadable.Message, stop), CommitTime(header));
        }
    }

    private async Task<RawEvent> WithholdAsync(RawEvent raw, ChangeEventHeader? header, string fault, CancellationToken stop)
    {
        if (PlantedBug.Is(PlantedBugs.UnreadableKept))
            return raw;
        var schemaId = WithheldEvent.SchemaOf(raw.SchemaId);
        await StoreAsync(schemaId, WithheldEvent.Schema, stop);
        return raw with { SchemaId = schemaId, Payload = WithheldEvent.Of(raw.Payload, header, fault) };
    }

    private async Task StoreAsync(string schemaId, string json, CancellationToken stop)
    {
        if (!_stored.Contains(schemaId) && await schemas.FindAsync(schemaId, stop) is null)
            await schemas.SaveAsync(schemaId, json, stop);
        _stored.Add(schemaId);
    }

    private static (ChangeEventHeader? Header, string? Fault) Header(RawEvent raw, KnownSchema known)
    {
        if (known.Schema is not { } schema)
            return (EventSchema.TryReadUsualHeader(raw.Payload), known.Fault);
        try
        {
            return (schema.DecodeHeader(raw.Payload), null);
        }
        catch (DecodeException unreadable)
        {
            return (null, unreadable.Message);
        }
    }

    private static DateTimeOffset? CommitTime(ChangeEventHeader? header)
    {
        try
        {
            return header is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(header.CommitTimestamp);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private async Task<KnownSchema> FetchAsync(string schemaId, CancellationToken stop)
    {
        string json;
        bool isNew;
        try
        {
            (json, isNew) = await schemas.FindOrFetchAsync(schemaId, client.GetSchemaAsync, stop);
        }
        catch (GrpcException) when (PlantedBug.Is(PlantedBugs.SchemaPassedOver))
        {
            return new(null, null, "passed over");
        }
        if (isNew)
            logger.SchemaStored(org, schemaId);
        try
        {
            return new(EventSchema.Compile(schemaId, json), json, null);
        }
        catch (SchemaException refused)
        {
            // Apply parks its events and says what is wrong with it.
            return new(null, json, refused.Message);
        }
    }

    private sealed record KnownSchema(EventSchema? Schema, string? Json, string? Fault);
}
