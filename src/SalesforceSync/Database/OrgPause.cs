using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Database;

/// <summary>A paused org, as the database has it.</summary>
/// <param name="Since">When a person paused it.</param>
/// <param name="Heard">By channel, when its stream last said where it is; null when it never did.</param>
internal sealed record PausedOrg(DateTimeOffset Since, IReadOnlyList<(string Channel, DateTimeOffset? At)> Heard);

/// <summary>
/// Whether a person wants nothing of an org to be received and applied. Written by commands, wherever they run, and looked at by the worker that has the org;
/// it outlives both.
/// </summary>
/// <param name="actor">Who wants it, for the audit; null: whoever runs this program.</param>
internal sealed class OrgPause(NpgsqlDataSource source, string org, string? actor = null)
{
    // An org that nobody has copied yet may be paused before its first start.
    private const string Pause = """
        insert into salesforce_sync.org (name, paused_at) values ($1, clock_timestamp())
        on conflict (name) do update set paused_at = clock_timestamp() where org.paused_at is null
        """;

    private const string Resume = "update salesforce_sync.org set paused_at = null where name = $1 and paused_at is not null";

    private const string Look = """
        select o.paused_at, c.channel, c.spoke_at from salesforce_sync.org o
        left join salesforce_sync.cursor c on c.org = o.name and c.stage = 'received'
        where o.name = $1 and o.paused_at is not null order by c.channel
        """;

    /// <summary>False when it was paused before.</summary>
    public Task<bool> PauseAsync(CancellationToken stop) => ChangeAsync(Pause, "pause", stop);

    /// <summary>False when it was not paused.</summary>
    public Task<bool> ResumeAsync(CancellationToken stop) => ChangeAsync(Resume, "resume", stop);

    /// <summary>Null when it is not paused.</summary>
    public async Task<PausedOrg?> FindAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var look = Command(connection, Look);
        await using var row = await look.ExecuteReaderAsync(stop);
        DateTimeOffset? since = null;
        var heard = new List<(string, DateTimeOffset?)>();
        while (await row.ReadAsync(stop))
        {
            since = row.GetFieldValue<DateTimeOffset>(0);
            if (!row.IsDBNull(1))
                heard.Add((row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2)));
        }
        return since is { } at ? new(at, heard) : null;
    }

    private async Task<bool> ChangeAsync(string sql, string verb, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        await using var change = Command(connection, sql);
        var isChanged = await change.ExecuteNonQueryAsync(stop) == 1;
        if (isChanged)
            await Audit.WriteAsync(connection, org, verb, null, new { }, stop, actor);
        await transaction.CommitAsync(CancellationToken.None);
        return isChanged;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { Parameters = { new() { Value = org, NpgsqlDbType = NpgsqlDbType.Text } } };
}
