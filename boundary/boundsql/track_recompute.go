package boundsql

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer/gazsql"
)

// Recomputed is a result that was worked out anew from the original and from what was asked then.
type Recomputed struct {
	TrackID   uuid.UUID `json:"trackId"`
	Version   int       `json:"version"` // of the track when the result was recorded
	Line      string    `json:"line"`
	Algorithm string    `json:"algorithm"`          // of the result
	State     string    `json:"state"`              // same, differs, other-algorithm, not-recorded (before what was asked was kept), failed
	Coverage  []float64 `json:"coverage,omitempty"` // then and now, where it differs
	Why       string    `json:"why,omitempty"`      // it failed
}

// keptResult is a result as it was recorded.
type keptResult struct {
	TrackID    uuid.UUID
	Version    int
	Line       string
	Match      json.RawMessage
	Asked      json.RawMessage
	Geom       *orb.MultiLineString // of the version of the line that was asked for
	ReceivedAt time.Time
}

// Recompute works every recorded result out anew, those that others took the place of as well, and tells of each whether
// it comes out the same. It changes nothing.
func (s *Store) Recompute(ctx context.Context, tell func(done Recomputed, total int) error) error {
	var all []keptResult
	err := gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) (err error) {
		all, err = collect[keptResult](ctx, tx, recomputeSQL)
		return err
	})
	if err != nil {
		return err
	}
	for _, kept := range all {
		done, err := s.recompute(ctx, kept)
		if err == nil {
			err = tell(done, len(all))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const recomputeSQL = `
	select r.track_id, r.version, l.name as line, r.match, r.asked, v.geom, r.received_at
	from track_result r join line l on l.id = r.line_id left join line_version v on v.id = (r.asked ->> 'LineVersion')::uuid
	order by r.track_id, r.version`

func (s *Store) recompute(ctx context.Context, kept keptResult) (Recomputed, error) {
	out := Recomputed{TrackID: kept.TrackID, Version: kept.Version, Line: kept.Line, State: "not-recorded"}
	var then boundary.Result
	if err := json.Unmarshal(kept.Match, &then); err != nil {
		return out, fmt.Errorf("read the result of %s: %w", kept.TrackID, err)
	}
	out.Algorithm = then.Parameters.Algorithm
	switch {
	case kept.Asked == nil || kept.Geom == nil:
		return out, nil
	case out.Algorithm != boundary.Algorithm:
		out.State = "other-algorithm"
		return out, nil
	}
	var work readingWork
	if err := json.Unmarshal(kept.Asked, &work); err != nil {
		return out, fmt.Errorf("read what was asked of %s: %w", kept.TrackID, err)
	}
	work.Line, work.Now = *kept.Geom, kept.ReceivedAt
	var err error
	if work.Photos, err = s.photosOnce(ctx, work.PhotoIDs); err != nil {
		return out, err
	}
	answer, err := readOriginal[readingAnswer](ctx, s, work.SHA256, originalWork{Track: &work})
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		out.State, out.Why = "failed", err.Error()
		return out, nil
	}
	if out.State = "differs"; answer.Result == nil {
		out.Why = string(answer.State)
		return out, nil
	}
	same, err := alike(then, *answer.Result)
	if same {
		out.State = "same"
	} else {
		out.Coverage = []float64{then.Coverage, answer.Result.Coverage}
	}
	return out, err
}

// alike compares two results but for what the tracks received before have to do with them.
func alike(a, b boundary.Result) (bool, error) {
	var texts [2][]byte
	for i, r := range []boundary.Result{a, b} {
		for k := range r.Tracks {
			r.Tracks[k].Signs = slices.DeleteFunc(slices.Clone(r.Tracks[k].Signs), func(s boundary.Sign) bool { return s.Code == boundary.Replayed })
		}
		text, err := json.Marshal(r)
		if err == nil {
			var plain any // nothing and empty are the same
			if err = json.Unmarshal(text, &plain); err == nil {
				text, err = json.Marshal(plain)
			}
		}
		if err != nil {
			return false, err
		}
		texts[i] = text
	}
	return bytes.Equal(texts[0], texts[1]), nil
}
