package gazsql

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// NewProposal is a naming case to make. Division is a code or an id; PlaceID is needed for rename and retire. A case of
// that ID made before is the same case; without one it is a new case.
type NewProposal struct {
	ID       uuid.UUID          `json:"-"`
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Category gazetteer.Category `json:"category"`
	Division string             `json:"division"`
	PlaceID  uuid.UUID          `json:"placeId"`
	Point    *orb.Point         `json:"point"`
	Reason   string             `json:"reason"`
	Facts    json.RawMessage    `json:"facts"`

	Statements []gazetteer.Statement `json:"statements"` // explanations of who applies, on findings that take one
}

// CreateProposal judges the name and makes the case: submitted, or refused with all findings when one of them blocks.
//
// The case is judged by all that the actor may know of; what it keeps of that is what everybody may.
//
// Errors: Anonymous, Forbidden "not-yours"; Malformed "reason-missing", "kind-unknown"; NotFound "place-unknown";
// Refused "name-blocked"; those of gazetteer.CheckFacts, gazetteer.CheckExplanations and CheckName.
func (s *Store) CreateProposal(ctx context.Context, actor gazetteer.Actor, now time.Time, in NewProposal) (gazetteer.Proposal, error) {
	var p gazetteer.Proposal
	if !actor.Has(gazetteer.Applicant, gazetteer.Clerk) {
		return p, fault.New(fault.Forbidden, "not-yours", "申报地名须有申报人或地名经办的职责")
	}
	if in.ID == uuid.Nil {
		in.ID = NewID()
	} else if made, err := s.Proposal(ctx, actor, now, in.ID); !fault.Is(err, "proposal-unknown") {
		return made, err
	}
	if strings.TrimSpace(in.Reason) == "" {
		return p, fault.New(fault.Malformed, "reason-missing", "请写明申报理由（《地名管理条例》第十一条）")
	}
	facts, err := gazetteer.ParseFacts(in.Facts)
	if err != nil {
		return p, err
	}
	if len(in.Facts) == 0 || string(in.Facts) == "null" {
		in.Facts = json.RawMessage("{}")
	}
	if err := s.completeProposal(ctx, &in); err != nil {
		return p, err
	}
	verdict, err := s.CheckName(ctx, actor, now, NameCheck{
		Kind: in.Kind, Name: in.Name, Category: in.Category, Division: in.Division, Point: in.Point, PlaceID: in.PlaceID, Facts: facts,
		Statements: explanations(in.Statements),
	})
	if err != nil {
		return p, err
	}
	if err := gazetteer.CheckExplanations(verdict.Findings, in.Statements); err != nil {
		return p, err
	}
	public := gazetteer.NewVerdict(gazetteer.Pack{ID: verdict.Pack, Title: verdict.PackTitle}, gazetteer.Publishable(verdict.Findings))
	at, err := s.chainOf(ctx, in.Division)
	if err != nil {
		return p, err
	}
	draft := gazetteer.Proposal{ID: in.ID, State: gazetteer.ProposalDraft, OfficeID: actor.OfficeID, Findings: verdict.Findings}
	submitted, err := draft.Apply(gazetteer.ProposalAction{Name: "submit"}, actor, now)
	if err != nil {
		return p, err
	}
	committee, err := s.committeeFor(ctx, now, at.id)
	if err != nil {
		return p, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into proposal (id, office_id, kind, name, category, division_id, place_id, point, reason, facts, state, version,
			                      pack_id, findings, applied_by, created_at, committee_id)
			values (@id, @office, @kind, @name, @category, @division, @place, @point, @reason, @facts, @state, @version,
			        @pack, @findings, @by, @now, @committee)`,
			pgx.StrictNamedArgs{
				"id": draft.ID, "office": actor.OfficeID, "kind": in.Kind, "name": in.Name, "category": string(in.Category),
				"division": at.id, "place": nilID(in.PlaceID), "point": in.Point, "reason": in.Reason, "facts": in.Facts,
				"state": string(submitted.State), "version": submitted.Version, "pack": public.Pack, "findings": public.Findings,
				"by": actor.AccountID, "now": now, "committee": nilID(committee),
			})
		if err != nil {
			return fmt.Errorf("make the proposal: %w", err)
		}
		err = Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "proposal/" + draft.ID.String(), Verb: "submit",
			After: map[string]any{"name": in.Name, "kind": in.Kind, "verdict": public.Verdict},
		})
		if err != nil {
			return err
		}
		for i, said := range in.Statements {
			err := insertStatement(ctx, tx, actor, now, draft.ID, i+1, gazetteer.ProposalStatement{
				ID: NewID(), Kind: gazetteer.Explanation, Rule: said.Rule, Part: said.Part, Reason: said.Reason,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	return s.Proposal(ctx, actor, now, draft.ID)
}

// explanations are statements as those of who applies.
func explanations(said []gazetteer.Statement) []gazetteer.Statement {
	said = slices.Clone(said)
	for i := range said {
		said[i].Explains, said[i].By = true, ""
	}
	return said
}

// committeeFor is the naming committee nearest above a division, uuid.Nil when there is none.
func (s *Store) committeeFor(ctx context.Context, now time.Time, division uuid.UUID) (uuid.UUID, error) {
	lineage, err := LineageOf(ctx, s.db, now, division)
	if err != nil {
		return uuid.Nil, err
	}
	var committee uuid.UUID
	err = s.db.QueryRow(ctx, `
		select o.id from unnest($1::uuid[]) with ordinality up (division, n)
		join office o on o.division_id = up.division and o.kind = 'committee' and o.valid @> $2::text::date
		order by up.n, o.id limit 1`, lineage.Up(division), beijing.Day(now)).Scan(&committee)
	if isNoRows(err) {
		err = nil
	}
	return committee, err
}

// completeProposal checks the kind and takes from the place what a rename or retirement need not repeat.
func (s *Store) completeProposal(ctx context.Context, in *NewProposal) error {
	in.Name = strings.TrimSpace(in.Name)
	switch in.Kind {
	case "new":
		if in.PlaceID != uuid.Nil {
			return fault.New(fault.Malformed, "kind-unknown", "命名（new）是为还没有名称的实体；已有地名的请用更名（rename）")
		}
		return nil
	case "rename", "retire":
	default:
		return fault.New(fault.Malformed, "kind-unknown", "不认识的申报种类“%s”：可用 new（命名）、rename（更名）、retire（销名）", in.Kind)
	}
	var division uuid.UUID
	var name string
	err := s.db.QueryRow(ctx, `
		select p.category, p.division_id, n.name
		from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)
		where p.id = $1`, in.PlaceID).Scan(&in.Category, &division, &name)
	if err != nil {
		return notFound(err, "place-unknown", "没有这个地名，或它已经销名")
	}
	in.Division = division.String()
	if in.Kind == "retire" {
		in.Name = name
	} else if in.Name == name {
		return fault.New(fault.Malformed, "name-unchanged", "新名称与现名“%s”相同", name)
	}
	return nil
}

const proposalSQL = `
	select p.id, p.kind, p.name, p.category, p.division_id, v.name, p.place_id, coalesce(n.name, ''), p.point, p.reason, p.facts,
	       p.state, p.version, p.pack_id, rp.title, p.findings, p.office_id, o.name, p.created_at, coalesce(p.accepted_on::text, ''),
	       coalesce(p.decided_on::text, ''),
	       (select count(*)::int from account_role r join account a on a.id = r.account_id and a.disabled_at is null
	        where r.role = 'committee-member' and a.office_id = p.committee_id),
	       d.id, d.title, d.number, p.committee_id, coalesce(co.name, '')
	from proposal p
	join office o on o.id = p.office_id
	join rule_pack rp on rp.id = p.pack_id
	left join office co on co.id = p.committee_id
	left join division_version v on v.division_id = p.division_id and upper_inf(v.valid)
	left join place_name n on n.place_id = p.place_id and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)
	left join document d on d.id = p.document_id`

// Proposal returns a case with its votes and the actions open to the actor. A case that is not the actor's to see is
// NotFound, as one that does not exist.
func (s *Store) Proposal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (gazetteer.Proposal, error) {
	found, err := s.proposals(ctx, actor, now, ` where p.id = $1`, id)
	if err != nil {
		return gazetteer.Proposal{}, err
	}
	if len(found) == 0 {
		return gazetteer.Proposal{}, fault.New(fault.NotFound, "proposal-unknown", "没有这件申报")
	}
	return found[0], nil
}

// Proposals lists the cases the actor may see, newest first, from before the case named (nil: from the newest).
func (s *Store) Proposals(ctx context.Context, actor gazetteer.Actor, now time.Time, before uuid.UUID, limit int) ([]gazetteer.Proposal, error) {
	return s.proposals(ctx, actor, now, ` where ($1::uuid is null or p.id < $1) order by p.id desc limit $2`, nilID(before), limit)
}

// proposals reads the cases that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) proposals(ctx context.Context, actor gazetteer.Actor, now time.Time, where string, args ...any) ([]gazetteer.Proposal, error) {
	seen := []gazetteer.Proposal{}
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, proposalSQL+where, args...)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanProposal)
		if err != nil {
			return fmt.Errorf("read proposals: %w", err)
		}
		for _, p := range all {
			if p.Lineage, err = LineageOf(ctx, tx, now, p.DivisionID); err != nil {
				return err
			}
			if !s.open && !p.ReadBy(actor) {
				continue
			}
			if p.Votes, err = s.over(tx).votes(ctx, p.ID); err != nil {
				return err
			}
			said, err := s.over(tx).statements(ctx, p.ID)
			if err != nil {
				return err
			}
			p = p.WithStatements(said)
			if p.Findings, err = withoutHidden(ctx, tx, p.Findings); err != nil {
				return err
			}
			p.Actions, p.Speaks = p.OpenActions(actor), p.SpeaksAs(actor)
			seen = append(seen, p)
		}
		return nil
	})
	return seen, err
}

func scanProposal(row pgx.CollectableRow) (p gazetteer.Proposal, err error) {
	var document *uuid.UUID
	var title, number *string
	err = row.Scan(&p.ID, &p.Kind, &p.Name, &p.Category, &p.DivisionID, &p.DivisionName, &p.PlaceID, &p.PlaceName, &p.Point, &p.Reason,
		&p.Facts, &p.State, &p.Version, &p.Pack, &p.PackTitle, &p.Findings, &p.OfficeID, &p.OfficeName, &p.CreatedAt, &p.AcceptedOn, &p.DecidedOn, &p.Seats,
		&document, &title, &number, &p.CommitteeID, &p.Committee)
	if document != nil {
		p.Document = &gazetteer.Document{ID: *document, Kind: "approval", Title: *title}
		if number != nil {
			p.Document.Number = *number
		}
	}
	return p, err
}

func (s *Store) votes(ctx context.Context, proposal uuid.UUID) ([]gazetteer.Vote, error) {
	rows, err := s.db.Query(ctx, `
		select v.account_id, a.name as seat, v.approve, v.reason, v.at
		from proposal_vote v join account a on a.id = v.account_id where v.proposal_id = $1 order by v.at`, proposal)
	if err != nil {
		return nil, err
	}
	votes, err := pgx.CollectRows(rows, pgx.RowToStructByName[gazetteer.Vote])
	if votes == nil {
		votes = []gazetteer.Vote{}
	}
	return votes, err
}

// ActOnProposal takes an action on the case as it stood at the version given. Approval makes the name standard in the
// same transaction: the name it replaces ends the day before, and stays as a former name.
//
// Errors: Stale "stale" when the case has moved on; those of gazetteer.Proposal.Apply; Conflict "name-taken" when
// another approval was first.
func (s *Store) ActOnProposal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.ProposalAction) (gazetteer.Proposal, error) {
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
		p, err := s.over(tx).heldProposal(ctx, actor, now, id)
		if err != nil {
			return err
		}
		if p.Version != version {
			return staleProposal(p, version)
		}
		before := verdictOf(p)
		if err := s.over(tx).judgeFor(ctx, tx, actor, now, in.Name, &p); err != nil {
			return err
		}
		next, err := p.Apply(in, actor, now)
		if err != nil {
			return err
		}
		if in.Name == "approve" {
			if err := s.notUnknowingly(ctx, tx, now, next); err != nil {
				return err
			}
		}
		var document *uuid.UUID
		if next.State == gazetteer.ProposalApproved {
			if document, err = adopt(ctx, tx, actor, now, next, in); err != nil {
				return err
			}
		}
		if in.Name == "vote" {
			v := next.Votes[len(next.Votes)-1]
			_, err := tx.Exec(ctx, `insert into proposal_vote (proposal_id, account_id, approve, reason, at) values ($1, $2, $3, $4, $5)`,
				id, v.AccountID, v.Approve, v.Reason, v.At)
			if err != nil {
				return fmt.Errorf("record the vote: %w", err)
			}
		}
		_, err = tx.Exec(ctx, `
			update proposal set state = @state, version = @to, document_id = coalesce(@document, document_id), findings = @findings, pack_id = @pack,
			       accepted_on = case when @action = 'accept' then @now::date else accepted_on end,
			       decided_on = case when @state in ('approved', 'rejected') then @now::date else decided_on end
			where id = @id and version = @from`,
			pgx.StrictNamedArgs{
				"state": string(next.State), "to": next.Version, "document": document, "action": in.Name, "now": now.In(beijing.Zone), "id": id, "from": version,
				"findings": gazetteer.Publishable(next.Findings), "pack": next.Pack,
			})
		if err != nil {
			return fmt.Errorf("record the action: %w", err)
		}
		err = Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "proposal/" + id.String(), Verb: in.Name,
			Before: map[string]any{"state": p.State, "version": p.Version},
			After:  map[string]any{"state": next.State, "version": next.Version, "reason": in.Reason},
		})
		if err != nil || in.Name != "accept" {
			return err
		}
		return recordJudgement(ctx, tx, actor, now, next, before)
	})
	if err != nil {
		return gazetteer.Proposal{}, nameTaken(err)
	}
	return s.Proposal(ctx, actor, now, id)
}

// nameTaken recognises the constraint that keeps standard names from being two at once.
func nameTaken(err error) error {
	if violates(err, "place_name_one_standard") {
		return fault.Wrap(err, fault.Conflict, "name-taken", "该地已有标准地名在此期间生效：请刷新后再试")
	}
	return err
}
