namespace SalesforceSync.Simulator.Server;

/// <summary>What the org's edition allows within 24 hours.</summary>
internal sealed record Allowances
{
    public int DailyCalls { get; init; } = 100_000;

    public int DailyDeliveredEvents { get; init; } = 50_000;

    public int DailyBulkQueryJobs { get; init; } = 10_000;
}
