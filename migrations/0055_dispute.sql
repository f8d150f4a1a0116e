-- Disputed segments of boundary lines (争议地段). Both sides and the bureau above them know of a case, and nobody else.
-- 《行政区域边界争议处理条例》第三条：由双方协商解决，协商不成的由共同的上级决定.

-- Whether the acting office is a bureau above both sides of the line.
create function line_is_below(line uuid) returns boolean language sql stable as $$
    select exists (
        select from line l where l.id = line_is_below.line
          and division_covers(acting_bureau(), l.party_a) and division_covers(acting_bureau(), l.party_b)
          and not division_heir(acting_bureau(), l.party_a) and not division_heir(acting_bureau(), l.party_b))
$$;

-- A version that is not law is disputed while a case is open on its line, and goes back to what it was.
alter table line_version add column before_dispute text check (before_dispute in ('reference', 'in-demarcation'));
alter table line_version add constraint line_version_disputed check ((legal_status = 'disputed') = (before_dispute is not null));

-- What an agreement settles: part of what both sides confirm.
alter table agreement add column settles uuid[] not null default '{}';
create or replace function guard_agreement_ends() returns trigger language plpgsql as $$
begin
    if (new.snapped, new.moves_nodes, new.settles) is distinct from (old.snapped, old.moves_nodes, old.settles) and (old.state <> 'draft' or new.state <> 'draft') then
        raise exception 'an agreement keeps what it says' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create table dispute (
    id               uuid primary key,
    line_id          uuid not null references line,        -- on which it lies today
    number           text not null,
    office_id        uuid not null references office,      -- that opened it
    text             text not null check (text <> ''),
    document_id      uuid references document,
    opened_on        date not null,
    part_of          uuid references dispute,              -- that a change of divisions parted it from
    state            text not null check (state in ('open', 'settled', 'withdrawn')),
    closed_on        date,
    decision_id      uuid references document,             -- of the bureau above; the approval, of an agreement
    agreement_id     uuid references agreement,            -- by which it is settled
    line_version_id  uuid references line_version,         -- that the decision names; null: it leaves the line as it is
    reason           text check (reason <> ''),
    version          int not null default 1,
    written_by       uuid not null references account,
    created_at       timestamptz not null,
    check ((state = 'open') = (closed_on is null)),
    check ((state = 'settled') = (decision_id is not null)),
    check (state = 'settled' or agreement_id is null and line_version_id is null),
    check ((state = 'withdrawn') = (reason is not null))
);
create index dispute_line on dispute (line_id);

-- Where it runs, by chainage: as it was registered (n = 1), and carried to every later version of the line.
create table dispute_interval (
    dispute_id       uuid not null references dispute,
    n                int not null check (n >= 1),
    line_version_id  uuid not null references line_version,
    whole            boolean not null,                     -- from one end of the line to the other
    from_m           double precision not null check (from_m >= 0),
    to_m             double precision not null check (to_m > from_m),
    primary key (dispute_id, n),
    unique (dispute_id, line_version_id)
);
create index dispute_interval_version on dispute_interval (line_version_id);
create trigger dispute_interval_kept before update or delete on dispute_interval for each row execute function refuse_change();

create table dispute_minute (
    id           uuid primary key,
    dispute_id   uuid not null references dispute,
    office_id    uuid not null references office,
    account_id   uuid not null references account,
    note         text not null check (note <> ''),
    document_id  uuid not null references document,
    recorded_at  timestamptz not null
);
create index dispute_minute_dispute on dispute_minute (dispute_id);
create trigger dispute_minute_kept before update or delete on dispute_minute for each row execute function refuse_change();

-- A case keeps what it says and is closed once: by the bureau above both sides, or taken back by who opened it while both sides have
-- not signed what settles it. Only the system carries it to another line.
create function guard_dispute() returns trigger language plpgsql as $$
begin
    if (new.id, new.number, new.office_id, new.text, new.document_id, new.opened_on, new.part_of, new.written_by, new.created_at)
          is distinct from (old.id, old.number, old.office_id, old.text, old.document_id, old.opened_on, old.part_of, old.written_by, old.created_at)
       or old.state <> 'open'
       or new.line_id <> old.line_id and acting_system() <> 'dispute'
       or new.state = 'settled' and not line_is_below(new.line_id)
       or new.state = 'withdrawn'
          and (not new.office_id = any (acting_offices())
               or exists (select from agreement a where a.line_id = new.line_id and a.state = 'signed' and new.id = any (a.settles))) then
        raise exception 'a dispute keeps what it says and is closed once' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger dispute_guarded before update on dispute for each row execute function guard_dispute();

alter table dispute enable row level security;
alter table dispute force row level security;
create policy dispute_read on dispute for select using (not (select acting_by_assignment()) and line_is_ours(line_id));
create policy dispute_opened on dispute for insert with check (
    state = 'open' and part_of is null and office_id = (select acting_office()) and written_by = (select acting_account())
    and not (select acting_by_assignment()) and line_is_ours(line_id));
create policy dispute_joint on dispute for update using (
    state = 'open' and not (select acting_by_assignment()) and line_is_ours(line_id))
    with check (not (select acting_by_assignment()) and line_is_ours(line_id));
-- Whoever makes another version of a line, or other lines of it, need not know of its disputes: the system carries them along.
create policy dispute_carried_read on dispute for select using ((select acting_system()) = 'dispute');
create policy dispute_carried on dispute for update using ((select acting_system()) = 'dispute' and state = 'open')
    with check ((select acting_system()) = 'dispute' and state = 'open');
create policy dispute_parted on dispute for insert with check ((select acting_system()) = 'dispute' and state = 'open' and part_of is not null);
revoke delete on dispute from fangyu_app;

alter table dispute_interval enable row level security;
alter table dispute_interval force row level security;
create policy interval_read on dispute_interval for select using (exists (select from dispute d where d.id = dispute_id));
create policy interval_registered on dispute_interval for insert with check (
    n = 1 and exists (select from dispute d where d.id = dispute_id and d.state = 'open' and d.office_id = (select acting_office())));
create policy interval_carried on dispute_interval for insert with check ((select acting_system()) = 'dispute');
revoke update, delete on dispute_interval from fangyu_app;

alter table dispute_minute enable row level security;
alter table dispute_minute force row level security;
create policy minute_read on dispute_minute for select using (exists (select from dispute d where d.id = dispute_id));
create policy minute_written on dispute_minute for insert with check (
    office_id = (select acting_office()) and account_id = (select acting_account())
    and exists (select from dispute d where d.id = dispute_id and d.state = 'open'));
revoke update, delete on dispute_minute from fangyu_app;

-- Its history is for whoever reads it.
create or replace function entry_is_open(subject text, verb text, after jsonb) returns boolean language sql stable as $$
    select case
        when subject ~ '^inspection/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            (verb <> 'fill-form' or coalesce((after ->> 'submit')::boolean, false))
            and exists (select from inspection i where i.id = substr(subject, 12)::uuid)
        when subject ~ '^marker-form/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_form f where f.id = substr(subject, 13)::uuid
                    and (f.office_id = any (acting_offices()) or coalesce((after ->> 'submit')::boolean, false)))
        when subject ~ '^stretch/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from stretch s where s.id = substr(subject, 9)::uuid)
        when subject ~ '^track/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from track t where t.id = substr(subject, 7)::uuid)
        when subject ~ '^photo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from photo p where p.id = substr(subject, 7)::uuid)
        when subject ~ '^claim/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from claim c where c.id = substr(subject, 7)::uuid)
        when subject ~ '^agreement/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from agreement a where a.id = substr(subject, 11)::uuid)
        when subject ~ '^marker-work/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_work w where w.id = substr(subject, 13)::uuid)
        when subject ~ '^marker-change/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from marker_change c where c.id = substr(subject, 15)::uuid)
        when subject ~ '^dispute/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
            exists (select from dispute d where d.id = substr(subject, 9)::uuid)
        else false end
$$;
alter policy journal_shared on journal using (
    (select acting_office()) is not null and subject ~ '^(inspection|marker-form|marker-work|marker-change|stretch|agreement|dispute)/' and entry_is_open(subject, verb, after));
alter policy journal_open on journal using (
    (select acting_system()) <> '' or subject !~ '^(inspection|marker-form|marker-work|marker-change|stretch|track|photo|claim|submission|agreement|dispute)/'
    or office = any ((select acting_offices())::uuid[]) or entry_is_open(subject, verb, after));
