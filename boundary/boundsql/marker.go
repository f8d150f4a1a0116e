package boundsql

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"

	"fangyu/gazetteer/gazsql"
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
	AsOf       time.Time    `json:"-"`
	Valid      gazsql.Valid `json:"-"`
}

const markerSQL = `
	select m.id, m.number, m.stone, m.type, m.material, m.line_id, l.name, m.chainage_m, m.offset_m, m.state,
	       (select name from division_version x where x.division_id = m.custodian order by upper(x.valid) desc nulls first limit 1),
	       m.geom, m.sigma_m, m.synthetic, d.title, m.recorded_at, m.valid
	from marker m join line l on l.id = m.line_id join document d on d.id = m.document_id`

func scanMarker(row pgx.CollectableRow) (m MarkerView, err error) {
	var at geom.Point
	err = row.Scan(&m.ID, &m.Number, &m.Stone, &m.Type, &m.Material, &m.LineID, &m.LineName, &m.ChainageM, &m.OffsetM, &m.State,
		&m.Custodian, &at, &m.SigmaM, &m.Synthetic, &m.Source, &m.AsOf, &m.Valid)
	if err != nil {
		return m, err
	}
	m.Lon, m.Lat = at.X(), at.Y()
	if height := at.Z(); !math.IsNaN(height) {
		m.ElevationM = &height
	}
	return m, nil
}

func (s *Store) markers(ctx context.Context, where string, args ...any) ([]MarkerView, error) {
	rows, err := s.db.Query(ctx, markerSQL+where, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanMarker)
	if found == nil {
		found = []MarkerView{}
	}
	return found, err
}

// Marker returns a registered marker as it stands today or latest.
func (s *Store) Marker(ctx context.Context, id uuid.UUID) (MarkerView, error) {
	found, err := s.markers(ctx, ` where m.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return MarkerView{}, notFound(err, "marker-unknown", "没有这个界桩")
	}
	return found[0], nil
}

// EachMarker calls do for every registration of every marker.
func (s *Store) EachMarker(ctx context.Context, do func(MarkerView) error) error {
	rows, err := s.db.Query(ctx, markerSQL+` order by m.line_id, m.chainage_m, m.id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scanMarker(rows)
		if err != nil {
			return err
		}
		if err := do(m); err != nil {
			return err
		}
	}
	return rows.Err()
}
