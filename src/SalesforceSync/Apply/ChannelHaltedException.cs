namespace SalesforceSync.Apply;

/// <summary>
/// Too many events of a channel could not be understood or written: something is wrong with all of them, and parking them one by one would hide it. The
/// position stands before the event that was too much; a restart goes on from there once the cause is mended.
/// </summary>
internal sealed class ChannelHaltedException(string org, string channel, long number, string reason)
    : Exception($"{org}/{channel}: more than {Limit} of the last {Window} events could not be copied; stopped before event {number}: {reason}. "
        + "Look at table salesforce_sync.quarantine, mend the cause (program version, constraints on the tables), then start again")
{
    /// <summary>Events parked among the last <see cref="Window"/> before the channel stops.</summary>
    public const int Limit = 5;

    public const int Window = 1_000;
}
