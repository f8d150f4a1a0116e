package gazsql_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

var (
	importer = gazetteer.Actor{System: "import"}
	today    = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
)

const (
	counties   = "admin/cq_counties_wgs84_derived.geojson.gz"
	neighbours = "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"
	units      = "codes/vonng_cq_adcode_5levels_2016_gcj02.csv.gz"
)

func openSource(t testing.TB, path string) *feature.Source {
	t.Helper()
	s, err := feature.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestImportOfTheRealDivisions(t *testing.T) {
	for _, order := range [][]string{{counties, neighbours, units}, {units, neighbours, counties}} {
		db := pgtest.New(t)
		store := gazsql.New(db.Pool)
		ctx := context.Background()
		for _, path := range order {
			in := gazsql.Import{Source: openSource(t, pgtest.SharedData(t, path))}
			if path == units {
				in.Frame, in.ConfirmFrame = geo.GCJ02, true
			}
			began := time.Now()
			report, err := store.ImportDivisions(ctx, importer, today, in)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			t.Logf("%s: %d rows in %v: %+v", report.File, report.Rows, time.Since(began).Round(time.Millisecond), report.Counts)
			if path == units && (report.Rows != 12204 || report.Passed != 2) {
				t.Errorf("got %d rows, %d virtual; wanted 12204 and 2", report.Rows, report.Passed)
			}
			again, err := store.ImportDivisions(ctx, importer, today, in)
			if err != nil || again.Created+again.Changed != 0 {
				t.Errorf("%s a second time: %v, created %d, changed %d", path, err, again.Created, again.Changed)
			}
		}
		rows, err := db.Pool.Query(ctx, `
			select v.level, count(*)::int,
			       count(*) filter (where exists (select from place p where p.represents_division_id = v.division_id))::int,
			       count(*) filter (where exists (select from division_shape s where s.division_id = v.division_id))::int,
			       count(*) filter (where exists (select from place p where p.represents_division_id = v.division_id and p.geom is not null))::int
			from division_version v
			where upper_inf(v.valid) and not exists (select from division_code c
			      where c.division_id = v.division_id and c.system = 'gbt2260' and left(c.code, 2) <> '50')
			group by 1`)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][4]int{}
		for rows.Next() {
			var level string
			var n [4]int
			if err := rows.Scan(&level, &n[0], &n[1], &n[2], &n[3]); err != nil {
				t.Fatal(err)
			}
			got[level] = n
		}
		// Units, with a place, with a shape, with a point; counted in the files with zcat and awk.
		want := map[string][4]int{
			"province": {1, 1, 0, 1}, "county": {38, 38, 38, 38}, "township": {1029, 1029, 0, 898}, "village": {11134, 11134, 0, 1184},
		}
		for level, n := range want {
			if got[level] != n {
				t.Errorf("%v %s: got %v, wanted %v", order[0], level, got[level], n)
			}
		}
	}
}

func TestImportHoldsGCJ02(t *testing.T) {
	db := pgtest.New(t)
	store := gazsql.New(db.Pool)
	in := gazsql.Import{Source: openSource(t, pgtest.SharedData(t, units))}
	_, err := store.ImportDivisions(context.Background(), importer, today, in)
	if !fault.Is(err, "frame-undeclared") {
		t.Errorf("without a frame: got %v", err)
	}
	in.Frame = geo.GCJ02
	_, err = store.ImportDivisions(context.Background(), importer, today, in)
	if !fault.Is(err, "frame-held") {
		t.Errorf("unconfirmed: got %v", err)
	}
	mustBeEmpty(t, db)
}

func mustBeEmpty(t *testing.T, db *pgtest.DB) {
	t.Helper()
	var n int
	err := db.Super.QueryRow(context.Background(), `
		select (select count(*) from division) + (select count(*) from place) + (select count(*) from document) + (select count(*) from journal)`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("the database is not empty: %d rows, %v", n, err)
	}
}

func TestImportRefusesAndChangesNothing(t *testing.T) {
	const square = `{"type":"Feature","properties":{"code":"500101","name":"万州区"},"geometry":{"type":"Polygon","coordinates":[%s]}}`
	polygon := func(ring string) string {
		return `{"type":"FeatureCollection","features":[` + strings.Replace(square, "%s", ring, 1) + `]}`
	}
	db := pgtest.New(t)
	store := gazsql.New(db.Pool)
	for _, c := range []struct {
		name, file, text, code, says string
	}{
		{"unknown column", "a.csv", "code,name,colour\n500101,万州区,red\n", "unknown-column", "colour"},
		{"code of 7 digits", "a.csv", "code,name\n5001011,万州区\n", "import-refused", "line 2"},
		{"no name", "a.csv", "code,name\n500101,\n", "import-refused", "name-missing"},
		{"the same code twice", "a.csv", "code,name\n500101,万州区\n500101,万州区\n", "import-refused", "code-twice"},
		{"parent missing", "a.csv", "code,name\n500101001,高笋塘街道\n", "import-refused", "parent-missing"},
		{"headings only", "a.csv", "code,name\n", "no-rows", "表头"},
		{"no features", "a.geojson", `{"type":"FeatureCollection","features":[]}`, "no-rows", "没有任何记录"},
		{"a day of the year 216", "a.csv", "code,name,validFrom\n500000,重庆市,0216-11-24\n", "import-refused", "1000"},
		{"a polygon without coordinates", "a.geojson", polygon(""), "import-refused", "empty-geometry"},
		{"a collection of nothing", "a.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"500101","name":"万州区"},"geometry":{"type":"GeometryCollection","geometries":[]}}]}`, "import-refused", "empty-geometry"},
		{"ring touches itself", "a.geojson", polygon(`[[108,30],[109,30],[108.5,30.5],[109,31],[108,31],[108.5,30.5],[108,30]]`), "import-refused", "self-touch"},
		{"latitude first", "a.geojson", polygon(`[[30,108],[30,109],[31,109],[31,108],[30,108]]`), "import-refused", "latlon-swapped"},
		{"latitude first in a table", "a.csv", "code,name,lon,lat\n500000,重庆市,29.5,106.5\n", "import-refused", "latlon-swapped"},
		{"projected metres", "a.csv", "code,name,lon,lat\n500000,重庆市,359474,3272217\n", "import-refused", "line 2"},
		{"not what its name says", "a.geojson", "<html><body>login</body></html>", "not-what-its-name-says", "HTML"},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := feature.Open(path)
		if err == nil {
			_, err = store.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: src, Frame: geo.WGS84})
		}
		if !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %s", c.name, err, c.code)
			continue
		}
		if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", c.name, err, c.says)
		}
	}
	mustBeEmpty(t, db)
}

func TestDryRunAndPartial(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	text := "code,name\n500000,重庆市\n500101,万州区\n50010,坏行\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	store := gazsql.New(db.Pool)
	in := gazsql.Import{Source: openSource(t, path), Partial: true, DryRun: true}
	report, err := store.ImportDivisions(context.Background(), importer, today, in)
	if err != nil || report.Created != 2 || report.Committed {
		t.Fatalf("dry run: %v %+v", err, report)
	}
	mustBeEmpty(t, db)
	in.DryRun = false
	report, err = store.ImportDivisions(context.Background(), importer, today, in)
	if err != nil || report.Created != 2 || !report.Committed || fault.Worst(report.Findings) != fault.Block {
		t.Fatalf("partial: %v %+v", err, report)
	}
}
