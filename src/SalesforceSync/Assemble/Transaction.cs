using SalesforceSync.Diagnostics;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Assemble;

/// <summary>
/// The events of one transaction key between two closings. Grows while open, by one assembler; read only after it was taken. What is held in memory can be
/// released when it grows large: then only numbers and sequence numbers stay, and the content is read again from the stored events.
/// </summary>
internal sealed class Transaction(string? key, bool isLate)
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<Identity, int> _identities = [];
    private readonly List<TransactionEvent> _conflicts = [];
    private HashSet<string>? _releasedObjects;

    /// <summary>One event: its place, and its content unless that was released.</summary>
    internal readonly record struct Entry(long Number, int Sequence, TransactionEvent? Event);

    private readonly record struct Identity(int Sequence, string Entity, string Record, int Records);

    /// <summary>Null for an event that belongs to no transaction: a gap event with a key of its own, or one whose header is unreadable.</summary>
    public string? Key => key;

    /// <summary>A part of this transaction was applied before: the rest came after it was closed.</summary>
    public bool IsLate => isLate;

    public long First { get; private set; }

    public long Last { get; private set; }

    /// <summary>Replay id of the last event.</summary>
    public ReplayId LastReplayId { get; private set; }

    /// <summary>Greatest commit time of the events whose header could be read, epoch milliseconds; 0 when none could.</summary>
    public long CommitTimestamp { get; private set; }

    /// <summary>Of the last event whose header could be read; 0 when none could. Information, never an order.</summary>
    public long CommitNumber { get; private set; }

    /// <summary>Names of the objects it changes, each once, in no order.</summary>
    public IEnumerable<string> Objects => _releasedObjects ?? ObjectsHeld();

    /// <summary>When the first of its events was received.</summary>
    public DateTimeOffset FirstReceivedAt { get; private set; }

    /// <summary>When the last of its events was received.</summary>
    public DateTimeOffset LastReceivedAt { get; private set; }

    /// <summary>Events that came, repeated ones too.</summary>
    public int Received { get; private set; }

    /// <summary>Events to apply.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes held in memory; 0 after <see cref="Release"/>.</summary>
    public long Bytes { get; private set; }

    public bool IsReleased { get; private set; }

    /// <summary>It was cut off by a lost position: what is here is all there will be.</summary>
    public bool IsCut { get; set; }

    /// <summary>Events that carry the identity of another one but different content.</summary>
    public IReadOnlyList<TransactionEvent> Conflicts => _conflicts;

    /// <summary>How many events of transactions the assembler had seen when this one last grew.</summary>
    public long LastOrdinal { get; set; }

    /// <summary>Stream time at which this one last grew.</summary>
    public TimeSpan LastTime { get; set; }

    public void Add(TransactionEvent added)
    {
        if (Received++ == 0)
            (First, FirstReceivedAt) = (added.Number, added.Stored.ReceivedAt);
        Last = added.Number;
        LastReplayId = added.Stored.ReplayId;
        LastReceivedAt = added.Stored.ReceivedAt;
        CommitTimestamp = Math.Max(CommitTimestamp, added.Header?.CommitTimestamp ?? 0);
        if (added.Header is { } header)
        {
            CommitNumber = header.CommitNumber;
            _releasedObjects?.Add(header.EntityName);
        }
        if (IsRepeated(added))
            return;
        _entries.Add(new(added.Number, added.Sequence, IsReleased ? null : added));
        if (!IsReleased)
            Bytes += added.Bytes;
    }

    /// <summary>Lets go of the contents; numbers stay.</summary>
    public void Release()
    {
        _releasedObjects ??= [.. ObjectsHeld()];
        for (var i = 0; i < _entries.Count; i++)
            _entries[i] = _entries[i] with { Event = null };
        Bytes = 0;
        IsReleased = true;
    }

    /// <summary>By sequence number, which may have holes, then as received.</summary>
    public IReadOnlyList<Entry> InOrder()
    {
        if (PlantedBug.Is(PlantedBugs.InOrderOfArrival))
            return _entries;
        _entries.Sort(static (a, b) => a.Sequence != b.Sequence ? a.Sequence.CompareTo(b.Sequence) : a.Number.CompareTo(b.Number));
        return _entries;
    }

    private IEnumerable<string> ObjectsHeld() => _entries.Select(e => e.Event?.Header?.EntityName).OfType<string>().Distinct();

    /// <summary>The same change of the same records under the same sequence number is one change, however often it is delivered.</summary>
    private bool IsRepeated(TransactionEvent added)
    {
        if (added.Header is not { } header || header.RecordIds.Count == 0)
            return false;
        var content = new HashCode();
        content.AddBytes(added.Stored.Payload.Span);
        var hash = content.ToHashCode();
        var identity = new Identity(header.SequenceNumber, header.EntityName, header.RecordIds[0], header.RecordIds.Count);
        if (_identities.TryAdd(identity, hash))
            return false;
        if (_identities[identity] != hash)
            _conflicts.Add(added);
        return true;
    }
}
