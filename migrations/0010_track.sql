-- Inspection tracks (轨迹) and what they cover. Raw tracks belong to an office; the coverage of a line is published.

create table evidence (
    sha256      text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    size        bigint not null check (size >= 0),
    media_type  text not null,
    kept_at     timestamptz not null
);

create table track (
    id             uuid primary key,
    office_id      uuid not null references office,
    uploaded_by    uuid not null references account,
    line_id        uuid not null references line,
    inspection_id  uuid references inspection,
    sha256         text not null references evidence,
    file_name      text not null,           -- as shown: cleaned of control and path characters
    receiver       text not null check (receiver in ('phone', 'handheld', 'gnss-single', 'gnss-float', 'gnss-fixed')),
    sigma_m        double precision not null check (sigma_m > 0),
    state          text not null check (state in ('received', 'reading', 'matched', 'unreadable', 'refused-dangerous', 'failed')),
    receipt        jsonb not null,
    reading        jsonb,                   -- what the reader says of the file: format, counts, notes
    match          jsonb,                   -- the match document, with its parameters and algorithm version
    received_at    timestamptz not null,
    matched_at     timestamptz,
    constraint track_once unique (office_id, line_id, sha256)   -- sent again, it gets the same receipt
);
create index track_office on track (office_id);
create index track_line on track (line_id);
create index track_inspection on track (inspection_id);

create table coverage (
    id          uuid primary key,
    line_id     uuid not null references line,
    track_id    uuid not null references track,
    class       text not null check (class in ('walked', 'viewed', 'imagery', 'not-checked')),
    from_m      double precision not null,
    to_m        double precision not null check (to_m > from_m),
    geom        geometry(MultiLineString, 4490) not null,
    walked_on   date,
    synthetic   boolean not null default false
);
create index coverage_line on coverage (line_id);
create trigger coverage_published after insert or update or delete on coverage for each statement execute function notify_published();
