package boundsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// unknownDisputes finds what an agreement says it settles and is no open dispute of its line.
func (s *Store) unknownDisputes(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID, settles []uuid.UUID) (found []fault.Finding, err error) {
	if len(settles) == 0 {
		return nil, nil
	}
	open, err := s.openDisputes(ctx, actor, now, line)
	for i, id := range settles {
		if !slices.ContainsFunc(open, func(d disputeRow) bool { return d.ID == id }) {
			found = append(found, fault.Blocking("dispute-unknown", fmt.Sprintf("/settles/%d", i), "这条界线上没有这件争议，或它已经了结：请从解决的争议里去掉"))
		}
	}
	return found, err
}

// settledBy are the open disputes that an agreement over that version settles.
//
// Errors: Refused "disputes-open".
func (s *Store) settledBy(ctx context.Context, actor gazetteer.Actor, now time.Time, r agreementRow, line lineUnderAgreement) (settled []disputeRow, err error) {
	settled, left, err := s.weighDisputes(ctx, actor, now, r, line.LegalStatus, line.Geometry)
	if err == nil && len(left) > 0 {
		err = fault.Refuse("disputes-open", "协议经过的地段还有争议没有了结", left)
	}
	return settled, err
}

// weighDisputes tells the open disputes of a line that an agreement settles, and says in findings which others it passes over: where the
// line is not law, all, since it fixes the whole of it for the first time; else those within which its course departs.
func (s *Store) weighDisputes(ctx context.Context, actor gazetteer.Actor, now time.Time, r agreementRow, status boundary.LegalStatus, former orb.MultiLineString) (settled []disputeRow, left []fault.Finding, err error) {
	open, err := s.openDisputes(ctx, actor, now, r.Line.ID)
	if err != nil || len(open) == 0 {
		return nil, nil, err
	}
	was, err := geo.NewChain(former)
	if err != nil {
		return nil, nil, err
	}
	is, err := geo.NewChain(r.Geometry)
	if err != nil {
		return nil, nil, err
	}
	law := status == boundary.Signed || status == boundary.InForce || status == boundary.UnderChange
	for _, d := range open {
		switch {
		case slices.Contains(r.Settles, d.ID):
			settled = append(settled, d)
		case !law || d.Moves(was, is):
			f := fault.Blocking("dispute-open", "/settles", "协议经过争议中的“%s”（里程 %.3f–%.3f 公里），没有写明解决它：请双方在协议书里列为解决的争议，或先由上级裁决", d.Number, d.FromM/1000, d.ToM/1000)
			f.Clause = "《行政区域边界争议处理条例》第三条"
			f.Evidence = []fault.Evidence{{Kind: "dispute", ID: d.ID.String(), Name: d.Number}}
			left = append(left, f)
		}
	}
	return settled, left, nil
}
