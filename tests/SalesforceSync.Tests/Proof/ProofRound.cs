namespace SalesforceSync.Tests.Proof;

/// <summary>One round of a part: it has a seed, and writes what it did into the part's record. Safe for many threads.</summary>
internal sealed class ProofRound(PartRecord record, Func<bool> isOver)
{
    public int Seed { get; } = record.NextSeed;

    /// <summary>The part's time is over: a round of many trials begins no more of them.</summary>
    public bool IsOver => isOver();

    /// <summary>How many seeds the round has used up.</summary>
    public int Seeds { get; set; } = 1;

    /// <summary>There is nothing left to try: the part is over before its time.</summary>
    public bool IsLast { get; set; }

    public long Counted(string what) => record.Counts.GetValueOrDefault(what);

    public long Windows(string where) => record.Windows.GetValueOrDefault(where);

    public void Count(string what, long times = 1)
    {
        lock (record) record.Counts[what] = record.Counts.GetValueOrDefault(what) + times;
    }

    public void Window(string where, long times = 1)
    {
        lock (record) record.Windows[where] = record.Windows.GetValueOrDefault(where) + times;
    }

    public void Took(string what, TimeSpan time)
    {
        lock (record)
        {
            if (!record.Durations.TryGetValue(what, out var times)) record.Durations[what] = times = [];
            times.Add(Math.Round(time.TotalSeconds, 2));
        }
    }

    public void Violated(int seed, string message)
    {
        lock (record) record.Violations.Add(new(seed, message));
    }
}
