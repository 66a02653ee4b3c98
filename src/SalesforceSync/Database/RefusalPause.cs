namespace SalesforceSync.Database;

/// <summary>
/// How long to wait before Postgres, which refuses until a person acts, is asked again: as after any failure for ten minutes, then five minutes each time.
/// A beginning can cost calls to Salesforce (repairs are fetched anew), and a night has many. For one loop; not for several threads.
/// </summary>
internal sealed class RefusalPause(TimeProvider time)
{
    private static readonly TimeSpan AskedOften = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Seldom = TimeSpan.FromMinutes(5);

    private long? _since;

    /// <summary>It refused just now.</summary>
    /// <param name="usual">The pause after any failure.</param>
    public TimeSpan Next(TimeSpan usual)
    {
        _since ??= time.GetTimestamp();
        return time.GetElapsedTime(_since.Value) > AskedOften && usual < Seldom ? Seldom : usual;
    }

    /// <summary>It no longer refuses.</summary>
    public void Lifted() => _since = null;
}
