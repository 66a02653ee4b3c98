using System.Data;
using Dapper;
using Npgsql;

namespace SalesforceSync.Status;

/// <summary>Reads the status document from Postgres, as of one moment.</summary>
internal sealed class StatusReader(NpgsqlDataSource source)
{
    private const string Orgs = """
        select o.name, o.org_id as "OrgId", o.state, o.torn,
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

    /// <exception cref="PostgresException">42P01 or 3F000 when the database has not been migrated.</exception>
    public async Task<StatusDocument> ReadAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, stop);
        var orgs = await connection.QueryAsync<OrgRow>(new CommandDefinition(Orgs, transaction: moment, cancellationToken: stop));
        var channels = await connection.QueryAsync<ChannelRow>(new CommandDefinition(Channels, transaction: moment, cancellationToken: stop));
        var byOrg = channels.ToLookup(c => c.Org, c => new ChannelStatus(c.Channel, c.Received, c.Applied, Rounded(c.Lag), Rounded(c.Silent)));
        return new StatusDocument(
            [.. orgs.Select(o => new OrgStatus(o.Name, o.OrgId, o.State, [.. byOrg[o.Name]], o.Gaps, o.Repairs, o.Quarantined, o.Torn, o.Calls))]);
    }

    private static double? Rounded(double? seconds) => seconds is { } s ? Math.Round(s, 3) : null;

    private sealed record OrgRow
    {
        public string Name { get; init; } = "";

        public string? OrgId { get; init; }

        public string State { get; init; } = "";

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
}
