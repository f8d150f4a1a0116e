-- Nodes that an agreement moves together with those on the other lines that meet there: which, and where to. Both sides confirm it
-- with the rest.

alter table agreement add column moves_nodes jsonb not null default '[]';

create or replace function guard_agreement_ends() returns trigger language plpgsql as $$
begin
    if (new.snapped, new.moves_nodes) is distinct from (old.snapped, old.moves_nodes) and (old.state <> 'draft' or new.state <> 'draft') then
        raise exception 'an agreement keeps what it says' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
