package gazsql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// TestAPlaceIsCorrected corrects what a place is and where, keeps what was recorded, and keeps it behind the wall with the place.
func TestAPlaceIsCorrected(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	reach := orb.Collection{orb.Point{108.0312, 30.2954}, orb.LineString{{108.03, 30.29}, {108.04, 30.3}}}
	record := gazetteer.PlaceRecord{Category: gazetteer.Natural, Class: "12000", LocatedBy: gazetteer.BySurvey, Geometry: reach, Reason: "实为河湾", Document: paper("踏勘记录")}
	for who, want := range map[string]string{"neighbour": "not-yours", "outsider": "not-yours", "seat-1": "not-yours", "": "not-yours"} {
		if _, err := o.store.CorrectPlace(ctx, o.actor[who], today, id, 1, record); !fault.Is(err, want) {
			t.Errorf("%q: got %v, wanted %s", who, err, want)
		}
	}
	wrong := record
	wrong.Class, wrong.Geometry = "22200", orb.Point{30, 108}
	if _, err := o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 1, wrong); !fault.Is(err, "place-wrong") {
		t.Errorf("a wrong record: %v", err)
	}
	k, err := o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 1, record)
	if err != nil || k.Version != 2 || k.Category != "natural" || k.ClassName != "陆地水系" || !orb.Equal(k.Geom, reach) || len(k.Revisions) != 1 {
		t.Fatalf("corrected: %+v, %v", k, err)
	}
	if was := k.Revisions[0]; was.Category != "natural-village" || was.Class != "" || was.LocatedBy != "map" || !was.Moved || was.Document != "踏勘记录" {
		t.Errorf("what was: %+v", was)
	}
	if _, err := o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 1, record); !fault.Is(err, "stale") {
		t.Errorf("against what was: %v", err)
	}
	if _, err := o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 2, record); !fault.Is(err, "place-unchanged") {
		t.Errorf("the same again: %v", err)
	}
	record.Class, record.Reason = "", "分类未定"
	if k, err = o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 2, record); err != nil || len(k.Revisions) != 2 || k.Revisions[0].Moved || k.Revisions[0].Class != "12000" {
		t.Fatalf("the class alone: %+v, %v", k.Revisions, err)
	}
	if list, err := o.store.Suggest(ctx, gazetteer.Search{Text: "蛟窟", Limit: 1, Category: gazetteer.Natural}); err != nil || len(list) != 1 {
		t.Errorf("found by its category: %+v, %v", list, err)
	}

	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 3, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.CorrectPlace(ctx, o.actor["clerk"], today, id, 4, record); err == nil {
		t.Error("a withheld place was corrected")
	}
	var seen int
	if err := o.db.Pool.QueryRow(ctx, `select count(*) from place_correction`).Scan(&seen); err != nil || seen != 0 {
		t.Errorf("everybody reads %d corrections of a withheld place: %v", seen, err)
	}
	if k, err = o.store.GradePlace(ctx, o.actor["approver"], today, id, 4, secretly(gazetteer.Public)); err != nil || !orb.Equal(k.Geom, reach) || len(k.Revisions) != 2 {
		t.Errorf("published again: %+v, %v", k, err)
	}
	for _, sql := range []string{`update place_correction set reason = 'x'`, `delete from place_correction`} {
		if _, err := o.db.Pool.Exec(ctx, sql); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

// TestHowFarAShapeLiesOutside: a place does not move out of its division by a slip of a digit; one that crosses it lies in it.
func TestHowFarAShapeLiesOutside(t *testing.T) {
	s := chongqing(t)
	ctx := context.Background()
	hits, err := s.Search(ctx, gazetteer.Search{Text: "龙兴镇", Limit: 1})
	if err != nil || len(hits) != 1 {
		t.Fatalf("%v %+v", err, hits)
	}
	for name, c := range map[string]struct {
		at  orb.Geometry
		far bool
	}{
		"a point in 万州":       {orb.Point{108.38, 30.81}, true},
		"a line through both": {orb.LineString{{108.38, 30.81}, {106.75, 29.7}}, false},
		"where it is":         {orb.Point{106.75, 29.7}, false},
		"several, all far":    {orb.Collection{orb.Point{108.38, 30.81}, orb.Point{108.39, 30.81}}, true},
	} {
		o, err := s.OutsideOf(ctx, today, hits[0].ID, c.at)
		if err != nil || o.Far() != c.far || o.Far() && !strings.Contains(o.String(), "渝北区") {
			t.Errorf("%s: %v %v", name, o, err)
		}
	}
}

// TestOfARoundedShapeAPointRemains: the vertices of a line, rounded one by one, would tell more than one rounded point.
func TestOfARoundedShapeAPointRemains(t *testing.T) {
	two := 2
	for _, g := range []orb.Geometry{orb.Point{106.7377, 29.7051}, orb.LineString{{106.7311, 29.7012}, {106.7443, 29.7090}}} {
		if got := (gazsql.PlaceRow{Geom: g, Decimals: &two}).Public().Geom; !orb.Equal(got, orb.Point{106.74, 29.71}) {
			t.Errorf("%v became %v", g, got)
		}
		if got := (gazsql.PlaceRow{Geom: g}).Public().Geom; !orb.Equal(got, g) {
			t.Errorf("%v became %v without a policy", g, got)
		}
	}
	if got := (gazsql.PlaceRow{Decimals: &two}).Public().Geom; got != nil {
		t.Errorf("nowhere became %v", got)
	}
}

// TestClassesAreImported completes and corrects the classes that came with the program.
func TestClassesAreImported(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	load := func(csv string) (gazsql.ImportReport, error) {
		return o.store.ImportPlaceClasses(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "classes.csv", csv)), Document: paper("GB/T 18521-2001")})
	}
	before, err := o.store.PlaceClasses(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const good = "code,name,parent,category,verified\n12110,河流,12100,自然地理实体,是\n12100,河湖,12000,natural,是\n12000,陆地水系,10000,natural,是\n"
	report, err := load(good)
	if err != nil || report.Created != 2 || report.Changed != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	after, err := o.store.PlaceClasses(ctx)
	if err != nil || len(after) != len(before)+2 {
		t.Fatalf("%v: %d classes, before %d", err, len(after), len(before))
	}
	for _, c := range after {
		want := map[string]string{"12110": "河流 12100 true GB/T 18521-2001", "12000": "陆地水系 10000 true GB/T 18521-2001", "13000": "陆地地形 10000 false GB/T 18521-2001"}
		if got := fmt.Sprint(c.Name, " ", c.Parent, " ", c.Verified, " ", c.Source); want[c.Code] != "" && got != want[c.Code] {
			t.Errorf("%s: %s", c.Code, got)
		}
	}
	if report, err := load(good); err != nil || report.Unchanged != 3 {
		t.Errorf("again: %v %+v", err, report)
	}
	for csv, code := range map[string]string{
		"code,name\n12120,\n": "bad-class", "code,name,category\n12120,湖,sea\n": "bad-category", "code,name,system\n12120,湖,mine\n": "bad-class",
		"code,name,parent\n12120,湖,99999\n": "class-unknown", "code,name\n12120,湖\n12120,泊\n": "code-twice", "code,name,parent\n12120,湖,12120\n": "bad-class",
	} {
		report, err := load(csv)
		if !fault.Is(err, "import-refused") || len(report.Findings) == 0 || report.Findings[0].Code != code {
			t.Errorf("%q: %v %+v", csv, err, report.Findings)
		}
	}
}
