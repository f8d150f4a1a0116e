package print

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"time"

	"fangyu/boundary"
	"fangyu/geo"
)

// MarkerTable is the result table of the markers of a line (界桩成果表), one row a stone, in the order of the line.
type MarkerTable struct {
	LineName, LineCode, LineLevel string
	PartyA, PartyB                string
	Markers                       []PrintedMarker
	Notice                        string // 示意，不作为划界依据, for a line without agreement, approval and publication
	Grade                         string // the highest of its markers, in Chinese; "" where all are public
	Source                        string // of the line
	MapReviewNumber               string
	PrintedAt                     time.Time
}

//go:embed marker_table.html
var markerTableHTML string

// tableHTML is what the tables of a line share: how they look, and where both sides sign.
//
//go:embed table.html
var tableHTML string

// tablePage is the page of a table of a line.
func tablePage(name, html string) *template.Template {
	shared := template.New(name).Funcs(template.FuncMap{"word": word, "instant": instant, "dms": dms, "add1": func(i int) int { return i + 1 }})
	return template.Must(template.Must(shared.Parse(tableHTML)).Parse(html))
}

var markerTablePage = tablePage("marker_table", markerTableHTML)

// markerRow is a row as it is printed.
type markerRow struct {
	PrintedMarker
	X, Y   string // on the 3° plane of the zone the marker lies in, the zone number before Y
	H      string
	Datum  string
	Units  [2]string
	Remark string
}

// WriteMarkerTable writes the table as a page. Every marker is given on the plane of its own 3° zone; the head names the zones.
// Errors as [geo.ZoneOf].
func WriteMarkerTable(w io.Writer, in MarkerTable) error {
	rows := make([]markerRow, 0, len(in.Markers))
	var zones []geo.Zone
	synthetic := 0
	for _, m := range in.Markers {
		zone, err := geo.ZoneOf(m.At[0], 3)
		if err != nil {
			return err
		}
		east, north, err := zone.Prefixed.FromCGCS2000(m.At)
		if err != nil {
			return err
		}
		if !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
		if m.Synthetic {
			synthetic++
		}
		rows = append(rows, m.row(in, east, north))
	}
	slices.SortFunc(zones, func(a, b geo.Zone) int { return a.Number - b.Number })
	return markerTablePage.Execute(w, struct {
		MarkerTable
		Rows      []markerRow
		Zones     []geo.Zone
		Synthetic int
	}{in, rows, zones, synthetic})
}

func (m PrintedMarker) row(in MarkerTable, east, north float64) markerRow {
	r := markerRow{PrintedMarker: m, X: fmt.Sprintf("%.3f", north), Y: fmt.Sprintf("%.3f", east), Units: [2]string{in.PartyA, in.PartyB}, Remark: m.Record.Remark}
	switch {
	case m.Record.ElevationM != nil:
		r.H, r.Datum = strconv.FormatFloat(*m.Record.ElevationM, 'f', 2, 64), boundary.HeightDatumLabel(m.Record.HeightDatum)
	case m.ElevationM != nil:
		r.H, r.Datum = strconv.FormatFloat(*m.ElevationM, 'f', 2, 64), boundary.HeightDatumLabel("1985")
	}
	for i, unit := range []string{m.Record.UnitA, m.Record.UnitB} {
		if unit != "" {
			r.Units[i] = unit
		}
	}
	return r
}
