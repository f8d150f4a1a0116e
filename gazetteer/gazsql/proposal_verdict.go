package gazsql

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
)

// TrialVerdict is a case judged by its own pack and by another, each on its day, by what the actor may know of now.
type TrialVerdict struct {
	Own      gazetteer.Verdict          `json:"own"`
	OwnDay   string                     `json:"ownDay"` // of acceptance; today before it
	Other    gazetteer.Verdict          `json:"other"`
	OtherDay string                     `json:"otherDay"` // the same day as far as the pack holds then
	Rules    []gazetteer.RuleComparison `json:"rules"`
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
