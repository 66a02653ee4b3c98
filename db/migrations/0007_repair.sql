-- Deleted records whose children are still to be looked at: a merge of records moves them without an event.
create table salesforce_sync.deletion (
    org             text not null,
    object          text not null,
    record_id       text collate "C" not null,
    event           bigint not null,             -- the event that deleted it
    at              timestamptz not null default clock_timestamp(),
    primary key (org, object, record_id)
);

create index deletion_at on salesforce_sync.deletion (org, at);
