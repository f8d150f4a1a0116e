-- Divisions (行政区划) in time. A code is never an identity: 500110 was 万盛区 and is 綦江区.

create table division (
    id         uuid primary key,
    synthetic  boolean not null default false
);
alter table office add foreign key (division_id) references division;

create table division_version (
    id           uuid primary key,
    division_id  uuid not null references division,
    name         text not null check (name <> ''),
    level        text not null check (level in ('province', 'prefecture', 'county', 'township', 'village')),
    kind         text not null check (kind in (
        'province', 'municipality', 'autonomous-region', 'special-region',
        'prefecture-city', 'prefecture', 'autonomous-prefecture', 'league',
        'district', 'county', 'autonomous-county', 'county-city', 'banner', 'autonomous-banner', 'forest-district', 'special-district',
        'town', 'township', 'ethnic-township', 'subdistrict', 'sumu', 'township-like',
        'village-committee', 'residents-committee', 'village-like')),
    parent_id    uuid references division,
    office_name  text,                      -- 派出机关 of a subdistrict: 高笋塘街道办事处; committee of a village: 海螺村委会
    valid        daterange not null check (not isempty(valid)),
    document_id  uuid not null references document,
    recorded_at  timestamptz not null,
    constraint division_version_once exclude using gist (division_id with =, valid with &&)
);
create index division_version_parent on division_version (parent_id);
create index division_version_name on division_version (name);

create table division_code (
    division_id  uuid not null references division,
    system       text not null check (system in ('gbt2260', 'gbt10114', 'stat12')),
    code         text not null,
    valid        daterange not null check (not isempty(valid)),
    document_id  uuid not null references document,
    check (case system when 'gbt2260' then code ~ '^[0-9]{6}$' when 'gbt10114' then code ~ '^[0-9]{9}$' else code ~ '^[0-9]{12}$' end),
    constraint division_code_once exclude using gist (system with =, code with =, valid with &&),
    constraint division_code_one exclude using gist (division_id with =, system with =, valid with &&)
);

create table division_shape (
    id           uuid primary key,
    division_id  uuid not null references division,
    geom         geometry(MultiPolygon, 4490) not null check (st_isvalid(geom)),
    valid        daterange not null check (not isempty(valid)),
    document_id  uuid not null references document,
    frame        text not null,             -- as declared at upload: 4490, 4326, gcj02 …
    derived      boolean not null default false,
    recorded_at  timestamptz not null,
    constraint division_shape_once exclude using gist (division_id with =, valid with &&)
);
create index division_shape_geom on division_shape using gist (geom);

create table division_link (
    predecessor_id  uuid not null references division,
    successor_id    uuid not null references division,
    kind            text not null check (kind in (
        'establish', 'abolish', 'rename', 'merge', 'split', 'transfer-territory', 'change-superior', 'change-type',
        'move-seat', 'change-code', 'change-rank')),
    on_day          date not null,
    document_id     uuid references document,
    primary key (predecessor_id, successor_id, kind, on_day)
);

create trigger division_version_published after insert or update or delete on division_version for each statement execute function notify_published();
create trigger division_code_published after insert or update or delete on division_code for each statement execute function notify_published();
create trigger division_shape_published after insert or update or delete on division_shape for each statement execute function notify_published();
