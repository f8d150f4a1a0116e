-- Readings (读音): a reading that a named role approved, on a paper and for one place; the order of a printed gazetteer; and the
-- standard names whose reading nobody has settled, to be listed.

alter table place_name
    add column sort_key            text,                        -- order by sound, tone and strokes; null for rows from before
    add column reading_document_id uuid references document,    -- what an approved reading rests on
    add column reading_approved_by text,                        -- the office
    add constraint place_name_reading_cited check (reading_status <> 'approved' or reading_document_id is not null and reading_approved_by is not null);

create index place_name_unread on place_name (place_id)
    where reading_status = 'unverified' and kind = 'standard' and language = 'zh' and upper_inf(valid);
