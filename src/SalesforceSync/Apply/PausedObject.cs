using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// A person wants an object not to be copied for a while. It is treated as one that is paused for a change of its fields: its events are received, stored and
/// passed over, nothing of it is fetched or compared, and a gap says since when. <see cref="ResumedObject"/> ends it.
/// </summary>
internal static class PausedObject
{
    /// <summary>Why it is paused; anything but <see cref="DriftRows.PausedBySchema"/> holds under every policy.</summary>
    private const string ByPerson = "a person paused it";

    private const string State = "select state from salesforce_sync.object where org = $1 and lower(object) = lower($2)";

    // The worker looks at its tables again, and finds the object paused. The gap begins with the last event that was applied, since a reading that has received no
    // other has seen all there is, and 30 minutes before its time: late commits carry older ones (rule B5).
    private const string Pause = $"""
        with paused as (
            update salesforce_sync.object set state = 'paused', state_reason = '{ByPerson}'
            where org = $1 and lower(object) = lower($2) and state = 'copied' returning object, channel),
        told as (
            update salesforce_sync.org set table_changes = table_changes + 1 where name = $1 and exists (select from paused)),
        gap as (
            insert into salesforce_sync.coverage (org, object, state, from_event, from_at, evidence)
            select $1, p.object, 'gap', coalesce(a.event, 0), coalesce(a.commit_at, clock_timestamp()) - interval '30 minutes',
                jsonb_build_object('channel', p.channel, 'reason', '{DriftRows.PausedGap}', 'by', 'person')
            from paused p left join salesforce_sync.cursor a on a.org = $1 and a.channel = p.channel and a.stage = 'applied')
        select object from paused
        """;

    /// <summary>The state the object had: null when there is none of that name, otherwise paused if it was <c>copied</c>.</summary>
    public static async Task<string?> FromAsync(NpgsqlDataSource source, string org, string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        // Nothing is being applied meanwhile: whatever the gap does not reach back to is written.
        await OrgRow.LockAsync(connection, org, stop);
        var before = await ScalarAsync(connection, State, stop, org, objectName) as string;
        if (before == "copied")
            await Audit.WriteAsync(connection, org, "pause", await ScalarAsync(connection, Pause, stop, org, objectName) as string, new { before }, stop);
        await transaction.CommitAsync(CancellationToken.None);
        return before;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return await command.ExecuteScalarAsync(stop);
    }
}
