-- Stretches of a line that nobody could walk (申报区段): one side of a round declares that it viewed one from a distance or
-- checked it on a dated picture, and the other side confirms it. Only then it counts, and never as walked.

create table stretch (
    id                 uuid primary key,
    inspection_id      uuid not null references inspection,
    line_id            uuid not null references line,
    office_id          uuid not null references office,      -- the side that declared it
    class              text not null check (class in ('viewed', 'imagery')),
    from_m             double precision not null check (from_m >= 0),   -- chainage
    to_m               double precision not null check (to_m > from_m),
    reason             text not null check (reason in ('cliff', 'river', 'military', 'forest', 'other')),
    note               text not null default '',
    picture_source     text not null default '',
    picture_on         date,
    state              text not null check (state in ('declared', 'confirmed', 'refused', 'withdrawn')),
    version            int not null default 1,
    declared_by        uuid not null references account,
    declared_at        timestamptz not null,
    decided_office     uuid references office,               -- the other side, which confirmed or refused it
    decided_by         uuid references account,
    decided_at         timestamptz,
    decision_reason    text,
    withdrawn_office   uuid references office,
    withdrawn_by       uuid references account,
    withdrawn_at       timestamptz,
    withdrawal_reason  text,
    check (reason <> 'other' or note <> ''),
    check (case class when 'imagery' then picture_source <> '' and picture_on is not null else picture_source = '' and picture_on is null end),
    constraint stretch_two_sides check (decided_office <> office_id),
    check (num_nulls(decided_office, decided_by, decided_at) in (0, 3)),
    check (num_nulls(withdrawn_office, withdrawn_by, withdrawn_at) in (0, 3)),
    check (case state when 'declared' then decided_at is null and withdrawn_at is null
                      when 'withdrawn' then withdrawn_at is not null
                      else decided_at is not null and withdrawn_at is null end),
    check (state <> 'refused' or decision_reason <> ''),
    check (state <> 'withdrawn' or decided_at is null or withdrawal_reason <> '')
);
create index stretch_inspection on stretch (inspection_id);
create unique index stretch_once on stretch (inspection_id, office_id, class, from_m, to_m) where state in ('declared', 'confirmed');

-- A stretch goes only these ways, and only by the two sides of its round: the other one decides, and of what is not yet
-- decided only its own side lets go. boundary.Stretch says the same.
create function guard_stretch() returns trigger language plpgsql as $$
declare
    sides uuid[] := (select array[lead_office, cooperating_office] from inspection where id = new.inspection_id and line_id = new.line_id);
begin
    if tg_op = 'INSERT' then
        if new.state <> 'declared' or new.office_id = any (sides) is not true then
            raise exception 'a stretch is declared by a side of its round' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (old.state, new.state) not in (('declared', 'confirmed'), ('declared', 'refused'), ('declared', 'withdrawn'), ('confirmed', 'withdrawn'))
       or coalesce(new.withdrawn_office, new.decided_office) = any (sides) is not true
       or old.state = 'declared' and new.state = 'withdrawn' and new.withdrawn_office <> new.office_id
       or old.state = 'confirmed' and (new.decided_office, new.decided_by, new.decided_at, new.decision_reason)
              is distinct from (old.decided_office, old.decided_by, old.decided_at, old.decision_reason) then
        raise exception 'a stretch does not go from % to % by that office', old.state, new.state using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger stretch_guarded before insert or update on stretch for each row execute function guard_stretch();

-- Whoever reads the round reads its stretches; who works by assignment, those he declared himself.
alter table stretch enable row level security;
alter table stretch force row level security;
create policy stretch_read on stretch for select using (exists (select from inspection i where i.id = inspection_id));
create policy stretch_unassigned on stretch as restrictive using (
    not (select acting_by_assignment()) or declared_by = (select acting_account()) and assigned(office_id, line_id));
create policy stretch_declare on stretch for insert with check (
    declared_by = (select acting_account())
    and (office_id = any ((select acting_offices())::uuid[]) or (select acting_by_assignment()) and assigned(office_id, line_id)));
create policy stretch_decide on stretch for update using (
    not (select acting_by_assignment())
    and exists (select from inspection i where i.id = inspection_id
                and array[i.lead_office, i.cooperating_office] && (select acting_offices())::uuid[]))
    with check (
    state in ('confirmed', 'refused') and decided_by = (select acting_account())
        and decided_office = any ((select acting_offices())::uuid[]) and office_id <> all ((select acting_offices())::uuid[])
    or state = 'withdrawn' and withdrawn_by = (select acting_account()) and withdrawn_office = any ((select acting_offices())::uuid[]));
create policy stretch_take_back on stretch for update using ((select acting_by_assignment()) and state = 'declared')
    with check ((select acting_by_assignment()) and state = 'withdrawn' and withdrawn_by = (select acting_account()) and withdrawn_office = office_id);
revoke update, delete on stretch from fangyu_app;
grant update (state, version, decided_office, decided_by, decided_at, decision_reason,
              withdrawn_office, withdrawn_by, withdrawn_at, withdrawal_reason) on stretch to fangyu_app;

-- What is covered: walked by a track, or declared and confirmed.
alter table coverage alter column track_id drop not null;
alter table coverage add column stretch_id uuid references stretch;
alter table coverage add constraint coverage_of_one check (num_nonnulls(track_id, stretch_id) = 1);
alter table coverage add constraint coverage_declared check (stretch_id is null or class in ('viewed', 'imagery'));
create index coverage_stretch on coverage (stretch_id) where stretch_id is not null;

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
        else false end
$$;
alter policy journal_shared on journal using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form|stretch)/' and entry_is_open(subject, verb, after));
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|stretch|track|photo|claim|submission)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
