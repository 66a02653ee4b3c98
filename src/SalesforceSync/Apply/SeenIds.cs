using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>Which ids a reading that shows everything has seen, so that what it has not seen can be told, and which of them a comparison suspects.</summary>
internal static class SeenIds
{
    private const string Insert = """
        insert into salesforce_sync.seen (read, record_id, stamp, deleted)
        select $1, s.id, s.stamp, s.deleted from unnest($2, $3, $4) as s (id, stamp, deleted) on conflict do nothing
        """;

    private const string Forget = """
        with suspects as (delete from salesforce_sync.suspect where read = $1)
        delete from salesforce_sync.seen where read = $1
        """;

    private const string ForgetClosed = """
        with suspects as (
            delete from salesforce_sync.suspect where read = any(array(
                select r.id from salesforce_sync.read r where r.org = $1 and r.state not in ('waiting', 'reading', 'merging')
                    and exists (select from salesforce_sync.suspect s where s.read = r.id))))
        delete from salesforce_sync.seen where read = any(array(
            select r.id from salesforce_sync.read r where r.org = $1 and r.state not in ('waiting', 'reading', 'merging')
                and exists (select from salesforce_sync.seen s where s.read = r.id)))
        """;

    // Nothing can be absent when every row was made by an event after the reading's anchor.
    private static string HoldsOlderRows(ObjectTable table) => $"""
        select exists (select from {table.Quoted} t where not exists (
            select from salesforce_sync.touch c where c.org = $1 and c.object = $2 and c.record_id = t.id and c.existence and c.event > $3))
        """;

    /// <summary>Whether a reading has to keep its ids; asked when its first rows are merged.</summary>
    public static async Task<bool> AreNeededAsync(OrgTransaction org, string name, Read read, ObjectTable table, CancellationToken stop)
    {
        // What an earlier attempt of the same reading has left.
        await org.RunAsync(Forget, [OrgTransaction.Value(read.Id, NpgsqlDbType.Bigint)], stop);
        await using var older = org.Command(
            HoldsOlderRows(table), OrgTransaction.Value(name, NpgsqlDbType.Text), OrgTransaction.Value(read.Object, NpgsqlDbType.Text),
            OrgTransaction.Value(read.Anchor, NpgsqlDbType.Bigint));
        return await older.ExecuteScalarAsync(stop) is true;
    }

    public static Task AddAsync(OrgTransaction org, long read, IReadOnlyList<EvidenceRow> rows, CancellationToken stop) => org.RunAsync(
        Insert,
        [
            OrgTransaction.Value(read, NpgsqlDbType.Bigint), OrgTransaction.Value(rows.Select(r => r.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text),
            OrgTransaction.Value(rows.Select(r => r.Stamp?.UtcDateTime).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.TimestampTz),
            OrgTransaction.Value(rows.Select(r => r.IsDeleted).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Boolean),
        ],
        stop);

    /// <summary>What readings have left that were closed and whose owner did not live to clear it away.</summary>
    public static async Task ForgetClosedAsync(NpgsqlDataSource source, string org, CancellationToken stop)
    {
        await using var forget = source.CreateCommand(ForgetClosed);
        forget.Parameters.Add(OrgTransaction.Value(org, NpgsqlDbType.Text));
        await forget.ExecuteNonQueryAsync(stop);
    }

    public static async Task ForgetAsync(NpgsqlDataSource source, long read, CancellationToken stop)
    {
        await using var forget = source.CreateCommand(Forget);
        forget.Parameters.Add(OrgTransaction.Value(read, NpgsqlDbType.Bigint));
        await forget.ExecuteNonQueryAsync(stop);
    }
}
