-- A pack is adopted and ended by who approves names, by a paper; a draft stays the office's that made it. Who keeps no words of a region
-- changes no library of it either, not even its count of changes.
create or replace function keep_rule_pack() returns trigger language plpgsql as $$
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
drop policy word_library_change on word_library;
create policy word_library_change on word_library for update using (keeps_rules_of(region) or starts_with((select acting_region()), region) and keeps_rules_of((select acting_region())));
