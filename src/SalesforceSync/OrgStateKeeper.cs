using Dapper;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Snapshot;

namespace SalesforceSync;

/// <summary>
/// Draws the org's state from what its loops report and what the control tables say, and writes it down when it changes. The same look tells the loops that read
/// from Salesforce whether anything is open.
/// </summary>
internal sealed class OrgStateKeeper(NpgsqlDataSource source, Ownership ownership, OrgProgress progress, Lookout lookout, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Asked every second, however much there is to repair. A gap is in work when each of its objects that is neither frozen nor proven since has a reading that proves, asked for or under way.
    private const string Facts = """
        with gap as (
            select g.id, g.recorded_at, o.object, o.state from salesforce_sync.coverage g
            left join salesforce_sync.object o on o.org = g.org
                and (g.object = o.object or (g.object is null and coalesce(g.evidence ->> 'channel', o.channel) = o.channel))
            where g.org = @Org and g.state = 'gap' and g.to_event is null),
        judged as (
            select id, bool_and(object is not null and exists (
                select from salesforce_sync.read r where r.org = @Org and r.object = gap.object and r.proves
                    and (r.state in ('waiting', 'reading', 'merging') or (r.state = 'done' and r.started_at > gap.recorded_at)))) as in_work
            from gap group by id)
        select (select count(*) from judged) as "Gaps", (select count(*) from judged where in_work) as "GapsInWork",
            exists (select from salesforce_sync.repair where org = @Org and state = 'open') as "HasRepairs",
            (select count(*) from salesforce_sync.repair where org = @Org and state = 'failed') as "Failed",
            (select count(*) from salesforce_sync.read r join salesforce_sync.object o on o.org = r.org and o.object = r.object
                where r.org = @Org and r.kind = 'snapshot' and r.state in ('waiting', 'reading', 'merging') and o.snapshot_at is null) as "FirstSnapshots",
            (select coalesce(array_agg(object || ' is ' || state || coalesce(': ' || state_reason, '') order by object), '{}') from salesforce_sync.object
                where org = @Org and state = 'frozen') as "Frozen",
            (select coalesce(array_agg(object || ' is ' || state || coalesce(': ' || state_reason, '') order by object), '{}') from salesforce_sync.object
                where org = @Org and state = 'paused') as "Paused",
            (exists (select from salesforce_sync.read where org = @Org and state in ('waiting', 'reading', 'merging'))
                or exists (select from salesforce_sync.deletion where org = @Org)) as "Underway"
        """;

    private const string Write = """
        update salesforce_sync.org set state = @State, state_reason = @Reason
        where name = @Org and epoch = @Epoch and owner = @Owner and (state, state_reason) is distinct from (@State, @Reason)
        """;

    public async Task RunAsync(CancellationToken stop)
    {
        (OrgState, string)? written = null;
        while (true)
        {
            var (state, reasons) = Draw(await AskAsync(stop));
            progress.Set(state, reasons);
            var reason = string.Join("; ", reasons);
            if (written != (state, reason))
                await WriteAsync(source, ownership, state, reason, stop);
            written = (state, reason);
            await Task.Delay(Interval, time, stop);
        }
    }

    private (OrgState, List<string>) Draw(OrgFacts facts)
    {
        var channels = progress.Channels;
        return facts.Draw(
            [.. channels.Where(c => c.Halted is not null).Select(c => c.Halted!)],
            [.. channels.Where(c => c.Receive.Trouble is not null).Select(c => Named(c.Channel, c.Receive.Trouble!))],
            channels.Any(c => c.IsPastDeadline), channels.All(c => c.Receive.IsListening && c.Apply.IsCaughtUp));
    }

    private async Task<OrgFacts> AskAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var row = await connection.QuerySingleAsync<FactsRow>(new CommandDefinition(Facts, new { ownership.Org }, cancellationToken: stop));
        lookout.Tell(row.Underway || row.Gaps > 0 || row.HasRepairs);
        return new(row.Gaps, row.GapsInWork, row.HasRepairs, row.Failed, row.FirstSnapshots, row.Frozen, row.Paused);
    }

    /// <summary>Writes a state down; does nothing for who does not own the org any more.</summary>
    public static async Task WriteAsync(NpgsqlDataSource source, Ownership ownership, OrgState state, string reason, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(
            Write, new { State = state.Name(), Reason = reason, ownership.Org, ownership.Epoch, ownership.Owner }, cancellationToken: stop));
    }

    /// <summary>What ended a stream may name it already.</summary>
    private static string Named(string channel, string trouble) => trouble.StartsWith(channel, StringComparison.Ordinal) ? trouble : $"{channel}: {trouble}";

    private sealed record FactsRow
    {
        public long Gaps { get; init; }

        public long GapsInWork { get; init; }

        public bool HasRepairs { get; init; }

        public long Failed { get; init; }

        public long FirstSnapshots { get; init; }

        public string[] Frozen { get; init; } = [];

        public string[] Paused { get; init; } = [];

        public bool Underway { get; init; }
    }
}
