using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Repair;

/// <summary>
/// Repairs that name no record: the object is read as a whole. An event of a schema that cannot be understood asks for the object the schema names, else for
/// every object of its channel.
/// </summary>
internal sealed class WholeObjects(NpgsqlDataSource source, Ownership ownership, Reads reads, ObjectDiscovery discovery, OrgObjects objects, TimeProvider time, ILogger logger)
{
    private const string OfSchema = "schema ";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // What a table cannot hold is not answered by reading it; an overflow has a gap, and the gap its reading.
    private const string Due = """
        select r.id as Id, r.object as Object, o.channel as Channel, r.reason as Reason, r.tries as Tries, coalesce(o.state, 'copied') as State
        from salesforce_sync.repair r left join salesforce_sync.object o on o.org = @Org and lower(o.object) = lower(r.object)
        where r.org = @Org and r.state = 'open' and r.record_id is null and (r.next_at is null or r.next_at <= @Now)
            and r.reason not in ('type_changed', 'field_replaced', 'too_many_columns')
            and not exists (select from salesforce_sync.read s
                where s.org = @Org and s.object = o.object and s.kind = 'snapshot' and s.state in ('waiting', 'reading', 'merging'))
        order by r.id limit 50
        """;

    private const string PutOff = "update salesforce_sync.repair set next_at = @At, tries = tries + 1 where org = @Org and id = @Id";

    private const string SchemaJson = "select json from salesforce_sync.avro_schema where schema_id = @SchemaId";

    private const string Replace = """
        with closed as (
            update salesforce_sync.repair set state = 'done', closed_at = clock_timestamp(), message = @Message
            where org = @Org and id = @Id and state = 'open' and exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)
            returning event)
        insert into salesforce_sync.repair (org, object, record_id, reason, event) select @Org, o, null, 'quarantine', c.event from closed c, unnest(@Objects) o
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event), asked_at = clock_timestamp()
        """;

    private const string OfChannel = """
        select o.object from salesforce_sync.object o where o.org = @Org and o.channel in (
            select q.channel from salesforce_sync.quarantine q where q.org = @Org and q.schema_id = @SchemaId)
        """;

    private DateTimeOffset _nextLook = DateTimeOffset.MinValue;

    /// <summary>Asks for readings of whole objects; true when there was something to ask.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (now < _nextLook)
            return false;
        _nextLook = now + LookEvery;
        await using var connection = await source.OpenConnectionAsync(stop);
        var due = (await connection.QueryAsync<Row>(new CommandDefinition(Due, new { ownership.Org, Now = now.UtcDateTime }, cancellationToken: stop))).ToList();
        foreach (var repair in due)
            await AskAsync(connection, repair, now, stop);
        return due.Count > 0;
    }

    /// <summary>Nothing is to be repaired of an object that is not copied.</summary>
    public async Task ForgetAsync(string objectName, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await LeftOutObjects.ForgetAsync(connection, ownership, [objectName], stop);
    }

    /// <summary>Lists an object that nobody has listed yet.</summary>
    public Task MeetAsync(string objectName, CancellationToken stop) => objects.AddAsync(objectName, discovery.ChannelOf(objectName), null, stop);

    private async Task AskAsync(NpgsqlConnection connection, Row repair, DateTimeOffset now, CancellationToken stop)
    {
        if (repair.Object.StartsWith(OfSchema, StringComparison.Ordinal))
        {
            await NameObjectsAsync(connection, repair, now, stop);
            return;
        }
        if (!discovery.IsCopied(repair.Object))
        {
            await ForgetAsync(repair.Object, stop);
            return;
        }
        if (repair.Channel is not { } channel)
        {
            await MeetAsync(repair.Object, stop);
            return;
        }
        await connection.ExecuteAsync(new CommandDefinition(PutOff, new { ownership.Org, repair.Id, At = (now + RepairDelay.Pause(repair.Tries + 3)).UtcDateTime }, cancellationToken: stop));
        if (repair.State != "copied" || repair.Reason == "gap_overflow")
            return;
        await reads.RequestAsync(new(repair.Object, channel, ReadKind.Snapshot, repair.Reason, Proves: true), stop);
        logger.WholeObjectAsked(ownership.Org, repair.Object, repair.Reason);
    }

    /// <summary>Which object an event was about, where not even its header could be read.</summary>
    private async Task NameObjectsAsync(NpgsqlConnection connection, Row repair, DateTimeOffset now, CancellationToken stop)
    {
        var schemaId = repair.Object[OfSchema.Length..];
        var json = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(SchemaJson, new { SchemaId = schemaId }, cancellationToken: stop));
        string[] named = ObjectOf(json) is { } one
            ? [one]
            : [.. await connection.QueryAsync<string>(new CommandDefinition(OfChannel, new { ownership.Org, SchemaId = schemaId }, cancellationToken: stop))];
        if (named.Length == 0)
        {
            // No object of the channel is known yet: the first one that is will do.
            await connection.ExecuteAsync(new CommandDefinition(PutOff, new { ownership.Org, repair.Id, At = (now + RepairDelay.Pause(repair.Tries)).UtcDateTime }, cancellationToken: stop));
            return;
        }
        await connection.ExecuteAsync(new CommandDefinition(
            Replace, new { ownership.Org, ownership.Epoch, ownership.Owner, repair.Id, Objects = named, Message = $"read as {string.Join(", ", named)}" }, cancellationToken: stop));
    }

    private static string? ObjectOf(string? json)
    {
        if (json is null)
            return null;
        try
        {
            using var schema = JsonDocument.Parse(json);
            return schema.RootElement.ValueKind == JsonValueKind.Object && schema.RootElement.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? ChangeTopic.ObjectOf(name.GetString()!)
                : null;
        }
        catch (JsonException)
        {
            // It could not be compiled either: that is why the event is parked.
            return null;
        }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Object { get; init; } = "";

        public string? Channel { get; init; }

        public string Reason { get; init; } = "";

        public int Tries { get; init; }

        public string State { get; init; } = "";
    }
}
