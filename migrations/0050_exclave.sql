-- Exclaves (飞地) on record: that a division has a part apart from the rest of it, where, and by which document. A record is added
-- and never altered.

create table exclave (
    id          uuid primary key,
    division_id uuid not null references division,
    host_id     uuid references division,          -- in which it lies; null for none on record
    geom        geometry(Point, 4490) not null,    -- a place in that part
    document_id uuid not null references document,
    valid       daterange not null check (not isempty(valid)),
    recorded_at timestamptz not null,
    check (host_id <> division_id)
);
create index exclave_division on exclave (division_id);
create trigger exclave_kept before update or delete on exclave for each row execute function refuse_change();
revoke update, delete on exclave from fangyu_app;
