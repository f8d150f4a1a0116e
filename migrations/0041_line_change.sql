-- What a change of divisions made of lines. A line is the legal object between two divisions: when one of them becomes another,
-- the line ends and passes into that of those who follow, and no history is cut.

create table line_event (
    id          uuid primary key,
    line_id     uuid not null references line,
    approval_id uuid not null references division_approval,
    kind        text not null check (kind in ('begin', 'go-on', 'pass', 'end', 'stay')),
    to_settle   boolean not null, -- who has which stretch must be settled on the ground
    on_day      date not null,
    document_id uuid not null references document,
    recorded_at timestamptz not null,
    unique (line_id, approval_id)
);

create table line_link (
    predecessor_id uuid not null references line,
    successor_id   uuid not null references line,
    approval_id    uuid not null references division_approval,
    on_day         date not null,
    primary key (predecessor_id, successor_id, approval_id),
    check (predecessor_id <> successor_id)
);
create index line_link_successor on line_link (successor_id);

-- Markers that came from one line to another, withheld ones too: who may not know of a marker does not read its way.
create table marker_handover (
    marker_id   uuid not null references marker_identity,
    from_line   uuid not null references line,
    to_line     uuid not null references line,
    approval_id uuid not null references division_approval,
    on_day      date not null,
    primary key (marker_id, approval_id)
);

create trigger line_event_kept before update or delete on line_event for each row execute function refuse_change();
create trigger line_link_kept before update or delete on line_link for each row execute function refuse_change();
create trigger marker_handover_kept before update or delete on marker_handover for each row execute function refuse_change();

alter table marker_handover enable row level security;
alter table marker_handover force row level security;
create policy marker_handover_read on marker_handover for select using (exists (select from known_marker m where m.id = marker_id));
create policy marker_handover_write on marker_handover for insert with check ((select acting_system()) = 'office.succession');

revoke update, delete on line_event, line_link, marker_handover from fangyu_app;

-- Hands the withheld markers of a line that ends over to the line it passes into. Who changes divisions does not read them: only
-- this function does.
create policy withheld_handed_read on withheld for select to fangyu_owner using (noun = 'marker' and (select acting_system()) = 'office.succession');
create policy withheld_handed on withheld for update to fangyu_owner
    using (noun = 'marker' and (select acting_system()) = 'office.succession') with check (noun = 'marker');

create function hand_over_withheld(former uuid, heir uuid, approval uuid, day date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into marker_handover select w.id, former, heir, approval, day from withheld w where w.noun = 'marker' and w.line_id = former;
    update withheld set line_id = heir, rows = jsonb_set(rows, '{marker,line_id}', to_jsonb(heir)) where noun = 'marker' and line_id = former;
end $$;
