-- What a device hands in at once (submission): its manifest first, then the files one by one, each as an upload that may
-- stop and go on. Recorded when the last of them lies in the vault; the receipt is given then, and never changes.

create table submission (
    account_id       uuid not null references account,
    id               uuid not null,             -- minted by the device: unique among those of its account
    office_id        uuid not null references office,       -- whose the files are
    line_id          uuid not null references line,
    inspection_id    uuid references inspection,
    receiver         text not null check (receiver in ('phone', 'handheld', 'gnss-single', 'gnss-float', 'gnss-fixed')),
    sigma_m          double precision not null check (sigma_m > 0),
    manifest_sha256  text not null check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
    declared_at      timestamptz not null,
    expires_at       timestamptz,               -- when it is given up, unless more comes; null once it is received
    received_at      timestamptz,
    receipt          jsonb,
    primary key (account_id, id),
    check ((received_at is null) = (receipt is null) and (received_at is null) = (expires_at is not null))
);
create index submission_office_open on submission (office_id) where received_at is null;
create index submission_expires on submission (expires_at) where received_at is null;

create table upload (
    id             uuid primary key,
    account_id     uuid not null,
    submission_id  uuid not null,
    number         int not null,                -- its place in the manifest, from 0
    file_name      text not null,               -- as shown: cleaned of control and path characters
    size           bigint not null check (size >= 0),
    wanted_sha256  text check (wanted_sha256 ~ '^[0-9a-f]{64}$'),   -- of the manifest; null where the device could not tell
    received       bigint not null default 0 check (received between 0 and size),   -- bytes on disk
    sha256         text check (sha256 ~ '^[0-9a-f]{64}$'),          -- found, once all bytes are there
    kind           text check (kind in ('track', 'photo')),         -- by its first bytes
    kept           boolean not null default false,                  -- an original of the vault
    track_id       uuid references track,
    foreign key (account_id, submission_id) references submission on delete cascade,
    unique (account_id, submission_id, number),
    check ((sha256 is null) = (kind is null) and (sha256 is not null or not kept))
);
create index upload_track on upload (track_id);

-- Both belong to who sends them. What was received stays as it is.
alter table submission enable row level security;
alter table submission force row level security;
create policy submission_read on submission for select using (
    account_id = (select acting_account()) or (select acting_system()) in ('track.read', 'upload.expire'));
create policy submission_declare on submission for insert with check (
    account_id = (select acting_account())
    and (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()) or assigned(office_id, line_id)));
create policy submission_receive on submission for update using (account_id = (select acting_account()) and received_at is null)
    with check (account_id = (select acting_account()));
create policy submission_drop on submission for delete using (
    received_at is null and (account_id = (select acting_account()) or (select acting_system()) = 'upload.expire'));

alter table upload enable row level security;
alter table upload force row level security;
create policy upload_read on upload for select using (
    account_id = (select acting_account()) or (select acting_system()) in ('track.read', 'upload.expire'));
create policy upload_declare on upload for insert with check (account_id = (select acting_account()));
create policy upload_take on upload for update using (
    account_id = (select acting_account())
    and exists (select from submission s where s.account_id = upload.account_id and s.id = upload.submission_id and s.received_at is null));
revoke delete on upload from fangyu_app;

-- Receipts name the files and the entry of the journal. Those given before named one file.
select set_config('fangyu.system', 'track.read', true);
update track set receipt = receipt - '{sha256,size,fileName}'::text[] || jsonb_build_object(
    'files', jsonb_build_array(jsonb_build_object('name', receipt -> 'fileName', 'size', receipt -> 'size', 'sha256', receipt -> 'sha256')))
where receipt ? 'sha256';
select set_config('fangyu.system', '', true);

-- What an office below handed in is not yet the upper bureau's to know.
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|track|claim|submission)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
