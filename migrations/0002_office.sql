-- Offices, accounts and their sessions.

create table office (
    id           uuid primary key,
    name         text not null unique,
    kind         text not null check (kind in ('civil-affairs', 'competent-department', 'township-government', 'committee', 'contractor', 'applicant')),
    division_id  uuid,                      -- its jurisdiction: this division and everything below it (foreign key in 0003)
    valid        daterange not null default daterange(null, null, '[)'),
    demo         boolean not null default false
);

create table account (
    id             uuid primary key,
    login          text not null unique check (login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
    name           text not null,           -- the office and post, as shown to others
    office_id      uuid not null references office,
    password_hash  text not null,           -- argon2id, PHC form
    demo           boolean not null default false,
    disabled_at    timestamptz
);

create table account_role (
    account_id  uuid not null references account on delete cascade,
    role        text not null check (role in (
        'party-officer', 'party-leader', 'superior', 'approval-authority', 'surveyor', 'keeper', 'archivist', 'auditor',
        'clerk', 'expert', 'committee-member', 'approver', 'consulted-department', 'competent-approver', 'applicant',
        'filing-receiver', 'editor', 'administrator')),
    primary key (account_id, role)
);

create table session (
    token   text primary key,
    data    bytea not null,
    expiry  timestamptz not null
);
create index session_expiry on session (expiry);

create table api_token (
    id          uuid primary key,
    account_id  uuid not null references account on delete cascade,
    name        text not null,
    hash        bytea not null unique,      -- sha256 of the token; the token itself is shown once
    expires_at  timestamptz not null,
    revoked_at  timestamptz,
    used_at     timestamptz
);
