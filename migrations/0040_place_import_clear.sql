-- A delete reaches only rows that may be read: those of an import that name a place withheld since stayed when it was judged
-- again, and its new rows had no room. Who clears them sees those of its office's imports for that moment.
create policy place_import_row_clear on place_import_row for select using (
    (select acting_system()) = 'import.clear' and import_id in (select id from place_import));
