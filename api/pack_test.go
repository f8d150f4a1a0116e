package api_test

import (
	"strings"
	"testing"

	"fangyu/gazetteer"
)

// TestTextsOfPacksThatAreNone are refused in a sentence, as YAML and as JSON, and nothing is drafted.
func TestTextsOfPacksThatAreNone(t *testing.T) {
	s := newSafe(t)
	s.account(t, "rules", "重庆市民政局", nil, gazetteer.Clerk)
	clerk := s.as(t, "rules")
	rule := func(params object) object {
		return object{"id": "r", "kind": "sound", "title": "t", "clause": "c", "strength": "shall", "severity": "warning", "confirmed": true, "params": params}
	}
	pack := func(change object) object {
		p := object{"id": "attack", "title": "t", "region": "50", "validFrom": "2026-12-01", "includes": []string{"chongqing-2022"}, "rules": []object{}}
		for k, v := range change {
			p[k] = v
		}
		return object{"pack": p}
	}
	head := "id: attack\ntitle: t\nregion: \"50\"\nvalidFrom: \"2026-12-01\"\n"
	for name, c := range map[string]struct {
		status int
		body   object
		code   string
	}{
		"nothing":      {400, object{}, "pack-missing"},
		"both":         {400, object{"yaml": head, "pack": pack(nil)["pack"]}, "pack-missing"},
		"bomb":         {400, object{"yaml": head + "rules: [&a {id: r}" + strings.Repeat(", *a", 100_000) + "]"}, "pack-too-long"},
		"short bomb":   {400, object{"yaml": head + "rules: [&a {id: r}" + strings.Repeat(", *a", 1000) + "]"}, "bad-yaml"},
		"pit":          {400, object{"yaml": strings.Repeat("[", 100_000)}, "too-deep"},
		"fold":         {400, object{"yaml": head + "rules:\n  - {id: r, kind: sound, title: t, clause: c, strength: shall, severity: warning, confirmed: true, params: {scope: county, sound: dialect, folds: [[n, l, r]]}}"}, "bad-yaml"},
		"turned":       {422, pack(object{"title": "规则\u202e"}), "pack-wrong"},
		"odd region":   {422, pack(object{"region": "50011"}), "pack-wrong"},
		"of itself":    {422, pack(object{"includes": []string{"attack"}}), "pack-wrong"},
		"empty prefix": {422, pack(object{"rules": []object{rule(object{"scope": "county", "sound": "tones", "prefixes": []string{""}})}}), "pack-wrong"},
		"unreadable":   {400, pack(object{"title": ".inf"}), "bad-text"},
		"country":      {403, pack(object{"region": ""}), "not-yours"},
		"neighbour":    {403, pack(object{"region": "51"}), "not-yours"},
	} {
		if got := clerk.want(t, c.status, "POST", "/api/rule-packs", c.body, nil); got.text("code") != c.code {
			t.Errorf("%s: %v", name, got)
		}
	}
	clerk.want(t, 404, "GET", "/api/rule-packs/attack", nil, nil)
	if got := clerk.want(t, 400, "GET", "/api/rule-packs/national-2022/diff", nil, nil); !strings.Contains(got.text("detail"), "from") {
		t.Errorf("compared with nothing: %v", got)
	}
	clerk.want(t, 200, "POST", "/api/name-checks", object{"name": "翠屏路", "category": "street", "division": "500112"}, nil)
}
