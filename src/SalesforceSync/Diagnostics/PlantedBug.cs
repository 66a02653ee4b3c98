#if CRASH_POINTS
namespace SalesforceSync.Diagnostics;

/// <summary>
/// Bugs that builds with crash points commit on demand, so that a crash test can show that it would find them. No other build holds any of this.
/// </summary>
/// <remarks>SYNC_PLANTED_BUG=<c>position-before-rows</c>: the applied position is committed before the rows it stands for.</remarks>
internal static class PlantedBug
{
    public static bool PositionBeforeRows { get; } = Environment.GetEnvironmentVariable("SYNC_PLANTED_BUG") switch
    {
        null or "" => false,
        "position-before-rows" => true,
        var other => throw new InvalidOperationException($"SYNC_PLANTED_BUG: {other}: there is only position-before-rows"),
    };
}
#endif
