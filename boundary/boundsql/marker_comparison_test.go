package boundsql_test

import (
	"context"
	"math"
	"testing"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// TestMarkersBesideWhatWasObserved: the newest observation that the reader may see, and of a draft nothing for the other side.
func TestMarkersBesideWhatWasObserved(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.markers[1]
	seenBy := func(actor gazetteer.Actor) *boundsql.MarkerWork {
		t.Helper()
		_, all, err := d.store.ComparedMarkers(ctx, actor, today, d.line)
		d.must(err)
		if len(all) != len(d.markers) {
			t.Fatalf("%d of %d markers", len(all), len(d.markers))
		}
		for _, c := range all {
			if c.ID == m.ID {
				return c.Observed
			}
		}
		t.Fatal("the marker is not there")
		return nil
	}
	if seenBy(d.lead) != nil {
		t.Error("observed before anybody came")
	}
	d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundApart, m, 40, 0.05)), "submit")
	later := works(boundary.FoundApart, m, 42, 0.05)
	later.DoneOn = "2026-11-22"
	draft := d.draftWork(d.other, m.ID, later)
	for name, actor := range map[string]gazetteer.Actor{"lead": d.lead, "other": d.other, "city": d.city} {
		if got := seenBy(actor); got == nil || math.Abs(*got.ApartM-40) > 0.01 || got.Fit != boundary.Beyond {
			t.Errorf("%s reads %+v", name, got)
		}
	}
	d.work(d.other, draft, "submit")
	if got := seenBy(d.lead); got == nil || math.Abs(*got.ApartM-42) > 0.01 {
		t.Errorf("the newest: %+v", got)
	}
	if _, _, err := d.store.ComparedMarkers(ctx, d.stranger, today, d.line); !fault.Is(err, "not-yours") {
		t.Errorf("a stranger: %v", err)
	}
}
