-- Ends of an agreed course that were put on the node or the line they meet: where they were handed in, how far that is. Both sides
-- confirm it with the rest.

alter table agreement add column snapped jsonb not null default '[]';

create function guard_agreement_ends() returns trigger language plpgsql as $$
begin
    if new.snapped is distinct from old.snapped and (old.state <> 'draft' or new.state <> 'draft') then
        raise exception 'an agreement keeps what it says' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger agreement_ends_guarded before update on agreement for each row execute function guard_agreement_ends();
