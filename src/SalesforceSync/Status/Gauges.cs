using System.Diagnostics.Metrics;
using SalesforceSync.Diagnostics;
using SalesforceSync.Receive;

namespace SalesforceSync.Status;

/// <summary>
/// The figures that are looked at when somebody asks for them: how the loops of this process stand, and what Postgres said last of every org, which each
/// replica tells alike. Callbacks may come on any thread, until it is disposed.
/// </summary>
internal sealed class Gauges : IDisposable
{
    private readonly Meter _meter = new(Meters.Name);
    private readonly WorkerProgress _progress;
    private readonly Board _board;
    private readonly TimeProvider _time;

    public Gauges(WorkerProgress progress, Board board, TimeProvider time)
    {
        (_progress, _board, _time) = (progress, board, time);
        var started = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        _meter.CreateObservableGauge("salesforce_sync.started", () => started, "s", "When this process began, in seconds since 1970.");
        Worker("salesforce_sync.org.state", null, "1 for the state an org is in, here.", org => [new(1, Org(org.Org), new("state", org.Current.State.Name()))]);
        Worker("salesforce_sync.stream.connected", null, "1 while a subscription speaks.", org => org.Channels.Select(c => Channel(c.Receive.IsListening ? 1 : 0, org.Org, c.Channel)));
        Worker("salesforce_sync.stream.silence", "s", "Since the stream last said anything.", org => org.Channels.Select(c => Channel(c.Receive.Silence.TotalSeconds, org.Org, c.Channel)));
        Worker(
            "salesforce_sync.events.waiting", "{event}", "Events stored and not brought into the tables yet.",
            org => org.Channels.Where(c => c.Apply.Behind is not null).Select(c => Channel(c.Apply.Behind!.Value, org.Org, c.Channel)));
        Postgres(
            "salesforce_sync.position.expiry", "s", "Until Salesforce forgets the stored position, if the stream stays silent.",
            org => org.Channels.Where(c => c.SilentSeconds is not null).Select(c => Channel(RetentionAlarm.Kept.TotalSeconds - c.SilentSeconds!.Value, org.Name, c.Channel)));
        Postgres(
            "salesforce_sync.behind", "s", "Of Salesforce's time between the last event stored and the last applied.",
            org => org.Channels.Where(c => c.LagSeconds is not null).Select(c => Channel(c.LagSeconds!.Value, org.Name, c.Channel)));
        Postgres("salesforce_sync.gaps.open", "{gap}", "Windows of the stream that are missing and not repaired yet.", org => [new(org.OpenGaps, Org(org.Name))]);
        Postgres("salesforce_sync.gaps.oldest", "s", "Age of the oldest thing known to be missing; 0 without one.", org => [new(org.KnownGaps.Max(g => g.AgeSeconds) ?? 0, Org(org.Name))]);
        Postgres("salesforce_sync.repairs.open", "{repair}", "Records and objects to be fetched again.", org => [new(org.OpenRepairs, Org(org.Name))]);
        Postgres("salesforce_sync.quarantine.open", "{event}", "Events that could not be applied and wait for a person.", org => [new(org.Quarantined, Org(org.Name))]);
        Postgres("salesforce_sync.transactions.torn", "{transaction}", "Transactions that could not be kept whole, ever.", org => [new(org.TornTransactions, Org(org.Name))]);
        Postgres("salesforce_sync.object.rows", "{row}", "Live rows when the object was last compared.", org => Objects(org, o => o.RowsHere));
        Postgres("salesforce_sync.object.differing", "{row}", "Rows that differed when the object was last compared.", org => Objects(org, o => o.Differing));
        Postgres(
            "salesforce_sync.object.proof_age", "s", "Since the moment up to which the table was last shown to be equal.",
            org => Objects(org, o => o.ProvenAt is { } at ? (_time.GetUtcNow().UtcDateTime - at).TotalSeconds : null));
        Budget("salesforce_sync.api.limit", "{call}", "API calls that may be spent in the month.", b => b.Limit);
        Budget("salesforce_sync.api.spent", "{call}", "API calls of this month.", b => b.Spent);
        Budget("salesforce_sync.api.forecast", "{call}", "API calls by the end of the month, at the pace so far.", b => b.Forecast);
        Budget("salesforce_sync.delivered.allowance", "{event}", "Events that may be delivered in 24 hours.", b => b.Delivered.Allowance);
        Budget("salesforce_sync.delivered.last_day", "{event}", "Events delivered in the last 24 hours.", b => b.Delivered.Last24Hours);
        Budget("salesforce_sync.delivered.forecast", "{event}", "Events of a day at the pace of the last hours.", b => b.Delivered.Forecast);
    }

    public void Dispose() => _meter.Dispose();

    private void Worker(string name, string? unit, string what, Func<OrgProgress, IEnumerable<Measurement<double>>> of) =>
        _meter.CreateObservableGauge(name, () => _progress.Orgs.SelectMany(of), unit, what);

    private void Postgres(string name, string unit, string what, Func<OrgStatus, IEnumerable<Measurement<double>>> of) =>
        _meter.CreateObservableGauge(name, () => _board.Current?.Status.Orgs.SelectMany(of) ?? [], unit, what);

    private void Budget(string name, string unit, string what, Func<OrgBudget, double> of) =>
        _meter.CreateObservableGauge(name, () => _board.Current?.Budgets.Select(b => new Measurement<double>(of(b), Org(b.Name))) ?? [], unit, what);

    private static IEnumerable<Measurement<double>> Objects(OrgStatus org, Func<ObjectStatus, double?> of) =>
        org.Objects.Where(o => of(o) is not null).Select(o => new Measurement<double>(of(o)!.Value, Org(org.Name), new("object", o.Object)));

    private static Measurement<double> Channel(double value, string org, string channel) => new(value, Org(org), new("channel", channel));

    private static KeyValuePair<string, object?> Org(string org) => new("org", org);
}
