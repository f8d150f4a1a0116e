-- Imports of places that are reviewed before they are committed (导入). An import belongs to the office that handed the file
-- in; its file lies in the vault. Until it is committed nothing of it is in the record.
create table place_import (
    id           uuid primary key,
    office_id    uuid not null references office,
    account_id   uuid not null references account,
    file_name    text not null check (file_name <> ''),
    sha256       text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    size         bigint not null,
    source       jsonb not null,                -- what the file holds: gazetteer.ImportSource
    state        text not null default 'open' check (state in ('open', 'judging', 'judged', 'committing', 'committed', 'abandoned')),
    step         int not null default 0,        -- how many rows are read
    settings     jsonb not null default '{}',   -- gazetteer.ImportSettings
    frame        text not null default '',      -- in which the rows were judged
    findings     jsonb not null default '[]',   -- of the file as a whole, when it was judged
    problem      jsonb,                         -- why the last judging or committing came to nothing
    asked_at     timestamptz not null,
    began_at     timestamptz,                   -- of the judging or committing under way
    judged_at    timestamptz,
    counts       jsonb not null default '{}',   -- rows of each verdict
    pending      int not null default 0,        -- decisions since the rows were judged
    ended_at     timestamptz,
    ended_by     uuid references account,
    version      int not null default 1,
    check ((ended_at is null) = (state not in ('committed', 'abandoned'))),
    check ((ended_at is null) = (ended_by is null))
);
-- The same bytes handed in again are the import that is under way.
create unique index place_import_under_way on place_import (office_id, sha256) where ended_at is null;
create index place_import_office on place_import (office_id, id);

-- The rows as they were judged. They stay when the import is committed: they say what was taken and why.
create table place_import_row (
    import_id  uuid not null references place_import,
    row        int not null,                    -- the nth record of the file, from 1
    verdict    text not null,
    key        text not null,                   -- what committing it comes to: a row judged again has the same or is another
    places     uuid[] not null,                 -- that it names
    told       jsonb not null,                  -- gazetteer.ImportRow
    place_id   uuid,                            -- the place it became
    primary key (import_id, row)
);
create index place_import_row_verdict on place_import_row (import_id, verdict, row);

-- What people decided of doubtful rows (疑似重复). The last one of a row counts; those before stay.
create table place_import_decision (
    id          uuid primary key,
    import_id   uuid not null references place_import,
    row         int not null,
    decision    text not null check (decision in ('same', 'new', 'aside', 'undecided')),
    place_id    uuid,
    decided_at  timestamptz not null,
    decided_by  uuid not null references account,
    check ((place_id is not null) = (decision = 'same'))
);
create index place_import_decision_row on place_import_decision (import_id, row, id);

alter table place_import enable row level security;
alter table place_import force row level security;
alter table place_import_row enable row level security;
alter table place_import_row force row level security;
alter table place_import_decision enable row level security;
alter table place_import_decision force row level security;
create policy place_import_own on place_import using (office_id = any ((select acting_offices())::uuid[]))
    with check (office_id = any ((select acting_offices())::uuid[]));
-- The bureau above commits what an office without an approver prepared.
create policy place_import_above on place_import using ((select acting_bureau()) is not null and office_is_below(office_id));
-- Who looks after the queue takes back what nobody works on any more.
create policy place_import_tidy on place_import using ((select acting_system()) = 'import.tidy') with check ((select acting_system()) = 'import.tidy');
create policy place_import_row_read on place_import_row for select using (
    import_id in (select id from place_import) and not places && (select hidden_places()));
create policy place_import_row_write on place_import_row for insert with check (import_id in (select id from place_import));
create policy place_import_row_again on place_import_row for delete using (import_id in (select id from place_import));
create policy place_import_row_made on place_import_row for update using (import_id in (select id from place_import));
create policy place_import_decision_own on place_import_decision using (import_id in (select id from place_import))
    with check (import_id in (select id from place_import));
revoke delete on place_import, place_import_decision from fangyu_app;
revoke update on place_import_row, place_import_decision from fangyu_app;
grant update (place_id, places) on place_import_row to fangyu_app;
