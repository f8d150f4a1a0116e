-- Every node keeps the names in memory: it is told, with the commit, of which places the search forms were made or forgotten.
-- A notification holds up to 200 places, as many as its length takes; more of them at once are told as all.
create function forms_changed() returns trigger language plpgsql as $$
declare
    places uuid[] := array(select distinct place_id from changed limit 201);
begin
    if cardinality(places) > 0 then
        perform pg_notify('fangyu_names', case when cardinality(places) > 200 then 'all' else array_to_string(places, ' ') end);
    end if;
    return null;
end $$;
create trigger name_form_made after insert on name_form referencing new table as changed for each statement execute function forms_changed();
create trigger name_form_forgotten after delete on name_form referencing old table as changed for each statement execute function forms_changed();

-- Signs among letters (21号院（南区）) are no part of pinyin any more.
insert into name_form_due select distinct place_id from name_form where pinyin ~ '[^[:alnum:]]' or initials ~ '[^[:alnum:]]';
