using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A change with its place in the org's order of applying.</summary>
/// <param name="Number">Becomes <c>_sync_event</c> of every record of the event; ascending.</param>
/// <param name="Received">The number it was received under.</param>
internal sealed record NumberedChange(long Number, ChangeEvent Event, long Received = 0);
