-- Places (地理实体) and their names (地名) in time: a place is not its name.

create table place (
    id                      uuid primary key,
    category                text not null check (category in (
        'natural', 'division', 'village-committee', 'natural-village', 'park', 'street', 'residential-building', 'facility', 'other')),
    division_id             uuid not null references division,  -- the division it lies in
    represents_division_id  uuid references division,           -- the division it is the place of (category division) or the seat of (village-committee)
    geom                    geometry(Geometry, 4490),           -- null: known only to its division
    located_by              text not null check (located_by in ('survey', 'map', 'division')),
    as_given                jsonb,          -- frame and coordinates as they came, kept verbatim when converted
    document_id             uuid not null references document,
    synthetic               boolean not null default false,
    recorded_at             timestamptz not null,
    check ((geom is null) = (located_by = 'division')),
    check (geom is null or not st_isempty(geom))
);
create index place_geom on place using gist (geom);
create index place_division on place (division_id);
create unique index place_represents on place (represents_division_id) where represents_division_id is not null;

create table place_name (
    id             uuid primary key,
    place_id       uuid not null references place,
    name           text not null check (name <> ''),
    kind           text not null check (kind in ('standard', 'former', 'alternative', 'short', 'customary', 'foreign', 'minority')),
    language       text not null default 'zh',
    specific       text not null,           -- 专名
    generic        text not null default '',-- 通名
    romanization   text not null,           -- with tone marks, spaced by the 1984 rules
    reading        text not null,           -- syllables with tone numbers, separated by blanks: chong2 qing4 shi4
    toneless       text not null,           -- syllables without tones: chong qing shi
    reading_status text not null check (reading_status in ('approved', 'audited', 'phrase', 'unverified')),
    valid          daterange not null check (not isempty(valid)),
    document_id    uuid not null references document,
    approved_by    text,
    proposal_id    uuid,                    -- the case that decided it (foreign key in 0006)
    recorded_at    timestamptz not null,
    constraint place_name_one_standard exclude using gist (place_id with =, language with =, valid with &&) where (kind = 'standard')
);
create index place_name_place on place_name (place_id);
create index place_name_name on place_name (name);
create index place_name_specific on place_name (specific);
create index place_name_toneless on place_name (toneless);
create index place_name_trgm on place_name using gin (name gin_trgm_ops);

create table built_up_area (
    id           uuid primary key,
    name         text not null,
    geom         geometry(MultiPolygon, 4490) not null check (st_isvalid(geom)),
    valid        daterange not null,
    document_id  uuid not null references document,
    synthetic    boolean not null default false
);
create index built_up_area_geom on built_up_area using gist (geom);

create trigger place_published after insert or update or delete on place for each statement execute function notify_published();
create trigger place_name_published after insert or update or delete on place_name for each statement execute function notify_published();
create trigger built_up_area_published after insert or update or delete on built_up_area for each statement execute function notify_published();
