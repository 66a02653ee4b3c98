using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>An event as it lies in <c>salesforce_sync.event</c>: durable, not decoded.</summary>
/// <param name="Number">The org's received number: ascending per channel, unique per org, gaps allowed.</param>
internal sealed record StoredEvent(long Number, ReplayId ReplayId, string EventId, string SchemaId, ReadOnlyMemory<byte> Payload, DateTimeOffset ReceivedAt);
