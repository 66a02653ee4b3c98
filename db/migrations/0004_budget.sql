-- What API calls are spent on and how many are left; how many events were delivered to us. The single calls stay in api_call.

create table salesforce_sync.api_budget (
    org             text primary key,
    month           date not null,               -- its first day, UTC by this database's clock
    calls           bigint not null default 0,   -- booked in it; its row's lock makes booking atomic
    used            bigint,                      -- what the org's last answer said of its own 24-hour allowance, all its clients together
    "limit"         bigint,
    heard_at        timestamptz,                 -- when it said so
    closed_until    timestamptz                  -- Salesforce refuses calls: not before then, and then one to see whether it still does
);

create table salesforce_sync.api_spent (
    org             text not null,
    month           date not null,
    class           text not null,
    calls           bigint not null default 0,
    refused         bigint not null default 0,   -- calls the budget did not allow
    refused_since   timestamptz,                 -- null when the last one was allowed
    primary key (org, month, class)
);

insert into salesforce_sync.api_spent (org, month, class, calls)
    select org, date_trunc('month', at at time zone 'UTC')::date, class, sum(calls) from salesforce_sync.api_call group by 1, 2, 3;

insert into salesforce_sync.api_budget (org, month, calls)
    select distinct on (org) org, month, sum(calls) from salesforce_sync.api_spent group by org, month order by org, month desc;

-- Events Salesforce delivered, those delivered again too: each counts towards the org's allowance of 24 hours.
create table salesforce_sync.delivered (
    org             text not null,
    hour            timestamptz not null,
    events          bigint not null,
    primary key (org, hour)
);
