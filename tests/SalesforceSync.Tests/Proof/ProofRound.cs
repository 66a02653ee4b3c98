using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Proof;

/// <summary>One round of a part: it has a seed, and writes what it did into the part's record. Safe for many threads.</summary>
internal sealed class ProofRound(PartRecord record, Func<bool> isOver, int seed)
{
    private const int MostOfAMessage = 2_000;

    public int Seed => seed;

    /// <summary>The part's time is over: a round of many trials begins no more of them.</summary>
    public bool IsOver => isOver();

    /// <summary>How many seeds the round has used up; more than one only where there is one lane.</summary>
    public int Seeds { get; set; } = 1;

    /// <summary>There is nothing left to try: the part is over before its time.</summary>
    public bool IsLast { get; set; }

    public long Counted(string what)
    {
        lock (record) return record.Counts.GetValueOrDefault(what);
    }

    public long Windows(string where)
    {
        lock (record) return record.Windows.GetValueOrDefault(where);
    }

    /// <summary>The one of them that was counted least so far; it is counted once more.</summary>
    public string Least(IEnumerable<string> windows)
    {
        lock (record)
        {
            var least = windows.MinBy(window => record.Windows.GetValueOrDefault(window))!;
            Window(least);
            return least;
        }
    }

    /// <summary>Counts it the first time; whether it was.</summary>
    public bool IsFirst(string what)
    {
        lock (record)
        {
            if (record.Counts.GetValueOrDefault(what) > 0) return false;
            Count(what);
            return true;
        }
    }

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

    /// <summary>What was measured in this round, in words and units.</summary>
    public void Measured(string what)
    {
        lock (record) record.Measured.Add(what);
    }

    /// <summary>Places in the sources are told from the root of the repository: where it lies is nobody's business.</summary>
    public void Violated(int seed, string message)
    {
        var told = message.Replace(Repository.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        lock (record) record.Violations.Add(new(seed, told.Length > MostOfAMessage ? told[..MostOfAMessage] : told));
    }
}
