-- Who did what by a command, and what commands keep of it: orgs that are paused, quarantined events that are closed.

-- One row for each act, written in the transaction of the change.
create table salesforce_sync.audit (
    id              bigint generated always as identity primary key,
    at              timestamptz not null default clock_timestamp(),
    org             text,                        -- null: the act concerns the database
    verb            text not null,
    subject         text,                        -- what of the org: an object, the id of a quarantined event; null: all of it
    actor           text not null,               -- database role, and user and machine the command ran as
    details         jsonb not null default '{}'  -- never the value of a field
);

create index audit_at on salesforce_sync.audit (org, at);

alter table salesforce_sync.org add column paused_at timestamptz; -- a person wants nothing to be received and applied; null: it is copied

alter table salesforce_sync.quarantine
    add column closed_at timestamptz,            -- when it was retried or dropped
    alter column payload drop not null;          -- the bytes of a closed row go when they are older than the retention; the row stays
