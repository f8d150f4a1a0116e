-- Writers do nothing for the ledger any more. What waits is what lies in the journal above the last number linked, and in
-- the gaps below it; the sequencer keeps the gaps, and here from where on it has to look for them when it starts.

create table ledger_progress (
    settled  bigint not null check (settled >= 0),  -- every entry up to here is linked, or will never come
    one      boolean primary key default true check (one)
);
insert into ledger_progress (settled)
select coalesce((select min(seq) - 1 from ledger_pending), (select max(seq) from ledger_entry), 0);
revoke insert, delete, truncate on ledger_progress from fangyu_app;

drop trigger journal_await_ledger on journal;
drop function await_ledger;
drop table ledger_pending;

-- The numbers of the journal are drawn, nobody chooses one.
revoke insert on journal from fangyu_app;
grant insert (at, actor, office, subject, verb, before, after, cites) on journal to fangyu_app;
