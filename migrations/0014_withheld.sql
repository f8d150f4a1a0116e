-- What is not published. A place or marker graded internal or secret leaves its published tables in the transaction that
-- grades it and lies in withheld, under row-level security; published tables hold public rows and nothing else, so that
-- no query on them has to ask.

-- What was ever registered. Cases and forms refer to these, which stay when the record moves. version counts the changes
-- of a record that decisions are made against; withheld is kept by trigger, and the application cannot read it.
create table place_identity (
    id        uuid primary key,
    version   int not null default 1,
    withheld  boolean not null default false
);
create table marker_identity (
    id        uuid primary key,
    version   int not null default 1,
    withheld  boolean not null default false
);
create index place_identity_withheld on place_identity (id) where withheld;
create index marker_identity_withheld on marker_identity (id) where withheld;
insert into place_identity (id) select id from place;
insert into marker_identity (id) select id from marker;
revoke all on place_identity, marker_identity from fangyu_app;
grant select (id, version), update (version) on place_identity, marker_identity to fangyu_app;

-- A record is identified when it is registered. One that is withheld does not come back by being registered again.
create function identify() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    identity text := tg_table_name || '_identity';
    taken boolean;
begin
    execute format('insert into %I (id) select id from registered on conflict do nothing', identity);
    execute format('select exists (select from %I i where i.withheld and i.id in (select id from registered))', identity) into taken;
    if taken then
        raise exception 'a withheld record cannot be registered again'
            using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_withheld';
    end if;
    return null;
end $$;
create trigger place_identified after insert on place referencing new table as registered for each statement execute function identify();
create trigger marker_identified after insert on marker referencing new table as registered for each statement execute function identify();

alter table proposal drop constraint proposal_place_id_fkey, add foreign key (place_id) references place_identity;
alter table marker_form drop constraint marker_form_marker_id_fkey, add foreign key (marker_id) references marker_identity;

create table withheld (
    id           uuid primary key,
    noun         text not null check (noun in ('place', 'marker')),
    grade        text not null check (grade in ('internal', 'secret')),
    office_id    uuid not null references office,   -- that graded it
    division_id  uuid references division,          -- a place's
    line_id      uuid references line,              -- a marker's
    rows         jsonb not null,                    -- {place, names} or {marker}, whole rows without their geometry
    geom         geometry check (st_srid(geom) = 4490),
    document_id  uuid not null references document, -- on which the present grade rests
    graded_at    timestamptz not null,
    graded_by    uuid not null references account,
    reason       text not null check (reason <> ''),
    check ((noun = 'place') = (division_id is not null)),
    check ((noun = 'marker') = (line_id is not null))
);
create index withheld_line on withheld (line_id);

-- The division whose records the acting office grades; null when there is none.
create function acting_grader() returns uuid language sql stable as $$
    select division_id from office where id = acting_office() and valid @> today() and kind = 'civil-affairs'
$$;

-- Whether the acting office grades what lies in a division, or on a line: there it must be above both parties.
create function may_grade(division uuid, line uuid) returns boolean language sql stable as $$
    select case when may_grade.line is null then division_covers(acting_grader(), division)
        else exists (
            select from line l where l.id = may_grade.line
              and division_covers(acting_grader(), l.party_a) and division_covers(acting_grader(), l.party_b)) end
$$;

-- Bureaus over the division and of the line read; imports must know what is there, and tracks which markers they pass.
alter table withheld enable row level security;
alter table withheld force row level security;
create policy withheld_read on withheld for select using (
    (select acting_system()) in ('command', 'import') or (select acting_system()) = 'track.read' and noun = 'marker'
    or case when line_id is null then division_covers((select acting_bureau()), division_id) else line_is_ours(line_id) end);
create policy withheld_grade on withheld for insert with check (
    office_id = (select acting_office()) and graded_by = (select acting_account()) and may_grade(division_id, line_id));
create policy withheld_regrade on withheld for update using (may_grade(division_id, line_id)) with check (
    office_id = (select acting_office()) and graded_by = (select acting_account()) and may_grade(division_id, line_id));
create policy withheld_publish on withheld for delete using (may_grade(division_id, line_id));
revoke update, delete on withheld from fangyu_app;
grant update (grade, office_id, document_id, graded_at, graded_by, reason) on withheld to fangyu_app;

create function mark_withheld() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        execute format('update %I set withheld = false, version = version + 1 where id = $1', old.noun || '_identity') using old.id;
        return null;
    end if;
    execute format('update %I set withheld = true, version = version + 1 where id = $1', new.noun || '_identity') using new.id;
    return null;
end $$;
create trigger withheld_marked after insert or update or delete on withheld for each row execute function mark_withheld();

-- The only way back: the very rows return to the published tables. It runs as the owner, whom the policies bind too, so
-- it moves what the acting office may grade. Whether it moved anything is the answer.
create function publish_withheld(record uuid) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    w withheld;
    p place;
    m marker;
begin
    delete from withheld where id = record returning * into w;
    if not found then
        return false;
    end if;
    if w.noun = 'place' then
        p := jsonb_populate_record(null::place, w.rows -> 'place');
        p.geom := w.geom;
        insert into place select (p).*;
        insert into place_name select * from jsonb_populate_recordset(null::place_name, w.rows -> 'names');
    else
        m := jsonb_populate_record(null::marker, w.rows -> 'marker');
        m.geom := w.geom;
        insert into marker select (m).*;
    end if;
    return true;
end $$;

-- Every marker the acting office may know of: the published ones and the withheld ones it may read.
create view known_marker with (security_invoker = true) as
    select id, line_id, number, stone, type, material, state, custodian, geom, sigma_m, chainage_m, offset_m, valid, document_id,
           synthetic, recorded_at, 'public' as grade
    from marker
    union all
    select w.id, w.line_id, m.number, m.stone, m.type, m.material, m.state, m.custodian, w.geom::geometry(PointZ, 4490), m.sigma_m,
           m.chainage_m, m.offset_m, m.valid, m.document_id, m.synthetic, m.recorded_at, w.grade
    from withheld w cross join lateral jsonb_populate_record(null::marker, w.rows -> 'marker') m
    where w.noun = 'marker';

-- Whether the record a journal entry is about is withheld. A policy that looked into withheld itself would see only what
-- the asker may see, and take the rest for public.
create function subject_is_withheld(subject text) returns boolean
    language sql stable security definer set search_path = public, pg_temp as $$
    select case
        when subject ~ '^place/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from place_identity i where i.withheld and i.id = substr(subject, 7)::uuid)
        when subject ~ '^marker/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_identity i where i.withheld and i.id = substr(subject, 8)::uuid)
        else false end
$$;

-- The journal: of what was published everybody reads, except about what is withheld; an office reads its own entries and
-- those of the offices below it; who may read a withheld record reads its history; the ledger and the operator read all,
-- other system actors their own.
alter table journal enable row level security;
alter table journal force row level security;
create policy journal_write on journal for insert with check (true);
create policy journal_read on journal for select using (
    (select acting_system()) in ('ledger', 'command')
    or subject ~ '^(import|place|line|marker)/' and not subject_is_withheld(subject)
    or actor = 'system:' || (select acting_system())
    or office = any ((select acting_offices())::uuid[])
    or (select acting_bureau()) is not null and (
        office is not null and office_is_below(office)
        or exists (select from withheld w where subject = w.noun || '/' || w.id)));

-- How exactly positions are given out to the public, by layer and level; without a row as they are stored.
create table precision_policy (
    layer        text not null check (layer in ('markers')),
    level        text not null check (level in ('province', 'county', 'township')),
    decimals     int not null check (decimals between 0 and 8),
    document_id  uuid not null references document,
    primary key (layer, level)
);
create trigger precision_policy_published after insert or update or delete on precision_policy for each statement execute function notify_published();

-- What was given out at full precision, to whom. cells are those of geo.Cell that the export touched; they are summed
-- over a window of time (geo.Contiguous).
create table export (
    id          uuid primary key,
    office_id   uuid not null references office,
    account_id  uuid not null references account,
    collection  text not null,
    bbox        double precision[] check (cardinality(bbox) = 4),
    features    int not null check (features >= 0),
    cells       bigint[] not null,
    at          timestamptz not null
);
create index export_office on export (office_id, at);
alter table export enable row level security;
alter table export force row level security;
create policy export_read on export for select using (
    office_id = any ((select acting_offices())::uuid[]) or office_is_below(office_id) or (select acting_system()) = 'command');
create policy export_write on export for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account()));
revoke update, delete on export from fangyu_app;

-- What a submission makes gets the identity that stands beside its key: a request repeated after the server was killed
-- between making and answering finds it made.
alter table idempotency add column made_id uuid not null default gen_random_uuid();
alter table idempotency alter column made_id drop default;
