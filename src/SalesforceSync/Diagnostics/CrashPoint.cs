using System.Diagnostics;
#if CRASH_POINTS
using System.Collections.Concurrent;
#endif

namespace SalesforceSync.Diagnostics;

/// <summary>
/// Named places at which a test may have this process killed. Only builds with <c>-p:CrashPoints=true</c> have them; in every other build the
/// calls are not compiled at all.
/// </summary>
/// <remarks>
/// SYNC_CRASH_POINT=<c>name</c> kills at the first hit, <c>name:n</c> at the n-th: by SIGKILL, so that no finally, no commit and no farewell runs.
/// </remarks>
internal static class CrashPoint
{
    /// <summary>The symbol of the builds that have crash points.</summary>
    private const string Symbol = "CRASH_POINTS";

    /// <summary>Kills the process when SYNC_CRASH_POINT names this place and it has been passed often enough.</summary>
    /// <param name="name">One of <see cref="CrashPoints"/>.</param>
    [Conditional(Symbol)]
    public static void Hit(string name)
    {
#if CRASH_POINTS
        if (name != Chosen.Name || Hits.AddOrUpdate(name, 1, (_, hits) => hits + 1) != Chosen.Hit) return;
        Process.GetCurrentProcess().Kill();
        // The signal is delivered to the process, not to this thread: nothing may happen until it is.
        Thread.CurrentThread.Join();
#endif
    }

#if CRASH_POINTS
    private static readonly ConcurrentDictionary<string, int> Hits = new();

    private static readonly (string? Name, int Hit) Chosen = Parse(Environment.GetEnvironmentVariable("SYNC_CRASH_POINT"));

    internal static (string? Name, int Hit) Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return (null, 0);
        var parts = text.Split(':');
        if (parts.Length > 2 || !CrashPoints.All.Contains(parts[0])) throw Unknown(text);
        if (parts.Length == 1) return (parts[0], 1);
        return int.TryParse(parts[1], out var hit) && hit > 0 ? (parts[0], hit) : throw Unknown(text);
    }

    private static InvalidOperationException Unknown(string text) =>
        new($"SYNC_CRASH_POINT: {text}: give one of {string.Join(", ", CrashPoints.All)}, and :n for its n-th hit");
#endif
}
