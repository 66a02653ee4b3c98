namespace SalesforceSync.Decode;

/// <summary>What Postgres's date and time types can hold (PostgreSQL documentation, 8.5), in milliseconds of the Unix epoch.</summary>
internal static class PostgresRange
{
    public const long Day = 86_400_000;

    // Julian day 0 is 4714-11-24 BC, 2,440,588 days before the epoch; timestamps end before 294277-01-01, dates before Julian day 2,147,483,494.
    private const long FirstDay = -2_440_588;
    private const long FirstTimestamp = FirstDay * Day;
    private const long AfterTimestamps = 9_224_318_016_000_000;
    private const long AfterDays = 2_147_483_494 - 2_440_588;

    public static bool IsTimestamp(long milliseconds) => milliseconds is >= FirstTimestamp and < AfterTimestamps;

    public static bool IsDate(long milliseconds) => DayOf(milliseconds) is >= FirstDay and < AfterDays;

    public static bool IsTime(long milliseconds) => milliseconds is >= 0 and < Day;

    /// <summary>True for what .NET's DateTimeOffset can hold too: years 1 to 9999.</summary>
    public static bool IsCommitTime(long milliseconds) =>
        milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The day a time lies in, also before 1970: division rounds down.</summary>
    public static long DayOf(long milliseconds) => FloorDivide(milliseconds, Day);

    public static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
