using System.Data;
using Dapper;
using Npgsql;

namespace SalesforceSync.Status;

/// <summary>Reads the status document from Postgres, as of one moment.</summary>
internal sealed class StatusReader(NpgsqlDataSource source)
{
    private const string Orgs = """
        select o.name, o.org_id as "OrgId", case when o.paused_at is null then o.state else 'paused' end as state,
            case when o.paused_at is null or o.state = 'paused' then o.state_reason else 'a person has paused it; no worker has noticed yet' end as "Reason", o.torn,
            (select count(*) from salesforce_sync.coverage c where c.org = o.name and c.state = 'gap' and c.to_event is null) as "Gaps",
            (select count(*) from salesforce_sync.repair r where r.org = o.name and r.state = 'open') as "Repairs",
            (select count(*) from salesforce_sync.quarantine q where q.org = o.name and q.state = 'open') as "Quarantined",
            (select coalesce(sum(a.calls), 0)::bigint from salesforce_sync.api_call a
                where a.org = o.name and a.at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC') as "Calls"
        from salesforce_sync.org o order by o.name
        """;

    // The received position is the id to resume with, which may lie before the last event: that one is last_replay_id.
    private const string Channels = """
        select coalesce(r.org, a.org) as "Org", coalesce(r.channel, a.channel) as "Channel",
            encode(coalesce(r.last_replay_id, r.replay_id), 'hex') as "Received", encode(a.replay_id, 'hex') as "Applied",
            case when coalesce(r.event, 0) <= coalesce(a.event, 0) then 0 when a.commit_at is not null
                then greatest(0, extract(epoch from coalesce(r.commit_at, r.moved_at) - a.commit_at))::float8 end as "Lag",
            case when r.spoke_at is not null then greatest(0, extract(epoch from clock_timestamp() - r.spoke_at))::float8 end as "Silent"
        from (select * from salesforce_sync.cursor where stage = 'received') r
        full join (select * from salesforce_sync.cursor where stage = 'applied') a using (org, channel)
        order by 1, 2
        """;

    private const string Objects = """
        select o.org as "Org", o.object as "Object", o.channel as "Channel", o.state as "State", o.state_reason as "Reason", o.rows_here as "RowsHere",
            o.rows_there as "RowsThere", o.snapshot_at as "SnapshotAt", o.proven_at as "ProvenAt", o.swept_at as "SweptAt", o.formulas_at as "FormulasAt",
            (select string_agg(r.kind || ' ' || r.state, ', ' order by r.id) from salesforce_sync.read r
                where r.org = o.org and r.object = o.object and r.state in ('waiting', 'reading', 'merging')) as "Reading",
            (select s.changed + s.missing + s.deleted + s.absent from salesforce_sync.read r join salesforce_sync.sweep s on s.read = r.id
                where r.org = o.org and r.object = o.object and r.kind = 'sweep' and r.state = 'done' order by r.id desc limit 1)::bigint as "Differing"
        from salesforce_sync.object o order by o.org, o.object
        """;

    private const string Gaps = """
        select org as "Org", object as "Object", what as "What", reason as "Reason", since as "Since", until as "Until",
            greatest(0, extract(epoch from clock_timestamp() - since))::float8 as "AgeSeconds", records as "Records", doing as "Doing", tries as "Tries",
            next_at as "NextAt", proven_at as "ProvenAt"
        from salesforce_sync.known_gaps order by org, since nulls last, object
        """;

    private const string Calls = """
        select org as "Org", class as "Class", sum(calls)::bigint as "Calls" from salesforce_sync.api_call
        where at >= date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' group by org, class order by org, class
        """;

    /// <exception cref="PostgresException">42P01 or 3F000 when the database has not been migrated.</exception>
    public async Task<StatusDocument> ReadAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, stop);
        var orgs = await AllAsync<OrgRow>(Orgs, moment, stop);
        var channels = (await AllAsync<ChannelRow>(Channels, moment, stop))
            .ToLookup(c => c.Org, c => new ChannelStatus(c.Channel, c.Received, c.Applied, Rounded(c.Lag), Rounded(c.Silent)));
        var objects = (await AllAsync<ObjectRow>(Objects, moment, stop)).ToLookup(o => o.Org, o => new ObjectStatus(
            o.Object, o.Channel, o.State, o.Reason, o.RowsHere, o.RowsThere, o.SnapshotAt, o.ProvenAt, o.SweptAt, o.FormulasAt, o.Reading, o.Differing));
        var gaps = (await AllAsync<GapRow>(Gaps, moment, stop)).ToLookup(g => g.Org, g => new KnownGap(
            g.Object, g.What, g.Reason, g.Since, g.Until, Rounded(g.AgeSeconds), g.Records, g.Doing, g.Tries, g.NextAt, g.ProvenAt));
        var calls = (await AllAsync<CallRow>(Calls, moment, stop)).ToLookup(c => c.Org);
        return new StatusDocument([.. orgs.Select(o => new OrgStatus(
            o.Name, o.OrgId, o.State, [.. channels[o.Name]], o.Gaps, o.Repairs, o.Quarantined, o.Torn, o.Calls, o.Reason, [.. objects[o.Name]], [.. gaps[o.Name]],
            calls[o.Name].ToDictionary(c => c.Class, c => c.Calls)))]);
    }

    private static async Task<IEnumerable<T>> AllAsync<T>(string sql, NpgsqlTransaction moment, CancellationToken stop) =>
        await moment.Connection!.QueryAsync<T>(new CommandDefinition(sql, transaction: moment, cancellationToken: stop));

    private static double? Rounded(double? seconds) => seconds is { } s ? Math.Round(s, 3) : null;

    private sealed record OrgRow
    {
        public string Name { get; init; } = "";

        public string? OrgId { get; init; }

        public string State { get; init; } = "";

        public string? Reason { get; init; }

        public long Torn { get; init; }

        public long Gaps { get; init; }

        public long Repairs { get; init; }

        public long Quarantined { get; init; }

        public long Calls { get; init; }
    }

    private sealed record ChannelRow
    {
        public string Org { get; init; } = "";

        public string Channel { get; init; } = "";

        public string? Received { get; init; }

        public string? Applied { get; init; }

        public double? Lag { get; init; }

        public double? Silent { get; init; }
    }

    private sealed record ObjectRow
    {
        public string Org { get; init; } = "";

        public string Object { get; init; } = "";

        public string Channel { get; init; } = "";

        public string State { get; init; } = "";

        public string? Reason { get; init; }

        public long? RowsHere { get; init; }

        public long? RowsThere { get; init; }

        public DateTime? SnapshotAt { get; init; }

        public DateTime? ProvenAt { get; init; }

        public DateTime? SweptAt { get; init; }

        public DateTime? FormulasAt { get; init; }

        public string? Reading { get; init; }

        public long? Differing { get; init; }
    }

    private sealed record GapRow
    {
        public string Org { get; init; } = "";

        public string? Object { get; init; }

        public string What { get; init; } = "";

        public string? Reason { get; init; }

        public DateTime? Since { get; init; }

        public DateTime? Until { get; init; }

        public double? AgeSeconds { get; init; }

        public long? Records { get; init; }

        public string Doing { get; init; } = "";

        public int? Tries { get; init; }

        public DateTime? NextAt { get; init; }

        public DateTime? ProvenAt { get; init; }
    }

    private sealed record CallRow
    {
        public string Org { get; init; } = "";

        public string Class { get; init; } = "";

        public long Calls { get; init; }
    }
}
