using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// A person lets an object be copied again that was paused or frozen. The worker, if there is one, notices with the next event of the object; what was passed
/// over is read by a snapshot, and only that closes the gap (rule B7).
/// </summary>
internal static class ResumedObject
{
    // What was read meanwhile proves nothing of what was passed over after it.
    private const string Resume = $"""
        with resumed as (
            update salesforce_sync.object o set state = 'copied', state_reason = null,
                accepts = o.accepts or (o.state = 'paused' and o.state_reason is not distinct from '{DriftRows.PausedBySchema}')
            where o.org = $1 and lower(o.object) = lower($2) and o.state in ('paused', 'frozen') returning o.object, o.channel),
        longer as (
            update salesforce_sync.coverage g set recorded_at = clock_timestamp() from resumed
            where g.org = $1 and g.object = resumed.object and g.state = 'gap' and g.to_event is null and g.evidence ->> 'reason' = '{DriftRows.PausedGap}'),
        asked as (
            insert into salesforce_sync.read (org, object, channel, kind, reason, proves)
            select $1, object, channel, 'snapshot', 'resumed', true from resumed
            on conflict (org, object) where kind = 'snapshot' and state in ('waiting', 'reading', 'merging') do nothing)
        select object from resumed
        """;

    private const string State = "select state from salesforce_sync.object where org = $1 and lower(object) = lower($2)";

    /// <summary>The state the object had: null when there is none of that name, otherwise resumed if it was not <c>copied</c>.</summary>
    public static async Task<string?> FromAsync(NpgsqlDataSource source, string org, string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        // No event is passed over by a transaction that began before and ends after.
        await OrgRow.LockAsync(connection, org, stop);
        await using var look = Command(connection, State, org, objectName);
        var before = await look.ExecuteScalarAsync(stop) as string;
        if (before is "paused" or "frozen")
        {
            await using var resume = Command(connection, Resume, org, objectName);
            await Audit.WriteAsync(connection, org, "resume", await resume.ExecuteScalarAsync(stop) as string, new { before }, stop);
        }
        await transaction.CommitAsync(CancellationToken.None);
        return before;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string org, string objectName) => new(sql, connection)
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = org }, new NpgsqlParameter<string> { TypedValue = objectName } },
    };
}
