package gazsql_test

import (
	"context"
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func TestImportOfPlaces(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	const text = "名称,类别,所在行政区代码,经度,纬度\n甘井沟,natural,500233100,108.040000,30.300000\n白公祠,other,500233,,\n"
	in := gazsql.Import{Source: openSource(t, inFile(t, "places.csv", text)), Frame: geo.GCJ02, ConfirmFrame: true}
	for i, want := range []int{2, 0} {
		report, err := o.store.ImportPlaces(ctx, importer, today, in)
		if err != nil || report.Created != want || report.Unchanged != 2-want {
			t.Fatalf("time %d: %v %+v", i+1, err, report)
		}
	}
	found := map[string]gazsql.PlaceRow{}
	err := o.store.EachPlace(ctx, func(p gazsql.PlaceRow) error {
		found[p.Name] = p
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	creek, hall := found["甘井沟"], found["白公祠"]
	if creek.LocatedBy != "map" || creek.DivisionCode != "500233100" || creek.Romanization != "Gānjǐng Gōu" || creek.Geom == nil {
		t.Errorf("got %+v", creek)
	}
	if hall.LocatedBy != "division" || hall.Geom != nil || hall.DivisionName != "忠县" {
		t.Errorf("got %+v", hall)
	}
	at, err := geo.GCJ02.ToCGCS2000(108.04, 30.3)
	if err != nil {
		t.Fatal(err)
	}
	if shift := geo.DistanceM(at, creek.Geom.Bound().Center()); shift > 0.01 {
		t.Errorf("the point lies %.2f m off", shift)
	}
}

func TestImportOfPlacesRefuses(t *testing.T) {
	o := newOffice(t)
	const head = "name,category,divisionCode,lon,lat,locatedBy\n"
	for text, code := range map[string]string{
		head + ",natural,500233,,,\n":                    "name-missing",
		head + "甘井沟,creek,500233,,,\n":                   "bad-category",
		head + "甘井沟,natural,50023,,,\n":                  "bad-code",
		head + "甘井沟,natural,500299,,,\n":                 "division-missing",
		head + "甘井沟,natural,500233,30.3,108.0,\n":        "latlon-swapped",
		head + "甘井沟,natural,500233,,,survey\n":           "located-by",
		head + "甘井沟,natural,500233,108.0,30.3,guessed\n": "located-by",
	} {
		_, err := o.store.ImportPlaces(context.Background(), importer, today,
			gazsql.Import{Source: openSource(t, inFile(t, "a.csv", text)), Frame: geo.CGCS2000})
		if !fault.Is(err, "import-refused") || !strings.Contains(err.Error(), code) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: got %v, wanted %s", text, err, code)
		}
	}
}

func TestAnImportRenamesNoPlace(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	hits, err := o.store.Search(ctx, gazetteer.Search{Text: "龙井", Limit: 1})
	if err != nil || len(hits) != 1 {
		t.Fatal(err, hits)
	}
	text := "id,name,category,divisionCode\n" + hits[0].ID.String() + ",甘井村,village-committee,500233100\n"
	_, err = o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", text))})
	if err == nil || !strings.Contains(err.Error(), "renaming-is-a-case") {
		t.Errorf("got %v", err)
	}
}

// What is amiss with the characters of a name is said, and the name taken as it is; a character outside the BMP stays whole.
func TestImportsRemarkCharacters(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	text := "name,category,divisionCode\n（氵甸）沽湾,natural-village,500233100\n峽石湾,natural-village,500233100\n𨟠石湾,natural-village,500233100\n𣵦沽湾,natural-village,500233100\n"
	report, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", text))})
	if err != nil || report.Created != 4 {
		t.Fatalf("got %v, %+v", err, report)
	}
	division := "code,name,parentCode\n500233199,𣵦石鎮,500233\n"
	second, err := o.store.ImportDivisions(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "b.csv", division)), DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range append(report.Findings, second.Findings...) {
		if f.Code != "no-position" {
			got = append(got, strings.TrimPrefix(f.Pointer, "line ")+" "+string(f.Severity)+" "+f.Code)
		}
	}
	want := "2 review described-character, 3 review traditional-form, 4 info rare-character, 5 review non-standard-character, " +
		"2 review non-standard-character, 2 review traditional-form"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %v", got)
	}
	for _, name := range []string{"𨟠石湾", "𣵦沽湾"} {
		if hits, err := o.store.Search(ctx, gazetteer.Search{Text: name[:len("𨟠")], Limit: 5}); err != nil || len(hits) != 1 || hits[0].Name != name {
			t.Errorf("%s is not found by its first character: %v %v", name, hits, err)
		}
	}
}
