-- Registered positions of markers, every one for ever, and the cases by which alone they change (界桩变动): relocation, addition and
-- retirement. 《行政区域界线管理条例》第六条：双方商定、共同测绘、完善档案、报批准机关备案.

create table marker_change (
    id              uuid primary key,
    office_id       uuid not null references office,       -- that applied
    kind            text not null check (kind in ('relocation', 'addition', 'retirement')),
    marker_id       uuid not null,                         -- of an addition: the one it will be
    line_id         uuid not null references line,
    lines           uuid[] not null,
    party           uuid not null references division,     -- the side that office speaks for
    parties         uuid[] not null,
    applicant       text not null,                         -- for whom: a developer; '' for the side itself
    reason          text not null check (reason <> ''),
    number          text not null,
    stone           text not null,
    type            text not null check (type in ('two-face', 'three-face')),
    proposed        geometry(PointZ, 4490),                -- where it is to stand; height NaN where unknown
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    surveyed        geometry(PointZ, 4490),                -- jointly
    sigma_m         double precision check (sigma_m > 0),
    method          text not null default '',
    surveyed_on     date,
    survey_sha256   text check (survey_sha256 ~ '^[0-9a-f]{64}$'),
    approval_id     uuid references document,
    archive_id      uuid references document,
    filing_id       uuid references document,
    valid_from      date,                                  -- first day of what it made
    state           text not null check (state in ('draft', 'applied', 'agreed', 'approved', 'surveyed', 'placed', 'filed', 'declined', 'withdrawn')),
    refusal         text,
    version         int not null default 1,
    written_by      uuid not null references account,
    created_at      timestamptz not null,
    check ((kind = 'retirement') = (proposed is null)),
    check ((surveyed is null) = (survey_sha256 is null) and (surveyed is null) = (surveyed_on is null) and (surveyed is null) = (sigma_m is null)),
    check (state not in ('approved', 'surveyed', 'placed', 'filed') or approval_id is not null),
    check (state not in ('surveyed', 'placed', 'filed') or kind = 'retirement' or surveyed is not null),
    check (state not in ('placed', 'filed') or archive_id is not null),
    check (state <> 'filed' or filing_id is not null and valid_from is not null)
);
create index marker_change_office on marker_change (office_id);
create index marker_change_lines on marker_change using gin (lines);
create unique index marker_change_under_way on marker_change (marker_id) where state not in ('draft', 'filed', 'declined', 'withdrawn');
create unique index marker_change_number on marker_change (line_id, number, stone) where kind = 'addition' and state not in ('draft', 'filed', 'declined', 'withdrawn');

-- A confirmation binds a side to the exact application, or survey, that it read.
create table marker_change_confirmation (
    id              uuid primary key,
    change_id       uuid not null references marker_change,
    stage           text not null check (stage in ('agree', 'survey')),
    party           uuid not null references division,
    office_id       uuid not null references office,
    account_id      uuid not null references account,
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    confirmed_at    timestamptz not null,
    unique (change_id, stage, party, content_sha256)
);
create trigger marker_change_confirmation_kept before update or delete on marker_change_confirmation for each row execute function refuse_change();

create function every_side_confirmed(change uuid, stage text, parties uuid[], sha256 text) returns boolean language sql stable as $$
    select not exists (
        select from unnest(parties) p where not exists (
            select from marker_change_confirmation c
            where c.change_id = change and c.stage = every_side_confirmed.stage and c.party = p and c.content_sha256 = sha256))
$$;

-- A case keeps what was applied for, goes on by its steps only, with every side agreed, the bureau above them having approved, and
-- every side having confirmed what was surveyed.
create function guard_marker_change() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.kind, new.marker_id, new.line_id, new.lines, new.party, new.parties, new.written_by, new.created_at, new.applicant, new.reason,
        new.number, new.stone, new.type, new.proposed::bytea, new.content_sha256)
          is distinct from (old.id, old.office_id, old.kind, old.marker_id, old.line_id, old.lines, old.party, old.parties, old.written_by, old.created_at, old.applicant,
                            old.reason, old.number, old.stone, old.type, old.proposed::bytea, old.content_sha256)
       or (new.surveyed::bytea, new.sigma_m, new.method, new.surveyed_on, new.survey_sha256)
          is distinct from (old.surveyed::bytea, old.sigma_m, old.method, old.surveyed_on, old.survey_sha256) and (old.state <> 'approved' or new.state <> 'approved')
       or new.approval_id is distinct from old.approval_id and not (old.state = 'agreed' and new.state = 'approved')
       or new.archive_id is distinct from old.archive_id and new.state <> 'placed'
       or (new.filing_id, new.valid_from) is distinct from (old.filing_id, old.valid_from) and new.state <> 'filed'
       or new.state = old.state and new.state in ('filed', 'declined', 'withdrawn')
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'applied'), ('draft', 'withdrawn'), ('applied', 'agreed'), ('applied', 'declined'), ('applied', 'withdrawn'), ('agreed', 'approved'),
              ('agreed', 'declined'), ('approved', 'surveyed'), ('surveyed', 'placed'), ('placed', 'filed'))
          and not (new.kind = 'retirement' and old.state = 'approved' and new.state = 'placed')
       or new.state in ('agreed', 'approved', 'surveyed', 'placed', 'filed') and not every_side_confirmed(new.id, 'agree', new.parties, new.content_sha256)
       or new.state in ('surveyed', 'placed', 'filed') and new.kind <> 'retirement' and not every_side_confirmed(new.id, 'survey', new.parties, new.survey_sha256)
       or new.state <> old.state and new.state = 'approved' and not office_is_below(new.office_id) then
        raise exception 'a case of a marker keeps what was applied for and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger marker_change_guarded before update on marker_change for each row execute function guard_marker_change();

alter table marker_change enable row level security;
alter table marker_change force row level security;
create policy change_own on marker_change using (
    office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()))
    with check (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment())
                and division_heir((select acting_bureau()), party) and party = any (parties));
create policy change_begun on marker_change as restrictive for insert with check (
    state = 'draft' and written_by = (select acting_account()) and approval_id is null and surveyed is null and parties = line_parties(lines) and line_id = any (lines)
    and (kind = 'addition' and not exists (select from known_marker m where m.id = marker_id)
         or kind <> 'addition' and lines = marker_lines(marker_id)
            and exists (select from known_marker m where m.id = marker_id and m.line_id = marker_change.line_id and m.number = marker_change.number and m.stone = marker_change.stone)));
create policy change_shown on marker_change for select using (
    state not in ('draft', 'withdrawn') and not (select acting_by_assignment()) and one_line_is_ours(lines));
create policy change_joint on marker_change for update using (
    state in ('applied', 'agreed', 'approved', 'surveyed', 'placed') and not (select acting_by_assignment()) and one_line_is_ours(lines))
    with check (state not in ('draft', 'withdrawn') and not (select acting_by_assignment()) and one_line_is_ours(lines));
create policy change_enacted on marker_change for select to fangyu_owner using (true);   -- by enact_marker_change
revoke delete on marker_change from fangyu_app;

alter table marker_change_confirmation enable row level security;
alter table marker_change_confirmation force row level security;
create policy change_confirmation_read on marker_change_confirmation for select using (exists (select from marker_change c where c.id = change_id));
create policy change_confirmation_write on marker_change_confirmation for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account()) and not (select acting_by_assignment())
    and division_heir((select acting_bureau()), party)
    and exists (select from marker_change c where c.id = change_id and marker_change_confirmation.party = any (c.parties)
                and (stage = 'agree' and c.state = 'applied' and c.content_sha256 = marker_change_confirmation.content_sha256
                     or stage = 'survey' and c.state = 'approved' and c.survey_sha256 = marker_change_confirmation.content_sha256)));
revoke update, delete on marker_change_confirmation from fangyu_app;

-- Every registered position of every marker. The first is that with which it came; each later one is of a case that was filed.
create table marker_position (
    marker_id    uuid not null references marker_identity,
    n            int not null check (n >= 1),
    geom         geometry(PointZ, 4490) not null,
    sigma_m      double precision,
    valid_from   date,                                     -- null: as far back as its marker is known
    change_id    uuid unique references marker_change,     -- null: it came with its marker
    recorded_at  timestamptz not null,
    primary key (marker_id, n),
    check ((n = 1) or change_id is not null)
);
select set_config('fangyu.system', 'command', true);       -- reads the withheld markers too
insert into marker_position (marker_id, n, geom, sigma_m, valid_from, recorded_at)
select id, 1, geom, sigma_m, lower(valid), recorded_at from known_marker;
select set_config('fangyu.system', '', true);
create trigger marker_position_kept before update or delete on marker_position for each row execute function refuse_change();
alter table marker_position enable row level security;
alter table marker_position force row level security;
create policy position_read on marker_position for select using (
    not (select acting_by_assignment()) and exists (select from known_marker m where m.id = marker_id and line_is_ours(m.line_id)));
create policy position_kept on marker_position to fangyu_owner using (true) with check (true);   -- by the functions below
revoke insert, update, delete on marker_position from fangyu_app;

-- The registered position of a marker is the newest of its positions, whoever writes it. What is registered first gets its first
-- one; after the trigger that identifies it, by name.
create function register_position() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        insert into marker_position (marker_id, n, geom, sigma_m, valid_from, recorded_at)
        select r.id, 1, r.geom, r.sigma_m, lower(r.valid), r.recorded_at from registered r
        where not exists (select from marker_position p where p.marker_id = r.id);
    end if;
    if exists (select from registered r where (select p.geom::bytea from marker_position p where p.marker_id = r.id order by p.n desc limit 1) is distinct from r.geom::bytea) then
        raise exception 'a registered position changes by a filed case only' using errcode = 'integrity_constraint_violation', constraint = 'marker_position_registered';
    end if;
    return null;
end $$;
create trigger marker_position_came after insert on marker referencing new table as registered for each statement execute function register_position();
create trigger marker_position_stays after update on marker referencing new table as registered for each statement execute function register_position();

create policy withheld_place_read on withheld for select to fangyu_owner using (noun = 'marker' and (select acting_system()) = 'marker.change');
create policy withheld_place on withheld for update to fangyu_owner
    using (noun = 'marker' and (select acting_system()) = 'marker.change') with check (noun = 'marker');

-- Puts a marker where a filed case says: the only way for a registered position to change. Once for each case.
create function enact_marker_change(change uuid, chainage double precision, offset_right double precision) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    c marker_change;
begin
    select * into c from marker_change where id = change and state = 'filed' and kind = 'relocation';
    if not found then
        raise exception 'no such filed relocation' using errcode = 'insufficient_privilege';
    end if;
    insert into marker_position (marker_id, n, geom, sigma_m, valid_from, change_id, recorded_at)
    select c.marker_id, max(p.n) + 1, c.surveyed, c.sigma_m, c.valid_from, c.id, now() from marker_position p where p.marker_id = c.marker_id;
    update marker set geom = c.surveyed, sigma_m = c.sigma_m, chainage_m = chainage, offset_m = offset_right, state = 'intact' where id = c.marker_id;
    update withheld set geom = c.surveyed,
        rows = jsonb_set(rows, '{marker}', rows -> 'marker' || jsonb_build_object('sigma_m', c.sigma_m, 'chainage_m', chainage, 'offset_m', offset_right, 'state', 'intact'))
    where noun = 'marker' and id = c.marker_id;
end $$;

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
        when subject ~ '^marker-change/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_change c where c.id = substr(subject, 15)::uuid)
        else false end
$$;
alter policy journal_shared on journal using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form|marker-work|marker-change|stretch|agreement)/' and entry_is_open(subject, verb, after));
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|marker-work|marker-change|stretch|track|photo|claim|submission|agreement)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
