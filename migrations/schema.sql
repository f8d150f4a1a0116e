-- Dumped from a migrated database; see schema_test.go. For reading: migrations make it.
CREATE FUNCTION public.acting_account() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ select nullif(current_setting('fangyu.account', true), '')::uuid $$;

CREATE FUNCTION public.acting_bureau() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select division_id from office where id = acting_office() and valid @> today() and kind in ('civil-affairs', 'township-government')
$$;

CREATE FUNCTION public.acting_by_assignment() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from account a join office o on o.id = a.office_id
        where a.id = acting_account()
          and (o.kind = 'contractor'
               or exists (select from account_role r where r.account_id = a.id and r.role = 'keeper')
                  and not exists (select from account_role r where r.account_id = a.id and r.role in (
                      'party-officer', 'party-leader', 'superior', 'approval-authority', 'surveyor', 'archivist', 'auditor'))))
$$;

CREATE FUNCTION public.acting_decider() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select division_id from office
    where id = acting_office() and valid @> today() and kind in ('civil-affairs', 'competent-department', 'committee')
$$;

CREATE FUNCTION public.acting_grader() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select division_id from office where id = acting_office() and valid @> today() and kind = 'civil-affairs'
$$;

CREATE FUNCTION public.acting_office() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ select nullif(current_setting('fangyu.office', true), '')::uuid $$;

CREATE FUNCTION public.acting_offices() RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$ select offices_of(acting_office()) $$;

CREATE FUNCTION public.acting_over_all() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from account a join account_role r on r.account_id = a.id and r.role = 'administrator'
        where a.id = acting_account() and a.office_id = acting_office())
    and acting_grader() is not null and not exists (
        select from office o
        where o.division_id is not null and o.kind in ('civil-affairs', 'township-government') and o.valid @> today()
          and not division_covers(acting_grader(), o.division_id))
$$;

CREATE FUNCTION public.acting_region() RETURNS text
    LANGUAGE sql STABLE
    AS $_$
    select nullif(regexp_replace(c.code, '(00)+$', ''), '') from division_code c
    where c.division_id = acting_grader() and c.system in ('gbt2260', 'gbt10114') and c.valid @> today() order by c.code limit 1
$_$;

CREATE FUNCTION public.acting_system() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ select coalesce(current_setting('fangyu.system', true), '') $$;

CREATE FUNCTION public.assigned(office uuid, line uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from assignment a join account_role r on r.account_id = a.account_id and r.role = a.role
        where a.account_id = acting_account() and a.line_id = assigned.line and a.valid @> today() and a.ended_at is null
          and assigned.office = any (seat_of(a.office_id)))
$$;

CREATE FUNCTION public.assigned_marker(office uuid, marker uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from known_marker m join assignment a on a.line_id = m.line_id
        where m.id = assigned_marker.marker and a.account_id = acting_account() and assigned_marker.office = any (seat_of(a.office_id))
          and assigned(a.office_id, a.line_id) and a.valid @> today() and a.ended_at is null
          and case when a.markers <> '{}' then m.id = any (a.markers)
                   else a.ranges = '[]' or exists (
                       select from jsonb_to_recordset(a.ranges) as r("fromM" double precision, "toM" double precision)
                       where m.chainage_m between r."fromM" and r."toM") end)
$$;

CREATE FUNCTION public.case_is_read(subject text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $_$
    select case when subject ~ '^proposal/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
                then exists (select from proposal p where p.id = substr(subject, 10)::uuid) else false end
$_$;

CREATE FUNCTION public.count_marker_state(marker uuid, state text, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    was text;
    last int;
    reason uuid;
begin
    select s.state, s.n into was, last from marker_state_step s where s.marker_id = marker order by s.n desc limit 1;
    if was = count_marker_state.state then
        return;
    end if;
    if was is not null then
        select w.id into reason from marker_work w
        where w.marker_id = marker and w.state = 'recorded' and w.marker_from = was and w.marker_to = count_marker_state.state
          and not exists (select from marker_state_step s where s.reason_id = w.id)
          and ((was, w.kind, w.marker_to) in (
                   ('intact', 'damaged', 'damaged'), ('damaged', 'plan', 'awaiting-restoration'), ('lost', 'plan', 'awaiting-restoration'),
                   ('moved', 'plan', 'awaiting-restoration'), ('restored', 'intact', 'intact'))
               or (was, w.kind, w.marker_to) in (('intact', 'not-found', 'lost'), ('damaged', 'not-found', 'lost'))
                  and (exists (select from marker_work_confirmation c where c.work_id = w.id and c.content_sha256 = w.content_sha256)
                       or exists (select from marker_work o
                                  where o.marker_id = marker and o.id <> w.id and o.kind = w.kind and o.state in ('submitted', 'recorded') and (o.party <> w.party or o.done_on <> w.done_on)))
               or (was, w.kind, w.marker_to, w.fit) in (
                   ('intact', 'deviates', 'suspected-moved', 'beyond'), ('suspected-moved', 'remeasured', 'moved', 'beyond'),
                   ('suspected-moved', 'remeasured', 'intact', 'within'), ('awaiting-restoration', 'restoration', 'restored', 'within')))
        order by w.recorded_at desc, w.id desc limit 1;
        if reason is null and count_marker_state.state = 'retired' then
            select c.id into reason from marker_change c
            where c.marker_id = marker and c.kind = 'retirement' and c.state = 'filed' and not exists (select from marker_state_step s where s.reason_id = c.id);
        end if;
        if reason is null then
            raise exception 'the state of a marker moves by a record of work or a case that says so' using errcode = 'integrity_constraint_violation', constraint = 'marker_state_reasoned';
        end if;
    end if;
    insert into marker_state_step (marker_id, n, state, reason_id, recorded_at) values (marker, coalesce(last, 0) + 1, count_marker_state.state, reason, at);
end $$;

CREATE FUNCTION public.division_covers(jurisdiction uuid, division uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    with recursive up (id) as (
        select division
        union
        select o.id from up cross join lateral division_over(up.id, today()) o)
    select exists (select from up where up.id = jurisdiction)
$$;

CREATE FUNCTION public.division_heir(heir uuid, division uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    with recursive heirs (id) as (
        select division
        union
        select o.id from heirs cross join lateral division_over(heirs.id, today()) o where o.succeeds)
    select exists (select from heirs where heirs.id = heir)
$$;

CREATE FUNCTION public.division_over(division uuid, on_day date) RETURNS TABLE(id uuid, succeeds boolean)
    LANGUAGE sql STABLE
    AS $$
    (select v.parent_id, false from division_version v
     where v.division_id = division and v.parent_id is not null and (lower(v.valid) <= on_day or lower_inf(v.valid))
     order by lower(v.valid) desc nulls last limit 1)
    union all
    select l.successor_id, true from division_link l
    where l.predecessor_id = division and l.successor_id <> division and l.kind <> 'transfer-territory' and l.on_day <= division_over.on_day
      and not exists (select from division_version v where v.division_id = division and v.valid @> division_over.on_day)
$$;

CREATE FUNCTION public.enact_marker_change(change uuid, chainage double precision, offset_right double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    c marker_change;
begin
    select * into c from marker_change where id = change and state = 'filed' and kind = 'relocation';
    if not found then
        raise exception 'no such filed relocation' using errcode = 'insufficient_privilege';
    end if;
    insert into marker_position (marker_id, n, geom, sigma_m, valid_from, change_id, recorded_at)
    select c.marker_id, max(p.n) + 1, c.surveyed, c.sigma_m, c.valid_from, c.id, now() from marker_position p where p.marker_id = c.marker_id;
    insert into marker_state_step (marker_id, n, state, reason_id, recorded_at)
    select c.marker_id, max(s.n) + 1, 'intact', c.id, now() from marker_state_step s where s.marker_id = c.marker_id;
    update marker set geom = c.surveyed, sigma_m = c.sigma_m, chainage_m = chainage, offset_m = offset_right, state = 'intact' where id = c.marker_id;
    update withheld set geom = c.surveyed,
        rows = jsonb_set(rows, '{marker}', rows -> 'marker' || jsonb_build_object('sigma_m', c.sigma_m, 'chainage_m', chainage, 'offset_m', offset_right, 'state', 'intact'))
    where noun = 'marker' and id = c.marker_id;
end $$;

CREATE FUNCTION public.entry_is_open(subject text, verb text, after jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    AS $_$
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
        when subject ~ '^dispute/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from dispute d where d.id = substr(subject, 9)::uuid)
        else false end
$_$;

CREATE FUNCTION public.every_side_confirmed(change uuid, stage text, parties uuid[], sha256 text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select not exists (
        select from unnest(parties) p where not exists (
            select from marker_change_confirmation c
            where c.change_id = change and c.stage = every_side_confirmed.stage and c.party = p and c.content_sha256 = sha256 and c.voided_at is null))
$$;

CREATE FUNCTION public.forget_grams() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from name_gram g using gone where g.name_id = gone.name_id;
    return null;
end $$;

CREATE FUNCTION public.forms_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    places uuid[] := array(select distinct place_id from changed limit 201);
begin
    if cardinality(places) > 0 then
        perform pg_notify('fangyu_names', case when cardinality(places) > 200 then 'all' else array_to_string(places, ' ') end);
    end if;
    return null;
end $$;

CREATE FUNCTION public.give_withheld_state(marker uuid, state text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    update withheld set rows = jsonb_set(rows, '{marker,state}', to_jsonb(state)) where noun = 'marker' and id = marker
$$;

CREATE FUNCTION public.guard_agreement() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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
              ('confirmed', 'draft'), ('confirmed', 'signed'), ('signed', 'in-force'), ('signed', 'draft'))
       or new.state <> old.state and new.state in ('confirmed', 'signed', 'in-force')
          and (select count(*) from agreement_confirmation c
               where c.agreement_id = new.id and c.voided_at is null and c.content_sha256 = new.content_sha256) < 2 then
        raise exception 'an agreement keeps what it says and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_agreement_ends() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (new.snapped, new.moves_nodes, new.settles) is distinct from (old.snapped, old.moves_nodes, old.settles) and (old.state <> 'draft' or new.state <> 'draft') then
        raise exception 'an agreement keeps what it says' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_approved_line() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_approved_part() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from line_version v where v.id in (old.line_version_id, new.line_version_id)
               and v.legal_status in ('signed', 'in-force', 'under-change', 'superseded')) then
        raise exception 'a part of an approved line version does not change' using errcode = 'integrity_constraint_violation', constraint = tg_table_name || '_approved';
    end if;
    return coalesce(new, old);
end $$;

CREATE FUNCTION public.guard_change_confirmation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.voided_at is not null or new.voided_at is null or old.stage <> 'agree'
       or (new.id, new.change_id, new.stage, new.party, new.office_id, new.account_id, new.content_sha256, new.confirmed_at)
          is distinct from (old.id, old.change_id, old.stage, old.party, old.office_id, old.account_id, old.content_sha256, old.confirmed_at)
       or not exists (select from marker_change c where c.id = new.change_id and c.state in ('draft', 'applied', 'returned')) then
        raise exception 'a confirmation stands until its case is written anew or returned, and does not come back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_confirmation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.voided_at is not null or new.voided_at is null
       or not exists (select from agreement a where a.id = new.agreement_id and a.state in ('draft', 'withdrawn')) then
        raise exception 'a confirmation stands until its agreement goes back, and does not come back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_dispute() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (new.id, new.number, new.office_id, new.text, new.document_id, new.opened_on, new.part_of, new.written_by, new.created_at)
          is distinct from (old.id, old.number, old.office_id, old.text, old.document_id, old.opened_on, old.part_of, old.written_by, old.created_at)
       or old.state <> 'open'
       or new.line_id <> old.line_id and acting_system() <> 'dispute'
       or new.state = 'settled' and not line_is_below(new.line_id)
       or new.state = 'withdrawn'
          and (not new.office_id = any (acting_offices())
               or exists (select from agreement a where a.line_id = new.line_id and a.state = 'signed' and new.id = any (a.settles))) then
        raise exception 'a dispute keeps what it says and is closed once' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_exclave_end() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if exists (select from exclave e where e.id = new.exclave_id and lower(e.valid) >= new.ended_on) then
        raise exception 'an exclave ends after it began' using errcode = 'check_violation';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_marker_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_marker_work() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_proposal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.accepted_on is not null and (new.accepted_on, new.pack_id) is distinct from (old.accepted_on, old.pack_id) then
        raise exception 'a case is judged by the rules of the day on which it was accepted' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.guard_stretch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.hand_over_withheld(marker uuid, heir uuid, chainage_m double precision, offset_m double precision, custodian uuid, approval uuid, day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    insert into marker_handover select w.id, w.line_id, heir, approval, day from withheld w where w.noun = 'marker' and w.id = marker and w.line_id <> heir;
    update withheld set line_id = heir, rows = rows || jsonb_build_object('marker', rows -> 'marker' || jsonb_build_object(
        'line_id', heir, 'chainage_m', chainage_m, 'offset_m', offset_m, 'custodian', custodian))
    where noun = 'marker' and id = marker;
end $$;

CREATE FUNCTION public.heard(toneless text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(toneless, '\m([zcs])h', '\1', 'g'), '\mn', 'l', 'g'), '\mh', 'f', 'g'), 'ng\M', 'n', 'g')
$$;

CREATE FUNCTION public.hidden_places() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select coalesce(array_agg(i.id), '{}') from place_identity i
    where i.withheld and not exists (select from withheld w where w.id = i.id)
$$;

CREATE FUNCTION public.identify() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.keep_library() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.version <> old.version + 1 or (to_jsonb(new) - 'version') <> (to_jsonb(old) - 'version') then
        raise exception 'the library % stays as it was made', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

CREATE FUNCTION public.keep_revision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from rule_pack p where p.id = new.pack_id and (p.state = 'draft' or p.version = 0)) then
        raise exception 'rule pack % stays as it was adopted', new.pack_id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

CREATE FUNCTION public.keep_rule_pack() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.state = 'withdrawn'
       or (new.id, new.office_id) is distinct from (old.id, old.office_id)
       or old.state = 'draft' and new.ended is not null
       or old.state = 'adopted' and old.version > 0
          and (new.state <> 'adopted' or old.ended is not null or new.ended is null or new.ended <= today()
               or (new.title, new.region, new.document_id) is distinct from (old.title, old.region, old.document_id))
       or new.version <= old.version then
        raise exception 'rule pack % stays as it was adopted', old.id using errcode = 'restrict_violation';
    end if;
    if old.version > 0 and new.state = 'adopted' and (select acting_system()) = ''
       and (new.document_id is null or not exists (select from account_role r where r.account_id = (select acting_account()) and r.role = 'approver')) then
        raise exception 'rule pack % is adopted and ended by who approves names', old.id using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.keep_word() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not upper_inf(old.valid) or upper_inf(new.valid) or upper(new.valid) <= lower(old.valid) or upper(new.valid) < today()
       or (to_jsonb(new) - 'valid') <> (to_jsonb(old) - 'valid') or lower(new.valid) is distinct from lower(old.valid) then
        raise exception 'the word % stays as it counted', old.text using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

CREATE FUNCTION public.keeps_rules_of(region text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select (select acting_system()) <> '' or coalesce(starts_with(region, (select acting_region())), false)
        and not (select acting_by_assignment())
        and exists (select from account_role r where r.account_id = (select acting_account()) and r.role in ('clerk', 'approver'))
$$;

CREATE FUNCTION public.keeps_words_of(library text, region text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select keeps_rules_of(coalesce(nullif(region, ''), (select l.region from word_library l where l.id = library)))
$$;

CREATE FUNCTION public.know_forms() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    analyze name_form, name_gram;
end $$;

CREATE FUNCTION public.line_is_below(line uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from line l where l.id = line_is_below.line
          and division_covers(acting_bureau(), l.party_a) and division_covers(acting_bureau(), l.party_b)
          and not division_heir(acting_bureau(), l.party_a) and not division_heir(acting_bureau(), l.party_b))
$$;

CREATE FUNCTION public.line_is_ours(line uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from line l where l.id = line_is_ours.line
          and (division_heir(acting_bureau(), l.party_a) or division_heir(acting_bureau(), l.party_b)
               or division_covers(acting_bureau(), l.party_a) and division_covers(acting_bureau(), l.party_b)))
$$;

CREATE FUNCTION public.line_parties(lines uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(distinct p order by p), '{}') from line l cross join lateral unnest(array[l.party_a, l.party_b]) p where l.id = any (lines)
$$;

CREATE FUNCTION public.mark_withheld() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
begin
    if tg_op = 'DELETE' then
        execute format('update %I set withheld = false, version = version + 1 where id = $1', old.noun || '_identity') using old.id;
        return null;
    end if;
    execute format('update %I set withheld = true, version = version + 1 where id = $1', new.noun || '_identity') using new.id;
    return null;
end $_$;

CREATE FUNCTION public.marker_lines(marker uuid) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce((select stone_lines(m.line_id, m.type, m.geom) from known_marker m where m.id = marker_lines.marker), '{}')
$$;

CREATE FUNCTION public.marker_state_moved() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    perform count_marker_state(w.id, w.state, w.recorded_at) from written w
    where w.state is distinct from (select s.state from marker_state_step s where s.marker_id = w.id order by s.n desc limit 1);
    return null;
end $$;

CREATE FUNCTION public.marker_was_recorded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    update marker_identity set version = version + 1 where id = new.marker_id;
    return null;
end $$;

CREATE FUNCTION public.may_grade(division uuid, line uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select case when may_grade.line is null then division_covers(acting_grader(), division)
        else exists (
            select from line l where l.id = may_grade.line
              and division_covers(acting_grader(), l.party_a) and division_covers(acting_grader(), l.party_b)) end
$$;

CREATE FUNCTION public.move_withheld(marker uuid, chainage_m double precision, offset_m double precision) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    update withheld set rows = jsonb_set(jsonb_set(rows, '{marker,chainage_m}', to_jsonb(chainage_m)), '{marker,offset_m}', to_jsonb(offset_m))
    where noun = 'marker' and id = marker
$$;

CREATE FUNCTION public.names_are_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into name_form_due select distinct place_id from written;
    return null;
end $$;

CREATE FUNCTION public.names_within_are_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into name_form_due
    with recursive below (id) as (
        select distinct w.division_id from written w where exists (select from place p where p.division_id = w.division_id)
        union
        select v.division_id from below b join division_version v on v.parent_id = b.id)
    select p.id from below b join place p on p.division_id = b.id;
    return null;
end $$;

CREATE FUNCTION public.notify_published() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('fangyu_published', tg_table_name);
    return null;
end $$;

CREATE FUNCTION public.office_is_below(office uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (
        select from office o where o.id = office_is_below.office and o.division_id is distinct from acting_bureau()
          and division_covers(acting_bureau(), o.division_id))
$$;

CREATE FUNCTION public.offices_of(office uuid) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    with recursive mine (id) as (
        select office where office is not null
        union
        select s.predecessor_id from mine join office_succession s on s.successor_id = mine.id and s.on_day <= today())
    select coalesce(array_agg(id), '{}') from mine
$$;

CREATE FUNCTION public.one_line_is_ours(lines uuid[]) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select exists (select from unnest(lines) l where line_is_ours(l))
$$;

CREATE FUNCTION public.place_is_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into name_form_due
    select n.id from new_rows n join old_rows o using (id)
    where (n.category, n.division_id, n.represents_division_id) is distinct from (o.category, o.division_id, o.represents_division_id);
    return null;
end $$;

CREATE FUNCTION public.publish_withheld(record uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

CREATE FUNCTION public.refuse_claim_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (new.id, new.office_id, new.line_id, new.party) is distinct from (old.id, old.office_id, old.line_id, old.party)
       or old.state <> 'draft'
          and (new.title, new.text, new.evidence_class, new.documents, new.from_m, new.to_m)
              is distinct from (old.title, old.text, old.evidence_class, old.documents, old.from_m, old.to_m) then
        raise exception 'a claim keeps what it says once it was sent' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

CREATE FUNCTION public.register_position() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.seat_of(office uuid) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    with recursive later (id) as (
        select office where office is not null
        union
        select s.successor_id from later join office_succession s on s.predecessor_id = later.id and s.on_day <= today())
    select coalesce(array_agg(distinct id), '{}') from (select unnest(offices_of(office)) union all select id from later) seat (id)
$$;

CREATE FUNCTION public.stamp_rule_book() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    update rule_book set stamp = gen_random_uuid();
    return null;
end $$;

CREATE FUNCTION public.stone_lines(line uuid, type text, at public.geometry) RETURNS uuid[]
    LANGUAGE sql STABLE
    AS $$
    select coalesce(array_agg(l.id order by l.id), '{}')
    from line own join line l on l.level = own.level
    where own.id = stone_lines.line
      and (l.id = own.id or stone_lines.type = 'three-face' and exists (
          select from line_version v where v.line_id = l.id and upper_inf(v.valid) and v.geom && st_expand(st_force2d(at), 0.003)
            and st_dwithin(v.geom::geography, st_force2d(at)::geography, 200)))
$$;

CREATE FUNCTION public.subject_is_ours(subject text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $_$
    select case
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid and t.office_id = any (acting_offices()))
        when subject ~ '^photo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from photo p where p.id = substr(subject, 7)::uuid and p.office_id = any (acting_offices()))
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid and f.office_id = any (acting_offices()))
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid and c.office_id = any (acting_offices()))
        else false end
$_$;

CREATE FUNCTION public.subject_is_withheld(subject text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
    select case
        when subject ~ '^place/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from place_identity i where i.withheld and i.id = substr(subject, 7)::uuid)
        when subject ~ '^marker/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_identity i where i.withheld and i.id = substr(subject, 8)::uuid)
        else false end
$_$;

CREATE FUNCTION public.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ select (now() at time zone 'Asia/Shanghai')::date $$;

CREATE FUNCTION public.withheld_state_moved() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    if new.noun = 'marker' then
        perform count_marker_state(new.id, new.rows -> 'marker' ->> 'state', now());
    end if;
    return null;
end $$;

CREATE TABLE public.account (
    id uuid NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    office_id uuid NOT NULL,
    password_hash text NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    disabled_at timestamp with time zone,
    must_change_password boolean DEFAULT false NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT account_login_check CHECK ((login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'::text))
);

CREATE TABLE public.account_identity (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT account_identity_issuer_check CHECK ((issuer ~ '^https?://'::text)),
    CONSTRAINT account_identity_subject_check CHECK (((subject <> ''::text) AND (length(subject) <= 255)))
);

CREATE TABLE public.account_role (
    account_id uuid NOT NULL,
    role text NOT NULL,
    CONSTRAINT account_role_role_check CHECK ((role = ANY (ARRAY['party-officer'::text, 'party-leader'::text, 'superior'::text, 'approval-authority'::text, 'surveyor'::text, 'keeper'::text, 'archivist'::text, 'auditor'::text, 'clerk'::text, 'expert'::text, 'committee-member'::text, 'approver'::text, 'consulted-department'::text, 'competent-approver'::text, 'applicant'::text, 'filing-receiver'::text, 'editor'::text, 'administrator'::text])))
);

CREATE TABLE public.agreement (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    line_id uuid NOT NULL,
    party uuid NOT NULL,
    over_version uuid NOT NULL,
    geom public.geometry(MultiLineString,4490) NOT NULL,
    geometry_given boolean NOT NULL,
    length_m double precision NOT NULL,
    departs_m double precision NOT NULL,
    departs_at_most_m double precision,
    course text NOT NULL,
    published_length_m double precision,
    published_source text NOT NULL,
    original_datum text,
    original_projection text NOT NULL,
    original_coordinates text NOT NULL,
    segments jsonb NOT NULL,
    content_sha256 text NOT NULL,
    document_id uuid,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    written_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    snapped jsonb DEFAULT '[]'::jsonb NOT NULL,
    moves_nodes jsonb DEFAULT '[]'::jsonb NOT NULL,
    settles uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT agreement_check CHECK (((state <> ALL (ARRAY['signed'::text, 'in-force'::text])) OR (document_id IS NOT NULL))),
    CONSTRAINT agreement_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT agreement_original_datum_check CHECK ((original_datum = ANY (ARRAY['cgcs2000'::text, 'xian80'::text, 'beijing54'::text, 'other'::text]))),
    CONSTRAINT agreement_published_length_m_check CHECK ((published_length_m > (0)::double precision)),
    CONSTRAINT agreement_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'proposed'::text, 'confirmed'::text, 'signed'::text, 'in-force'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.agreement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.agreement_confirmation (
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    party uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    content_sha256 text NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    void_reason text,
    CONSTRAINT agreement_confirmation_check CHECK (((voided_at IS NULL) = (void_reason IS NULL))),
    CONSTRAINT agreement_confirmation_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.agreement_confirmation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.api_token (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    prefix text DEFAULT 'fangyu_'::text NOT NULL,
    office_id uuid,
    scopes text[] DEFAULT '{read,upload,work}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT api_token_scopes CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'upload'::text, 'work'::text])))
);

CREATE TABLE public.assignment (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    line_id uuid NOT NULL,
    role text NOT NULL,
    ranges jsonb DEFAULT '[]'::jsonb NOT NULL,
    markers uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    valid daterange NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    assigned_by uuid NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by uuid,
    end_reason text,
    CONSTRAINT assignment_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
    CONSTRAINT assignment_role_check CHECK ((role = ANY (ARRAY['surveyor'::text, 'keeper'::text]))),
    CONSTRAINT assignment_valid_check CHECK (((NOT isempty(valid)) AND (NOT lower_inf(valid)) AND (NOT upper_inf(valid))))
);

ALTER TABLE ONLY public.assignment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    division_id uuid NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    step integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone,
    ended_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    pack_id text,
    names_done integer DEFAULT 0 NOT NULL,
    names_total integer DEFAULT 0 NOT NULL,
    CONSTRAINT audit_check CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['waiting'::text, 'running'::text])))),
    CONSTRAINT audit_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'cancelled'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.audit FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_finding (
    audit_id uuid NOT NULL,
    n integer NOT NULL,
    family text NOT NULL,
    code text NOT NULL,
    severity text NOT NULL,
    key text NOT NULL,
    places uuid[] NOT NULL,
    finding jsonb NOT NULL,
    rule text DEFAULT ''::text NOT NULL,
    pack text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY public.audit_finding FORCE ROW LEVEL SECURITY;

CREATE TABLE public.audit_look (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    key text NOT NULL,
    code text NOT NULL,
    places uuid[] NOT NULL,
    reason text NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    looked_by uuid NOT NULL,
    ended_at timestamp with time zone,
    ended_by uuid,
    CONSTRAINT audit_look_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT audit_look_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ONLY public.audit_look FORCE ROW LEVEL SECURITY;

CREATE TABLE public.built_up_area (
    id uuid NOT NULL,
    name text NOT NULL,
    geom public.geometry(MultiPolygon,4490) NOT NULL,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    CONSTRAINT built_up_area_geom_check CHECK (public.st_isvalid(geom))
);

CREATE TABLE public.checkpoint (
    size bigint NOT NULL,
    root bytea NOT NULL,
    algorithm text NOT NULL,
    note text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT checkpoint_reason_check CHECK ((reason = ANY (ARRAY['hourly'::text, 'decision'::text, 'asked'::text]))),
    CONSTRAINT checkpoint_root_check CHECK ((length(root) = 32)),
    CONSTRAINT checkpoint_size_check CHECK ((size > 0))
);

CREATE TABLE public.claim (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    line_id uuid NOT NULL,
    party uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    evidence_class text NOT NULL,
    documents jsonb DEFAULT '[]'::jsonb NOT NULL,
    from_m double precision NOT NULL,
    to_m double precision NOT NULL,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    written_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT claim_check CHECK ((to_m > from_m)),
    CONSTRAINT claim_evidence_class_check CHECK ((evidence_class = ANY (ARRAY['basis'::text, 'reference'::text, 'inadmissible'::text]))),
    CONSTRAINT claim_from_m_check CHECK ((from_m >= (0)::double precision)),
    CONSTRAINT claim_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'sent'::text, 'exchanged'::text, 'withdrawn'::text]))),
    CONSTRAINT claim_title_check CHECK ((title <> ''::text))
);

ALTER TABLE ONLY public.claim FORCE ROW LEVEL SECURITY;

CREATE TABLE public.cosignature (
    id uuid NOT NULL,
    size bigint NOT NULL,
    key_id uuid NOT NULL,
    line text NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT cosignature_line_check CHECK (((line ~~ '— %'::text) AND (line !~~ '%
%'::text)))
);

ALTER TABLE ONLY public.cosignature FORCE ROW LEVEL SECURITY;

CREATE TABLE public.coverage (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    track_id uuid,
    class text NOT NULL,
    from_m double precision NOT NULL,
    to_m double precision NOT NULL,
    geom public.geometry(MultiLineString,4490) NOT NULL,
    walked_on date,
    synthetic boolean DEFAULT false NOT NULL,
    stretch_id uuid,
    CONSTRAINT coverage_check CHECK ((to_m > from_m)),
    CONSTRAINT coverage_class_check CHECK ((class = ANY (ARRAY['walked'::text, 'viewed'::text, 'imagery'::text, 'not-checked'::text]))),
    CONSTRAINT coverage_declared CHECK (((stretch_id IS NULL) OR (class = ANY (ARRAY['viewed'::text, 'imagery'::text])))),
    CONSTRAINT coverage_of_one CHECK ((num_nonnulls(track_id, stretch_id) = 1))
);

CREATE TABLE public.dispute (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    number text NOT NULL,
    office_id uuid NOT NULL,
    text text NOT NULL,
    document_id uuid,
    opened_on date NOT NULL,
    part_of uuid,
    state text NOT NULL,
    closed_on date,
    decision_id uuid,
    agreement_id uuid,
    line_version_id uuid,
    reason text,
    version integer DEFAULT 1 NOT NULL,
    written_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT dispute_check CHECK (((state = 'open'::text) = (closed_on IS NULL))),
    CONSTRAINT dispute_check1 CHECK (((state = 'settled'::text) = (decision_id IS NOT NULL))),
    CONSTRAINT dispute_check2 CHECK (((state = 'settled'::text) OR ((agreement_id IS NULL) AND (line_version_id IS NULL)))),
    CONSTRAINT dispute_check3 CHECK (((state = 'withdrawn'::text) = (reason IS NOT NULL))),
    CONSTRAINT dispute_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT dispute_state_check CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text, 'withdrawn'::text]))),
    CONSTRAINT dispute_text_check CHECK ((text <> ''::text))
);

ALTER TABLE ONLY public.dispute FORCE ROW LEVEL SECURITY;

CREATE TABLE public.dispute_interval (
    dispute_id uuid NOT NULL,
    n integer NOT NULL,
    line_version_id uuid NOT NULL,
    whole boolean NOT NULL,
    from_m double precision NOT NULL,
    to_m double precision NOT NULL,
    CONSTRAINT dispute_interval_check CHECK ((to_m > from_m)),
    CONSTRAINT dispute_interval_from_m_check CHECK ((from_m >= (0)::double precision)),
    CONSTRAINT dispute_interval_n_check CHECK ((n >= 1))
);

ALTER TABLE ONLY public.dispute_interval FORCE ROW LEVEL SECURITY;

CREATE TABLE public.dispute_minute (
    id uuid NOT NULL,
    dispute_id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    note text NOT NULL,
    document_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT dispute_minute_note_check CHECK ((note <> ''::text))
);

ALTER TABLE ONLY public.dispute_minute FORCE ROW LEVEL SECURITY;

CREATE TABLE public.division (
    id uuid NOT NULL,
    synthetic boolean DEFAULT false NOT NULL
);

CREATE TABLE public.division_approval (
    id uuid NOT NULL,
    change text NOT NULL,
    sha256 text NOT NULL,
    title text NOT NULL,
    basis text NOT NULL,
    document_id uuid NOT NULL,
    approved_by text,
    approved_on date,
    announced_on date,
    effective_on date NOT NULL,
    sources text[] DEFAULT '{}'::text[] NOT NULL,
    note text,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT division_approval_basis_check CHECK ((basis = ANY (ARRAY['document'::text, 'press'::text, 'lists'::text, 'memory'::text]))),
    CONSTRAINT division_approval_change_check CHECK ((change ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT division_approval_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT division_approval_title_check CHECK ((title <> ''::text))
);

CREATE TABLE public.division_code (
    division_id uuid NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    CONSTRAINT division_code_check CHECK (
CASE system
    WHEN 'gbt2260'::text THEN (code ~ '^[0-9]{6}$'::text)
    WHEN 'gbt10114'::text THEN (code ~ '^[0-9]{9}$'::text)
    ELSE (code ~ '^[0-9]{12}$'::text)
END),
    CONSTRAINT division_code_system_check CHECK ((system = ANY (ARRAY['gbt2260'::text, 'gbt10114'::text, 'stat12'::text]))),
    CONSTRAINT division_code_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.division_event (
    id uuid NOT NULL,
    approval_id uuid,
    kind text NOT NULL,
    after_day date,
    on_day date NOT NULL,
    basis text NOT NULL,
    document_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT division_event_basis_check CHECK ((basis = ANY (ARRAY['document'::text, 'press'::text, 'lists'::text, 'memory'::text]))),
    CONSTRAINT division_event_check CHECK ((after_day < on_day)),
    CONSTRAINT division_event_kind_check CHECK ((kind = ANY (ARRAY['establish'::text, 'abolish'::text, 'rename'::text, 'merge'::text, 'split'::text, 'transfer-territory'::text, 'change-superior'::text, 'change-type'::text, 'move-seat'::text, 'change-code'::text, 'change-rank'::text])))
);

CREATE TABLE public.division_event_of (
    event_id uuid NOT NULL,
    division_id uuid NOT NULL
);

CREATE TABLE public.division_link (
    predecessor_id uuid NOT NULL,
    successor_id uuid NOT NULL,
    kind text NOT NULL,
    on_day date NOT NULL,
    document_id uuid,
    event_id uuid,
    role text DEFAULT 'successor'::text NOT NULL,
    share text DEFAULT 'whole'::text NOT NULL,
    CONSTRAINT division_link_kind_check CHECK ((kind = ANY (ARRAY['establish'::text, 'abolish'::text, 'rename'::text, 'merge'::text, 'split'::text, 'transfer-territory'::text, 'change-superior'::text, 'change-type'::text, 'move-seat'::text, 'change-code'::text, 'change-rank'::text]))),
    CONSTRAINT division_link_role_check CHECK ((role = ANY (ARRAY['successor'::text, 'recipient'::text, 'itself'::text]))),
    CONSTRAINT division_link_share_check CHECK ((share = ANY (ARRAY['whole'::text, 'part'::text])))
);

CREATE TABLE public.division_shape (
    id uuid NOT NULL,
    division_id uuid NOT NULL,
    geom public.geometry(MultiPolygon,4490) NOT NULL,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    frame text NOT NULL,
    derived boolean DEFAULT false NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT division_shape_geom_check CHECK (public.st_isvalid(geom)),
    CONSTRAINT division_shape_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.division_version (
    id uuid NOT NULL,
    division_id uuid NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    kind text NOT NULL,
    parent_id uuid,
    office_name text,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    seat text,
    CONSTRAINT division_version_kind_check CHECK ((kind = ANY (ARRAY['province'::text, 'municipality'::text, 'autonomous-region'::text, 'special-region'::text, 'prefecture-city'::text, 'prefecture'::text, 'autonomous-prefecture'::text, 'league'::text, 'district'::text, 'county'::text, 'autonomous-county'::text, 'county-city'::text, 'banner'::text, 'autonomous-banner'::text, 'forest-district'::text, 'special-district'::text, 'town'::text, 'township'::text, 'ethnic-township'::text, 'subdistrict'::text, 'sumu'::text, 'township-like'::text, 'village-committee'::text, 'residents-committee'::text, 'village-like'::text]))),
    CONSTRAINT division_version_level_check CHECK ((level = ANY (ARRAY['province'::text, 'prefecture'::text, 'county'::text, 'township'::text, 'village'::text]))),
    CONSTRAINT division_version_name_check CHECK ((name <> ''::text)),
    CONSTRAINT division_version_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.document (
    id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    number text,
    issued_by text,
    issued_on date,
    url text,
    licence text,
    sha256 text,
    note text,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT document_kind_check CHECK ((kind = ANY (ARRAY['approval'::text, 'agreement'::text, 'publication'::text, 'dataset'::text, 'regulation'::text, 'other'::text]))),
    CONSTRAINT document_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT document_title_check CHECK ((title <> ''::text))
);

CREATE TABLE public.evidence (
    sha256 text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    CONSTRAINT evidence_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT evidence_size_check CHECK ((size >= 0))
);

CREATE TABLE public.exclave (
    id uuid NOT NULL,
    division_id uuid NOT NULL,
    host_id uuid,
    geom public.geometry(Point,4490) NOT NULL,
    document_id uuid NOT NULL,
    valid daterange NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT exclave_check CHECK ((host_id <> division_id)),
    CONSTRAINT exclave_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.exclave_end (
    exclave_id uuid NOT NULL,
    ended_on date NOT NULL,
    document_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

CREATE VIEW public.exclave_span WITH (security_invoker='true') AS
 SELECT e.id,
    e.division_id,
    e.host_id,
    e.geom,
    e.document_id,
    (e.valid * daterange(NULL::date, x.ended_on)) AS valid,
    x.document_id AS end_document_id
   FROM (public.exclave e
     LEFT JOIN public.exclave_end x ON ((x.exclave_id = e.id)));

CREATE TABLE public.export (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    collection text NOT NULL,
    bbox double precision[],
    features integer NOT NULL,
    cells bigint[] NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT export_bbox_check CHECK ((cardinality(bbox) = 4)),
    CONSTRAINT export_features_check CHECK ((features >= 0))
);

ALTER TABLE ONLY public.export FORCE ROW LEVEL SECURITY;

CREATE TABLE public.idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    body_hash text NOT NULL,
    status integer,
    answer bytea,
    headers jsonb,
    at timestamp with time zone NOT NULL,
    made_id uuid NOT NULL,
    CONSTRAINT idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
);

CREATE TABLE public.inspection (
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    line_id uuid NOT NULL,
    lead_office uuid NOT NULL,
    cooperating_office uuid NOT NULL,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    report jsonb,
    report_sha256 text,
    synthetic boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT inspection_check CHECK ((lead_office <> cooperating_office)),
    CONSTRAINT inspection_report_sha256_check CHECK ((report_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.inspection FORCE ROW LEVEL SECURITY;

CREATE TABLE public.inspection_signature (
    id uuid NOT NULL,
    inspection_id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    content_sha256 text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    void_reason text,
    CONSTRAINT inspection_signature_check CHECK (((voided_at IS NULL) = (void_reason IS NULL))),
    CONSTRAINT inspection_signature_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.inspection_signature FORCE ROW LEVEL SECURITY;

CREATE TABLE public.journal (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    office uuid,
    subject text NOT NULL,
    verb text NOT NULL,
    before jsonb,
    after jsonb,
    cites uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT journal_subject_check CHECK ((subject ~ '^[a-z-]+/.+$'::text))
);

ALTER TABLE ONLY public.journal FORCE ROW LEVEL SECURITY;

ALTER TABLE public.journal ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.journal_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.marker (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    number text NOT NULL,
    stone text DEFAULT ''::text NOT NULL,
    type text NOT NULL,
    material text,
    state text NOT NULL,
    custodian uuid,
    geom public.geometry(PointZ,4490) NOT NULL,
    sigma_m double precision,
    chainage_m double precision NOT NULL,
    offset_m double precision NOT NULL,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT marker_state_check CHECK ((state = ANY (ARRAY['intact'::text, 'damaged'::text, 'lost'::text, 'suspected-moved'::text, 'moved'::text, 'awaiting-restoration'::text, 'restored'::text, 'retired'::text]))),
    CONSTRAINT marker_type_check CHECK ((type = ANY (ARRAY['two-face'::text, 'three-face'::text]))),
    CONSTRAINT marker_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.withheld (
    id uuid NOT NULL,
    noun text NOT NULL,
    grade text NOT NULL,
    office_id uuid NOT NULL,
    division_id uuid,
    line_id uuid,
    rows jsonb NOT NULL,
    geom public.geometry,
    document_id uuid NOT NULL,
    graded_at timestamp with time zone NOT NULL,
    graded_by uuid NOT NULL,
    reason text NOT NULL,
    CONSTRAINT withheld_check CHECK (((noun = 'place'::text) = (division_id IS NOT NULL))),
    CONSTRAINT withheld_check1 CHECK (((noun = 'marker'::text) = (line_id IS NOT NULL))),
    CONSTRAINT withheld_geom_check CHECK ((public.st_srid(geom) = 4490)),
    CONSTRAINT withheld_grade_check CHECK ((grade = ANY (ARRAY['internal'::text, 'secret'::text]))),
    CONSTRAINT withheld_noun_check CHECK ((noun = ANY (ARRAY['place'::text, 'marker'::text]))),
    CONSTRAINT withheld_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ONLY public.withheld FORCE ROW LEVEL SECURITY;

CREATE VIEW public.known_marker WITH (security_invoker='true') AS
 SELECT marker.id,
    marker.line_id,
    marker.number,
    marker.stone,
    marker.type,
    marker.material,
    marker.state,
    marker.custodian,
    marker.geom,
    marker.sigma_m,
    marker.chainage_m,
    marker.offset_m,
    marker.valid,
    marker.document_id,
    marker.synthetic,
    marker.recorded_at,
    'public'::text AS grade
   FROM public.marker
UNION ALL
 SELECT w.id,
    w.line_id,
    m.number,
    m.stone,
    m.type,
    m.material,
    m.state,
    m.custodian,
    (w.geom)::public.geometry(PointZ,4490) AS geom,
    m.sigma_m,
    m.chainage_m,
    m.offset_m,
    m.valid,
    m.document_id,
    m.synthetic,
    m.recorded_at,
    w.grade
   FROM (public.withheld w
     CROSS JOIN LATERAL jsonb_populate_record(NULL::public.marker, (w.rows -> 'marker'::text)) m(id, line_id, number, stone, type, material, state, custodian, geom, sigma_m, chainage_m, offset_m, valid, document_id, synthetic, recorded_at))
  WHERE (w.noun = 'marker'::text);

CREATE TABLE public.ledger_entry (
    n bigint NOT NULL,
    seq bigint NOT NULL,
    algorithm text NOT NULL,
    leaf bytea NOT NULL,
    chain bytea NOT NULL,
    nodes bytea NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_entry_chain_check CHECK ((length(chain) = 32)),
    CONSTRAINT ledger_entry_leaf_check CHECK ((length(leaf) = 32)),
    CONSTRAINT ledger_entry_n_check CHECK ((n >= 0)),
    CONSTRAINT ledger_entry_nodes_check CHECK (((length(nodes) % 32) = 0))
);

CREATE TABLE public.ledger_progress (
    settled bigint NOT NULL,
    one boolean DEFAULT true NOT NULL,
    CONSTRAINT ledger_progress_one_check CHECK (one),
    CONSTRAINT ledger_progress_settled_check CHECK ((settled >= 0))
);

CREATE TABLE public.library_word (
    id uuid NOT NULL,
    library_id text NOT NULL,
    text text NOT NULL,
    class text DEFAULT ''::text NOT NULL,
    except_in text[] DEFAULT '{}'::text[] NOT NULL,
    before text[] DEFAULT '{}'::text[] NOT NULL,
    weighs text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    valid daterange NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    account_id uuid,
    CONSTRAINT library_word_region_check CHECK ((region ~ '^[0-9]*$'::text)),
    CONSTRAINT library_word_text_check CHECK ((text <> ''::text)),
    CONSTRAINT library_word_valid_check CHECK ((NOT isempty(valid))),
    CONSTRAINT library_word_weighs_check CHECK ((weighs = ANY (ARRAY[''::text, 'block'::text, 'review'::text, 'warning'::text, 'info'::text])))
);

ALTER TABLE ONLY public.library_word FORCE ROW LEVEL SECURITY;

CREATE TABLE public.line (
    id uuid NOT NULL,
    level text NOT NULL,
    name text NOT NULL,
    code text,
    code_scheme text,
    party_a uuid NOT NULL,
    party_b uuid NOT NULL,
    party_source text NOT NULL,
    right_party uuid,
    synthetic boolean DEFAULT false NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT line_check CHECK ((party_a <> party_b)),
    CONSTRAINT line_level_check CHECK ((level = ANY (ARRAY['province'::text, 'county'::text, 'township'::text])))
);

CREATE TABLE public.line_event (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    kind text NOT NULL,
    to_settle boolean NOT NULL,
    on_day date NOT NULL,
    document_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT line_event_kind_check CHECK ((kind = ANY (ARRAY['begin'::text, 'go-on'::text, 'pass'::text, 'end'::text, 'stay'::text, 'inherit'::text])))
);

CREATE TABLE public.line_link (
    predecessor_id uuid NOT NULL,
    successor_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    on_day date NOT NULL,
    CONSTRAINT line_link_check CHECK ((predecessor_id <> successor_id))
);

CREATE TABLE public.line_segment (
    line_version_id uuid NOT NULL,
    n integer NOT NULL,
    from_m double precision NOT NULL,
    to_m double precision NOT NULL,
    mark_kind text NOT NULL,
    follows_feature text NOT NULL,
    accuracy_m double precision,
    description text NOT NULL,
    CONSTRAINT line_segment_accuracy_m_check CHECK ((accuracy_m > (0)::double precision)),
    CONSTRAINT line_segment_check CHECK ((to_m > from_m)),
    CONSTRAINT line_segment_from_m_check CHECK ((from_m >= (0)::double precision)),
    CONSTRAINT line_segment_mark_kind_check CHECK ((mark_kind = ANY (ARRAY['ridge'::text, 'river-centre'::text, 'river-bank'::text, 'valley'::text, 'road'::text, 'straight'::text, 'other'::text]))),
    CONSTRAINT line_segment_n_check CHECK ((n > 0))
);

CREATE TABLE public.line_version (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    legal_status text NOT NULL,
    edge_matched boolean DEFAULT false NOT NULL,
    geom public.geometry(MultiLineString,4490) NOT NULL,
    length_m double precision NOT NULL,
    published_length_m double precision,
    published_source text,
    agreement_id uuid,
    approval_id uuid,
    publication_id uuid,
    document_id uuid NOT NULL,
    frame text NOT NULL,
    valid daterange NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    course text DEFAULT ''::text NOT NULL,
    original_datum text,
    original_projection text,
    agreed_in uuid,
    before_dispute text,
    CONSTRAINT line_version_before_dispute_check CHECK ((before_dispute = ANY (ARRAY['reference'::text, 'in-demarcation'::text]))),
    CONSTRAINT line_version_check CHECK (((legal_status <> ALL (ARRAY['in-force'::text, 'under-change'::text])) OR ((agreement_id IS NOT NULL) AND (approval_id IS NOT NULL) AND (publication_id IS NOT NULL)))),
    CONSTRAINT line_version_disputed CHECK (((legal_status = 'disputed'::text) = (before_dispute IS NOT NULL))),
    CONSTRAINT line_version_legal_status_check CHECK ((legal_status = ANY (ARRAY['reference'::text, 'in-demarcation'::text, 'disputed'::text, 'signed'::text, 'in-force'::text, 'under-change'::text, 'superseded'::text]))),
    CONSTRAINT line_version_original_datum_check CHECK ((original_datum = ANY (ARRAY['cgcs2000'::text, 'xian80'::text, 'beijing54'::text, 'other'::text]))),
    CONSTRAINT line_version_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.marker_change (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    kind text NOT NULL,
    marker_id uuid NOT NULL,
    line_id uuid NOT NULL,
    lines uuid[] NOT NULL,
    party uuid NOT NULL,
    parties uuid[] NOT NULL,
    applicant text NOT NULL,
    reason text NOT NULL,
    number text NOT NULL,
    stone text NOT NULL,
    type text NOT NULL,
    proposed public.geometry(PointZ,4490),
    content_sha256 text NOT NULL,
    surveyed public.geometry(PointZ,4490),
    sigma_m double precision,
    method text DEFAULT ''::text NOT NULL,
    surveyed_on date,
    survey_sha256 text,
    approval_id uuid,
    archive_id uuid,
    filing_id uuid,
    valid_from date,
    state text NOT NULL,
    refusal text,
    version integer DEFAULT 1 NOT NULL,
    written_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    objects jsonb DEFAULT '[]'::jsonb NOT NULL,
    again jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT marker_change_check CHECK (((kind = 'retirement'::text) = (proposed IS NULL))),
    CONSTRAINT marker_change_check1 CHECK ((((surveyed IS NULL) = (survey_sha256 IS NULL)) AND ((surveyed IS NULL) = (surveyed_on IS NULL)) AND ((surveyed IS NULL) = (sigma_m IS NULL)))),
    CONSTRAINT marker_change_check2 CHECK (((state <> ALL (ARRAY['approved'::text, 'surveyed'::text, 'placed'::text, 'filed'::text])) OR (approval_id IS NOT NULL))),
    CONSTRAINT marker_change_check3 CHECK (((state <> ALL (ARRAY['surveyed'::text, 'placed'::text, 'filed'::text])) OR (kind = 'retirement'::text) OR (surveyed IS NOT NULL))),
    CONSTRAINT marker_change_check4 CHECK (((state <> ALL (ARRAY['placed'::text, 'filed'::text])) OR (archive_id IS NOT NULL))),
    CONSTRAINT marker_change_check5 CHECK (((state <> 'filed'::text) OR ((filing_id IS NOT NULL) AND (valid_from IS NOT NULL)))),
    CONSTRAINT marker_change_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT marker_change_kind_check CHECK ((kind = ANY (ARRAY['relocation'::text, 'addition'::text, 'retirement'::text]))),
    CONSTRAINT marker_change_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT marker_change_sigma_m_check CHECK ((sigma_m > (0)::double precision)),
    CONSTRAINT marker_change_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'applied'::text, 'agreed'::text, 'approved'::text, 'surveyed'::text, 'placed'::text, 'filed'::text, 'declined'::text, 'withdrawn'::text, 'returned'::text]))),
    CONSTRAINT marker_change_survey_sha256_check CHECK ((survey_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT marker_change_type_check CHECK ((type = ANY (ARRAY['two-face'::text, 'three-face'::text])))
);

ALTER TABLE ONLY public.marker_change FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_change_confirmation (
    id uuid NOT NULL,
    change_id uuid NOT NULL,
    stage text NOT NULL,
    party uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    content_sha256 text NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    void_reason text,
    CONSTRAINT marker_change_confirmation_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT marker_change_confirmation_stage_check CHECK ((stage = ANY (ARRAY['agree'::text, 'survey'::text]))),
    CONSTRAINT marker_change_confirmation_voided CHECK (((voided_at IS NULL) = (void_reason IS NULL)))
);

ALTER TABLE ONLY public.marker_change_confirmation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_form (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    inspection_id uuid NOT NULL,
    marker_id uuid NOT NULL,
    found text NOT NULL,
    observed public.geometry(PointZ,4490),
    sigma_m double precision,
    note text DEFAULT ''::text NOT NULL,
    checked_on date NOT NULL,
    filled_by uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    submitted_at timestamp with time zone,
    CONSTRAINT marker_form_found_check CHECK ((found = ANY (ARRAY['intact'::text, 'damaged'::text, 'lost'::text, 'buried'::text, 'not-reached'::text, 'tilted'::text, 'illegible'::text])))
);

ALTER TABLE ONLY public.marker_form FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_handover (
    marker_id uuid NOT NULL,
    from_line uuid NOT NULL,
    to_line uuid NOT NULL,
    approval_id uuid NOT NULL,
    on_day date NOT NULL
);

ALTER TABLE ONLY public.marker_handover FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_identity (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    withheld boolean DEFAULT false NOT NULL
);

CREATE TABLE public.marker_measure_rule (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    measure text NOT NULL,
    level text NOT NULL,
    division_id uuid,
    counts_as text NOT NULL,
    source text NOT NULL,
    confirmed boolean NOT NULL,
    valid_from date,
    document_id uuid,
    office_id uuid,
    account_id uuid,
    recorded_at timestamp with time zone,
    CONSTRAINT marker_measure_rule_counts_as_check CHECK ((counts_as = ANY (ARRAY['upkeep'::text, 'repair'::text]))),
    CONSTRAINT marker_measure_rule_level_check CHECK ((level = ANY (ARRAY['province'::text, 'county'::text, 'township'::text]))),
    CONSTRAINT marker_measure_rule_measure_check CHECK ((measure = 'righting'::text)),
    CONSTRAINT marker_measure_rule_set CHECK ((((valid_from IS NULL) = (document_id IS NULL)) AND ((valid_from IS NULL) = (office_id IS NULL)) AND ((valid_from IS NULL) = (account_id IS NULL)) AND ((valid_from IS NULL) = (recorded_at IS NULL))))
);

ALTER TABLE ONLY public.marker_measure_rule FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_position (
    marker_id uuid NOT NULL,
    n integer NOT NULL,
    geom public.geometry(PointZ,4490) NOT NULL,
    sigma_m double precision,
    valid_from date,
    change_id uuid,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT marker_position_check CHECK (((n = 1) OR (change_id IS NOT NULL))),
    CONSTRAINT marker_position_n_check CHECK ((n >= 1))
);

ALTER TABLE ONLY public.marker_position FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_record (
    id uuid NOT NULL,
    marker_id uuid NOT NULL,
    n integer NOT NULL,
    valid_from date NOT NULL,
    document_id uuid NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    placement text NOT NULL,
    faces text NOT NULL,
    material text DEFAULT ''::text NOT NULL,
    location text NOT NULL,
    unit_a text DEFAULT ''::text NOT NULL,
    unit_b text DEFAULT ''::text NOT NULL,
    feature text DEFAULT ''::text NOT NULL,
    side text DEFAULT ''::text NOT NULL,
    epsg integer,
    x_m double precision,
    y_m double precision,
    elevation_m double precision,
    height_datum text,
    method text DEFAULT ''::text NOT NULL,
    sigma_m double precision,
    surveyed_on date,
    surveyor text DEFAULT ''::text NOT NULL,
    checker text DEFAULT ''::text NOT NULL,
    custodian uuid,
    old_position text DEFAULT ''::text NOT NULL,
    remark text DEFAULT ''::text NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT marker_record_check CHECK (((n = 1) OR (reason <> ''::text))),
    CONSTRAINT marker_record_check1 CHECK ((((epsg IS NULL) = (x_m IS NULL)) AND ((epsg IS NULL) = (y_m IS NULL)))),
    CONSTRAINT marker_record_check2 CHECK (((elevation_m IS NULL) = (height_datum IS NULL))),
    CONSTRAINT marker_record_epsg_check CHECK (((epsg >= 4491) AND (epsg <= 4554))),
    CONSTRAINT marker_record_faces_check CHECK ((faces = ANY (ARRAY['two-face'::text, 'three-face'::text]))),
    CONSTRAINT marker_record_height_datum_check CHECK ((height_datum = ANY (ARRAY['1985'::text, '1956'::text, 'other'::text]))),
    CONSTRAINT marker_record_location_check CHECK ((location <> ''::text)),
    CONSTRAINT marker_record_n_check CHECK ((n >= 1)),
    CONSTRAINT marker_record_placement_check CHECK ((placement = ANY (ARRAY['single'::text, 'pair'::text, 'triple'::text]))),
    CONSTRAINT marker_record_sigma_m_check CHECK ((sigma_m > (0)::double precision))
);

ALTER TABLE ONLY public.marker_record FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_state_step (
    marker_id uuid NOT NULL,
    n integer NOT NULL,
    state text NOT NULL,
    reason_id uuid,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT marker_state_step_n_check CHECK ((n >= 1))
);

CREATE TABLE public.marker_work (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    marker_id uuid NOT NULL,
    line_id uuid NOT NULL,
    lines uuid[] NOT NULL,
    party uuid NOT NULL,
    parties uuid[] NOT NULL,
    kind text NOT NULL,
    done_on date NOT NULL,
    measures text[] NOT NULL,
    observed public.geometry(PointZ,4490),
    sigma_m double precision,
    method text NOT NULL,
    note text NOT NULL,
    photos uuid[] NOT NULL,
    no_photos text NOT NULL,
    due_on date,
    custodian uuid,
    registered public.geometry(PointZ,4490) NOT NULL,
    apart_m double precision,
    limit_m double precision,
    fit text NOT NULL,
    content_sha256 text NOT NULL,
    state text NOT NULL,
    marker_from text,
    marker_to text,
    refusal text,
    version integer DEFAULT 1 NOT NULL,
    written_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    recorded_at timestamp with time zone,
    CONSTRAINT marker_work_check CHECK ((((observed IS NULL) = (apart_m IS NULL)) AND ((observed IS NULL) = (limit_m IS NULL)) AND ((observed IS NULL) = (fit = ''::text)))),
    CONSTRAINT marker_work_check1 CHECK ((((state = 'recorded'::text) = (recorded_at IS NOT NULL)) AND ((state = 'recorded'::text) = (marker_to IS NOT NULL)) AND ((state = 'recorded'::text) = (marker_from IS NOT NULL)))),
    CONSTRAINT marker_work_check2 CHECK (((state = 'refused'::text) = (refusal IS NOT NULL))),
    CONSTRAINT marker_work_check3 CHECK (((state = ANY (ARRAY['draft'::text, 'withdrawn'::text])) OR (submitted_at IS NOT NULL))),
    CONSTRAINT marker_work_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT marker_work_fit_check CHECK ((fit = ANY (ARRAY[''::text, 'within'::text, 'beyond'::text]))),
    CONSTRAINT marker_work_kind_check CHECK ((kind = ANY (ARRAY['intact'::text, 'damaged'::text, 'not-found'::text, 'deviates'::text, 'remeasured'::text, 'plan'::text, 'restoration'::text, 'upkeep'::text]))),
    CONSTRAINT marker_work_sigma_m_check CHECK ((sigma_m > (0)::double precision)),
    CONSTRAINT marker_work_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'recorded'::text, 'refused'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.marker_work FORCE ROW LEVEL SECURITY;

CREATE TABLE public.marker_work_confirmation (
    id uuid NOT NULL,
    work_id uuid NOT NULL,
    party uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    content_sha256 text NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    CONSTRAINT marker_work_confirmation_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.marker_work_confirmation FORCE ROW LEVEL SECURITY;

CREATE TABLE public.name_correction (
    id uuid NOT NULL,
    place_id uuid NOT NULL,
    name_id uuid NOT NULL,
    was jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    corrected_at timestamp with time zone NOT NULL,
    corrected_by text NOT NULL,
    office_id uuid,
    reason text NOT NULL,
    document_id uuid NOT NULL,
    CONSTRAINT name_correction_check CHECK ((corrected_at >= recorded_at)),
    CONSTRAINT name_correction_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ONLY public.name_correction FORCE ROW LEVEL SECURITY;

CREATE TABLE public.name_event (
    id uuid NOT NULL,
    place_id uuid NOT NULL,
    name_id uuid,
    kind text NOT NULL,
    process text NOT NULL,
    on_day date,
    on_said text,
    citation text NOT NULL,
    document_id uuid NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL,
    office_id uuid,
    CONSTRAINT name_event_check CHECK ((num_nonnulls(on_day, on_said) = 1)),
    CONSTRAINT name_event_citation_check CHECK ((citation <> ''::text)),
    CONSTRAINT name_event_kind_check CHECK ((kind = ANY (ARRAY['naming'::text, 'renaming'::text, 'retirement'::text, 'approval'::text, 'filing'::text, 'announcement'::text, 'registration'::text, 'rejection'::text, 'protection'::text, 'mention'::text])))
);

ALTER TABLE ONLY public.name_event FORCE ROW LEVEL SECURITY;

CREATE TABLE public.name_form (
    name_id uuid NOT NULL,
    place_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    text text NOT NULL COLLATE pg_catalog."C",
    pinyin text NOT NULL COLLATE pg_catalog."C",
    initials text NOT NULL COLLATE pg_catalog."C",
    toneless text NOT NULL,
    rank integer NOT NULL,
    category text NOT NULL,
    level text NOT NULL,
    within text NOT NULL,
    division uuid,
    path uuid[] NOT NULL,
    valid daterange NOT NULL,
    made_on date DEFAULT public.today() NOT NULL
);

CREATE TABLE public.name_form_due (
    place_id uuid NOT NULL
);

CREATE TABLE public.name_gram (
    gram text NOT NULL COLLATE pg_catalog."C",
    rank integer NOT NULL,
    name_id uuid NOT NULL
);

CREATE TABLE public.node (
    id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

CREATE TABLE public.node_division (
    node_version_id uuid NOT NULL,
    division_id uuid NOT NULL,
    n integer NOT NULL
);

CREATE TABLE public.node_line (
    node_version_id uuid NOT NULL,
    line_id uuid NOT NULL
);

CREATE TABLE public.node_version (
    id uuid NOT NULL,
    node_id uuid NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    geom public.geometry(Point,4490) NOT NULL,
    valid daterange NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT node_version_kind_check CHECK ((kind = ANY (ARRAY['junction'::text, 'tee'::text, 'end'::text]))),
    CONSTRAINT node_version_level_check CHECK ((level = ANY (ARRAY['province'::text, 'county'::text, 'township'::text]))),
    CONSTRAINT node_version_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.office (
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    division_id uuid,
    valid daterange DEFAULT daterange(NULL::date, NULL::date, '[)'::text) NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT office_kind_check CHECK ((kind = ANY (ARRAY['civil-affairs'::text, 'competent-department'::text, 'township-government'::text, 'committee'::text, 'contractor'::text, 'applicant'::text])))
);

CREATE TABLE public.office_key (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    key text NOT NULL,
    signer text GENERATED ALWAYS AS (((split_part(key, '+'::text, 1) || '+'::text) || split_part(key, '+'::text, 2))) STORED NOT NULL,
    algorithm text NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    registered_by uuid NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    CONSTRAINT office_key_algorithm_check CHECK ((algorithm = 'ed25519'::text)),
    CONSTRAINT office_key_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT office_key_key_check CHECK ((length(key) <= 400))
);

ALTER TABLE ONLY public.office_key FORCE ROW LEVEL SECURITY;

CREATE TABLE public.office_quota (
    office_id uuid NOT NULL,
    bytes bigint,
    files bigint,
    points bigint,
    jobs bigint,
    version integer DEFAULT 1 NOT NULL,
    set_at timestamp with time zone NOT NULL,
    set_by uuid NOT NULL,
    CONSTRAINT office_quota_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT office_quota_files_check CHECK ((files >= 0)),
    CONSTRAINT office_quota_jobs_check CHECK ((jobs >= 0)),
    CONSTRAINT office_quota_points_check CHECK ((points >= 0))
);

CREATE TABLE public.office_succession (
    predecessor_id uuid NOT NULL,
    successor_id uuid NOT NULL,
    on_day date NOT NULL,
    document_id uuid NOT NULL,
    CONSTRAINT office_succession_check CHECK ((predecessor_id <> successor_id))
);

CREATE TABLE public.photo (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    submission_id uuid NOT NULL,
    line_id uuid NOT NULL,
    inspection_id uuid,
    sha256 text NOT NULL,
    file_name text NOT NULL,
    state text NOT NULL,
    facts jsonb,
    sightings jsonb,
    certain boolean DEFAULT false NOT NULL,
    public_sha256 text,
    thumbnail_sha256 text,
    received_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    submitted_at timestamp with time zone,
    tracks uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT photo_check CHECK (((public_sha256 IS NULL) = (thumbnail_sha256 IS NULL))),
    CONSTRAINT photo_public_sha256_check CHECK ((public_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT photo_state_check CHECK ((state = ANY (ARRAY['received'::text, 'reading'::text, 'read'::text, 'refused'::text, 'failed'::text]))),
    CONSTRAINT photo_thumbnail_sha256_check CHECK ((thumbnail_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.photo FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place (
    id uuid NOT NULL,
    category text NOT NULL,
    division_id uuid NOT NULL,
    represents_division_id uuid,
    geom public.geometry(Geometry,4490),
    located_by text NOT NULL,
    as_given jsonb,
    document_id uuid NOT NULL,
    synthetic boolean DEFAULT false NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    class text,
    CONSTRAINT place_category_check CHECK ((category = ANY (ARRAY['natural'::text, 'division'::text, 'village-committee'::text, 'natural-village'::text, 'park'::text, 'street'::text, 'residential-building'::text, 'facility'::text, 'other'::text]))),
    CONSTRAINT place_check CHECK (((geom IS NULL) = (located_by = 'division'::text))),
    CONSTRAINT place_geom_check CHECK (((geom IS NULL) OR (NOT public.st_isempty(geom)))),
    CONSTRAINT place_located_by_check CHECK ((located_by = ANY (ARRAY['survey'::text, 'map'::text, 'division'::text])))
);

CREATE TABLE public.place_class (
    code text NOT NULL,
    system text NOT NULL,
    name text NOT NULL,
    parent text,
    category text,
    census text,
    same_as text,
    verified boolean NOT NULL,
    source text NOT NULL,
    CONSTRAINT place_class_category_check CHECK ((category = ANY (ARRAY['natural'::text, 'division'::text, 'village-committee'::text, 'natural-village'::text, 'park'::text, 'street'::text, 'residential-building'::text, 'facility'::text, 'other'::text]))),
    CONSTRAINT place_class_code_check CHECK ((code <> ''::text)),
    CONSTRAINT place_class_name_check CHECK ((name <> ''::text)),
    CONSTRAINT place_class_source_check CHECK ((source <> ''::text)),
    CONSTRAINT place_class_system_check CHECK ((system = ANY (ARRAY['gb18521'::text, 'cq-2022'::text])))
);

CREATE TABLE public.place_correction (
    id uuid NOT NULL,
    place_id uuid NOT NULL,
    was jsonb NOT NULL,
    geom public.geometry(Geometry,4490),
    moved boolean NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    corrected_at timestamp with time zone NOT NULL,
    corrected_by text NOT NULL,
    office_id uuid,
    reason text NOT NULL,
    document_id uuid NOT NULL,
    CONSTRAINT place_correction_check CHECK ((corrected_at >= recorded_at)),
    CONSTRAINT place_correction_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ONLY public.place_correction FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place_identity (
    id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    withheld boolean DEFAULT false NOT NULL
);

CREATE TABLE public.place_import (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    source jsonb NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    step integer DEFAULT 0 NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    frame text DEFAULT ''::text NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL,
    problem jsonb,
    asked_at timestamp with time zone NOT NULL,
    began_at timestamp with time zone,
    judged_at timestamp with time zone,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    pending integer DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone,
    ended_by uuid,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT place_import_check CHECK (((ended_at IS NULL) = (state <> ALL (ARRAY['committed'::text, 'abandoned'::text])))),
    CONSTRAINT place_import_check1 CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT place_import_file_name_check CHECK ((file_name <> ''::text)),
    CONSTRAINT place_import_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT place_import_state_check CHECK ((state = ANY (ARRAY['open'::text, 'judging'::text, 'judged'::text, 'committing'::text, 'committed'::text, 'abandoned'::text])))
);

ALTER TABLE ONLY public.place_import FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place_import_decision (
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    "row" integer NOT NULL,
    decision text NOT NULL,
    place_id uuid,
    decided_at timestamp with time zone NOT NULL,
    decided_by uuid NOT NULL,
    CONSTRAINT place_import_decision_check CHECK (((place_id IS NOT NULL) = (decision = 'same'::text))),
    CONSTRAINT place_import_decision_decision_check CHECK ((decision = ANY (ARRAY['same'::text, 'new'::text, 'aside'::text, 'undecided'::text])))
);

ALTER TABLE ONLY public.place_import_decision FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place_import_row (
    import_id uuid NOT NULL,
    "row" integer NOT NULL,
    verdict text NOT NULL,
    key text NOT NULL,
    places uuid[] NOT NULL,
    told jsonb NOT NULL,
    place_id uuid
);

ALTER TABLE ONLY public.place_import_row FORCE ROW LEVEL SECURITY;

CREATE TABLE public.place_name (
    id uuid NOT NULL,
    place_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text DEFAULT 'zh'::text NOT NULL,
    specific text NOT NULL,
    generic text DEFAULT ''::text NOT NULL,
    romanization text NOT NULL,
    reading text NOT NULL,
    toneless text NOT NULL,
    reading_status text NOT NULL,
    valid daterange NOT NULL,
    document_id uuid NOT NULL,
    approved_by text,
    proposal_id uuid,
    recorded_at timestamp with time zone NOT NULL,
    sort_key text,
    reading_document_id uuid,
    reading_approved_by text,
    process text,
    meaning text,
    origin text,
    from_said text,
    to_said text,
    CONSTRAINT place_name_kind_check CHECK ((kind = ANY (ARRAY['standard'::text, 'former'::text, 'alternative'::text, 'short'::text, 'rejected'::text, 'customary'::text, 'minority'::text, 'foreign'::text]))),
    CONSTRAINT place_name_language_check CHECK ((language ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'::text)),
    CONSTRAINT place_name_name_check CHECK ((name <> ''::text)),
    CONSTRAINT place_name_reading_cited CHECK (((reading_status <> 'approved'::text) OR ((reading_document_id IS NOT NULL) AND (reading_approved_by IS NOT NULL)))),
    CONSTRAINT place_name_reading_status_check CHECK ((reading_status = ANY (ARRAY['approved'::text, 'audited'::text, 'phrase'::text, 'unverified'::text]))),
    CONSTRAINT place_name_valid_check CHECK ((NOT isempty(valid)))
);

CREATE TABLE public.place_twin (
    id uuid NOT NULL,
    place_id uuid NOT NULL,
    twin_id uuid NOT NULL,
    reason text NOT NULL,
    document_id uuid NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    joined_by text NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    end_reason text,
    CONSTRAINT place_twin_check CHECK ((twin_id > place_id)),
    CONSTRAINT place_twin_check1 CHECK ((num_nulls(ended_at, ended_by, end_reason) = ANY (ARRAY[0, 3]))),
    CONSTRAINT place_twin_reason_check CHECK ((reason <> ''::text))
);

CREATE TABLE public.precision_policy (
    layer text NOT NULL,
    level text NOT NULL,
    decimals integer,
    document_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT precision_policy_decimals_check CHECK (((decimals >= 0) AND (decimals <= 8))),
    CONSTRAINT precision_policy_layer_check CHECK ((layer = ANY (ARRAY['markers'::text, 'places'::text]))),
    CONSTRAINT precision_policy_level_check CHECK ((level = ANY (ARRAY['province'::text, 'county'::text, 'township'::text])))
);

ALTER TABLE ONLY public.precision_policy FORCE ROW LEVEL SECURITY;

CREATE TABLE public.programme (
    id uuid NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    round integer NOT NULL,
    year_from integer NOT NULL,
    year_to integer NOT NULL,
    owner_id uuid NOT NULL,
    CONSTRAINT programme_check CHECK ((year_to >= year_from)),
    CONSTRAINT programme_level_check CHECK ((level = ANY (ARRAY['province'::text, 'county'::text, 'township'::text]))),
    CONSTRAINT programme_round_check CHECK ((round > 0))
);

CREATE TABLE public.proposal (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    division_id uuid NOT NULL,
    place_id uuid,
    point public.geometry(Point,4490),
    reason text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    pack_id text NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL,
    applied_by uuid NOT NULL,
    accepted_on date,
    decided_on date,
    document_id uuid,
    created_at timestamp with time zone NOT NULL,
    committee_id uuid,
    CONSTRAINT proposal_check CHECK (((kind = 'new'::text) OR (place_id IS NOT NULL))),
    CONSTRAINT proposal_kind_check CHECK ((kind = ANY (ARRAY['new'::text, 'rename'::text, 'retire'::text])))
);

ALTER TABLE ONLY public.proposal FORCE ROW LEVEL SECURITY;

CREATE TABLE public.proposal_statement (
    id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL,
    withdraws boolean DEFAULT false NOT NULL,
    rule text NOT NULL,
    part text NOT NULL,
    reason text NOT NULL,
    office_id uuid NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT proposal_statement_kind_check CHECK ((kind = ANY (ARRAY['explain'::text, 'clear'::text]))),
    CONSTRAINT proposal_statement_n_check CHECK ((n >= 1)),
    CONSTRAINT proposal_statement_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ONLY public.proposal_statement FORCE ROW LEVEL SECURITY;

CREATE TABLE public.proposal_vote (
    proposal_id uuid NOT NULL,
    account_id uuid NOT NULL,
    approve boolean NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.proposal_vote FORCE ROW LEVEL SECURITY;

CREATE TABLE public.rule_book (
    only_one boolean DEFAULT true NOT NULL,
    stamp uuid NOT NULL,
    CONSTRAINT rule_book_only_one_check CHECK (only_one)
);

CREATE TABLE public.rule_pack (
    id text NOT NULL,
    title text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'adopted'::text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    ended date,
    office_id uuid,
    document_id uuid,
    CONSTRAINT rule_pack_id_check CHECK ((id ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT rule_pack_region_check CHECK ((region ~ '^[0-9]*$'::text)),
    CONSTRAINT rule_pack_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'adopted'::text, 'withdrawn'::text])))
);

ALTER TABLE ONLY public.rule_pack FORCE ROW LEVEL SECURITY;

CREATE TABLE public.rule_pack_revision (
    pack_id text NOT NULL,
    n integer NOT NULL,
    text text NOT NULL,
    account_id uuid,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT rule_pack_revision_n_check CHECK ((n >= 1))
);

ALTER TABLE ONLY public.rule_pack_revision FORCE ROW LEVEL SECURITY;

CREATE TABLE public.schema_version (
    version integer NOT NULL
);

CREATE TABLE public.section (
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    line_version_id uuid NOT NULL,
    division_a uuid NOT NULL,
    division_b uuid NOT NULL,
    geom public.geometry(MultiLineString,4490) NOT NULL,
    length_m double precision NOT NULL
);

CREATE TABLE public.session (
    token text NOT NULL,
    data bytea NOT NULL,
    expiry timestamp with time zone NOT NULL,
    id uuid,
    account_id uuid,
    began_at timestamp with time zone,
    seen_at timestamp with time zone,
    peer text,
    agent text,
    ended_at timestamp with time zone
);

CREATE TABLE public.stretch (
    id uuid NOT NULL,
    inspection_id uuid NOT NULL,
    line_id uuid NOT NULL,
    office_id uuid NOT NULL,
    class text NOT NULL,
    from_m double precision NOT NULL,
    to_m double precision NOT NULL,
    reason text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    picture_source text DEFAULT ''::text NOT NULL,
    picture_on date,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    declared_by uuid NOT NULL,
    declared_at timestamp with time zone NOT NULL,
    decided_office uuid,
    decided_by uuid,
    decided_at timestamp with time zone,
    decision_reason text,
    withdrawn_office uuid,
    withdrawn_by uuid,
    withdrawn_at timestamp with time zone,
    withdrawal_reason text,
    checked_on date,
    CONSTRAINT stretch_check CHECK ((to_m > from_m)),
    CONSTRAINT stretch_check1 CHECK (((reason <> 'other'::text) OR (note <> ''::text))),
    CONSTRAINT stretch_check2 CHECK (
CASE class
    WHEN 'imagery'::text THEN ((picture_source <> ''::text) AND (picture_on IS NOT NULL))
    ELSE ((picture_source = ''::text) AND (picture_on IS NULL))
END),
    CONSTRAINT stretch_check3 CHECK ((num_nulls(decided_office, decided_by, decided_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT stretch_check4 CHECK ((num_nulls(withdrawn_office, withdrawn_by, withdrawn_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT stretch_check5 CHECK (
CASE state
    WHEN 'declared'::text THEN ((decided_at IS NULL) AND (withdrawn_at IS NULL))
    WHEN 'withdrawn'::text THEN (withdrawn_at IS NOT NULL)
    ELSE ((decided_at IS NOT NULL) AND (withdrawn_at IS NULL))
END),
    CONSTRAINT stretch_check6 CHECK (((state <> 'refused'::text) OR (decision_reason <> ''::text))),
    CONSTRAINT stretch_check7 CHECK (((state <> 'withdrawn'::text) OR (decided_at IS NULL) OR (withdrawal_reason <> ''::text))),
    CONSTRAINT stretch_class_check CHECK ((class = ANY (ARRAY['viewed'::text, 'imagery'::text]))),
    CONSTRAINT stretch_from_m_check CHECK ((from_m >= (0)::double precision)),
    CONSTRAINT stretch_reason_check CHECK ((reason = ANY (ARRAY['cliff'::text, 'river'::text, 'military'::text, 'forest'::text, 'other'::text]))),
    CONSTRAINT stretch_state_check CHECK ((state = ANY (ARRAY['declared'::text, 'confirmed'::text, 'refused'::text, 'withdrawn'::text]))),
    CONSTRAINT stretch_two_sides CHECK ((decided_office <> office_id))
);

ALTER TABLE ONLY public.stretch FORCE ROW LEVEL SECURITY;

CREATE TABLE public.submission (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    line_id uuid NOT NULL,
    inspection_id uuid,
    receiver text NOT NULL,
    sigma_m double precision NOT NULL,
    manifest_sha256 text NOT NULL,
    declared_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    received_at timestamp with time zone,
    receipt jsonb,
    CONSTRAINT submission_check CHECK ((((received_at IS NULL) = (receipt IS NULL)) AND ((received_at IS NULL) = (expires_at IS NOT NULL)))),
    CONSTRAINT submission_manifest_sha256_check CHECK ((manifest_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT submission_receiver_check CHECK ((receiver = ANY (ARRAY['phone'::text, 'handheld'::text, 'gnss-single'::text, 'gnss-float'::text, 'gnss-fixed'::text]))),
    CONSTRAINT submission_sigma_m_check CHECK ((sigma_m > (0)::double precision))
);

ALTER TABLE ONLY public.submission FORCE ROW LEVEL SECURITY;

CREATE TABLE public.track (
    id uuid NOT NULL,
    office_id uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    line_id uuid NOT NULL,
    inspection_id uuid,
    sha256 text NOT NULL,
    file_name text NOT NULL,
    receiver text NOT NULL,
    sigma_m double precision NOT NULL,
    state text NOT NULL,
    receipt jsonb NOT NULL,
    reading jsonb,
    received_at timestamp with time zone NOT NULL,
    matched_at timestamp with time zone,
    submitted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    frame text,
    trace json,
    stations jsonb,
    photos uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT track_frame_check CHECK ((frame = ANY (ARRAY['4326'::text, 'gcj02'::text, 'bd09'::text]))),
    CONSTRAINT track_receiver_check CHECK ((receiver = ANY (ARRAY['phone'::text, 'handheld'::text, 'gnss-single'::text, 'gnss-float'::text, 'gnss-fixed'::text]))),
    CONSTRAINT track_sigma_m_check CHECK ((sigma_m > (0)::double precision)),
    CONSTRAINT track_state_check CHECK ((state = ANY (ARRAY['received'::text, 'reading'::text, 'held'::text, 'matched'::text, 'unreadable'::text, 'refused-dangerous'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.track FORCE ROW LEVEL SECURITY;

CREATE TABLE public.track_result (
    track_id uuid NOT NULL,
    office_id uuid NOT NULL,
    line_id uuid NOT NULL,
    inspection_id uuid,
    sha256 text NOT NULL,
    file_name text NOT NULL,
    receiver text NOT NULL,
    sigma_m double precision NOT NULL,
    received_at timestamp with time zone NOT NULL,
    matched_at timestamp with time zone NOT NULL,
    match jsonb NOT NULL,
    corridor_m double precision NOT NULL,
    corridor public.geometry(MultiLineString,4490),
    version integer DEFAULT 1 NOT NULL,
    superseded_at timestamp with time zone,
    asked jsonb
);

ALTER TABLE ONLY public.track_result FORCE ROW LEVEL SECURITY;

CREATE TABLE public.upload (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    number integer NOT NULL,
    file_name text NOT NULL,
    size bigint NOT NULL,
    wanted_sha256 text,
    received bigint DEFAULT 0 NOT NULL,
    sha256 text,
    kind text,
    kept boolean DEFAULT false NOT NULL,
    track_id uuid,
    photo_id uuid,
    CONSTRAINT upload_check CHECK (((received >= 0) AND (received <= size))),
    CONSTRAINT upload_check1 CHECK ((((sha256 IS NULL) = (kind IS NULL)) AND ((sha256 IS NOT NULL) OR (NOT kept)))),
    CONSTRAINT upload_kind_check CHECK ((kind = ANY (ARRAY['track'::text, 'photo'::text]))),
    CONSTRAINT upload_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT upload_size_check CHECK ((size >= 0)),
    CONSTRAINT upload_wanted_sha256_check CHECK ((wanted_sha256 ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.upload FORCE ROW LEVEL SECURITY;

CREATE TABLE public.witness_object (
    record_id uuid NOT NULL,
    n integer NOT NULL,
    name text NOT NULL,
    bearing_minutes integer NOT NULL,
    distance_dm integer NOT NULL,
    CONSTRAINT witness_object_bearing_minutes_check CHECK (((bearing_minutes >= 0) AND (bearing_minutes <= 21599))),
    CONSTRAINT witness_object_distance_dm_check CHECK (((distance_dm >= 1) AND (distance_dm <= 10000))),
    CONSTRAINT witness_object_n_check CHECK ((n >= 1)),
    CONSTRAINT witness_object_name_check CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.witness_object FORCE ROW LEVEL SECURITY;

CREATE TABLE public.word_library (
    id text NOT NULL,
    title text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    kind text DEFAULT 'limited'::text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    office_id uuid,
    CONSTRAINT word_library_id_check CHECK ((id ~ '^[a-z0-9-]+$'::text)),
    CONSTRAINT word_library_kind_check CHECK ((kind = ANY (ARRAY['limited'::text, 'source'::text]))),
    CONSTRAINT word_library_region_check CHECK ((region ~ '^[0-9]*$'::text))
);

ALTER TABLE ONLY public.word_library FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_once UNIQUE (issuer, subject);

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_login_key UNIQUE (login);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_role
    ADD CONSTRAINT account_role_pkey PRIMARY KEY (account_id, role);

ALTER TABLE ONLY public.agreement_confirmation
    ADD CONSTRAINT agreement_confirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_once EXCLUDE USING gist (account_id WITH =, line_id WITH =, valid WITH &&) WHERE ((ended_at IS NULL));

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_finding
    ADD CONSTRAINT audit_finding_pkey PRIMARY KEY (audit_id, n);

ALTER TABLE ONLY public.audit_look
    ADD CONSTRAINT audit_look_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.built_up_area
    ADD CONSTRAINT built_up_area_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cosignature
    ADD CONSTRAINT cosignature_once UNIQUE (size, key_id);

ALTER TABLE ONLY public.cosignature
    ADD CONSTRAINT cosignature_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dispute_interval
    ADD CONSTRAINT dispute_interval_dispute_id_line_version_id_key UNIQUE (dispute_id, line_version_id);

ALTER TABLE ONLY public.dispute_interval
    ADD CONSTRAINT dispute_interval_pkey PRIMARY KEY (dispute_id, n);

ALTER TABLE ONLY public.dispute_minute
    ADD CONSTRAINT dispute_minute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_approval
    ADD CONSTRAINT division_approval_change_key UNIQUE (change);

ALTER TABLE ONLY public.division_approval
    ADD CONSTRAINT division_approval_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_code
    ADD CONSTRAINT division_code_once EXCLUDE USING gist (system WITH =, code WITH =, valid WITH &&);

ALTER TABLE ONLY public.division_code
    ADD CONSTRAINT division_code_one EXCLUDE USING gist (division_id WITH =, system WITH =, valid WITH &&);

ALTER TABLE ONLY public.division_event_of
    ADD CONSTRAINT division_event_of_pkey PRIMARY KEY (event_id, division_id);

ALTER TABLE ONLY public.division_event
    ADD CONSTRAINT division_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_link
    ADD CONSTRAINT division_link_pkey PRIMARY KEY (predecessor_id, successor_id, kind, on_day);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_shape
    ADD CONSTRAINT division_shape_once EXCLUDE USING gist (division_id WITH =, valid WITH &&);

ALTER TABLE ONLY public.division_shape
    ADD CONSTRAINT division_shape_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_version
    ADD CONSTRAINT division_version_once EXCLUDE USING gist (division_id WITH =, valid WITH &&);

ALTER TABLE ONLY public.division_version
    ADD CONSTRAINT division_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_kind_title_sha256_key UNIQUE (kind, title, sha256);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.exclave_end
    ADD CONSTRAINT exclave_end_pkey PRIMARY KEY (exclave_id);

ALTER TABLE ONLY public.exclave
    ADD CONSTRAINT exclave_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (actor, key);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_once UNIQUE (programme_id, line_id);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inspection_signature
    ADD CONSTRAINT inspection_signature_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY (n);

ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_seq_key UNIQUE (seq);

ALTER TABLE ONLY public.ledger_progress
    ADD CONSTRAINT ledger_progress_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.library_word
    ADD CONSTRAINT library_word_once EXCLUDE USING gist (library_id WITH =, text WITH =, region WITH =, valid WITH &&);

ALTER TABLE ONLY public.library_word
    ADD CONSTRAINT library_word_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_code UNIQUE (code_scheme, code);

ALTER TABLE ONLY public.line_event
    ADD CONSTRAINT line_event_line_id_approval_id_key UNIQUE (line_id, approval_id);

ALTER TABLE ONLY public.line_event
    ADD CONSTRAINT line_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.line_link
    ADD CONSTRAINT line_link_pkey PRIMARY KEY (predecessor_id, successor_id, approval_id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_parties UNIQUE (level, party_a, party_b);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.line_segment
    ADD CONSTRAINT line_segment_pkey PRIMARY KEY (line_version_id, n);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_once EXCLUDE USING gist (line_id WITH =, valid WITH &&);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_change_confirmation
    ADD CONSTRAINT marker_change_confirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_inspection_id_marker_id_office_id_key UNIQUE (inspection_id, marker_id, office_id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_handover
    ADD CONSTRAINT marker_handover_pkey PRIMARY KEY (marker_id, approval_id);

ALTER TABLE ONLY public.marker_identity
    ADD CONSTRAINT marker_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_measure_rule
    ADD CONSTRAINT marker_measure_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_once EXCLUDE USING gist (line_id WITH =, number WITH =, stone WITH =, valid WITH &&);

ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_position
    ADD CONSTRAINT marker_position_change_id_key UNIQUE (change_id);

ALTER TABLE ONLY public.marker_position
    ADD CONSTRAINT marker_position_pkey PRIMARY KEY (marker_id, n);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_marker_id_n_key UNIQUE (marker_id, n);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_state_step
    ADD CONSTRAINT marker_state_step_pkey PRIMARY KEY (marker_id, n);

ALTER TABLE ONLY public.marker_state_step
    ADD CONSTRAINT marker_state_step_reason_id_key UNIQUE (reason_id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_work_id_party_key UNIQUE (work_id, party);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.name_correction
    ADD CONSTRAINT name_correction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.name_event
    ADD CONSTRAINT name_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.name_form
    ADD CONSTRAINT name_form_pkey PRIMARY KEY (name_id);

ALTER TABLE ONLY public.node_division
    ADD CONSTRAINT node_division_pkey PRIMARY KEY (node_version_id, division_id);

ALTER TABLE ONLY public.node_line
    ADD CONSTRAINT node_line_pkey PRIMARY KEY (node_version_id, line_id);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node_version
    ADD CONSTRAINT node_version_once EXCLUDE USING gist (node_id WITH =, valid WITH &&);

ALTER TABLE ONLY public.node_version
    ADD CONSTRAINT node_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node_version
    ADD CONSTRAINT node_version_place EXCLUDE USING gist (public.st_x(geom) WITH =, public.st_y(geom) WITH =, valid WITH &&);

ALTER TABLE ONLY public.office_key
    ADD CONSTRAINT office_key_once UNIQUE (signer);

ALTER TABLE ONLY public.office_key
    ADD CONSTRAINT office_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.office
    ADD CONSTRAINT office_name_key UNIQUE (name);

ALTER TABLE ONLY public.office
    ADD CONSTRAINT office_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.office_quota
    ADD CONSTRAINT office_quota_pkey PRIMARY KEY (office_id);

ALTER TABLE ONLY public.office_succession
    ADD CONSTRAINT office_succession_pkey PRIMARY KEY (predecessor_id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_once UNIQUE (office_id, line_id, sha256);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_class
    ADD CONSTRAINT place_class_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.place_correction
    ADD CONSTRAINT place_correction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_identity
    ADD CONSTRAINT place_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_import_decision
    ADD CONSTRAINT place_import_decision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_import
    ADD CONSTRAINT place_import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_import_row
    ADD CONSTRAINT place_import_row_pkey PRIMARY KEY (import_id, "row");

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_one_standard EXCLUDE USING gist (place_id WITH =, language WITH =, valid WITH &&) WHERE ((kind = 'standard'::text));

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place
    ADD CONSTRAINT place_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.place_twin
    ADD CONSTRAINT place_twin_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.precision_policy
    ADD CONSTRAINT precision_policy_pkey PRIMARY KEY (layer, level);

ALTER TABLE ONLY public.programme
    ADD CONSTRAINT programme_name_key UNIQUE (name);

ALTER TABLE ONLY public.programme
    ADD CONSTRAINT programme_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposal_statement
    ADD CONSTRAINT proposal_statement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposal_statement
    ADD CONSTRAINT proposal_statement_proposal_id_n_key UNIQUE (proposal_id, n);

ALTER TABLE ONLY public.proposal_vote
    ADD CONSTRAINT proposal_vote_pkey PRIMARY KEY (proposal_id, account_id);

ALTER TABLE ONLY public.rule_book
    ADD CONSTRAINT rule_book_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.rule_pack
    ADD CONSTRAINT rule_pack_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rule_pack_revision
    ADD CONSTRAINT rule_pack_revision_pkey PRIMARY KEY (pack_id, n);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_pair UNIQUE (line_version_id, division_a, division_b);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (token);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_once UNIQUE (office_id, line_id, sha256);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_pkey PRIMARY KEY (track_id, version);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_account_id_submission_id_number_key UNIQUE (account_id, submission_id, number);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.witness_object
    ADD CONSTRAINT witness_object_pkey PRIMARY KEY (record_id, n);

ALTER TABLE ONLY public.word_library
    ADD CONSTRAINT word_library_pkey PRIMARY KEY (id);

CREATE INDEX account_identity_account ON public.account_identity USING btree (account_id);

CREATE UNIQUE INDEX agreement_confirmation_once ON public.agreement_confirmation USING btree (agreement_id, party) WHERE (voided_at IS NULL);

CREATE INDEX agreement_line ON public.agreement USING btree (line_id);

CREATE UNIQUE INDEX agreement_of_side ON public.agreement USING btree (line_id, party) WHERE (state <> ALL (ARRAY['in-force'::text, 'withdrawn'::text]));

CREATE INDEX agreement_office ON public.agreement USING btree (office_id);

CREATE UNIQUE INDEX agreement_under_way ON public.agreement USING btree (line_id) WHERE (state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'signed'::text]));

CREATE INDEX api_token_account ON public.api_token USING btree (account_id);

CREATE INDEX assignment_account ON public.assignment USING btree (account_id);

CREATE INDEX assignment_line ON public.assignment USING btree (line_id);

CREATE INDEX assignment_office ON public.assignment USING btree (office_id);

CREATE UNIQUE INDEX audit_look_once ON public.audit_look USING btree (office_id, key) WHERE (ended_at IS NULL);

CREATE INDEX audit_office ON public.audit USING btree (office_id, id);

CREATE UNIQUE INDEX audit_under_way ON public.audit USING btree (office_id) WHERE (ended_at IS NULL);

CREATE INDEX built_up_area_geom ON public.built_up_area USING gist (geom);

CREATE INDEX claim_line ON public.claim USING btree (line_id);

CREATE INDEX claim_office ON public.claim USING btree (office_id);

CREATE INDEX coverage_line ON public.coverage USING btree (line_id);

CREATE INDEX coverage_stretch ON public.coverage USING btree (stretch_id) WHERE (stretch_id IS NOT NULL);

CREATE INDEX dispute_interval_version ON public.dispute_interval USING btree (line_version_id);

CREATE INDEX dispute_line ON public.dispute USING btree (line_id);

CREATE INDEX dispute_minute_dispute ON public.dispute_minute USING btree (dispute_id);

CREATE INDEX division_code_code ON public.division_code USING btree (code);

CREATE INDEX division_event_approval ON public.division_event USING btree (approval_id);

CREATE INDEX division_event_of_division ON public.division_event_of USING btree (division_id);

CREATE INDEX division_link_event ON public.division_link USING btree (event_id);

CREATE INDEX division_link_successor ON public.division_link USING btree (successor_id);

CREATE INDEX division_shape_geom ON public.division_shape USING gist (geom);

CREATE INDEX division_version_district ON public.division_version USING btree ("left"(name, 2)) WHERE ((level = ANY (ARRAY['province'::text, 'prefecture'::text, 'county'::text])) AND upper_inf(valid));

CREATE INDEX division_version_name ON public.division_version USING btree (name);

CREATE INDEX division_version_parent ON public.division_version USING btree (parent_id);

CREATE INDEX exclave_division ON public.exclave USING btree (division_id);

CREATE INDEX export_office ON public.export USING btree (office_id, at);

CREATE UNIQUE INDEX inspection_signature_once ON public.inspection_signature USING btree (inspection_id, office_id) WHERE (voided_at IS NULL);

CREATE INDEX journal_command ON public.journal USING btree (seq) WHERE (actor = 'system:command'::text);

CREATE INDEX journal_subject ON public.journal USING btree (subject, seq);

CREATE INDEX line_link_successor ON public.line_link USING btree (successor_id);

CREATE INDEX line_version_geom ON public.line_version USING gist (geom);

CREATE UNIQUE INDEX marker_change_confirmation_once ON public.marker_change_confirmation USING btree (change_id, stage, party, content_sha256) WHERE (voided_at IS NULL);

CREATE INDEX marker_change_lines ON public.marker_change USING gin (lines);

CREATE UNIQUE INDEX marker_change_number ON public.marker_change USING btree (line_id, number, stone) WHERE ((kind = 'addition'::text) AND (state <> ALL (ARRAY['draft'::text, 'filed'::text, 'declined'::text, 'withdrawn'::text, 'returned'::text])));

CREATE INDEX marker_change_office ON public.marker_change USING btree (office_id);

CREATE UNIQUE INDEX marker_change_under_way ON public.marker_change USING btree (marker_id) WHERE (state <> ALL (ARRAY['draft'::text, 'filed'::text, 'declined'::text, 'withdrawn'::text, 'returned'::text]));

CREATE INDEX marker_form_filled_by ON public.marker_form USING btree (filled_by);

CREATE INDEX marker_geom ON public.marker USING gist (geom);

CREATE INDEX marker_identity_withheld ON public.marker_identity USING btree (id) WHERE withheld;

CREATE UNIQUE INDEX marker_measure_rule_once ON public.marker_measure_rule USING btree (measure, level, division_id, valid_from) NULLS NOT DISTINCT;

CREATE INDEX marker_work_lines ON public.marker_work USING gin (lines);

CREATE INDEX marker_work_marker ON public.marker_work USING btree (marker_id);

CREATE INDEX marker_work_office ON public.marker_work USING btree (office_id);

CREATE INDEX name_correction_place ON public.name_correction USING btree (place_id);

CREATE INDEX name_event_place ON public.name_event USING btree (place_id);

CREATE INDEX name_form_initials ON public.name_form USING btree (initials, rank DESC, name_id);

CREATE INDEX name_form_initials1 ON public.name_form USING btree ("left"(initials, 1), rank DESC, name_id);

CREATE INDEX name_form_initials2 ON public.name_form USING btree ("left"(initials, 2), rank DESC, name_id);

CREATE INDEX name_form_initials3 ON public.name_form USING btree ("left"(initials, 3), rank DESC, name_id);

CREATE INDEX name_form_path ON public.name_form USING gin (path);

CREATE INDEX name_form_pinyin ON public.name_form USING btree (pinyin, rank DESC, name_id);

CREATE INDEX name_form_pinyin1 ON public.name_form USING btree ("left"(pinyin, 1), rank DESC, name_id);

CREATE INDEX name_form_pinyin2 ON public.name_form USING btree ("left"(pinyin, 2), rank DESC, name_id);

CREATE INDEX name_form_pinyin3 ON public.name_form USING btree ("left"(pinyin, 3), rank DESC, name_id);

CREATE INDEX name_form_pinyin4 ON public.name_form USING btree ("left"(pinyin, 4), rank DESC, name_id);

CREATE INDEX name_form_place ON public.name_form USING btree (place_id);

CREATE INDEX name_form_text ON public.name_form USING btree (text, rank DESC, name_id);

CREATE INDEX name_form_text1 ON public.name_form USING btree ("left"(text, 1), rank DESC, name_id);

CREATE INDEX name_form_text2 ON public.name_form USING btree ("left"(text, 2), rank DESC, name_id);

CREATE INDEX name_form_trgm ON public.name_form USING gin (text public.gin_trgm_ops);

CREATE INDEX name_gram_gram ON public.name_gram USING btree (gram, rank DESC, name_id);

CREATE INDEX name_gram_name ON public.name_gram USING btree (name_id);

CREATE INDEX node_division_division ON public.node_division USING btree (division_id);

CREATE INDEX node_line_line ON public.node_line USING btree (line_id);

CREATE INDEX node_version_geom ON public.node_version USING gist (geom);

CREATE INDEX office_key_office ON public.office_key USING btree (office_id);

CREATE INDEX office_succession_successor ON public.office_succession USING btree (successor_id);

CREATE INDEX photo_inspection ON public.photo USING btree (inspection_id);

CREATE INDEX photo_line ON public.photo USING btree (line_id);

CREATE INDEX photo_submission ON public.photo USING btree (uploaded_by, submission_id);

CREATE INDEX place_correction_place ON public.place_correction USING btree (place_id);

CREATE INDEX place_division ON public.place USING btree (division_id);

CREATE INDEX place_geom ON public.place USING gist (geom);

CREATE INDEX place_identity_withheld ON public.place_identity USING btree (id) WHERE withheld;

CREATE INDEX place_import_decision_row ON public.place_import_decision USING btree (import_id, "row", id);

CREATE INDEX place_import_office ON public.place_import USING btree (office_id, id);

CREATE INDEX place_import_row_verdict ON public.place_import_row USING btree (import_id, verdict, "row");

CREATE UNIQUE INDEX place_import_under_way ON public.place_import USING btree (office_id, sha256) WHERE (ended_at IS NULL);

CREATE INDEX place_name_heard ON public.place_name USING btree (public.heard(toneless));

CREATE INDEX place_name_name ON public.place_name USING btree (name);

CREATE INDEX place_name_place ON public.place_name USING btree (place_id);

CREATE INDEX place_name_specific ON public.place_name USING btree (specific);

CREATE INDEX place_name_toneless ON public.place_name USING btree (toneless);

CREATE INDEX place_name_unread ON public.place_name USING btree (place_id) WHERE ((reading_status = 'unverified'::text) AND (kind = 'standard'::text) AND (language = 'zh'::text) AND upper_inf(valid));

CREATE UNIQUE INDEX place_represents ON public.place USING btree (represents_division_id) WHERE (represents_division_id IS NOT NULL);

CREATE UNIQUE INDEX place_twin_once ON public.place_twin USING btree (place_id, twin_id) WHERE (ended_at IS NULL);

CREATE INDEX place_twin_other ON public.place_twin USING btree (twin_id);

CREATE INDEX proposal_office ON public.proposal USING btree (office_id);

CREATE INDEX proposal_state ON public.proposal USING btree (state);

CREATE INDEX section_geom ON public.section USING gist (geom);

CREATE INDEX section_line ON public.section USING btree (line_id);

CREATE INDEX session_account ON public.session USING btree (account_id);

CREATE INDEX session_expiry ON public.session USING btree (expiry);

CREATE UNIQUE INDEX session_id ON public.session USING btree (id);

CREATE INDEX stretch_inspection ON public.stretch USING btree (inspection_id);

CREATE UNIQUE INDEX stretch_once ON public.stretch USING btree (inspection_id, office_id, class, from_m, to_m) WHERE (state = ANY (ARRAY['declared'::text, 'confirmed'::text]));

CREATE INDEX submission_expires ON public.submission USING btree (expires_at) WHERE (received_at IS NULL);

CREATE INDEX submission_office_open ON public.submission USING btree (office_id) WHERE (received_at IS NULL);

CREATE INDEX track_inspection ON public.track USING btree (inspection_id);

CREATE INDEX track_line ON public.track USING btree (line_id);

CREATE INDEX track_line_received ON public.track USING btree (line_id, received_at DESC) WHERE (stations IS NOT NULL);

CREATE INDEX track_office ON public.track USING btree (office_id);

CREATE INDEX track_result_inspection ON public.track_result USING btree (inspection_id);

CREATE INDEX track_result_line ON public.track_result USING btree (line_id);

CREATE UNIQUE INDEX track_result_present ON public.track_result USING btree (track_id) WHERE (superseded_at IS NULL);

CREATE INDEX track_uploaded_by ON public.track USING btree (uploaded_by);

CREATE INDEX upload_photo ON public.upload USING btree (photo_id);

CREATE INDEX upload_track ON public.upload USING btree (track_id);

CREATE INDEX withheld_line ON public.withheld USING btree (line_id);

CREATE TRIGGER agreement_confirmation_guarded BEFORE UPDATE ON public.agreement_confirmation FOR EACH ROW EXECUTE FUNCTION public.guard_confirmation();

CREATE TRIGGER agreement_ends_guarded BEFORE UPDATE ON public.agreement FOR EACH ROW EXECUTE FUNCTION public.guard_agreement_ends();

CREATE TRIGGER agreement_guarded BEFORE UPDATE ON public.agreement FOR EACH ROW EXECUTE FUNCTION public.guard_agreement();

CREATE TRIGGER built_up_area_published AFTER INSERT OR DELETE OR UPDATE ON public.built_up_area FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER checkpoint_append_only BEFORE DELETE OR UPDATE ON public.checkpoint FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON public.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER claim_fixed BEFORE UPDATE ON public.claim FOR EACH ROW EXECUTE FUNCTION public.refuse_claim_change();

CREATE TRIGGER cosignature_append_only BEFORE DELETE OR UPDATE ON public.cosignature FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER cosignature_no_truncate BEFORE TRUNCATE ON public.cosignature FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER coverage_published AFTER INSERT OR DELETE OR UPDATE ON public.coverage FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER dispute_guarded BEFORE UPDATE ON public.dispute FOR EACH ROW EXECUTE FUNCTION public.guard_dispute();

CREATE TRIGGER dispute_interval_kept BEFORE DELETE OR UPDATE ON public.dispute_interval FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER dispute_minute_kept BEFORE DELETE OR UPDATE ON public.dispute_minute FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_approval_append_only BEFORE DELETE OR UPDATE ON public.division_approval FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_approval_no_truncate BEFORE TRUNCATE ON public.division_approval FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_code_published AFTER INSERT OR DELETE OR UPDATE ON public.division_code FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER division_event_append_only BEFORE DELETE OR UPDATE ON public.division_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_event_no_truncate BEFORE TRUNCATE ON public.division_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_event_of_append_only BEFORE DELETE OR UPDATE ON public.division_event_of FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_event_of_no_truncate BEFORE TRUNCATE ON public.division_event_of FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_event_published AFTER INSERT ON public.division_event FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER division_link_append_only BEFORE DELETE OR UPDATE ON public.division_link FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_link_no_truncate BEFORE TRUNCATE ON public.division_link FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER division_shape_published AFTER INSERT OR DELETE OR UPDATE ON public.division_shape FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER division_version_due AFTER UPDATE ON public.division_version REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.names_within_are_due();

CREATE TRIGGER division_version_due_new AFTER INSERT ON public.division_version REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.names_within_are_due();

CREATE TRIGGER division_version_published AFTER INSERT OR DELETE OR UPDATE ON public.division_version FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER exclave_end_guarded BEFORE INSERT ON public.exclave_end FOR EACH ROW EXECUTE FUNCTION public.guard_exclave_end();

CREATE TRIGGER exclave_end_kept BEFORE DELETE OR UPDATE ON public.exclave_end FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER exclave_kept BEFORE DELETE OR UPDATE ON public.exclave FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER journal_append_only BEFORE DELETE OR UPDATE ON public.journal FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON public.journal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ledger_entry_append_only BEFORE DELETE OR UPDATE ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER library_word_kept BEFORE UPDATE ON public.library_word FOR EACH ROW EXECUTE FUNCTION public.keep_word();

CREATE TRIGGER library_word_stamped AFTER INSERT OR UPDATE ON public.library_word FOR EACH STATEMENT EXECUTE FUNCTION public.stamp_rule_book();

CREATE TRIGGER line_event_kept BEFORE DELETE OR UPDATE ON public.line_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER line_link_kept BEFORE DELETE OR UPDATE ON public.line_link FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER line_published AFTER INSERT OR DELETE OR UPDATE ON public.line FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER line_segment_approved BEFORE INSERT OR DELETE OR UPDATE ON public.line_segment FOR EACH ROW EXECUTE FUNCTION public.guard_approved_part();

CREATE TRIGGER line_version_approved BEFORE DELETE OR UPDATE ON public.line_version FOR EACH ROW EXECUTE FUNCTION public.guard_approved_line();

CREATE TRIGGER line_version_published AFTER INSERT OR DELETE OR UPDATE ON public.line_version FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER marker_change_confirmation_guarded BEFORE UPDATE ON public.marker_change_confirmation FOR EACH ROW EXECUTE FUNCTION public.guard_change_confirmation();

CREATE TRIGGER marker_change_confirmation_kept BEFORE DELETE ON public.marker_change_confirmation FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_change_guarded BEFORE UPDATE ON public.marker_change FOR EACH ROW EXECUTE FUNCTION public.guard_marker_change();

CREATE TRIGGER marker_handover_kept BEFORE DELETE OR UPDATE ON public.marker_handover FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_identified AFTER INSERT ON public.marker REFERENCING NEW TABLE AS registered FOR EACH STATEMENT EXECUTE FUNCTION public.identify();

CREATE TRIGGER marker_measure_rule_kept BEFORE DELETE OR UPDATE ON public.marker_measure_rule FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_position_came AFTER INSERT ON public.marker REFERENCING NEW TABLE AS registered FOR EACH STATEMENT EXECUTE FUNCTION public.register_position();

CREATE TRIGGER marker_position_kept BEFORE DELETE OR UPDATE ON public.marker_position FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_position_stays AFTER UPDATE ON public.marker REFERENCING NEW TABLE AS registered FOR EACH STATEMENT EXECUTE FUNCTION public.register_position();

CREATE TRIGGER marker_published AFTER INSERT OR DELETE OR UPDATE ON public.marker FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER marker_record_kept BEFORE DELETE OR UPDATE ON public.marker_record FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_record_made AFTER INSERT ON public.marker_record FOR EACH ROW EXECUTE FUNCTION public.marker_was_recorded();

CREATE TRIGGER marker_state_came AFTER INSERT ON public.marker REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.marker_state_moved();

CREATE TRIGGER marker_state_stays AFTER UPDATE ON public.marker REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.marker_state_moved();

CREATE TRIGGER marker_state_step_kept BEFORE DELETE OR UPDATE ON public.marker_state_step FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_work_confirmation_kept BEFORE DELETE OR UPDATE ON public.marker_work_confirmation FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER marker_work_guarded BEFORE UPDATE ON public.marker_work FOR EACH ROW EXECUTE FUNCTION public.guard_marker_work();

CREATE TRIGGER name_correction_append_only BEFORE DELETE OR UPDATE ON public.name_correction FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER name_correction_no_truncate BEFORE TRUNCATE ON public.name_correction FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER name_event_append_only BEFORE DELETE OR UPDATE ON public.name_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER name_event_no_truncate BEFORE TRUNCATE ON public.name_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER name_form_forgotten AFTER DELETE ON public.name_form REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.forms_changed();

CREATE TRIGGER name_form_gone AFTER DELETE ON public.name_form REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.forget_grams();

CREATE TRIGGER name_form_made AFTER INSERT ON public.name_form REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.forms_changed();

CREATE TRIGGER node_version_published AFTER INSERT OR DELETE OR UPDATE ON public.node_version FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER office_key_kept BEFORE DELETE ON public.office_key FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER office_key_no_truncate BEFORE TRUNCATE ON public.office_key FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER place_correction_append_only BEFORE DELETE OR UPDATE ON public.place_correction FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER place_correction_no_truncate BEFORE TRUNCATE ON public.place_correction FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER place_due AFTER UPDATE ON public.place REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.place_is_due();

CREATE TRIGGER place_identified AFTER INSERT ON public.place REFERENCING NEW TABLE AS registered FOR EACH STATEMENT EXECUTE FUNCTION public.identify();

CREATE TRIGGER place_name_due AFTER UPDATE ON public.place_name REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.names_are_due();

CREATE TRIGGER place_name_due_new AFTER INSERT ON public.place_name REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.names_are_due();

CREATE TRIGGER place_name_published AFTER INSERT OR DELETE OR UPDATE ON public.place_name FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER place_published AFTER INSERT OR DELETE OR UPDATE ON public.place FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER precision_policy_published AFTER INSERT OR DELETE OR UPDATE ON public.precision_policy FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER proposal_guarded BEFORE UPDATE ON public.proposal FOR EACH ROW EXECUTE FUNCTION public.guard_proposal();

CREATE TRIGGER proposal_statement_kept BEFORE DELETE OR UPDATE ON public.proposal_statement FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER rule_pack_kept BEFORE UPDATE ON public.rule_pack FOR EACH ROW EXECUTE FUNCTION public.keep_rule_pack();

CREATE TRIGGER rule_pack_revision_draft BEFORE INSERT ON public.rule_pack_revision FOR EACH ROW EXECUTE FUNCTION public.keep_revision();

CREATE TRIGGER rule_pack_revision_kept BEFORE DELETE OR UPDATE ON public.rule_pack_revision FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER rule_pack_revision_stamped AFTER INSERT ON public.rule_pack_revision FOR EACH STATEMENT EXECUTE FUNCTION public.stamp_rule_book();

CREATE TRIGGER rule_pack_stamped AFTER INSERT OR UPDATE ON public.rule_pack FOR EACH STATEMENT EXECUTE FUNCTION public.stamp_rule_book();

CREATE TRIGGER section_approved BEFORE INSERT OR DELETE OR UPDATE ON public.section FOR EACH ROW EXECUTE FUNCTION public.guard_approved_part();

CREATE TRIGGER section_published AFTER INSERT OR DELETE OR UPDATE ON public.section FOR EACH STATEMENT EXECUTE FUNCTION public.notify_published();

CREATE TRIGGER stretch_guarded BEFORE INSERT OR UPDATE ON public.stretch FOR EACH ROW EXECUTE FUNCTION public.guard_stretch();

CREATE TRIGGER withheld_marked AFTER INSERT OR DELETE OR UPDATE ON public.withheld FOR EACH ROW EXECUTE FUNCTION public.mark_withheld();

CREATE TRIGGER withheld_state_stays AFTER INSERT OR UPDATE ON public.withheld FOR EACH ROW EXECUTE FUNCTION public.withheld_state_moved();

CREATE TRIGGER witness_object_kept BEFORE DELETE OR UPDATE ON public.witness_object FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER word_library_kept BEFORE UPDATE ON public.word_library FOR EACH ROW EXECUTE FUNCTION public.keep_library();

CREATE TRIGGER word_library_stamped AFTER INSERT OR UPDATE ON public.word_library FOR EACH STATEMENT EXECUTE FUNCTION public.stamp_rule_book();

ALTER TABLE ONLY public.account_identity
    ADD CONSTRAINT account_identity_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.account_role
    ADD CONSTRAINT account_role_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.agreement_confirmation
    ADD CONSTRAINT agreement_confirmation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.agreement_confirmation
    ADD CONSTRAINT agreement_confirmation_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreement(id);

ALTER TABLE ONLY public.agreement_confirmation
    ADD CONSTRAINT agreement_confirmation_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.agreement_confirmation
    ADD CONSTRAINT agreement_confirmation_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_over_version_fkey FOREIGN KEY (over_version) REFERENCES public.line_version(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.agreement
    ADD CONSTRAINT agreement_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_assigned_by_fkey FOREIGN KEY (assigned_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.audit_finding
    ADD CONSTRAINT audit_finding_audit_id_fkey FOREIGN KEY (audit_id) REFERENCES public.audit(id);

ALTER TABLE ONLY public.audit_look
    ADD CONSTRAINT audit_look_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.audit_look
    ADD CONSTRAINT audit_look_looked_by_fkey FOREIGN KEY (looked_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.audit_look
    ADD CONSTRAINT audit_look_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES public.rule_pack(id);

ALTER TABLE ONLY public.built_up_area
    ADD CONSTRAINT built_up_area_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT claim_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.cosignature
    ADD CONSTRAINT cosignature_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.cosignature
    ADD CONSTRAINT cosignature_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.office_key(id);

ALTER TABLE ONLY public.cosignature
    ADD CONSTRAINT cosignature_size_fkey FOREIGN KEY (size) REFERENCES public.checkpoint(size);

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_stretch_id_fkey FOREIGN KEY (stretch_id) REFERENCES public.stretch(id);

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.track(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.agreement(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.dispute_interval
    ADD CONSTRAINT dispute_interval_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES public.dispute(id);

ALTER TABLE ONLY public.dispute_interval
    ADD CONSTRAINT dispute_interval_line_version_id_fkey FOREIGN KEY (line_version_id) REFERENCES public.line_version(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_line_version_id_fkey FOREIGN KEY (line_version_id) REFERENCES public.line_version(id);

ALTER TABLE ONLY public.dispute_minute
    ADD CONSTRAINT dispute_minute_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.dispute_minute
    ADD CONSTRAINT dispute_minute_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES public.dispute(id);

ALTER TABLE ONLY public.dispute_minute
    ADD CONSTRAINT dispute_minute_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.dispute_minute
    ADD CONSTRAINT dispute_minute_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_part_of_fkey FOREIGN KEY (part_of) REFERENCES public.dispute(id);

ALTER TABLE ONLY public.dispute
    ADD CONSTRAINT dispute_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.division_approval
    ADD CONSTRAINT division_approval_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_code
    ADD CONSTRAINT division_code_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_code
    ADD CONSTRAINT division_code_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_event
    ADD CONSTRAINT division_event_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.division_approval(id);

ALTER TABLE ONLY public.division_event
    ADD CONSTRAINT division_event_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_event_of
    ADD CONSTRAINT division_event_of_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_event_of
    ADD CONSTRAINT division_event_of_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.division_event(id);

ALTER TABLE ONLY public.division_link
    ADD CONSTRAINT division_link_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_link
    ADD CONSTRAINT division_link_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.division_event(id);

ALTER TABLE ONLY public.division_link
    ADD CONSTRAINT division_link_predecessor_id_fkey FOREIGN KEY (predecessor_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_link
    ADD CONSTRAINT division_link_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_shape
    ADD CONSTRAINT division_shape_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_shape
    ADD CONSTRAINT division_shape_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_version
    ADD CONSTRAINT division_version_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_version
    ADD CONSTRAINT division_version_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.division_version
    ADD CONSTRAINT division_version_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.exclave
    ADD CONSTRAINT exclave_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.exclave
    ADD CONSTRAINT exclave_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.exclave_end
    ADD CONSTRAINT exclave_end_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.exclave_end
    ADD CONSTRAINT exclave_end_exclave_id_fkey FOREIGN KEY (exclave_id) REFERENCES public.exclave(id);

ALTER TABLE ONLY public.exclave
    ADD CONSTRAINT exclave_host_id_fkey FOREIGN KEY (host_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.export
    ADD CONSTRAINT export_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_cooperating_office_fkey FOREIGN KEY (cooperating_office) REFERENCES public.office(id);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_lead_office_fkey FOREIGN KEY (lead_office) REFERENCES public.office(id);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.inspection
    ADD CONSTRAINT inspection_programme_id_fkey FOREIGN KEY (programme_id) REFERENCES public.programme(id);

ALTER TABLE ONLY public.inspection_signature
    ADD CONSTRAINT inspection_signature_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.inspection_signature
    ADD CONSTRAINT inspection_signature_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.inspection_signature
    ADD CONSTRAINT inspection_signature_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.library_word
    ADD CONSTRAINT library_word_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.library_word
    ADD CONSTRAINT library_word_library_id_fkey FOREIGN KEY (library_id) REFERENCES public.word_library(id);

ALTER TABLE ONLY public.line_event
    ADD CONSTRAINT line_event_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.division_approval(id);

ALTER TABLE ONLY public.line_event
    ADD CONSTRAINT line_event_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.line_event
    ADD CONSTRAINT line_event_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.line_link
    ADD CONSTRAINT line_link_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.division_approval(id);

ALTER TABLE ONLY public.line_link
    ADD CONSTRAINT line_link_predecessor_id_fkey FOREIGN KEY (predecessor_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.line_link
    ADD CONSTRAINT line_link_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_party_a_fkey FOREIGN KEY (party_a) REFERENCES public.division(id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_party_b_fkey FOREIGN KEY (party_b) REFERENCES public.division(id);

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_right_party_fkey FOREIGN KEY (right_party) REFERENCES public.division(id);

ALTER TABLE ONLY public.line_segment
    ADD CONSTRAINT line_segment_line_version_id_fkey FOREIGN KEY (line_version_id) REFERENCES public.line_version(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_agreed_in_fkey FOREIGN KEY (agreed_in) REFERENCES public.agreement(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.line_version
    ADD CONSTRAINT line_version_publication_id_fkey FOREIGN KEY (publication_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_archive_id_fkey FOREIGN KEY (archive_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_change_confirmation
    ADD CONSTRAINT marker_change_confirmation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker_change_confirmation
    ADD CONSTRAINT marker_change_confirmation_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.marker_change(id);

ALTER TABLE ONLY public.marker_change_confirmation
    ADD CONSTRAINT marker_change_confirmation_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_change_confirmation
    ADD CONSTRAINT marker_change_confirmation_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_filing_id_fkey FOREIGN KEY (filing_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_change
    ADD CONSTRAINT marker_change_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_custodian_fkey FOREIGN KEY (custodian) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_filled_by_fkey FOREIGN KEY (filled_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_form
    ADD CONSTRAINT marker_form_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_handover
    ADD CONSTRAINT marker_handover_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.division_approval(id);

ALTER TABLE ONLY public.marker_handover
    ADD CONSTRAINT marker_handover_from_line_fkey FOREIGN KEY (from_line) REFERENCES public.line(id);

ALTER TABLE ONLY public.marker_handover
    ADD CONSTRAINT marker_handover_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_handover
    ADD CONSTRAINT marker_handover_to_line_fkey FOREIGN KEY (to_line) REFERENCES public.line(id);

ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.marker_measure_rule
    ADD CONSTRAINT marker_measure_rule_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker_measure_rule
    ADD CONSTRAINT marker_measure_rule_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_measure_rule
    ADD CONSTRAINT marker_measure_rule_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_measure_rule
    ADD CONSTRAINT marker_measure_rule_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_position
    ADD CONSTRAINT marker_position_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.marker_change(id);

ALTER TABLE ONLY public.marker_position
    ADD CONSTRAINT marker_position_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_custodian_fkey FOREIGN KEY (custodian) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_record
    ADD CONSTRAINT marker_record_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_state_step
    ADD CONSTRAINT marker_state_step_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_work_confirmation
    ADD CONSTRAINT marker_work_confirmation_work_id_fkey FOREIGN KEY (work_id) REFERENCES public.marker_work(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_custodian_fkey FOREIGN KEY (custodian) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_marker_id_fkey FOREIGN KEY (marker_id) REFERENCES public.marker_identity(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_party_fkey FOREIGN KEY (party) REFERENCES public.division(id);

ALTER TABLE ONLY public.marker_work
    ADD CONSTRAINT marker_work_written_by_fkey FOREIGN KEY (written_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.name_correction
    ADD CONSTRAINT name_correction_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.name_correction
    ADD CONSTRAINT name_correction_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.name_correction
    ADD CONSTRAINT name_correction_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.name_event
    ADD CONSTRAINT name_event_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.name_event
    ADD CONSTRAINT name_event_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.name_event
    ADD CONSTRAINT name_event_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.name_form
    ADD CONSTRAINT name_form_name_id_fkey FOREIGN KEY (name_id) REFERENCES public.place_name(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.node_division
    ADD CONSTRAINT node_division_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.node_division
    ADD CONSTRAINT node_division_node_version_id_fkey FOREIGN KEY (node_version_id) REFERENCES public.node_version(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.node_line
    ADD CONSTRAINT node_line_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.node_line
    ADD CONSTRAINT node_line_node_version_id_fkey FOREIGN KEY (node_version_id) REFERENCES public.node_version(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.node_version
    ADD CONSTRAINT node_version_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id);

ALTER TABLE ONLY public.office
    ADD CONSTRAINT office_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.office_key
    ADD CONSTRAINT office_key_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.office_key
    ADD CONSTRAINT office_key_registered_by_fkey FOREIGN KEY (registered_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.office_key
    ADD CONSTRAINT office_key_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.office_quota
    ADD CONSTRAINT office_quota_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.office_quota
    ADD CONSTRAINT office_quota_set_by_fkey FOREIGN KEY (set_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.office_succession
    ADD CONSTRAINT office_succession_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.office_succession
    ADD CONSTRAINT office_succession_predecessor_id_fkey FOREIGN KEY (predecessor_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.office_succession
    ADD CONSTRAINT office_succession_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.evidence(sha256);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.photo
    ADD CONSTRAINT photo_uploaded_by_submission_id_fkey FOREIGN KEY (uploaded_by, submission_id) REFERENCES public.submission(account_id, id);

ALTER TABLE ONLY public.place
    ADD CONSTRAINT place_class_fkey FOREIGN KEY (class) REFERENCES public.place_class(code);

ALTER TABLE ONLY public.place_class
    ADD CONSTRAINT place_class_parent_fkey FOREIGN KEY (parent) REFERENCES public.place_class(code);

ALTER TABLE ONLY public.place_class
    ADD CONSTRAINT place_class_same_as_fkey FOREIGN KEY (same_as) REFERENCES public.place_class(code);

ALTER TABLE ONLY public.place_correction
    ADD CONSTRAINT place_correction_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.place_correction
    ADD CONSTRAINT place_correction_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.place_correction
    ADD CONSTRAINT place_correction_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.place
    ADD CONSTRAINT place_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.place
    ADD CONSTRAINT place_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.place_import
    ADD CONSTRAINT place_import_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.place_import_decision
    ADD CONSTRAINT place_import_decision_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.place_import_decision
    ADD CONSTRAINT place_import_decision_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.place_import(id);

ALTER TABLE ONLY public.place_import
    ADD CONSTRAINT place_import_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.place_import
    ADD CONSTRAINT place_import_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.place_import_row
    ADD CONSTRAINT place_import_row_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.place_import(id);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place(id);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.place_name
    ADD CONSTRAINT place_name_reading_document_id_fkey FOREIGN KEY (reading_document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.place
    ADD CONSTRAINT place_represents_division_id_fkey FOREIGN KEY (represents_division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.place_twin
    ADD CONSTRAINT place_twin_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.place_twin
    ADD CONSTRAINT place_twin_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.place_twin
    ADD CONSTRAINT place_twin_twin_id_fkey FOREIGN KEY (twin_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.precision_policy
    ADD CONSTRAINT precision_policy_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.programme
    ADD CONSTRAINT programme_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_applied_by_fkey FOREIGN KEY (applied_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_committee_id_fkey FOREIGN KEY (committee_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES public.rule_pack(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_place_id_fkey FOREIGN KEY (place_id) REFERENCES public.place_identity(id);

ALTER TABLE ONLY public.proposal_statement
    ADD CONSTRAINT proposal_statement_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.proposal_statement
    ADD CONSTRAINT proposal_statement_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.proposal_statement
    ADD CONSTRAINT proposal_statement_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.proposal_vote
    ADD CONSTRAINT proposal_vote_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.proposal_vote
    ADD CONSTRAINT proposal_vote_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.rule_pack
    ADD CONSTRAINT rule_pack_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.rule_pack
    ADD CONSTRAINT rule_pack_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.rule_pack_revision
    ADD CONSTRAINT rule_pack_revision_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.rule_pack_revision
    ADD CONSTRAINT rule_pack_revision_pack_id_fkey FOREIGN KEY (pack_id) REFERENCES public.rule_pack(id);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_division_a_fkey FOREIGN KEY (division_a) REFERENCES public.division(id);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_division_b_fkey FOREIGN KEY (division_b) REFERENCES public.division(id);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.section
    ADD CONSTRAINT section_line_version_id_fkey FOREIGN KEY (line_version_id) REFERENCES public.line_version(id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_decided_office_fkey FOREIGN KEY (decided_office) REFERENCES public.office(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_declared_by_fkey FOREIGN KEY (declared_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.stretch
    ADD CONSTRAINT stretch_withdrawn_office_fkey FOREIGN KEY (withdrawn_office) REFERENCES public.office(id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_inspection_id_fkey FOREIGN KEY (inspection_id) REFERENCES public.inspection(id);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.evidence(sha256);

ALTER TABLE ONLY public.track_result
    ADD CONSTRAINT track_result_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.track(id);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.evidence(sha256);

ALTER TABLE ONLY public.track
    ADD CONSTRAINT track_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_account_id_submission_id_fkey FOREIGN KEY (account_id, submission_id) REFERENCES public.submission(account_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_photo_id_fkey FOREIGN KEY (photo_id) REFERENCES public.photo(id);

ALTER TABLE ONLY public.upload
    ADD CONSTRAINT upload_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.track(id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_graded_by_fkey FOREIGN KEY (graded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.line(id);

ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT withheld_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE ONLY public.witness_object
    ADD CONSTRAINT witness_object_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.marker_record(id);

ALTER TABLE ONLY public.word_library
    ADD CONSTRAINT word_library_office_id_fkey FOREIGN KEY (office_id) REFERENCES public.office(id);

ALTER TABLE public.agreement ENABLE ROW LEVEL SECURITY;

CREATE POLICY agreement_begun ON public.agreement AS RESTRICTIVE FOR INSERT WITH CHECK ((state = 'draft'::text));

ALTER TABLE public.agreement_confirmation ENABLE ROW LEVEL SECURITY;

CREATE POLICY agreement_hand_back ON public.agreement FOR UPDATE USING (((( SELECT public.acting_system() AS acting_system) = 'agreement'::text) AND (state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'signed'::text])))) WITH CHECK (((( SELECT public.acting_system() AS acting_system) = 'agreement'::text) AND (state = 'draft'::text)));

CREATE POLICY agreement_hand_back_read ON public.agreement FOR SELECT USING ((( SELECT public.acting_system() AS acting_system) = 'agreement'::text));

CREATE POLICY agreement_joint ON public.agreement FOR UPDATE USING (((state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'signed'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id))) WITH CHECK (((state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'signed'::text, 'in-force'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id) AND ((state <> 'in-force'::text) OR public.office_is_below(office_id))));

CREATE POLICY agreement_own ON public.agreement USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)))) WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (state <> 'in-force'::text)));

CREATE POLICY agreement_shown ON public.agreement FOR SELECT USING (((state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'signed'::text, 'in-force'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)));

ALTER TABLE public.assignment ENABLE ROW LEVEL SECURITY;

CREATE POLICY assignment_above ON public.assignment FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.office_is_below(office_id)));

CREATE POLICY assignment_mine ON public.assignment FOR SELECT USING (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (ended_at IS NULL) AND (upper(valid) > public.today())));

CREATE POLICY assignment_own ON public.assignment USING ((((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment))) OR (( SELECT public.acting_system() AS acting_system) = 'demo'::text))) WITH CHECK ((((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)) OR (( SELECT public.acting_system() AS acting_system) = 'demo'::text)));

ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_finding ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_finding_again ON public.audit_finding FOR DELETE USING ((audit_id IN ( SELECT audit.id
   FROM public.audit)));

CREATE POLICY audit_finding_read ON public.audit_finding FOR SELECT USING (((audit_id IN ( SELECT audit.id
   FROM public.audit)) AND (NOT (places && ( SELECT public.hidden_places() AS hidden_places)))));

CREATE POLICY audit_finding_write ON public.audit_finding FOR INSERT WITH CHECK ((audit_id IN ( SELECT audit.id
   FROM public.audit)));

ALTER TABLE public.audit_look ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_look_own ON public.audit_look USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT (places && ( SELECT public.hidden_places() AS hidden_places))))) WITH CHECK ((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])));

CREATE POLICY audit_own ON public.audit USING ((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[]))) WITH CHECK ((office_id = ( SELECT public.acting_office() AS acting_office)));

CREATE POLICY change_begun ON public.marker_change AS RESTRICTIVE FOR INSERT WITH CHECK (((state = 'draft'::text) AND (written_by = ( SELECT public.acting_account() AS acting_account)) AND (approval_id IS NULL) AND (surveyed IS NULL) AND (parties = public.line_parties(lines)) AND (line_id = ANY (lines)) AND (((kind = 'addition'::text) AND (NOT (EXISTS ( SELECT
   FROM public.known_marker m
  WHERE (m.id = marker_change.marker_id))))) OR ((kind <> 'addition'::text) AND (lines = public.marker_lines(marker_id)) AND (EXISTS ( SELECT
   FROM public.known_marker m
  WHERE ((m.id = marker_change.marker_id) AND (m.line_id = marker_change.line_id) AND (m.number = marker_change.number) AND (m.stone = marker_change.stone))))))));

CREATE POLICY change_confirmation_read ON public.marker_change_confirmation FOR SELECT USING ((EXISTS ( SELECT
   FROM public.marker_change c
  WHERE (c.id = marker_change_confirmation.change_id))));

CREATE POLICY change_confirmation_void ON public.marker_change_confirmation FOR UPDATE USING ((EXISTS ( SELECT
   FROM public.marker_change c
  WHERE ((c.id = marker_change_confirmation.change_id) AND ((c.state = 'returned'::text) OR ((c.state = ANY (ARRAY['draft'::text, 'applied'::text])) AND (c.office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[]))))))));

CREATE POLICY change_confirmation_write ON public.marker_change_confirmation FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (EXISTS ( SELECT
   FROM public.marker_change c
  WHERE ((c.id = marker_change_confirmation.change_id) AND (marker_change_confirmation.party = ANY (c.parties)) AND (((marker_change_confirmation.stage = 'agree'::text) AND (c.state = 'applied'::text) AND (c.content_sha256 = marker_change_confirmation.content_sha256)) OR ((marker_change_confirmation.stage = 'survey'::text) AND (c.state = 'approved'::text) AND (c.survey_sha256 = marker_change_confirmation.content_sha256))))))));

CREATE POLICY change_enacted ON public.marker_change FOR SELECT TO fangyu_owner USING (true);

CREATE POLICY change_joint ON public.marker_change FOR UPDATE USING (((state = ANY (ARRAY['applied'::text, 'agreed'::text, 'approved'::text, 'surveyed'::text, 'placed'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines))) WITH CHECK (((state <> ALL (ARRAY['draft'::text, 'withdrawn'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines)));

CREATE POLICY change_own ON public.marker_change USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)))) WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (party = ANY (parties))));

CREATE POLICY change_shown ON public.marker_change FOR SELECT USING (((state <> ALL (ARRAY['draft'::text, 'withdrawn'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines)));

ALTER TABLE public.claim ENABLE ROW LEVEL SECURITY;

CREATE POLICY claim_exchange ON public.claim FOR UPDATE USING (((state = 'sent'::text) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.office_is_below(office_id) AND public.line_is_ours(line_id))) WITH CHECK (((state = 'exchanged'::text) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.office_is_below(office_id) AND public.line_is_ours(line_id)));

CREATE POLICY claim_exchanged ON public.claim FOR SELECT USING (((state = 'exchanged'::text) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)));

CREATE POLICY claim_own ON public.claim USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)))) WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (state <> 'exchanged'::text)));

CREATE POLICY claim_sent ON public.claim FOR SELECT USING (((state = ANY (ARRAY['sent'::text, 'exchanged'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.office_is_below(office_id) AND public.line_is_ours(line_id)));

CREATE POLICY confirmation_confirm ON public.agreement_confirmation FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (EXISTS ( SELECT
   FROM public.agreement a
  WHERE ((a.id = agreement_confirmation.agreement_id) AND (a.state = 'proposed'::text) AND (a.content_sha256 = agreement_confirmation.content_sha256))))));

CREATE POLICY confirmation_read ON public.agreement_confirmation FOR SELECT USING ((EXISTS ( SELECT
   FROM public.agreement a
  WHERE (a.id = agreement_confirmation.agreement_id))));

CREATE POLICY confirmation_void ON public.agreement_confirmation FOR UPDATE USING (((( SELECT public.acting_system() AS acting_system) = 'agreement'::text) OR (EXISTS ( SELECT
   FROM public.agreement a
  WHERE ((a.id = agreement_confirmation.agreement_id) AND (a.office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])))))));

ALTER TABLE public.cosignature ENABLE ROW LEVEL SECURITY;

CREATE POLICY cosignature_read ON public.cosignature FOR SELECT USING (true);

CREATE POLICY cosignature_write ON public.cosignature FOR INSERT WITH CHECK (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.office_key k
  WHERE ((k.id = cosignature.key_id) AND (k.office_id = ( SELECT public.acting_office() AS acting_office)) AND (k.revoked_at IS NULL))))));

ALTER TABLE public.dispute ENABLE ROW LEVEL SECURITY;

CREATE POLICY dispute_carried ON public.dispute FOR UPDATE USING (((( SELECT public.acting_system() AS acting_system) = 'dispute'::text) AND (state = 'open'::text))) WITH CHECK (((( SELECT public.acting_system() AS acting_system) = 'dispute'::text) AND (state = 'open'::text)));

CREATE POLICY dispute_carried_read ON public.dispute FOR SELECT USING ((( SELECT public.acting_system() AS acting_system) = 'dispute'::text));

ALTER TABLE public.dispute_interval ENABLE ROW LEVEL SECURITY;

CREATE POLICY dispute_joint ON public.dispute FOR UPDATE USING (((state = 'open'::text) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id))) WITH CHECK (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)));

ALTER TABLE public.dispute_minute ENABLE ROW LEVEL SECURITY;

CREATE POLICY dispute_opened ON public.dispute FOR INSERT WITH CHECK (((state = 'open'::text) AND (part_of IS NULL) AND (office_id = ( SELECT public.acting_office() AS acting_office)) AND (written_by = ( SELECT public.acting_account() AS acting_account)) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)));

CREATE POLICY dispute_parted ON public.dispute FOR INSERT WITH CHECK (((( SELECT public.acting_system() AS acting_system) = 'dispute'::text) AND (state = 'open'::text) AND (part_of IS NOT NULL)));

CREATE POLICY dispute_read ON public.dispute FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.line_is_ours(line_id)));

ALTER TABLE public.export ENABLE ROW LEVEL SECURITY;

CREATE POLICY export_read ON public.export FOR SELECT USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR public.office_is_below(office_id) OR (( SELECT public.acting_system() AS acting_system) = 'command'::text)));

CREATE POLICY export_write ON public.export FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account))));

CREATE POLICY form_assigned ON public.marker_form USING (((filled_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned_marker(office_id, marker_id)));

CREATE POLICY form_own ON public.marker_form USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_system() AS acting_system) = 'demo'::text)));

CREATE POLICY form_submitted ON public.marker_form FOR SELECT USING ((((submitted_at IS NOT NULL) AND (EXISTS ( SELECT
   FROM public.inspection i
  WHERE (i.id = marker_form.inspection_id)))) OR (( SELECT public.acting_system() AS acting_system) = 'track.read'::text)));

CREATE POLICY form_unassigned ON public.marker_form AS RESTRICTIVE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR ((filled_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned_marker(office_id, marker_id))));

ALTER TABLE public.inspection ENABLE ROW LEVEL SECURITY;

CREATE POLICY inspection_assigned ON public.inspection FOR SELECT USING ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (public.assigned(lead_office, line_id) OR public.assigned(cooperating_office, line_id))));

CREATE POLICY inspection_desk_delete ON public.inspection AS RESTRICTIVE FOR DELETE USING ((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)));

CREATE POLICY inspection_desk_insert ON public.inspection AS RESTRICTIVE FOR INSERT WITH CHECK ((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)));

CREATE POLICY inspection_desk_update ON public.inspection AS RESTRICTIVE FOR UPDATE USING ((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)));

CREATE POLICY inspection_form ON public.inspection USING ((( SELECT public.acting_system() AS acting_system) = 'assignment.form'::text));

CREATE POLICY inspection_import ON public.inspection USING ((( SELECT public.acting_system() AS acting_system) = 'evidence.import'::text));

CREATE POLICY inspection_sides ON public.inspection USING (((( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'office.succession'::text, 'demo'::text, 'command'::text])) OR (ARRAY[lead_office, cooperating_office] && ( SELECT public.acting_offices() AS acting_offices)) OR public.line_is_ours(line_id)));

ALTER TABLE public.inspection_signature ENABLE ROW LEVEL SECURITY;

CREATE POLICY inspection_unassigned ON public.inspection AS RESTRICTIVE FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR public.assigned(lead_office, line_id) OR public.assigned(cooperating_office, line_id)));

CREATE POLICY interval_carried ON public.dispute_interval FOR INSERT WITH CHECK ((( SELECT public.acting_system() AS acting_system) = 'dispute'::text));

CREATE POLICY interval_read ON public.dispute_interval FOR SELECT USING ((EXISTS ( SELECT
   FROM public.dispute d
  WHERE (d.id = dispute_interval.dispute_id))));

CREATE POLICY interval_registered ON public.dispute_interval FOR INSERT WITH CHECK (((n = 1) AND (EXISTS ( SELECT
   FROM public.dispute d
  WHERE ((d.id = dispute_interval.dispute_id) AND (d.state = 'open'::text) AND (d.office_id = ( SELECT public.acting_office() AS acting_office)))))));

ALTER TABLE public.journal ENABLE ROW LEVEL SECURITY;

CREATE POLICY journal_assigned ON public.journal AS RESTRICTIVE FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR (actor = (( SELECT public.acting_account() AS acting_account))::text)));

CREATE POLICY journal_case ON public.journal FOR SELECT USING (((( SELECT public.acting_office() AS acting_office) IS NOT NULL) AND (subject ~ '^proposal/'::text) AND public.case_is_read(subject)));

CREATE POLICY journal_commissioned ON public.journal FOR SELECT USING (((( SELECT public.acting_office() AS acting_office) IS NOT NULL) AND (subject ~ '^(track|photo|marker-form|claim)/'::text) AND public.subject_is_ours(subject)));

CREATE POLICY journal_open ON public.journal AS RESTRICTIVE FOR SELECT USING (((( SELECT public.acting_system() AS acting_system) <> ''::text) OR (subject !~ '^(inspection|marker-form|marker-work|marker-change|stretch|track|photo|claim|submission|agreement|dispute)/'::text) OR (office = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR public.entry_is_open(subject, verb, after)));

CREATE POLICY journal_read ON public.journal FOR SELECT USING (((( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['ledger'::text, 'command'::text])) OR ((subject ~ '^(import|place|line|marker)/'::text) AND (NOT public.subject_is_withheld(subject))) OR (actor = ('system:'::text || ( SELECT public.acting_system() AS acting_system))) OR (office = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR ((( SELECT public.acting_bureau() AS acting_bureau) IS NOT NULL) AND (((office IS NOT NULL) AND public.office_is_below(office)) OR (EXISTS ( SELECT
   FROM public.withheld w
  WHERE (journal.subject = ((w.noun || '/'::text) || w.id))))))));

CREATE POLICY journal_rules ON public.journal FOR SELECT USING (((( SELECT public.acting_account() AS acting_account) IS NOT NULL) AND (starts_with(subject, 'rule-pack/'::text) OR starts_with(subject, 'word-library/'::text))));

CREATE POLICY journal_shared ON public.journal FOR SELECT USING (((( SELECT public.acting_office() AS acting_office) IS NOT NULL) AND (subject ~ '^(inspection|marker-form|marker-work|marker-change|stretch|agreement|dispute)/'::text) AND public.entry_is_open(subject, verb, after)));

CREATE POLICY journal_write ON public.journal FOR INSERT WITH CHECK (true);

CREATE POLICY key_read ON public.office_key FOR SELECT USING (true);

CREATE POLICY key_register ON public.office_key FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (registered_by = ( SELECT public.acting_account() AS acting_account)) AND (revoked_at IS NULL) AND (EXISTS ( SELECT
   FROM public.office o
  WHERE ((o.id = office_key.office_id) AND (o.kind = ANY (ARRAY['civil-affairs'::text, 'competent-department'::text, 'township-government'::text])))))));

CREATE POLICY key_revoke ON public.office_key FOR UPDATE USING (((revoked_at IS NULL) AND (office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])))) WITH CHECK ((revoked_by = ( SELECT public.acting_account() AS acting_account)));

ALTER TABLE public.library_word ENABLE ROW LEVEL SECURITY;

CREATE POLICY library_word_add ON public.library_word FOR INSERT WITH CHECK ((public.keeps_words_of(library_id, region) AND (NOT (account_id IS DISTINCT FROM ( SELECT public.acting_account() AS acting_account)))));

CREATE POLICY library_word_end ON public.library_word FOR UPDATE USING (public.keeps_words_of(library_id, region));

CREATE POLICY library_word_read ON public.library_word FOR SELECT USING (true);

ALTER TABLE public.marker_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_change_confirmation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_form ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_handover ENABLE ROW LEVEL SECURITY;

CREATE POLICY marker_handover_read ON public.marker_handover FOR SELECT USING ((EXISTS ( SELECT
   FROM public.known_marker m
  WHERE (m.id = marker_handover.marker_id))));

CREATE POLICY marker_handover_write ON public.marker_handover FOR INSERT WITH CHECK ((( SELECT public.acting_system() AS acting_system) = 'office.succession'::text));

ALTER TABLE public.marker_measure_rule ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_position ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_record ENABLE ROW LEVEL SECURITY;

CREATE POLICY marker_record_read ON public.marker_record FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(public.marker_lines(marker_id))));

CREATE POLICY marker_record_write ON public.marker_record FOR INSERT WITH CHECK (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND (office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND public.one_line_is_ours(public.marker_lines(marker_id))));

ALTER TABLE public.marker_work ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.marker_work_confirmation ENABLE ROW LEVEL SECURITY;

CREATE POLICY measure_rule_read ON public.marker_measure_rule FOR SELECT USING (true);

CREATE POLICY measure_rule_set ON public.marker_measure_rule FOR INSERT WITH CHECK (((valid_from IS NOT NULL) AND (division_id = ( SELECT public.acting_grader() AS acting_grader)) AND (office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND (valid_from > COALESCE(( SELECT max(r.valid_from) AS max
   FROM public.marker_measure_rule r
  WHERE ((r.measure = marker_measure_rule.measure) AND (r.level = marker_measure_rule.level) AND (r.division_id = marker_measure_rule.division_id))), '-infinity'::date))));

CREATE POLICY minute_read ON public.dispute_minute FOR SELECT USING ((EXISTS ( SELECT
   FROM public.dispute d
  WHERE (d.id = dispute_minute.dispute_id))));

CREATE POLICY minute_written ON public.dispute_minute FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.dispute d
  WHERE ((d.id = dispute_minute.dispute_id) AND (d.state = 'open'::text))))));

ALTER TABLE public.name_correction ENABLE ROW LEVEL SECURITY;

CREATE POLICY name_correction_read ON public.name_correction FOR SELECT USING (((NOT public.subject_is_withheld(('place/'::text || place_id))) OR (EXISTS ( SELECT
   FROM public.withheld w
  WHERE (w.id = name_correction.place_id)))));

CREATE POLICY name_correction_write ON public.name_correction FOR INSERT WITH CHECK ((NOT (office_id IS DISTINCT FROM ( SELECT public.acting_office() AS acting_office))));

ALTER TABLE public.name_event ENABLE ROW LEVEL SECURITY;

CREATE POLICY name_event_read ON public.name_event FOR SELECT USING (((NOT public.subject_is_withheld(('place/'::text || place_id))) OR (EXISTS ( SELECT
   FROM public.withheld w
  WHERE (w.id = name_event.place_id)))));

CREATE POLICY name_event_write ON public.name_event FOR INSERT WITH CHECK ((NOT (office_id IS DISTINCT FROM ( SELECT public.acting_office() AS acting_office))));

ALTER TABLE public.office_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.photo ENABLE ROW LEVEL SECURITY;

CREATE POLICY photo_assigned ON public.photo USING (((uploaded_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned(office_id, line_id)));

CREATE POLICY photo_own ON public.photo USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['photo.read'::text, 'track.read'::text, 'inspection.submit'::text, 'demo'::text]))));

CREATE POLICY photo_submitted ON public.photo FOR SELECT USING (((submitted_at IS NOT NULL) AND public.office_is_below(office_id)));

CREATE POLICY photo_unassigned ON public.photo AS RESTRICTIVE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR ((uploaded_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned(office_id, line_id))));

ALTER TABLE public.place_correction ENABLE ROW LEVEL SECURITY;

CREATE POLICY place_correction_read ON public.place_correction FOR SELECT USING (((NOT public.subject_is_withheld(('place/'::text || place_id))) OR (EXISTS ( SELECT
   FROM public.withheld w
  WHERE (w.id = place_correction.place_id)))));

CREATE POLICY place_correction_write ON public.place_correction FOR INSERT WITH CHECK ((NOT (office_id IS DISTINCT FROM ( SELECT public.acting_office() AS acting_office))));

ALTER TABLE public.place_import ENABLE ROW LEVEL SECURITY;

CREATE POLICY place_import_above ON public.place_import USING (((( SELECT public.acting_bureau() AS acting_bureau) IS NOT NULL) AND public.office_is_below(office_id)));

ALTER TABLE public.place_import_decision ENABLE ROW LEVEL SECURITY;

CREATE POLICY place_import_decision_own ON public.place_import_decision USING ((import_id IN ( SELECT place_import.id
   FROM public.place_import))) WITH CHECK ((import_id IN ( SELECT place_import.id
   FROM public.place_import)));

CREATE POLICY place_import_own ON public.place_import USING ((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[]))) WITH CHECK ((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])));

ALTER TABLE public.place_import_row ENABLE ROW LEVEL SECURITY;

CREATE POLICY place_import_row_again ON public.place_import_row FOR DELETE USING ((import_id IN ( SELECT place_import.id
   FROM public.place_import)));

CREATE POLICY place_import_row_clear ON public.place_import_row FOR SELECT USING (((( SELECT public.acting_system() AS acting_system) = 'import.clear'::text) AND (import_id IN ( SELECT place_import.id
   FROM public.place_import))));

CREATE POLICY place_import_row_made ON public.place_import_row FOR UPDATE USING ((import_id IN ( SELECT place_import.id
   FROM public.place_import)));

CREATE POLICY place_import_row_read ON public.place_import_row FOR SELECT USING (((import_id IN ( SELECT place_import.id
   FROM public.place_import)) AND (NOT (places && ( SELECT public.hidden_places() AS hidden_places)))));

CREATE POLICY place_import_row_write ON public.place_import_row FOR INSERT WITH CHECK ((import_id IN ( SELECT place_import.id
   FROM public.place_import)));

CREATE POLICY place_import_tidy ON public.place_import USING ((( SELECT public.acting_system() AS acting_system) = 'import.tidy'::text)) WITH CHECK ((( SELECT public.acting_system() AS acting_system) = 'import.tidy'::text));

CREATE POLICY position_kept ON public.marker_position TO fangyu_owner USING (true) WITH CHECK (true);

CREATE POLICY position_published ON public.marker_position FOR SELECT USING (((( SELECT public.acting_office() AS acting_office) IS NULL) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND (EXISTS ( SELECT
   FROM public.marker m
  WHERE (m.id = marker_position.marker_id)))));

CREATE POLICY position_read ON public.marker_position FOR SELECT USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(public.marker_lines(marker_id))));

ALTER TABLE public.precision_policy ENABLE ROW LEVEL SECURITY;

CREATE POLICY precision_read ON public.precision_policy FOR SELECT USING (true);

CREATE POLICY precision_reset ON public.precision_policy FOR UPDATE USING (( SELECT public.acting_over_all() AS acting_over_all));

CREATE POLICY precision_set ON public.precision_policy FOR INSERT WITH CHECK (( SELECT public.acting_over_all() AS acting_over_all));

ALTER TABLE public.proposal ENABLE ROW LEVEL SECURITY;

CREATE POLICY proposal_decide ON public.proposal FOR UPDATE USING (((state <> 'draft'::text) AND public.division_covers(( SELECT public.acting_decider() AS acting_decider), division_id)));

CREATE POLICY proposal_decided ON public.proposal FOR SELECT USING (((state <> 'draft'::text) AND public.division_covers(( SELECT public.acting_decider() AS acting_decider), division_id)));

CREATE POLICY proposal_own ON public.proposal USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['demo'::text, 'command'::text]))));

ALTER TABLE public.proposal_statement ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.proposal_vote ENABLE ROW LEVEL SECURITY;

CREATE POLICY result_assigned ON public.track_result FOR SELECT USING ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (EXISTS ( SELECT
   FROM public.track t
  WHERE (t.id = track_result.track_id)))));

CREATE POLICY result_assigned_join ON public.track_result FOR UPDATE USING ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (superseded_at IS NULL) AND (EXISTS ( SELECT
   FROM public.track t
  WHERE (t.id = track_result.track_id))))) WITH CHECK ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (superseded_at IS NULL) AND (EXISTS ( SELECT
   FROM public.track t
  WHERE (t.id = track_result.track_id)))));

CREATE POLICY result_join ON public.track_result FOR UPDATE USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (superseded_at IS NULL))) WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (superseded_at IS NULL)));

CREATE POLICY result_read ON public.track_result FOR SELECT USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'demo'::text])) OR public.line_is_ours(line_id) OR ((inspection_id IS NOT NULL) AND (EXISTS ( SELECT
   FROM public.inspection i
  WHERE (i.id = track_result.inspection_id))))));

CREATE POLICY result_supersede ON public.track_result FOR UPDATE USING (((( SELECT public.acting_system() AS acting_system) = 'track.read'::text) AND (superseded_at IS NULL))) WITH CHECK ((( SELECT public.acting_system() AS acting_system) = 'track.read'::text));

CREATE POLICY result_unassigned ON public.track_result AS RESTRICTIVE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR (EXISTS ( SELECT
   FROM public.track t
  WHERE (t.id = track_result.track_id)))));

CREATE POLICY result_write ON public.track_result FOR INSERT WITH CHECK ((( SELECT public.acting_system() AS acting_system) = 'track.read'::text));

ALTER TABLE public.rule_pack ENABLE ROW LEVEL SECURITY;

CREATE POLICY rule_pack_add ON public.rule_pack FOR INSERT WITH CHECK ((public.keeps_rules_of(region) AND (NOT (office_id IS DISTINCT FROM ( SELECT public.acting_office() AS acting_office)))));

CREATE POLICY rule_pack_change ON public.rule_pack FOR UPDATE USING (public.keeps_rules_of(region)) WITH CHECK (public.keeps_rules_of(region));

CREATE POLICY rule_pack_read ON public.rule_pack FOR SELECT USING (true);

ALTER TABLE public.rule_pack_revision ENABLE ROW LEVEL SECURITY;

CREATE POLICY rule_pack_revision_add ON public.rule_pack_revision FOR INSERT WITH CHECK (((NOT (account_id IS DISTINCT FROM ( SELECT public.acting_account() AS acting_account))) AND (EXISTS ( SELECT
   FROM public.rule_pack p
  WHERE ((p.id = rule_pack_revision.pack_id) AND public.keeps_rules_of(p.region))))));

CREATE POLICY rule_pack_revision_read ON public.rule_pack_revision FOR SELECT USING (true);

CREATE POLICY signature_desk ON public.inspection_signature AS RESTRICTIVE USING ((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)));

CREATE POLICY signature_form ON public.inspection_signature FOR UPDATE USING ((( SELECT public.acting_system() AS acting_system) = 'assignment.form'::text));

CREATE POLICY signature_form_read ON public.inspection_signature FOR SELECT USING ((( SELECT public.acting_system() AS acting_system) = 'assignment.form'::text));

CREATE POLICY signature_import ON public.inspection_signature FOR UPDATE USING ((( SELECT public.acting_system() AS acting_system) = 'evidence.import'::text));

CREATE POLICY signature_read ON public.inspection_signature FOR SELECT USING ((EXISTS ( SELECT
   FROM public.inspection i
  WHERE (i.id = inspection_signature.inspection_id))));

CREATE POLICY signature_sign ON public.inspection_signature FOR INSERT WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.inspection i
  WHERE (i.id = inspection_signature.inspection_id)))));

CREATE POLICY signature_void ON public.inspection_signature FOR UPDATE USING (((( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'office.succession'::text])) OR (EXISTS ( SELECT
   FROM public.inspection i
  WHERE ((i.id = inspection_signature.inspection_id) AND (ARRAY[i.lead_office, i.cooperating_office] && ( SELECT public.acting_offices() AS acting_offices)))))));

CREATE POLICY statement_read ON public.proposal_statement FOR SELECT USING ((EXISTS ( SELECT
   FROM public.proposal p
  WHERE (p.id = proposal_statement.proposal_id))));

CREATE POLICY statement_say ON public.proposal_statement FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.proposal p
  WHERE ((p.id = proposal_statement.proposal_id) AND
        CASE
            WHEN (p.office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) THEN ((proposal_statement.kind = 'explain'::text) AND (p.state = ANY (ARRAY['draft'::text, 'returned'::text, 'submitted'::text, 'voting'::text, 'resolved'::text])))
            ELSE ((proposal_statement.kind = 'clear'::text) AND (p.state = ANY (ARRAY['submitted'::text, 'voting'::text, 'resolved'::text])) AND public.division_covers(( SELECT public.acting_decider() AS acting_decider), p.division_id))
        END)))));

ALTER TABLE public.stretch ENABLE ROW LEVEL SECURITY;

CREATE POLICY stretch_decide ON public.stretch FOR UPDATE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND (EXISTS ( SELECT
   FROM public.inspection i
  WHERE ((i.id = stretch.inspection_id) AND (ARRAY[i.lead_office, i.cooperating_office] && ( SELECT public.acting_offices() AS acting_offices))))))) WITH CHECK ((((state = ANY (ARRAY['confirmed'::text, 'refused'::text])) AND (decided_by = ( SELECT public.acting_account() AS acting_account)) AND (decided_office = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (office_id <> ALL (( SELECT public.acting_offices() AS acting_offices)::uuid[]))) OR ((state = 'withdrawn'::text) AND (withdrawn_by = ( SELECT public.acting_account() AS acting_account)) AND (withdrawn_office = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])))));

CREATE POLICY stretch_declare ON public.stretch FOR INSERT WITH CHECK (((declared_by = ( SELECT public.acting_account() AS acting_account)) AND ((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_by_assignment() AS acting_by_assignment) AND public.assigned(office_id, line_id)))));

CREATE POLICY stretch_read ON public.stretch FOR SELECT USING ((EXISTS ( SELECT
   FROM public.inspection i
  WHERE (i.id = stretch.inspection_id))));

CREATE POLICY stretch_take_back ON public.stretch FOR UPDATE USING ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (state = 'declared'::text))) WITH CHECK ((( SELECT public.acting_by_assignment() AS acting_by_assignment) AND (state = 'withdrawn'::text) AND (withdrawn_by = ( SELECT public.acting_account() AS acting_account)) AND (withdrawn_office = office_id)));

CREATE POLICY stretch_unassigned ON public.stretch AS RESTRICTIVE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR ((declared_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned(office_id, line_id))));

ALTER TABLE public.submission ENABLE ROW LEVEL SECURITY;

CREATE POLICY submission_declare ON public.submission FOR INSERT WITH CHECK (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment))) OR public.assigned(office_id, line_id))));

CREATE POLICY submission_drop ON public.submission FOR DELETE USING (((received_at IS NULL) AND ((account_id = ( SELECT public.acting_account() AS acting_account)) OR (( SELECT public.acting_system() AS acting_system) = 'upload.expire'::text))));

CREATE POLICY submission_read ON public.submission FOR SELECT USING (((account_id = ( SELECT public.acting_account() AS acting_account)) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'upload.expire'::text]))));

CREATE POLICY submission_receive ON public.submission FOR UPDATE USING (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (received_at IS NULL))) WITH CHECK ((account_id = ( SELECT public.acting_account() AS acting_account)));

ALTER TABLE public.track ENABLE ROW LEVEL SECURITY;

CREATE POLICY track_assigned ON public.track USING (((uploaded_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned(office_id, line_id)));

CREATE POLICY track_own ON public.track USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'inspection.submit'::text, 'demo'::text]))));

ALTER TABLE public.track_result ENABLE ROW LEVEL SECURITY;

CREATE POLICY track_submitted ON public.track FOR SELECT USING (((submitted_at IS NOT NULL) AND public.office_is_below(office_id)));

CREATE POLICY track_unassigned ON public.track AS RESTRICTIVE USING (((NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) OR ((uploaded_by = ( SELECT public.acting_account() AS acting_account)) AND public.assigned(office_id, line_id))));

ALTER TABLE public.upload ENABLE ROW LEVEL SECURITY;

CREATE POLICY upload_declare ON public.upload FOR INSERT WITH CHECK ((account_id = ( SELECT public.acting_account() AS acting_account)));

CREATE POLICY upload_read ON public.upload FOR SELECT USING (((account_id = ( SELECT public.acting_account() AS acting_account)) OR (( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'upload.expire'::text]))));

CREATE POLICY upload_take ON public.upload FOR UPDATE USING (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.submission s
  WHERE ((s.account_id = upload.account_id) AND (s.id = upload.submission_id) AND (s.received_at IS NULL))))));

CREATE POLICY vote_cast ON public.proposal_vote FOR INSERT WITH CHECK (((account_id = ( SELECT public.acting_account() AS acting_account)) AND (EXISTS ( SELECT
   FROM public.proposal p
  WHERE ((p.id = proposal_vote.proposal_id) AND (p.committee_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])))))));

CREATE POLICY vote_read ON public.proposal_vote FOR SELECT USING ((EXISTS ( SELECT
   FROM public.proposal p
  WHERE (p.id = proposal_vote.proposal_id))));

ALTER TABLE public.withheld ENABLE ROW LEVEL SECURITY;

CREATE POLICY withheld_along ON public.withheld FOR UPDATE TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'agreement'::text))) WITH CHECK ((noun = 'marker'::text));

CREATE POLICY withheld_along_read ON public.withheld FOR SELECT TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'agreement'::text)));

CREATE POLICY withheld_grade ON public.withheld FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (graded_by = ( SELECT public.acting_account() AS acting_account)) AND public.may_grade(division_id, line_id)));

CREATE POLICY withheld_handed ON public.withheld FOR UPDATE TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'office.succession'::text))) WITH CHECK ((noun = 'marker'::text));

CREATE POLICY withheld_handed_read ON public.withheld FOR SELECT TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'office.succession'::text)));

CREATE POLICY withheld_place ON public.withheld FOR UPDATE TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'marker.change'::text))) WITH CHECK ((noun = 'marker'::text));

CREATE POLICY withheld_place_read ON public.withheld FOR SELECT TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'marker.change'::text)));

CREATE POLICY withheld_publish ON public.withheld FOR DELETE USING (public.may_grade(division_id, line_id));

CREATE POLICY withheld_read ON public.withheld FOR SELECT USING (((( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['command'::text, 'import'::text, 'name.approve'::text])) OR ((( SELECT public.acting_system() AS acting_system) = ANY (ARRAY['track.read'::text, 'photo.read'::text])) AND (noun = 'marker'::text)) OR
CASE
    WHEN (line_id IS NULL) THEN public.division_covers(( SELECT public.acting_bureau() AS acting_bureau), division_id)
    ELSE (public.line_is_ours(line_id) OR ((((rows -> 'marker'::text) ->> 'type'::text) = 'three-face'::text) AND public.one_line_is_ours(public.stone_lines(line_id, 'three-face'::text, geom))))
END));

CREATE POLICY withheld_regrade ON public.withheld FOR UPDATE USING (public.may_grade(division_id, line_id)) WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (graded_by = ( SELECT public.acting_account() AS acting_account)) AND public.may_grade(division_id, line_id)));

CREATE POLICY withheld_state ON public.withheld FOR UPDATE TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'marker.work'::text))) WITH CHECK ((noun = 'marker'::text));

CREATE POLICY withheld_state_read ON public.withheld FOR SELECT TO fangyu_owner USING (((noun = 'marker'::text) AND (( SELECT public.acting_system() AS acting_system) = 'marker.work'::text)));

ALTER TABLE public.witness_object ENABLE ROW LEVEL SECURITY;

CREATE POLICY witness_object_read ON public.witness_object FOR SELECT USING ((record_id IN ( SELECT marker_record.id
   FROM public.marker_record)));

CREATE POLICY witness_object_write ON public.witness_object FOR INSERT WITH CHECK ((record_id IN ( SELECT marker_record.id
   FROM public.marker_record
  WHERE (marker_record.account_id = ( SELECT public.acting_account() AS acting_account)))));

ALTER TABLE public.word_library ENABLE ROW LEVEL SECURITY;

CREATE POLICY word_library_add ON public.word_library FOR INSERT WITH CHECK ((public.keeps_rules_of(region) AND (NOT (office_id IS DISTINCT FROM ( SELECT public.acting_office() AS acting_office)))));

CREATE POLICY word_library_change ON public.word_library FOR UPDATE USING ((public.keeps_rules_of(region) OR (starts_with(( SELECT public.acting_region() AS acting_region), region) AND public.keeps_rules_of(( SELECT public.acting_region() AS acting_region)))));

CREATE POLICY word_library_read ON public.word_library FOR SELECT USING (true);

CREATE POLICY work_assigned ON public.marker_work USING (((written_by = ( SELECT public.acting_account() AS acting_account)) AND ( SELECT public.acting_by_assignment() AS acting_by_assignment) AND public.assigned_marker(office_id, marker_id))) WITH CHECK (((written_by = ( SELECT public.acting_account() AS acting_account)) AND ( SELECT public.acting_by_assignment() AS acting_by_assignment) AND public.assigned_marker(office_id, marker_id) AND (kind <> ALL (ARRAY['remeasured'::text, 'plan'::text, 'restoration'::text])) AND (party = ANY (parties))));

CREATE POLICY work_begun ON public.marker_work AS RESTRICTIVE FOR INSERT WITH CHECK (((state = 'draft'::text) AND (written_by = ( SELECT public.acting_account() AS acting_account)) AND (lines = public.marker_lines(marker_id)) AND (parties = public.line_parties(lines)) AND (EXISTS ( SELECT
   FROM public.known_marker m
  WHERE ((m.id = marker_work.marker_id) AND (m.line_id = marker_work.line_id))))));

CREATE POLICY work_confirmation_counted ON public.marker_work_confirmation FOR SELECT TO fangyu_owner USING (true);

CREATE POLICY work_confirmation_read ON public.marker_work_confirmation FOR SELECT USING ((EXISTS ( SELECT
   FROM public.marker_work w
  WHERE (w.id = marker_work_confirmation.work_id))));

CREATE POLICY work_confirmation_write ON public.marker_work_confirmation FOR INSERT WITH CHECK (((office_id = ( SELECT public.acting_office() AS acting_office)) AND (account_id = ( SELECT public.acting_account() AS acting_account)) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (EXISTS ( SELECT
   FROM public.marker_work w
  WHERE ((w.id = marker_work_confirmation.work_id) AND (w.state = 'submitted'::text) AND (w.content_sha256 = marker_work_confirmation.content_sha256) AND (marker_work_confirmation.party = ANY (w.parties)) AND (w.party <> marker_work_confirmation.party))))));

CREATE POLICY work_counted ON public.marker_work FOR SELECT TO fangyu_owner USING (true);

CREATE POLICY work_joint ON public.marker_work FOR UPDATE USING (((state = 'submitted'::text) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines))) WITH CHECK (((state = ANY (ARRAY['submitted'::text, 'recorded'::text, 'refused'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines)));

CREATE POLICY work_own ON public.marker_work USING (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)))) WITH CHECK (((office_id = ANY (( SELECT public.acting_offices() AS acting_offices)::uuid[])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.division_heir(( SELECT public.acting_bureau() AS acting_bureau), party) AND (party = ANY (parties))));

CREATE POLICY work_shown ON public.marker_work FOR SELECT USING (((state = ANY (ARRAY['submitted'::text, 'recorded'::text, 'refused'::text])) AND (NOT ( SELECT public.acting_by_assignment() AS acting_by_assignment)) AND public.one_line_is_ours(lines)));

REVOKE ALL ON FUNCTION public.count_marker_state(marker uuid, state text, at timestamp with time zone) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_identity TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_role TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.agreement TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.agreement_confirmation TO fangyu_app;

GRANT UPDATE(voided_at) ON TABLE public.agreement_confirmation TO fangyu_app;

GRANT UPDATE(void_reason) ON TABLE public.agreement_confirmation TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_token TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.assignment TO fangyu_app;

GRANT UPDATE(version) ON TABLE public.assignment TO fangyu_app;

GRANT UPDATE(ended_at) ON TABLE public.assignment TO fangyu_app;

GRANT UPDATE(ended_by) ON TABLE public.assignment TO fangyu_app;

GRANT UPDATE(end_reason) ON TABLE public.assignment TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.audit TO fangyu_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.audit_finding TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_look TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.built_up_area TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.checkpoint TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.claim TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.cosignature TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.coverage TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.dispute TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.dispute_interval TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.dispute_minute TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.division_approval TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_code TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.division_event TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.division_event_of TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.division_link TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_shape TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_version TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.evidence TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.exclave TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.exclave_end TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.exclave_span TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.export TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inspection TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.inspection_signature TO fangyu_app;

GRANT UPDATE(voided_at) ON TABLE public.inspection_signature TO fangyu_app;

GRANT UPDATE(void_reason) ON TABLE public.inspection_signature TO fangyu_app;

GRANT SELECT ON TABLE public.journal TO fangyu_app;

GRANT INSERT(at) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(actor) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(office) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(subject) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(verb) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(before) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(after) ON TABLE public.journal TO fangyu_app;

GRANT INSERT(cites) ON TABLE public.journal TO fangyu_app;

GRANT SELECT,USAGE ON SEQUENCE public.journal_seq_seq TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.marker TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(grade) ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(office_id) ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(document_id) ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(graded_at) ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(graded_by) ON TABLE public.withheld TO fangyu_app;

GRANT UPDATE(reason) ON TABLE public.withheld TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.known_marker TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.ledger_entry TO fangyu_app;

GRANT SELECT,UPDATE ON TABLE public.ledger_progress TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.library_word TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.line TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.line_event TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.line_link TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.line_segment TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.line_version TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.marker_change TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.marker_change_confirmation TO fangyu_app;

GRANT UPDATE(voided_at) ON TABLE public.marker_change_confirmation TO fangyu_app;

GRANT UPDATE(void_reason) ON TABLE public.marker_change_confirmation TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.marker_form TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.marker_handover TO fangyu_app;

GRANT SELECT(id) ON TABLE public.marker_identity TO fangyu_app;

GRANT SELECT(version),UPDATE(version) ON TABLE public.marker_identity TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.marker_measure_rule TO fangyu_app;

GRANT SELECT ON TABLE public.marker_position TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.marker_record TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.marker_work TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.marker_work_confirmation TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.name_correction TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.name_event TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.name_form TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.name_form_due TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.name_gram TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.node TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.node_division TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.node_line TO fangyu_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.node_version TO fangyu_app;

GRANT UPDATE(valid) ON TABLE public.node_version TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.office TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.office_key TO fangyu_app;

GRANT UPDATE(revoked_at) ON TABLE public.office_key TO fangyu_app;

GRANT UPDATE(revoked_by) ON TABLE public.office_key TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.office_quota TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.office_succession TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.photo TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.place TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.place_class TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.place_correction TO fangyu_app;

GRANT SELECT(id) ON TABLE public.place_identity TO fangyu_app;

GRANT SELECT(version),UPDATE(version) ON TABLE public.place_identity TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.place_import TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.place_import_decision TO fangyu_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.place_import_row TO fangyu_app;

GRANT UPDATE(places) ON TABLE public.place_import_row TO fangyu_app;

GRANT UPDATE(place_id) ON TABLE public.place_import_row TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.place_name TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.place_twin TO fangyu_app;

GRANT UPDATE(ended_at) ON TABLE public.place_twin TO fangyu_app;

GRANT UPDATE(ended_by) ON TABLE public.place_twin TO fangyu_app;

GRANT UPDATE(end_reason) ON TABLE public.place_twin TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.precision_policy TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.programme TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.proposal TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.proposal_statement TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.proposal_vote TO fangyu_app;

GRANT SELECT ON TABLE public.rule_book TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.rule_pack TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.rule_pack_revision TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.section TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(state) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(version) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(decided_office) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(decided_by) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(decided_at) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(decision_reason) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(withdrawn_office) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(withdrawn_by) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(withdrawn_at) ON TABLE public.stretch TO fangyu_app;

GRANT UPDATE(withdrawal_reason) ON TABLE public.stretch TO fangyu_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.submission TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.track TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.track_result TO fangyu_app;

GRANT UPDATE(inspection_id) ON TABLE public.track_result TO fangyu_app;

GRANT UPDATE(superseded_at) ON TABLE public.track_result TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.upload TO fangyu_app;

GRANT SELECT,INSERT ON TABLE public.witness_object TO fangyu_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.word_library TO fangyu_app;

ALTER DEFAULT PRIVILEGES FOR ROLE fangyu_owner IN SCHEMA public GRANT SELECT,USAGE ON SEQUENCES  TO fangyu_app;

ALTER DEFAULT PRIVILEGES FOR ROLE fangyu_owner IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO fangyu_app;

