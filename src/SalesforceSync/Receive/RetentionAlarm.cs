namespace SalesforceSync.Receive;

/// <summary>
/// Says when a person has to know that the stored position nears the end of what Salesforce keeps: once when a day is left, then hourly. Pure but for what
/// it has said already; for one loop.
/// </summary>
internal sealed class RetentionAlarm
{
    /// <summary>Salesforce keeps events for 72 hours.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(72);

    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24);

    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    private DateTimeOffset? _said;

    /// <param name="heardAt">When the stream last said where it is; null when it never did.</param>
    /// <returns>When the position is lost, if that is to be said now.</returns>
    public DateTimeOffset? Due(DateTimeOffset? heardAt, DateTimeOffset now)
    {
        if (heardAt is not { } heard || now < heard + Kept - Ahead)
        {
            _said = null;
            return null;
        }
        if (now < _said + Again)
            return null;
        _said = now;
        return heard + Kept;
    }
}
