using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Masks;
using SalesforceSync.Store;

namespace SalesforceSync.Parked;

/// <summary>
/// The events of one org that could not be decoded or written, and what a person decides of them. Works on the database alone: the worker, wherever it runs,
/// finds what is asked of it there.
/// </summary>
/// <param name="actor">Who decides, for the audit; null: whoever runs this program.</param>
/// <param name="masks">What stands in the place of values; null: nothing does.</param>
internal sealed class ParkedEvents(NpgsqlDataSource source, string org, string? actor = null, OrgMasks? masks = null)
{
    private const string Find = """
        select q.id as "Id", q.org as "Org", q.channel as "Channel", q.event as "Event", encode(q.replay_id, 'hex') as "ReplayId", q.schema_id as "SchemaId", q.object as "Object",
            q.reason as "Reason", q.state as "State", q.at as "At", q.closed_at as "ClosedAt", length(q.payload) as "Bytes", q.payload as "Payload",
            encode(q.payload_sha256, 'hex') as "Sha256", q.header::text as "Header",
            coalesce((select case when bool_or(r.state = 'open') then 'open' when bool_or(r.state = 'failed') then 'failed' else 'done' end
                from salesforce_sync.repair r where r.org = q.org and r.reason = 'quarantine' and r.event >= q.event
                    and (q.object is null or r.object = q.object) having count(*) > 0), 'none') as "Fetch"
        from salesforce_sync.quarantine q
        where q.org = @Org and (@AnyId or q.id = any(@Ids)) and (@AnyObject or lower(q.object) = any(@Objects)) and (@Closed or q.state = 'open')
        order by q.id
        """;

    private const string Close = """
        update salesforce_sync.quarantine set state = @State, closed_at = clock_timestamp() where org = @Org and id = @Id and state = 'open'
        """;

    // One that waits for its next try is tried now: the cause may be mended.
    private const string Fetch = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event)
        select distinct @Org, r.object, r.record_id, 'quarantine', @Event from unnest(@Objects, @Records) as r (object, record_id)
        on conflict (org, object, record_id, reason) where state = 'open'
        do update set event = greatest(repair.event, excluded.event), opened_at = clock_timestamp(), asked_at = clock_timestamp(), next_at = null, message = null
        """;

    // Parking asked for the fetch already; were its row gone, nothing would say any more that the event was skipped.
    private const string FetchUnlessAsked = """
        insert into salesforce_sync.repair (org, object, record_id, reason, event)
        select distinct @Org, r.object, r.record_id, 'quarantine', @Event from unnest(@Objects, @Records) as r (object, record_id)
        where not exists (
            select from salesforce_sync.repair p
            where p.org = @Org and p.object = r.object and p.record_id is not distinct from r.record_id and p.reason = 'quarantine' and p.event >= @Event)
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event), asked_at = clock_timestamp()
        """;

    private const string NotKept = "its payload is not kept";

    private readonly CompiledSchemas _schemas = new(new SchemaStore(source).FindAsync, masks);

    /// <summary>Those chosen, the oldest first.</summary>
    /// <param name="closed">Those that are closed too.</param>
    public async Task<IReadOnlyList<ParkedEvent>> FindAsync(ParkedChoice choice, bool closed, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        var values = new
        {
            Org = org,
            AnyId = choice.Ids.Count == 0,
            Ids = choice.Ids.ToArray(),
            AnyObject = choice.Objects.Count == 0,
            Objects = choice.Objects.Select(o => o.ToLowerInvariant()).ToArray(),
            Closed = closed,
        };
        return [.. await connection.QueryAsync<ParkedEvent>(new CommandDefinition(Find, values, cancellationToken: stop))];
    }

    /// <summary>What this program, with the schemas that are stored now, makes of an event.</summary>
    public ValueTask<TransactionEvent> UnderstandAsync(ParkedEvent parked, CancellationToken stop) => parked.Payload is null
        ? ValueTask.FromResult(new TransactionEvent(parked.Stored(), parked.Header is { } header ? HeaderJson.Read(header) : null, null, NotKept))
        : _schemas.UnderstandAsync(parked.Stored(), stop);

    /// <summary>
    /// Closes the events that can be decoded now and has the records they name fetched; the others stay open, with the reason. The event itself is not written
    /// any more (rule D4): its place in the order is used up, and that nothing newer has touched the record cannot be seen, since a reading that found nothing to
    /// change leaves no trace in the row and a deleted row none at all. What Salesforce says now is never older than the event.
    /// </summary>
    public async Task<IReadOnlyList<ParkedOutcome>> RetryAsync(IReadOnlyList<ParkedEvent> events, CancellationToken stop)
    {
        var decoded = new List<(ParkedEvent Event, RepairRequest[] Requests)>();
        var outcomes = new List<ParkedOutcome>();
        foreach (var parked in events)
        {
            var understood = await UnderstandAsync(parked, stop);
            // What is not kept cannot be tried again: its records are fetched as if it could be read.
            if (parked.Payload is not null && Fault(understood) is { } fault)
                outcomes.Add(new(parked.Id, parked.Object, parked.State, [], fault));
            else
                decoded.Add((parked, Requests(understood)));
        }
        await CloseAsync(decoded, "retry", "retried", Fetch, outcomes, stop);
        return [.. outcomes.OrderBy(o => o.Id)];
    }

    /// <summary>Closes the events and does nothing else: what they said comes with the fetch that was asked for when they were parked.</summary>
    public async Task<IReadOnlyList<ParkedOutcome>> DropAsync(IReadOnlyList<ParkedEvent> events, CancellationToken stop)
    {
        var dropped = new List<(ParkedEvent Event, RepairRequest[] Requests)>();
        foreach (var parked in events)
            dropped.Add((parked, Requests(await UnderstandAsync(parked, stop))));
        var outcomes = new List<ParkedOutcome>();
        await CloseAsync(dropped, "drop", "dropped", FetchUnlessAsked, outcomes, stop);
        return outcomes;
    }

    private async Task CloseAsync(
        IReadOnlyList<(ParkedEvent Event, RepairRequest[] Requests)> events, string act, string state, string ask, List<ParkedOutcome> outcomes, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await OrgRow.LockAsync(connection, org, stop);
        foreach (var (parked, requests) in events)
        {
            // Somebody else may have been quicker.
            if (await connection.ExecuteAsync(new CommandDefinition(Close, new { Org = org, parked.Id, State = state }, transaction, cancellationToken: stop)) != 1)
                continue;
            var values = new
            {
                Org = org,
                parked.Event,
                Objects = requests.Select(r => r.Object).ToArray(),
                Records = requests.Select(r => r.RecordId).ToArray(),
            };
            await connection.ExecuteAsync(new CommandDefinition(ask, values, transaction, cancellationToken: stop));
            var records = requests.Select(r => r.RecordId).OfType<string>().ToList();
            var details = new { act, parked.Channel, parked.Event, parked.Object, parked.Reason, records };
            await Audit.WriteAsync(connection, org, "quarantine", $"{parked.Id}", details, stop, actor);
            outcomes.Add(new(parked.Id, parked.Object ?? requests[0].Object, state, records, null));
        }
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static string? Fault(TransactionEvent understood) => understood switch
    {
        { Change: null } => understood.Fault,
        { Change.Header: { Kind: ChangeKind.Unknown or ChangeKind.Snapshot } header } => $"change type {header.ChangeType} is not known",
        _ => null,
    };

    /// <summary>What is to be fetched in an event's stead, as when it was parked.</summary>
    private static RepairRequest[] Requests(TransactionEvent understood) => understood.Header switch
    {
        null => [RepairRequest.OfSchema(understood.Stored.SchemaId, RepairReason.Quarantine)],
        { Kind: ChangeKind.GapOverflow } or { RecordIds: [] } => [new(understood.Header.EntityName, null, RepairReason.Quarantine)],
        var header => [.. header.RecordIds.Select(id => RepairRequest.Of(header.EntityName, id, RepairReason.Quarantine)).Distinct()],
    };
}
