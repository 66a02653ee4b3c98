namespace SalesforceSync.Simulator.Work;

/// <summary>What a workload may do.</summary>
public sealed record WorkloadOptions
{
    /// <summary>The same seed on a new org makes the same transactions.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The objects that anything happens to.</summary>
    public IReadOnlyList<string> Objects { get; init; } = WorkloadTransactions.ObjectNames;

    /// <summary>Once so many records of an object are live, none are created but by conversions.</summary>
    public int MaxRecordsPerObject { get; init; } = 2000;

    /// <summary>Gap events, which leave records behind that only reading the org can make right.</summary>
    public bool Gaps { get; init; } = true;

    /// <summary>Transactions whose events alternate on the bus.</summary>
    public bool Interleaving { get; init; } = true;

    /// <summary>New fields, and so new event schemas, in the middle of the stream.</summary>
    public bool SchemaChanges { get; init; } = true;

    /// <summary>What needs repair, and how much of it; nothing by default.</summary>
    public HardWeights Hard { get; init; } = new();

    /// <summary>The replay ids so far are lost, and every stream is cut, once so many transactions are committed; 0 for never.</summary>
    public long LoseReplayIdAt { get; init; }
}
