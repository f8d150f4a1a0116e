-- The journal made tamper-evident: committed entries are linked one after the other into a hash chain and a Merkle tree, and
-- the tree's root is signed now and then (internal/ledger).

-- What waits to be linked. The causing transaction itself says so, so an entry that commits late is not overlooked, and no
-- writer waits for another. There is no notification here: a commit that notifies holds a lock of the whole server until it
-- is on disk, and commits would queue one behind the other.
create table ledger_pending (
    seq   bigint primary key,
    since timestamptz not null default clock_timestamp()
);
create function await_ledger() returns trigger language plpgsql as $$
begin
    insert into ledger_pending (seq) values (new.seq);
    return null;
end $$;
create trigger journal_await_ledger after insert on journal for each row execute function await_ledger();
insert into ledger_pending (seq) select seq from journal;

-- One row per linked entry, n without gaps from 0. nodes are the hashes of the inner nodes of the tree that this entry
-- completes, lowest first; with the leaves they are what tlog calls the stored hashes.
create table ledger_entry (
    n          bigint primary key check (n >= 0),
    seq        bigint not null unique,
    algorithm  text not null,
    leaf       bytea not null check (length(leaf) = 32),
    chain      bytea not null check (length(chain) = 32),
    nodes      bytea not null check (length(nodes) % 32 = 0),
    linked_at  timestamptz not null
);

-- Signed heads of the tree. The note is what was signed (C2SP checkpoint); the other columns repeat it for queries.
create table checkpoint (
    size       bigint primary key check (size > 0),
    root       bytea not null check (length(root) = 32),
    algorithm  text not null,
    note       text not null,
    reason     text not null check (reason in ('hourly', 'decision', 'asked')),
    at         timestamptz not null
);

revoke update, truncate on ledger_pending from fangyu_app;
revoke update, delete, truncate on ledger_entry, checkpoint from fangyu_app;
create trigger ledger_pending_no_update before update on ledger_pending for each row execute function refuse_change();
create trigger ledger_pending_no_truncate before truncate on ledger_pending for each statement execute function refuse_change();
create trigger ledger_entry_append_only before update or delete on ledger_entry for each row execute function refuse_change();
create trigger ledger_entry_no_truncate before truncate on ledger_entry for each statement execute function refuse_change();
create trigger checkpoint_append_only before update or delete on checkpoint for each row execute function refuse_change();
create trigger checkpoint_no_truncate before truncate on checkpoint for each statement execute function refuse_change();
