package gazsql_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// TestABuiltUpAreaIsTheScopeOfStreets has one built-up area around (108.0, 30.3) and the same street name inside and out.
func TestABuiltUpAreaIsTheScopeOfStreets(t *testing.T) {
	db := pgtest.New(t)
	s := gazsql.New(db.Pool)
	ctx := context.Background()
	seedNational(t, s)
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
		v, err := s.CheckName(ctx, gazetteer.Actor{}, today, gazsql.NameCheck{Kind: "new", Name: c.name, Category: gazetteer.Street, Division: "500233", Point: c.at})
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
		v, err := o.store.CheckName(context.Background(), gazetteer.Actor{}, today, gazsql.NameCheck{
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
		"name-unreadable":  func(n *gazsql.NameCheck) { n.Name = "甘\U000e0100井路" },
	} {
		in := good
		spoil(&in)
		if _, err := o.store.CheckName(context.Background(), gazetteer.Actor{}, today, in); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
}

// TestAPointOutsideItsDivisionIsForReview has 忠县 reach from 107.9 to 108.1 and from 30.2 to 30.4; its towns have no shape.
func TestAPointOutsideItsDivisionIsForReview(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	const county = `{"type":"Feature","properties":{"code":"500233","name":"忠县"},"geometry":{"type":"Polygon",
		"coordinates":[[[107.9,30.2],[108.1,30.2],[108.1,30.4],[107.9,30.4],[107.9,30.2]]]}}`
	_, err := o.store.ImportDivisions(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.geojson", county))})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		division string
		at       *orb.Point
		km       float64 // 0: no finding
	}{
		{"500233", nil, 0},
		{"500233", &orb.Point{108, 30.3}, 0},
		{"500233", &orb.Point{108.103, 30.3}, 0}, // 290 m, within what outlines are good for
		{"500233100", &orb.Point{108.2, 30.3}, 9.6},
		{"500233100", &orb.Point{116.4, 39.9}, 1298},
	} {
		v, err := o.store.CheckName(ctx, gazetteer.Actor{}, today, gazsql.NameCheck{Kind: "new", Name: "甘井沟", Category: gazetteer.Natural, Division: c.division, Point: c.at})
		if err != nil {
			t.Fatal(err)
		}
		if c.km == 0 {
			if v.Verdict != "pass" {
				t.Errorf("%s at %v: %+v", c.division, c.at, v)
			}
			continue
		}
		if len(v.Findings) != 1 || v.Verdict != "review" || v.Findings[0].Code != "outside-division" || v.Findings[0].Pointer != "/point" {
			t.Fatalf("%s at %v: %+v", c.division, c.at, v)
		}
		if m := *v.Findings[0].Evidence[0].DistanceM; math.Abs(m/1000-c.km) > 0.01*c.km || !strings.Contains(v.Findings[0].Detail, "忠县之外") {
			t.Errorf("%s at %v: %.0f m, %s", c.division, c.at, m, v.Findings[0].Detail)
		}
	}
	made, err := o.store.CreateProposal(ctx, o.actor["clerk"], today, gazsql.NewProposal{
		Kind: "new", Name: "甘井沟", Category: gazetteer.Natural, Division: "500233100", Point: &orb.Point{116.4, 39.9}, Reason: "新名",
	})
	if err != nil || len(made.Findings) != 1 || made.Findings[0].Code != "outside-division" {
		t.Errorf("a proposal for Beijing: %v %+v", err, made.Findings)
	}
	const places = "name,category,divisionCode,lon,lat\n甘井沟,natural,500233100,108.0,30.3\n白公祠,other,500233100,116.4,39.9\n"
	report, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", places)), Frame: geo.CGCS2000})
	if err != nil || report.Created != 2 || !hasFinding(report, "outside-division", fault.Warning) || len(report.Findings) != 1 || report.Findings[0].Pointer != "line 3" {
		t.Errorf("places: %v %+v", err, report)
	}
}
