-- Accounts as people and devices use them: passwords that must be changed, a second way in, sessions and tokens that can
-- be listed and ended.

alter table office add column version int not null default 1;

alter table account
    add column must_change_password boolean not null default false,  -- somebody else chose the password
    add column version int not null default 1;

-- Who an account is at an OpenID provider: recorded by an administrator, never taken from an e-mail address.
create table account_identity (
    id           uuid primary key,
    account_id   uuid not null references account on delete cascade,
    issuer       text not null check (issuer ~ '^https?://'),
    subject      text not null check (subject <> '' and length(subject) <= 255),
    recorded_at  timestamptz not null,
    constraint account_identity_once unique (issuer, subject)
);
create index account_identity_account on account_identity (account_id);

-- A session that was ended keeps its row until it would have expired, so that a request still running cannot bring it back.
alter table session
    add column id          uuid,
    add column account_id  uuid references account on delete cascade,
    add column began_at    timestamptz,
    add column seen_at     timestamptz,
    add column peer        text,
    add column agent       text,
    add column ended_at    timestamptz;
create unique index session_id on session (id);
create index session_account on session (account_id);

alter table api_token
    add column prefix      text not null default 'fangyu_',                   -- its first characters, to tell it by
    add column office_id   uuid references office,                            -- good only while the account belongs to it
    add column scopes      text[] not null default '{read,upload,work}',
    add column created_at  timestamptz not null default now(),
    add constraint api_token_scopes check (cardinality(scopes) > 0 and scopes <@ array['read', 'upload', 'work']);
update api_token t set office_id = a.office_id from account a where a.id = t.account_id;
create index api_token_account on api_token (account_id);

-- Whether anything was made from the command line closes the demo's accounts.
create index journal_command on journal (seq) where actor = 'system:command';
