-- What comparisons of every field found, and what the org's channels were last seen to keep from us.

alter table salesforce_sync.sweep add column differing jsonb not null default '{}'; -- of a deep comparison: column to the number of values that differed

alter table salesforce_sync.object
    add column is_member boolean,                -- of its channel; null: nobody has told
    add column filter text;                      -- the channel's filter for it: changes that do not match do not come

alter table salesforce_sync.org add column discover_at timestamptz; -- somebody wants the org to be asked for its objects; null: done
