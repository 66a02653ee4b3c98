-- The control schema: who owns an org, how far each loop is, what came, what is known to be missing.
-- The schema itself and the table of migrations are made by the program before the first file.

create table salesforce_sync.org (
    name            text primary key,
    org_id          text,                        -- 18 characters; another org behind the same configuration is refused
    state           text not null default 'starting',
    state_reason    text,
    epoch           bigint not null default 0,   -- raised by every take-over
    owner           uuid,                        -- random token of the process that writes
    apply_number    bigint not null default 0,   -- last _sync_event given out, in commit order
    transactions    bigint not null default 0,   -- Salesforce transactions applied
    torn            bigint not null default 0,   -- of them: not applied whole
    selection       jsonb,                       -- what was copied of which object when the worker last started
    created_at      timestamptz not null default now()
);

create table salesforce_sync.lease (
    org             text primary key references salesforce_sync.org (name),
    owner           uuid,
    backend_pid     integer,                     -- the owner's lease connection: when it is gone, so is the owner
    backend_start   timestamptz,
    until           timestamptz not null default '-infinity'
);

create table salesforce_sync.cursor (
    org             text not null references salesforce_sync.org (name),
    channel         text not null,
    stage           text not null check (stage in ('received', 'applied')),
    endpoint        text not null,               -- host that gave the positions; those of another host mean nothing
    replay_id       bytea,                       -- received: the id to resume with; applied: the last event applied
    event           bigint not null default 0,   -- the last event number of this stage
    epoch           bigint not null,
    owner           uuid,
    moved_at        timestamptz not null default now(),
    commit_at       timestamptz,                 -- greatest Salesforce commit time among the events of this stage
    last_replay_id  bytea,                       -- received: id of the last event, whose siblings may still come
    idle_replay_id  bytea,                       -- received: id of the last empty response
    closed_event    bigint not null default 0,   -- received: an empty response followed this event
    spoke_at        timestamptz,                 -- received: when the stream last said anything
    lost            boolean not null default false, -- received: the position was lost and the stream has not been caught up with since
    interleaved     boolean not null default false, -- applied: keys of two transactions were seen to alternate
    primary key (org, channel, stage)
);

-- Raw events as they came, before anything is understood of them.
create table salesforce_sync.event (
    org             text not null,
    channel         text not null,
    event           bigint not null,
    replay_id       bytea not null,
    event_id        text not null,
    schema_id       text not null,
    payload         bytea not null,
    received_at     timestamptz not null,
    primary key (org, channel, event, received_at)
) partition by range (received_at);

create table salesforce_sync.avro_schema (
    schema_id       text primary key,
    json            text not null,
    fetched_at      timestamptz not null default now()
);

create table salesforce_sync.field (
    org             text not null,
    object          text not null,
    field           text not null,
    "column"        text not null,
    type            text not null,
    doc             text,
    field_id        text,
    schema_id       text not null,
    since           timestamptz not null default now(),
    primary key (org, object, field)
);

create table salesforce_sync.repair (
    id              bigint generated always as identity primary key,
    org             text not null,
    object          text not null,
    record_id       text,                        -- null: the whole object
    reason          text not null,
    state           text not null default 'open' check (state in ('open', 'done', 'failed')),
    event           bigint,                      -- the last event that asked for it
    opened_at       timestamptz not null default clock_timestamp(),
    closed_at       timestamptz
);

create unique index repair_open on salesforce_sync.repair (org, object, record_id, reason) nulls not distinct where state = 'open';

create table salesforce_sync.quarantine (
    id              bigint generated always as identity primary key,
    org             text not null,
    channel         text not null,
    event           bigint not null,
    replay_id       bytea not null,
    schema_id       text not null,
    object          text,
    payload         bytea not null,
    reason          text not null,
    state           text not null default 'open' check (state in ('open', 'retried', 'dropped')),
    at              timestamptz not null default clock_timestamp()
);

create index quarantine_open on salesforce_sync.quarantine (org, channel, event) where state = 'open';

create table salesforce_sync.coverage (
    id              bigint generated always as identity primary key,
    org             text not null,
    object          text,                        -- null: all objects
    state           text not null check (state in ('streamed', 'snapshot', 'gap', 'repaired')),
    from_event      bigint not null,
    to_event        bigint,                      -- null: open
    from_at         timestamptz,
    to_at           timestamptz,
    evidence        jsonb not null default '{}'
);

create index coverage_open on salesforce_sync.coverage (org, state) where to_event is null;

create table salesforce_sync.api_call (
    at              timestamptz not null default clock_timestamp(),
    org             text not null,
    class           text not null,
    calls           integer not null,
    status          integer
);

create index api_call_at on salesforce_sync.api_call (org, at);
