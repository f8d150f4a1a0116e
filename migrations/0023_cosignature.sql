-- Offices as witnesses of the ledger: each registers public keys and puts its signature under checkpoints. A signed head that
-- the other office signed as well cannot be replaced, not even by whoever has the ledger's own key.

-- A key is never deleted or exchanged, only revoked, once; what it signed before stays signed.
create table office_key (
    id             uuid primary key,
    office_id      uuid not null references office,
    key            text not null check (length(key) <= 400),  -- name+hash+base64, as golang.org/x/mod/sumdb/note writes it
    signer         text not null generated always as (split_part(key, '+', 1) || '+' || split_part(key, '+', 2)) stored,  -- whom a signature line names
    algorithm      text not null check (algorithm in ('ed25519')),
    registered_at  timestamptz not null,
    registered_by  uuid not null references account,
    revoked_at     timestamptz,
    revoked_by     uuid references account,
    check ((revoked_at is null) = (revoked_by is null)),
    constraint office_key_once unique (signer)
);
create index office_key_office on office_key (office_id);

create table cosignature (
    id          uuid primary key,
    size        bigint not null references checkpoint,
    key_id      uuid not null references office_key,
    line        text not null check (line like '— %' and line not like E'%\n%'),  -- as it stands under the note
    account_id  uuid not null references account,
    at          timestamptz not null,
    constraint cosignature_once unique (size, key_id)
);

-- Everybody reads: a witness whom nobody can check is none. An office writes for itself only, never for one below it.
alter table office_key enable row level security;
alter table office_key force row level security;
create policy key_read on office_key for select using (true);
create policy key_register on office_key for insert with check (
    office_id = (select acting_office()) and registered_by = (select acting_account()) and revoked_at is null);
create policy key_revoke on office_key for update
    using (revoked_at is null and office_id = any ((select acting_offices())::uuid[]))
    with check (revoked_by = (select acting_account()));
revoke update, delete, truncate on office_key from fangyu_app;
grant update (revoked_at, revoked_by) on office_key to fangyu_app;

alter table cosignature enable row level security;
alter table cosignature force row level security;
create policy cosignature_read on cosignature for select using (true);
create policy cosignature_write on cosignature for insert with check (
    account_id = (select acting_account())
    and exists (select from office_key k where k.id = key_id and k.office_id = (select acting_office()) and k.revoked_at is null));
revoke update, delete, truncate on cosignature from fangyu_app;

create trigger office_key_kept before delete on office_key for each row execute function refuse_change();
create trigger office_key_no_truncate before truncate on office_key for each statement execute function refuse_change();
create trigger cosignature_append_only before update or delete on cosignature for each row execute function refuse_change();
create trigger cosignature_no_truncate before truncate on cosignature for each statement execute function refuse_change();
