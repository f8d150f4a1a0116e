-- Who asks for a past day is told where a published marker was registered then, as for today: rounded where the policy of its level
-- says so. The rows are read for everybody together, in no office's name.
create policy position_published on marker_position for select using (
    (select acting_office()) is null and not (select acting_by_assignment()) and exists (select from marker m where m.id = marker_id));
