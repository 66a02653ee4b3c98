using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Salesforce;

/// <summary>
/// The book of calls that cost: each is written down before it is sent, so that a crash never makes a call forgotten, and only where the budget and the org
/// itself still allow it. What is allowed is decided in the statement that books, under the lock of the org's row: however many book at once, in however
/// many processes, no more leave than there are. Sign-in is booked and never refused: it keeps the stream alive. Safe for many threads.
/// </summary>
internal sealed class ApiLedger(NpgsqlDataSource source, ApiBudget budget, TimeProvider time, ILogger logger)
{
    /// <summary>From this part of the org's own allowance on, only repair may call: others live on it too.</summary>
    private const double NearlyOut = 0.95;

    // On disk before the call leaves, also where commits are asynchronous. The row is asked again within an hour: what the header said is old by then. A call
    // let through a closed door closes it behind itself until its answer is here, so that one goes and not all. The time of writing is a call's name: no two
    // calls of one org share a microsecond in practice, and if they did both would get the same status.
    private const string Book = """
        with now as (select clock_timestamp() as at, date_trunc('month', clock_timestamp() at time zone 'UTC')::date as month, set_config('synchronous_commit', 'on', true)),
        door as (
            insert into salesforce_sync.api_budget as b (org, month, calls) select $1, month, 1 from now where $3 > 0 or $5
            on conflict (org) do update set
                month = excluded.month,
                calls = 1 + case when b.month = excluded.month then b.calls
                    else (select coalesce(sum(s.calls), 0) from salesforce_sync.api_spent s where s.org = b.org and s.month = excluded.month) end,
                closed_until = case when b.closed_until is null or $5 then b.closed_until else clock_timestamp() + interval '2 minutes' end
            where $5 or ((b.month <> excluded.month or b.calls < $3) and (b.closed_until is null or b.closed_until <= clock_timestamp())
                and ($4 or b.used is null or b.used < b."limit" * $6 or b.heard_at < clock_timestamp() - interval '1 hour'))
            returning month
        ),
        spent as (
            insert into salesforce_sync.api_spent as s (org, month, class, calls) select $1, month, $2, 1 from door
            on conflict (org, month, class) do update set calls = s.calls + 1, refused_since = null
        )
        insert into salesforce_sync.api_call (at, org, class, calls) select now.at, $1, $2, 1 from door, now returning at
        """;

    private const string Settle = """
        update salesforce_sync.api_call set status = $4 where org = $1 and at = $2 and class = $3
        """;

    private const string Learn = """
        update salesforce_sync.api_budget set
            used = coalesce($2, used), "limit" = coalesce($3, "limit"), heard_at = case when $2 is null then heard_at else clock_timestamp() end,
            closed_until = case when $4 then null else closed_until end
        where org = $1 and ($2 is not null or ($4 and closed_until is not null))
        """;

    private const string Close = """
        update salesforce_sync.api_budget set closed_until = date_trunc('hour', clock_timestamp()) + interval '1 hour' where org = $1
        returning closed_until - clock_timestamp()
        """;

    private const string Refuse = """
        with refused as (
            insert into salesforce_sync.api_spent as s (org, month, class, refused, refused_since)
                values ($1, date_trunc('month', clock_timestamp() at time zone 'UTC')::date, $2, 1, clock_timestamp())
            on conflict (org, month, class) do update set refused = s.refused + 1, refused_since = coalesce(s.refused_since, excluded.refused_since)
        )
        select case when b.closed_until > clock_timestamp() then 'closed' when asked.spent then 'spent' else 'nearly out' end,
            greatest(interval '1 second', case
                when b.closed_until > clock_timestamp() then b.closed_until
                when asked.spent then (date_trunc('month', clock_timestamp() at time zone 'UTC') + interval '1 month') at time zone 'UTC'
                else b.heard_at + interval '1 hour' end - clock_timestamp()),
            coalesce(b.used, 0), coalesce(b."limit", 0)
        from (select $3 <= 0 or exists (select 1 from salesforce_sync.api_budget where org = $1 and calls >= $3
                and month = date_trunc('month', clock_timestamp() at time zone 'UTC')::date) as spent) asked
        left join salesforce_sync.api_budget b on b.org = $1
        """;

    private readonly RefusedCalls _refusals = new(logger);

    /// <returns>What <see cref="SettleAsync"/> needs.</returns>
    /// <exception cref="BudgetSpentException">Nothing is booked: the call must not leave.</exception>
    public async Task<DateTime> BookAsync(string org, CallClass callClass, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var most = callClass.MayUseReserve() ? budget.CallsPerMonth : budget.WithoutReserve;
        await using var book = new NpgsqlCommand(PlantedBug.Is(PlantedBugs.CallNotFlushed) ? Book.Replace("'on'", "'off'", StringComparison.Ordinal) : Book, connection)
        {
            Parameters =
            {
                new() { Value = org }, new() { Value = callClass.Name() }, new() { Value = (long)most }, new() { Value = callClass.MayUseTheLast() },
                new() { Value = callClass == CallClass.SignIn }, new() { Value = NearlyOut },
            },
        };
        if (await book.ExecuteScalarAsync(stop) is not DateTime at)
            throw await RefuseAsync(connection, org, callClass, most, stop);
        _refusals.Allowed(org, callClass);
        Meters.Called(org, callClass.Name());
        return at;
    }

    /// <summary>Adds how the call ended, and what the answer says of the org's own allowance.</summary>
    /// <param name="status">0: no answer came.</param>
    public async Task SettleAsync(string org, DateTime bookedAt, CallClass callClass, int status, OrgUsage? usage, CancellationToken stop)
    {
        await using var batch = source.CreateBatch();
        batch.BatchCommands.Add(new(Settle)
        {
            Parameters = { new() { Value = org }, new() { Value = bookedAt }, new() { Value = callClass.Name() }, new() { Value = status } },
        });
        // Any answer but a refusal shows that calls are let in again; the login host is another door.
        var isLetIn = callClass != CallClass.SignIn && status is >= 200 and < 500 and not ((int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden or (int)HttpStatusCode.TooManyRequests);
        if (usage is not null || isLetIn)
            batch.BatchCommands.Add(new(Learn) { Parameters = { new() { Value = org }, Number(usage?.Used), Number(usage?.Limit), new() { Value = isLetIn } } });
        await batch.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Salesforce said that the org's allowance is used up: nothing but sign-in leaves before the next full hour, in no process.</summary>
    /// <returns>What to fail with.</returns>
    public async Task<BudgetSpentException> CloseAsync(string org, CallClass callClass, CancellationToken stop)
    {
        await using var close = source.CreateCommand(Close);
        close.Parameters.Add(new() { Value = org });
        var pause = (TimeSpan)(await close.ExecuteScalarAsync(stop) ?? TimeSpan.FromHours(1));
        return _refusals.Refused(new(org, callClass, time.GetUtcNow() + pause, "Salesforce says that the org's allowance of API calls is used up", OrgIsOut: true));
    }

    private async Task<BudgetSpentException> RefuseAsync(NpgsqlConnection connection, string org, CallClass callClass, long most, CancellationToken stop)
    {
        Meters.CallRefused(org, callClass.Name());
        await using var refuse = new NpgsqlCommand(Refuse, connection) { Parameters = { new() { Value = org }, new() { Value = callClass.Name() }, new() { Value = most } } };
        await using var reader = await refuse.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        var why = reader.GetString(0);
        var until = time.GetUtcNow() + reader.GetTimeSpan(1);
        return _refusals.Refused(new(org, callClass, until, why switch
        {
            "closed" => "Salesforce says that the org's allowance of API calls is used up",
            "spent" when most < budget.CallsPerMonth => $"{most} of the month's {budget.CallsPerMonth} calls are spent, the rest is kept for repair",
            "spent" => $"the month's {budget.CallsPerMonth} calls are spent (Orgs:{org}:ApiBudget:CallsPerMonth)",
            _ => $"the org has used {reader.GetInt64(2)} of its {reader.GetInt64(3)} calls of 24 hours; what is left is for repair",
        }, OrgIsOut: why != "spent"));
    }

    private static NpgsqlParameter Number(long? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
