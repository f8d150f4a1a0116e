package boundsql_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

var (
	importer = gazetteer.Actor{System: "import"}
	today    = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
)

const (
	countiesFile   = "admin/cq_counties_wgs84_derived.geojson.gz"
	neighboursFile = "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"
	linesFile      = "boundary/cq_boundary_lines_wgs84_derived.geojson.gz"
)

func open(path string) (*feature.Source, error) { return feature.Open(path) }

// withCounties is a database with the counties and their neighbours; tests only read it.
func withCounties(t *testing.T) *pgtest.DB {
	counties, neighbours := pgtest.SharedData(t, countiesFile), pgtest.SharedData(t, neighboursFile)
	return pgtest.Shared(t, "counties", func(ctx context.Context, db *pgtest.DB) error {
		return loadCounties(ctx, db, counties, neighbours)
	})
}

// withLines has the lines of the real file as well.
func withLines(t *testing.T) *pgtest.DB {
	counties, neighbours, lines := pgtest.SharedData(t, countiesFile), pgtest.SharedData(t, neighboursFile), pgtest.SharedData(t, linesFile)
	return pgtest.Shared(t, "lines", func(ctx context.Context, db *pgtest.DB) error {
		if err := loadCounties(ctx, db, counties, neighbours); err != nil {
			return err
		}
		src, err := open(lines)
		if err != nil {
			return err
		}
		_, err = boundsql.New(db.Pool, nil, nil).ImportLines(ctx, importer, today, gazsql.Import{Source: src})
		return err
	})
}

func loadCounties(ctx context.Context, db *pgtest.DB, paths ...string) error {
	for _, path := range paths {
		src, err := open(path)
		if err != nil {
			return err
		}
		if _, err := gazsql.New(db.Pool).ImportDivisions(ctx, importer, today, gazsql.Import{Source: src}); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func TestImportOfTheRealLines(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	if err := loadCounties(ctx, db, pgtest.SharedData(t, countiesFile), pgtest.SharedData(t, neighboursFile)); err != nil {
		t.Fatal(err)
	}
	src, err := open(pgtest.SharedData(t, linesFile))
	if err != nil {
		t.Fatal(err)
	}
	store := boundsql.New(db.Pool, nil, nil)
	dry, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: src, DryRun: true})
	if err != nil || dry.Committed || dry.Created != 88 {
		t.Fatalf("dry run: %v, %+v", err, dry)
	}
	began := time.Now()
	report, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: src})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows in %v: %+v, findings %d", report.Rows, time.Since(began).Round(time.Millisecond), report.Counts, len(report.Findings))
	for k, n := range map[string]int{"lines": 88, "province": 5, "county": 83, "sections": 151, "severalParts": 9} {
		if report.Counts[k] != n {
			t.Errorf("%s: got %d, wanted %d", k, report.Counts[k], n)
		}
	}
	again, err := store.ImportLines(ctx, importer, today.AddDate(0, 0, 1), gazsql.Import{Source: src})
	if err != nil || again.Created != 0 || again.Changed != 0 || again.Unchanged != 88 {
		t.Errorf("a second time: %v, %+v", err, again)
	}
	mustBeStoredRight(t, db)
}

// mustBeStoredRight compares what is stored with PostGIS: lengths on the ellipsoid, the joined union of the sections, the start.
func mustBeStoredRight(t *testing.T, db *pgtest.DB) {
	t.Helper()
	var lines, sections, parts, wrongLength, wrongUnion, withoutSide, statuses int
	err := db.Pool.QueryRow(context.Background(), `
		select count(*)::int,
		       (select count(*)::int from section), (select count(*)::int from section where st_numgeometries(geom) > 1),
		       count(*) filter (where abs(st_length(v.geom::geography) - v.length_m) > 1e-3 * greatest(1, v.length_m / 1e6))::int,
		       count(*) filter (where abs((select sum(s.length_m) from section s where s.line_version_id = v.id) - v.length_m) > 1e-6
		                           or not st_coveredby((select st_collect(st_force2d(s.geom)) from section s where s.line_version_id = v.id), v.geom))::int,
		       count(*) filter (where l.right_party is null)::int,
		       count(*) filter (where v.legal_status = 'reference')::int
		from line l join line_version v on v.line_id = l.id`).Scan(&lines, &sections, &parts, &wrongLength, &wrongUnion, &withoutSide, &statuses)
	if err != nil {
		t.Fatal(err)
	}
	if lines != 88 || sections != 151 || parts != 9 || statuses != 88 || wrongLength+wrongUnion+withoutSide != 0 {
		t.Errorf("got %d lines, %d sections, %d in parts, %d reference; %d lengths wrong, %d unions wrong, %d without side",
			lines, sections, parts, statuses, wrongLength, wrongUnion, withoutSide)
	}
}

func TestPublishedRowsOfTheRealLines(t *testing.T) {
	ctx := context.Background()
	store := boundsql.New(withLines(t).Pool, nil, nil)
	counts := map[string]int{}
	names := map[string]boundsql.LineRow{}
	if err := store.EachLine(ctx, func(r boundsql.LineRow) error { counts["lines"]++; names[r.Name] = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := store.EachSection(ctx, func(r boundsql.SectionRow) error { counts["sections"]++; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := store.EachTripoint(ctx, func(r boundsql.TripointRow) error {
		counts["tripoints"]++
		if r.Level == string(boundary.ProvinceLine) {
			counts["provincial tripoints"]++
		}
		if len(r.Lines) < 1 { // one where a county of ours meets two of another province
			t.Errorf("tripoint %s has lines %v", r.ID, r.Lines)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for k, n := range map[string]int{"lines": 88, "sections": 151, "tripoints": 116, "provincial tripoints": 5} {
		if counts[k] != n {
			t.Errorf("%s: got %d, wanted %d", k, counts[k], n)
		}
	}
	for name, code := range map[string]string{"渝川线": "5051", "渝黔线": "5052", "鄂渝线": "4250", "湘渝线": "4350", "渝陕线": "5061", "江北区—渝北区线": ""} {
		if got, ok := names[name]; !ok || got.Code != code || got.PartyAName == "" {
			t.Errorf("%s: got %+v", name, got.Code)
		}
	}
	line, err := store.Line(ctx, names["渝陕线"].ID)
	if err != nil || len(line.Sections) != 5 || line.PartyA.Name != "重庆市" || line.PartyB.Name != "陕西省" || line.Code == nil {
		t.Errorf("渝陕线: %v %+v", err, line.LineSummary)
	}
	page, err := store.Lines(ctx, boundsql.LineFilter{Level: "province"}, line.ID, 10)
	if err != nil || len(page) != 0 { // 渝陕线 is the last of five
		t.Errorf("after 渝陕线: %d lines, %v", len(page), err)
	}
	if page, err = store.Lines(ctx, boundsql.LineFilter{Division: "500242"}, [16]byte{}, 100); err != nil || len(page) < 5 {
		t.Errorf("lines of 酉阳: %d, %v", len(page), err)
	}
	if _, err = store.Line(ctx, [16]byte{1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown line: %v", err)
	}
}

func TestDeriveLinesFromTheRealCounties(t *testing.T) {
	ctx := context.Background()
	store := boundsql.New(withCounties(t).Pool, nil, nil)
	began := time.Now()
	report, err := store.DeriveLines(ctx, importer, today, boundsql.Derive{
		Within: "500000", Document: gazetteer.Document{Title: "县级行政区划图形"}, DryRun: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in %v: %d lines, %d sections, %.0f m, unmatched %.0f m", time.Since(began).Round(time.Millisecond), report.Lines, report.Sections, report.LengthM, report.UnmatchedM)
	if report.Lines != 88 || report.Sections != 151 || report.Created != 88 || report.Committed {
		t.Errorf("got %+v", report)
	}
}

func TestDeriveLinesRecordsOnceAndReports(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	// Three counties; the border of the first two differs by a vertex.
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		square("500101", "万州区", "[106,29],[106.02,29],[106.02,29.02],[106,29.02],[106,29]"),
		square("500102", "涪陵区", "[106.02,29],[106.04,29],[106.04,29.02],[106.02,29.02],[106.0205,29.01],[106.02,29]"),
		square("500103", "渝中区", "[106,29.02],[106.02,29.02],[106.02,29.04],[106,29.04],[106,29.02]"),
	}, ",") + `]}`
	path := filepath.Join(t.TempDir(), "a.geojson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := loadCounties(ctx, db, path); err != nil {
		t.Fatal(err)
	}
	store := boundsql.New(db.Pool, nil, nil)
	in := boundsql.Derive{Document: gazetteer.Document{Title: "试"}}
	report, err := store.DeriveLines(ctx, importer, today, in)
	if err != nil || report.Created != 1 || len(report.Findings) != 1 || math.Abs(report.UnmatchedM-2217) > 20 || !report.Committed {
		t.Fatalf("%v %+v", err, report)
	}
	again, err := store.DeriveLines(ctx, importer, today, in)
	if err != nil || again.Created != 0 || again.Unchanged != 1 {
		t.Errorf("again: %v %+v", err, again)
	}
	if _, err := store.DeriveLines(ctx, gazetteer.Actor{}, today, in); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("anonymous: %v", err)
	}
}

// The border of the first two counties of the same file differs by a vertex some 48 m off: within 60 m it becomes one line, with the report seen
// before, and the shapes stay.
func TestDeriveLinesBringsEdgesTogether(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	path := filepath.Join(t.TempDir(), "a.geojson")
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		square("500101", "万州区", "[106,29],[106.02,29],[106.02,29.02],[106,29.02],[106,29]"),
		square("500102", "涪陵区", "[106.02,29],[106.04,29],[106.04,29.02],[106.02,29.02],[106.0205,29.01],[106.02,29]"),
	}, ",") + `]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := loadCounties(ctx, db, path); err != nil {
		t.Fatal(err)
	}
	shapes := func() (text string) {
		t.Helper()
		if err := db.Super.QueryRow(ctx, `select string_agg(st_astext(geom), ' ' order by id) from division_shape`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := shapes()
	store := boundsql.New(db.Pool, nil, nil)
	in := boundsql.Derive{Document: gazetteer.Document{Title: "试"}, ToleranceM: 60, DryRun: true}
	seen, err := store.DeriveLines(ctx, importer, today, in)
	if err != nil || seen.Created != 1 || len(seen.Findings) != 0 || seen.Committed || len(seen.Digest) != 64 {
		t.Fatalf("%v %+v", err, seen)
	}
	p := seen.Reconciliation.Pairs
	if len(p) != 1 || len(p[0].Exchanges) != 1 || math.Abs(p[0].Exchanges[0].AreaM2-53_900) > 300 || len(p[0].Moved) != 1 || math.Abs(p[0].Moved[0].MaxM-48.7) > 0.2 {
		t.Errorf("reconciled %+v", p)
	}
	in.DryRun = false
	for _, digest := range []string{"", strings.Repeat("0", 64)} {
		in.Digest = digest
		if _, err := store.DeriveLines(ctx, importer, today, in); !fault.Is(err, "reconciliation-unseen") {
			t.Errorf("with digest %q: %v", digest, err)
		}
	}
	in.Digest = seen.Digest
	done, err := store.DeriveLines(ctx, importer, today, in)
	if err != nil || done.Created != 1 || !done.Committed {
		t.Fatalf("%v %+v", err, done)
	}
	var status, title, journalled string
	err = db.Super.QueryRow(ctx, `
		select v.legal_status, d.title, (select j.after ->> 'digest' from journal j where j.subject = 'import/derived-lines')
		from line_version v join document d on d.id = v.document_id`).Scan(&status, &title, &journalled)
	if err != nil || status != "reference" || !strings.Contains(title, seen.Digest) || journalled != seen.Digest {
		t.Errorf("%v: a line of status %s from %q, journal %q", err, status, title, journalled)
	}
	if shapes() != before {
		t.Error("the shapes of the divisions changed")
	}
	in.ToleranceM = -1
	if _, err := store.DeriveLines(ctx, importer, today, in); !fault.Is(err, "tolerance-missing") {
		t.Errorf("a tolerance below 0: %v", err)
	}
}

func square(code, name, ring string) string {
	return `{"type":"Feature","properties":{"code":"` + code + `","name":"` + name + `"},"geometry":{"type":"Polygon","coordinates":[[` + ring + `]]}}`
}

// lineFile is a GeoJSON file of one line.
func lineFile(t *testing.T, properties, coordinates string) *feature.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.geojson")
	text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":` + properties +
		`,"geometry":{"type":"LineString","coordinates":` + coordinates + `}}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestImportLinesRefusesAndChangesNothing(t *testing.T) {
	store := boundsql.New(withCounties(t).Pool, nil, nil)
	const course = `[[106.5,29.5],[106.6,29.6]]`
	for _, c := range []struct{ name, properties, coordinates, code, says string }{
		{"unknown property", `{"left":"500101","right":"500102","colour":"red"}`, course, "unknown-column", "colour"},
		{"unknown division", `{"left":"500101","right":"999999"}`, course, "import-refused", "division-unknown"},
		{"no division", `{"name":"某线"}`, course, "import-refused", "division-missing"},
		{"the same twice", `{"left":"500101","right":"500101"}`, course, "import-refused", "same-division"},
		{"wrong level", `{"left":"500101","right":"500102","line_level":"province"}`, course, "import-refused", "level-differs"},
		{"latitude first", `{"left":"500101","right":"500102"}`, `[[29.5,106.5],[29.6,106.6]]`, "import-refused", "latlon-swapped"},
		{"no length", `{"left":"500101","right":"500102"}`, `[[106.5,29.5],[106.5,29.5]]`, "import-refused", "line-empty"},
		{"bad length", `{"partyA":"500101","partyB":"500102","publishedLengthM":"long"}`, course, "import-refused", "bad-number"},
	} {
		_, err := store.ImportLines(context.Background(), importer, today, gazsql.Import{Source: lineFile(t, c.properties, c.coordinates)})
		if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, wanted %s saying %s", c.name, err, c.code, c.says)
		}
	}
	var n int
	if err := withCounties(t).Pool.QueryRow(context.Background(), `select count(*) from line`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestImportLinesByParties(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	if err := loadCounties(ctx, db, pgtest.SharedData(t, countiesFile)); err != nil {
		t.Fatal(err)
	}
	store := boundsql.New(db.Pool, nil, nil)
	properties := `{"name":"北江线","code":"1205","level":"county","partyA":"渝北区","partyB":"500105","legalStatus":"in-force","publishedLengthM":"70500"}`
	src := lineFile(t, properties, `[[106.6,29.6],[106.5,29.55],[106.4,29.6]]`)
	report, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: src})
	if err != nil || report.Created != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	if fault.Worst(report.Findings) != fault.Warning || report.Findings[0].Code != "status-not-taken" {
		t.Errorf("findings %v", report.Findings)
	}
	var row boundsql.LineRow
	if err := store.EachLine(ctx, func(r boundsql.LineRow) error { row = r; return nil }); err != nil {
		t.Fatal(err)
	}
	if row.Name != "北江线" || row.Code != "1205" || row.PartyAName != "渝北区" || row.LegalStatus != "reference" ||
		row.PublishedLengthM == nil || *row.PublishedLengthM != 70500 || row.Geometry[0][0][0] != 106.4 {
		t.Errorf("got %+v", row)
	}
	// Another course needs a day, and then is a new version; the old one stays in its span.
	moved := lineFile(t, properties, `[[106.6,29.6],[106.5,29.56],[106.4,29.6]]`)
	if _, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: moved}); !fault.Is(err, "import-refused") || !strings.Contains(err.Error(), "changed-undated") {
		t.Errorf("undated: %v", err)
	}
	report, err = store.ImportLines(ctx, importer, today, gazsql.Import{Source: moved, ValidFrom: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || report.Changed != 1 {
		t.Fatalf("dated: %v %+v", err, report)
	}
	versions := 0
	if err := store.EachLine(ctx, func(r boundsql.LineRow) error { versions++; return nil }); err != nil || versions != 2 {
		t.Errorf("%d versions, %v", versions, err)
	}
}

func TestImportMarkers(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	if err := loadCounties(ctx, db, pgtest.SharedData(t, countiesFile)); err != nil {
		t.Fatal(err)
	}
	store := boundsql.New(db.Pool, nil, nil)
	src := lineFile(t, `{"partyA":"500105","partyB":"500112"}`, `[[106.5,29.5],[106.566334868,29.569093202],[106.617146411,29.561250565]]`)
	if _, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: src}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "markers.csv")
	write := func(rows string) gazsql.Import {
		t.Helper()
		if err := os.WriteFile(path, []byte("number,stone,type,material,line,lon,lat,elevationM,custodian,state\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
		marks, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		return gazsql.Import{Source: marks, Frame: geo.CGCS2000}
	}
	// Points a and g of the fixture line F, and one 2 km away.
	good := "001,Q,双面型,花岗石,江北区—渝北区线,106.506708433,29.506852847,250.5,500105,\n" +
		"002,Q,,,江北区—渝北区线,106.586624553,29.565780796,,,damaged\n" +
		"003,Q,,,江北区—渝北区线,106.55,29.50,,,\n"
	report, err := store.ImportMarkers(ctx, importer, today, write(good))
	if err != nil || report.Created != 3 || len(report.Findings) != 1 || report.Findings[0].Code != "far-from-line" {
		t.Fatalf("%v %+v", err, report)
	}
	var got []boundsql.MarkerView
	if err := store.EachMarker(ctx, func(m boundsql.MarkerView) error { got = append(got, m); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || math.Abs(got[0].ChainageM-1000) > 0.01 || math.Abs(got[0].OffsetM-10) > 0.01 || got[0].ElevationM == nil ||
		*got[0].ElevationM != 250.5 || *got[0].Custodian != "江北区" || got[2].ElevationM != nil || math.Abs(got[2].ChainageM-12000) > 0.01 {
		t.Errorf("got %+v", got)
	}
	if again, err := store.ImportMarkers(ctx, importer, today, write(good)); err != nil || again.Unchanged != 3 {
		t.Errorf("again: %v %+v", err, again)
	}
	for _, c := range []struct{ rows, says string }{
		{"001,Q,,,江北区—渝北区线,106.51,29.506852847,,,\n", "marker-moved"},
		{"009,Q,,,某线,106.51,29.506852847,,,\n", "line-unknown"},
		{"009,X,,,江北区—渝北区线,106.51,29.5,,,\n", "marker-stone"},
		{"009,Q,,,江北区—渝北区线,29.5,106.51,,,\n", "latlon-swapped"},
		{"009,Q,,,江北区—渝北区线,,,,,\n", "position-missing"},
		{"009,Q,,,江北区—渝北区线,106.51,29.5,,,fine\n", "bad-state"},
		{"010,Q,,,江北区—渝北区线,106.51,29.51,,,\n010,A,,,江北区—渝北区线,106.51,29.51,,,\n", "marker-set-mixed"},
	} {
		if _, err := store.ImportMarkers(ctx, importer, today, write(c.rows)); !fault.Is(err, "import-refused") || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v", c.says, err)
		}
	}
	report, err = store.ImportMarkers(ctx, importer, today, write("011,A,,,江北区—渝北区线,106.5101,29.51,,,\n"))
	if err != nil || report.Created != 1 || len(report.Findings) != 1 || report.Findings[0].Code != "marker-set-incomplete" {
		t.Errorf("one of a pair: %v %+v", err, report)
	}
	report, err = store.ImportMarkers(ctx, importer, today, write("011,B,,,江北区—渝北区线,106.5102,29.51,,,\n"))
	if err != nil || report.Created != 1 || len(report.Findings) != 0 {
		t.Errorf("the other of the pair: %v %+v", err, report)
	}
}

// TestAnImportDoesNotReplaceWhatBecameLawMeanwhile: the file was compared with the reference line, and before it is recorded another
// version is in force.
func TestAnImportDoesNotReplaceWhatBecameLawMeanwhile(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	approving, err := d.db.Super.Begin(ctx)
	d.must(err)
	defer func() { _ = approving.Rollback(ctx) }()
	_, err = approving.Exec(ctx, `lock table document in exclusive mode`) // an import files its document first
	d.must(err)
	done := make(chan error)
	go func() {
		file := lineFile(t, `{"left":"500109","right":"500112","validFrom":"2026-11-25"}`, `[[106.5,29.5],[106.46,29.55],[106.45,29.6]]`)
		_, err := d.store.ImportLines(ctx, importer, today, gazsql.Import{Source: file})
		done <- err
	}()
	for waits := 0; waits == 0; time.Sleep(5 * time.Millisecond) {
		d.must(d.db.Super.QueryRow(ctx, `select count(*) from pg_locks where not granted and relation = 'document'::regclass`).Scan(&waits))
	}
	var law string
	d.must(approving.QueryRow(ctx, `
		with was as (update line_version v set valid = daterange(lower(v.valid), '2026-11-20') from line l
		             where l.id = v.line_id and l.name = '北碚区—渝北区线' and upper_inf(v.valid) returning v.*)
		insert into line_version (id, line_id, legal_status, geom, length_m, agreement_id, approval_id, publication_id, document_id, frame, valid, recorded_at)
		select gen_random_uuid(), line_id, 'in-force', geom, length_m, document_id, document_id, document_id, document_id, frame, '[2026-11-20,)', recorded_at from was
		returning id::text`).Scan(&law))
	d.must(approving.Commit(ctx))
	if err := <-done; !fault.Is(err, "version-changed") {
		t.Errorf("the import: %v", err)
	}
	var standing string
	d.must(d.db.Super.QueryRow(ctx, `select v.id::text from line_version v join line l on l.id = v.line_id where l.name = '北碚区—渝北区线' and upper_inf(v.valid)`).Scan(&standing))
	if standing != law {
		t.Errorf("version %s stands, in force is %s", standing, law)
	}
}
