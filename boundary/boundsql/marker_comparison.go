package boundsql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// ComparedMarker is a marker beside the newest position that was observed of it.
type ComparedMarker struct {
	RecordedMarker
	Observed *MarkerWork // submitted or recorded, with a position; nil where nobody observed one
}

// ComparedMarkers returns a line and its markers along it with what was observed of them last, as far as the actor may read it.
//
// Errors: as [Store.RecordedMarkers].
func (s *Store) ComparedMarkers(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (row LineRow, out []ComparedMarker, err error) {
	row, markers, err := s.RecordedMarkers(ctx, actor, now, line)
	if err != nil {
		return row, nil, err
	}
	seen, err := s.markerWorks(ctx, actor, now, `
		where $1 = any (w.lines) and w.observed is not null and w.state in ('submitted', 'recorded') order by w.done_on, w.id`, line)
	if err != nil {
		return row, nil, err
	}
	newest := map[uuid.UUID]*MarkerWork{}
	for i := range seen {
		newest[seen[i].MarkerID] = &seen[i].MarkerWork
	}
	for _, m := range markers {
		out = append(out, ComparedMarker{m, newest[m.ID]})
	}
	return row, out, nil
}
