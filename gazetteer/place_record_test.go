package gazetteer_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
)

func TestAPlaceRecordIsChecked(t *testing.T) {
	classes := []gazetteer.PlaceClass{{Code: "22200", Name: "农村居民点", Category: gazetteer.NaturalVillage}, {Code: "23000", Name: "交通运输设施"}}
	village := gazetteer.PlaceRecord{Category: gazetteer.NaturalVillage, LocatedBy: gazetteer.ByDivision}
	good := func(change func(*gazetteer.PlaceRecord)) gazetteer.PlaceRecord {
		r := gazetteer.PlaceRecord{
			Category: gazetteer.NaturalVillage, Class: "22200", LocatedBy: gazetteer.ByMap, Geometry: orb.Point{106.5, 29.5}, Reason: "核对",
			Document: gazetteer.Document{Title: "普查图"},
		}
		change(&r)
		return r
	}
	at := func(g orb.Geometry) gazetteer.PlaceRecord {
		return good(func(r *gazetteer.PlaceRecord) { r.Geometry = g })
	}
	square := orb.Polygon{{{106, 29}, {107, 29}, {107, 30}, {106, 30}, {106, 29}}}
	bowTie := orb.Polygon{{{106, 29}, {107, 30}, {107, 29}, {106, 30}, {106, 29}}}
	for name, c := range map[string]struct {
		record     gazetteer.PlaceRecord
		represents bool
		want       []string
	}{
		"a point":               {record: at(orb.Point{106.5, 29.5})},
		"a line":                {record: at(orb.LineString{{106.5, 29.5}, {106.6, 29.6}})},
		"an area":               {record: at(square)},
		"several":               {record: at(orb.Collection{orb.Point{106.5, 29.5}, orb.LineString{{106.5, 29.5}, {106.6, 29.6}}, square})},
		"a road of any class":   {record: good(func(r *gazetteer.PlaceRecord) { r.Category, r.Class = gazetteer.Street, "23000" })},
		"nothing known":         {record: good(func(r *gazetteer.PlaceRecord) { r.LocatedBy, r.Geometry, r.Class = gazetteer.ByDivision, nil, "" })},
		"no category":           {record: good(func(r *gazetteer.PlaceRecord) { r.Category, r.Class = "planet", "" }), want: []string{"bad-category"}},
		"made a division":       {record: good(func(r *gazetteer.PlaceRecord) { r.Category, r.Class = gazetteer.DivisionCategory, "" }), want: []string{"category-of-division"}},
		"a seat made a street":  {record: good(func(r *gazetteer.PlaceRecord) { r.Category, r.Class = gazetteer.Street, "" }), represents: true, want: []string{"category-of-division"}},
		"no class":              {record: good(func(r *gazetteer.PlaceRecord) { r.Class = "1" }), want: []string{"bad-class"}},
		"another's class":       {record: good(func(r *gazetteer.PlaceRecord) { r.Category = gazetteer.Natural }), want: []string{"class-of-other-category"}},
		"known by nothing":      {record: good(func(r *gazetteer.PlaceRecord) { r.LocatedBy = "ear" }), want: []string{"located-by"}},
		"surveyed nowhere":      {record: at(nil), want: []string{"located-by"}},
		"somewhere, not where":  {record: good(func(r *gazetteer.PlaceRecord) { r.LocatedBy = gazetteer.ByDivision }), want: []string{"located-by"}},
		"latitude first":        {record: at(orb.Point{29.5, 106.5}), want: []string{"latitude-first"}},
		"elsewhere":             {record: at(orb.Point{2.35, 48.85}), want: []string{"out-of-china"}},
		"a line of one point":   {record: at(orb.LineString{{106.5, 29.5}}), want: []string{"bad-geometry"}},
		"lines, one of a point": {record: at(orb.MultiLineString{{{106.5, 29.5}, {106.6, 29.6}}, {{106.5, 29.5}}}), want: []string{"bad-geometry"}},
		"a crossed area":        {record: at(bowTie), want: []string{"self-intersection"}},
		"within the second":     {record: at(orb.Collection{orb.Point{106.5, 29.5}, bowTie}), want: []string{"self-intersection"}},
		"collections within":    {record: at(orb.Collection{orb.Collection{orb.Point{106.5, 29.5}}}), want: []string{"bad-geometry"}},
		"an empty one":          {record: at(orb.Collection{}), want: []string{"empty-geometry"}},
		"why and by what":       {record: good(func(r *gazetteer.PlaceRecord) { r.Reason, r.Document = "", gazetteer.Document{} }), want: []string{"reason-missing", "document-missing"}},
	} {
		var got []string
		for _, f := range c.record.Check(village, c.represents, classes) {
			got = append(got, f.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, wanted %v", name, got, c.want)
		}
	}
}

// TestAShapeOfTooManyVertices is refused before anything of it is looked at.
func TestAShapeOfTooManyVertices(t *testing.T) {
	ring := orb.Ring{}
	for i := range 100_000 {
		a := 2 * math.Pi * float64(i) / 100_000
		ring = append(ring, orb.Point{108 + math.Cos(a), 30 + math.Sin(a)})
	}
	ring = append(ring, ring[0])
	found := gazetteer.CheckPosition(orb.Polygon{ring})
	if len(found) != 1 || found[0].Code != "too-many-vertices" {
		t.Errorf("%v", found)
	}
	ring = append(ring[:99_000:99_000], ring[0])
	if found := gazetteer.CheckPosition(orb.Collection{orb.Polygon{ring}}); len(found) != 0 {
		t.Errorf("of as many as are taken: %v", found)
	}
}
