-- What a place is, finer than the items of the law: classes as data, under one of the statutory categories or, where a class
-- belongs to several of them, under none. What is from memory of a standard is marked so until somebody has held it against the text.
create table place_class (
    code      text primary key check (code <> ''),
    system    text not null check (system in ('gb18521', 'cq-2022')),
    name      text not null check (name <> ''),
    parent    text references place_class,
    category  text check (category in ('natural', 'division', 'village-committee', 'natural-village', 'park', 'street', 'residential-building', 'facility', 'other')),
    census    text,                  -- the working class of the second national census of place names (第二次全国地名普查)
    same_as   text references place_class,  -- the class of GB/T 18521 that a provincial one comes under
    verified  boolean not null,      -- held against a text; false: from memory
    source    text not null check (source <> '')
);

insert into place_class (code, system, name, parent, category, census, same_as, verified, source) values
    ('10000', 'gb18521', '自然地理实体', null, 'natural', null, null, false, 'GB/T 18521-2001'),
    ('11000', 'gb18521', '海域', '10000', 'natural', '海域', null, false, 'GB/T 18521-2001'),
    ('12000', 'gb18521', '陆地水系', '10000', 'natural', '陆地水系', null, false, 'GB/T 18521-2001'),
    ('13000', 'gb18521', '陆地地形', '10000', 'natural', '陆地地形', null, false, 'GB/T 18521-2001'),
    ('20000', 'gb18521', '人文地理实体', null, null, null, null, false, 'GB/T 18521-2001'),
    ('21000', 'gb18521', '行政区域及其他区域', '20000', null, null, null, false, 'GB/T 18521-2001'),
    ('21200', 'gb18521', '省级行政区域', '21000', 'division', '行政区域', null, true, '国家地名信息库所用代码'),
    ('21300', 'gb18521', '地级行政区域', '21000', 'division', '行政区域', null, true, '国家地名信息库所用代码'),
    ('21400', 'gb18521', '县级行政区域', '21000', 'division', '行政区域', null, true, '国家地名信息库所用代码'),
    ('21500', 'gb18521', '乡级行政区域', '21000', 'division', '行政区域', null, true, '国家地名信息库所用代码'),
    ('21600', 'gb18521', '群众自治组织', '21000', 'village-committee', '群众自治组织', null, false, 'GB/T 18521-2001'),
    ('21610', 'gb18521', '村民委员会', '21600', 'village-committee', '群众自治组织', null, false, 'GB/T 18521-2001'),
    ('21620', 'gb18521', '社区居民委员会', '21600', 'village-committee', '群众自治组织', null, true, '国家地名信息库所用代码'),
    ('21700', 'gb18521', '非行政区域', '21000', 'other', '非行政区域', null, false, 'GB/T 18521-2001'),
    ('21770', 'gb18521', '区片', '21700', 'other', '非行政区域', null, true, '国家地名信息库所用代码'),
    ('22000', 'gb18521', '居民点', '20000', null, '居民点', null, false, 'GB/T 18521-2001'),
    ('22100', 'gb18521', '城镇居民点', '22000', 'residential-building', '居民点', null, false, 'GB/T 18521-2001'),
    ('22200', 'gb18521', '农村居民点', '22000', 'natural-village', '居民点', null, true, '国家地名信息库所用代码'),
    ('23000', 'gb18521', '交通运输设施', '20000', null, '交通运输设施', null, false, 'GB/T 18521-2001'),
    ('24000', 'gb18521', '水利、电力、通信设施', '20000', 'facility', '水利电力通信设施', null, false, 'GB/T 18521-2001'),
    ('25000', 'gb18521', '纪念地、旅游景点', '20000', null, '纪念地旅游景点', null, false, 'GB/T 18521-2001'),
    ('26000', 'gb18521', '建筑物', '20000', null, '建筑物', null, false, 'GB/T 18521-2001'),
    ('26100', 'gb18521', '房屋', '26000', 'residential-building', '建筑物', null, false, 'GB/T 18521-2001'),
    ('26210', 'gb18521', '亭', '26000', 'other', '建筑物', null, true, '国家地名信息库所用代码'),
    ('26220', 'gb18521', '台', '26000', 'other', '建筑物', null, true, '国家地名信息库所用代码'),
    ('26230', 'gb18521', '碑', '26000', 'other', '建筑物', null, true, '国家地名信息库所用代码'),
    ('26240', 'gb18521', '塔', '26000', 'other', '建筑物', null, true, '国家地名信息库所用代码'),
    ('26290', 'gb18521', '其他独立建筑物', '26000', 'other', '建筑物', null, true, '国家地名信息库所用代码'),
    ('26300', 'gb18521', '广场、体育场', '26000', null, '建筑物', null, false, 'GB/T 18521-2001'),
    ('27000', 'gb18521', '单位', '20000', 'other', '单位', null, false, 'GB/T 18521-2001'),
    ('27100', 'gb18521', '党政机关', '27000', 'other', '单位', null, true, '国家地名信息库所用代码'),
    ('27400', 'gb18521', '企业', '27000', 'other', '单位', null, true, '国家地名信息库所用代码'),
    ('cq-market-town', 'cq-2022', '集镇', null, 'natural-village', null, '22200', true, '《重庆市地名管理条例》第三条'),
    ('cq-natural-village', 'cq-2022', '自然村（寨）', null, 'natural-village', null, '22200', true, '《重庆市地名管理条例》第三条'),
    ('cq-square', 'cq-2022', '广场', null, 'park', null, '26300', true, '《重庆市地名管理条例》第三条'),
    ('cq-zone', 'cq-2022', '开发区、园区', null, 'other', null, '21700', true, '《重庆市地名管理条例》第三条');

alter table place add class text references place_class;

-- What was recorded of a place itself before a correction: what it is, where it is, how that is known.
create table place_correction (
    id            uuid primary key,
    place_id      uuid not null references place_identity,
    was           jsonb not null,            -- the row of place without its geometry
    geom          geometry(Geometry, 4490),  -- that
    moved         boolean not null,          -- the correction changed it
    recorded_at   timestamptz not null,      -- since when it was so recorded
    corrected_at  timestamptz not null check (corrected_at >= recorded_at),
    corrected_by  text not null,             -- account id, or system:<name>
    office_id     uuid references office,
    reason        text not null check (reason <> ''),
    document_id   uuid not null references document
);
create index place_correction_place on place_correction (place_id);
create trigger place_correction_append_only before update or delete on place_correction for each row execute function refuse_change();
create trigger place_correction_no_truncate before truncate on place_correction for each statement execute function refuse_change();
revoke update, delete on place_correction from fangyu_app;

-- It is read with the place, as corrections of its names are.
alter table place_correction enable row level security;
alter table place_correction force row level security;
create policy place_correction_read on place_correction for select using (
    not subject_is_withheld('place/' || place_id) or exists (select from withheld w where w.id = place_id));
create policy place_correction_write on place_correction for insert with check (office_id is not distinct from (select acting_office()));
