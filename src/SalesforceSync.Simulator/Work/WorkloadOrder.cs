namespace SalesforceSync.Simulator.Work;

/// <summary>What to commit, how much of it and how fast.</summary>
public sealed record WorkloadOrder
{
    /// <summary>A new order with the same options goes on where the last one ended.</summary>
    public WorkloadOptions Options { get; init; } = new();

    /// <summary>Single-record updates of 1,000 accounts, 36 to 40 fields and about 800 bytes each, encoded before the first is released; nothing else.</summary>
    public bool Bench { get; init; }

    /// <summary>For <see cref="Bench"/>: encode, but keep back until told to release.</summary>
    public bool Hold { get; init; }

    /// <summary>Transactions per second; 0 for as fast as possible. What was late is caught up with.</summary>
    public double Rate { get; init; }

    /// <summary>How many transactions; 0 leaves it to <see cref="Duration"/>.</summary>
    public long Transactions { get; init; }

    /// <summary>With a rate: for how long; null and no number of transactions means for ever.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Null for no end.</summary>
    internal long? Wanted => Transactions > 0 ? Transactions : Duration is { } time && Rate > 0 ? (long)Math.Round(time.TotalSeconds * Rate) : null;
}

/// <summary>Where a workload stands.</summary>
/// <param name="Running">It commits, or encodes, or waits for its release.</param>
/// <param name="Held">Everything is encoded and waits for its release.</param>
/// <param name="Committed">Transactions committed under the current order.</param>
/// <param name="Wanted">How many there will be; null for no end.</param>
/// <param name="Kinds">Transactions of each kind since the workload's beginning.</param>
/// <param name="Failure">What ended it early.</param>
public sealed record WorkloadStatus(
    bool Running, bool Held, long Committed, long? Wanted, IReadOnlyDictionary<string, long> Kinds, string? Failure);
