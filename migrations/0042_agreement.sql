-- Agreements (边界协议书): what the two sides of a line agree on, and what the bureau above both approves and publishes.
-- Approval makes a new version of the line; what was approved never changes again.

create table agreement (
    id                    uuid primary key,
    office_id             uuid not null references office,       -- that wrote it
    line_id               uuid not null references line,
    party                 uuid not null references division,     -- the side of the line that office speaks for
    over_version          uuid not null references line_version, -- that it was made over and will replace
    geom                  geometry(MultiLineString, 4490) not null,
    geometry_given        boolean not null,                      -- false: it is that of the version it was made over
    length_m              double precision not null,             -- geodesic, CGCS2000
    departs_m             double precision not null,             -- how far it lies from that version at most
    departs_at_most_m     double precision,                      -- as the parties say
    course                text not null,                         -- 走向说明
    published_length_m    double precision check (published_length_m > 0),
    published_source      text not null,
    original_datum        text check (original_datum in ('cgcs2000', 'xian80', 'beijing54', 'other')),
    original_projection   text not null,
    original_coordinates  text not null,                         -- verbatim, never transformed; kept here, behind the wall
    segments              jsonb not null,                        -- as line_segment will have them
    content_sha256        text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    document_id           uuid references document,              -- the signed agreement
    state                 text not null check (state in ('draft', 'proposed', 'confirmed', 'signed', 'in-force', 'withdrawn')),
    version               int not null default 1,
    written_by            uuid not null references account,
    created_at            timestamptz not null,
    check (state not in ('signed', 'in-force') or document_id is not null)
);
create index agreement_office on agreement (office_id);
create index agreement_line on agreement (line_id);
-- One is under way at a line. A draft does not count for the other side, which would learn of it by being refused.
create unique index agreement_of_side on agreement (line_id, party) where state not in ('in-force', 'withdrawn');
create unique index agreement_under_way on agreement (line_id) where state in ('proposed', 'confirmed', 'signed');

-- A confirmation binds a side to the exact content it read; any later change voids both.
create table agreement_confirmation (
    id              uuid primary key,
    agreement_id    uuid not null references agreement,
    party           uuid not null references division,
    office_id       uuid not null references office,
    account_id      uuid not null references account,
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    confirmed_at    timestamptz not null,
    voided_at       timestamptz,
    void_reason     text,
    check ((voided_at is null) = (void_reason is null))
);
create unique index agreement_confirmation_once on agreement_confirmation (agreement_id, party) where voided_at is null;

alter table line_version
    add column course               text not null default '',    -- 走向说明
    add column original_datum       text check (original_datum in ('cgcs2000', 'xian80', 'beijing54', 'other')),
    add column original_projection  text,
    add column agreed_in            uuid references agreement;    -- null: it came by an import

-- Segments (界线段) of a version between points, by chainage: what marks the line there, and how well it is known.
create table line_segment (
    line_version_id  uuid not null references line_version,
    n                int not null check (n > 0),
    from_m           double precision not null check (from_m >= 0),
    to_m             double precision not null check (to_m > from_m),
    mark_kind        text not null check (mark_kind in ('ridge', 'river-centre', 'river-bank', 'valley', 'road', 'straight', 'other')),
    follows_feature  text not null,
    accuracy_m       double precision check (accuracy_m > 0),
    description      text not null,
    primary key (line_version_id, n)
);
revoke update, delete on line_segment from fangyu_app;

-- What was approved does not change: nothing of it but its legal status, which only goes on, its end, which is set once, and
-- whether its edges match those of the neighbours, which is a fact about them.
create or replace function guard_approved_line() returns trigger language plpgsql as $$
declare
    law constant text[] := '{signed,in-force,under-change,superseded}';
begin
    if old.legal_status = any (law) then
        if tg_op = 'DELETE' or not st_orderingequals(new.geom, old.geom)
           or (new.id, new.line_id, new.length_m, new.published_length_m, new.published_source, new.document_id, new.frame, new.recorded_at)
              is distinct from (old.id, old.line_id, old.length_m, old.published_length_m, old.published_source, old.document_id, old.frame, old.recorded_at)
           or (new.course, new.original_datum, new.original_projection, new.agreed_in, new.agreement_id)
              is distinct from (old.course, old.original_datum, old.original_projection, old.agreed_in, old.agreement_id)
           or old.approval_id is not null and new.approval_id is distinct from old.approval_id
           or old.publication_id is not null and new.publication_id is distinct from old.publication_id
           or lower(new.valid) is distinct from lower(old.valid)
           or not upper_inf(old.valid) and upper(new.valid) is distinct from upper(old.valid)
           or array_position(law, new.legal_status) is null
           or array_position(law, new.legal_status) < array_position(law, old.legal_status) then
            raise exception 'an approved line version does not change' using errcode = 'integrity_constraint_violation', constraint = 'line_version_approved';
        end if;
    end if;
    return coalesce(new, old);
end $$;

-- Nor do its sections and segments; so they are written before the version becomes law.
create function guard_approved_part() returns trigger language plpgsql as $$
begin
    if exists (select from line_version v where v.id in (old.line_version_id, new.line_version_id)
               and v.legal_status in ('signed', 'in-force', 'under-change', 'superseded')) then
        raise exception 'a part of an approved line version does not change' using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_approved';
    end if;
    return coalesce(new, old);
end $$;
create trigger section_approved before insert or update or delete on section for each row execute function guard_approved_part();
create trigger line_segment_approved before insert or update or delete on line_segment for each row execute function guard_approved_part();

-- An agreement keeps what it says once it left its own side, goes on by its steps only, and is confirmed when both sides
-- have confirmed what it says now.
create function guard_agreement() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.line_id, new.party, new.written_by, new.created_at)
          is distinct from (old.id, old.office_id, old.line_id, old.party, old.written_by, old.created_at)
       or (old.state <> 'draft' or new.state <> 'draft')
          and (not st_orderingequals(new.geom, old.geom)
               or (new.over_version, new.geometry_given, new.length_m, new.departs_m, new.departs_at_most_m, new.course, new.published_length_m, new.published_source)
                  is distinct from (old.over_version, old.geometry_given, old.length_m, old.departs_m, old.departs_at_most_m, old.course, old.published_length_m, old.published_source)
               or (new.original_datum, new.original_projection, new.original_coordinates, new.segments, new.content_sha256)
                  is distinct from (old.original_datum, old.original_projection, old.original_coordinates, old.segments, old.content_sha256))
       or new.state = old.state and (new.state in ('in-force', 'withdrawn') or new.document_id is distinct from old.document_id)
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'proposed'), ('draft', 'withdrawn'), ('proposed', 'draft'), ('proposed', 'confirmed'), ('proposed', 'withdrawn'),
              ('confirmed', 'signed'), ('signed', 'in-force'), ('signed', 'draft'))
       or old.state = 'proposed' and new.state = 'confirmed'
          and (select count(*) from agreement_confirmation c
               where c.agreement_id = new.id and c.voided_at is null and c.content_sha256 = new.content_sha256) < 2 then
        raise exception 'an agreement keeps what it says and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger agreement_guarded before update on agreement for each row execute function guard_agreement();

-- A draft is its own side's; from its proposal on both sides and the bureau above them read it and take their steps.
alter table agreement enable row level security;
alter table agreement force row level security;
create policy agreement_own on agreement using (
    office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()))
    with check (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment())
                and division_heir((select acting_bureau()), party) and state <> 'in-force');
create policy agreement_begun on agreement as restrictive for insert with check (state = 'draft');
create policy agreement_shown on agreement for select using (
    state in ('proposed', 'confirmed', 'signed', 'in-force') and not (select acting_by_assignment()) and line_is_ours(line_id));
create policy agreement_joint on agreement for update using (
    state in ('proposed', 'confirmed', 'signed') and not (select acting_by_assignment()) and line_is_ours(line_id))
    with check (state in ('proposed', 'confirmed', 'signed', 'in-force') and not (select acting_by_assignment()) and line_is_ours(line_id)
                and (state <> 'in-force' or office_is_below(office_id)));
-- What the other side or the bureau above hands back is a draft again, which they may not see: the system hands it back.
create policy agreement_hand_back_read on agreement for select using ((select acting_system()) = 'agreement');
create policy agreement_hand_back on agreement for update using ((select acting_system()) = 'agreement' and state in ('proposed', 'signed'))
    with check ((select acting_system()) = 'agreement' and state = 'draft');
revoke delete on agreement from fangyu_app;

alter table agreement_confirmation enable row level security;
alter table agreement_confirmation force row level security;
create policy confirmation_read on agreement_confirmation for select using (exists (select from agreement a where a.id = agreement_id));
create policy confirmation_confirm on agreement_confirmation for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account()) and not (select acting_by_assignment())
    and division_heir((select acting_bureau()), party)
    and exists (select from agreement a where a.id = agreement_confirmation.agreement_id and a.state = 'proposed'
                and a.content_sha256 = agreement_confirmation.content_sha256));
create policy confirmation_void on agreement_confirmation for update using (
    (select acting_system()) = 'agreement'
    or exists (select from agreement a where a.id = agreement_id and a.office_id = any ((select acting_offices())::uuid[])));
revoke update, delete on agreement_confirmation from fangyu_app;
grant update (voided_at, void_reason) on agreement_confirmation to fangyu_app;

-- A withheld marker gets chainage and offset on a new version of its line like the others. Nothing else of it can change: only
-- this function does it.
create policy withheld_along_read on withheld for select to fangyu_owner using (noun = 'marker' and (select acting_system()) = 'agreement');
create policy withheld_along on withheld for update to fangyu_owner
    using (noun = 'marker' and (select acting_system()) = 'agreement') with check (noun = 'marker');

create function move_withheld(marker uuid, chainage_m double precision, offset_m double precision) returns void
language sql security definer set search_path = public, pg_temp as $$
    update withheld set rows = jsonb_set(jsonb_set(rows, '{marker,chainage_m}', to_jsonb(chainage_m)), '{marker,offset_m}', to_jsonb(offset_m))
    where noun = 'marker' and id = marker
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
        else false end
$$;
alter policy journal_shared on journal using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form|stretch|agreement)/' and entry_is_open(subject, verb, after));
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|stretch|track|photo|claim|submission|agreement)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
