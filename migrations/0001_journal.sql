-- What everything else leans on: who did what when (journal), on which paper (document), and requests that may be sent twice.
-- The application role reads and writes rows; it owns nothing and cannot change what the journal says.

alter default privileges in schema public grant select, insert, update, delete on tables to fangyu_app;
alter default privileges in schema public grant usage, select on sequences to fangyu_app;

create table document (
    id           uuid primary key,
    kind         text not null check (kind in ('approval', 'agreement', 'publication', 'dataset', 'regulation', 'other')),
    title        text not null check (title <> ''),
    number       text,                      -- 文号
    issued_by    text,
    issued_on    date,
    url          text,
    licence      text,
    sha256       text check (sha256 ~ '^[0-9a-f]{64}$'),
    note         text,
    recorded_at  timestamptz not null,
    unique (kind, title, sha256)
);

create table journal (
    seq      bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text not null,                 -- account id, or system:<name>
    office   uuid,
    subject  text not null check (subject ~ '^[a-z-]+/.+$'),   -- noun/id, e.g. place/0192…
    verb     text not null,
    before   jsonb,
    after    jsonb,
    cites    uuid[] not null default '{}'   -- documents
);
create index journal_subject on journal (subject, seq);
revoke update, delete, truncate on journal from fangyu_app;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
create trigger journal_append_only before update or delete on journal for each row execute function refuse_change();
create trigger journal_no_truncate before truncate on journal for each statement execute function refuse_change();

create table idempotency (
    actor      text not null,
    key        text not null check (length(key) between 1 and 200),
    body_hash  text not null,               -- sha256 of method, path and body
    status     int,                         -- null while the first request is being served
    answer     bytea,
    headers    jsonb,
    at         timestamptz not null,
    primary key (actor, key)
);

-- A notification says only that a kind of published row changed: a reason to look again.
create function notify_published() returns trigger language plpgsql as $$
begin
    perform pg_notify('fangyu_published', tg_table_name);
    return null;
end $$;
