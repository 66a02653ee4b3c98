-- Of a repair that is open already, when the last event or person asked for it: which readings are too old to answer it depends on that, not on when it began.
alter table salesforce_sync.repair
    add column asked_at timestamptz not null default clock_timestamp();
