-- A confirmation stands until its agreement goes back to its side, and does not come back: neither side makes valid again what
-- was void, nor voids what was signed and is law.

create function guard_confirmation() returns trigger language plpgsql as $$
begin
    if old.voided_at is not null or new.voided_at is null
       or not exists (select from agreement a where a.id = new.agreement_id and a.state in ('proposed', 'signed')) then
        raise exception 'a confirmation stands until its agreement goes back, and does not come back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger agreement_confirmation_guarded before update on agreement_confirmation for each row execute function guard_confirmation();
