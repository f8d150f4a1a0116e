package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/postgis"
)

// FormNodes records the nodes of the lines that stand, where lines were recorded before nodes were. Where they are it does nothing.
func (s *Store) FormNodes(ctx context.Context, now time.Time) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var formed bool
		err := tx.QueryRow(ctx, `select exists (select from node) or not exists (select from section)`).Scan(&formed)
		if err != nil || formed {
			return err
		}
		return settleNodes(ctx, tx, now)
	})
}

// settleNodes lets the nodes on record follow the lines, after versions of lines began or ended: see boundary.SettleNodes. Only
// what these lines meet is looked at; none named means all lines.
func settleNodes(ctx context.Context, tx pgx.Tx, now time.Time, lines ...uuid.UUID) error {
	touched, err := collect[struct{ At orb.Point }](ctx, tx, touchedSQL, lines)
	if err != nil {
		return fmt.Errorf("gather the ends of lines: %w", err)
	}
	places := make(orb.MultiPoint, len(touched))
	for i, t := range touched {
		places[i] = t.At
	}
	if len(places) == 0 {
		return nil
	}
	nodes, err := nodesAt(ctx, tx, places)
	if err != nil {
		return err
	}
	standing, err := standingNodes(ctx, tx, places)
	if err != nil {
		return err
	}
	taken := map[uuid.UUID]bool{}
	err = each(ctx, tx, `select id from node`, func(n struct{ ID uuid.UUID }) error { taken[n.ID] = true; return nil })
	if err != nil {
		return err
	}
	made, gone := boundary.SettleNodes(nodes, standing, func(id uuid.UUID) bool { return taken[id] })
	return recordNodes(ctx, tx, now, made, gone)
}

// touchedSQL are the places where lines end today, where nodes of theirs are on record, and where a line of others ends on their course.
const touchedSQL = `
	with ours as (
	    select s.geom from section s join line_version v on v.id = s.line_version_id and upper_inf(v.valid)
	    where $1::uuid[] is null or s.line_id = any ($1))
	select e.at from ours, st_dump(ours.geom) p, lateral (values (st_startpoint(p.geom)), (st_endpoint(p.geom))) e (at)
	union
	select n.geom from node_version n where upper_inf(n.valid)
	   and ($1::uuid[] is null or exists (select from node_line l where l.node_version_id = n.id and l.line_id = any ($1)))
	union
	select n.geom from node_version n, ours where upper_inf(n.valid) and n.geom && st_expand(ours.geom, 1e-7) and st_dwithin(n.geom, ours.geom, 1e-7)`

// nodesAt finds the nodes of today's lines at places.
func nodesAt(ctx context.Context, db postgis.Conn, places orb.MultiPoint) ([]boundary.Node, error) {
	known, err := loadDivisions(ctx, db)
	if err != nil {
		return nil, err
	}
	type row struct {
		Line, A, B uuid.UUID
		Since      *time.Time
		Geom       orb.MultiLineString
	}
	var sections []boundary.LineSection
	err = each(ctx, db, `
		select s.line_id as line, s.division_a as a, s.division_b as b, lower(v.valid) as since, s.geom
		from section s join line_version v on v.id = s.line_version_id and upper_inf(v.valid)
		where s.id in (select n.id from st_dump($1) p join section n on n.geom && st_expand(p.geom, 1e-7) and st_dwithin(n.geom, p.geom, 1e-7))
		order by s.line_id, s.id`, func(r row) error {
		a, b := known.byID[r.A], known.byID[r.B]
		if a == nil || b == nil {
			return nil
		}
		s := boundary.LineSection{Line: r.Line, Section: boundary.Section{A: a, B: b, Parts: r.Geom}}
		if r.Since != nil {
			s.Since = *r.Since
		}
		sections = append(sections, s)
		return nil
	}, places)
	if err != nil {
		return nil, fmt.Errorf("gather the sections: %w", err)
	}
	return boundary.NodesAt(sections, places), nil
}

// standingNodes are the nodes on record today at places. The day 0001-01-01 is the zero time.
func standingNodes(ctx context.Context, db postgis.Conn, places orb.MultiPoint) ([]boundary.StandingNode, error) {
	return collect[boundary.StandingNode](ctx, db, `
		select n.node_id as id, n.id as version, n.kind, n.geom as at,
		       array(select d.division_id from node_division d where d.node_version_id = n.id order by d.n) as divisions,
		       array(select l.line_id from node_line l where l.node_version_id = n.id order by l.line_id) as lines,
		       coalesce((select max(upper(v.valid)) from node_line l join line_version v on v.line_id = l.line_id where l.node_version_id = n.id), '0001-01-01') as changed
		from node_version n where upper_inf(n.valid) and exists (select from st_dump($1) p where p.geom = n.geom) order by n.node_id`, places)
}

// recordNodes ends what is gone and writes what was made.
func recordNodes(ctx context.Context, tx pgx.Tx, now time.Time, made []boundary.SettledNode, gone []boundary.GoneNode) error {
	for _, g := range gone {
		if err := endNode(ctx, tx, g.Version, g.On); err != nil {
			return err
		}
	}
	var identities, versions, lines, divisions [][]any
	for _, m := range made {
		if m.Over != nil {
			if err := endNode(ctx, tx, m.Over.Version, m.Since); err != nil {
				return err
			}
		} else {
			identities = append(identities, []any{m.ID, now})
		}
		version := gazsql.NewID()
		versions = append(versions, []any{version, m.ID, string(m.Kind), string(m.Level()), m.At, gazsql.Span(m.Since, time.Time{}), now})
		for _, line := range m.Lines {
			lines = append(lines, []any{version, line})
		}
		for i, d := range m.Divisions {
			divisions = append(divisions, []any{version, d.ID, i + 1})
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"node", []string{"id", "recorded_at"}, identities},
		{"node_version", []string{"id", "node_id", "kind", "level", "geom", "valid", "recorded_at"}, versions},
		{"node_line", []string{"node_version_id", "line_id"}, lines},
		{"node_division", []string{"node_version_id", "division_id", "n"}, divisions},
	} {
		if err := copyRows(ctx, tx, t.table, t.columns, t.rows); err != nil {
			return err
		}
	}
	return nil
}

// endNode ends a version of a node on a day. One that would have ended before it began never was.
func endNode(ctx context.Context, tx pgx.Tx, version uuid.UUID, on time.Time) error {
	ended, err := tx.Exec(ctx, `
		update node_version set valid = daterange(lower(valid), $2)
		where id = $1 and (lower_inf(valid) or lower(valid) < $2) and $2 > '0001-01-01'::date`, version, on)
	if err == nil && ended.RowsAffected() == 0 {
		_, err = tx.Exec(ctx, `delete from node_version where id = $1`, version)
	}
	if err != nil {
		return fmt.Errorf("end node %s: %w", version, err)
	}
	return nil
}

// TripointRow is a tripoint, over some days, for the read model.
type TripointRow struct {
	ID        uuid.UUID
	Level     string
	At        orb.Point
	Divisions []DivisionRef // by code, as they were called then
	Lines     []LineRef     // that meet there
	Synthetic bool
	Valid     gazsql.Valid
}

// tripointSQL reads nodes with what meets there.
const tripointSQL = `
	select n.node_id as id, n.level, n.geom as at, n.valid,
	       (select jsonb_agg(jsonb_build_object('id', d.division_id, 'name', x.name) order by d.n) from node_division d
	        cross join lateral (select name from division_version x where x.division_id = d.division_id order by (x.valid && n.valid) desc, upper(x.valid) desc nulls first limit 1) x
	        where d.node_version_id = n.id) as divisions,
	       (select jsonb_agg(jsonb_build_object('id', l.id, 'name', l.name) order by l.id) from node_line k join line l on l.id = k.line_id where k.node_version_id = n.id) as lines,
	       exists (select from node_line k join line l on l.id = k.line_id where k.node_version_id = n.id and l.synthetic) as synthetic
	from node_version n`

// EachTripoint calls do for every place where three divisions or more meet, or met, from west to east.
func (s *Store) EachTripoint(ctx context.Context, do func(TripointRow) error) error {
	return each(ctx, s.db, tripointSQL+` where n.kind = 'junction' order by st_x(n.geom), st_y(n.geom) desc, n.valid`, do)
}

// TripointView is a tripoint with what meets there, as it is or was last.
type TripointView struct {
	ID        uuid.UUID      `json:"id"`
	Level     string         `json:"level"`
	At        orb.Point      `json:"at"`        // longitude and latitude, CGCS2000
	ValidFrom *string        `json:"validFrom"` // the day since which these divisions and lines meet here; nil: not on record
	ValidTo   *string        `json:"validTo"`
	Divisions []DivisionRef  `json:"divisions"`
	Lines     []TripointLine `json:"lines"`
	Markers   []MarkerView   `json:"markers"`  // of those lines that stand there, as the public reads them
	Versions  []NodeVersion  `json:"versions"` // the latest first
	Later     []LineRef      `json:"later"`    // tripoints that stand at this place since this one ended
	Synthetic bool           `json:"synthetic"`
}

// TripointLine is a line that meets others, with what makes its position law.
type TripointLine struct {
	LineRef
	LegalStatus string `json:"legalStatus"`
	Agreement   *Paper `json:"agreement"`
	Approval    *Paper `json:"approval"`
}

// NodeVersion is where a node was over some days.
type NodeVersion struct {
	At        orb.Point `json:"at"`
	ValidFrom *string   `json:"validFrom"`
	ValidTo   *string   `json:"validTo"`
}

// atTripointM is how far from a tripoint a marker may stand to be one of it, in metres: on the banks of a confluence.
const atTripointM = 200

// Tripoint returns a tripoint as it is or was last. Error: NotFound "tripoint-unknown".
func (s *Store) Tripoint(ctx context.Context, id uuid.UUID) (v TripointView, err error) {
	rows, err := s.db.Query(ctx, tripointSQL+` where n.node_id = $1 and n.kind = 'junction' order by upper(n.valid) desc nulls first limit 1`, id)
	if err != nil {
		return v, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[TripointRow])
	if err != nil {
		return v, notFound(err, "tripoint-unknown", "没有这个三交点：请从地图或界线再找")
	}
	v = TripointView{ID: id, Level: r.Level, At: r.At, Divisions: r.Divisions, Synthetic: r.Synthetic}
	v.Versions, err = collect[NodeVersion](ctx, s.db, `
		select geom as at, lower(valid)::text as valid_from, upper(valid)::text as valid_to from node_version where node_id = $1 order by valid desc`, id)
	if err != nil {
		return v, err
	}
	v.ValidFrom, v.ValidTo = v.Versions[0].ValidFrom, v.Versions[0].ValidTo
	v.Later, err = collect[LineRef](ctx, s.db, `
		select n.node_id as id, (select string_agg(`+nameSQL("d.division_id")+`, '—' order by d.n) from node_division d where d.node_version_id = n.id) as name
		from node_version n where n.geom = $2 and n.node_id <> $1 and n.kind = 'junction' and n.valid >> $3 order by n.valid`, id, r.At, r.Valid)
	if err != nil {
		return v, err
	}
	if v.Lines, err = s.tripointLines(ctx, r); err != nil {
		return v, err
	}
	v.Markers, err = s.markersAt(ctx, r)
	return v, err
}

// tripointLines are the lines that meet at a tripoint, as they were while they did.
func (s *Store) tripointLines(ctx context.Context, r TripointRow) ([]TripointLine, error) {
	type row struct {
		ID                  uuid.UUID
		Name, LegalStatus   string
		Agreement, Approval *Paper
	}
	lines := []TripointLine{}
	err := each(ctx, s.db, `
		select l.id, l.name, v.legal_status, `+paperSQL("a")+` as agreement, `+paperSQL("p")+` as approval
		from line l
		join lateral (select * from line_version v where v.line_id = l.id order by v.valid && $2 desc, upper(v.valid) desc nulls first limit 1) v on true
		left join document a on a.id = v.agreement_id
		left join document p on p.id = v.approval_id
		where l.id = any ($1) order by l.id`, func(l row) error {
		lines = append(lines, TripointLine{LineRef{l.ID, l.Name}, l.LegalStatus, l.Agreement, l.Approval})
		return nil
	}, idsOf(r.Lines), r.Valid)
	return lines, err
}

// markersAt are the markers of the lines of a tripoint that stand there today.
func (s *Store) markersAt(ctx context.Context, r TripointRow) ([]MarkerView, error) {
	near := []MarkerView{}
	markers, err := s.markers(ctx, "marker", ` where m.line_id = any ($1) and upper_inf(m.valid) order by m.number, m.stone`, idsOf(r.Lines))
	for _, m := range markers {
		if m = m.Public(); geo.DistanceM(orb.Point{m.Lon, m.Lat}, r.At) <= atTripointM {
			near = append(near, m)
		}
	}
	return near, err
}

func idsOf(refs []LineRef) []uuid.UUID {
	ids := make([]uuid.UUID, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	return ids
}
