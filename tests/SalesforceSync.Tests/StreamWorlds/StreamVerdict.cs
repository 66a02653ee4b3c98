using SalesforceSync.Store;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>Judges a stream world that has come to rest: what was published against what was stored, committed, and written to each record.</summary>
internal sealed class StreamVerdict(StreamWorldKind kind, StreamWorld world)
{
    private readonly StreamTables _tables = world.Tables;
    private readonly Dictionary<string, int> _places = world.All.Select((p, place) => (p.Identity, place)).ToDictionary(p => p.Identity, p => p.place, StringComparer.Ordinal);

    public void Judge()
    {
        StoredOnce();
        CommittedWithTheirPosition();
        Whole();
        InOrder();
    }

    private StreamWorld.Published At(int place) => world.All[place];

    private int PlaceOf(StoredEvent stored) => _places[world.IdentityOf(stored)];

    /// <summary>Every event is stored once and in the order of the bus; what is missing was lost with a position, and only where nothing brings it again.</summary>
    private void StoredOnce()
    {
        var last = -1;
        foreach (var stored in _tables.Events)
        {
            if (PlaceOf(stored) <= last)
                throw Fault($"event {stored.Number} is stored out of order, or twice");
            last = PlaceOf(stored);
        }
        var came = _tables.Events.Select(PlaceOf).ToHashSet();
        for (var place = 0; place < world.All.Count; place++)
        {
            if (!came.Contains(place) && !IsAccountedFor(place, came.DefaultIfEmpty(int.MaxValue).Min()))
                throw Fault($"event {place} is missing, and no position that was lost says why");
        }
    }

    /// <summary>It was skipped, or forgotten and a loss was noticed since; or it was there before the stream was heard for the first time, of which no position tells.</summary>
    private bool IsAccountedFor(int place, int firstStored)
    {
        if (place < world.HeardFrom && place < firstStored && !kind.BeginsEarliest)
            return true;
        if (world.Skips.Any(skipped => place < skipped))
            return true;
        var at = world.Forgettings.FindIndex(forgotten => place < forgotten.Published);
        return at >= 0 && (world.Forgettings[at] is var moment && (moment.IsLost || _tables.Losses > moment.Losses) || (place < world.HeardFrom && place < firstStored));
    }

    /// <summary>A commit holds all events between the two positions, and no other.</summary>
    private void CommittedWithTheirPosition()
    {
        var at = 0;
        var last = 0L;
        var parts = _tables.Parts.ToLookup(part => part.Commit);
        foreach (var (commit, from, to) in _tables.Moves)
        {
            if (from != last)
                throw Fault($"commit {commit} goes on from {from}, not from {last}");
            last = to;
            var committed = parts[commit].SelectMany(part => part.Events).Order().ToList();
            var stored = new List<long>();
            for (; at < _tables.Events.Count && _tables.Events[at].Number <= to; at++)
                stored.Add(_tables.Events[at].Number);
            if (!committed.SequenceEqual(stored))
                throw Fault($"commit {commit} from {from} to {to} holds {string.Join(",", committed)} instead of {string.Join(",", stored)}");
        }
        if (at < _tables.Events.Count)
            throw Fault($"{_tables.Events.Count - at} stored events are in no commit");
    }

    /// <summary>A transaction is in one commit with all its events, or says that it is not.</summary>
    private void Whole()
    {
        var stored = _tables.Events.ToDictionary(e => e.Number, PlaceOf);
        var parts = _tables.Parts.Where(part => part.Key is not null).ToLookup(part => part.Key!, StringComparer.Ordinal);
        foreach (var published in world.All.Select((p, place) => (p.Header, place)).Where(p => !p.Header.IsGap).GroupBy(p => p.Header.TransactionKey, p => p.place, StringComparer.Ordinal))
        {
            var places = published.ToList();
            var came = parts[published.Key].ToList();
            if (came.Count == 0)
                continue;
            if (came[0].IsLate || came.Skip(1).Any(part => !part.IsLate))
                throw Fault($"transaction {published.Key} came in {came.Count} parts and they do not say so");
            if (came.Count > 1 && !came.Any(part => part.IsCut) && !MayBeClosedEarly(places))
                throw Fault($"transaction {published.Key} came in {came.Count} parts, and nothing tore it");
            var has = came.SelectMany(part => part.Events).Select(number => stored[number]).ToHashSet();
            var isBroken = places.Where(place => !has.Contains(place)).Any(place => place > has.Min());
            if (isBroken && !came.Any(part => part.IsCut || part.IsLate) && !MayBeClosedEarly(places))
                throw Fault($"transaction {published.Key} lacks what came after its first event, and does not say so: {string.Join(' ', places)} came as {string.Join(' ', has.Order())} in {string.Join("; ", came)}");
        }
    }

    /// <summary>A silence, or the first alternating of keys, ends a transaction before its last event.</summary>
    private bool MayBeClosedEarly(List<int> places) => kind.Has.HasFlag(StreamTrouble.Stalls)
        || Enumerable.Range(places[0], places[^1] - places[0]).Any(place => !At(place).Header.IsGap && At(place).Header.TransactionKey != At(places[0]).Header.TransactionKey);

    /// <summary>The events of a record are written in the order they were published, and the last one is; or the record is fetched.</summary>
    private void InOrder()
    {
        var stored = _tables.Events.ToDictionary(e => e.Number, PlaceOf);
        var written = _tables.Writes.GroupBy(write => write.Record, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(write => stored[write.Event]).ToList(), StringComparer.Ordinal);
        foreach (var (record, places) in written)
        {
            for (var i = 1; i < places.Count && !_tables.Repairs.Contains(record); i++)
            {
                if (places[i] <= places[i - 1])
                    throw Fault($"record {record}: {At(places[i]).Header.TransactionKey} is written after {At(places[i - 1]).Header.TransactionKey}, which came later");
            }
        }
        var came = stored.Values.ToHashSet();
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var place = 0; place < world.All.Count; place++)
        {
            foreach (var record in At(place).Header.IsGap ? [] : At(place).Header.RecordIds)
                last[record] = place;
        }
        foreach (var (record, place) in last.Where(l => !_tables.Repairs.Contains(l.Key) && came.Contains(l.Value)))
        {
            if (!written.TryGetValue(record, out var places) || places[^1] != place)
                throw Fault($"record {record}: its last change is not written, and nobody fetches it");
        }
    }

    private StreamWorldException Fault(string what) => new(kind, what);
}
