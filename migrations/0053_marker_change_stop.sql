-- A case that was approved can be given up by who approved it: a developer who gives up, a survey that one side never confirms, or a
-- line that ended would else keep its marker from every further case.

create or replace function guard_marker_change() returns trigger language plpgsql as $$
begin
    if (new.id, new.office_id, new.kind, new.marker_id, new.line_id, new.lines, new.party, new.parties, new.written_by, new.created_at, new.applicant, new.reason,
        new.number, new.stone, new.type, new.proposed::bytea, new.content_sha256)
          is distinct from (old.id, old.office_id, old.kind, old.marker_id, old.line_id, old.lines, old.party, old.parties, old.written_by, old.created_at, old.applicant,
                            old.reason, old.number, old.stone, old.type, old.proposed::bytea, old.content_sha256)
       or (new.surveyed::bytea, new.sigma_m, new.method, new.surveyed_on, new.survey_sha256)
          is distinct from (old.surveyed::bytea, old.sigma_m, old.method, old.surveyed_on, old.survey_sha256) and (old.state <> 'approved' or new.state <> 'approved')
       or new.approval_id is distinct from old.approval_id and not (old.state = 'agreed' and new.state = 'approved')
       or new.archive_id is distinct from old.archive_id and new.state <> 'placed'
       or (new.filing_id, new.valid_from) is distinct from (old.filing_id, old.valid_from) and new.state <> 'filed'
       or new.state = old.state and new.state in ('filed', 'declined', 'withdrawn')
       or new.state <> old.state and (old.state, new.state) not in (
              ('draft', 'applied'), ('draft', 'withdrawn'), ('applied', 'agreed'), ('applied', 'declined'), ('applied', 'withdrawn'), ('agreed', 'approved'),
              ('agreed', 'declined'), ('approved', 'declined'), ('surveyed', 'declined'), ('placed', 'declined'), ('approved', 'surveyed'), ('surveyed', 'placed'), ('placed', 'filed'))
          and not (new.kind = 'retirement' and old.state = 'approved' and new.state = 'placed')
       or new.state in ('agreed', 'approved', 'surveyed', 'placed', 'filed') and not every_side_confirmed(new.id, 'agree', new.parties, new.content_sha256)
       or new.state in ('surveyed', 'placed', 'filed') and new.kind <> 'retirement' and not every_side_confirmed(new.id, 'survey', new.parties, new.survey_sha256)
       or new.state <> old.state and new.state = 'approved' and not office_is_below(new.office_id) then
        raise exception 'a case of a marker keeps what was applied for and goes on by its steps' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
