-- Whether repairs were given up is asked every second, over all that were ever done.
create index repair_failed on salesforce_sync.repair (org) where state = 'failed';
