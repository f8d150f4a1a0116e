-- The history of a record as people read it: who works by assignment reads in the journal only what he wrote himself, and
-- the bureau that commissioned the work reads what was done to its own tracks and marker forms, whoever did it.

create policy journal_assigned on journal as restrictive for select using (
    not (select acting_by_assignment()) or actor = (select acting_account())::text);

-- A function, so that the plan of every other reader of the journal does not grow by it.
create function subject_is_ours(subject text) returns boolean language sql stable as $$
    select case
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid and t.office_id = any (acting_offices()))
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid and f.office_id = any (acting_offices()))
        else false end
$$;
create policy journal_commissioned on journal for select using (
    (select acting_office()) is not null and subject ~ '^(track|marker-form)/' and subject_is_ours(subject));
