namespace SalesforceSync.Simulator.Org;

/// <summary>What an org does that makes copying it hard.</summary>
public enum OrgAct
{
    /// <summary>Records hard deleted or emptied out of the recycle bin.</summary>
    Purge,

    /// <summary>Records merged into another.</summary>
    MergeLoser,

    /// <summary>Records changed without any event.</summary>
    SilentChange,

    /// <summary>Records changed behind an overflow event.</summary>
    OverflowedChange,

    /// <summary>Overflow events.</summary>
    Overflow,

    /// <summary>Gap events that name records.</summary>
    Gap,

    /// <summary>Events for all records of an object.</summary>
    Wildcard,

    /// <summary>Texts sent as differences.</summary>
    TextDifference,

    /// <summary>Commits whose events arrived later than the records changed.</summary>
    LateArrival,

    /// <summary>Times moved back within a transaction.</summary>
    LateStamp,

    /// <summary>Changes that moved no SystemModstamp.</summary>
    Unstamped,

    /// <summary>Objects selected for or deselected from a channel.</summary>
    Selection,

    /// <summary>Commit numbers that began to rise anew.</summary>
    CommitNumberFallBack,

    /// <summary>Replay ids lost by order of a workload.</summary>
    LostReplayId,

    /// <summary>Records that were there before the first transaction.</summary>
    Prefilled,

    /// <summary>Acts of an administrator on fields.</summary>
    SchemaChange,

    /// <summary>Objects taken away or given back, fields hidden or shown.</summary>
    Permission
}

/// <summary>Counts them. Any thread.</summary>
internal sealed class OrgTally
{
    private readonly long[] _counts = new long[Enum.GetValues<OrgAct>().Length];

    public void Count(OrgAct act, int times = 1) => Interlocked.Add(ref _counts[(int)act], times);

    /// <summary>What happened at least once.</summary>
    public IReadOnlyDictionary<OrgAct, long> Counts
        => Enum.GetValues<OrgAct>().Select(act => (act, Count: Interlocked.Read(ref _counts[(int)act]))).Where(pair => pair.Count > 0).ToDictionary();
}
