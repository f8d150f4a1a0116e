-- The rule book: packs as they were written, state by state, and the words of libraries by where and when they count. The rules of a pack
-- are read from its text. What was adopted (发布) stays as it is; another day's rules are another pack, or a last day.

drop table rule;
alter table rule_pack
    drop column source,
    drop column comparison,
    drop column includes,
    drop column without,
    drop column valid,
    add column state       text not null default 'adopted' check (state in ('draft', 'adopted', 'withdrawn')),
    add column version     int not null default 0,         -- 0: its text comes with the program, at the next start
    add column ended       date,                           -- the first day on which it holds no more, where that was said after its adoption
    add column office_id   uuid references office,         -- that drafted it; null: whoever runs the system
    add column document_id uuid references document;       -- the paper it was adopted by

-- Each state of the text of a pack.
create table rule_pack_revision (
    pack_id      text not null references rule_pack,
    n            int not null check (n >= 1),
    text         text not null,                            -- YAML, without the words of its libraries
    account_id   uuid references account,                  -- null: whoever runs the system
    recorded_at  timestamptz not null,
    primary key (pack_id, n)
);

-- Words count where the leading digits of the division code are these; '' everywhere. A library is of words that are barred or limited
-- (禁限用字词库), or of words to name with (采词库).
alter table word_library
    add column kind      text not null default 'limited' check (kind in ('limited', 'source')),
    add column region    text not null default '' check (region ~ '^[0-9]*$'),
    add column version   int not null default 1,
    add column office_id uuid references office;
alter table library_word
    add column region     text not null default '' check (region ~ '^[0-9]*$'),
    add column account_id uuid references account,
    drop constraint library_word_once,
    add constraint library_word_once exclude using gist (library_id with =, text with =, region with =, valid with &&);

-- Another stamp after each change, by which whoever keeps the book in memory sees that it is old. It is never one that was before.
create table rule_book (
    only_one  boolean primary key default true check (only_one),
    stamp     uuid not null
);
insert into rule_book (stamp) values (gen_random_uuid());
create function stamp_rule_book() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update rule_book set stamp = gen_random_uuid();
    return null;
end $$;
create trigger rule_pack_stamped after insert or update on rule_pack for each statement execute function stamp_rule_book();
create trigger rule_pack_revision_stamped after insert on rule_pack_revision for each statement execute function stamp_rule_book();
create trigger word_library_stamped after insert or update on word_library for each statement execute function stamp_rule_book();
create trigger library_word_stamped after insert or update on library_word for each statement execute function stamp_rule_book();
revoke insert, update, delete on rule_book from fangyu_app;

-- What was adopted stays: of a pack only its last day is said later, once; of a word too. Drafts change by new states of their text.
create function keep_rule_pack() returns trigger language plpgsql as $$
begin
    if old.state = 'withdrawn'
       or old.state = 'adopted' and old.version > 0
          and (new.state <> 'adopted' or old.ended is not null or new.ended is null or new.ended <= today()
               or (new.id, new.title, new.region, new.office_id, new.document_id) is distinct from (old.id, old.title, old.region, old.office_id, old.document_id))
       or new.version <= old.version then
        raise exception 'rule pack % stays as it was adopted', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger rule_pack_kept before update on rule_pack for each row execute function keep_rule_pack();
create function keep_revision() returns trigger language plpgsql as $$
begin
    if not exists (select from rule_pack p where p.id = new.pack_id and (p.state = 'draft' or p.version = 0)) then
        raise exception 'rule pack % stays as it was adopted', new.pack_id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger rule_pack_revision_draft before insert on rule_pack_revision for each row execute function keep_revision();
create trigger rule_pack_revision_kept before update or delete on rule_pack_revision for each row execute function refuse_change();
create function keep_word() returns trigger language plpgsql as $$
begin
    if not upper_inf(old.valid) or upper_inf(new.valid) or upper(new.valid) <= lower(old.valid) or upper(new.valid) < today()
       or (to_jsonb(new) - 'valid') <> (to_jsonb(old) - 'valid') or lower(new.valid) is distinct from lower(old.valid) then
        raise exception 'the word % stays as it counted', old.text using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger library_word_kept before update on library_word for each row execute function keep_word();
create function keep_library() returns trigger language plpgsql as $$
begin
    if new.version <> old.version + 1 or (to_jsonb(new) - 'version') <> (to_jsonb(old) - 'version') then
        raise exception 'the library % stays as it was made', old.id using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger word_library_kept before update on word_library for each row execute function keep_library();
revoke delete on rule_pack, word_library, library_word from fangyu_app;
revoke update, delete on rule_pack_revision from fangyu_app;

-- Who may: civil-affairs bureaus where their codes lie, in the name of the acting office; and whoever runs the system.
create function acting_region() returns text language sql stable as $$
    select nullif(regexp_replace(c.code, '(00)+$', ''), '') from division_code c
    where c.division_id = acting_grader() and c.system in ('gbt2260', 'gbt10114') and c.valid @> today() order by c.code limit 1
$$;
create function keeps_rules_of(region text) returns boolean language sql stable as $$
    select (select acting_system()) <> '' or coalesce(starts_with(region, (select acting_region())), false)
        and not (select acting_by_assignment())
        and exists (select from account_role r where r.account_id = (select acting_account()) and r.role in ('clerk', 'approver'))
$$;
create function keeps_words_of(library text, region text) returns boolean language sql stable as $$
    select keeps_rules_of(coalesce(nullif(region, ''), (select l.region from word_library l where l.id = library)))
$$;
alter table rule_pack enable row level security;
alter table rule_pack force row level security;
create policy rule_pack_read on rule_pack for select using (true);
create policy rule_pack_add on rule_pack for insert with check (keeps_rules_of(region) and office_id is not distinct from (select acting_office()));
create policy rule_pack_change on rule_pack for update using (keeps_rules_of(region)) with check (keeps_rules_of(region));
alter table rule_pack_revision enable row level security;
alter table rule_pack_revision force row level security;
create policy rule_pack_revision_read on rule_pack_revision for select using (true);
create policy rule_pack_revision_add on rule_pack_revision for insert with check (
    account_id is not distinct from (select acting_account()) and exists (select from rule_pack p where p.id = pack_id and keeps_rules_of(p.region)));
alter table word_library enable row level security;
alter table word_library force row level security;
create policy word_library_read on word_library for select using (true);
create policy word_library_add on word_library for insert with check (keeps_rules_of(region) and office_id is not distinct from (select acting_office()));
create policy word_library_change on word_library for update using (keeps_rules_of(region) or starts_with((select acting_region()), region));
alter table library_word enable row level security;
alter table library_word force row level security;
create policy library_word_read on library_word for select using (true);
create policy library_word_add on library_word for insert with check (keeps_words_of(library_id, region) and account_id is not distinct from (select acting_account()));
create policy library_word_end on library_word for update using (keeps_words_of(library_id, region));

-- What became of the rules and words is for everybody who signs in, as they are.
create policy journal_rules on journal for select using ((select acting_account()) is not null and (starts_with(subject, 'rule-pack/') or starts_with(subject, 'word-library/')));
