-- The day on which a declared stretch was viewed or its picture checked, so that the coverage of a line can be told by day.
-- Those declared before it was asked for have none.
alter table stretch add column checked_on date;
