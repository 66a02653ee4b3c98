namespace SalesforceSync.Simulator.Work;

/// <summary>Records that were there long before the first transaction: their events are forgotten, only reading the org tells of them.</summary>
public sealed record PrefillOrder
{
    /// <summary>How many over all objects.</summary>
    public int Records { get; init; } = 50_000;

    public int Seed { get; init; } = 1;

    /// <summary>The objects to plant records of.</summary>
    public IReadOnlyList<string> Objects { get; init; } = WorkloadTransactions.ObjectNames;

    /// <summary>How long ago the first came into being.</summary>
    public TimeSpan Oldest { get; init; } = TimeSpan.FromDays(400);

    /// <summary>How long ago the last was changed; more than the bus retains.</summary>
    public TimeSpan Newest { get; init; } = TimeSpan.FromDays(4);

    /// <summary>Of a thousand, how many are in the recycle bin.</summary>
    public int Deleted { get; init; } = 20;

    /// <summary>Of a thousand accounts, how many are a person's.</summary>
    public int Persons { get; init; } = 20;
}
