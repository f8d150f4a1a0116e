package gazetteer

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

// TestJurisdictionThroughAMerger holds the case of 江北区 and 渝北区, which 两江新区 succeeded: offices of the new district
// keep the affairs of both, those of the neighbours do not, and the city keeps them as before.
func TestJurisdictionThroughAMerger(t *testing.T) {
	id := map[string]uuid.UUID{}
	for _, name := range []string{"重庆市", "江北区", "渝北区", "两江新区", "渝中区", "龙兴镇", "湖北省"} {
		id[name] = uuid.New()
	}
	before := Lineage{Above: map[uuid.UUID]uuid.UUID{
		id["江北区"]: id["重庆市"], id["渝北区"]: id["重庆市"], id["渝中区"]: id["重庆市"], id["龙兴镇"]: id["渝北区"],
	}}
	after := Lineage{
		Above: map[uuid.UUID]uuid.UUID{
			id["江北区"]: id["重庆市"], id["渝北区"]: id["重庆市"], id["渝中区"]: id["重庆市"], id["两江新区"]: id["重庆市"], id["龙兴镇"]: id["两江新区"],
		},
		Successors: map[uuid.UUID][]uuid.UUID{id["江北区"]: {id["两江新区"]}, id["渝北区"]: {id["两江新区"]}},
	}
	for _, c := range []struct {
		jurisdiction, division string
		before, after          bool
	}{
		{"重庆市", "江北区", true, true},
		{"重庆市", "龙兴镇", true, true},
		{"江北区", "江北区", true, true}, // what it did stays its own to read
		{"渝北区", "江北区", false, false},
		{"渝北区", "龙兴镇", true, false},
		{"两江新区", "江北区", false, true},
		{"两江新区", "渝北区", false, true},
		{"两江新区", "龙兴镇", false, true},
		{"渝中区", "江北区", false, false},
		{"江北区", "重庆市", false, false},
		{"湖北省", "江北区", false, false},
	} {
		for name, l := range map[string]Lineage{"before": before, "after": after} {
			want := map[string]bool{"before": c.before, "after": c.after}[name]
			if got := l.Covers(id[c.jurisdiction], id[c.division]); got != want {
				t.Errorf("%s %s covers %s: got %v", name, c.jurisdiction, c.division, got)
			}
		}
	}
	if heirs := after.Heirs(id["江北区"]); !slices.Equal(heirs, []uuid.UUID{id["两江新区"]}) {
		t.Errorf("heirs: %v", heirs)
	}
	if heirs := before.Heirs(id["江北区"]); !slices.Equal(heirs, []uuid.UUID{id["江北区"]}) {
		t.Errorf("heirs before: %v", heirs)
	}
	if before.Covers(uuid.Nil, id["江北区"]) {
		t.Error("who keeps no division covers one")
	}
}

// TestLineageEndsInACircle: two divisions that succeeded each other in turn must not keep anyone waiting.
func TestLineageEndsInACircle(t *testing.T) {
	a, b := uuid.New(), uuid.New()
	l := Lineage{Successors: map[uuid.UUID][]uuid.UUID{a: {b}, b: {a}}}
	if got := l.Up(a); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	if got := l.Heirs(a); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
