-- Names as searches see them: a form for each name that is published, and the characters and pairs of characters in it. What
-- they hold is computed by the program (gazetteer.NewSearchForm), so a form is made when its name is due: triggers say so,
-- and the transaction that wrote the name makes it (gazsql). What is there already is due from the start.

create table name_form (
    name_id    uuid primary key references place_name on delete cascade,
    place_id   uuid not null,
    kind       text not null,               -- that of the name: standard, former …
    name       text not null,               -- as it is written
    text       text collate "C" not null,   -- folded
    pinyin     text collate "C" not null,   -- toneless, solid
    initials   text collate "C" not null,
    toneless   text not null,               -- as place_name has it
    rank       int not null,                -- importance, higher first; a level or a category is a span of it
    category   text not null,
    level      text not null,               -- of the division it stands for, empty for none
    within     text not null,               -- name of the division it lies in
    division   uuid,                        -- that it stands for
    path       uuid[] not null,             -- the divisions it lies in, and the one it stands for
    valid      daterange not null
);
-- Every walk in order of rank goes by one of these; there is none on rank alone, or plans would walk it hoping for matches.
create index name_form_text on name_form (text, rank desc, name_id);
create index name_form_text1 on name_form ("left"(text, 1), rank desc, name_id);
create index name_form_text2 on name_form ("left"(text, 2), rank desc, name_id);
create index name_form_pinyin on name_form (pinyin, rank desc, name_id);
create index name_form_pinyin1 on name_form ("left"(pinyin, 1), rank desc, name_id);
create index name_form_pinyin2 on name_form ("left"(pinyin, 2), rank desc, name_id);
create index name_form_pinyin3 on name_form ("left"(pinyin, 3), rank desc, name_id);
create index name_form_pinyin4 on name_form ("left"(pinyin, 4), rank desc, name_id);
create index name_form_initials on name_form (initials, rank desc, name_id);
create index name_form_initials1 on name_form ("left"(initials, 1), rank desc, name_id);
create index name_form_initials2 on name_form ("left"(initials, 2), rank desc, name_id);
create index name_form_initials3 on name_form ("left"(initials, 3), rank desc, name_id);
create index name_form_place on name_form (place_id);
create index name_form_path on name_form using gin (path);
create index name_form_trgm on name_form using gin (text gin_trgm_ops);
drop index place_name_trgm;

-- Characters and pairs of a form. No foreign key: checking millions of rows takes longer than writing them.
create table name_gram (
    gram     text collate "C" not null,
    rank     int not null,
    name_id  uuid not null
);
create index name_gram_gram on name_gram (gram, rank desc, name_id);
create index name_gram_name on name_gram (name_id);

create function forget_grams() returns trigger language plpgsql as $$
begin
    delete from name_gram g using gone where g.name_id = gone.name_id;
    return null;
end $$;
create trigger name_form_gone after delete on name_form referencing old table as gone for each statement execute function forget_grams();

-- After many forms at once the planner must know of them, or it goes by indexes that are wrong for them; analysing is the
-- owner's.
create function know_forms() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    analyze name_form, name_gram;
end $$;

-- Places whose forms are to be made anew. It has no key, so that two who write the same place do not wait for each other.
create table name_form_due (place_id uuid not null);

create function names_are_due() returns trigger language plpgsql as $$
begin
    insert into name_form_due select distinct place_id from written;
    return null;
end $$;
create trigger place_name_due_new after insert on place_name referencing new table as written for each statement execute function names_are_due();
create trigger place_name_due after update on place_name referencing new table as written for each statement execute function names_are_due();

create function place_is_due() returns trigger language plpgsql as $$
begin
    insert into name_form_due
    select n.id from new_rows n join old_rows o using (id)
    where (n.category, n.division_id, n.represents_division_id) is distinct from (o.category, o.division_id, o.represents_division_id);
    return null;
end $$;
create trigger place_due after update on place referencing old table as old_rows new table as new_rows for each statement execute function place_is_due();

-- A division that is renamed or hung elsewhere changes what is said of everything in it.
create function names_within_are_due() returns trigger language plpgsql as $$
begin
    insert into name_form_due
    with recursive below (id) as (
        select distinct w.division_id from written w where exists (select from place p where p.division_id = w.division_id)
        union
        select v.division_id from below b join division_version v on v.parent_id = b.id)
    select p.id from below b join place p on p.division_id = b.id;
    return null;
end $$;
create trigger division_version_due_new after insert on division_version referencing new table as written for each statement execute function names_within_are_due();
create trigger division_version_due after update on division_version referencing new table as written for each statement execute function names_within_are_due();

insert into name_form_due select id from place;
