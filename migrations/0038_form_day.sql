-- A form says where a name is by the versions of divisions of the day on which it was made. When another version begins, the forms
-- of what lies there are due again; nothing is written on that day that could say so.
alter table name_form add made_on date not null default today();
