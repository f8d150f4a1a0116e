-- Field work entrusted to somebody (任务): a contractor's surveyor, or a keeper. What comes of it belongs to the bureau that
-- commissioned it; who was entrusted sees only what he handed in himself, and that only while the assignment runs.

create table assignment (
    id           uuid primary key,
    office_id    uuid not null references office,       -- the bureau that commissioned it
    account_id   uuid not null references account,      -- who was assigned
    line_id      uuid not null references line,
    role         text not null check (role in ('surveyor', 'keeper')),
    ranges       jsonb not null default '[]',           -- [{fromM, toM}] by chainage; empty: the whole line
    markers      uuid[] not null default '{}',          -- empty: every marker within the ranges
    valid        daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
    note         text not null default '',
    version      int not null default 1,
    assigned_by  uuid not null references account,
    assigned_at  timestamptz not null,
    ended_at     timestamptz,                           -- ended before its time
    ended_by     uuid references account,
    end_reason   text,
    check ((ended_at is null) = (end_reason is null)),
    -- one person works at one line for one office at a time, so it is never in doubt whose the work is
    constraint assignment_once exclude using gist (account_id with =, line_id with =, valid with &&) where (ended_at is null)
);
create index assignment_office on assignment (office_id);
create index assignment_account on assignment (account_id);
create index assignment_line on assignment (line_id);
create index track_uploaded_by on track (uploaded_by);
create index marker_form_filled_by on marker_form (filled_by);

-- Whether the acting account works at lines by assignment only. boundary.ByAssignment says the same.
create function acting_by_assignment() returns boolean language sql stable as $$
    select exists (
        select from account a join office o on o.id = a.office_id
        where a.id = acting_account()
          and (o.kind = 'contractor'
               or exists (select from account_role r where r.account_id = a.id and r.role = 'keeper')
                  and not exists (select from account_role r where r.account_id = a.id and r.role in (
                      'party-officer', 'party-leader', 'superior', 'approval-authority', 'surveyor', 'archivist', 'auditor'))))
$$;

-- Whether the acting account works for the office at the line today, and whether the marker is part of that.
create function assigned(office uuid, line uuid) returns boolean language sql stable as $$
    select exists (
        select from assignment a join account_role r on r.account_id = a.account_id and r.role = a.role
        where a.account_id = acting_account() and a.office_id = assigned.office and a.line_id = assigned.line
          and a.valid @> today() and a.ended_at is null)
$$;
create function assigned_marker(office uuid, marker uuid) returns boolean language sql stable as $$
    select exists (
        select from known_marker m join assignment a on a.line_id = m.line_id
        where m.id = assigned_marker.marker and a.account_id = acting_account() and a.office_id = assigned_marker.office
          and assigned(a.office_id, a.line_id) and a.valid @> today() and a.ended_at is null
          and case when a.markers <> '{}' then m.id = any (a.markers)
                   else a.ranges = '[]' or exists (
                       select from jsonb_to_recordset(a.ranges) as r("fromM" double precision, "toM" double precision)
                       where m.chainage_m between r."fromM" and r."toM") end)
$$;

-- An assignment: of the bureau that commissioned it, read by the bureau above and, until it ends, by the one assigned.
alter table assignment enable row level security;
alter table assignment force row level security;
create policy assignment_own on assignment using (
    office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()) or (select acting_system()) = 'demo')
    with check (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()) and line_is_ours(line_id)
                or (select acting_system()) = 'demo');
create policy assignment_mine on assignment for select using (
    account_id = (select acting_account()) and ended_at is null and upper(valid) > today());
create policy assignment_above on assignment for select using (not (select acting_by_assignment()) and office_is_below(office_id));
revoke update, delete on assignment from fangyu_app;
grant update (version, ended_at, ended_by, end_reason) on assignment to fangyu_app;

-- What the office has is not shown to who works by assignment: these policies stand beside those of 0013 and only take away.
create policy inspection_assigned on inspection for select using (
    (select acting_by_assignment()) and (assigned(lead_office, line_id) or assigned(cooperating_office, line_id)));
create policy inspection_unassigned on inspection as restrictive for select using (
    not (select acting_by_assignment()) or assigned(lead_office, line_id) or assigned(cooperating_office, line_id));
create policy inspection_desk_insert on inspection as restrictive for insert with check (not (select acting_by_assignment()));
create policy inspection_desk_update on inspection as restrictive for update using (not (select acting_by_assignment()));
create policy inspection_desk_delete on inspection as restrictive for delete using (not (select acting_by_assignment()));
create policy signature_desk on inspection_signature as restrictive using (not (select acting_by_assignment()));

-- A form handed in by assignment takes a compiled report back, which the one assigned may neither read nor do himself.
create policy inspection_form on inspection using ((select acting_system()) = 'assignment.form');
create policy signature_form on inspection_signature for update using ((select acting_system()) = 'assignment.form');
create policy signature_form_read on inspection_signature for select using ((select acting_system()) = 'assignment.form');

create policy form_assigned on marker_form using (
    filled_by = (select acting_account()) and assigned_marker(office_id, marker_id));
create policy form_unassigned on marker_form as restrictive using (
    not (select acting_by_assignment()) or filled_by = (select acting_account()) and assigned_marker(office_id, marker_id));

create policy track_assigned on track using (
    uploaded_by = (select acting_account()) and assigned(office_id, line_id));
create policy track_unassigned on track as restrictive using (
    not (select acting_by_assignment()) or uploaded_by = (select acting_account()) and assigned(office_id, line_id));

create policy result_assigned on track_result for select using (
    (select acting_by_assignment()) and exists (select from track t where t.id = track_id));
create policy result_assigned_join on track_result for update using (
    (select acting_by_assignment()) and exists (select from track t where t.id = track_id));
create policy result_unassigned on track_result as restrictive using (
    not (select acting_by_assignment()) or exists (select from track t where t.id = track_id));
