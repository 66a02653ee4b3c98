using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Snapshot;

/// <summary>Small things that are written down about readings, and asked of them, beside what <see cref="Reads"/> does.</summary>
internal sealed class ReadNotes(NpgsqlDataSource source, Ownership ownership, string schema)
{
    private const string AddCalls = "update salesforce_sync.read set calls = calls + @Calls where org = @Org and id = @Id";

    public async Task CallsAsync(long id, int calls, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(AddCalls, new { Calls = calls, ownership.Org, Id = id }, cancellationToken: stop));
    }

    /// <summary>How many records are here and there, after a comparison of every field.</summary>
    public async Task CountedAsync(Read read, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var values = new { ownership.Org, read.Id, read.Object, Table = Sql.Quote(schema, PostgresName.Of(read.Object)), There = read.RowsMerged / BulkJobs.JobCount(read) };
        var here = await connection.ExecuteScalarAsync<bool>(new CommandDefinition("select to_regclass(@Table) is not null", values, cancellationToken: stop))
            ? $"(select count(*) from {values.Table} where not _sync_deleted)"
            : "0";
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            insert into salesforce_sync.sweep (read, org, object, rows_here, rows_there, compared_at) values (@Id, @Org, @Object, {here},
                coalesce((select nullif(count(*), 0) from salesforce_sync.seen where read = @Id and not deleted), @There), clock_timestamp())
            on conflict (read) do update set rows_here = excluded.rows_here, rows_there = excluded.rows_there, compared_at = excluded.compared_at
            """,
            values, commandTimeout: 600, cancellationToken: stop));
    }
}
