-- A repair begins when it was asked for. What may be missing of a whole object since when is said by its gap in salesforce_sync.coverage; nothing ever filled
-- repair.from_at, which is gone.

create or replace view salesforce_sync.known_gaps as
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
select gap.org, gap.object, 'gap' as what, gap.reason, coalesce(gap.since, o.proven_at) as since, gap.until, null::bigint as records,
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
select r.org, r.object, 'repair', r.reason, min(r.opened_at), null,
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
where o.state in ('frozen', 'paused')
union all
select o.org, o.object, 'kept_back', case when o.is_member then 'its channel has a filter: changes that do not match do not come' else 'it is on no channel any more: its changes do not come' end,
    coalesce(o.proven_at, o.snapshot_at), null, null, 'the sweep finds them', null, null, o.proven_at
from salesforce_sync.object o
where o.filter is not null or o.is_member is false;

alter table salesforce_sync.repair drop column from_at;
