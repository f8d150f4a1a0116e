-- Whoever reads a naming case reads its history whole: who accepted, explained, cleared and voted, of whichever office. Until now a seat of
-- the committee read its own votes alone. A function, so that the plan of every other reader of the journal does not grow by it.

create function case_is_read(subject text) returns boolean language sql stable as $$
    select case when subject ~ '^proposal/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
                then exists (select from proposal p where p.id = substr(subject, 10)::uuid) else false end
$$;
create policy journal_case on journal for select using (
    (select acting_office()) is not null and subject ~ '^proposal/' and case_is_read(subject));
