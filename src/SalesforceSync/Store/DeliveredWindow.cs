namespace SalesforceSync.Store;

/// <summary>Events delivered in one hour.</summary>
/// <param name="Hour">When it began.</param>
internal readonly record struct DeliveredHour(DateTimeOffset Hour, long Events);

/// <summary>
/// What the counted hours say of the rolling 24 hours in which Salesforce counts. Other subscribers of the org count there too and are not seen here.
/// </summary>
/// <param name="Last24Hours">Of the hour in which the window begins, the part that lies in it.</param>
/// <param name="Forecast">What 24 hours come to at the pace of the last three, or of those since counting began, but at least one.</param>
internal sealed record DeliveredWindow(long Last24Hours, long Forecast)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private static readonly TimeSpan Recent = TimeSpan.FromHours(3);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <param name="hours">At least those of the last 25 hours, in any order.</param>
    public static DeliveredWindow Of(IReadOnlyCollection<DeliveredHour> hours, DateTimeOffset now)
    {
        var counted = hours.Count == 0 ? TimeSpan.Zero : now - hours.Min(h => h.Hour);
        var recent = TimeSpan.FromTicks(Math.Clamp(counted.Ticks, Hour.Ticks, Recent.Ticks));
        return new DeliveredWindow((long)Since(hours, now - Day), (long)Math.Round(Since(hours, now - recent) * (Day / recent)));
    }

    private static double Since(IReadOnlyCollection<DeliveredHour> hours, DateTimeOffset begin) =>
        hours.Sum(h => h.Events * Math.Clamp((h.Hour + Hour - begin) / Hour, 0, 1));
}
