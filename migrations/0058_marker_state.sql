-- The state of a marker moves only along its table of states, and only with a record of work or a case that says so: whoever writes it,
-- in whatever table it lies. And what a measure counts as is set by the bureau above, from a day on and by a document; every version is kept.

-- Every state of every marker. The first is that with which it came; each later one has its own reason, which is used once.
create table marker_state_step (
    marker_id    uuid not null references marker_identity,
    n            int not null check (n >= 1),
    state        text not null,
    reason_id    uuid unique,                              -- the recorded work, or the filed case; null: it came so
    recorded_at  timestamptz not null,
    primary key (marker_id, n)
);
create trigger marker_state_step_kept before update or delete on marker_state_step for each row execute function refuse_change();
revoke all on marker_state_step from fangyu_app;
create policy work_counted on marker_work for select to fangyu_owner using (true);                           -- by the functions below
create policy work_confirmation_counted on marker_work_confirmation for select to fangyu_owner using (true);

-- What was recorded before is used; the last row is how each marker stands today.
select set_config('fangyu.system', 'command', true);
insert into marker_state_step (marker_id, n, state, reason_id, recorded_at)
select marker_id, row_number() over (partition by marker_id order by last, recorded_at, reason), state, reason, recorded_at
from (select w.marker_id, w.marker_to as state, w.id as reason, w.recorded_at, false as last from marker_work w where w.state = 'recorded' and w.marker_from <> w.marker_to
      union all
      select c.marker_id, case c.kind when 'retirement' then 'retired' else 'intact' end, c.id, c.created_at, false from marker_change c where c.state = 'filed' and c.kind <> 'addition'
      union all
      select m.id, m.state, null, m.recorded_at, true from known_marker m) s;
select set_config('fangyu.system', '', true);

-- Counts that a marker is in a state now. A step from another state needs a reason that was not used: a record of work whose kind and fit
-- lead there (domain: boundary.markerSteps), behind which every side stands that has to, or the filed case of a retirement.
-- A relocation is counted where it is enacted.
create function count_marker_state(marker uuid, state text, at timestamptz) returns void language plpgsql security definer set search_path = public, pg_temp as $$
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
revoke execute on function count_marker_state from public;

create function marker_state_moved() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform count_marker_state(w.id, w.state, w.recorded_at) from written w
    where w.state is distinct from (select s.state from marker_state_step s where s.marker_id = w.id order by s.n desc limit 1);
    return null;
end $$;
-- after those that identify a marker and keep its position, by name
create trigger marker_state_came after insert on marker referencing new table as written for each statement execute function marker_state_moved();
create trigger marker_state_stays after update on marker referencing new table as written for each statement execute function marker_state_moved();

create function withheld_state_moved() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if new.noun = 'marker' then
        perform count_marker_state(new.id, new.rows -> 'marker' ->> 'state', now());
    end if;
    return null;
end $$;
create trigger withheld_state_stays after insert or update on withheld for each row execute function withheld_state_moved();

create or replace function enact_marker_change(change uuid, chainage double precision, offset_right double precision) returns void
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
    insert into marker_state_step (marker_id, n, state, reason_id, recorded_at)
    select c.marker_id, max(s.n) + 1, 'intact', c.id, now() from marker_state_step s where s.marker_id = c.marker_id;
    update marker set geom = c.surveyed, sigma_m = c.sigma_m, chainage_m = chainage, offset_m = offset_right, state = 'intact' where id = c.marker_id;
    update withheld set geom = c.surveyed,
        rows = jsonb_set(rows, '{marker}', rows -> 'marker' || jsonb_build_object('sigma_m', c.sigma_m, 'chainage_m', chainage, 'offset_m', offset_right, 'state', 'intact'))
    where noun = 'marker' and id = c.marker_id;
end $$;

-- What a measure counts as: by the rule of the lowest division that covers both parties, the newest of its versions that is in force on
-- the day the work was done.
alter table marker_measure_rule
    add column valid_from   date,                          -- null: as it came with the program
    add column document_id  uuid references document,
    add column office_id    uuid references office,
    add column account_id   uuid references account,
    add column recorded_at  timestamptz,
    add constraint marker_measure_rule_set check (
        (valid_from is null) = (document_id is null) and (valid_from is null) = (office_id is null) and (valid_from is null) = (account_id is null)
        and (valid_from is null) = (recorded_at is null));
drop index marker_measure_rule_once;
create unique index marker_measure_rule_once on marker_measure_rule (measure, level, division_id, valid_from) nulls not distinct;
create trigger marker_measure_rule_kept before update or delete on marker_measure_rule for each row execute function refuse_change();
alter table marker_measure_rule enable row level security;
alter table marker_measure_rule force row level security;
create policy measure_rule_read on marker_measure_rule for select using (true);
create policy measure_rule_set on marker_measure_rule for insert with check (
    valid_from is not null and division_id = (select acting_grader()) and office_id = (select acting_office()) and account_id = (select acting_account())
    and not (select acting_by_assignment())
    and valid_from > coalesce((select max(r.valid_from) from marker_measure_rule r
                               where r.measure = marker_measure_rule.measure and r.level = marker_measure_rule.level and r.division_id = marker_measure_rule.division_id), '-infinity'));
grant insert on marker_measure_rule to fangyu_app;
