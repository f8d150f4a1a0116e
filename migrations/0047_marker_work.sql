-- Work at markers (界桩维护): what one side or both found or did there. What was submitted never changes; only what is recorded
-- moves the state of its marker, and no observation the registered position.

-- The lines a stone stands on: its own and, of a stone with three faces, those of the same level that come within 200 m of it.
create function marker_lines(marker uuid) returns uuid[] language sql stable as $$
    select coalesce(array_agg(l.id order by l.id), '{}')
    from known_marker m join line own on own.id = m.line_id join line l on l.level = own.level
    where m.id = marker_lines.marker
      and (l.id = own.id or m.type = 'three-face' and exists (
          select from line_version v where v.line_id = l.id and upper_inf(v.valid) and v.geom && st_expand(st_force2d(m.geom), 0.003)
            and st_dwithin(v.geom::geography, st_force2d(m.geom)::geography, 200)))
$$;
create function line_parties(lines uuid[]) returns uuid[] language sql stable as $$
    select coalesce(array_agg(distinct p order by p), '{}') from line l cross join lateral unnest(array[l.party_a, l.party_b]) p where l.id = any (lines)
$$;
create function one_line_is_ours(lines uuid[]) returns boolean language sql stable as $$
    select exists (select from unnest(lines) l where line_is_ours(l))
$$;

create table marker_work (
    id              uuid primary key,
    office_id       uuid not null references office,       -- whose record it is
    marker_id       uuid not null references marker_identity,
    line_id         uuid not null references line,         -- of its marker
    lines           uuid[] not null,                       -- all that the stone stands on
    party           uuid not null references division,     -- the side that office speaks for
    parties         uuid[] not null,                       -- of all those lines
    kind            text not null check (kind in ('intact', 'damaged', 'not-found', 'deviates', 'remeasured', 'plan', 'restoration', 'upkeep')),
    done_on         date not null,
    measures        text[] not null,
    observed        geometry(PointZ, 4490),                -- height NaN where not measured
    sigma_m         double precision check (sigma_m > 0),
    method          text not null,
    note            text not null,
    photos          uuid[] not null,
    no_photos       text not null,
    due_on          date,
    custodian       uuid references division,
    registered      geometry(PointZ, 4490) not null,       -- position of the marker when it was written
    apart_m         double precision,                      -- of the observed from the registered position
    limit_m         double precision,                      -- 3·√(σ² + σ registered²)
    fit             text not null check (fit in ('', 'within', 'beyond')),
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    state           text not null check (state in ('draft', 'submitted', 'recorded', 'refused', 'withdrawn')),
    marker_from     text,                                  -- the state its marker came from when it was recorded, and into
    marker_to       text,
    refusal         text,
    version         int not null default 1,
    written_by      uuid not null references account,
    created_at      timestamptz not null,
    submitted_at    timestamptz,
    recorded_at     timestamptz,
    check ((observed is null) = (apart_m is null) and (observed is null) = (limit_m is null) and (observed is null) = (fit = '')),
    check ((state = 'recorded') = (recorded_at is not null) and (state = 'recorded') = (marker_to is not null) and (state = 'recorded') = (marker_from is not null)),
    check ((state = 'refused') = (refusal is not null)),
    check (state in ('draft', 'withdrawn') or submitted_at is not null)
);
create index marker_work_marker on marker_work (marker_id);
create index marker_work_office on marker_work (office_id);
create index marker_work_lines on marker_work using gin (lines);

-- A confirmation binds another side to the exact content it read: that it was there.
create table marker_work_confirmation (
    id              uuid primary key,
    work_id         uuid not null references marker_work,
    party           uuid not null references division,
    office_id       uuid not null references office,
    account_id      uuid not null references account,
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    confirmed_at    timestamptz not null,
    unique (work_id, party)
);

-- What a measure counts as, by level and jurisdiction: the rule of the lowest division that covers both parties of a line.
-- What was not read from its text is marked so; a stricter reading harms nobody.
create table marker_measure_rule (
    id           uuid primary key default gen_random_uuid(),
    measure      text not null check (measure in ('righting')),
    level        text not null check (level in ('province', 'county', 'township')),
    division_id  uuid references division,         -- null: wherever no other rule is
    counts_as    text not null check (counts_as in ('upkeep', 'repair')),
    source       text not null,
    confirmed    boolean not null                  -- read from its text
);
create unique index marker_measure_rule_once on marker_measure_rule (measure, level, division_id) nulls not distinct;
insert into marker_measure_rule (measure, level, counts_as, source, confirmed)
select 'righting', level, 'repair', '《行政区域界线管理条例》第六条未写明扶正：从严按维修办理', false from unnest(array['province', 'county', 'township']) level;
revoke insert, update, delete on marker_measure_rule from fangyu_app;   -- set by whoever runs the database

-- A record keeps what it says once it was submitted, goes on by its steps only, and what is done together is recorded when every
-- other side has confirmed what it says, or has measured by itself.
create function guard_marker_work() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.marker_id, new.line_id, new.lines, new.party, new.parties, new.written_by, new.created_at)
          is distinct from (old.id, old.office_id, old.marker_id, old.line_id, old.lines, old.party, old.parties, old.written_by, old.created_at)
       or (old.state <> 'draft' or new.state <> 'draft')
          and (new.kind, new.done_on, new.measures, new.observed::bytea, new.sigma_m, new.method, new.note, new.photos, new.no_photos, new.due_on, new.custodian,
               new.registered::bytea, new.apart_m, new.limit_m, new.fit, new.content_sha256)
              is distinct from (old.kind, old.done_on, old.measures, old.observed::bytea, old.sigma_m, old.method, old.note, old.photos, old.no_photos, old.due_on,
                                old.custodian, old.registered::bytea, old.apart_m, old.limit_m, old.fit, old.content_sha256)
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'submitted'), ('draft', 'recorded'), ('draft', 'withdrawn'), ('submitted', 'recorded'), ('submitted', 'refused'), ('submitted', 'withdrawn'))
       or old.state in ('recorded', 'refused', 'withdrawn')
       or new.state = 'recorded' and new.kind in ('remeasured', 'plan', 'restoration')
          and exists (
              select from unnest(array_remove(new.parties, new.party)) p
              where not exists (select from marker_work_confirmation c where c.work_id = new.id and c.party = p and c.content_sha256 = new.content_sha256)
                and not (new.kind = 'remeasured' and exists (
                    select from marker_work w where w.marker_id = new.marker_id and w.party = p and w.kind = new.kind and w.fit = new.fit and w.state in ('submitted', 'recorded')))) then
        raise exception 'a record of work keeps what it says and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger marker_work_guarded before update on marker_work for each row execute function guard_marker_work();
create trigger marker_work_confirmation_kept before update or delete on marker_work_confirmation for each row execute function refuse_change();

-- A draft is its own side's; from its submission on every side of the lines and the bureau above two of them read it.
alter table marker_work enable row level security;
alter table marker_work force row level security;
create policy work_own on marker_work using (
    office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()))
    with check (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment())
                and division_heir((select acting_bureau()), party) and party = any (parties));
create policy work_assigned on marker_work using (
    written_by = (select acting_account()) and (select acting_by_assignment()) and assigned_marker(office_id, marker_id))
    with check (written_by = (select acting_account()) and (select acting_by_assignment()) and assigned_marker(office_id, marker_id)
                and kind not in ('remeasured', 'plan', 'restoration') and party = any (parties));
create policy work_begun on marker_work as restrictive for insert with check (
    state = 'draft' and written_by = (select acting_account()) and lines = marker_lines(marker_id) and parties = line_parties(lines)
    and exists (select from known_marker m where m.id = marker_id and m.line_id = marker_work.line_id));
create policy work_shown on marker_work for select using (
    state in ('submitted', 'recorded', 'refused') and not (select acting_by_assignment()) and one_line_is_ours(lines));
create policy work_joint on marker_work for update using (
    state = 'submitted' and not (select acting_by_assignment()) and one_line_is_ours(lines))
    with check (state in ('submitted', 'recorded', 'refused') and not (select acting_by_assignment()) and one_line_is_ours(lines));
revoke delete on marker_work from fangyu_app;

alter table marker_work_confirmation enable row level security;
alter table marker_work_confirmation force row level security;
create policy work_confirmation_read on marker_work_confirmation for select using (exists (select from marker_work w where w.id = work_id));
create policy work_confirmation_write on marker_work_confirmation for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account()) and not (select acting_by_assignment())
    and division_heir((select acting_bureau()), party)
    and exists (select from marker_work w where w.id = work_id and w.state = 'submitted' and w.content_sha256 = marker_work_confirmation.content_sha256
                and marker_work_confirmation.party = any (w.parties) and w.party <> marker_work_confirmation.party));
revoke update, delete on marker_work_confirmation from fangyu_app;

-- A withheld marker goes through its states like the others. Nothing else of it can change: only this function does it.
create policy withheld_state_read on withheld for select to fangyu_owner using (noun = 'marker' and (select acting_system()) = 'marker.work');
create policy withheld_state on withheld for update to fangyu_owner
    using (noun = 'marker' and (select acting_system()) = 'marker.work') with check (noun = 'marker');
create function give_withheld_state(marker uuid, state text) returns void
language sql security definer set search_path = public, pg_temp as $$
    update withheld set rows = jsonb_set(rows, '{marker,state}', to_jsonb(state)) where noun = 'marker' and id = marker
$$;

-- Its history is for whoever reads it.
create or replace function entry_is_open(subject text, verb text, after jsonb) returns boolean language sql stable as $$
    select case
        when subject ~ '^inspection/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            (verb <> 'fill-form' or coalesce((after ->> 'submit')::boolean, false))
            and exists (select from inspection i where i.id = substr(subject, 12)::uuid)
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid
                    and (f.office_id = any (acting_offices()) or coalesce((after ->> 'submit')::boolean, false)))
        when subject ~ '^stretch/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from stretch s where s.id = substr(subject, 9)::uuid)
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid)
        when subject ~ '^photo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from photo p where p.id = substr(subject, 7)::uuid)
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid)
        when subject ~ '^agreement/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from agreement a where a.id = substr(subject, 11)::uuid)
        when subject ~ '^marker-work/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_work w where w.id = substr(subject, 13)::uuid)
        else false end
$$;
alter policy journal_shared on journal using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form|marker-work|stretch|agreement)/' and entry_is_open(subject, verb, after));
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|marker-work|stretch|track|photo|claim|submission|agreement)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
