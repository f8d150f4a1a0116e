-- What one side of a line holds and can show for it (主张). It is nobody's but its own until it is sent to the bureau above
-- both; the other side reads it once both sides' claims were exchanged (《行政区域边界争议处理条例》第十一条、第十二条).

create table claim (
    id              uuid primary key,
    office_id       uuid not null references office,
    line_id         uuid not null references line,
    party           uuid not null references division,  -- the side of the line it speaks for
    title           text not null check (title <> ''),
    text            text not null,
    evidence_class  text not null check (evidence_class in ('basis', 'reference', 'inadmissible')),  -- 第七条、第八条、第九条
    documents       jsonb not null default '[]',        -- [{title, number, issuedBy, issuedOn}]; kept here, behind the wall
    from_m          double precision not null check (from_m >= 0),
    to_m            double precision not null check (to_m > from_m),
    state           text not null check (state in ('draft', 'sent', 'exchanged', 'withdrawn')),
    version         int not null default 1,
    written_by      uuid not null references account,
    created_at      timestamptz not null,
    sent_at         timestamptz
);
create index claim_office on claim (office_id);
create index claim_line on claim (line_id);

-- What was sent does not change.
create function refuse_claim_change() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.line_id, new.party) is distinct from (old.id, old.office_id, old.line_id, old.party)
       or old.state <> 'draft'
          and (new.title, new.text, new.evidence_class, new.documents, new.from_m, new.to_m)
              is distinct from (old.title, old.text, old.evidence_class, old.documents, old.from_m, old.to_m) then
        raise exception 'a claim keeps what it says once it was sent' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger claim_fixed before update on claim for each row execute function refuse_claim_change();

alter table claim enable row level security;
alter table claim force row level security;
create policy claim_own on claim using (
    office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment()))
    with check (office_id = any ((select acting_offices())::uuid[]) and not (select acting_by_assignment())
                and division_heir((select acting_bureau()), party) and state <> 'exchanged');
create policy claim_sent on claim for select using (
    state in ('sent', 'exchanged') and not (select acting_by_assignment()) and office_is_below(office_id) and line_is_ours(line_id));
create policy claim_exchanged on claim for select using (
    state = 'exchanged' and not (select acting_by_assignment()) and line_is_ours(line_id));
create policy claim_exchange on claim for update using (
    state = 'sent' and not (select acting_by_assignment()) and office_is_below(office_id) and line_is_ours(line_id))
    with check (state = 'exchanged' and not (select acting_by_assignment()) and office_is_below(office_id) and line_is_ours(line_id));
revoke delete on claim from fangyu_app;
