-- Whoever acts for the civil-affairs bureau whose jurisdiction covers that of every bureau sets what is published, and
-- nobody below it: a policy is for the whole country.
create function acting_over_all() returns boolean language sql stable as $$
    select exists (
        select from account a join account_role r on r.account_id = a.id and r.role = 'administrator'
        where a.id = acting_account() and a.office_id = acting_office())
    and acting_grader() is not null and not exists (
        select from office o
        where o.division_id is not null and o.kind in ('civil-affairs', 'township-government') and o.valid @> today()
          and not division_covers(acting_grader(), o.division_id))
$$;
alter table precision_policy enable row level security;
alter table precision_policy force row level security;
create policy precision_read on precision_policy for select using (true);
create policy precision_set on precision_policy for insert with check ((select acting_over_all()));
create policy precision_reset on precision_policy for update using ((select acting_over_all()));

-- An authority witnesses the ledger; a contractor, an applicant or a committee does not.
alter policy key_register on office_key with check (
    office_id = (select acting_office()) and registered_by = (select acting_account()) and revoked_at is null
    and exists (select from office o where o.id = office_id and o.kind in ('civil-affairs', 'competent-department', 'township-government')));
