-- The second wall: row-level security on what belongs to offices. The first is the check in every use-case; this one holds
-- when that check is forgotten. Published tables have no policies: operators on geometry and text are not leakproof, and
-- a policy would turn their index scans into scans of everything.
--
-- A transaction says for whom it works by three settings of its own; unset, it works for nobody.

create function acting_account() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('fangyu.account', true), '')::uuid $$;
create function acting_office() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('fangyu.office', true), '')::uuid $$;
create function acting_system() returns text language sql stable parallel safe
    as $$ select coalesce(current_setting('fangyu.system', true), '') $$;

-- An office that took another's place, with its records: they stay as they were made, and the successor acts on them.
create table office_succession (
    predecessor_id  uuid primary key references office,
    successor_id    uuid not null references office,
    on_day          date not null,
    document_id     uuid not null references document,
    check (predecessor_id <> successor_id)
);
create index office_succession_successor on office_succession (successor_id);
revoke update, delete on office_succession from fangyu_app;

-- The day in China.
create function today() returns date language sql stable parallel safe
    as $$ select (now() at time zone 'Asia/Shanghai')::date $$;

-- What stands directly over a division on a day: the one above it, and where it has ended those that succeeded it.
-- gazetteer.Lineage decides by the same rows.
create function division_over(division uuid, on_day date)
    returns table (id uuid, succeeds boolean) language sql stable as $$
    (select v.parent_id, false from division_version v
     where v.division_id = division and v.parent_id is not null and (lower(v.valid) <= on_day or lower_inf(v.valid))
     order by lower(v.valid) desc nulls last limit 1)
    union all
    select l.successor_id, true from division_link l
    where l.predecessor_id = division and l.successor_id <> division and l.kind <> 'transfer-territory' and l.on_day <= division_over.on_day
      and not exists (select from division_version v where v.division_id = division and v.valid @> division_over.on_day)
$$;

-- An office and those whose place it took, directly or through others.
create function offices_of(office uuid) returns uuid[] language sql stable as $$
    with recursive mine (id) as (
        select office where office is not null
        union
        select s.predecessor_id from mine join office_succession s on s.successor_id = mine.id and s.on_day <= today())
    select coalesce(array_agg(id), '{}') from mine
$$;
create function acting_offices() returns uuid[] language sql stable as $$ select offices_of(acting_office()) $$;

create function division_covers(jurisdiction uuid, division uuid) returns boolean language sql stable as $$
    with recursive up (id) as (
        select division
        union
        select o.id from up cross join lateral division_over(up.id, today()) o)
    select exists (select from up where up.id = jurisdiction)
$$;

-- Whether the acting office is the division's own, or was given its affairs when the division ended.
create function division_heir(heir uuid, division uuid) returns boolean language sql stable as $$
    with recursive heirs (id) as (
        select division
        union
        select o.id from heirs cross join lateral division_over(heirs.id, today()) o where o.succeeds)
    select exists (select from heirs where heirs.id = heir)
$$;

-- The division in which the acting office decides names, and the one whose lines it keeps; null when there is none.
create function acting_decider() returns uuid language sql stable as $$
    select division_id from office
    where id = acting_office() and valid @> today() and kind in ('civil-affairs', 'competent-department', 'committee')
$$;
create function acting_bureau() returns uuid language sql stable as $$
    select division_id from office where id = acting_office() and valid @> today() and kind in ('civil-affairs', 'township-government')
$$;

-- Whether the acting office is of one of a line's parties, or above both.
create function line_is_ours(line uuid) returns boolean language sql stable as $$
    select exists (
        select from line l where l.id = line_is_ours.line
          and (division_heir(acting_bureau(), l.party_a) or division_heir(acting_bureau(), l.party_b)
               or division_covers(acting_bureau(), l.party_a) and division_covers(acting_bureau(), l.party_b)))
$$;

-- Whether the acting office is a bureau above the office given.
create function office_is_below(office uuid) returns boolean language sql stable as $$
    select exists (
        select from office o where o.id = office_is_below.office and o.division_id is distinct from acting_bureau()
          and division_covers(acting_bureau(), o.division_id))
$$;

-- Rounds and their signatures: of the two sides and whoever is above them. What was signed does not change; a signature
-- can only be voided.
alter table inspection enable row level security;
alter table inspection force row level security;
create policy inspection_sides on inspection using (
    (select acting_system()) in ('track.read', 'office.succession', 'demo', 'command')
    or array[lead_office, cooperating_office] && (select acting_offices())::uuid[]
    or line_is_ours(line_id));

alter table inspection_signature enable row level security;
alter table inspection_signature force row level security;
create policy signature_read on inspection_signature for select using (exists (select from inspection i where i.id = inspection_id));
create policy signature_sign on inspection_signature for insert with check (
    office_id = any ((select acting_offices())::uuid[]) and account_id = (select acting_account())
    and exists (select from inspection i where i.id = inspection_id));
create policy signature_void on inspection_signature for update using (
    (select acting_system()) in ('track.read', 'office.succession')
    or exists (select from inspection i where i.id = inspection_id 
                   and array[i.lead_office, i.cooperating_office] && (select acting_offices())::uuid[]));
revoke update, delete on inspection_signature from fangyu_app;
grant update (voided_at, void_reason) on inspection_signature to fangyu_app;

-- Marker forms: a draft is its office's own; the round's other readers see it once it was submitted.
alter table marker_form enable row level security;
alter table marker_form force row level security;
create policy form_own on marker_form using (
    office_id = any ((select acting_offices())::uuid[]) or (select acting_system()) = 'demo');
create policy form_submitted on marker_form for select using (
    submitted_at is not null and exists (select from inspection i where i.id = inspection_id)
    or (select acting_system()) = 'track.read');
revoke delete on marker_form from fangyu_app;

-- A raw track is its office's own; the bureau above reads it once it was submitted with its round. What a track is worth
-- on its line (track_result) is for both sides.
alter table track add column submitted_at timestamptz;

create table track_result (
    track_id       uuid primary key references track,
    office_id      uuid not null references office,
    line_id        uuid not null references line,
    inspection_id  uuid references inspection,
    sha256         text not null references evidence,
    file_name      text not null,
    receiver       text not null,
    sigma_m        double precision not null,
    received_at    timestamptz not null,
    matched_at     timestamptz not null,
    match          jsonb not null,          -- the match document, with its parameters and algorithm version
    corridor_m     double precision not null,
    corridor       geometry(MultiLineString, 4490)  -- the parts of the track within corridor_m of the line; null when none
);
create index track_result_line on track_result (line_id);
create index track_result_inspection on track_result (inspection_id);
insert into track_result (track_id, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at, match, corridor_m)
select id, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at, match, 0
from track where state = 'matched';
alter table track drop column match;

alter table track enable row level security;
alter table track force row level security;
create policy track_own on track using (
    office_id = any ((select acting_offices())::uuid[]) or (select acting_system()) in ('track.read', 'inspection.submit', 'demo'));
create policy track_submitted on track for select using (submitted_at is not null and office_is_below(office_id));
revoke delete on track from fangyu_app;

alter table track_result enable row level security;
alter table track_result force row level security;
create policy result_read on track_result for select using (
    office_id = any ((select acting_offices())::uuid[]) or (select acting_system()) in ('track.read', 'demo') or line_is_ours(line_id)
    or inspection_id is not null and exists (select from inspection i where i.id = inspection_id));
create policy result_write on track_result for insert with check ((select acting_system()) = 'track.read');
create policy result_join on track_result for update using (office_id = any ((select acting_offices())::uuid[]));
revoke update, delete on track_result from fangyu_app;
grant update (inspection_id) on track_result to fangyu_app;

-- Naming cases: of the office that applied, and of those who decide names where the case lies.
alter table proposal add column committee_id uuid references office;  -- whose seats vote
alter table proposal enable row level security;
alter table proposal force row level security;
create policy proposal_own on proposal using (
    office_id = any ((select acting_offices())::uuid[]) or (select acting_system()) in ('demo', 'command'));
create policy proposal_decided on proposal for select using (
    state <> 'draft' and division_covers((select acting_decider()), division_id));
create policy proposal_decide on proposal for update using (
    state <> 'draft' and division_covers((select acting_decider()), division_id));
revoke delete on proposal from fangyu_app;

alter table proposal_vote enable row level security;
alter table proposal_vote force row level security;
create policy vote_read on proposal_vote for select using (exists (select from proposal p where p.id = proposal_id));
create policy vote_cast on proposal_vote for insert with check (
    account_id = (select acting_account())
    and exists (select from proposal p where p.id = proposal_id and p.committee_id = any ((select acting_offices())::uuid[])));
revoke update, delete on proposal_vote from fangyu_app;
