-- Markers (界桩). One number can be up to three stones. The registered position is here and never overwritten by an observation.

create table marker (
    id           uuid primary key,
    line_id      uuid not null references line,
    number       text not null,             -- 5052001
    stone        text not null default '',  -- Q, A, B, C, D, E; empty where the scheme has none
    type         text not null check (type in ('two-face', 'three-face')),
    material     text,
    state        text not null check (state in ('intact', 'damaged', 'lost', 'suspected-moved', 'moved', 'awaiting-restoration', 'restored', 'retired')),
    custodian    uuid references division,
    geom         geometry(PointZ, 4490) not null,   -- registered; height in metres above the 1985 datum, NaN where unknown
    sigma_m      double precision,
    chainage_m   double precision not null, -- of its projection on the line
    offset_m     double precision not null, -- + is right of the line
    valid        daterange not null check (not isempty(valid)),
    document_id  uuid not null references document,
    synthetic    boolean not null default false,
    recorded_at  timestamptz not null,
    constraint marker_once exclude using gist (line_id with =, number with =, stone with =, valid with &&)
);
create index marker_geom on marker using gist (geom);
create trigger marker_published after insert or update or delete on marker for each statement execute function notify_published();
