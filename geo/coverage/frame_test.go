package coverage_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

const (
	countiesGCJ   = "admin/cq_counties_gcj02_2018.geojson.gz"
	controlDCW    = "admin/dcw_provinces_cq_and_5_neighbours_wgs84.geojson.gz"
	countiesMCA   = "admin/mca_xian_quanguo_2020_displaced.topojson.gz"
	coarseWGS     = "admin/longwosion_500100_counties_wgs84_coarse.geojson"
	coarseGCJ     = "admin/longwosion_50_province_file_gcj_coarse_invalid.geojson"
	boundariesGCJ = "boundary/cq_boundary_lines_gcj02_2018.geojson.gz"
)

// Every file against units whose place is known, and against province outlines of another make (DCW) that are some 300 m off in
// the middle. How far files stand off is in shared/data/SOURCES.md.
func TestFramesOfRealFiles(t *testing.T) {
	for name, c := range map[string]struct {
		file, control string
		frame         string
		east, north   float64
		withinM       float64 // 0: it stands where it should
	}{
		"GCJ-02 against its twin":    {countiesGCJ, counties, "gcj02", 410, -300, 10},
		"WGS 84 against its twin":    {counties, countiesGCJ, "gcj02", 410, -300, 10},
		"GCJ-02 by outline":          {countiesGCJ, controlDCW, "gcj02", 410, -300, 130},
		"WGS 84 by outline":          {counties, controlDCW, "", 0, 0, 0},
		"displaced, by units":        {countiesMCA, counties, "", 12_400, 14_300, 100},
		"displaced, by outline":      {countiesMCA, controlDCW, "", 12_400, 14_300, 150},
		"coarse WGS 84":              {coarseWGS, counties, "", 0, 0, 0},
		"coarse WGS 84 by outline":   {coarseWGS, controlDCW, "", 0, 0, 0},
		"coarse GCJ-02":              {coarseGCJ, counties, "gcj02", 410, -300, 100},
		"coarse GCJ-02 by outline":   {coarseGCJ, controlDCW, "gcj02", 410, -300, 130},
		"lines in GCJ-02 by outline": {boundariesGCJ, controlDCW, "gcj02", 410, -300, 130},
	} {
		t.Run(name, func(t *testing.T) {
			p := coverage.Parameters{Control: read(t, 0, c.control), Files: []string{"那份.geojson"}}
			r, err := coverage.Check(context.Background(), read(t, 0, c.file), p, nil)
			if err != nil {
				t.Fatal(err)
			}
			found := of(r, "frame-mismatch")
			if c.withinM == 0 {
				if len(found) > 0 || r.Counts["control-unlike"] > 0 {
					t.Errorf("it stands where it should: %+v", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("found %v", r.Counts)
			}
			f := found[0]
			if f.Frame != c.frame || math.Hypot(f.EastM-c.east, f.NorthM-c.north) > c.withinM || f.Severity != fault.Block {
				t.Errorf("got %q %.0f m east, %.0f m north", f.Frame, f.EastM, f.NorthM)
			}
			if math.Abs(f.LengthM-math.Hypot(f.EastM, f.NorthM)) > 0.01 {
				t.Errorf("%.1f m off", f.LengthM)
			}
			if who := map[bool]string{true: "控制轮廓", false: "那份.geojson"}[c.control == countiesGCJ]; !strings.HasPrefix(strings.TrimPrefix(f.Detail, "文件 "), who) {
				t.Errorf("who is it: %s", f.Detail)
			}
		})
	}
}

// Files of the same units are compared with each other where there is no control, and looked at beside each other.
func TestFilesOfTheSameUnits(t *testing.T) {
	r := check(t, append(read(t, 0, counties), read(t, 1, countiesGCJ)...))
	if len(r.Findings) != 1 || r.Findings[0].Code != "frame-mismatch" || !strings.HasPrefix(r.Findings[0].Detail, "第 2 个文件像是 gcj02") || len(r.Exclaves) != 24 {
		t.Errorf("got %v, %d exclaves: %+v", r.Counts, len(r.Exclaves), r.Findings)
	}
}

func TestDisplacedUnits(t *testing.T) {
	units := func(file int, move func(i int, p orb.Point) orb.Point) []coverage.Feature {
		var all []coverage.Feature
		for i := range 6 {
			x, y := float64(20*i), float64(7*i%3)
			f := coverage.Feature{ID: string(rune('A' + i)), Code: "50010" + string(rune('1'+i)), File: file}
			ring := boxRing(x, y, x+10, y+10)
			for k := range ring {
				ring[k] = move(i, ring[k])
			}
			f.Geometry = orb.Polygon{ring}
			all = append(all, f)
		}
		return all
	}
	as := func(_ int, p orb.Point) orb.Point { return p }
	east := func(m float64) func(int, orb.Point) orb.Point {
		return func(_ int, p orb.Point) orb.Point { return geo.Direct(p, 90, m) }
	}
	for name, c := range map[string]struct {
		move func(i int, p orb.Point) orb.Point
		want float64 // metres east; 0 for nothing
	}{
		"as it should be":   {as, 0},
		"by half a metre":   {east(0.5), 0},
		"by five metres":    {east(5), 5},
		"each another way":  {func(i int, p orb.Point) orb.Point { return geo.Direct(p, float64(60*i), 50) }, 0},
		"by a hundred km":   {east(100_000), 100_000},
		"to the west, by 5": {east(-5), -5},
	} {
		t.Run(name, func(t *testing.T) {
			found := of(check(t, append(units(0, as), units(1, c.move)...)), "frame-mismatch")
			if c.want == 0 {
				if len(found) > 0 {
					t.Errorf("got %+v", found)
				}
				return
			}
			if len(found) != 1 || math.Abs(found[0].EastM/c.want-1) > 0.01 || math.Abs(found[0].NorthM) > math.Abs(c.want)/100 || found[0].Frame != "" {
				t.Errorf("got %+v", found)
			}
		})
	}
	r, err := coverage.Check(context.Background(), units(0, as), coverage.Parameters{Control: []coverage.Feature{{Geometry: box(5000, 0, 5001, 1)}}}, nil)
	if err != nil || r.Counts["control-unlike"] != 1 || len(r.Findings) != 1 {
		t.Errorf("a control elsewhere: %v %v", r.Counts, err)
	}
}
