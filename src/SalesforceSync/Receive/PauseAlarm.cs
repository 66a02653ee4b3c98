namespace SalesforceSync.Receive;

/// <summary>
/// Says when the position of a paused channel nears the end of what Salesforce keeps: once when a day is left and once when six hours are. Pure but for what
/// it has said already; for one channel and one pause.
/// </summary>
internal sealed class PauseAlarm
{
    private static readonly TimeSpan[] Left = [TimeSpan.FromHours(24), TimeSpan.FromHours(6)];

    private int _said;

    /// <summary>Whether there is something to say: less than a day is left. True until the pause ends.</summary>
    public bool IsNear => _said > 0;

    /// <summary>When the position is lost; null where nothing was ever heard, so that there is none to lose.</summary>
    public static DateTimeOffset? LostAt(DateTimeOffset? heardAt) => heardAt + RetentionAlarm.Kept;

    /// <param name="heardAt">When the stream last said where it is; null when it never did.</param>
    /// <returns>When the position is lost, if that is to be said now.</returns>
    public DateTimeOffset? Due(DateTimeOffset? heardAt, DateTimeOffset now)
    {
        if (LostAt(heardAt) is not { } lostAt)
            return null;
        var passed = Left.Count(left => now >= lostAt - left);
        var isDue = passed > _said;
        _said = Math.Max(_said, passed);
        return isDue ? lostAt : null;
    }
}
