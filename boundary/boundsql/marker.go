package boundsql

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// MarkerView is a registered marker.
type MarkerView struct {
	ID         uuid.UUID    `json:"id"`
	Number     string       `json:"number"`
	Stone      string       `json:"stone"`
	Type       string       `json:"type"`
	Material   *string      `json:"material"`
	LineID     uuid.UUID    `json:"lineId"`
	LineName   string       `json:"lineName"`
	ChainageM  float64      `json:"chainageM"`
	OffsetM    float64      `json:"offsetM"` // + is right of the line
	State      string       `json:"state"`
	Custodian  *string      `json:"custodian"` // name of the division
	Lon        float64      `json:"lon"`
	Lat        float64      `json:"lat"`
	ElevationM *float64     `json:"elevationM"`
	SigmaM     *float64     `json:"sigmaM"`
	Synthetic  bool         `json:"synthetic"`
	Source     string       `json:"source"`
	Decimals   *int         `json:"decimals"` // to which the position was rounded; nil when it is exact
	AsOf       time.Time    `json:"-"`
	Valid      gazsql.Valid `json:"-"`
	policy     *int         // decimals of a public position on this level, nil for all
}

// Public is the marker as the public reads it: its position rounded where the policy of its level says so, what the
// position could be computed from (chainage, offset) to the same step, and without height and deviation.
func (m MarkerView) Public() MarkerView {
	if m.policy == nil {
		return m
	}
	at := geo.RoundDegrees(orb.Point{m.Lon, m.Lat}, *m.policy)
	step := geo.StepM(*m.policy)
	m.Lon, m.Lat, m.ElevationM, m.SigmaM, m.Decimals = at[0], at[1], nil, nil, m.policy
	m.ChainageM, m.OffsetM = geo.RoundTo(m.ChainageM, step), geo.RoundTo(m.OffsetM, step)
	return m
}

// markerSQL reads markers from a table: marker, the published ones, or known_marker, those the acting office may know of.
func markerSQL(table string) string {
	return `
	select m.id, m.number, m.stone, m.type, m.material, m.line_id, l.name, m.chainage_m, m.offset_m, m.state,
	       ` + nameSQL("m.custodian") + `,
	       m.geom, m.sigma_m, m.synthetic, d.title, m.recorded_at, m.valid, p.decimals
	from ` + table + ` m join line l on l.id = m.line_id join document d on d.id = m.document_id
	left join precision_policy p on p.layer = 'markers' and p.level = l.level`
}

func scanMarker(row pgx.CollectableRow) (m MarkerView, err error) {
	var at geom.Point
	err = row.Scan(&m.ID, &m.Number, &m.Stone, &m.Type, &m.Material, &m.LineID, &m.LineName, &m.ChainageM, &m.OffsetM, &m.State,
		&m.Custodian, &at, &m.SigmaM, &m.Synthetic, &m.Source, &m.AsOf, &m.Valid, &m.policy)
	if err != nil {
		return m, err
	}
	m.stand(at)
	return m, nil
}

// stand puts the marker where it is registered.
func (m *MarkerView) stand(at geom.Point) {
	m.Lon, m.Lat, m.ElevationM = at.X(), at.Y(), nil
	if height := at.Z(); !math.IsNaN(height) {
		m.ElevationM = &height
	}
}

func (s *Store) markers(ctx context.Context, table, where string, args ...any) ([]MarkerView, error) {
	rows, err := s.db.Query(ctx, markerSQL(table)+where, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanMarker)
	if found == nil {
		found = []MarkerView{}
	}
	return found, err
}

// onLine chooses the markers of a line today, along it.
const onLine = ` where m.line_id = $1 and upper_inf(m.valid) order by m.chainage_m, m.number, m.stone`

// KnownMarker is a marker as an actor may know it: exact to the parties of its line and who is above them, how far it may
// be known, and the grades the actor can give it.
type KnownMarker struct {
	MarkerView
	Grade   gazetteer.Grade        `json:"grade"`
	Version int                    `json:"version"`
	Actions []gazetteer.OpenAction `json:"actions"`
	Record  bool                   `json:"record"` // whether the actor may read its record
}

// Marker returns a registered marker as it stands today or latest, or a withheld one to whoever may read it. To everybody
// else that one is NotFound "marker-unknown", as a marker that never was.
func (s *Store) Marker(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (known KnownMarker, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		known, err = s.over(tx).marker(ctx, actor, now, id)
		return err
	})
	return known, err
}

func (s *Store) marker(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (KnownMarker, error) {
	stands, err := s.graded(ctx, id)
	if err != nil {
		return KnownMarker{}, notFound(err, "marker-unknown", "没有这个界桩")
	}
	found, err := s.markers(ctx, "known_marker", ` where m.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return KnownMarker{}, notFound(err, "marker-unknown", "没有这个界桩")
	}
	k := KnownMarker{MarkerView: found[0], Grade: stands.Grade, Version: stands.Version, Actions: gazetteer.GradeActions(false, stands.Grade)}
	if actor.Anonymous() {
		k.MarkerView = k.Public()
		return k, nil
	}
	standing, err := s.standingAt(ctx, actor, now, k.LineID)
	if err != nil {
		return k, err
	}
	side, err := s.standingAtStone(ctx, actor, now, id)
	if side == boundary.Stranger {
		k.MarkerView = k.Public()
	}
	k.Actions, k.Record = gazetteer.GradeActions(boundary.GradesOn(actor, standing), k.Grade), side != boundary.Stranger
	return k, err
}

// standingAtStone is what the actor's office is to a marker the acting office may know of: to its line, and at a stone with three faces
// to any line it stands on.
func (s *Store) standingAtStone(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (boundary.Standing, error) {
	lines, err := collect[struct{ A, B uuid.UUID }](ctx, s.db, `select party_a as a, party_b as b from line where id = any (marker_lines($1)) order by id`, id)
	if err != nil {
		return "", err
	}
	var pairs [][2]uuid.UUID
	var parties []uuid.UUID
	for _, l := range lines {
		pairs, parties = append(pairs, [2]uuid.UUID{l.A, l.B}), append(parties, l.A, l.B)
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, parties...)
	return boundary.SeatOn(actor, lineage, pairs).Standing, err
}

// EachMarker calls do for every registration of every published marker, exact as registered: once for every line and course that it
// stood on meanwhile.
func (s *Store) EachMarker(ctx context.Context, do func(MarkerView) error) error {
	past, err := s.loadMarkerPast(ctx)
	if err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, markerSQL("marker")+` order by m.line_id, m.chainage_m, m.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scanMarker(rows)
		if err == nil {
			err = past.each(m, do)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// MarkersFor calls do as EachMarker does, for the published markers on the lines that are the actor's: of a party's bureau, or of the one
// above both. They are exact.
func (s *Store) MarkersFor(ctx context.Context, actor gazetteer.Actor, now time.Time, do func(MarkerView) error) error {
	return gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		past, err := t.loadMarkerPast(ctx)
		if err != nil {
			return err
		}
		lines, err := collect[struct{ ID, A, B uuid.UUID }](ctx, tx, `select id, party_a as a, party_b as b from line where line_is_ours(id) order by id`)
		if err != nil {
			return err
		}
		for _, l := range lines {
			standing, err := t.standing(ctx, actor, now, l.A, l.B)
			if err != nil {
				return err
			}
			if standing == boundary.Stranger {
				continue
			}
			found, err := t.markers(ctx, "marker", ` where m.line_id = $1 order by m.chainage_m, m.id`, l.ID)
			if err != nil {
				return err
			}
			for _, m := range found {
				if err := past.each(m, do); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
