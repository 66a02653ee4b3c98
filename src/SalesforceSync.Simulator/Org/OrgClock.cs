namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The org's own time: that of the machine, put forward on order, so that days of retention pass in no time. Timers and time stamps for measuring run on as
/// they did. Any thread.
/// </summary>
internal sealed class OrgClock(TimeProvider machine) : TimeProvider
{
    private long _ahead;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <summary>How far it has been put forward in all.</summary>
    public TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Ahead;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);

    internal void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref _ahead, by.Ticks);
    }
}
