-- Where a lost position left a transaction open: what is taken of it says so, also by a worker that begins after the loss.
alter table salesforce_sync.cursor add column cut_events bigint[] not null default '{}'; -- received: last events before lost positions, as far as not applied then
