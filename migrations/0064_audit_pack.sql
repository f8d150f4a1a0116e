-- By which rule pack an audit judges names: the one in force in its division on the day it was asked for, or another to compare with.
-- Its findings say by which rule of which pack they are, so that they can be counted and listed by rule; its progress counts names too.
alter table audit add column pack_id text references rule_pack;             -- null: none was in force
alter table audit add column names_done int not null default 0;             -- judged, in the step at hand
alter table audit add column names_total int not null default 0;            -- 0 where the step does not go name by name
alter table audit_finding add column rule text not null default '';         -- rule.id, '' for what is found by none
alter table audit_finding add column pack text not null default '';         -- rule.pack_id of that rule
