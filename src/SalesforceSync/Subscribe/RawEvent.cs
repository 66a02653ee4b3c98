namespace SalesforceSync.Subscribe;

/// <summary>One event as Salesforce sent it: not stored, not decoded.</summary>
/// <param name="EventId">The publisher's id (a UUID for change events).</param>
/// <param name="SchemaId">The schema this very event was written with.</param>
/// <param name="Payload">Avro binary.</param>
internal sealed record RawEvent(string EventId, string SchemaId, ReplayId ReplayId, ReadOnlyMemory<byte> Payload);
