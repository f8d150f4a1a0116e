-- What is said in a naming case on findings that only a person clears (《地名管理条例实施办法》第三条、第四条：没有特定联系): the office that
-- applied explains, an office that decides clears, never the one that applied. Nothing said is changed; and the rules of the day on
-- which a case was accepted stay its rules.

create table proposal_statement (
    id           uuid primary key,
    proposal_id  uuid not null references proposal,
    n            int not null check (n >= 1),     -- in the order in which it was said
    kind         text not null check (kind in ('explain', 'clear')),
    withdraws    boolean not null default false,  -- takes back the one in force
    rule         text not null,
    part         text not null,                   -- of the name
    reason       text not null check (reason <> ''),
    office_id    uuid not null references office,
    account_id   uuid not null references account,
    at           timestamptz not null,
    unique (proposal_id, n)
);
create trigger proposal_statement_kept before update or delete on proposal_statement for each row execute function refuse_change();

alter table proposal_statement enable row level security;
alter table proposal_statement force row level security;
create policy statement_read on proposal_statement for select using (exists (select from proposal p where p.id = proposal_id));
create policy statement_say on proposal_statement for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account())
    and exists (select from proposal p where p.id = proposal_id
                and case when p.office_id = any ((select acting_offices())::uuid[])
                         then proposal_statement.kind = 'explain' and p.state in ('draft', 'returned', 'submitted', 'voting', 'resolved')
                         else proposal_statement.kind = 'clear' and p.state in ('submitted', 'voting', 'resolved') and division_covers((select acting_decider()), p.division_id) end));
revoke update, delete on proposal_statement from fangyu_app;

create function guard_proposal() returns trigger language plpgsql as $$
begin
    if old.accepted_on is not null and (new.accepted_on, new.pack_id) is distinct from (old.accepted_on, old.pack_id) then
        raise exception 'a case is judged by the rules of the day on which it was accepted' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger proposal_guarded before update on proposal for each row execute function guard_proposal();
