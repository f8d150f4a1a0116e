package gazsql_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

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

// importText imports a table of places in CGCS2000.
func (o office) importText(t *testing.T, text string, change ...func(*gazsql.Import)) (gazsql.ImportReport, error) {
	t.Helper()
	in := gazsql.Import{Source: openSource(t, inFile(t, "places.csv", text)), Frame: geo.CGCS2000}
	for _, c := range change {
		c(&in)
	}
	return o.store.ImportPlaces(context.Background(), importer, today, in)
}

// A class is taken where the file gives one that its category can have.
func TestAnImportTakesClasses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	const head = "name,category,分类代码,divisionCode\n"
	for _, c := range []struct{ rows, want string }{
		{"甘井沟,natural,12000,500233100\n蛟窟湾,natural,13000,500233100\n", "1 created 1 changed 0 unchanged"},
		{"甘井沟,natural,,500233100\n蛟窟湾,natural,13000,500233100\n", "0 created 0 changed 2 unchanged"}, // what is not said stays
		{"蛟窟湾,natural,cq-zone,500233100\n", "class-of-other-category"},
		{"蛟窟湾,natural,99,500233100\n", "bad-class"},
	} {
		report, err := o.importText(t, head+c.rows)
		got := fmt.Sprintf("%d created %d changed %d unchanged", report.Created, report.Changed, report.Unchanged)
		if err != nil && len(report.Findings) > 0 {
			got = report.Findings[len(report.Findings)-1].Code
		}
		if got != c.want {
			t.Errorf("%q: %s, wanted %s (%v)", c.rows, got, c.want, err)
		}
	}
	k, err := o.store.Place(context.Background(), gazetteer.Actor{}, today, id)
	if err != nil || k.Class != "13000" || len(k.Revisions) != 1 || k.Revisions[0].Moved || k.LocatedBy != "map" {
		t.Errorf("%v %+v", err, k)
	}
}

// A corrected record keeps what it was in the journal with the paper, is found as it is now, and comes in once.
func TestAnImportCorrectsAPlaceOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	text := "id,版本,name,category,divisionCode,lon,lat,locatedBy,validTo\n" +
		id.String() + ",1,蛟窟湾,natural-village,500233100,108.0400001,30.3000001,survey,2020-01-01\n"
	if _, err := o.db.Super.Exec(ctx, `update place set class = '12000' where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	before := o.stored(t, id)
	report, err := o.importText(t, text, func(in *gazsql.Import) { in.DryRun = true })
	if err != nil || report.Changed != 1 || report.Committed || o.stored(t, id) != before {
		t.Fatalf("dry run: %v %+v %s", err, report, o.stored(t, id))
	}
	for i, want := range []string{"1 changed", "1 unchanged"} {
		report, err := o.importText(t, text)
		if got := fmt.Sprintf("%d changed", report.Changed); i == 0 && (err != nil || got != want) {
			t.Fatalf("%v %+v", err, report)
		}
		if got := fmt.Sprintf("%d unchanged", report.Unchanged); i == 1 && (err != nil || got != want) {
			t.Fatalf("again: %v %+v", err, report)
		}
	}
	if got := o.stored(t, id); got != "natural-village 108.0400001 30.3000001 survey 2020-01-01 version 2" {
		t.Errorf("stored %s", got)
	}
	history, err := o.store.History(ctx, o.actor["clerk"], "place/"+id.String(), 0, 10, false)
	if err != nil || len(history) != 1 || history[0].VerbLabel != "更正地名记录" || len(history[0].Cites) != 1 || !strings.Contains(history[0].Reason, "第 2 行") || len(history[0].Changes) != 4 {
		t.Errorf("%v %+v", err, history)
	}
	var was string
	err = o.db.Super.QueryRow(ctx, `
		select concat_ws(' ', st_x(c.geom), c.was ->> 'class', (select count(*) from name_correction where place_id = $1 and was ->> 'valid' = '(,)'),
		                 (select count(*) from journal j where j.subject = 'place/' || $1::text and (j.before::text || j.after::text) like '%108.0%'))
		from place_correction c where c.place_id = $1 and (select class is null from place where id = $1)`, id).Scan(&was)
	if err != nil || was != "108.0312345 12000 1 0" {
		t.Errorf("%v %s", err, was)
	}
	place, err := o.store.Place(ctx, gazetteer.Actor{}, today, id)
	if err != nil || place.Category != "natural-village" || place.Names[0].ValidTo != "2020-01-01" || len(place.Corrections) != 1 {
		t.Errorf("%v %+v", err, place)
	}
}

// stored is a place as the tables have it.
func (o office) stored(t *testing.T, id uuid.UUID) string {
	t.Helper()
	var got string
	err := o.db.Super.QueryRow(context.Background(), `
		select concat_ws(' ', p.category, st_x(p.geom), st_y(p.geom), p.located_by, upper(n.valid), 'version', i.version)
		from place p join place_name n on n.place_id = p.id join place_identity i on i.id = p.id where p.id = $1`, id).Scan(&got)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A list as an office keeps it: Chinese headings, categories and days.
func TestImportOfPlacesInTheWordsOfLists(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	report, err := o.importText(t, "名称,地名类别,区划代码,东经,北纬,定位方式,启用日期,停用日期\n"+
		"青龙嘴,自然地理实体名称,500233100,108.04,30.3,实测,2016年1月2日,2020/11/24\n")
	if err != nil || report.Created != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	var got string
	err = o.db.Super.QueryRow(context.Background(), `
		select concat_ws(' ', p.category, p.located_by, st_x(p.geom), n.valid) from place p join place_name n on n.place_id = p.id where n.name = '青龙嘴'`).Scan(&got)
	if err != nil || got != "natural survey 108.04 [2016-01-02,2020-11-24)" {
		t.Errorf("%v %s", err, got)
	}
	for _, day := range []string{"2016-13-01", "11/24/2016", "2016", "2016年"} {
		if _, err := gazsql.ParseDay("生效日期", day); !fault.Is(err, "bad-day") {
			t.Errorf("%s: %v", day, err)
		}
	}
}

// A row that was exported before somebody changed the record is refused with who, when and what.
func TestAnImportFromAFormerVersionIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	row := "id,version,name,category,divisionCode,lon,lat\n" + id.String() + ",1,蛟窟湾,natural,500233100,"
	if _, err := o.store.RecordName(context.Background(), o.actor["clerk"], today, id, 1, customary("蛟洞")); err != nil {
		t.Fatal(err)
	}
	before := o.stored(t, id)
	_, err := o.importText(t, row+"108.04,30.3\n")
	if !fault.Is(err, "import-refused") || o.stored(t, id) != before {
		t.Fatalf("%v %s", err, o.stored(t, id))
	}
	for _, says := range []string{"stale-base", "line 2", "第 1 版", "第 2 版", "登记名称", "蛟洞"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %s", err, says)
		}
	}
	if report, err := o.importText(t, row+"108.0312345,30.2954321\n"); err != nil || report.Unchanged != 1 {
		t.Errorf("a row that says what the record says: %v %+v", err, report)
	}
}

func TestTwinsOfAnImportAreDecided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	text := "name,category,divisionCode,lon,lat\n蛟堀湾,natural,500233100,108.05,30.31\n青龙嘴,natural,500233100,,\n"
	_, err := o.importText(t, text)
	if !fault.Is(err, "twins-undecided") || !strings.Contains(err.Error(), "蛟窟湾") || !strings.Contains(err.Error(), "line 2") {
		t.Fatalf("got %v", err)
	}
	decide := func(d gazetteer.TwinDecision) func(*gazsql.Import) {
		return func(in *gazsql.Import) { in.Decisions = map[int]gazetteer.TwinDecision{1: d} }
	}
	for _, c := range []struct {
		decision gazetteer.TwinDecision
		want     string
	}{
		{gazetteer.TwinDecision{}, "created 1 changed 0 aside 1"},
		{gazetteer.TwinDecision{Place: id}, "created 0 changed 1 aside 0"},
		{gazetteer.TwinDecision{New: true}, "created 1 changed 0 aside 0"},
	} {
		report, err := o.importText(t, text, decide(c.decision))
		if got := fmt.Sprintf("created %d changed %d aside %d", report.Created, report.Changed, report.Aside); err != nil || got != c.want {
			t.Errorf("%+v: %v %s, wanted %s", c.decision, err, got, c.want)
		}
	}
	if got := o.stored(t, id); !strings.HasPrefix(got, "natural 108.05 30.31 map version 2") {
		t.Errorf("the place it is: %s", got)
	}
	report, err := o.importText(t, text)
	if err != nil || report.Unchanged != 2 {
		t.Errorf("once more: %v %+v", err, report)
	}
}

// An import that ends before its commit leaves nothing, and comes in whole when it is repeated.
func TestAnImportThatEndsHalfwayLeavesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	text := "name,category,divisionCode,lon,lat\n蛟窟湾,natural,500233100,108.04,30.3\n青龙嘴,natural,500233100,,\n"
	before := o.stored(t, id)
	tx, err := o.db.Pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in := gazsql.Import{Source: openSource(t, inFile(t, "places.csv", text)), Frame: geo.CGCS2000}
	if report, err := gazsql.New(tx).ImportPlaces(ctx, importer, today, in); err != nil || report.Created != 1 || report.Changed != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	if err := tx.Conn().Close(ctx); err != nil {
		t.Fatal(err)
	}
	_ = tx.Rollback(ctx) // gives the dead connection back
	if o.stored(t, id) != before {
		t.Errorf("half an import stayed: %s", o.stored(t, id))
	}
	if report, err := o.importText(t, text); err != nil || report.Created != 1 || report.Changed != 1 {
		t.Errorf("repeated: %v %+v", err, report)
	}
}

// What lay in a division that ended as a whole lies in its successor: a list of today adds nothing.
func TestAnImportKnowsThePlacesOfFormerDivisions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.registered(t, "蛟窟湾", gazetteer.Natural)
	_, err := o.db.Super.Exec(context.Background(), `
		with moved as (
		    update place set division_id = (select division_id from division_code where code = '500230100') where id = $1)
		insert into division_link (predecessor_id, successor_id, kind, on_day)
		select a.division_id, b.division_id, 'merge', '2020-01-01' from division_code a, division_code b where a.code = '500230100' and b.code = '500233100'`, id)
	if err != nil {
		t.Fatal(err)
	}
	report, err := o.importText(t, "name,category,divisionCode\n蛟窟湾,natural,500233100\n")
	if err != nil || report.Unchanged != 1 {
		t.Errorf("%v %+v", err, report)
	}
}

// TestAnExportThatWasEditedChangesWhatWasEdited and nothing else, also by way of a Shapefile in GBK.
func TestAnExportThatWasEditedChangesWhatWasEdited(t *testing.T) {
	t.Parallel()
	o := withFerries(t)
	for format, want := range map[string]int{"csv": 1, "shapefile": 0} {
		f, err := gazsql.ExportFormat(format)
		if err != nil {
			t.Fatal(err)
		}
		path := o.fileOf(t, f, true)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, bytes.Replace(text, []byte("108.04,30.3"), []byte("108.06,30.3"), want), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		in := gazsql.Import{Source: openSource(t, path), Frame: geo.CGCS2000}
		report, err := o.store.ImportPlaces(context.Background(), importer, today, in)
		if err != nil || report.Changed != want || report.Unchanged != report.Rows-want || report.Rows < 10 {
			t.Errorf("%s: %v %+v", format, err, report)
		}
		for _, finding := range report.Findings {
			if finding.Severity != fault.Info {
				t.Errorf("%s: %+v", format, finding)
			}
		}
	}
	if got := o.stored(t, o.find(t, "新渡口")); got != "facility 108.06 30.3 map version 2" {
		t.Errorf("stored %s", got)
	}
}

// TestFormsOfImportedPlaces are as if made anew, of places whose forms the import makes at once and of those it leaves due.
func TestFormsOfImportedPlaces(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	report, err := o.importText(t, "name,category,divisionCode,validFrom,validTo,names\n"+
		"鳌沱湾,natural-village,500233100,,,\n"+
		"犀牛湾,natural-village,500233100,1999-01-01,2003-01-01,\n"+
		"麒麟湾,natural-village,500233100,2050-01-01,,\n"+
		`白鹤湾,natural-village,500233100,2003-01-01,,"[{""name"":""旧鹤湾"",""kind"":""former"",""validTo"":""2003-01-01""}]"`+"\n")
	if err != nil || report.Created != 4 {
		t.Fatalf("%+v %v", report, err)
	}
	text := forms(t, o.db)
	for name, want := range map[string]bool{"鳌沱湾": true, "犀牛湾": false, "麒麟湾": true, "白鹤湾": true, "旧鹤湾": false} {
		if strings.Contains(text, name) != want {
			t.Errorf("%s has a form: %v", name, !want)
		}
	}
	whole(t, o.db)
}

// TestAnImportTakesNoShapeThatIsNone: what a correction would refuse an import refuses too, by the row.
func TestAnImportTakesNoShapeThatIsNone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := inFile(t, "places.geojson", `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"name":"鳌沱水库","category":"natural","divisionCode":"500233100"},
		 "geometry":{"type":"Polygon","coordinates":[[[108.03,30.29],[108.04,30.30],[108.04,30.29],[108.03,30.30],[108.03,30.29]]]}},
		{"type":"Feature","properties":{"name":"犀牛水库","category":"natural","divisionCode":"500233100"},
		 "geometry":{"type":"Polygon","coordinates":[[[108.03,30.29],[108.04,30.29],[108.04,30.30],[108.03,30.29]]]}}]}`)
	report, err := o.store.ImportPlaces(context.Background(), importer, today, gazsql.Import{Source: openSource(t, path), Partial: true})
	if err != nil || report.Created != 1 || len(report.Findings) != 1 || report.Findings[0].Code != "self-intersection" || !strings.Contains(report.Findings[0].Detail, "鳌沱水库") {
		t.Errorf("%+v %v", report, err)
	}
}

// TestNamesThatCollideAreNamed: the row and the name, not the rule of the database.
func TestNamesThatCollideAreNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.importText(t, "name,category,divisionCode,validFrom,names\n"+
		`白鹤湾,natural-village,500233100,2003-01-01,"[{""name"":""旧鹤湾"",""kind"":""standard"",""validTo"":""2010-01-01""}]"`+"\n")
	var refused *fault.Error
	if !errors.As(err, &refused) || refused.Code != "import-collides" || !strings.Contains(refused.Detail, "第 2 行“白鹤湾”的其他名称“旧鹤湾”") {
		t.Errorf("%v", err)
	}
	if strings.Contains(forms(t, o.db), "鹤湾") {
		t.Error("something of it was written")
	}
}

func TestAnImportFromATopology(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const text = `{"type":"Topology","transform":{"scale":[0.01,0.01],"translate":[108,30]},"arcs":[],"objects":{"places":{"type":"GeometryCollection","geometries":[
		{"type":"Point","coordinates":[4,30],"properties":{"name":"白公祠","category":"other","divisionCode":"500233100"}}]}}}`
	in := gazsql.Import{Source: openSource(t, inFile(t, "places.topojson", text)), Frame: geo.CGCS2000}
	if report, err := o.store.ImportPlaces(context.Background(), importer, today, in); err != nil || report.Created != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	if got, want := o.stored(t, o.find(t, "白公祠")), "other 108.04 30.3 map version 1"; got != want {
		t.Errorf("stored %q, wanted %q", got, want)
	}
}
