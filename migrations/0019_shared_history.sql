-- The history of a record that two sides share, as each of them reads it: of a joint inspection and of its marker forms
-- what the other side and the bureau above did as well, but for drafts. Of raw tracks and claims the other side reads
-- nothing, and the bureau above only when they were handed to it.

-- Whether an entry tells of what the acting office may read: drafts of marker forms are told from forms by what the entry
-- says, the rest by the policies of the record itself. A function, so that the plans of other readers do not grow by it.
create function entry_is_open(subject text, verb text, after jsonb) returns boolean language sql stable as $$
    select case
        when subject ~ '^inspection/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            (verb <> 'fill-form' or coalesce((after ->> 'submit')::boolean, false))
            and exists (select from inspection i where i.id = substr(subject, 12)::uuid)
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid
                    and (f.office_id = any (acting_offices()) or coalesce((after ->> 'submit')::boolean, false)))
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid)
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid)
        else false end
$$;

create policy journal_shared on journal for select using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form)/' and entry_is_open(subject, verb, after));

-- Only takes away: an office below writes drafts, tracks and claims that are not yet the upper bureau's to know.
create policy journal_open on journal as restrictive for select using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|track|claim)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));

-- A side also reads what others did to its own claims.
create or replace function subject_is_ours(subject text) returns boolean language sql stable as $$
    select case
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid and t.office_id = any (acting_offices()))
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid and f.office_id = any (acting_offices()))
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid and c.office_id = any (acting_offices()))
        else false end
$$;
alter policy journal_commissioned on journal using (
    (select acting_office()) is not null and subject ~ '^(track|marker-form|claim)/' and subject_is_ours(subject));
