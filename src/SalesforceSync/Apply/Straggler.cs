using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>What becomes of a change that came after the rest of its transaction was applied.</summary>
internal enum StragglerVerdict
{
    /// <summary>Nothing later has touched the record: the change is written.</summary>
    Write,

    /// <summary>The record shows this very change already: it was delivered again.</summary>
    Repeated,

    /// <summary>A later event has touched the record: writing would put older over newer, so the record is fetched instead.</summary>
    Overtaken,
}

/// <summary>What a row says of who wrote it last; null where a reading did.</summary>
/// <param name="Number">The apply number.</param>
internal readonly record struct LastWriter(long? Number, string? Key, int? Sequence);

/// <summary>Judges late changes by what the table says of the record's last writer.</summary>
internal sealed class Straggler(NpgsqlConnection connection, string schema, RecentTransactions recent)
{
    private const string HasTable = "select to_regclass($1) is not null";

    public async Task<StragglerVerdict> JudgeAsync(ChangeEventHeader late, string recordId, CancellationToken stop)
    {
        var table = $"{Sql.Quote(schema)}.{Sql.Quote(PostgresName.Of(late.EntityName))}";
        await using (var exists = new NpgsqlCommand(HasTable, connection) { Parameters = { Text(table) } })
        {
            if (await exists.ExecuteScalarAsync(stop) is not true)
                return StragglerVerdict.Write;
        }
        await using var find = new NpgsqlCommand($"select _sync_event, _sync_transaction_key, _sync_sequence from {table} where id = $1", connection)
        {
            Parameters = { Text(recordId) },
        };
        await using var row = await find.ExecuteReaderAsync(stop);
        if (!await row.ReadAsync(stop))
            return StragglerVerdict.Write;
        var last = new LastWriter(
            row.IsDBNull(0) ? null : row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetInt32(2));
        return Judge(late, last, recent.Find(late.TransactionKey)?.LastWrite ?? 0);
    }

    /// <param name="last">What the record's row says of its last writer.</param>
    /// <param name="lastWrite">The apply number of the last write of the straggler's own transaction; 0 where it is not known.</param>
    public static StragglerVerdict Judge(ChangeEventHeader late, LastWriter last, long lastWrite)
    {
        if (PlantedBug.Is(PlantedBugs.LateOverNewer))
            return StragglerVerdict.Write;
        if (last.Key == late.TransactionKey)
            return last.Sequence >= late.SequenceNumber ? StragglerVerdict.Repeated : StragglerVerdict.Write;
        return last.Number <= lastWrite ? StragglerVerdict.Write : StragglerVerdict.Overtaken;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
