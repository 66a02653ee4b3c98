using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// The temporary tables of merges, which stay with the session: making and dropping them costs more than all the rest of a small merge, and leaves dead rows
/// in Postgres' catalog each time. The rows of one call are told from those of others by its number; old ones are removed together once there are many.
/// </summary>
internal static class MergeStage
{
    /// <summary>What rows were before a call changed them; the same for every table.</summary>
    public const string Before = "pg_temp.evidence_before";

    private const long MostOldBytes = 4 << 20;

    private const string Create = "create temp table if not exists evidence_before (call bigint not null, id text collate \"C\" not null, was jsonb)";

    private const string OldBytes = "select coalesce(pg_relation_size(to_regclass($1)), 0) + coalesce(pg_relation_size(to_regclass($2)), 0)";

    private static long _calls;

    /// <summary>A number that no other call of this process has.</summary>
    public static long NextCall() => Interlocked.Increment(ref _calls);

    /// <summary>Sees to it that the tables are there and not too full. Within the transaction that uses them.</summary>
    /// <param name="sql">Whose stage is needed too; null where rows are only removed.</param>
    public static async Task PrepareAsync(NpgsqlConnection connection, EvidenceSql? sql, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(Create) } };
        if (sql is not null)
            batch.BatchCommands.Add(new(sql.Create));
        batch.BatchCommands.Add(new(OldBytes)
        {
            Parameters = { OrgTransaction.Value(Before, NpgsqlDbType.Text), OrgTransaction.Value(sql?.Stage, NpgsqlDbType.Text) },
        });
        if ((long)(await batch.ExecuteScalarAsync(stop))! <= MostOldBytes)
            return;
        await using var empty = new NpgsqlCommand($"truncate {Before}{(sql is null ? "" : $", {sql.Stage}")}", connection);
        await empty.ExecuteNonQueryAsync(stop);
    }
}
