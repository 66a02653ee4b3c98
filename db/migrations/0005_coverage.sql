-- Comparing the tables with Salesforce, and saying what is known to be missing.

alter table salesforce_sync.object
    add column rows_here      bigint,            -- live rows the table had when the last sweep compared
    add column sweep_asked_at timestamptz,       -- the time of the schedule the last sweep was asked for; null: counting begins with the next look
    add column seen_fields_at timestamptz,       -- when all copied fields were last shown to be visible
    add column formulas_at    timestamptz;       -- Salesforce's time when calculated fields were last read

alter table salesforce_sync.seen
    add column modified       timestamptz;       -- LastModifiedDate, where it is copied

-- What one comparison of an object found. Made with the request, or when the reading is first met.
create table salesforce_sync.sweep (
    read            bigint primary key,
    org             text not null,
    object          text not null,
    by_rest         boolean,                     -- read page by page with REST; null: not decided yet
    price           integer,                     -- calls it was to cost
    compared_at     timestamptz,                 -- null: not yet compared
    judged_at       timestamptz,                 -- null: which of the records that were not seen are absent is not yet known
    rows_here       bigint,
    rows_there      bigint,
    changed         bigint not null default 0,   -- newer there, or with another time of the last change
    missing         bigint not null default 0,   -- live there, not here or deleted here
    deleted         bigint not null default 0,   -- in the recycle bin there, live here
    absent          bigint not null default 0,   -- live here, unknown there
    columns         bigint not null default 0    -- of a deep comparison: values that differed
);

-- What was found different, until it is handed on as repairs or verdicts.
create unlogged table salesforce_sync.suspect (
    read            bigint not null,
    record_id       text collate "C" not null,
    what            text not null check (what in ('changed', 'missing', 'deleted', 'absent')),
    stamp           timestamptz,
    primary key (read, record_id)
);

create index sweep_object on salesforce_sync.sweep (org, object, read);
create index read_closed on salesforce_sync.read (org, object, kind, closed_at);

-- Everything known to be missing or in doubt, per object: since when, how much, and what is being done about it.
-- No row: nothing is known to be missing; what Salesforce never told is found by the next sweep, and proven_at says when the last one was.
create view salesforce_sync.known_gaps as
with work as (
    select distinct on (r.org, r.object) r.org, r.object, r.id, r.kind, r.state, r.tries, r.rows_merged, r.rows_expected
    from salesforce_sync.read r
    where r.state in ('waiting', 'reading', 'merging') and r.proves
    order by r.org, r.object, (r.kind = 'snapshot') desc, r.id
), gap as (
    select g.id, g.org, coalesce(g.object, o.object) as object, g.from_at as since, g.to_at as until, g.evidence ->> 'reason' as reason
    from salesforce_sync.coverage g
    left join salesforce_sync.object o on o.org = g.org
        and (g.object = o.object or (g.object is null and coalesce(g.evidence ->> 'channel', o.channel) = o.channel))
    where g.state = 'gap' and g.to_event is null
)
select gap.org, gap.object, 'gap' as what, gap.reason, gap.since, gap.until, null::bigint as records,
    case
        when o.state in ('frozen', 'paused') then o.state || ': ' || coalesce(o.state_reason, 'a person has to act')
        when work.id is not null then work.kind || ' ' || work.id || ' is ' || work.state
            || case when work.rows_expected > 0 then ', ' || work.rows_merged || ' of ' || work.rows_expected || ' rows' else '' end
        else 'waits for a reading of the object'
    end as doing,
    work.tries, null::timestamptz as next_at, o.proven_at
from gap
left join salesforce_sync.object o on o.org = gap.org and o.object = gap.object
left join work on work.org = gap.org and work.object = gap.object
union all
select r.org, r.object, 'repair', r.reason, min(coalesce(r.from_at, r.opened_at)), null,
    count(r.record_id), case when count(*) > count(r.record_id) then 'the whole object is fetched' else 'records are fetched' end
        || coalesce(': ' || max(r.message), ''),
    max(r.tries), case when bool_and(r.next_at is not null) then min(r.next_at) end, o.proven_at
from salesforce_sync.repair r
left join salesforce_sync.object o on o.org = r.org and o.object = r.object
where r.state = 'open'
group by r.org, r.object, r.reason, o.proven_at
union all
select r.org, r.object, 'failed', r.reason, min(r.opened_at), null, count(*), 'a person has to act' || coalesce(': ' || max(r.message), ''), max(r.tries), null, o.proven_at
from salesforce_sync.repair r
left join salesforce_sync.object o on o.org = r.org and o.object = r.object
where r.state = 'failed'
group by r.org, r.object, r.reason, o.proven_at
union all
select q.org, q.object, 'quarantine', q.reason, min(q.at), null, count(*), 'events wait to be decoded', null, null, o.proven_at
from salesforce_sync.quarantine q
left join salesforce_sync.object o on o.org = q.org and o.object = q.object
where q.state = 'open'
group by q.org, q.object, q.reason, o.proven_at
union all
select o.org, o.object, o.state, o.state_reason, coalesce(o.proven_at, o.snapshot_at), null, null, 'a person has to act', null, null, o.proven_at
from salesforce_sync.object o
where o.state in ('frozen', 'paused');
