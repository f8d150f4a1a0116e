-- Work entrusted by an office is work for whose place it took, and for who took its place: rounds and forms stay recorded
-- under the office that made them, on whichever side of a succession that was.

-- An office, those whose place it took, and those that took its place, directly or through others.
create function seat_of(office uuid) returns uuid[] language sql stable as $$
    with recursive later (id) as (
        select office where office is not null
        union
        select s.successor_id from later join office_succession s on s.predecessor_id = later.id and s.on_day <= today())
    select coalesce(array_agg(distinct id), '{}') from (select unnest(offices_of(office)) union all select id from later) seat (id)
$$;

create or replace function assigned(office uuid, line uuid) returns boolean language sql stable as $$
    select exists (
        select from assignment a join account_role r on r.account_id = a.account_id and r.role = a.role
        where a.account_id = acting_account() and a.line_id = assigned.line and a.valid @> today() and a.ended_at is null
          and assigned.office = any (seat_of(a.office_id)))
$$;
create or replace function assigned_marker(office uuid, marker uuid) returns boolean language sql stable as $$
    select exists (
        select from known_marker m join assignment a on a.line_id = m.line_id
        where m.id = assigned_marker.marker and a.account_id = acting_account() and assigned_marker.office = any (seat_of(a.office_id))
          and assigned(a.office_id, a.line_id) and a.valid @> today() and a.ended_at is null
          and case when a.markers <> '{}' then m.id = any (a.markers)
                   else a.ranges = '[]' or exists (
                       select from jsonb_to_recordset(a.ranges) as r("fromM" double precision, "toM" double precision)
                       where m.chainage_m between r."fromM" and r."toM") end)
$$;
