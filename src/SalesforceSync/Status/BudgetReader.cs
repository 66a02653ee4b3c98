using Dapper;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;

namespace SalesforceSync.Status;

/// <summary>Reads what the orgs have spent, from Postgres alone.</summary>
internal sealed class BudgetReader(NpgsqlDataSource source)
{
    private const string Months = """
        select m.month as "Month", m.now as "Now", b.closed_until as "ClosedUntil", b.used as "Used", b."limit" as "Limit", b.heard_at as "HeardAt"
        from (select date_trunc('month', clock_timestamp() at time zone 'UTC') at time zone 'UTC' as month, clock_timestamp() as now) m
        left join salesforce_sync.api_budget b on b.org = @Org
        """;

    private const string Classes = """
        select class as "Class", calls as "Calls", refused as "Refused", refused_since as "RefusedSince"
        from salesforce_sync.api_spent where org = @Org and month = @Month
        """;

    /// <exception cref="PostgresException">42P01 or 3F000 when the database has not been migrated.</exception>
    public async Task<OrgBudget> ReadAsync(OrgOptions org, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var month = await connection.QuerySingleAsync<MonthRow>(new CommandDefinition(Months, new { Org = org.Name }, cancellationToken: stop));
        var first = DateOnly.FromDateTime(month.Month);
        var rows = await connection.QueryAsync<ClassRow>(new CommandDefinition(Classes, new { Org = org.Name, month.Month }, cancellationToken: stop));
        var spent = rows.ToDictionary(r => r.Class, StringComparer.Ordinal);
        var known = Enum.GetValues<CallClass>().Select(c => c.Name()).ToArray();
        var classes = known.Concat(spent.Keys.Except(known)).Select(name => spent.GetValueOrDefault(name) ?? new ClassRow { Class = name })
            .Select(r => new ClassBudget(r.Class, r.Calls, CallForecast.ToEndOfMonth(r.Calls, Utc(month.Month), Utc(month.Now)), r.Refused, Utc(r.RefusedSince))).ToArray();
        var delivered = await DeliveredEvents.ReadAsync(source, org.Name, stop);
        return new OrgBudget(
            org.Name, first, Utc(month.Month).AddMonths(1), org.ApiBudget.CallsPerMonth, org.ApiBudget.CallsPerMonth - org.ApiBudget.WithoutReserve,
            classes.Sum(c => c.Spent), CallForecast.ToEndOfMonth(classes.Sum(c => c.Spent), Utc(month.Month), Utc(month.Now)),
            month.ClosedUntil > month.Now ? Utc(month.ClosedUntil) : null, classes,
            month is { Used: { } used, Limit: { } limit, HeardAt: { } at } ? new AllowanceUsage(used, limit, Utc(at)) : null,
            new DeliveredBudget(delivered.Last24Hours, org.DeliveredEventsPerDay, delivered.Forecast));
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static DateTimeOffset? Utc(DateTime? time) => time is { } known ? Utc(known) : null;

    private sealed record MonthRow
    {
        public DateTime Month { get; init; }

        public DateTime Now { get; init; }

        public DateTime? ClosedUntil { get; init; }

        public long? Used { get; init; }

        public long? Limit { get; init; }

        public DateTime? HeardAt { get; init; }
    }

    private sealed record ClassRow
    {
        public string Class { get; init; } = "";

        public long Calls { get; init; }

        public long Refused { get; init; }

        public DateTime? RefusedSince { get; init; }
    }
}
