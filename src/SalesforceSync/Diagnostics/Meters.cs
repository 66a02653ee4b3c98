using System.Diagnostics.Metrics;

namespace SalesforceSync.Diagnostics;

/// <summary>
/// Every figure the worker counts as it goes; what is read from Postgres now and then stands in <c>Status/Gauges.cs</c>. docs/metrics.md lists both under the
/// names <c>/metrics</c> gives them. Labels are orgs, channels, objects and words of ours, never ids or values. Safe from any thread.
/// </summary>
internal static class Meters
{
    /// <summary>Whoever exports listens to the meters of this name.</summary>
    public const string Name = "SalesforceSync";

    private static readonly Meter Meter = new(Name);

    private static readonly InstrumentAdvice<double> Waits = new()
    {
        HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 259_200],
    };

    private static readonly Counter<long> EventsReceived = Meter.CreateCounter<long>("salesforce_sync.events.received", "{event}", "Events received and stored.");

    private static readonly Counter<long> EventsRedelivered = Meter.CreateCounter<long>(
        "salesforce_sync.events.redelivered", "{event}", "Events that came again and were known.");

    private static readonly Counter<long> EventsApplied = Meter.CreateCounter<long>("salesforce_sync.events.applied", "{event}", "Stored events brought into the tables.");

    private static readonly Counter<long> TransactionsApplied = Meter.CreateCounter<long>(
        "salesforce_sync.transactions.applied", "{transaction}", "Salesforce transactions brought into the tables, each whole in one commit.");

    private static readonly Counter<long> Commits = Meter.CreateCounter<long>("salesforce_sync.commits", "{commit}", "Postgres commits that brought events into the tables.");

    private static readonly Counter<long> StreamsEnded = Meter.CreateCounter<long>(
        "salesforce_sync.stream.ended", "{call}", "Subscriptions that ended, by what Salesforce or the network said.");

    private static readonly Counter<long> PositionsLost = Meter.CreateCounter<long>(
        "salesforce_sync.stream.positions_lost", "{loss}", "Positions that Salesforce no longer knew: each is a dated gap, repaired by itself.");

    private static readonly Counter<long> RowsRead = Meter.CreateCounter<long>(
        "salesforce_sync.rows.read", "{row}", "Rows of readings merged into the tables, by kind of reading.");

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "salesforce_sync.api.calls", "{call}", "API calls booked, by what they were for.");

    private static readonly Counter<long> CallsRefused = Meter.CreateCounter<long>(
        "salesforce_sync.api.calls_refused", "{call}", "API calls that the budget did not let leave.");

    private static readonly Histogram<double> Lag = Meter.CreateHistogram(
        "salesforce_sync.lag", "s",
        "Of each transaction applied: from its commit at Salesforce until it was received (salesforce), from then until its events were stored (receiving) and until it was in the tables (applying); from its commit at Salesforce until it was in the tables (total).",
        tags: null, advice: Waits);

    /// <summary>Events are stored; the oldest of them was received so long ago.</summary>
    public static void Stored(string org, string channel, int events, TimeSpan since)
    {
        EventsReceived.Add(events, Org(org), Channel(channel));
        if (events > 0)
            Lag.Record(Seconds(since), Org(org), Channel(channel), new("part", "receiving"));
    }

    public static void Redelivered(string org, string channel, int events) => EventsRedelivered.Add(events, Org(org), Channel(channel));

    public static void Committed(string org, string channel, long events, int transactions)
    {
        Commits.Add(1, Org(org), Channel(channel));
        EventsApplied.Add(events, Org(org), Channel(channel));
        TransactionsApplied.Add(transactions, Org(org), Channel(channel));
    }

    /// <summary>A transaction is in the tables.</summary>
    /// <param name="atSalesforce">By Salesforce's clock against ours; null where its commit time could not be read.</param>
    /// <param name="here">Since its last event was received.</param>
    public static void Applied(string org, string channel, TimeSpan? atSalesforce, TimeSpan here)
    {
        Lag.Record(Seconds(here), Org(org), Channel(channel), new("part", "applying"));
        if (atSalesforce is not { } waited)
            return;
        Lag.Record(Seconds(waited), Org(org), Channel(channel), new("part", "salesforce"));
        Lag.Record(Seconds(waited + here), Org(org), Channel(channel), new("part", "total"));
    }

    /// <param name="reason">A code of Salesforce's or gRPC's, or a word of ours.</param>
    public static void StreamEnded(string org, string channel, string reason) => StreamsEnded.Add(1, Org(org), Channel(channel), new("reason", reason));

    public static void PositionLost(string org, string channel) => PositionsLost.Add(1, Org(org), Channel(channel));

    public static void Merged(string org, string objectName, string kind, int rows) => RowsRead.Add(rows, Org(org), new("object", objectName), new("kind", kind));

    public static void Called(string org, string callClass) => Calls.Add(1, Org(org), new("class", callClass));

    public static void CallRefused(string org, string callClass) => CallsRefused.Add(1, Org(org), new("class", callClass));

    private static KeyValuePair<string, object?> Org(string org) => new("org", org);

    private static KeyValuePair<string, object?> Channel(string channel) => new("channel", channel);

    // Two clocks: what was committed in the second in which it came may seem to come before its commit.
    private static double Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds);
}
