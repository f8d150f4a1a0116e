package gazetteer_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

func TestFactsAreThoseOfTheList(t *testing.T) {
	for text, want := range map[string]string{ // "code pointer" of each finding, or the code of the error
		``:     "",
		`null`: "",
		`{}`:   "",
		`{"roadWidthM":24,"storeys":3,"greenRatio":0.35,"developer":"甲公司","functions":["居住","商业"],"heightM":null}`: "",
		`5`:                           "bad-facts",
		`["roadWidthM"]`:              "bad-facts",
		`{"width":24}`:                "fact-unknown /facts/width",
		`{"a/b":1,"roadWidthM":"24"}`: "fact-unknown /facts/a~1b; bad-fact /facts/roadWidthM",
		`{"roadWidthM":-1}`:           "bad-fact /facts/roadWidthM",
		`{"greenRatio":35}`:           "bad-fact /facts/greenRatio",
		`{"storeys":2.5}`:             "bad-fact /facts/storeys",
		`{"meaning":7}`:               "bad-fact /facts/meaning",
		`{"functions":"居住"}`:          "bad-fact /facts/functions",
		`{"functions":["居住",1]}`:      "bad-fact /facts/functions",
		`{"functions":[` + strings.Repeat(`"x",`, 50) + `"x"]}`: "bad-fact /facts/functions",
		`{"derivedFrom":"` + strings.Repeat("长", 4001) + `"}`:   "bad-fact /facts/derivedFrom",
		`{"derivedFrom":"` + strings.Repeat("长", 4000) + `"}`:   "",
		`{"heightM":1e999}`: "bad-fact /facts/heightM",
	} {
		err := gazetteer.CheckFacts(json.RawMessage(text))
		var got []string
		var refused *fault.Error
		if errors.As(err, &refused) {
			for _, f := range refused.Findings {
				got = append(got, f.Code+" "+f.Pointer)
			}
			if got == nil {
				got = []string{refused.Code}
			} else if refused.Kind != fault.Refused || !strings.Contains(refused.Detail, refused.Findings[0].Detail) {
				t.Errorf("%.60s: %v %v", text, refused.Kind, refused)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%.60s: got %q, wanted %q", text, got, want)
		}
	}
}
