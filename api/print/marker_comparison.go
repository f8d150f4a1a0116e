package print

import (
	_ "embed"
	"fmt"
	"io"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// MarkerComparison is the table of registered beside observed positions of the markers of a line (界桩变动对照表), in the order of the line.
type MarkerComparison struct {
	LineName, LineCode, LineLevel string
	PartyA, PartyB                string
	Markers                       []ComparedMarker
	Notice                        string // 示意，不作为划界依据, for a line without agreement, approval and publication
	MapReviewNumber               string
	PrintedAt                     time.Time
}

// ComparedMarker is a marker beside what was observed of it last. Positions are longitude, latitude and, where known, height in metres.
type ComparedMarker struct {
	PrintedMarker
	Registered []float64 // as it was registered when it was observed
	Observed   []float64 // nil where nobody did
	ApartM     float64
	LimitM     float64
	Fit        boundary.Fit
	ObservedOn string
	ObservedBy string // the office
	Method     string
	Pending    bool // the other side has not confirmed it
}

//go:embed marker_comparison.html
var markerComparisonHTML string

var markerComparisonPage = tablePage("marker_comparison", markerComparisonHTML)

// comparisonRow is a row as it is printed: on the 3° plane of the zone of the registered position, X to the north.
type comparisonRow struct {
	ComparedMarker
	X, Y, H       string // registered
	ObsX, ObsY    string
	ObsH          string
	DX, DY, DH    string // observed less registered
	Apart, Limit  string
	Verdict       string
	Beyond, Seen  bool
	SinceReplaced bool // it was registered elsewhere when it was observed
}

// WriteMarkerComparison writes the table as a page. Errors as [geo.ZoneOf].
func WriteMarkerComparison(w io.Writer, in MarkerComparison) error {
	rows := make([]comparisonRow, 0, len(in.Markers))
	var seen, beyond int
	for _, m := range in.Markers {
		row, err := m.row()
		if err != nil {
			return err
		}
		if row.Seen {
			seen++
		}
		if row.Beyond {
			beyond++
		}
		rows = append(rows, row)
	}
	return markerComparisonPage.Execute(w, struct {
		MarkerComparison
		Rows         []comparisonRow
		Seen, Beyond int
	}{in, rows, seen, beyond})
}

func (m ComparedMarker) row() (r comparisonRow, err error) {
	r = comparisonRow{ComparedMarker: m, Seen: m.Observed != nil, Verdict: "未观测"}
	if !r.Seen {
		m.Registered = []float64{m.At[0], m.At[1]}
		if m.ElevationM != nil {
			m.Registered = append(m.Registered, *m.ElevationM)
		}
	}
	registered := orb.Point{m.Registered[0], m.Registered[1]}
	zone, err := geo.ZoneOf(registered[0], 3)
	if err != nil {
		return r, err
	}
	y, x, err := zone.Prefixed.FromCGCS2000(registered)
	if err != nil {
		return r, err
	}
	r.X, r.Y, r.H = metre3(x), metre3(y), height(m.Registered)
	if !r.Seen {
		return r, nil
	}
	obsY, obsX, err := zone.Prefixed.FromCGCS2000(orb.Point{m.Observed[0], m.Observed[1]})
	if err != nil {
		return r, err
	}
	r.ObsX, r.ObsY, r.ObsH = metre3(obsX), metre3(obsY), height(m.Observed)
	r.DX, r.DY, r.Apart, r.Limit = difference(obsX-x), difference(obsY-y), fmt.Sprintf("%.2f", m.ApartM), fmt.Sprintf("%.2f", m.LimitM)
	if len(m.Registered) == 3 && len(m.Observed) == 3 {
		r.DH = difference(m.Observed[2] - m.Registered[2])
	}
	r.Beyond, r.SinceReplaced = m.Fit == boundary.Beyond, registered != m.At
	if r.Verdict = "未超限"; r.Beyond {
		r.Verdict = "超限"
	}
	return r, nil
}

func metre3(m float64) string     { return fmt.Sprintf("%.3f", m) }
func difference(m float64) string { return fmt.Sprintf("%+.2f", m) }

// height is the third coordinate; "" without one.
func height(at []float64) string {
	if len(at) < 3 {
		return ""
	}
	return fmt.Sprintf("%.2f", at[2])
}
