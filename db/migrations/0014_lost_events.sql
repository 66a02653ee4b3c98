-- What a worker that begins after a lost position has to know of it: where it left a transaction open, so that what is taken of it says so, and up to
-- where the copy has the stream, so that older events that come again with those that are kept are not applied on top of newer ones.
alter table salesforce_sync.cursor
    add column cut_events bigint[] not null default '{}', -- received: last events before lost positions, as far as not applied then
    add column lost_event bigint not null default 0;      -- received: the last event stored before the position was lost
