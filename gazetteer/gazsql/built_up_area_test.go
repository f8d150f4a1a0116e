package gazsql_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

func builtUp(name, validFrom, ring string) string {
	return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"` + name + `","validFrom":"` + validFrom + `"},"geometry":{"type":"Polygon","coordinates":[[` + ring + `]]}}]}`
}

// TestBuiltUpAreasComeIn: from then on streets are compared within them; another shape is the next version, and the one before stays with its days.
func TestBuiltUpAreasComeIn(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	in := func(text string) (gazsql.ImportReport, error) {
		return o.store.ImportBuiltUpAreas(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "b.geojson", text)), Frame: "4490"})
	}
	const small, large = "[108,30.3],[108.01,30.3],[108.01,30.31],[108,30.31],[108,30.3]", "[108,30.3],[108.03,30.3],[108.03,30.31],[108,30.31],[108,30.3]"
	const streets = "name,category,divisionCode,lon,lat\n滨溪路,street,500233,108.005,30.305\n"
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", streets)), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	found := func(at orb.Point) string {
		v, err := o.store.CheckName(ctx, o.actor["clerk"], today, gazsql.NameCheck{Name: "滨溪路", Category: gazetteer.Street, Division: "500233", Point: &at})
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, f := range v.Findings {
			if f.Code == "duplicate-name" || f.Code == "scope-approximated" {
				codes = append(codes, f.Code)
			}
		}
		return strings.Join(codes, " ")
	}
	outside, edge := orb.Point{108.2, 30.305}, orb.Point{108.02, 30.305}
	if got := found(edge); got != "duplicate-name scope-approximated" {
		t.Errorf("without any: %q", got)
	}
	report, err := in(builtUp("忠州城区", "2020-01-01", small))
	if err != nil || report.Created != 1 || !report.Committed {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := found(orb.Point{108.006, 30.306}); got != "duplicate-name" {
		t.Errorf("within: %q", got)
	}
	if report, err := in(builtUp("忠州城区", "2026-01-01", small)); err != nil || report.Unchanged != 1 || report.Changed != 0 {
		t.Errorf("the same again: %+v, %v", report, err)
	}
	for _, day := range []string{"", "2020-01-01", "2019-01-01"} {
		if report, err := in(builtUp("忠州城区", day, large)); !fault.Is(err, "import-refused") || report.Findings[0].Code != "valid-from-missing" {
			t.Errorf("another shape from %q: %+v, %v", day, report.Findings, err)
		}
	}
	if report, err := in(builtUp("忠州城区", "2026-01-01", large)); err != nil || report.Changed != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := found(edge); got != "duplicate-name" {
		t.Errorf("within the larger one: %q", got)
	}
	if got := found(outside); got != "duplicate-name scope-approximated" {
		t.Errorf("outside: %q", got)
	}
	var versions int
	var until time.Time
	if err := o.db.Pool.QueryRow(ctx, `select count(*), min(upper(valid))::timestamp from built_up_area`).Scan(&versions, &until); err != nil || versions != 2 || until.Format(time.DateOnly) != "2026-01-01" {
		t.Errorf("%d versions, the first until %s, %v", versions, until, err)
	}
	for name, text := range map[string]string{
		"no name": builtUp(" ", "", small), "crossing itself": builtUp("甲", "", "[108,30],[108.1,30.1],[108.1,30],[108,30.1],[108,30]"),
		"a point": `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲"},"geometry":{"type":"Point","coordinates":[108,30]}}]}`,
	} {
		if report, err := in(text); !fault.Is(err, "import-refused") || len(report.Findings) == 0 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}
