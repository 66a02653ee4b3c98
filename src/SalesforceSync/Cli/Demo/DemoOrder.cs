namespace SalesforceSync.Cli.Demo;

/// <summary>What was asked for.</summary>
/// <param name="Records">That are in the org before the worker is started.</param>
/// <param name="Rate">Transactions per second.</param>
/// <param name="Keep">Leave everything running afterwards, until Ctrl-C.</param>
/// <param name="Json">The result document alone on standard output; announcements go to standard error.</param>
internal sealed record DemoOrder(int Records, double Seconds, double Rate, int Seed, bool Keep, bool Json)
{
    public TimeSpan Length => TimeSpan.FromSeconds(Seconds);
}
