-- Divisions in time: what happened to them (行政区划变更), by which approval, and what each has to do with the others in it.
-- Records of a change are added and never altered; on_day is when it took effect, recorded_at when it was entered.

create table division_approval (
    id            uuid primary key,
    change        text not null unique check (change ~ '^[a-z0-9-]+$'),     -- by which the described change is known again
    sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),          -- of the description, as it was carried out
    title         text not null check (title <> ''),
    basis         text not null check (basis in ('document', 'press', 'lists', 'memory')),
    document_id   uuid not null references document,
    approved_by   text,
    approved_on   date,                     -- null: not known
    announced_on  date,
    effective_on  date not null,
    sources       text[] not null default '{}',
    note          text,
    recorded_at   timestamptz not null
);

create table division_event (
    id           uuid primary key,
    approval_id  uuid references division_approval,     -- null: told from lists, the approval was not seen
    kind         text not null check (kind in (
        'establish', 'abolish', 'rename', 'merge', 'split', 'transfer-territory', 'change-superior', 'change-type',
        'move-seat', 'change-code', 'change-rank')),
    after_day    date,                      -- it took effect later than this day, not later than on_day; null: on on_day
    on_day       date not null,
    basis        text not null check (basis in ('document', 'press', 'lists', 'memory')),
    document_id  uuid not null references document,
    recorded_at  timestamptz not null,
    check (after_day < on_day)
);
create index division_event_approval on division_event (approval_id);

-- A division that an event is about and that nothing came of or that came of nothing.
create table division_event_of (
    event_id     uuid not null references division_event,
    division_id  uuid not null references division,
    primary key (event_id, division_id)
);
create index division_event_of_division on division_event_of (division_id);

alter table division_link
    add column event_id uuid references division_event,     -- null in records from before 0031
    add column role     text not null default 'successor' check (role in ('successor', 'recipient', 'itself')),
    add column share    text not null default 'whole' check (share in ('whole', 'part'));     -- of the predecessor
create index division_link_successor on division_link (successor_id);
create index division_link_event on division_link (event_id);

alter table division_version add column seat text;      -- 驻地, as the approval words it
create index division_code_code on division_code (code);

create trigger division_approval_append_only before update or delete on division_approval for each row execute function refuse_change();
create trigger division_approval_no_truncate before truncate on division_approval for each statement execute function refuse_change();
create trigger division_event_append_only before update or delete on division_event for each row execute function refuse_change();
create trigger division_event_no_truncate before truncate on division_event for each statement execute function refuse_change();
create trigger division_event_of_append_only before update or delete on division_event_of for each row execute function refuse_change();
create trigger division_event_of_no_truncate before truncate on division_event_of for each statement execute function refuse_change();
create trigger division_link_append_only before update or delete on division_link for each row execute function refuse_change();
create trigger division_link_no_truncate before truncate on division_link for each statement execute function refuse_change();
revoke update, delete on division_approval, division_event, division_event_of, division_link from fangyu_app;

create trigger division_event_published after insert on division_event for each statement execute function notify_published();
