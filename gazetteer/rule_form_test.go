package gazetteer

import (
	"testing"

	"fangyu/internal/fault"
)

// TestSignsNobodySees are signs: a mark on a character makes another name of it that reads the same.
func TestSignsNobodySees(t *testing.T) {
	rule := []Rule{{Pack: "p", ID: "s", Kind: ScriptRule, Title: "t", Clause: "c", Strength: Shall, Severity: fault.Block, Confirmed: true}}
	for name, code := range map[string]string{
		"渝\u0301北路": "signs", "葛\U000e0100路": "signs", "渝\u20dd北路": "signs", "\uffff路": "signs", "\ue000路": "signs", "渝 北路": "signs", "渝·北路": "signs", "渝\u3000北路": "signs",
		"渝a北路": "letters", "བོད་路": "letters", "渝1北路": "digits", "渝①北路": "digits", "渝北路": "", "二〇一〇路": "", "𠮷祥路": "", "\ufa0e路": "",
	} {
		found := Check(Draft{Kind: "new", Name: name, Category: Street}, rule, nil, Surroundings{})
		if code == "" && len(found) > 0 || code != "" && (len(found) == 0 || found[0].Code != code) {
			t.Errorf("%q: %v, wanted %q", name, found, code)
		}
	}
}
