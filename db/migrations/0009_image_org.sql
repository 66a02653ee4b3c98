-- A copy is kept in a transaction that reads one state of the database; a reference locks the org's row, which apply has changed since.
alter table salesforce_sync.image drop constraint image_org_fkey;
