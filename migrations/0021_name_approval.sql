-- An approval is judged by every name, those that the approver may not know of too; of these it learns only that it is not
-- for him to approve.
alter policy withheld_read on withheld using (
    (select acting_system()) in ('command', 'import', 'name.approve') or (select acting_system()) = 'track.read' and noun = 'marker'
    or case when line_id is null then division_covers((select acting_bureau()), division_id) else line_is_ours(line_id) end);
