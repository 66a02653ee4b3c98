using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;

namespace SalesforceSync.Snapshot;

/// <summary>Small things that are written down about readings, and asked of them, beside what <see cref="Reads"/> does.</summary>
internal sealed class ReadNotes(NpgsqlDataSource source, Ownership ownership)
{
    private const string AddCalls = "update salesforce_sync.read set calls = calls + @Calls where org = @Org and id = @Id";

    // A position that was lost after a reading began may hide changes that its rows do not show yet (rule B5).
    private const string LostSince = """
        select exists (select from salesforce_sync.read r join salesforce_sync.coverage g
            on g.org = r.org and g.state in ('gap', 'repaired') and g.evidence ? 'policy' and coalesce(g.evidence ->> 'channel', r.channel) = r.channel
                and g.recorded_at > r.started_at
            where r.org = @Org and r.id = @Id)
        """;

    public async Task CallsAsync(long id, int calls, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(AddCalls, new { Calls = calls, ownership.Org, Id = id }, cancellationToken: stop));
    }

    public async Task<bool> IsOvertakenAsync(Read read, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(LostSince, new { ownership.Org, read.Id }, cancellationToken: stop));
    }
}
