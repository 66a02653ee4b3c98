using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Decode;

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
        var sameTransaction = !row.IsDBNull(1) && row.GetString(1) == late.TransactionKey;
        if (sameTransaction)
            return !row.IsDBNull(2) && row.GetInt32(2) >= late.SequenceNumber ? StragglerVerdict.Repeated : StragglerVerdict.Write;
        var lastWrite = recent.Find(late.TransactionKey)?.LastWrite ?? 0;
        return !row.IsDBNull(0) && row.GetInt64(0) <= lastWrite ? StragglerVerdict.Write : StragglerVerdict.Overtaken;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
