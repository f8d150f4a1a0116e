-- What was applied for can be written anew by the side that wrote it, until the bureau above has agreed: a draft, what was withdrawn or
-- returned, and what waits. Whoever had agreed agreed to something else: every confirmation is void then. A joint survey may say the
-- witness objects of the new place. And every side of a stone may know of it, that of the third line of a withheld one too.

alter table marker_change
    add column objects jsonb not null default '[]',        -- witness objects measured from the new place
    add column again   jsonb not null default '[]',        -- and what the other crew measured of them
    drop constraint marker_change_state_check,
    add constraint marker_change_state_check check (state in (
        'draft', 'applied', 'agreed', 'approved', 'surveyed', 'placed', 'filed', 'declined', 'withdrawn', 'returned'));

-- What was returned keeps its marker from no other case.
drop index marker_change_under_way;
drop index marker_change_number;
create unique index marker_change_under_way on marker_change (marker_id) where state not in ('draft', 'filed', 'declined', 'withdrawn', 'returned');
create unique index marker_change_number on marker_change (line_id, number, stone)
    where kind = 'addition' and state not in ('draft', 'filed', 'declined', 'withdrawn', 'returned');

alter table marker_change_confirmation
    add column voided_at   timestamptz,
    add column void_reason text,
    add constraint marker_change_confirmation_voided check ((voided_at is null) = (void_reason is null)),
    drop constraint marker_change_confirmation_change_id_stage_party_content_sh_key;
create unique index marker_change_confirmation_once on marker_change_confirmation (change_id, stage, party, content_sha256) where voided_at is null;

create or replace function every_side_confirmed(change uuid, stage text, parties uuid[], sha256 text) returns boolean language sql stable as $$
    select not exists (
        select from unnest(parties) p where not exists (
            select from marker_change_confirmation c
            where c.change_id = change and c.stage = every_side_confirmed.stage and c.party = p and c.content_sha256 = sha256 and c.voided_at is null))
$$;

-- A confirmation stands until its case is written anew or returned, and does not come back.
create function guard_change_confirmation() returns trigger language plpgsql as $$
begin
    if old.voided_at is not null or new.voided_at is null or old.stage <> 'agree'
       or (new.id, new.change_id, new.stage, new.party, new.office_id, new.account_id, new.content_sha256, new.confirmed_at)
          is distinct from (old.id, old.change_id, old.stage, old.party, old.office_id, old.account_id, old.content_sha256, old.confirmed_at)
       or not exists (select from marker_change c where c.id = new.change_id and c.state in ('draft', 'applied', 'returned')) then
        raise exception 'a confirmation stands until its case is written anew or returned, and does not come back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
drop trigger marker_change_confirmation_kept on marker_change_confirmation;
create trigger marker_change_confirmation_kept before delete on marker_change_confirmation for each row execute function refuse_change();
create trigger marker_change_confirmation_guarded before update on marker_change_confirmation for each row execute function guard_change_confirmation();
grant update (voided_at, void_reason) on marker_change_confirmation to fangyu_app;
create policy change_confirmation_void on marker_change_confirmation for update using (exists (
    select from marker_change c
    where c.id = change_id and (c.state = 'returned' or c.state in ('draft', 'applied') and c.office_id = any ((select acting_offices())::uuid[]))));

create or replace function guard_marker_change() returns trigger language plpgsql as $$
declare
    own boolean := coalesce(old.office_id = any (acting_offices()), false);
    says boolean := (new.applicant, new.reason, new.number, new.stone, new.type, new.proposed::bytea, new.content_sha256, new.lines, new.parties)
        is distinct from (old.applicant, old.reason, old.number, old.stone, old.type, old.proposed::bytea, old.content_sha256, old.lines, old.parties);
begin
    if (new.id, new.office_id, new.kind, new.marker_id, new.line_id, new.party, new.written_by, new.created_at)
          is distinct from (old.id, old.office_id, old.kind, old.marker_id, old.line_id, old.party, old.written_by, old.created_at)
       or says and not (own and (old.state, new.state) in (('draft', 'draft'), ('withdrawn', 'draft'), ('returned', 'draft'), ('applied', 'applied'), ('agreed', 'applied')))
       or says and new.kind <> 'addition' and (new.number, new.stone, new.type, new.lines, new.parties) is distinct from (old.number, old.stone, old.type, old.lines, old.parties)
       or says and new.kind = 'addition' and not (new.parties = line_parties(new.lines) and new.line_id = any (new.lines) and new.party = any (new.parties))
       or (new.surveyed::bytea, new.sigma_m, new.method, new.surveyed_on, new.survey_sha256, new.objects, new.again)
          is distinct from (old.surveyed::bytea, old.sigma_m, old.method, old.surveyed_on, old.survey_sha256, old.objects, old.again)
          and (old.state <> 'approved' or new.state <> 'approved')
       or new.approval_id is distinct from old.approval_id and not (old.state = 'agreed' and new.state = 'approved')
       or new.archive_id is distinct from old.archive_id and new.state <> 'placed'
       or (new.filing_id, new.valid_from) is distinct from (old.filing_id, old.valid_from) and new.state <> 'filed'
       or new.state = old.state and new.state in ('filed', 'declined', 'withdrawn', 'returned')
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'applied'), ('draft', 'withdrawn'), ('applied', 'agreed'), ('applied', 'declined'), ('applied', 'withdrawn'), ('applied', 'returned'),
              ('agreed', 'approved'), ('agreed', 'declined'), ('agreed', 'returned'), ('agreed', 'applied'), ('returned', 'applied'), ('returned', 'withdrawn'),
              ('returned', 'draft'), ('withdrawn', 'draft'), ('approved', 'declined'), ('surveyed', 'declined'), ('placed', 'declined'), ('approved', 'surveyed'),
              ('surveyed', 'placed'), ('placed', 'filed'))
          and not (new.kind = 'retirement' and old.state = 'approved' and new.state = 'placed')
       or (old.state, new.state) in (('agreed', 'applied'), ('returned', 'applied'), ('returned', 'withdrawn'), ('returned', 'draft'), ('withdrawn', 'draft')) and not own
       or old.state = 'agreed' and new.state = 'returned' and not office_is_below(new.office_id)
       or new.state in ('agreed', 'approved', 'surveyed', 'placed', 'filed') and not every_side_confirmed(new.id, 'agree', new.parties, new.content_sha256)
       or new.state in ('surveyed', 'placed', 'filed') and new.kind <> 'retirement' and not every_side_confirmed(new.id, 'survey', new.parties, new.survey_sha256)
       or new.state <> old.state and new.state = 'approved' and not office_is_below(new.office_id) then
        raise exception 'a case of a marker keeps what was applied for and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- The lines a stone of that kind stands on at a place. It looks at no marker, so that the policy of what is withheld may ask.
create function stone_lines(line uuid, type text, at geometry) returns uuid[] language sql stable as $$
    select coalesce(array_agg(l.id order by l.id), '{}')
    from line own join line l on l.level = own.level
    where own.id = stone_lines.line
      and (l.id = own.id or stone_lines.type = 'three-face' and exists (
          select from line_version v where v.line_id = l.id and upper_inf(v.valid) and v.geom && st_expand(st_force2d(at), 0.003)
            and st_dwithin(v.geom::geography, st_force2d(at)::geography, 200)))
$$;
create or replace function marker_lines(marker uuid) returns uuid[] language sql stable as $$
    select coalesce((select stone_lines(m.line_id, m.type, m.geom) from known_marker m where m.id = marker_lines.marker), '{}')
$$;

alter policy withheld_read on withheld using (
    (select acting_system()) in ('command', 'import', 'name.approve') or (select acting_system()) in ('track.read', 'photo.read') and noun = 'marker'
    or case when line_id is null then division_covers((select acting_bureau()), division_id)
       else line_is_ours(line_id) or rows -> 'marker' ->> 'type' = 'three-face' and one_line_is_ours(stone_lines(line_id, 'three-face', geom)) end);
alter policy marker_record_read on marker_record using (
    not (select acting_by_assignment()) and one_line_is_ours(marker_lines(marker_id)));
alter policy marker_record_write on marker_record with check (
    not (select acting_by_assignment())
    and office_id = any ((select acting_offices())::uuid[]) and account_id = (select acting_account()) and one_line_is_ours(marker_lines(marker_id)));
alter policy position_read on marker_position using (
    not (select acting_by_assignment()) and one_line_is_ours(marker_lines(marker_id)));
