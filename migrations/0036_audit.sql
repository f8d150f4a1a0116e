-- Quality audits of the gazetteer (质量检查). An audit and what it found belong to the office that asked: its jurisdiction
-- bounds what is looked at, and what the office may know bounds what is found.
create table audit (
    id           uuid primary key,
    office_id    uuid not null references office,
    account_id   uuid not null references account,
    division_id  uuid not null references division,
    state        text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
    step         int not null default 0,        -- how many of its steps are done
    asked_at     timestamptz not null,
    began_at     timestamptz,
    ended_at     timestamptz,
    version      int not null default 1,
    check ((ended_at is null) = (state in ('waiting', 'running')))
);
-- One at a time for an office: a second one would find the same.
create unique index audit_under_way on audit (office_id) where ended_at is null;
create index audit_office on audit (office_id, id);

create table audit_finding (
    audit_id  uuid not null references audit,
    n         int not null,                     -- its place in the order of the audit, from 1
    family    text not null,
    code      text not null,
    severity  text not null,
    key       text not null,                    -- gazetteer.AuditFinding.Key
    places    uuid[] not null,                  -- that it names
    finding   jsonb not null,
    primary key (audit_id, n)
);

-- What an officer has looked at and set aside with a reason (已看过). It holds for every later audit of the office as long
-- as what the finding is about stays as it is; brought back it is ended, never deleted.
create table audit_look (
    id         uuid primary key,
    office_id  uuid not null references office,
    key        text not null,
    code       text not null,
    places     uuid[] not null,
    reason     text not null check (reason <> ''),
    looked_at  timestamptz not null,
    looked_by  uuid not null references account,
    ended_at   timestamptz,
    ended_by   uuid references account,
    check ((ended_at is null) = (ended_by is null))
);
create unique index audit_look_once on audit_look (office_id, key) where ended_at is null;

-- Places that are withheld and not the acting office's to know of.
create function hidden_places() returns uuid[] language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(array_agg(i.id), '{}') from place_identity i
    where i.withheld and not exists (select from withheld w where w.id = i.id)
$$;

alter table audit enable row level security;
alter table audit force row level security;
alter table audit_finding enable row level security;
alter table audit_finding force row level security;
alter table audit_look enable row level security;
alter table audit_look force row level security;
create policy audit_own on audit using (office_id = any ((select acting_offices())::uuid[]))
    with check (office_id = (select acting_office()));
create policy audit_finding_read on audit_finding for select using (
    audit_id in (select id from audit) and not places && (select hidden_places()));
create policy audit_finding_write on audit_finding for insert with check (audit_id in (select id from audit));
create policy audit_finding_again on audit_finding for delete using (audit_id in (select id from audit));
create policy audit_look_own on audit_look using (
    office_id = any ((select acting_offices())::uuid[]) and not places && (select hidden_places()))
    with check (office_id = any ((select acting_offices())::uuid[]));
revoke delete on audit, audit_look from fangyu_app;
revoke update on audit_finding from fangyu_app;
