namespace SalesforceSync.Apply;

/// <summary>How far one channel is applied, for whoever watches; written by its apply loop, read from any thread.</summary>
internal sealed class ApplyProgress
{
    private long _behind = long.MaxValue;

    /// <summary>True when everything stored is applied, apart from transactions that may still grow.</summary>
    public bool IsCaughtUp => Interlocked.Read(ref _behind) == 0;

    /// <summary>Events stored and not looked at yet; null before the first look.</summary>
    public long? Behind => Interlocked.Read(ref _behind) is var behind and < long.MaxValue ? behind : null;

    public void Report(long applied, int pending, long stored) => Interlocked.Exchange(ref _behind, Math.Max(0, stored - applied - pending));
}
