namespace SalesforceSync.Snapshot;

/// <summary>
/// When to ask how a Bulk job stands. Each look is a call, so that few are made: the first when a job of its size is usually done, and each further one after
/// twice the time. Pure.
/// </summary>
internal static class PollPlan
{
    // What Bulk was seen to read per second at its best; slower jobs cost a few looks more, faster ones a few seconds.
    private const double RowsPerSecond = 50_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestFirst = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <param name="looks">How often the job was looked at.</param>
    /// <param name="rows">How many rows it is expected to have, or null.</param>
    public static TimeSpan Wait(int looks, long? rows)
    {
        var first = Math.Clamp((rows ?? 0) / RowsPerSecond, Shortest.TotalSeconds, LongestFirst.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(first * Math.Pow(2, Math.Min(looks, 20)), Longest.TotalSeconds));
    }
}
