-- Joint inspection (联合检查). The lead is a matter of the round, not of the line.

create table programme (
    id         uuid primary key,
    name       text not null unique,        -- 县级界线第四轮联检
    level      text not null check (level in ('province', 'county', 'township')),
    round      int not null check (round > 0),
    year_from  int not null,
    year_to    int not null check (year_to >= year_from),
    owner_id   uuid not null references office
);

create table inspection (
    id                  uuid primary key,
    programme_id        uuid not null references programme,
    line_id             uuid not null references line,
    lead_office         uuid not null references office,
    cooperating_office  uuid not null references office,
    state               text not null,
    version             int not null default 1,
    report              jsonb,              -- the compiled figures, as signed
    report_sha256       text check (report_sha256 ~ '^[0-9a-f]{64}$'),
    synthetic           boolean not null default false,
    created_at          timestamptz not null,
    check (lead_office <> cooperating_office),
    constraint inspection_once unique (programme_id, line_id)
);

-- One marker form (界桩检查登记表) from each side; the other side reads it only once submitted.
create table marker_form (
    id             uuid primary key,
    office_id      uuid not null references office,
    inspection_id  uuid not null references inspection,
    marker_id      uuid not null references marker,
    found          text not null check (found in ('intact', 'damaged', 'lost', 'buried', 'not-reached', 'tilted', 'illegible')),
    observed       geometry(PointZ, 4490),
    sigma_m        double precision,
    note           text not null default '',
    checked_on     date not null,
    filled_by      uuid not null references account,
    version        int not null default 1,
    submitted_at   timestamptz,
    unique (inspection_id, marker_id, office_id)
);

-- A signature binds the exact bytes signed; any later edit voids both.
create table inspection_signature (
    id              uuid primary key,
    inspection_id   uuid not null references inspection,
    office_id       uuid not null references office,
    account_id      uuid not null references account,
    content_sha256  text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    signed_at       timestamptz not null,
    voided_at       timestamptz,
    void_reason     text,
    check ((voided_at is null) = (void_reason is null))
);
create unique index inspection_signature_once on inspection_signature (inspection_id, office_id) where voided_at is null;
