package feature_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

// twoSquares are two neighbours that share arc 1, a line, points and what has no geometry, quantised; objects stand before
// the arcs they use.
const twoSquares = `{"type":"Topology","transform":{"scale":[0.01,0.01],"translate":[106,29]},
"objects":{
 "units":{"type":"GeometryCollection","geometries":[
  {"type":"Polygon","id":"w","properties":{"code":"050101"},"arcs":[[0,1]]},
  {"type":"Polygon","properties":{"code":"050102"},"arcs":[[2,-2]]},
  {"arcs":[[[0,1]],[[3]]],"type":"MultiPolygon"},
  {"type":null,"properties":{"code":"050103"}},
  {"type":"GeometryCollection","id":7,"geometries":[{"type":"Point","coordinates":[3,4]},{"type":"LineString","arcs":[1]}]}]},
 "line":{"type":"MultiLineString","arcs":[[0],[2]]},
 "stones":{"type":"MultiPoint","coordinates":[[0,0],[10,20]]}},
"arcs":[[[10,10],[-10,0],[0,-10],[10,0]],[[10,0],[0,10]],[[10,0],[10,0],[0,10],[-10,0]],[[30,30],[1,0],[0,1],[-1,-1]]]}`

func TestTopoJSON(t *testing.T) {
	at := func(x, y float64) orb.Point { return orb.Point{x*0.01 + 106, y*0.01 + 29} }
	west := orb.Polygon{{at(10, 10), at(0, 10), at(0, 0), at(10, 0), at(10, 10)}}
	want := []orb.Geometry{
		west,
		orb.Polygon{{at(10, 0), at(20, 0), at(20, 10), at(10, 10), at(10, 0)}},
		orb.MultiPolygon{west, {{at(30, 30), at(31, 30), at(31, 31), at(30, 30)}}},
		nil,
		orb.Collection{at(3, 4), orb.LineString{at(10, 0), at(10, 10)}},
		orb.MultiLineString{{at(10, 10), at(0, 10), at(0, 0), at(10, 0)}, {at(10, 0), at(20, 0), at(20, 10), at(10, 10)}},
		orb.MultiPoint{at(0, 0), at(10, 20)},
	}
	for _, name := range []string{"t.topojson", "t.json"} {
		src, err := feature.Open(write(t, name, []byte(twoSquares)))
		if err != nil {
			t.Fatal(err)
		}
		if src.Format != "topojson" || src.DeclaredFrame != "4326" || src.Rows != len(want) || !reflect.DeepEqual(src.Headings, []string{"code"}) {
			t.Errorf("%s: %+v", name, src)
		}
		i := 0
		for rec, err := range src.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(rec.Geometry, want[i]) {
				t.Errorf("record %d: %v, not %v", i, rec.Geometry, want[i])
			}
			if ids := []string{"w", "", "", "", "7", "", ""}; rec.ID != ids[i] || i < 2 && rec.Fields["code"] != fmt.Sprintf("05010%d", i+1) {
				t.Errorf("record %d: %+v", i, rec)
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%d records", i)
		}
		for range src.Records() {
			break // stopping early is fine
		}
	}
}

func TestTopoJSONThatIsWrong(t *testing.T) {
	one := func(geometry, arcs string) string {
		return `{"type":"Topology","arcs":` + arcs + `,"objects":{"a":{"type":"GeometryCollection","geometries":[` + geometry + `,{"type":"Point","coordinates":[1,2]}]}}}`
	}
	const arcs = `[[[106,29],[107,29]],[[107,30],[106,30]]]`
	for name, c := range map[string]struct{ text, code string }{
		"an arc that is not there":         {one(`{"type":"LineString","arcs":[2]}`, arcs), "bad-geometry"},
		"an arc before the first":          {one(`{"type":"LineString","arcs":[-3]}`, arcs), "bad-geometry"},
		"an arc by a fraction":             {one(`{"type":"LineString","arcs":[0.5]}`, arcs), "bad-geometry"},
		"arcs that do not follow":          {one(`{"type":"LineString","arcs":[0,1]}`, arcs), "bad-geometry"},
		"too few brackets":                 {one(`{"type":"Polygon","arcs":[0]}`, arcs), "bad-geometry"},
		"uneven brackets":                  {one(`{"type":"Polygon","arcs":[[0],1]}`, arcs), "bad-geometry"},
		"no arcs":                          {one(`{"type":"Polygon"}`, arcs), "empty-geometry"},
		"a type nobody knows":              {one(`{"type":"Circle","arcs":[0]}`, arcs), "bad-geometry"},
		"a long arc named again and again": {one(`{"type":"MultiLineString","arcs":[[0]`+strings.Repeat(`,[0]`, 5000)+`]}`, `[[[0,0]`+strings.Repeat(`,[1,1]`, 1000)+`]]`), "record-too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			src, err := feature.Open(write(t, "t.topojson", []byte(c.text)))
			if err != nil {
				t.Fatal(err)
			}
			good := 0
			for rec, err := range src.Records() {
				var known *fault.Error
				switch {
				case err == nil && rec.Geometry != nil:
					good++
				case !errors.As(err, &known) || known.Code != c.code || !strings.Contains(known.Detail, "第 1 行"):
					t.Errorf("got %v, wanted %s", err, c.code)
				}
			}
			if good != 1 {
				t.Errorf("%d records after it, not 1", good)
			}
		})
	}
	for name, c := range map[string]struct{ text, code string }{
		"arcs that are no array":  {`{"type":"Topology","arcs":{},"objects":{}}`, "bad-json"},
		"an arc that is no array": {`{"type":"Topology","arcs":[1],"objects":{}}`, "bad-json"},
		"an arc of numbers":       {`{"type":"Topology","arcs":[[1,2]],"objects":{}}`, "bad-geometry"},
		"a scale of one number":   {`{"type":"Topology","arcs":[],"transform":{"scale":[1],"translate":[0,0]},"objects":{}}`, "bad-geometry"},
		"cut off":                 {twoSquares[:len(twoSquares)-20], "bad-json"},
		"nested without end":      {`{"type":"Topology","arcs":[],"objects":{"a":{"type":"Polygon","arcs":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}}`, "bad-json"},
		"records of the same arc again and again": {
			one(strings.Repeat(`{"type":"MultiLineString","arcs":[[0]`+strings.Repeat(`,[0]`, 4000)+`]},`, 2)+`null`, `[[[0,0]`+strings.Repeat(`,[1,1]`, 1000)+`]]`), "file-too-large",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := feature.Open(write(t, "t.topojson", []byte(c.text)))
			var known *fault.Error
			if !errors.As(err, &known) || known.Code != c.code {
				t.Errorf("got %v, wanted %s", err, c.code)
			}
		})
	}
}

func TestTopoJSONPacked(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(twoSquares)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if src, err := feature.Open(write(t, "t.topojson.gz", b.Bytes())); err != nil || src.Rows != 7 {
		t.Errorf("%+v, %v", src, err)
	}
}

// The counties of the whole country: shared arcs make the same vertices on both sides of an edge.
func TestTopoJSONOfTheCountry(t *testing.T) {
	src, err := feature.Open(shareddata.Path(t, "admin/mca_xian_quanguo_2020_displaced.topojson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if src.Rows != 6715 || src.DeclaredFrame != "4326" {
		t.Errorf("%+v", src)
	}
	areas, m2 := 0, 0.0
	for rec, err := range src.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Geometry == nil {
			continue
		}
		areas++
		m2 += geo.AreaM2(rec.Geometry)
		if areas == 1 && (rec.Fields["NAME"] != "天门市" || rec.Fields["QUHUADAIMA"] != "429006" || !rec.Geometry.Bound().Contains(orb.Point{113.3, 30.8})) {
			t.Errorf("the first is %v in %v", rec.Fields, rec.Geometry.Bound())
		}
	}
	if areas != 3246 || m2 < 9.3e12 || m2 > 9.8e12 {
		t.Errorf("%d areas of %.0f km²", areas, m2/1e6)
	}
}
