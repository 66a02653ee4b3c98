using SalesforceSync.Diagnostics;

namespace SalesforceSync.Subscribe;

/// <summary>How long to wait before the next call: 0.1 s, doubled up to 30 s, shortened by up to half at random. For one loop; not for several threads.</summary>
internal sealed class ResubscribeDelay(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var delay = _next;
        _next = PlantedBug.Is(PlantedBugs.NoBackOff) ? First : delay * 2 < Longest ? delay * 2 : Longest;
        // Many clients are cut in the same moment when a server restarts; the jitter keeps them from coming back in one.
        return delay * (0.5 + random.NextDouble() / 2);
    }

    /// <summary>A response was received. A call that merely opened is no progress: a server that accepts and then fails would be hammered.</summary>
    public void Progress() => _next = First;
}
