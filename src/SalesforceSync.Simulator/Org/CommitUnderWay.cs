using SalesforceSync.Simulator.Events;

namespace SalesforceSync.Simulator.Org;

/// <summary>What the events of one transaction share, and what it has published so far.</summary>
internal sealed class CommitUnderWay(string key, string origin, string user, long commitNumber, DateTimeOffset at)
{
    private readonly HashSet<string> _records = new(StringComparer.Ordinal);

    public string Key => key;

    public string User => user;

    /// <summary>A whole second; later events of one transaction may be a second later.</summary>
    public DateTimeOffset At { get; set; } = at;

    public long Milliseconds => At.ToUnixTimeMilliseconds();

    public int Sequence { get; set; }

    public List<BusEntry> Entries { get; } = [];

    public int Events { get; private set; }

    public int Changes { get; private set; }

    public int Records => _records.Count;

    public ChangeHeader Next(string entity, IReadOnlyList<string> ids, int changeType)
        => new(entity, ids, changeType, origin, key, ++Sequence, Milliseconds, commitNumber, user);

    public void Count(IReadOnlyCollection<SimulatedRecord> touched)
    {
        Events++;
        Changes += touched.Count;
        foreach (var record in touched) _records.Add(record.Id);
    }
}
