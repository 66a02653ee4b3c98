-- Where values are masked, of an event that is parked its header and a hash are kept, and its payload is not.
alter table salesforce_sync.quarantine
    add column payload_sha256 bytea,             -- of what came; null of what was parked by an older version
    add column header jsonb;                     -- ids, names and times, never a value; null where it could not be read
