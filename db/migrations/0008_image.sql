-- Kept copies of the tables, from which they can be made again together with the numbered inputs since (rule H).

create schema salesforce_sync_image;             -- the copies
create schema salesforce_sync_shadow;            -- where a table is made anew; nothing in it ever outlives the transaction that makes it

create sequence salesforce_sync.image_number;

create table salesforce_sync.image (
    org             text not null references salesforce_sync.org (name),
    object          text not null,
    "table"         text,                        -- in salesforce_sync_image; null: the object had no table
    number          bigint not null,             -- the apply number of the org when it was taken: inputs after it are replayed
    channel         text not null,
    event           bigint not null,             -- the last event of the channel that was applied then
    fields          jsonb not null,              -- what salesforce_sync.field said of the object
    rule            text not null,               -- what of the object was copied, and how: under another rule the inputs would make another table
    at              timestamptz not null,
    primary key (org, object)
);

create index read_row_number on salesforce_sync.read_row (org, number);
