using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>What the events of one transaction share, and what it has published so far.</summary>
/// <param name="moment">When the transaction writes, to the millisecond.</param>
internal sealed class CommitUnderWay(string key, string origin, string user, long commitNumber, DateTimeOffset moment)
{
    private readonly HashSet<string> _records = new(StringComparer.Ordinal);
    private readonly List<SimulatedObject> _overflowed = [];

    public string Key => key;

    public string User => user;

    /// <summary>What moved records carry as SystemModstamp.</summary>
    public DateTimeOffset Moment { get; private set; } = DateTimeOffset.FromUnixTimeMilliseconds(moment.ToUnixTimeMilliseconds());

    /// <summary>A whole second; later events of one transaction may be a second later.</summary>
    public DateTimeOffset At { get; private set; } = DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());

    public long Milliseconds => At.ToUnixTimeMilliseconds();

    public int Sequence { get; set; }

    /// <summary>What follows happens, but its events are never delivered.</summary>
    public bool Silent { get; set; }

    /// <summary>Nothing of it is ever delivered.</summary>
    public bool Lost { get; init; }

    /// <summary>Gap events with a key of their own come behind the next transaction.</summary>
    public bool GapsStray { get; init; }

    /// <summary>Gap events with a key of their own come before everything else of it.</summary>
    public bool GapsHurry { get; init; }

    /// <summary>What follows moves no SystemModstamp.</summary>
    public bool Unstamped { get; set; }

    /// <summary>How many events there are before an overflow stands for the rest.</summary>
    public int EventsBeforeOverflow { get; set; } = int.MaxValue;

    public List<BusEntry> Entries { get; } = [];

    public int Events { get; private set; }

    public int Changes { get; private set; }

    public int Records => _records.Count;

    /// <summary>Objects with changes that only an overflow event stands for, in the order they overflowed.</summary>
    public IReadOnlyList<SimulatedObject> Overflowed => _overflowed;

    public bool Full => Events >= EventsBeforeOverflow;

    public ChangeHeader Next(string entity, IReadOnlyList<string> ids, int changeType)
        => new(entity, ids, changeType, origin, key, ++Sequence, Milliseconds, commitNumber, user);

    public void Shift(TimeSpan by)
    {
        At += by;
        Moment += by;
    }

    public void Touch(SimulatedRecord record)
    {
        if (!Unstamped) record.Stamp = Moment;
    }

    public void Count(IReadOnlyCollection<SimulatedRecord> touched)
    {
        Events++;
        Changes += touched.Count;
        foreach (var record in touched) _records.Add(record.Id);
    }

    public void Overflow(SimulatedObject target)
    {
        if (!_overflowed.Contains(target)) _overflowed.Add(target);
    }
}
