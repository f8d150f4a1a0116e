package gazsql_test

import (
	"context"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

func TestSeedingAPackTwiceChangesNothing(t *testing.T) {
	db := pgtest.New(t)
	s := gazsql.New(db.Pool)
	for range 2 {
		if err := s.SeedPack(context.Background(), gazetteer.National()); err != nil {
			t.Fatal(err)
		}
	}
	var rules, blocking, soft int
	err := db.Pool.QueryRow(context.Background(), `
		select count(*), count(*) filter (where severity = 'block' and strength = 'shall' and compare = 'name'),
		       count(*) filter (where severity = 'review' and strength = 'should' and compare = 'sound') from rule`).Scan(&rules, &blocking, &soft)
	if err != nil || rules != 10 || blocking != 5 || soft != 5 {
		t.Errorf("%d rules, %d blocking, %d soft, %v", rules, blocking, soft, err)
	}
}

// TestABuiltUpAreaIsTheScopeOfStreets has one built-up area around (108.0, 30.3) and the same street name inside and out.
func TestABuiltUpAreaIsTheScopeOfStreets(t *testing.T) {
	db := pgtest.New(t)
	s := gazsql.New(db.Pool)
	ctx := context.Background()
	if err := s.SeedPack(ctx, gazetteer.National()); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, town)
	const streets = "name,category,divisionCode,lon,lat\n新华路,street,500233,108.001,30.301\n礼嘉路,street,500233,108.002,30.302\n朝阳路,street,500233,108.5,30.5\n"
	if _, err := s.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", streets)), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	_, err := db.Pool.Exec(ctx, `
		insert into built_up_area (id, name, geom, valid, document_id)
		select gen_random_uuid(), '忠州建成区', st_multi(st_makeenvelope(107.99, 30.29, 108.01, 30.31, 4490)), daterange(null, null), id from document limit 1`)
	if err != nil {
		t.Fatal(err)
	}
	inside, outside := &orb.Point{108.0, 30.3}, &orb.Point{108.49, 30.49}
	for _, c := range []struct {
		name  string
		at    *orb.Point
		codes string
	}{
		{"新华路", inside, "duplicate-name"},
		{"李家路", inside, "homophone"},
		{"朝阳路", inside, ""}, // that one is outside
		{"大坪路", inside, ""},
		{"新华路", outside, "duplicate-name scope-approximated"},
		{"新华路", nil, "duplicate-name scope-approximated"},
	} {
		v, err := s.CheckName(ctx, today, gazsql.NameCheck{Kind: "new", Name: c.name, Category: gazetteer.Street, Division: "500233", Point: c.at})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var codes []string
		for _, f := range v.Findings {
			codes = append(codes, f.Code)
			if f.Code == "duplicate-name" && c.at != nil && f.Evidence[0].DistanceM == nil {
				t.Errorf("%s: no distance in %+v", c.name, f)
			}
		}
		if strings.Join(codes, " ") != c.codes {
			t.Errorf("%s at %v: got %+v, wanted %s", c.name, c.at, v.Findings, c.codes)
		}
	}
}

func TestNameCheckByKind(t *testing.T) {
	o := newOffice(t)
	for kind, verdict := range map[string]string{"new": "block", "rename": "block", "": "block", "existing": "pass", "retire": "pass"} {
		v, err := o.store.CheckName(context.Background(), today, gazsql.NameCheck{
			Kind: kind, Name: "新华村", Category: gazetteer.VillageCommittee, Division: "500233",
		})
		if err != nil || v.Verdict != verdict {
			t.Errorf("%q: %v %+v", kind, err, v)
		}
	}
}

func TestNameCheckRefuses(t *testing.T) {
	o := newOffice(t)
	good := gazsql.NameCheck{Kind: "new", Name: "甘井路", Category: gazetteer.Street, Division: "500233"}
	for code, spoil := range map[string]func(*gazsql.NameCheck){
		"name-missing":     func(n *gazsql.NameCheck) { n.Name = " " },
		"name-too-long":    func(n *gazsql.NameCheck) { n.Name = strings.Repeat("长", 101) },
		"bad-category":     func(n *gazsql.NameCheck) { n.Category = "road" },
		"bad-code":         func(n *gazsql.NameCheck) { n.Division = "50023" },
		"division-unknown": func(n *gazsql.NameCheck) { n.Division = "500999" },
		"pack-unknown":     func(n *gazsql.NameCheck) { n.Pack = "no-such-pack" },
		"kind-unknown":     func(n *gazsql.NameCheck) { n.Kind = "rebrand" },
	} {
		in := good
		spoil(&in)
		if _, err := o.store.CheckName(context.Background(), today, in); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
}
