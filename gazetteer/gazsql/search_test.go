package gazsql_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// chongqing is one database with the real divisions, for tests that only read.
func chongqing(t testing.TB) *gazsql.Store {
	t.Helper()
	files := map[string]string{counties: pgtest.SharedData(t, counties), units: pgtest.SharedData(t, units)}
	db := pgtest.Shared(t, "gazsql: chongqing", func(ctx context.Context, db *pgtest.DB) error {
		return importMunicipality(ctx, gazsql.New(db.Pool), files)
	})
	return gazsql.New(db.Pool)
}

// importMunicipality imports the real units and the outlines of the counties.
func importMunicipality(ctx context.Context, s *gazsql.Store, files map[string]string) error {
	for _, name := range []string{units, counties} {
		source, err := feature.Open(files[name])
		if err != nil {
			return err
		}
		in := gazsql.Import{Source: source}
		if name == units {
			in.Frame, in.ConfirmFrame = geo.GCJ02, true
		}
		if _, err := s.ImportDivisions(ctx, importer, today, in); err != nil {
			return err
		}
	}
	return nil
}

func TestSearchFindsAName(t *testing.T) {
	s := chongqing(t)
	for q, want := range map[string]struct {
		name, marked string
		rung         gazetteer.Rung
	}{
		"渝北区":      {"渝北区", "渝北区", gazetteer.ByExact},
		"渝北":       {"渝北区", "渝北", gazetteer.ByPrefix},
		"北区":       {"江北区", "北区", gazetteer.ByInside},
		"笋塘街":      {"高笋塘街道", "笋塘街", gazetteer.ByInside},
		"yubei":    {"渝北区", "渝北", gazetteer.ByPinyinPrefix},
		"yu bei":   {"渝北区", "渝北", gazetteer.ByPinyinPrefix},
		"YUBEIQU":  {"渝北区", "渝北区", gazetteer.ByPinyin},
		"ybq":      {"渝北区", "渝北区", gazetteer.ByInitials},
		"chang'an": {"长安社区", "长安", gazetteer.ByPinyinPrefix},
		"渝bei":     {"渝北区", "渝北", gazetteer.ByPinyinPrefix},
		"500112":   {"渝北区", "", gazetteer.ByCode},
		"龙兴镇":      {"龙兴镇", "龙兴镇", gazetteer.ByExact},
		"鱼嘴镇":      {"鱼嘴镇", "鱼嘴镇", gazetteer.ByExact},
	} {
		list, err := s.Suggest(context.Background(), gazetteer.Search{Text: q, Limit: 10})
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		found, seen := false, map[uuid.UUID]bool{}
		for _, h := range list {
			marked := string([]rune(h.Matched)[h.Mark[0]:h.Mark[1]])
			found = found || h.Name == want.name && h.Rung == want.rung && marked == want.marked
			if seen[h.ID] {
				t.Errorf("%s: %s twice", q, h.Name)
			}
			seen[h.ID] = true
		}
		if !found {
			t.Errorf("%s: %+v is not in %+v", q, want, list)
		}
	}
	for _, q := range []string{"", " ", "'", "%", "_", `\`, "没有这样的地名", "500199", "zzzz"} {
		if hits, err := s.Search(context.Background(), gazetteer.Search{Text: q, Limit: 10}); err != nil || len(hits) != 0 {
			t.Errorf("%q: %v %+v", q, err, hits)
		}
	}
	hits, err := s.Search(context.Background(), gazetteer.Search{Text: "渝北", Limit: 1})
	if err != nil || len(hits) != 1 || hits[0].Romanization != "Yúběi Qū" || hits[0].Lon == nil || len(hits[0].BBox) != 4 || hits[0].DivisionName != "重庆市" || hits[0].Level != "county" {
		t.Errorf("%v %+v", err, hits)
	}
	if _, err := s.Suggest(context.Background(), gazetteer.Search{Text: "渝", Limit: 1, Division: uuid.New()}); !fault.Is(err, "division-unknown") {
		t.Errorf("got %v", err)
	}
}

func TestReverseTellsEveryKnownLevel(t *testing.T) {
	s := chongqing(t)
	found, err := s.Reverse(context.Background(), orb.Point{108.38, 30.81})
	if err != nil || len(found) != 2 || found[0].Name != "重庆市" || found[1].Code != "500101" {
		t.Errorf("in 万州: %v %+v", err, found)
	}
	if found, err := s.Reverse(context.Background(), orb.Point{116.4, 39.9}); err != nil || len(found) != 0 {
		t.Errorf("in 北京: %v %+v", err, found)
	}
}

// TestRowsForTheReadModel holds what the collections show of the real divisions against the files.
func TestRowsForTheReadModel(t *testing.T) {
	s := chongqing(t)
	ctx := context.Background()
	levels, shapes, parents := map[string]int{}, 0, 0
	err := s.EachDivision(ctx, func(d gazsql.DivisionRow) error {
		if !d.Valid.Upper.Valid {
			levels[d.Level]++
		}
		if d.Shape != nil {
			shapes++
		}
		if d.ParentCode != "" {
			parents++
		}
		return nil
	})
	if err != nil || levels["province"] != 1 || levels["county"] != 38 || levels["township"] != 1029 || levels["village"] != 11134 || shapes != 38 {
		t.Errorf("%v: %v, %d shapes, %d with a parent", err, levels, shapes, parents)
	}
	places, located, unread := 0, 0, 0
	err = s.EachPlace(ctx, func(p gazsql.PlaceRow) error {
		places++
		if (p.Geom == nil) != (p.LocatedBy == "division") {
			t.Errorf("%s is located by %s, geometry %v", p.Name, p.LocatedBy, p.Geom)
		}
		if p.Geom != nil {
			located++
		}
		if p.Romanization == "" || p.Toneless == "" {
			unread++
		}
		return nil
	})
	// 1 + 38 + 1,029 + 11,134 places, of which 1 + 38 + 898 + 1,184 rows have a point; zcat … | awk -F, '$13!=""'.
	if err != nil || places != 12202 || located != 2121 || unread != 0 {
		t.Errorf("%v: %d places, %d located, %d without a spelling", err, places, located, unread)
	}
}
