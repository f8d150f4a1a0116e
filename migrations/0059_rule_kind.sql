-- Rules of every kind: what a rule looks at is its kind, what that takes are its parameters. Packs say where they hold and include
-- others; those for comparison are in force nowhere. Word libraries (采词库、禁限用字词库) are what rules about words rest on.

alter table rule_pack
    add column source     text not null default '',       -- where its text was seen, and how much of it
    add column region     text not null default '' check (region ~ '^[0-9]*$'), -- leading digits of the division code where it holds
    add column comparison boolean not null default false, -- in force nowhere
    add column includes   text[] not null default '{}',
    add column without    text[] not null default '{}';   -- rules of the included packs that it replaces

-- The rules of packs that were there come anew with the program.
delete from rule;
alter table rule
    drop column category,
    drop column compare,
    drop column scope,
    drop column against,
    add column n          int not null,                   -- its place in the pack
    add column kind       text not null,
    add column title      text not null,
    add column categories text[] not null,                -- of the name judged; empty: any
    add column cases      text[] not null,                -- new, rename, retire, existing; empty: all but retire
    add column valid      daterange not null check (not isempty(valid));
alter table rule alter column params drop default;

create table word_library (
    id           text primary key check (id ~ '^[a-z0-9-]+$'),
    title        text not null,
    recorded_at  timestamptz not null
);

-- A word as it counts over some days: what it was is ended, and never changed.
create table library_word (
    id           uuid primary key,
    library_id   text not null references word_library,
    text         text not null check (text <> ''),
    class        text not null default '',
    except_in    text[] not null default '{}',            -- longer words in which it does not count
    before       text[] not null default '{}',            -- it counts only right before one of these
    weighs       text not null default '' check (weighs in ('', 'block', 'review', 'warning', 'info')),
    note         text not null default '',
    valid        daterange not null check (not isempty(valid)),
    recorded_at  timestamptz not null,
    constraint library_word_once exclude using gist (library_id with =, text with =, valid with &&)
);

-- How a reading is heard where dialects tell the least apart (n l, zh z, h f, -ng -n): names that may sound alike in any of them have
-- the same. Which of them do is for the rules.
create function heard(toneless text) returns text language sql immutable strict parallel safe as $$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(toneless, '\m([zcs])h', '\1', 'g'), '\mn', 'l', 'g'), '\mh', 'f', 'g'), 'ng\M', 'n', 'g')
$$;
create index place_name_heard on place_name (heard(toneless));
