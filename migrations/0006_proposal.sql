-- Naming cases. Drafts and votes belong to offices and stand apart from what is published.

create table proposal (
    id           uuid primary key,
    office_id    uuid not null references office,
    kind         text not null check (kind in ('new', 'rename', 'retire')),
    name         text not null,             -- the proposed name; for retire the name that ends
    category     text not null,
    division_id  uuid not null references division,
    place_id     uuid references place,     -- the place renamed or retired
    point        geometry(Point, 4490),
    reason       text not null,
    facts        jsonb not null default '{}',
    state        text not null,
    version      int not null default 1,
    pack_id      text not null references rule_pack,
    findings     jsonb not null default '[]',
    applied_by   uuid not null references account,
    accepted_on  date,
    decided_on   date,
    document_id  uuid references document,
    created_at   timestamptz not null,
    check (kind = 'new' or place_id is not null)
);
create index proposal_office on proposal (office_id);
create index proposal_state on proposal (state);
alter table place_name add foreign key (proposal_id) references proposal;

create table proposal_vote (
    proposal_id  uuid not null references proposal,
    account_id   uuid not null references account,
    approve      boolean not null,
    reason       text not null default '',
    at           timestamptz not null,
    primary key (proposal_id, account_id)   -- one seat, one vote
);
