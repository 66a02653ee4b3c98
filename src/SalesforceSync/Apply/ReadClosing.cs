using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>What ends with a reading: repairs, gaps, and the notes that were kept for it. Inside the caller's transaction, which holds the org's row.</summary>
internal sealed class ReadClosing(OrgTransaction org, string name)
{
    private const string Done = """
        update salesforce_sync.read set state = 'done', closed_at = clock_timestamp(), message = null where org = $1 and id = $2 and state in ('reading', 'merging')
        returning object, kind, proves
        """;

    // Whole objects: only a reading of everything answers them. What a table cannot hold is not answered by reading it.
    private const string CloseObjectRepairs = """
        update salesforce_sync.repair p set state = 'done', closed_at = clock_timestamp()
        from salesforce_sync.read r
        where r.org = $1 and r.id = $2 and p.org = $1 and p.object = r.object and p.record_id is null and p.state = 'open'
            and r.kind in ('snapshot', 'repair') and r.condition is null and r.proves
            and coalesce(p.event <= r.anchor, p.opened_at < r.started_at)
            and p.reason not in ('type_changed', 'field_replaced', 'too_many_columns', 'gap_overflow')
        """;

    private const string WriteSnapshot = """
        with noted as (
            update salesforce_sync.object o set snapshot_at = greatest(o.snapshot_at, r.began_at)
            from salesforce_sync.read r where r.org = $1 and r.id = $2 and r.kind = 'snapshot' and r.proves and o.org = $1 and o.object = r.object)
        insert into salesforce_sync.coverage (org, object, state, from_event, to_event, from_at, to_at, evidence)
        select $1, r.object, 'snapshot', r.anchor, coalesce(r.end_event, r.anchor), r.began_at, r.ended_at,
            jsonb_build_object('read', r.id, 'channel', r.channel, 'rows', r.rows_merged)
        from salesforce_sync.read r where r.org = $1 and r.id = $2 and r.kind = 'snapshot' and r.proves
        """;

    // The last reading that showed all of an object, while nothing it found wrong is still being fetched.
    private const string Proofs = """
        proof as (
            select r.object, r.channel, r.id, r.anchor, r.began_at, r.started_at, r.end_event from salesforce_sync.read r
            where r.org = $1 and r.state = 'done' and r.proves and not exists (
                select from salesforce_sync.repair p where p.org = $1 and p.object = r.object and p.state = 'open' and p.reason = 'sweep'))
        """;

    private const string WriteProven = $"""
        with {Proofs}
        update salesforce_sync.object o set proven_at = greatest(o.proven_at, p.began_at)
        from (select object, max(began_at) as began_at from proof group by object) p
        where o.org = $1 and o.object = p.object and p.began_at > coalesce(o.proven_at, '-infinity')
        """;

    // What is not written, or not shown to us, is not proven by reading it; nor is what events that are passed over bring tomorrow.
    private const string IsHeldOpen = """
        (exists (select from salesforce_sync.field f where f.org = g.org and f.object = g.object and f.field = g.evidence ->> 'field'
            and f.state <> 'replaced' and f.removed_at is null and (f.state = 'frozen' or f.hidden_at is not null))
        or exists (select from salesforce_sync.object b where b.org = g.org and b.object = g.object and b.state = 'paused'))
        """;

    // A gap of all objects is closed when every object of its channel is proven by a reading of its own; a paused one has a gap of its own.
    private const string CloseGaps = $"""
        with {Proofs},
        concerned as (
            select g.id, g.from_event, g.recorded_at, o.object from salesforce_sync.coverage g join salesforce_sync.object o
                on o.org = $1 and o.state <> 'paused' and coalesce(g.evidence ->> 'channel', o.channel) = o.channel
            where g.org = $1 and g.state = 'gap' and g.to_event is null and g.object is null
            union all
            select g.id, g.from_event, g.recorded_at, g.object from salesforce_sync.coverage g
            where g.org = $1 and g.state = 'gap' and g.to_event is null and g.object is not null and not g.evidence ? 'field' and not {IsHeldOpen}),
        shown as (
            select c.id as gap, c.object, (
                select array[p.id, coalesce(p.end_event, p.anchor)] from proof p
                where p.object = c.object and p.anchor >= c.from_event and p.started_at > c.recorded_at order by p.id limit 1) as by
            from concerned c),
        closed as (
            select gap, jsonb_agg(by[1] order by by[1]) as reads, max(by[2]) as to_event from shown group by gap having bool_and(by is not null))
        update salesforce_sync.coverage g set state = 'repaired', to_event = c.to_event, to_at = coalesce(g.to_at, clock_timestamp()),
            evidence = g.evidence || jsonb_build_object('reads', c.reads)
        from closed c where g.id = c.gap
        """;

    // One repair for any number of overflows, each of which has a gap: answered when of every gap that is open still what changed since was read.
    private const string CloseOverflows = """
        update salesforce_sync.repair p set state = 'done', closed_at = clock_timestamp()
        where p.org = $1 and p.object = $2 and p.record_id is null and p.state = 'open' and p.reason = 'gap_overflow' and not exists (
            select from salesforce_sync.coverage g
            where g.org = $1 and g.object = $2 and g.state = 'gap' and g.to_event is null and g.evidence ->> 'reason' = 'gap_overflow' and not exists (
                select from salesforce_sync.read s
                where s.org = $1 and s.object = $2 and s.kind = 'snapshot' and s.state = 'done' and s.condition is null
                    and (s.proves or s.since <= g.from_at) and s.started_at > g.recorded_at and s.anchor >= g.from_event))
        """;

    // A gap of one field is closed by a reading of that field.
    private const string CloseFieldGaps = $"""
        update salesforce_sync.coverage g set state = 'repaired', to_event = coalesce(r.end_event, r.anchor), to_at = coalesce(g.to_at, clock_timestamp()),
            evidence = g.evidence || jsonb_build_object('reads', jsonb_build_array(r.id))
        from salesforce_sync.read r
        where r.org = $1 and r.id = $2 and r.kind in ('snapshot', 'fill') and r.condition is null and r.since is null
            and g.org = $1 and g.object = r.object and g.state = 'gap' and g.to_event is null and g.evidence ? 'field'
            and lower(g.evidence ->> 'field') in (select lower(f) from unnest(r.fields) as f)
            and r.anchor >= g.from_event and r.started_at > g.recorded_at and not {IsHeldOpen}
        """;

    private const string ForgetReading = """
        with left_open as (
            select coalesce(array_agg(distinct r.object), '{}') as objects from salesforce_sync.read r where r.org = $1 and r.state in ('reading', 'merging')),
        noted as (update salesforce_sync.org o set reading = l.objects from left_open l where o.name = $1)
        delete from salesforce_sync.touch t using left_open l where t.org = $1 and t.object <> all(l.objects)
        """;

    public async Task CloseAsync(long id, CancellationToken stop)
    {
        ReadKind kind;
        bool proves;
        string objectName;
        await using (var done = org.Command(Done, Name(), Id(id)))
        await using (var row = await done.ExecuteReaderAsync(stop))
        {
            if (!await row.ReadAsync(stop))
                throw new InvalidOperationException($"{name}: reading {id} cannot be closed: it is not under way");
            (objectName, kind, proves) = (row.GetString(0), Enum.Parse<ReadKind>(row.GetString(1), ignoreCase: true), row.GetBoolean(2));
        }
        OrgStatement[] answered = kind == ReadKind.Snapshot && proves ? [new(AnsweredRepairs.OfObject, Name(), Id(id))] : [];
        await org.RunAllAsync(
            [
                .. answered,
                new(CloseObjectRepairs, Name(), Id(id)),
                new(WriteSnapshot, Name(), Id(id)),
                new(WriteProven, Name()),
                new(PlantedBug.Is(PlantedBugs.ReadingSurvivesLoss) ? CloseGaps.Replace("and p.started_at > c.recorded_at", "", StringComparison.Ordinal) : CloseGaps, Name()),
                new(CloseOverflows, Name(), OrgTransaction.Value(objectName, NpgsqlDbType.Text)),
                new(CloseFieldGaps, Name(), Id(id)),
                FieldSight.CloseGone(name, objectName),
                Forget(),
            ],
            stop);
    }

    /// <summary>Drops touches that no open reading needs.</summary>
    public Task ForgetAsync(CancellationToken stop) => org.RunAllAsync([Forget()], stop);

    private OrgStatement Forget() =>
        new(PlantedBug.Is(PlantedBugs.TouchesDroppedEarly) ? ForgetReading.Replace("and t.object <> all(l.objects)", "", StringComparison.Ordinal) : ForgetReading, Name());

    private NpgsqlParameter Name() => OrgTransaction.Value(name, NpgsqlDbType.Text);

    private static NpgsqlParameter Id(long id) => OrgTransaction.Value(id, NpgsqlDbType.Bigint);
}
