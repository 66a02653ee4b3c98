using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Rebuild;

/// <summary>
/// Keeps a copy of every table of one org, from which the table can be made again (rule H). A copy is taken when a snapshot or fill has closed, whose rows
/// are kept nowhere else, and before it is so old that events after it would have to be kept beyond the retention. Takes no lock of the org: a transaction
/// that reads one state of the database sees the table and the apply number that belongs to it.
/// </summary>
/// <param name="rules">What of an object is copied.</param>
/// <param name="retention">How long events are kept.</param>
internal sealed class Images(NpgsqlDataSource source, Ownership ownership, string schema, Func<string, ObjectRule> rules, TimeSpan retention, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DropEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    private const string Known = $"""
        select o.object, o.channel, i.rule, coalesce(i.at < now() - $2 or {KeptImage.OtherHidden} or exists (
            select from salesforce_sync.read r where r.org = $1 and r.object = o.object and r.kind in ('snapshot', 'fill') and r.state in ('done', 'failed')
                and r.closed_at > i.at), true)
        from salesforce_sync.object o
        join salesforce_sync.org on org.name = o.org
        left join salesforce_sync.image i on i.org = o.org and i.object = o.object
        where o.org = $1 and org.epoch = $3 and org.owner = $4 and not exists (
            select from salesforce_sync.read r where r.org = $1 and r.object = o.object and r.kind in ('snapshot', 'fill') and r.state = 'merging')
        order by i.at nulls first, o.object
        """;

    private const string Columns = """
        select a.attname::text from pg_catalog.pg_attribute a
        where a.attrelid = to_regclass($3) and a.attnum > 0 and not a.attisdropped and (a.attname = any($4)
            or a.attname in (select f."column" from salesforce_sync.field f where f.org = $1 and f.object = $2)) order by a.attnum
        """;

    private const string Record = """
        insert into salesforce_sync.image as kept (org, object, "table", number, channel, event, fields, rule, at)
        select $1, $2, $3, org.apply_number, $4,
            coalesce((select c.event from salesforce_sync.cursor c where c.org = $1 and c.channel = $4 and c.stage = 'applied'), 0),
            coalesce((select jsonb_agg(to_jsonb(f)) from salesforce_sync.field f where f.org = $1 and f.object = $2), '[]'), $7, now()
        from salesforce_sync.org where org.name = $1 and org.epoch = $5 and org.owner = $6
        on conflict (org, object) do update set "table" = excluded."table", number = excluded.number, channel = excluded.channel, event = excluded.event,
            fields = excluded.fields, rule = excluded.rule, at = excluded.at
        returning number
        """;

    // Older than every copy, and of events that are gone: nothing is replayed from there, and nobody can ask what they were.
    private const string DropInputs = """
        with base as (
            select min(coalesce(i.number, 0)) as number from salesforce_sync.object o
            left join salesforce_sync.image i on i.org = o.org and i.object = o.object where o.org = $1),
        gone as (
            delete from salesforce_sync.input i using base where i.org = $1 and i.first <= base.number and i.first + i.count - 1 <= base.number and (
                exists (select from salesforce_sync.read r where r.id = i.read and r.closed_at < $2)
                or i.channel is not null and not exists (
                    select from salesforce_sync.event e where e.org = $1 and e.channel = i.channel and e.event <= abs(i.events[cardinality(i.events)])))
            returning i.first, i.read)
        delete from salesforce_sync.read_row r using gone where gone.read is not null and r.org = $1 and r.number = gone.first
        """;

    /// <summary>Runs until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var dropped = time.GetTimestamp();
        var pause = Pause;
        while (true)
        {
            try
            {
                while (await StepAsync(stop))
                {
                }
                if (time.GetElapsedTime(dropped) > DropEvery)
                {
                    await DropInputsAsync(stop);
                    dropped = time.GetTimestamp();
                }
                pause = Pause;
            }
            catch (NpgsqlException failure)
            {
                logger.ImageFailed(ownership.Org, failure.Message);
                // A lock that was waited for in vain is soon free; what stays is not tried all the time.
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            await Task.Delay(pause, time, stop);
        }
    }

    /// <summary>Drops the inputs that nothing rests on any more.</summary>
    public async Task DropInputsAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var drop = Command(connection, DropInputs, Text(ownership.Org), Time(time.GetUtcNow() - retention));
        await drop.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Takes the copy of one table that needs one; false when none does.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        if (await DueAsync(stop) is not { } due)
            return false;
        return await TakeAsync(due.Object, due.Channel, stop);
    }

    private async Task<(string Object, string Channel)?> DueAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var known = Command(connection, Known, Text(ownership.Org), Age(retention - Earlier()), Number(ownership.Epoch), Token());
        await using var row = await known.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            if (row.GetBoolean(3) || row.GetString(2) != KeptImage.RuleText(rules(row.GetString(0))))
                return (row.GetString(0), row.GetString(1));
        }
        return null;
    }

    /// <summary>So much before its events are as old as the retention a copy is taken anew: partitions are of a day.</summary>
    private TimeSpan Earlier() => retention / 2 < OneDay ? retention / 2 : OneDay;

    /// <summary>False when the table came or went meanwhile: to be tried again later.</summary>
    private async Task<bool> TakeAsync(string objectName, string channel, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var table = Sql.Quote(schema, PostgresName.Of(objectName));
        await using var connection = await source.OpenConnectionAsync(stop);
        var exists = await ScalarAsync(connection, "select to_regclass($1)::oid::bigint", stop, Text(table)) is long;
        var name = exists ? $"image_{await ScalarAsync(connection, "select nextval('salesforce_sync.image_number')", stop)}" : null;
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop);
        // Before anything is read: a table that is rewritten looks empty to a state of the database from before.
        if (exists)
            await RunAsync(connection, $"lock table {table} in access share mode", stop);
        if (await ScalarAsync(connection, "select to_regclass($1)::oid::bigint", stop, Text(table)) is long != exists)
            return false;
        var before = await ScalarAsync(connection, """select "table" from salesforce_sync.image where org = $1 and object = $2""", stop, Text(ownership.Org), Text(objectName));
        if (name is not null)
        {
            var columns = new List<string>();
            await using (var command = Command(
                connection, Columns, Text(ownership.Org), Text(objectName), Text(table),
                new() { Value = SystemColumns.All.Select(c => c.Name).Append(SystemColumns.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }))
            await using (var row = await command.ExecuteReaderAsync(stop))
            {
                while (await row.ReadAsync(stop))
                    columns.Add(Sql.Quote(row.GetString(0)));
            }
            await RunAsync(connection, $"create table {Sql.Quote(ShadowTable.ImageSchema, name)} as select {string.Join(", ", columns)} from {table}", stop);
        }
        var number = await ScalarAsync(
            connection, Record, stop, Text(ownership.Org), Text(objectName), Text(name), Text(channel), Number(ownership.Epoch), Token(),
            Text(KeptImage.RuleText(rules(objectName))));
        if (number is not long taken)
            throw new OwnershipLostException(ownership, "the org's row");
        if (before is string old)
            await RunAsync(connection, $"drop table if exists {Sql.Quote(ShadowTable.ImageSchema, old)}", stop);
        CrashPoint.Hit(CrashPoints.ImageBeforeCommit);
        await transaction.CommitAsync(CancellationToken.None);
        CrashPoint.Hit(CrashPoints.ImageAfterCommit);
        logger.ImageTaken(ownership.Org, objectName, taken, time.GetElapsedTime(began).TotalMilliseconds);
        return true;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(stop) is var value and not DBNull ? value : null;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Age(TimeSpan value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Interval };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Time(DateTimeOffset value) => new() { Value = value.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private NpgsqlParameter Token() => new() { Value = ownership.Owner, NpgsqlDbType = NpgsqlDbType.Uuid };
}
