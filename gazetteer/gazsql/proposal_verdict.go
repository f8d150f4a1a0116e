package gazsql

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// judgeFor judges the name of a case anew before the steps that rest on it. Before a name is submitted or approved no other is written:
// another case may have been approved since, and two names must not be first.
func (s *Store) judgeFor(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, action string, p *gazetteer.Proposal) error {
	switch action {
	case "accept":
		return s.judge(ctx, actor, now, p)
	case "submit", "approve":
		if p.Kind == "retire" {
			return nil
		}
		if err := lockNamesSoon(ctx, tx); err != nil {
			return err
		}
		return s.judge(ctx, actor, now, p)
	}
	return nil
}

// judge judges the name of a case: before it is accepted by the pack of today, then by that of the day of acceptance.
func (s *Store) judge(ctx context.Context, actor gazetteer.Actor, now time.Time, p *gazetteer.Proposal) error {
	verdict, err := s.CheckName(ctx, actor, now, checkOf(*p))
	if err != nil {
		return err
	}
	p.Findings, p.Pack, p.PackTitle = verdict.Findings, verdict.Pack, verdict.PackTitle
	return nil
}

// verdictOf is the verdict that a case keeps.
func verdictOf(p gazetteer.Proposal) gazetteer.Verdict {
	return gazetteer.NewVerdict(gazetteer.Pack{ID: p.Pack, Title: p.PackTitle}, gazetteer.Publishable(p.Findings))
}

// recordJudgement notes in the journal that a case was judged otherwise at its acceptance than it was before.
func recordJudgement(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p gazetteer.Proposal, before gazetteer.Verdict) error {
	after := verdictOf(p)
	if gazetteer.SameVerdict(before, after) {
		return nil
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "proposal/" + p.ID.String(), Verb: "judge-anew",
		Before: map[string]any{"verdict": before.Verdict, "pack": before.PackTitle},
		After:  map[string]any{"verdict": after.Verdict, "pack": after.PackTitle},
	})
}

func checkOf(p gazetteer.Proposal) NameCheck {
	check := NameCheck{
		Kind: p.Kind, Name: p.Name, Category: p.Category, Division: p.DivisionID.String(), Point: p.Point, Statements: p.Said(),
	}
	if p.AcceptedOn != "" {
		check.Pack, check.Day = p.Pack, p.AcceptedOn
	}
	if p.PlaceID != nil {
		check.PlaceID = *p.PlaceID
	}
	check.Facts, _ = gazetteer.ParseFacts(p.Facts) // which were checked when the case was made
	return check
}

// nameJudge sees withheld names of every office, to judge an approval by.
var nameJudge = gazetteer.Actor{System: "name.approve"}

// notUnknowingly refuses to approve a name that only names unknown to the approver block: Refused "name-reserved".
func (s *Store) notUnknowingly(ctx context.Context, tx pgx.Tx, now time.Time, p gazetteer.Proposal) error {
	if p.Kind == "retire" {
		return nil
	}
	verdict, err := s.over(tx).CheckName(ctx, nameJudge, now, checkOf(p))
	if err != nil || fault.Worst(gazetteer.Plain(verdict.Findings)) != fault.Block {
		return err
	}
	return gazetteer.Reserved(p.Name)
}

// TrialVerdict is a case judged by its own pack and by another, each on its day, by what the actor may know of now.
type TrialVerdict struct {
	Own      gazetteer.Verdict          `json:"own"`
	OwnDay   string                     `json:"ownDay"` // of acceptance; today before it
	Other    gazetteer.Verdict          `json:"other"`
	OtherDay string                     `json:"otherDay"` // the same day as far as the pack holds then
	Rules    []gazetteer.RuleComparison `json:"rules"`
}

// namedBy is the place of a case: of one that named a new place and is approved, that place, with which its name does not collide.
// It is the zero id where there is none, or none that the actor may see.
func namedBy(ctx context.Context, tx pgx.Tx, p gazetteer.Proposal) (place uuid.UUID, err error) {
	if p.PlaceID != nil {
		return *p.PlaceID, nil
	}
	if p.State != gazetteer.ProposalApproved {
		return place, nil
	}
	err = tx.QueryRow(ctx, `
		select n.place_id from place_name n join proposal c on c.document_id = n.document_id and c.name = n.name
		where c.id = $1 order by n.recorded_at limit 1`, p.ID).Scan(&place)
	if isNoRows(err) {
		err = nil
	}
	return place, err
}

// TryPack judges the case by another pack, to compare. It changes nothing and keeps nothing.
//
// Errors: NotFound "proposal-unknown", "pack-unknown"; those of CheckName.
func (s *Store) TryPack(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, pack string) (t TrialVerdict, err error) {
	p, err := s.Proposal(ctx, actor, now, id)
	if err != nil {
		return t, err
	}
	today := beijing.Day(now)
	t.OwnDay = cmp.Or(p.AcceptedOn, today)
	book, err := s.book(ctx)
	if err != nil {
		return t, err
	}
	asked, err := book.Pack(pack)
	if err != nil {
		return t, err
	}
	t.OtherDay = asked.DayFor(t.OwnDay, today)
	err = s.snapshot(ctx, actor, func(tx pgx.Tx) error {
		own := checkOf(p)
		if own.PlaceID, err = namedBy(ctx, tx, p); err != nil {
			return err
		}
		if t.Own, err = s.over(tx).checkName(ctx, now, own); err != nil {
			return err
		}
		own.Pack, own.Day = pack, t.OtherDay
		t.Other, err = s.over(tx).checkName(ctx, now, own)
		return err
	})
	t.Rules = gazetteer.CompareVerdicts(t.Own, t.Other)
	return t, err
}
