package print

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// PrintedMarker is a marker on a paper, with the newest version of its record or the one asked for.
type PrintedMarker struct {
	Number, Stone  string
	State          string
	At             orb.Point // as registered
	ElevationM     *float64  // as registered, above the 1985 datum
	Custodian      string
	Grade          string // in Chinese; "" for a public one
	Synthetic      bool
	N              int // the version of the record; 0 where none is registered
	Of             int // how many versions there are
	Record         boundary.MarkerRecord
	ValidFrom      string
	Reason         string
	Document       string // title and number
	RegisteredBy   string // the office
	PartyA, PartyB string
}

// MarkerRecord is everything on the record of a marker (界桩登记表).
type MarkerRecord struct {
	PrintedMarker
	LineName, LineCode, LineLevel string
	Sketch                        *boundary.Sketch // nil without witness objects
	Notice                        string           // 示意，不作为划界依据, for a line without agreement, approval and publication
	MapReviewNumber               string
	PrintedAt                     time.Time
}

//go:embed marker_record.html
var markerRecordHTML string

var markerRecordPage = template.Must(template.New("marker_record").Funcs(template.FuncMap{
	"word": word, "day": day, "instant": instant, "faces": faces, "material": material, "dms": dms, "add1": func(i int) int { return i + 1 },
	"decimal": func(v float64, n int) string { return strconv.FormatFloat(v, 'f', n, 64) }, "bearing": bearing, "datum": boundary.HeightDatumLabel,
}).Parse(markerRecordHTML))

// WriteMarkerRecord writes the record as a page. Errors as [boundary.Sketch.Draw] and [geo.ZoneOf].
func WriteMarkerRecord(w io.Writer, in MarkerRecord) error {
	plane, err := in.plane()
	if err != nil {
		return err
	}
	page := struct {
		MarkerRecord
		Plane   planeOnPaper
		Picture template.HTML
	}{MarkerRecord: in, Plane: plane}
	if in.Sketch != nil {
		svg, err := in.Sketch.Draw()
		if err != nil {
			return fmt.Errorf("draw the sketch: %w", err)
		}
		page.Picture = template.HTML(svg) // made by us; names in it are escaped
	}
	return markerRecordPage.Execute(w, page)
}

// planeOnPaper is a position on a plane, X to the north, as papers give it.
type planeOnPaper struct {
	X, Y   string
	System string
	Given  bool // by the record; else computed from the registered position
}

// plane is the position as the record gives it, else as computed on the 3° plane of the zone it lies in.
func (m PrintedMarker) plane() (planeOnPaper, error) {
	if p := m.Record.Plane; p != nil {
		return planeOnPaper{fmt.Sprintf("%.3f", p.XM), fmt.Sprintf("%.3f", p.YM), systemOf(p.Frame()), true}, nil
	}
	zone, err := geo.ZoneOf(m.At[0], 3)
	if err != nil {
		return planeOnPaper{}, err
	}
	east, north, err := zone.Prefixed.FromCGCS2000(m.At)
	return planeOnPaper{fmt.Sprintf("%.3f", north), fmt.Sprintf("%.3f", east), systemOf(zone.Prefixed), false}, err
}

// systemOf names a plane in full: CGCS2000，高斯—克吕格 3° 带，第 36 带，中央经线 108°（Y 前带带号）.
func systemOf(f geo.Frame) string {
	meridian, zone, _ := f.CentralMeridian()
	text := fmt.Sprintf("CGCS2000，高斯—克吕格投影，中央经线 %v°，EPSG:%s", meridian, f)
	if zone == 0 {
		return text + "（Y 前不带带号）"
	}
	return text + fmt.Sprintf("（%d 带，Y 前带带号）", zone)
}

// dms writes degrees to 0.0001″, 3 mm.
func dms(degrees float64) string { return geo.FormatDMS(degrees, 4) }

func bearing(minutes int) string { return geo.GridBearing(float64(minutes) / 60).String() }

func faces(word string) string {
	return map[string]string{"two-face": "双面型", "three-face": "三面型"}[word]
}

func material(word string) string {
	if said := map[string]string{"stone": "石质", "concrete": "混凝土", "metal": "金属", "composite": "复合材料"}[word]; said != "" {
		return said
	}
	return word
}

// Kind says placement, faces and material of a stone: 单立 双面型 石质.
func (m PrintedMarker) Kind() string {
	return strings.Join(strings.Fields(m.Record.Placement.Label()+" "+faces(m.Record.Faces)+" "+material(m.Record.Material)), " ")
}
