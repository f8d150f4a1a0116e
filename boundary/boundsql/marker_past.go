package boundsql

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// course is what a line ran along from a day until the next one.
type course struct {
	from     time.Time // zero: always
	line     string
	geometry orb.MultiLineString
	chain    *geo.Chain // made when a marker asks for it
}

// stay is the line a marker stood on until a day.
type stay struct {
	line uuid.UUID
	to   time.Time
}

// position is where a marker was registered from a day until the next one.
type position struct {
	from   time.Time // zero: always
	at     geom.Point
	sigmaM *float64
}

// markerPast is what markers stood on and where, before today.
type markerPast struct {
	courses   map[uuid.UUID][]course   // of every version of a line, in time
	stays     map[uuid.UUID][]stay     // of markers that were handed over, in time
	positions map[uuid.UUID][]position // of markers that were relocated, in time; the last is that of today
}

// loadMarkerPast reads the courses that lines had, which markers came from another line, and which were relocated.
func (s *Store) loadMarkerPast(ctx context.Context) (*markerPast, error) {
	p := &markerPast{courses: map[uuid.UUID][]course{}, stays: map[uuid.UUID][]stay{}, positions: map[uuid.UUID][]position{}}
	type version struct {
		LineID uuid.UUID
		Name   string
		Since  *time.Time
		Geom   *orb.MultiLineString // of the last version markers have their chainage already
	}
	err := each(ctx, s.db, `
		select v.line_id, l.name, lower(v.valid) as since,
		       case when lead(v.id) over (partition by v.line_id order by v.valid) is not null
		                 or exists (select from marker_handover h where h.from_line = v.line_id)
		                 or exists (select from marker_position q join marker m on m.id = q.marker_id where q.n > 1 and m.line_id = v.line_id) then v.geom end as geom
		from line_version v join line l on l.id = v.line_id order by v.line_id, v.valid`, func(v version) error {
		c := course{line: v.Name}
		if v.Since != nil {
			c.from = *v.Since
		}
		if v.Geom != nil {
			c.geometry = *v.Geom
		}
		p.courses[v.LineID] = append(p.courses[v.LineID], c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	type handover struct {
		MarkerID, FromLine uuid.UUID
		OnDay              time.Time
	}
	err = each(ctx, s.db, `select marker_id, from_line, on_day from marker_handover order by marker_id, on_day`, func(h handover) error {
		p.stays[h.MarkerID] = append(p.stays[h.MarkerID], stay{h.FromLine, h.OnDay})
		return nil
	})
	if err != nil {
		return nil, err
	}
	type registered struct {
		MarkerID  uuid.UUID
		Geom      geom.Point
		SigmaM    *float64
		ValidFrom *time.Time
	}
	return p, each(ctx, s.db, `
		select marker_id, geom, sigma_m, valid_from from marker_position p
		where exists (select from marker_position q where q.marker_id = p.marker_id and q.n > 1) order by marker_id, n`, func(r registered) error {
		at := position{at: r.Geom, sigmaM: r.SigmaM}
		if r.ValidFrom != nil && len(p.positions[r.MarkerID]) > 0 {
			at.from = *r.ValidFrom
		}
		p.positions[r.MarkerID] = append(p.positions[r.MarkerID], at)
		return nil
	})
}

// spread is a registration of a marker as one row for every line, course and position that it had meanwhile, in time. Before the first
// course of a line that one holds, after the last one the last.
func (p *markerPast) spread(m MarkerView) ([]MarkerView, error) {
	var rows []MarkerView
	from := time.Time{}
	for _, s := range append(p.stays[m.ID], stay{line: m.LineID}) { // the last without an end
		courses := p.courses[s.line]
		for i := range courses {
			begin, end := from, s.to
			if i > 0 && courses[i].from.After(begin) {
				begin = courses[i].from
			}
			if i+1 < len(courses) && (end.IsZero() || courses[i+1].from.Before(end)) {
				end = courses[i+1].from
			}
			valid, ok := within(m.Valid, begin, end)
			if !ok {
				continue
			}
			past := s.line != m.LineID || i+1 < len(courses)
			for _, row := range p.placed(m, valid) {
				if past || row.Lon != m.Lon || row.Lat != m.Lat {
					if err := courses[i].place(&row, s.line); err != nil {
						return nil, err
					}
				}
				rows = append(rows, row)
			}
		}
		from = s.to
	}
	if len(rows) == 0 { // its line has no version: nothing is known of a past
		rows = append(rows, m)
	}
	return rows, nil
}

// placed is a marker as one row for every position that it had in a span.
func (p *markerPast) placed(m MarkerView, span gazsql.Valid) []MarkerView {
	all := p.positions[m.ID]
	if len(all) == 0 {
		m.Valid = span
		return []MarkerView{m}
	}
	var rows []MarkerView
	for k, at := range all {
		var to time.Time
		if k+1 < len(all) {
			to = all[k+1].from
		}
		if valid, ok := within(span, at.from, to); ok {
			row := m
			row.Valid, row.SigmaM = valid, at.sigmaM
			row.stand(at.at)
			rows = append(rows, row)
		}
	}
	return rows
}

// each calls do for every row of a registration.
func (p *markerPast) each(m MarkerView, do func(MarkerView) error) error {
	rows, err := p.spread(m)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// place measures a marker along the course.
func (c *course) place(m *MarkerView, line uuid.UUID) (err error) {
	if c.chain == nil {
		if c.chain, err = geo.NewChain(c.geometry); err != nil {
			return err
		}
	}
	m.LineID, m.LineName = line, c.line
	m.ChainageM, m.OffsetM = c.chain.Project(orb.Point{m.Lon, m.Lat})
	return nil
}

// within is the part of a span that lies between two days, zero for none; false where there is none.
func within(span gazsql.Valid, from, to time.Time) (gazsql.Valid, bool) {
	if !from.IsZero() && (span.LowerType != pgtype.Inclusive || span.Lower.Time.Before(from)) {
		span.Lower, span.LowerType = pgtype.Date{Time: from, Valid: true}, pgtype.Inclusive
	}
	if !to.IsZero() && (span.UpperType != pgtype.Exclusive || span.Upper.Time.After(to)) {
		span.Upper, span.UpperType = pgtype.Date{Time: to, Valid: true}, pgtype.Exclusive
	}
	empty := span.LowerType == pgtype.Inclusive && span.UpperType == pgtype.Exclusive && !span.Lower.Time.Before(span.Upper.Time)
	return span, !empty
}
