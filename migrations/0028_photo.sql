-- Photos (照片) handed in with tracks: kept like them, read for where and when they were taken, shown as copies without that.
-- A photo is its office's own, like a raw track; the other side of the line never reads it.

create table photo (
    id                uuid primary key,         -- that of its upload
    office_id         uuid not null references office,
    uploaded_by       uuid not null references account,
    submission_id     uuid not null,            -- of uploaded_by
    line_id           uuid not null references line,
    inspection_id     uuid references inspection,
    sha256            text not null references evidence,
    file_name         text not null,            -- as shown: cleaned of control and path characters
    state             text not null check (state in ('received', 'reading', 'read', 'refused', 'failed')),
    facts             jsonb,                    -- what the file says of itself, with findings
    sightings         jsonb,                    -- the markers it may show, the nearest first
    certain           boolean not null default false,   -- only the first of them can be meant
    public_sha256     text check (public_sha256 ~ '^[0-9a-f]{64}$'),    -- of the copies, which are not evidence
    thumbnail_sha256  text check (thumbnail_sha256 ~ '^[0-9a-f]{64}$'),
    received_at       timestamptz not null,
    read_at           timestamptz,
    submitted_at      timestamptz,              -- with its round, to the bureau above
    tracks            uuid[] not null default '{}',     -- of the submissions it came in
    foreign key (uploaded_by, submission_id) references submission,
    check ((public_sha256 is null) = (thumbnail_sha256 is null)),
    constraint photo_once unique (office_id, line_id, sha256)
);
create index photo_line on photo (line_id);
create index photo_inspection on photo (inspection_id);
create index photo_submission on photo (uploaded_by, submission_id);

alter table track add column photos uuid[] not null default '{}';    -- with which it was read

alter table upload add column photo_id uuid references photo;
create index upload_photo on upload (photo_id);

alter table photo enable row level security;
alter table photo force row level security;
create policy photo_own on photo using (
    office_id = any ((select acting_offices())::uuid[])
    or (select acting_system()) in ('photo.read', 'track.read', 'inspection.submit', 'demo'));
create policy photo_submitted on photo for select using (submitted_at is not null and office_is_below(office_id));
create policy photo_assigned on photo using (
    uploaded_by = (select acting_account()) and assigned(office_id, line_id));
create policy photo_unassigned on photo as restrictive using (
    not (select acting_by_assignment()) or uploaded_by = (select acting_account()) and assigned(office_id, line_id));
revoke delete on photo from fangyu_app;

-- Who reads photos must know which markers they may show, as who reads tracks.
alter policy withheld_read on withheld using (
    (select acting_system()) in ('command', 'import', 'name.approve')
    or (select acting_system()) in ('track.read', 'photo.read') and noun = 'marker'
    or case when line_id is null then division_covers((select acting_bureau()), division_id) else line_is_ours(line_id) end);

-- The history of a photo is read by whom the photo is, as that of a track.
create or replace function entry_is_open(subject text, verb text, after jsonb) returns boolean language sql stable as $$
    select case
        when subject ~ '^inspection/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            (verb <> 'fill-form' or coalesce((after ->> 'submit')::boolean, false))
            and exists (select from inspection i where i.id = substr(subject, 12)::uuid)
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid
                    and (f.office_id = any (acting_offices()) or coalesce((after ->> 'submit')::boolean, false)))
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid)
        when subject ~ '^photo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from photo p where p.id = substr(subject, 7)::uuid)
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid)
        else false end
$$;
create or replace function subject_is_ours(subject text) returns boolean language sql stable as $$
    select case
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid and t.office_id = any (acting_offices()))
        when subject ~ '^photo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from photo p where p.id = substr(subject, 7)::uuid and p.office_id = any (acting_offices()))
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid and f.office_id = any (acting_offices()))
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid and c.office_id = any (acting_offices()))
        else false end
$$;
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|track|photo|claim|submission)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
alter policy journal_commissioned on journal using (
    (select acting_office()) is not null and subject ~ '^(track|photo|marker-form|claim)/' and subject_is_ours(subject));
