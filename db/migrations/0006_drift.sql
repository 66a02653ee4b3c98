-- How the schema of an org changed: which column holds which identity of a field, what of it is not written and why, and what was stored with substitutes.

-- A column belongs to one identity of a field (its id and what it holds). A field that becomes another gets a new column beside the old one.
alter table salesforce_sync.field drop constraint field_pkey;

alter table salesforce_sync.field
    add primary key (org, object, "column"),
    add column state text not null default 'written' check (state in ('written', 'frozen', 'replaced', 'no_room')),
    add column reason text,                      -- why it is frozen or replaced: type_changed, field_replaced, too_many_columns
    add column until timestamptz,                -- replaced: since when the field is written elsewhere
    add column replaced_by text,                 -- replaced: the column it is written to since then
    add column removed_at timestamptz,           -- the org has no such field any more; the values stay
    add column hidden_at timestamptz,            -- this user is not shown the field: an event's null says nothing of it
    add column visible_at timestamptz,           -- when describe first showed it; what never was visible is not missing when it is hidden
    add column streamed boolean not null default true; -- an event schema carried it; what only readings know is never missing from one

create unique index field_current on salesforce_sync.field (org, object, field) where state <> 'replaced';

alter table salesforce_sync.object
    add column accepts boolean not null default false, -- a person let the changes in for which the object was paused
    add column drifted_at timestamptz;                 -- when its schema changed last: what was described before is old

-- The columns a reading fills have become others since it began: it has to begin anew.
alter table salesforce_sync.read add column stale text;

-- Texts that hold what Postgres cannot (U+0000, halves of surrogate pairs) were stored with U+FFFD in its place; a reading would bring the same again.
create table salesforce_sync.substituted (
    org             text not null,
    object          text not null,
    record_id       text collate "C" not null,
    event           bigint,                      -- the last event that brought one; null: a reading did
    at              timestamptz not null default clock_timestamp(),
    primary key (org, object, record_id)
);

-- Raised by whoever changes a table, or what is known of its fields, beside apply, which then looks at its tables again.
alter table salesforce_sync.org add column if not exists table_changes bigint not null default 0;
