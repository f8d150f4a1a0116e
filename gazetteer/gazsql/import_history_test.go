package gazsql_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// inFile writes a text to a file of its own.
func inFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// table imports a table of divisions written down in the test.
func table(t *testing.T, s *gazsql.Store, text string) (gazsql.ImportReport, error) {
	t.Helper()
	return s.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", text))})
}

func mustImport(t *testing.T, s *gazsql.Store, text string) gazsql.ImportReport {
	t.Helper()
	report, err := table(t, s, text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return report
}

// divisions lists every version as "code name parent from..to".
func divisions(t *testing.T, s *gazsql.Store) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := s.EachDivision(context.Background(), func(d gazsql.DivisionRow) error {
		day := func(v gazsql.Valid, to bool) string {
			b := v.Lower
			if to {
				b = v.Upper
			}
			if !b.Valid {
				return ""
			}
			return b.Time.Format(time.DateOnly)
		}
		all[strings.Join([]string{d.Code, d.Name, d.ParentCode, day(d.Valid, false) + ".." + day(d.Valid, true)}, " ")] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCountiesHangOnTheirPrefecture(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	report := mustImport(t, s, "code,name,parentCode\n511623,邻水县,511600\n")
	if report.Created != 2 || len(report.Findings) != 2 {
		t.Errorf("the province was not made up for, or not said: %+v", report)
	}
	if all := divisions(t, s); !all["511623 邻水县 510000 .."] {
		t.Errorf("got %v", all)
	}
	report = mustImport(t, s, "code,name,parentCode\n510000,四川省,\n511600,广安市,510000\n511623,邻水县,511600\n")
	if all := divisions(t, s); report.Changed != 1 || !all["511623 邻水县 511600 .."] || !all["511600 广安市 510000 .."] {
		t.Errorf("got %v, %+v", all, report)
	}
	if _, err := table(t, s, "code,name,parentCode\n511623,邻水县,511700\n511700,达州市,510000\n"); !fault.Is(err, "import-refused") || !strings.Contains(err.Error(), "changed-undated") {
		t.Errorf("another parent without a day: %v", err)
	}
}

// TestTheListOfTheNeighbours imports the 11,634 rows of five provinces, which have prefectures.
func TestTheListOfTheNeighbours(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	report, err := s.ImportDivisions(context.Background(), importer, today, gazsql.Import{
		Source: openSource(t, pgtest.SharedData(t, "codes/vonng_5_neighbour_provinces_to_township_gcj02.csv.gz")), Frame: geo.GCJ02, ConfirmFrame: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	// zcat … | awk -F, '$11!="t"{n[$4]++}': 59 rows of 市辖区 and 省直辖县级行政区划, and one dummy town, are virtual.
	want := map[string]int{"province": 5, "prefecture": 67, "county": 603, "township": 10899}
	for level, n := range want {
		if report.Counts[level] != n {
			t.Errorf("%s: got %d, wanted %d", level, report.Counts[level], n)
		}
	}
	below := map[string]int{}
	err = s.EachDivision(context.Background(), func(d gazsql.DivisionRow) error {
		if d.Level == "county" {
			below[d.ParentCode[2:]]++
		}
		return nil
	})
	if err != nil || below["0000"] != 4 { // 仙桃, 潜江, 天门 and 神农架 are directly below 湖北省
		t.Errorf("%d counties directly below their province, %v", below["0000"], err)
	}
}

func TestPartialTakesNothingBelowABadRow(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	report, err := s.ImportDivisions(context.Background(), importer, today, gazsql.Import{
		Source:  openSource(t, inFile(t, "a.csv", "code,name\n500101001001,甲社区\n500101001,高笋塘街道\n500000,重庆市\n")),
		Partial: true,
	})
	if err != nil || report.Created != 1 || len(report.Findings) != 2 {
		t.Errorf("%v %+v", err, report)
	}
}

// 500110 was 万盛区 and has been 綦江区 since 2011-10-22.
func TestACodeIsNeverAnIdentity(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	const both = "code,name,validFrom,validTo\n500000,重庆市,,\n500110,万盛区,,2011-10-22\n500110,綦江区,2011-10-22,\n"
	if report := mustImport(t, s, both); report.Created != 3 {
		t.Errorf("%+v", report)
	}
	if report := mustImport(t, s, both); report.Created+report.Changed != 0 || report.Unchanged != 3 {
		t.Errorf("a second time: %+v", report)
	}
	all := divisions(t, s)
	for _, v := range []string{"500110 万盛区 500000 ..2011-10-22", "500110 綦江区 500000 2011-10-22.."} {
		if !all[v] {
			t.Errorf("%s is not in %v", v, all)
		}
	}
	for text, code := range map[string]string{
		"code,name,validTo\n500110,万盛区,2012-01-01\n":                                "code-in-use",
		"code,name,validTo\n500110,万胜区,2011-10-22\n":                                "past-differs",
		"code,name,validFrom,validTo\n500111,甲,,2012-01-01\n500111,乙,2011-01-01,\n": "code-twice",
	} {
		if _, err := table(t, s, text); !fault.Is(err, "import-refused") || !strings.Contains(err.Error(), code) {
			t.Errorf("%q: got %v, wanted %s", text, err, code)
		}
	}
}

// 万县区 was renamed 万州区 on 1998-05-22 and kept its code.
func TestARenamedDivisionRenamesItsPlace(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	mustImport(t, s, "code,name,validFrom\n500000,重庆市,\n500101,万县区,1997-12-20\n")
	for text, code := range map[string]string{
		"code,name\n500101,万州区\n":                      "changed-undated",
		"code,name,validFrom\n500101,万州区,1997-12-20\n": "changed-too-early",
	} {
		if _, err := table(t, s, text); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	mustImport(t, s, "code,name,validFrom\n500101,万州区,1998-05-22\n")
	if all := divisions(t, s); !all["500101 万县区 500000 1997-12-20..1998-05-22"] || !all["500101 万州区 500000 1998-05-22.."] {
		t.Errorf("got %v", all)
	}
	hits, err := s.Search(context.Background(), gazetteer.Search{Text: "万县", Limit: 10})
	if err != nil || len(hits) != 1 {
		t.Fatalf("%v %+v", err, hits)
	}
	known, err := s.Place(context.Background(), gazetteer.Actor{}, today, hits[0].ID)
	names := known.Names
	if err != nil || len(names) != 3 || names[0].Name+names[1].Name != "万州区万县区" || names[1].Kind != "former" {
		t.Errorf("%v %+v", err, names)
	}
}

// TestAnExportComesInAgain imports what the collections give out and wants nothing doubled.
func TestAnExportComesInAgain(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	type feature struct {
		Type       string         `json:"type"`
		ID         string         `json:"id"`
		Geometry   any            `json:"geometry"`
		Properties map[string]any `json:"properties"`
	}
	file := func(name string, features []feature) *gazsql.Import {
		b, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
		if err != nil {
			t.Fatal(err)
		}
		return &gazsql.Import{Source: openSource(t, inFile(t, name, string(b)))}
	}
	var divisions, places []feature
	err := o.store.EachDivision(ctx, func(d gazsql.DivisionRow) error {
		divisions = append(divisions, feature{"Feature", d.ID.String(), nil, map[string]any{
			"code": d.Code, "codeSystem": d.CodeSystem, "name": d.Name, "level": d.Level, "kind": d.Kind, "parentCode": d.ParentCode,
			"synthetic": d.Synthetic, "source": d.Source, "asOf": "2026-11-24", "notice": "示意", "validFrom": nil, "validTo": nil,
		}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = o.store.EachPlace(ctx, func(p gazsql.PlaceRow) error {
		places = append(places, feature{"Feature", p.ID.String(), nil, map[string]any{
			"name": p.Name, "romanization": p.Romanization, "category": p.Category, "divisionCode": p.DivisionCode,
			"divisionName": p.DivisionName, "locatedBy": p.LocatedBy, "status": "standard", "synthetic": p.Synthetic, "document": p.Document,
			"approvedBy": p.ApprovedBy, "source": p.Source, "rank": 3, "validFrom": nil, "validTo": nil,
		}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := o.store.ImportDivisions(ctx, importer, today, *file("divisions.geojson", divisions))
	if err != nil || report.Created+report.Changed != 0 || report.Unchanged != 8 {
		t.Errorf("divisions: %v %+v", err, report)
	}
	report, err = o.store.ImportPlaces(ctx, importer, today, *file("places.geojson", places))
	if err != nil || report.Created != 0 || report.Unchanged != 8 {
		t.Errorf("places: %v %+v", err, report)
	}
	for i := range places {
		places[i].ID = ""
	}
	report, err = o.store.ImportPlaces(ctx, importer, today, *file("places.geojson", places))
	if err != nil || report.Created != 0 || report.Unchanged != 8 {
		t.Errorf("places without ids: %v %+v", err, report)
	}
}

// TestTheSameFileFromTwoSides lets the same import run twice at once.
func TestTheSameFileFromTwoSides(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	reports, errs := make([]gazsql.ImportReport, 4), make([]error, 4)
	var wg sync.WaitGroup
	for i := range reports {
		source := openSource(t, inFile(t, "town.csv", town))
		wg.Go(func() {
			reports[i], errs[i] = s.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: source})
		})
	}
	wg.Wait()
	created := 0
	for i, err := range errs {
		if err != nil {
			t.Error(err)
		}
		created += reports[i].Created
	}
	if created != 8 || len(divisions(t, s)) != 8 {
		t.Errorf("%d divisions created, %d there", created, len(divisions(t, s)))
	}
}

func TestAFrameThatDoesNotFitIsHeld(t *testing.T) {
	db := pgtest.New(t)
	s := gazsql.New(db.Pool)
	ctx := context.Background()
	if _, err := s.ImportDivisions(ctx, importer, today, gazsql.Import{Source: openSource(t, pgtest.SharedData(t, counties))}); err != nil {
		t.Fatal(err)
	}
	in := gazsql.Import{Source: openSource(t, pgtest.SharedData(t, units)), Frame: geo.WGS84}
	_, err := s.ImportDivisions(ctx, importer, today, in)
	if !fault.Is(err, "frame-suspect") || !strings.Contains(err.Error(), "gcj02") {
		t.Errorf("a list in GCJ-02 declared as WGS 84: got %v", err)
	}
	var n int
	if err := db.Pool.QueryRow(ctx, `select count(*) from division`).Scan(&n); err != nil || n != 39 {
		t.Errorf("%d divisions, %v", n, err)
	}
}

func TestOutlinesInAnotherFrameAreHeld(t *testing.T) {
	const shifted = "admin/cq_counties_gcj02_2018.geojson.gz" // the original of the file in WGS 84
	s := gazsql.New(pgtest.New(t).Pool)
	ctx := context.Background()
	report, err := s.ImportDivisions(ctx, importer, today, gazsql.Import{Source: openSource(t, pgtest.SharedData(t, counties))})
	if err != nil || !hasFinding(report, "frame-unchecked", fault.Warning) {
		t.Fatalf("the first outlines, with nothing to hold them against: %v, %+v", err, report.Findings)
	}
	for _, frame := range []geo.Frame{"", geo.WGS84, geo.CGCS2000} {
		in := gazsql.Import{Source: openSource(t, pgtest.SharedData(t, shifted)), Frame: frame, ValidFrom: today}
		if report, err = s.ImportDivisions(ctx, importer, today, in); !fault.Is(err, "frame-suspect") || !strings.Contains(err.Error(), "gcj02") {
			t.Errorf("GCJ-02 declared as %q: %v, %d changed", frame, err, report.Changed)
		}
	}
	in := gazsql.Import{Source: openSource(t, pgtest.SharedData(t, counties))}
	if report, err = s.ImportDivisions(ctx, importer, today, in); err != nil || report.Unchanged != report.Rows || hasFinding(report, "frame-unchecked", fault.Warning) {
		t.Errorf("the right outlines again: %v, %+v", err, report)
	}
	in = gazsql.Import{Source: openSource(t, pgtest.SharedData(t, shifted)), ValidFrom: today, ConfirmFrame: true}
	if report, err = s.ImportDivisions(ctx, importer, today, in); err != nil || report.Changed != 38 {
		t.Errorf("confirmed by a person: %v, %d changed", err, report.Changed)
	}
}

func hasFinding(r gazsql.ImportReport, code string, severity fault.Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f fault.Finding) bool { return f.Code == code && f.Severity == severity })
}

func TestDataStandForTheDayOfTheirDocument(t *testing.T) {
	s := gazsql.New(pgtest.New(t).Pool)
	ctx := context.Background()
	entered := time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC) // the 25th in China
	in := gazsql.Import{Source: openSource(t, inFile(t, "a.csv", "code,name\n500000,重庆市\n"))}
	in.Document.IssuedOn = time.Date(2018, 5, 1, 0, 0, 0, 0, time.UTC)
	if _, err := s.ImportDivisions(ctx, importer, entered, in); err != nil {
		t.Fatal(err)
	}
	in = gazsql.Import{Source: openSource(t, inFile(t, "b.csv", "code,name\n500101,万州区\n"))}
	if _, err := s.ImportDivisions(ctx, importer, entered, in); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err := s.EachDivision(ctx, func(d gazsql.DivisionRow) error {
		got[d.Name] = d.AsOf() + " " + d.AsOfIs()
		return nil
	})
	if err != nil || got["重庆市"] != "2018-05-01 issued" || got["万州区"] != "2026-11-25 entered" {
		t.Errorf("%v %v", got, err)
	}
}
