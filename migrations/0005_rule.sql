-- Naming rules are data: dated packs of rows, each with its clause.

create table rule_pack (
    id     text primary key check (id ~ '^[a-z0-9-]+$'),
    title  text not null,
    valid  daterange not null
);

create table rule (
    pack_id    text not null references rule_pack,
    id         text not null,               -- N9.8-street-duplicate
    clause     text not null,               -- 《地名管理条例》第九条第一款第（八）项
    strength   text not null check (strength in ('shall', 'should')),
    category   text not null,               -- of the place named
    compare    text not null check (compare in ('name', 'sound')),
    scope      text not null check (scope in ('nation', 'province', 'county', 'built-up-area')),
    against    text[] not null,             -- categories compared with
    level      text[],                      -- division levels the rule is about, null: any
    severity   text not null check (severity in ('block', 'review', 'warning', 'info')),
    confirmed  boolean not null,            -- read from its text; an unconfirmed rule never blocks
    params     jsonb not null default '{}',
    primary key (pack_id, id),
    check (confirmed or severity <> 'block')
);
