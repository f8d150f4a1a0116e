package gazetteer

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestTwoDistrictsBecomeOne is the change of November 2025: 江北区 and 渝北区 end, 两江新区 takes their place.
func TestTwoDistrictsBecomeOne(t *testing.T) {
	jiangbei, yubei, liangjiang, shapingba := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	change := DivisionSuccession{
		On:         time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC),
		Successors: map[uuid.UUID][]uuid.UUID{jiangbei: {liangjiang}, yubei: {liangjiang}},
		Names:      map[uuid.UUID]string{jiangbei: "江北区", yubei: "渝北区", liangjiang: "两江新区", shapingba: "沙坪坝区"},
	}
	office := func(name, kind string, division uuid.UUID) OfficeFact {
		return OfficeFact{ID: uuid.New(), Name: name, Kind: kind, Division: division, Valid: true}
	}
	jb, yb := office("江北区民政局", "civil-affairs", jiangbei), office("渝北区民政局", "civil-affairs", yubei)
	housing := office("渝北区住房和城乡建设委员会", "competent-department", yubei)
	seats := office("渝北区地名委员会", "committee", yubei)
	spb := office("沙坪坝区民政局", "civil-affairs", shapingba)
	surveyors := office("某测绘队", "contractor", yubei)
	gone := office("江北县民政局", "civil-affairs", jiangbei)
	gone.Valid = false
	between := RoundFact{ID: uuid.New(), Lead: jb.ID, Cooperating: yb.ID}
	outward := RoundFact{ID: uuid.New(), Lead: yb.ID, Cooperating: spb.ID}
	got := SucceedOffices(change, []OfficeFact{jb, yb, housing, seats, spb, surveyors, gone}, []RoundFact{between, outward}, uuid.New)

	founded := map[string]OfficeFact{}
	for _, o := range got.Found {
		if o.Division != liangjiang || !o.Valid {
			t.Errorf("founded %+v", o)
		}
		founded[o.Name] = o
	}
	if len(got.Found) != 3 || founded["两江新区民政局"].Kind != "civil-affairs" || founded["两江新区住房和城乡建设委员会"].Kind != "competent-department" || founded["两江新区地名委员会"].Kind != "committee" {
		t.Errorf("founded %+v", got.Found)
	}
	bureau := founded["两江新区民政局"].ID
	if got.Places[jb.ID] != bureau || got.Places[yb.ID] != bureau || len(got.Places) != 4 || len(got.Closed) != 4 {
		t.Errorf("places %v, closed %v", got.Places, got.Closed)
	}
	if len(got.Ended) != 1 || got.Ended[0] != between {
		t.Errorf("ended %v", got.Ended)
	}
	if len(got.Undecided) != 0 {
		t.Errorf("undecided %v", got.Undecided)
	}

	// Where the new bureau is there already, it takes the places, and nothing is founded twice.
	there := office("两江新区民政局", "civil-affairs", liangjiang)
	again := SucceedOffices(change, []OfficeFact{jb, yb, there}, nil, uuid.New)
	if len(again.Found) != 0 || again.Places[jb.ID] != there.ID || again.Places[yb.ID] != there.ID {
		t.Errorf("with a bureau that is there: %+v", again)
	}
}

func TestASplitLeavesItsOfficesToAPerson(t *testing.T) {
	old, a, b := uuid.New(), uuid.New(), uuid.New()
	change := DivisionSuccession{Successors: map[uuid.UUID][]uuid.UUID{old: {a, b}}, Names: map[uuid.UUID]string{old: "旧县", a: "甲县", b: "乙县"}}
	bureau := OfficeFact{ID: uuid.New(), Name: "旧县民政局", Kind: "civil-affairs", Division: old, Valid: true}
	got := SucceedOffices(change, []OfficeFact{bureau}, nil, uuid.New)
	if len(got.Undecided) != 1 || len(got.Closed) != 1 || len(got.Places) != 0 || len(got.Found) != 0 {
		t.Errorf("got %+v", got)
	}
}
