-- What both sides confirmed and have not signed goes back to its own side when one of them asks for it: until then a mistake that
-- somebody finds could only be signed and returned. And what is approved is what both sides still stand by: the confirmations are
-- counted when an agreement is signed and becomes law, not only when it is confirmed. A confirmation is void once its agreement went
-- back, and not before.

create or replace function guard_agreement() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.line_id, new.party, new.written_by, new.created_at)
          is distinct from (old.id, old.office_id, old.line_id, old.party, old.written_by, old.created_at)
       or (old.state <> 'draft' or new.state <> 'draft')
          and (not st_orderingequals(new.geom, old.geom)
               or (new.over_version, new.geometry_given, new.length_m, new.departs_m, new.departs_at_most_m, new.course, new.published_length_m, new.published_source)
                  is distinct from (old.over_version, old.geometry_given, old.length_m, old.departs_m, old.departs_at_most_m, old.course, old.published_length_m, old.published_source)
               or (new.original_datum, new.original_projection, new.original_coordinates, new.segments, new.content_sha256)
                  is distinct from (old.original_datum, old.original_projection, old.original_coordinates, old.segments, old.content_sha256))
       or new.state = old.state and (new.state in ('in-force', 'withdrawn') or new.document_id is distinct from old.document_id)
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'proposed'), ('draft', 'withdrawn'), ('proposed', 'draft'), ('proposed', 'confirmed'), ('proposed', 'withdrawn'),
              ('confirmed', 'draft'), ('confirmed', 'signed'), ('signed', 'in-force'), ('signed', 'draft'))
       or new.state <> old.state and new.state in ('confirmed', 'signed', 'in-force')
          and (select count(*) from agreement_confirmation c
               where c.agreement_id = new.id and c.voided_at is null and c.content_sha256 = new.content_sha256) < 2 then
        raise exception 'an agreement keeps what it says and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create or replace function guard_confirmation() returns trigger language plpgsql as $$
begin
    if old.voided_at is not null or new.voided_at is null
       or not exists (select from agreement a where a.id = new.agreement_id and a.state in ('draft', 'withdrawn')) then
        raise exception 'a confirmation stands until its agreement goes back, and does not come back' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

drop policy agreement_hand_back on agreement;
create policy agreement_hand_back on agreement for update using ((select acting_system()) = 'agreement' and state in ('proposed', 'confirmed', 'signed'))
    with check ((select acting_system()) = 'agreement' and state = 'draft');
