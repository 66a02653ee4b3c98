using SalesforceSync.Subscribe;

namespace SalesforceSync.Store;

/// <summary>
/// Tells redelivered events from new ones by (replay id, place in the run of that id), for the last runs stored. Never by content alone:
/// enrichment is read at delivery, so the same event may come with other bytes. Used by one loop.
/// </summary>
internal sealed class RecentRuns
{
    private const int Kept = 20_000;

    private readonly Dictionary<ReplayId, int> _stored = [];
    private readonly Queue<ReplayId> _order = new();
    private readonly HashSet<string> _tailIds = [];
    private ReplayId _tail;
    private ReplayId _run;
    private int _place;

    /// <summary>Tells what lies in the table, oldest first: before the first call, and of what is new as soon as it is to be stored.</summary>
    public void Remember(ReplayId id, string eventId) => Count(id, eventId);

    /// <summary>Whether events of this id are stored, as far back as is remembered.</summary>
    public bool Knows(ReplayId id) => _stored.ContainsKey(id);

    /// <summary>A new call starts: the server may begin in the middle of what we have.</summary>
    public void StartCall() => _run = default;

    /// <summary>False for an event that is stored already. To be asked once for each event, in the order received.</summary>
    public bool IsNew(RawEvent received)
    {
        _place = received.ReplayId == _run ? _place + 1 : 0;
        _run = received.ReplayId;
        if (_place < _stored.GetValueOrDefault(received.ReplayId))
            return false;
        // The last event sent twice in a row looks like a sibling; siblings are different events.
        return received.ReplayId != _tail || !_tailIds.Contains(Identity(received.EventId, received.Payload.Span));
    }

    public static string Identity(string eventId, ReadOnlySpan<byte> payload)
    {
        var hash = new HashCode();
        hash.AddBytes(payload);
        return $"{eventId}/{payload.Length}/{hash.ToHashCode()}";
    }

    private void Count(ReplayId id, string identity)
    {
        if (id != _tail)
            _tailIds.Clear();
        _tail = id;
        _tailIds.Add(identity);
        if (_stored.TryGetValue(id, out var length))
        {
            _stored[id] = length + 1;
            return;
        }
        _stored.Add(id, 1);
        _order.Enqueue(id);
        if (_order.Count > Kept)
            _stored.Remove(_order.Dequeue());
    }
}
