-- The end of an exclave on record: from which day, and by which document. It closes what the record says without altering it, and is
-- itself added once and never altered.

create table exclave_end (
    exclave_id  uuid primary key references exclave,
    ended_on    date not null,
    document_id uuid not null references document,
    recorded_at timestamptz not null
);

create function guard_exclave_end() returns trigger language plpgsql as $$
begin
    if exists (select from exclave e where e.id = new.exclave_id and lower(e.valid) >= new.ended_on) then
        raise exception 'an exclave ends after it began' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger exclave_end_guarded before insert on exclave_end for each row execute function guard_exclave_end();
create trigger exclave_end_kept before update or delete on exclave_end for each row execute function refuse_change();
revoke update, delete on exclave_end from fangyu_app;

-- How long each exclave on record holds.
create view exclave_span with (security_invoker = true) as
select e.id, e.division_id, e.host_id, e.geom, e.document_id, e.valid * daterange(null, x.ended_on) as valid, x.document_id as end_document_id
from exclave e left join exclave_end x on x.exclave_id = e.id;
