-- Refresh tokens of orgs that replace them with every use. The one before is kept until the new one has worked.
create table salesforce_sync.refresh_token (
    org             text primary key,
    token           text not null,
    previous        text,
    rotated_at      timestamptz not null default clock_timestamp()
);

revoke all on salesforce_sync.refresh_token from public;
