-- What a change of divisions left to be settled on a line is not settled because another change makes another line of it: the
-- line that follows takes it over with the term that runs.

alter table line_event drop constraint line_event_kind_check;
alter table line_event add constraint line_event_kind_check check (kind in ('begin', 'go-on', 'pass', 'end', 'stay', 'inherit'));
