-- A withheld marker follows a change of divisions as one that is not does: one by one, to the line on which it lies, measured along
-- that and with the custodian that succeeds.
drop function hand_over_withheld(uuid, uuid, uuid, date);

create function hand_over_withheld(marker uuid, heir uuid, chainage_m double precision, offset_m double precision, custodian uuid, approval uuid, day date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into marker_handover select w.id, w.line_id, heir, approval, day from withheld w where w.noun = 'marker' and w.id = marker and w.line_id <> heir;
    update withheld set line_id = heir, rows = rows || jsonb_build_object('marker', rows -> 'marker' || jsonb_build_object(
        'line_id', heir, 'chainage_m', chainage_m, 'offset_m', offset_m, 'custodian', custodian))
    where noun = 'marker' and id = marker;
end $$;
