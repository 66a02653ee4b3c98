namespace SalesforceSync.Tests.Chaos;

/// <summary>How bytes fare on their way; changed while they are under way, it counts for the next of them.</summary>
internal sealed record Weather
{
    public static readonly Weather Fair = new();

    /// <summary>Each portion waits so long before it goes on.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Null: as many as there are.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>Portions are cut at any byte, by the proxy's seed, and go on one by one.</summary>
    public bool Slices { get; init; }
}
