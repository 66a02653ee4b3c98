namespace SalesforceSync.Salesforce;

/// <summary>What the calls of a month will come to. Pure.</summary>
internal static class CallForecast
{
    private static readonly TimeSpan LeastElapsed = TimeSpan.FromDays(1);

    /// <summary>Goes on to the end of the month as it went so far; in the month's first day, as if a day had passed.</summary>
    /// <param name="month">When it began.</param>
    public static long ToEndOfMonth(long spent, DateTimeOffset month, DateTimeOffset now)
    {
        var elapsed = now - month > LeastElapsed ? now - month : LeastElapsed;
        var left = month.AddMonths(1) - now;
        return spent + (long)Math.Round(spent * (left > TimeSpan.Zero ? left / elapsed : 0));
    }
}
