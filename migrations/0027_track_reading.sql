-- A track is read as often as there is reason: it seemed to be in another frame and a person said which, its line or the
-- way of matching changed. Every result stays; the present one is that which nothing took the place of.

alter table track drop constraint track_state_check;
alter table track add check (state in ('received', 'reading', 'held', 'matched', 'unreadable', 'refused-dangerous', 'failed'));
alter table track
    add column version  int not null default 1,
    add column frame    text check (frame in ('4326', 'gcj02', 'bd09')),   -- as a person confirmed it; null where nobody did
    add column trace    json,           -- the track as it is looked at: raw, as the track itself
    add column stations jsonb;          -- where and when it passed along its line, to know it again
select set_config('fangyu.system', 'track.read', true);
update track set version = 2 where matched_at is not null;
select set_config('fangyu.system', '', true);
create index track_line_received on track (line_id, received_at desc) where stations is not null;

alter table track_result
    add column version        int not null default 1,
    add column superseded_at  timestamptz,      -- when another result took its place
    add column asked          jsonb;            -- what was matched: markers, parameters, frame, version of the line; null before 0027
alter table track_result drop constraint track_result_pkey, add primary key (track_id, version);
create unique index track_result_present on track_result (track_id) where superseded_at is null;
grant update (superseded_at) on track_result to fangyu_app;
create policy result_supersede on track_result for update using ((select acting_system()) = 'track.read' and superseded_at is null)
    with check ((select acting_system()) = 'track.read');
-- Who joins a track to an inspection changes nothing else, and only the present result.
alter policy result_join on track_result using (office_id = any ((select acting_offices())::uuid[]) and superseded_at is null)
    with check (office_id = any ((select acting_offices())::uuid[]) and superseded_at is null);
alter policy result_assigned_join on track_result
    using ((select acting_by_assignment()) and superseded_at is null and exists (select from track t where t.id = track_id))
    with check ((select acting_by_assignment()) and superseded_at is null and exists (select from track t where t.id = track_id));
