namespace SalesforceSync.Assemble;

/// <summary>
/// When a transaction counts as complete, Salesforce sending no end marker. All times are stream time, which stands still while we are not listening.
/// </summary>
internal static class ClosingRules
{
    /// <summary>
    /// After another key has been seen, a transaction waits this long for the case that the two alternate and the credit ran out between them.
    /// </summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    /// <summary>As many further events stand for <see cref="Linger"/> under a backlog: a whole credit, so any cut lies behind.</summary>
    public const int LingerEvents = 100;

    /// <summary>Where keys do alternate, another key proves nothing; this many events of others do, so that a busy stream cannot keep one open for ever.</summary>
    public const int InterleavedEvents = 2_000;

    /// <summary>Bytes of open transactions held in memory before the largest is released to the store.</summary>
    public const long BytesHeld = 16 << 20;

    /// <summary>More than three round trips around the world: a connect that took longer was held up by something else.</summary>
    private static readonly TimeSpan LongestRoundTrips = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A call that has just begun to speak sends what had piled up, which Salesforce fetches in pieces. Only silences as long as this close a transaction then.
    /// </summary>
    private static readonly TimeSpan SettlingQuiet = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>The quiet period in force: the setting, but never less than three round trips, and not short while the call settles.</summary>
    /// <param name="spokenFor">How long ago the first response of the call came; zero before it.</param>
    public static TimeSpan QuietPeriod(TimeSpan setting, TimeSpan? roundTrip, TimeSpan spokenFor)
    {
        var trips = roundTrip * 3 ?? TimeSpan.Zero;
        var longest = trips < LongestRoundTrips ? trips : LongestRoundTrips;
        if (spokenFor < Settling && longest < SettlingQuiet)
            longest = SettlingQuiet;
        return longest > setting ? longest : setting;
    }

    /// <summary>
    /// The silences after which there may be something to close. The round trip is known only once the connection stands, so they go on in steps beyond the
    /// setting; a look too many costs nothing.
    /// </summary>
    public static IReadOnlyList<TimeSpan> Silences(TimeSpan setting)
    {
        var silences = new SortedSet<TimeSpan> { Linger, setting };
        for (var step = setting * 1.5; step < LongestRoundTrips; step *= 1.5)
            silences.Add(step);
        silences.Add(setting > LongestRoundTrips ? setting : LongestRoundTrips);
        return [.. silences];
    }
}
