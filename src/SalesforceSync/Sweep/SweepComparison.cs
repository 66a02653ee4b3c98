using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Database;

namespace SalesforceSync.Sweep;

/// <summary>What a comparison found, in records.</summary>
/// <param name="Here">Live rows of the table.</param>
/// <param name="There">Live records Salesforce showed.</param>
internal sealed record SweepCounts(long Here, long There, long Changed, long Missing, long Deleted, long Absent)
{
    public long Differing => Changed + Missing + Deleted + Absent;
}

/// <summary>
/// Compares what a reading saw (<c>salesforce_sync.seen</c>) with a table, rule E8. A record is suspect when Salesforce's stamp is newer than the row's last
/// evidence, or its last change has another time than the row says, when it is unknown here, and when only one side has it deleted. What was touched after
/// the reading's anchor is not judged: the reading may be older than the row.
/// </summary>
internal sealed class SweepComparison(string org, string schema, TimeSpan slack)
{
    // Joining two million rows wants the plans that the worker's short statements are better without.
    private const string Plans = "set local enable_hashjoin = on; set local enable_mergejoin = on";

    private const string Forget = "delete from salesforce_sync.suspect where read = $1";

    private const string Count = """
        select count(*) filter (where what = 'changed'), count(*) filter (where what = 'missing'),
            count(*) filter (where what = 'deleted'), count(*) filter (where what = 'absent')
        from salesforce_sync.suspect where read = $1
        """;

    private const string There = "select count(*) from salesforce_sync.seen where read = $1 and not deleted";

    private const string Note = """
        update salesforce_sync.sweep set compared_at = clock_timestamp(), rows_here = $2, rows_there = $3, changed = $4, missing = $5, deleted = $6, absent = $7
        where read = $1
        """;

    /// <summary>Fills <c>salesforce_sync.suspect</c> and the counts, in one transaction; the same again gives the same.</summary>
    /// <param name="table">The table's name; null when there is none yet.</param>
    /// <param name="hasModified">The table has the column <c>lastmodifieddate</c>.</param>
    public async Task<SweepCounts> CompareAsync(NpgsqlConnection connection, long read, string? table, bool hasModified, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await RunAsync(connection, Plans, stop);
        await RunAsync(connection, Forget, stop, Number(read));
        long here = 0;
        var find = table is null ? FindUnknown : Find(Sql.Quote(schema, table), hasModified);
        await RunAsync(connection, find, stop, Number(read), Text(org), new() { Value = slack, NpgsqlDbType = NpgsqlDbType.Interval });
        if (table is not null)
            here = await OneAsync(connection, $"select count(*) from {Sql.Quote(schema, table)} where not _sync_deleted", stop);
        var there = await OneAsync(connection, There, stop, Number(read));
        var counts = await CountAsync(connection, read, here, there, stop);
        await RunAsync(connection, Note, stop, Number(read), Number(counts.Here), Number(counts.There), Number(counts.Changed), Number(counts.Missing),
            Number(counts.Deleted), Number(counts.Absent));
        await transaction.CommitAsync(CancellationToken.None);
        return counts;
    }

    // An event tells its commit in whole seconds, a merged row its stamp exactly: only the first needs slack.
    private static string Find(string table, bool hasModified) => $"""
        insert into salesforce_sync.suspect (read, record_id, what, stamp)
        select $1, coalesce(s.record_id, t.id), v.what, s.stamp
        from (select record_id, stamp, deleted, modified from salesforce_sync.seen where read = $1) s
        full join {table} t on t.id = s.record_id
        cross join lateral (select case
            when s.record_id is null then case when not t._sync_deleted then 'absent' end
            when t.id is null then case when not s.deleted then 'missing' end
            when s.deleted then case when not t._sync_deleted then 'deleted' end
            when t._sync_deleted then 'missing'
            when t._sync_incomplete or (t._sync_commit_at is null and (s.stamp is not null or s.modified is null)) then 'changed'
            when s.stamp >= t._sync_commit_at + case t._sync_source when 'cdc' then $3 else interval '1 ms' end then 'changed'
            {(hasModified ? "when s.modified is distinct from t.lastmodifieddate and s.modified is not null then 'changed'" : "")}
            end as what) v
        where v.what is not null and not exists (
            select from salesforce_sync.touch u join salesforce_sync.read r on r.id = $1
            where u.org = $2 and u.object = r.object and u.record_id = coalesce(s.record_id, t.id) and (u.event > r.anchor or u.read > r.turn))
        """;

    private const string FindUnknown = """
        insert into salesforce_sync.suspect (read, record_id, what, stamp)
        select $1, s.record_id, 'missing', s.stamp from salesforce_sync.seen s
        where s.read = $1 and not s.deleted and $3::interval is not null and not exists (
            select from salesforce_sync.touch u join salesforce_sync.read r on r.id = $1
            where u.org = $2 and u.object = r.object and u.record_id = s.record_id and (u.event > r.anchor or u.read > r.turn))
        """;

    private static async Task<SweepCounts> CountAsync(NpgsqlConnection connection, long read, long here, long there, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(Count, connection) { Parameters = { Number(read) } };
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new(here, there, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params NpgsqlParameter[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        command.Parameters.AddRange(values);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<long> OneAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params NpgsqlParameter[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        command.Parameters.AddRange(values);
        return (long)(await command.ExecuteScalarAsync(stop))!;
    }

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
