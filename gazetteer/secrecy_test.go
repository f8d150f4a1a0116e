package gazetteer

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWhatIsWithheldLeavesNoTraceInAFinding: a homophone of a secret and a public place tells of the public one alone, in words,
// evidence and readings; of the secret one alone it tells nothing.
func TestWhatIsWithheldLeavesNoTraceInAFinding(t *testing.T) {
	secret, public := record("李佳路", Street), record("礼嘉路", Street)
	secret.Grade = Secret
	d := Draft{Name: "李家路", Category: Street}
	for _, r := range National().Rules {
		if r.ID != "N9.8-street-homophone" {
			continue
		}
		both := Publishable(checkBy(d, Gathered{Rule: r, Records: []Record{secret, public}, ScopeName: "忠县"}))
		text, err := json.Marshal(both)
		if err != nil || len(both) != 1 || len(both[0].Alike) != 1 || !strings.Contains(string(text), "礼嘉路") {
			t.Fatalf("%s, %v", text, err)
		}
		if strings.Contains(string(text), "李佳路") || strings.Contains(string(text), secret.PlaceID.String()) {
			t.Errorf("it tells of the secret one: %s", text)
		}
		if alone := Publishable(checkBy(d, Gathered{Rule: r, Records: []Record{secret}, ScopeName: "忠县"})); len(alone) != 0 {
			t.Errorf("of the secret one alone it tells %v", alone)
		}
	}
}
