using SalesforceSync.Apply;
using SalesforceSync.Receive;

namespace SalesforceSync.Status;

/// <summary>What the status page shows, as <c>/api/v1/overview</c> tells it.</summary>
/// <param name="Trouble">Why there is nothing newer from Postgres; null while there is.</param>
internal sealed record Overview(DateTimeOffset At, string Version, string? Trouble, IReadOnlyList<OrgOverview> Orgs);

/// <param name="Reasons">Why the org is in this state.</param>
/// <param name="EventsPerSecond">Of the last ten seconds; null where another process has the org.</param>
/// <param name="Rates">Events a second, a value every ten seconds, oldest first, up to an hour.</param>
/// <param name="Lags">As <paramref name="Rates"/>: the longest time from a commit at Salesforce to the tables in seconds; null where nothing was applied.</param>
internal sealed record OrgOverview(
    string Name, string? OrgId, string State, IReadOnlyList<string> Reasons, IReadOnlyList<ChannelOverview> Channels, double? EventsPerSecond, long OpenGaps,
    long OpenRepairs, long Quarantined, long TornTransactions, IReadOnlyList<ObjectOverview> Objects, IReadOnlyList<KnownGap> KnownGaps, OrgBudget? Budget,
    IReadOnlyList<double> Rates, IReadOnlyList<double?> Lags);

/// <param name="IsConnected">A subscription speaks; null where another process has the org.</param>
/// <param name="ExpiresInSeconds">Until Salesforce forgets the stored position, if the stream stays silent.</param>
/// <param name="Waiting">Events stored and not looked at yet; null where another process has the org.</param>
internal sealed record ChannelOverview(string Channel, bool? IsConnected, double? LagSeconds, double? SilentSeconds, double? ExpiresInSeconds, long? Waiting);

/// <param name="LastCommitAt">Of its last change since this process applies it.</param>
internal sealed record ObjectOverview(
    string Object, string State, string? Reason, long? Rows, DateTimeOffset? LastCommitAt, string? SchemaId, DateTime? ProvenAt, DateTime? SweptAt, long? Differing, string? Reading, int Gaps);

/// <summary>Puts what Postgres says and what this process sees together.</summary>
internal static class OverviewOf
{
    public static Overview Now(Board board, WorkerProgress progress, IReadOnlyDictionary<string, History> histories, DateTimeOffset now, string version)
    {
        var reading = board.Current;
        var live = progress.Orgs.ToDictionary(o => o.Org, StringComparer.Ordinal);
        var names = live.Keys.Concat(reading?.Status.Orgs.Select(o => o.Name) ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(now, version, reading is null ? board.Trouble : null, [.. names.Select(name => Org(
            name, reading?.Status.Orgs.FirstOrDefault(o => o.Name == name), reading?.Budgets.FirstOrDefault(b => b.Name == name), live.GetValueOrDefault(name), histories.GetValueOrDefault(name)))]);
    }

    private static OrgOverview Org(string name, OrgStatus? stored, OrgBudget? budget, OrgProgress? live, History? history)
    {
        // Who stands by knows only what the owner has written.
        var here = live?.Current.State is null or OrgState.Standby ? null : live;
        var (state, reasons) = here is null ? (stored?.State ?? live?.Current.State.Name() ?? OrgState.Starting.Name(), stored?.Reason is { } reason ? [reason] : [])
            : (here.Current.State.Name(), here.Current.Reasons);
        var changes = here?.Channels.SelectMany(c => c.Apply.Objects).GroupBy(o => o.Key).ToDictionary(o => o.Key, o => o.First().Value, StringComparer.OrdinalIgnoreCase);
        return new(
            name, stored?.OrgId, state, reasons, Channels(stored, here), here is null ? null : history?.Rate, stored?.OpenGaps ?? 0, stored?.OpenRepairs ?? 0, stored?.Quarantined ?? 0,
            stored?.TornTransactions ?? 0, [.. stored?.Objects.Select(o => Object(o, changes, stored.KnownGaps)) ?? []], stored?.KnownGaps ?? [], budget,
            history?.Rates ?? [], history?.Lags ?? []);
    }

    private static IReadOnlyList<ChannelOverview> Channels(OrgStatus? stored, OrgProgress? here)
    {
        var known = stored?.Channels ?? [];
        var watched = here?.Channels ?? [];
        return [.. known.Select(c => c.Channel).Concat(watched.Select(c => c.Channel)).Distinct(StringComparer.Ordinal).Select(channel =>
        {
            var (told, seen) = (known.FirstOrDefault(c => c.Channel == channel), watched.FirstOrDefault(c => c.Channel == channel));
            var silent = seen?.Receive.Silence.TotalSeconds ?? told?.SilentSeconds;
            return new ChannelOverview(
                channel, seen?.Receive.IsListening, told?.LagSeconds, Rounded(silent), told?.SilentSeconds is { } since ? Rounded(RetentionAlarm.Kept.TotalSeconds - since) : null, seen?.Apply.Behind);
        })];
    }

    private static ObjectOverview Object(ObjectStatus o, Dictionary<string, LastChange>? changes, IReadOnlyList<KnownGap> gaps)
    {
        var last = changes is not null && changes.TryGetValue(o.Object, out var found) ? found : (LastChange?)null;
        return new(
            o.Object, o.State, o.Reason, o.RowsHere ?? o.RowsThere, last?.CommitAt, last?.SchemaId, o.ProvenAt, o.SweptAt, o.Differing, o.Reading,
            gaps.Count(g => g.Object is null || g.Object.Equals(o.Object, StringComparison.OrdinalIgnoreCase)));
    }

    private static double? Rounded(double? seconds) => seconds is { } s ? Math.Round(s, 1) : null;
}
