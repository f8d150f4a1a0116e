-- What the record of a marker (界桩登记表) says beside its position, which stays in marker: versions with their document, never
-- changed. Where the plane coordinates of a record and the registered position part, the record was refused.
create table marker_record (
    id            uuid primary key,
    marker_id     uuid not null references marker_identity,
    n             int not null check (n >= 1),
    valid_from    date not null,
    document_id   uuid not null references document,
    reason        text not null default '',
    placement     text not null check (placement in ('single', 'pair', 'triple')),
    faces         text not null check (faces in ('two-face', 'three-face')),
    material      text not null default '',
    location      text not null check (location <> ''),
    unit_a        text not null default '',       -- from the province down to the village
    unit_b        text not null default '',
    feature       text not null default '',
    side          text not null default '',       -- of the feature
    epsg          int check (epsg between 4491 and 4554),
    x_m           double precision,               -- north
    y_m           double precision,               -- east, with the zone number where the plane has it
    elevation_m   double precision,
    height_datum  text check (height_datum in ('1985', '1956', 'other')),
    method        text not null default '',
    sigma_m       double precision check (sigma_m > 0),
    surveyed_on   date,
    surveyor      text not null default '',       -- offices and posts, not persons
    checker       text not null default '',
    custodian     uuid references division,
    old_position  text not null default '',       -- of an older datum, verbatim, never transformed
    remark        text not null default '',
    office_id     uuid not null references office,
    account_id    uuid not null references account,
    recorded_at   timestamptz not null,
    unique (marker_id, n),
    check (n = 1 or reason <> ''),
    check ((epsg is null) = (x_m is null) and (epsg is null) = (y_m is null)),
    check ((elevation_m is null) = (height_datum is null))
);

-- Lasting objects by which its place is found again: grid bearings to the minute, distances to the decimetre.
create table witness_object (
    record_id       uuid not null references marker_record,
    n               int not null check (n >= 1),
    name            text not null check (name <> ''),
    bearing_minutes int not null check (bearing_minutes between 0 and 21599),
    distance_dm     int not null check (distance_dm between 1 and 10000),
    primary key (record_id, n)
);

create trigger marker_record_kept before update or delete on marker_record for each row execute function refuse_change();
create trigger witness_object_kept before update or delete on witness_object for each row execute function refuse_change();
revoke update, delete on marker_record, witness_object from fangyu_app;

-- Exact positions are for the sides of the line and who is above both; of a withheld marker for who may know of it.
alter table marker_record enable row level security;
alter table marker_record force row level security;
create policy marker_record_read on marker_record for select using (
    not (select acting_by_assignment()) and exists (select from known_marker m where m.id = marker_id and line_is_ours(m.line_id)));
create policy marker_record_write on marker_record for insert with check (
    not (select acting_by_assignment())
    and office_id = any ((select acting_offices())::uuid[]) and account_id = (select acting_account())
    and exists (select from known_marker m where m.id = marker_id and line_is_ours(m.line_id)));

alter table witness_object enable row level security;
alter table witness_object force row level security;
create policy witness_object_read on witness_object for select using (record_id in (select id from marker_record));
create policy witness_object_write on witness_object for insert with check (
    record_id in (select id from marker_record where account_id = (select acting_account())));

-- A marker with a new record is a new version of the marker: who saw the old one looks again.
create function marker_was_recorded() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update marker_identity set version = version + 1 where id = new.marker_id;
    return null;
end $$;
create trigger marker_record_made after insert on marker_record for each row execute function marker_was_recorded();
