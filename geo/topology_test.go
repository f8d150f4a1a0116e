package geo_test

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

func ring(xy ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(xy); i += 2 {
		r = append(r, orb.Point{xy[i], xy[i+1]})
	}
	return r
}

func codes(findings []fault.Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Code)
	}
	return strings.Join(all, " ")
}

func TestCheckPolygonNamesEachFault(t *testing.T) {
	shell := ring(0, 0, 10, 0, 10, 10, 0, 10, 0, 0)
	for name, c := range map[string]struct {
		g    orb.Geometry
		want string
	}{
		"valid":                     {orb.Polygon{shell}, ""},
		"valid hole":                {orb.Polygon{shell, ring(2, 2, 4, 2, 4, 4, 2, 2)}, ""},
		"not an area":               {orb.Point{1, 1}, ""},
		"unclosed":                  {orb.Polygon{ring(0, 0, 10, 0, 10, 10, 0, 10)}, "ring-unclosed"},
		"two corners":               {orb.Polygon{ring(0, 0, 10, 0, 0, 0)}, "too-few-points"},
		"one corner repeated":       {orb.Polygon{ring(1, 1, 1, 1, 1, 1, 1, 1)}, "duplicate-vertex too-few-points"},
		"no ring":                   {orb.Polygon{}, "too-few-points"},
		"not a number":              {orb.Polygon{ring(0, 0, math.NaN(), 0, 1, 1, 0, 0)}, "not-a-number"},
		"bow tie":                   {orb.Polygon{ring(0, 0, 10, 10, 10, 0, 0, 10, 0, 0)}, "self-intersection"},
		"eight through a vertex":    {orb.Polygon{ring(0, 0, 5, 5, 10, 0, 10, 10, 5, 5, 0, 10, 0, 0)}, "self-touch"},
		"vertex on an edge":         {orb.Polygon{ring(0, 0, 10, 0, 10, 10, 5, 0, 0, 10, 0, 0)}, "self-touch"},
		"spike":                     {orb.Polygon{ring(0, 0, 10, 0, 10, 10, 10, 15, 10, 10, 0, 10, 0, 0)}, "self-touch self-intersection"},
		"duplicate vertex":          {orb.Polygon{ring(0, 0, 10, 0, 10, 0, 10, 10, 0, 0)}, "duplicate-vertex"},
		"hole outside":              {orb.Polygon{shell, ring(20, 20, 24, 20, 24, 24, 20, 20)}, "hole-outside-shell"},
		"hole through the shell":    {orb.Polygon{shell, ring(8, 8, 14, 8, 14, 14, 8, 8)}, "self-intersection self-intersection"},
		"hole in a hole":            {orb.Polygon{shell, ring(1, 1, 9, 1, 9, 9, 1, 9, 1, 1), ring(3, 3, 4, 3, 4, 4, 3, 3)}, "nested-holes"},
		"hole equal to the shell":   {orb.Polygon{shell, shell}, "self-intersection self-intersection self-intersection self-intersection"},
		"hole touches once":         {orb.Polygon{shell, ring(0, 5, 4, 4, 4, 6, 0, 5)}, ""},
		"hole touches twice":        {orb.Polygon{shell, ring(0, 5, 5, 4, 10, 5, 5, 6, 0, 5)}, "interior-disconnected"},
		"parts that touch":          {orb.MultiPolygon{{shell}, {ring(10, 10, 20, 10, 20, 20, 10, 10)}}, ""},
		"parts that share an edge":  {orb.MultiPolygon{{shell}, {ring(10, 0, 20, 0, 20, 10, 10, 10, 10, 0)}}, "self-intersection"},
		"part in a part":            {orb.MultiPolygon{{shell}, {ring(2, 2, 4, 2, 4, 4, 2, 2)}}, "nested-shells"},
		"part in a hole of another": {orb.MultiPolygon{{shell, ring(1, 1, 9, 1, 9, 9, 1, 9, 1, 1)}, {ring(3, 3, 4, 3, 4, 4, 3, 3)}}, ""},
		"hole crosses at vertices":  {orb.Polygon{shell, ring(10, 10, 12, 8, 5, 5, 10, 10)}, "self-intersection self-intersection"},
	} {
		findings := geo.CheckPolygon(c.g)
		if got := codes(findings); got != c.want {
			t.Errorf("%s: got %q, want %q\n%v", name, got, c.want, findings)
		}
	}
}

func TestFindingsNameTheirPlace(t *testing.T) {
	f := geo.CheckPolygon(orb.Polygon{ring(106.5, 29.5, 106.6, 29.6, 106.6, 29.5, 106.5, 29.6, 106.5, 29.5)})
	if len(f) != 1 || !strings.Contains(f[0].Detail, "（106.55, 29.55）") || !strings.Contains(f[0].Detail, "第 1 条边与第 3 条边") {
		t.Errorf("%v", f)
	}
}

// JTS's own validity cases. Geometries we do not take (empty, points, lines) are left out; a warning is no invalidity.
func TestCheckPolygonAgreesWithJTS(t *testing.T) {
	type testCase struct {
		Desc string `xml:"desc"`
		A    string `xml:"a"`
		Op   string `xml:"test>op"`
	}
	var run struct {
		Cases []testCase `xml:"case"`
	}
	z, err := zip.OpenReader(shareddata.Path(t, "conformance/jts_xml_tests_part.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("general/TestValid.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil || xml.Unmarshal(text, &run) != nil {
		t.Fatal("TestValid.xml cannot be read")
	}
	checked := 0
	for _, c := range run.Cases {
		a := strings.TrimSpace(c.A)
		if !strings.Contains(a, "POLYGON") || strings.Contains(a, "EMPTY") {
			continue
		}
		g, err := wkt.Unmarshal(strings.Join(strings.Fields(a), " "))
		if err != nil {
			t.Errorf("%s: %v in %s", c.Desc, err, a)
			continue
		}
		findings := geo.CheckPolygon(g)
		got, want := fault.Worst(findings) != fault.Block, strings.TrimSpace(c.Op) == "true"
		if got != want {
			t.Errorf("%s: valid %v, want %v\n%s\n%v", c.Desc, got, want, a, findings)
		}
		checked++
	}
	if checked < 30 {
		t.Errorf("only %d cases", checked)
	}
}

// The county layer is exact (0 invalid polygons), the coarse district file has 4 invalid rings and the coarse province file
// 13 (shared/data/SOURCES.md).
func TestCheckPolygonOnRealOutlines(t *testing.T) {
	for path, want := range map[string]int{
		"admin/cq_counties_wgs84_derived.geojson.gz":                   0,
		"admin/longwosion_500100_counties_wgs84_coarse.geojson":        4,
		"admin/longwosion_50_province_file_gcj_coarse_invalid.geojson": 13,
	} {
		src, err := feature.Open(shareddata.Path(t, path))
		if err != nil {
			t.Fatal(err)
		}
		invalid := 0
		for rec, err := range src.Records() {
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if findings := geo.CheckPolygon(rec.Geometry); fault.Worst(findings) == fault.Block {
				invalid++
				if want == 0 {
					t.Errorf("%s %s: %v", path, rec.ID, findings[0])
				}
			}
		}
		if invalid != want {
			t.Errorf("%s: %d invalid areas, want %d", path, invalid, want)
		}
	}
}

// starRing is a valid ring of n vertices.
func starRing(r *rand.Rand, n int) orb.Ring {
	var out orb.Ring
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		radius := 0.5 + 0.02*r.Float64()
		out = append(out, orb.Point{106.5 + radius*cos, 29.5 + radius*sin})
	}
	return append(out, out[0])
}

func TestCheckPolygonOnTwentyThousandVertices(t *testing.T) {
	star := starRing(rand.New(rand.NewPCG(3, 3)), 20_000)
	start := time.Now()
	if f := geo.CheckPolygon(orb.Polygon{star}); len(f) > 0 {
		t.Errorf("a star is valid: %v", f)
	}
	if d := time.Since(start); d > 3*time.Second { // some 20 ms; pairs of all edges would take minutes
		t.Errorf("took %v", d)
	}
	star[10_000], star[10_001] = star[10_001], star[10_000]
	if got := codes(geo.CheckPolygon(orb.Polygon{star})); got != "self-intersection" {
		t.Errorf("two vertices exchanged: %q", got)
	}
}

func BenchmarkCheckPolygon(b *testing.B) {
	p := orb.Polygon{starRing(rand.New(rand.NewPCG(3, 3)), 20_000)}
	for range b.N {
		geo.CheckPolygon(p)
	}
}

func ExampleCheckPolygon() {
	for _, f := range geo.CheckPolygon(orb.Polygon{{{106.5, 29.5}, {106.6, 29.6}, {106.6, 29.5}, {106.5, 29.6}, {106.5, 29.5}}}) {
		fmt.Println(f)
	}
	// Output: [block] self-intersection: 在（106.55, 29.55）处相交：第 1 个面的外环的第 1 条边与第 3 条边
}

// TestATangleIsQuick checks a ring of which nearly every two edges cross.
func TestATangleIsQuick(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var ring orb.Ring
	for range 20_000 {
		ring = append(ring, orb.Point{106 + random.Float64(), 29 + random.Float64()})
	}
	began := time.Now()
	found := geo.CheckPolygon(append(ring, ring[0]))
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%d findings after %s", len(found), took)
	}
	if last := found[len(found)-1]; last.Code != "more-findings" || last.Detail != "还有 1000 处以上同类问题没有列出" {
		t.Errorf("the last of %d is %+v", len(found), last)
	}
}
