namespace SalesforceSync.Apply;

/// <summary>Salesforce times (epoch milliseconds) in Postgres' own units, counted from 2000-01-01 UTC. No DateTime in between: its range is smaller than Postgres'.</summary>
internal static class StoredTime
{
    private const long EpochMilliseconds = 946_684_800_000;
    private const long MillisecondsPerDay = 86_400_000;
    private const long EpochDays = EpochMilliseconds / MillisecondsPerDay;

    /// <summary>Microseconds, for timestamptz.</summary>
    public static long Timestamp(long epochMilliseconds) => checked((epochMilliseconds - EpochMilliseconds) * 1000);

    public static long Timestamp(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond - (EpochMilliseconds * 1000);

    /// <summary>Days, for date; a time within the day belongs to its UTC day.</summary>
    public static int Date(long epochMilliseconds) =>
        checked((int)((epochMilliseconds >= 0 ? epochMilliseconds : epochMilliseconds - MillisecondsPerDay + 1) / MillisecondsPerDay - EpochDays));

    /// <summary>Microseconds since midnight, for time.</summary>
    public static long TimeOfDay(long milliseconds) => checked(milliseconds * 1000);
}
