-- A place is not its name, and a name is not what befell it: names get the law they are kept under, what they mean and where
-- they come from; what befell them stands in name_event; a correction keeps the name as it was.

alter table place_name drop constraint place_name_kind_check;
alter table place_name add constraint place_name_kind_check
    check (kind in ('standard', 'former', 'alternative', 'short', 'rejected', 'customary', 'minority', 'foreign'));
alter table place_name add constraint place_name_language_check check (language ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$');
alter table place_name
    add column process    text,   -- the law or survey it is kept under: gazetteer.Process; null where nobody said
    add column meaning    text,   -- 含义
    add column origin     text,   -- 来历
    add column from_said  text,   -- when it began as the source says it, where that is no day: 明洪武年间
    add column to_said    text;

-- The name as it was before each correction, with the reason.
create table name_correction (
    id            uuid primary key,
    place_id      uuid not null references place_identity,
    name_id       uuid not null,
    was           jsonb not null,           -- the row of place_name
    recorded_at   timestamptz not null,     -- since when it was so recorded
    corrected_at  timestamptz not null check (corrected_at >= recorded_at),
    corrected_by  text not null,            -- account id, or system:<name>
    office_id     uuid references office,
    reason        text not null check (reason <> ''),
    document_id   uuid not null references document
);
create index name_correction_place on name_correction (place_id);

-- What befell a name (地名事件): named, renamed, retired, approved, filed, announced … on a day, by a paper.
create table name_event (
    id           uuid primary key,
    place_id     uuid not null references place_identity,
    name_id      uuid,                      -- null: the place as a whole
    kind         text not null check (kind in (
        'naming', 'renaming', 'retirement', 'approval', 'filing', 'announcement', 'registration', 'rejection', 'protection', 'mention')),
    process      text not null,
    on_day       date,
    on_said      text,                      -- as the source says it, where that is no day
    citation     text not null check (citation <> ''),  -- 文号, 公告, 书名卷页 …, in the form its kind asks for
    document_id  uuid not null references document,
    note         text not null default '',
    recorded_at  timestamptz not null,
    recorded_by  text not null,
    office_id    uuid references office,
    check (num_nonnulls(on_day, on_said) = 1)
);
create index name_event_place on name_event (place_id);

create trigger name_correction_append_only before update or delete on name_correction for each row execute function refuse_change();
create trigger name_event_append_only before update or delete on name_event for each row execute function refuse_change();
create trigger name_correction_no_truncate before truncate on name_correction for each statement execute function refuse_change();
create trigger name_event_no_truncate before truncate on name_event for each statement execute function refuse_change();
revoke update, delete on name_correction, name_event from fangyu_app;

-- Both tell of a place's names, so they are read with it: of a withheld place by those who may read it.
alter table name_correction enable row level security;
alter table name_correction force row level security;
alter table name_event enable row level security;
alter table name_event force row level security;
create policy name_correction_read on name_correction for select using (
    not subject_is_withheld('place/' || place_id) or exists (select from withheld w where w.id = place_id));
create policy name_event_read on name_event for select using (
    not subject_is_withheld('place/' || place_id) or exists (select from withheld w where w.id = place_id));
create policy name_correction_write on name_correction for insert with check (office_id is not distinct from (select acting_office()));
create policy name_event_write on name_event for insert with check (office_id is not distinct from (select acting_office()));

-- Two records of one place in reality (一地两记): a village registered as a settlement and again as the seat of its committee.
-- They stay two records and are read as one; a link that was wrong is ended, never deleted.
create table place_twin (
    id           uuid primary key,
    place_id     uuid not null references place_identity,
    twin_id      uuid not null references place_identity check (twin_id > place_id),   -- each pair once
    reason       text not null check (reason <> ''),
    document_id  uuid not null references document,
    joined_at    timestamptz not null,
    joined_by    text not null,
    ended_at     timestamptz,
    ended_by     text,
    end_reason   text,
    check (num_nulls(ended_at, ended_by, end_reason) in (0, 3))
);
create unique index place_twin_once on place_twin (place_id, twin_id) where ended_at is null;
create index place_twin_other on place_twin (twin_id);
revoke update, delete on place_twin from fangyu_app;
grant update (ended_at, ended_by, end_reason) on place_twin to fangyu_app;
