using Microsoft.Extensions.Logging;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>
/// Makes sure that the schema of an event is stored before the event is, and reads the one thing receiving needs to know of it: when it was committed.
/// Used by one receive loop.
/// </summary>
internal sealed class SchemaIntake(PubSubClient client, SchemaStore schemas, StoredSpans spans, string org, ILogger logger)
{
    private readonly Dictionary<string, EventSchema?> _compiled = new(StringComparer.Ordinal);

    /// <summary>The Salesforce commit time, or null when the event cannot be read: apply will say why.</summary>
    /// <exception cref="Protocol.GrpcException">The schema cannot be had just now; the event must not be passed over.</exception>
    public async ValueTask<DateTimeOffset?> CommitTimeAsync(RawEvent raw, CancellationToken stop)
    {
        if (!_compiled.TryGetValue(raw.SchemaId, out var schema))
        {
            schema = await FetchAsync(raw.SchemaId, stop);
            _compiled.Add(raw.SchemaId, schema);
        }
        try
        {
            if (schema is null)
                return null;
            var header = schema.DecodeHeader(raw.Payload);
            spans.Note(raw, header);
            return DateTimeOffset.FromUnixTimeMilliseconds(header.CommitTimestamp);
        }
        catch (Exception unreadable) when (unreadable is DecodeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private async Task<EventSchema?> FetchAsync(string schemaId, CancellationToken stop)
    {
        string json;
        bool isNew;
        try
        {
            (json, isNew) = await schemas.FindOrFetchAsync(schemaId, client.GetSchemaAsync, stop);
        }
        catch (GrpcException) when (PlantedBug.Is(PlantedBugs.SchemaPassedOver))
        {
            return null;
        }
        if (isNew)
            logger.SchemaStored(org, schemaId);
        try
        {
            return EventSchema.Compile(schemaId, json);
        }
        catch (SchemaException)
        {
            // Apply parks its events and says what is wrong with it.
            return null;
        }
    }
}
