package api_test

import (
	"testing"

	"fangyu/gazetteer"
)

// TestACheckPlacesWhatEverybodyMayRead: the places a finding rests on come with the position that everybody reads, to whoever asks,
// those too who read it exactly at the place itself; of a place that is withheld none comes, not to who may know of it either.
func TestACheckPlacesWhatEverybodyMayRead(t *testing.T) {
	s := newSafe(t)
	s.account(t, "admin", "重庆市民政局", nil, gazetteer.Administrator)
	village, public, admin, north := s.records[0], s.visitor(t), s.as(t, "admin"), s.as(t, "north")
	body := object{"name": "厽尧村", "category": "village-committee", "division": "500112100", "point": []float64{106.7, 29.7}}
	places := func(v visitor) []object {
		t.Helper()
		return v.want(t, 200, "POST", "/api/name-checks", body, nil).list("places")
	}
	placedAs := func(v visitor, lon, lat any) {
		t.Helper()
		if got := places(v); len(got) != 1 || got[0].text("id") != village.id || got[0]["lon"] != lon || got[0]["lat"] != lat {
			t.Errorf("the check places %v, wanted %s at %v, %v", got, village.id, lon, lat)
		}
	}
	placedAs(s.neighbour, village.at[0], village.at[1])

	admin.confirm(t)
	admin.want(t, 200, "PUT", "/api/precision/places/township", object{"decimals": 2, "document": object{"title": "关于公布精度的规定", "number": "渝民〔2026〕5号"}}, map[string]string{"If-Match": `"0"`})
	if exact := north.want(t, 200, "GET", "/api/places/"+village.id, nil, nil); exact["lon"] != village.at[0] {
		t.Fatalf("who keeps it reads %v", exact["lon"])
	}
	told := public.want(t, 200, "GET", "/api/places/"+village.id, nil, nil)
	if told["lon"] == village.at[0] || told["decimals"] != 2.0 {
		t.Fatalf("everybody reads %v", told)
	}
	placedAs(s.neighbour, told["lon"], told["lat"])
	placedAs(north, told["lon"], told["lat"])

	for _, grade := range []gazetteer.Grade{gazetteer.Internal, gazetteer.Secret} {
		s.grade(village, grade)
		if got := places(s.city); len(got) != 0 {
			t.Errorf("%s, and the check places %v", grade, got)
		}
		told := ""
		for _, f := range s.city.want(t, 200, "POST", "/api/name-checks", body, nil).list("findings") {
			if f.text("code") == "homophone" {
				told = f.list("evidence")[0].text("grade")
			}
		}
		if told != string(grade) {
			t.Errorf("the city is told of a %s village as %q", grade, told)
		}
		if got := places(s.neighbour); len(got) != 0 {
			t.Errorf("the neighbour is placed %v", got)
		}
	}
}
