-- What is read from Salesforce beside the stream: which objects there are, which reads are under way, what changed while they were,
-- and the numbered inputs from which tables can be made again.

create table salesforce_sync.object (
    org             text not null references salesforce_sync.org (name),
    object          text not null,
    channel         text not null,               -- the channel that carries its events
    key_prefix      text,                        -- the first three characters of its record ids
    state           text not null default 'copied' check (state in ('copied', 'paused', 'frozen')), -- frozen: Salesforce shows us less than it did
    state_reason    text,
    snapshot_at     timestamptz,                 -- Salesforce's time when the last whole snapshot began
    proven_at       timestamptz,                 -- Salesforce's time up to which the table was last shown to be equal
    swept_at        timestamptz,                 -- when the last sweep ended
    rows_there      bigint,                      -- live rows Salesforce had then
    primary key (org, object)
);

-- One reading of records from Salesforce. Rows read are evidence: a column of a record is taken from them unless something newer is known of it.
create table salesforce_sync.read (
    id              bigint generated always as identity primary key,
    org             text not null references salesforce_sync.org (name),
    object          text not null,
    channel         text not null,
    kind            text not null check (kind in ('snapshot', 'repair', 'fill', 'sweep', 'refresh')),
    reason          text not null,
    state           text not null default 'waiting' check (state in ('waiting', 'reading', 'merging', 'done', 'failed')),
    proves          boolean not null default false, -- read whole and without a condition it shows everything there is, absences too
    since           timestamptz,                 -- only records whose SystemModstamp is not older
    condition       text,                        -- an operator's own SOQL condition
    fields          text[],                      -- API names it reads
    turn            bigint,                      -- the order in which readings began; a reading that begins anew gets a later one
    started_at      timestamptz,                 -- our time when it began
    anchor          bigint,                      -- number of the last event received when it began
    began_at        timestamptz,                 -- Salesforce's time then
    first_number    bigint,                      -- the org's apply number then: rows written later have a higher one
    ended_at        timestamptz,                 -- when the last row was read at Salesforce
    end_event       bigint,                      -- the last event received when the stream first spoke after that
    job_id          text,                        -- of the Bulk job, once it is made
    locator         text,                        -- the page to be merged next; null: the first
    page_rows       bigint not null default 0,   -- rows of that page that are merged
    rows_expected   bigint,
    rows_merged     bigint not null default 0,
    calls           integer not null default 0,
    tries           integer not null default 0,
    opened_at       timestamptz not null default clock_timestamp(),
    notes_seen      boolean,                     -- the ids it sees are kept in seen; null: not decided yet, false: the table held nothing that could be absent
    closed_at       timestamptz,
    message         text
);

create unique index read_one_snapshot on salesforce_sync.read (org, object) where kind = 'snapshot' and state in ('waiting', 'reading', 'merging');
create index read_open on salesforce_sync.read (org, state) where state in ('waiting', 'reading', 'merging');

-- The objects with a read in state reading or merging; apply looks here in the statement that takes its numbers.
alter table salesforce_sync.org
    add column reading text[] not null default '{}',
    add column readings bigint not null default 0,       -- the last turn given to a reading
    add column table_changes bigint not null default 0;  -- raised by whoever changes a table beside apply, so that apply looks at its tables again

-- What was touched while a read was open: by an event (its number), or by the merge of a read (its turn). Emptied when the object's last open read closes.
create table salesforce_sync.touch (
    org             text not null,
    object          text not null,
    record_id       text collate "C" not null,
    event           bigint,                      -- the event that touched it
    read            bigint,                      -- or the turn of the read that was merged
    columns         text[],                      -- null: all
    existence       boolean not null,            -- whether the record exists was told too
    commit_at       timestamptz                  -- Salesforce's time of the event, or when the read began
);

create index touch_record on salesforce_sync.touch (org, object, record_id);

-- Which ids a read that proves absences has seen.
create unlogged table salesforce_sync.seen (
    read            bigint not null,
    record_id       text collate "C" not null,
    stamp           timestamptz,                 -- SystemModstamp
    deleted         boolean not null,
    primary key (read, record_id)
);

-- The numbered inputs of the tables, in the order apply took them. Numbers first .. first + count - 1 belong to it.
create table salesforce_sync.input (
    org             text not null,
    first           bigint not null,
    count           integer not null,
    channel         text,
    events          bigint[],                    -- received numbers in apply order; negative: the number was used up and nothing written
    partial         jsonb,                       -- of late events written for some of their records only: received number -> those ids
    read            bigint,                      -- or the read whose rows were merged; those kept stand in read_row
    primary key (org, first)
);

-- What a merge wrote of one record, apart from whole snapshots: exactly the columns it changed, as text.
create table salesforce_sync.read_row (
    org             text not null,
    object          text not null,
    record_id       text collate "C" not null,
    number          bigint not null,
    becomes         text not null check (becomes in ('live', 'deleted', 'gone', 'kept')),
    columns         jsonb not null default '{}',
    primary key (org, object, record_id, number)
);

-- Text differences that did not fit the text we have; looked at again when the field has been read.
create table salesforce_sync.pending_diff (
    org             text not null,
    object          text not null,
    record_id       text collate "C" not null,
    "column"        text not null,
    channel         text not null,
    event           bigint not null,
    sequence        integer not null,            -- place within the transaction, for two in one event number
    diff            text not null,
    primary key (org, object, record_id, "column", event)
);

alter table salesforce_sync.repair
    add column tries integer not null default 0,
    add column next_at timestamptz,              -- not before; null: now
    add column from_at timestamptz,              -- of a whole object: what may be missing begins here, in Salesforce's time
    add column message text;

alter table salesforce_sync.cursor add column heard_at timestamptz; -- received: when the last response came, of whatever kind

-- A gap is proven closed by a reading that began after it was recorded.
alter table salesforce_sync.coverage add column recorded_at timestamptz not null default clock_timestamp();

create index repair_todo on salesforce_sync.repair (org, object, next_at) where state = 'open';
