-- Nodes (结点): the places where lines end, one row for all lines that meet there, so that none of them has another position than
-- the next. A tripoint (三交点) is a node where three divisions or more meet.

create table node (
    id          uuid primary key,
    recorded_at timestamptz not null
);

-- Where a node is, and what it is, over days. It changes when a line that ends there gets another version, never by itself.
create table node_version (
    id          uuid primary key,
    node_id     uuid not null references node,
    kind        text not null check (kind in ('junction', 'tee', 'end')),
    level       text not null check (level in ('province', 'county', 'township')),
    geom        geometry(Point, 4490) not null,
    valid       daterange not null check (not isempty(valid)),
    recorded_at timestamptz not null,
    constraint node_version_once exclude using gist (node_id with =, valid with &&),
    constraint node_version_place exclude using gist ((st_x(geom)) with =, (st_y(geom)) with =, valid with &&)
);
create index node_version_geom on node_version using gist (geom);

-- The lines that end there or run through it, and the divisions that meet, by code.
create table node_line (
    node_version_id uuid not null references node_version on delete cascade,
    line_id         uuid not null references line,
    primary key (node_version_id, line_id)
);
create index node_line_line on node_line (line_id);

create table node_division (
    node_version_id uuid not null references node_version on delete cascade,
    division_id     uuid not null references division,
    n               int not null,
    primary key (node_version_id, division_id)
);
create index node_division_division on node_division (division_id);

-- A version is closed or, where it never came to be, taken out; it is never moved.
revoke update, delete on node, node_line, node_division from fangyu_app;
revoke update on node_version from fangyu_app;
grant update (valid) on node_version to fangyu_app;

create trigger node_version_published after insert or update or delete on node_version for each statement execute function notify_published();
