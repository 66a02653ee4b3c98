using SalesforceSync.Decode;
using SalesforceSync.Store;

namespace SalesforceSync.Assemble;

/// <summary>
/// A stored event with what could be understood of it. <see cref="Header"/> is null when not even the header could be read; <see cref="Change"/> is null
/// then, for gap events' sake never, and when the body could not be read; <see cref="Fault"/> says why, without any value.
/// </summary>
internal sealed record TransactionEvent(StoredEvent Stored, ChangeEventHeader? Header, ChangeEvent? Change, string? Fault)
{
    public long Number => Stored.Number;

    public int Sequence => Header?.SequenceNumber ?? 0;

    /// <summary>Rough size in memory, for the bound on what is held.</summary>
    public int Bytes => 512 + (3 * Stored.Payload.Length);
}
