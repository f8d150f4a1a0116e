-- Boundary lines (行政区域界线). A line is the legal object between two divisions; its sections are the pairs of lower
-- divisions along it. Parties are recorded at registration and never recomputed.

create table line (
    id            uuid primary key,
    level         text not null check (level in ('province', 'county', 'township')),
    name          text not null,
    code          text,
    code_scheme   text,
    party_a       uuid not null references division,
    party_b       uuid not null references division,
    party_source  text not null,
    right_party   uuid references division, -- the party on the right of the digitised direction
    synthetic     boolean not null default false,
    recorded_at   timestamptz not null,
    check (party_a <> party_b),
    constraint line_parties unique (level, party_a, party_b),
    constraint line_code unique (code_scheme, code)
);

create table line_version (
    id                  uuid primary key,
    line_id             uuid not null references line,
    legal_status        text not null check (legal_status in ('reference', 'in-demarcation', 'disputed', 'signed', 'in-force', 'under-change', 'superseded')),
    edge_matched        boolean not null default false,
    geom                geometry(MultiLineString, 4490) not null,
    length_m            double precision not null,   -- geodesic, CGCS2000
    published_length_m  double precision,
    published_source    text,
    agreement_id        uuid references document,
    approval_id         uuid references document,
    publication_id      uuid references document,
    document_id         uuid not null references document,
    frame               text not null,
    valid               daterange not null check (not isempty(valid)),
    recorded_at         timestamptz not null,
    check (legal_status not in ('in-force', 'under-change') or (agreement_id is not null and approval_id is not null and publication_id is not null)),
    constraint line_version_once exclude using gist (line_id with =, valid with &&)
);
create index line_version_geom on line_version using gist (geom);

create table section (
    id               uuid primary key,
    line_id          uuid not null references line,
    line_version_id  uuid not null references line_version,
    division_a       uuid not null references division,
    division_b       uuid not null references division,
    geom             geometry(MultiLineString, 4490) not null,
    length_m         double precision not null,
    constraint section_pair unique (line_version_id, division_a, division_b)
);
create index section_line on section (line_id);
create index section_geom on section using gist (geom);

-- What was approved does not change: not its geometry, not its papers, not its end except to close it.
create function guard_approved_line() returns trigger language plpgsql as $$
begin
    if old.legal_status in ('signed', 'in-force', 'under-change', 'superseded') then
        if tg_op = 'DELETE' or not st_orderingequals(new.geom, old.geom)
           or new.length_m <> old.length_m or new.line_id <> old.line_id
           or new.agreement_id is distinct from old.agreement_id
           or old.approval_id is not null and new.approval_id is distinct from old.approval_id
           or old.publication_id is not null and new.publication_id is distinct from old.publication_id
           or lower(new.valid) is distinct from lower(old.valid)
           or new.legal_status in ('reference', 'in-demarcation', 'disputed') then
            raise exception 'an approved line version does not change' using errcode = 'integrity_constraint_violation', constraint = 'line_version_approved';
        end if;
    end if;
    return coalesce(new, old);
end $$;
create trigger line_version_approved before update or delete on line_version for each row execute function guard_approved_line();

create trigger line_published after insert or update or delete on line for each statement execute function notify_published();
create trigger line_version_published after insert or update or delete on line_version for each statement execute function notify_published();
create trigger section_published after insert or update or delete on section for each statement execute function notify_published();
