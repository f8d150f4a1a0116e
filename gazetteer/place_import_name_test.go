package gazetteer_test

import (
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

func TestReadNames(t *testing.T) {
	names, err := gazetteer.ReadNames(`[{"name":"老码头","kind":"former","validTo":"2010-01-01"},{"name":"Xigazê","kind":"minority","language":"bo","romanization":"Xigazê","process":"survey"},` +
		`{"name":"新渡口","kind":"standard","meaning":"新修的\n渡口"},` +
		`{"name":"ᠬᠠᠩᠭᠠ\u180e","kind":"minority","language":"mn","process":"survey"}]`)
	if err != nil || len(names) != 4 || names[0].Language != "zh" || names[0].To != "2010-01-01" || names[1].Spelling != "Xigazê" || names[2].Meaning != "新修的\n渡口" {
		t.Errorf("%+v, %v", names, err)
	}
	if names, err := gazetteer.ReadNames(""); names != nil || err != nil {
		t.Errorf("of none: %v, %v", names, err)
	}
	for text, says := range map[string]string{
		`老码头`: "JSON", `{"name":"x"}`: "JSON", `[{"name":"x","kind":"former","colour":"red"}]`: "JSON", `[] []`: "JSON", `[{"name":"x","kind":"former"}`: "JSON",
		`[{"name":"","kind":"former"}]`: "1 至", `[{"name":"x","kind":"nick"}]`: "nick", `[{"name":"x","kind":"former","language":"bo"}]`: "bo",
		`[{"name":"x","kind":"former","validFrom":"清末"}]`: "清末", `[{"name":"x","kind":"former","validFrom":"2010-01-01","validTo":"2000-01-01"}]`: "2000-01-01",
		`[{"name":"x","kind":"former","process":"hearsay"}]`: "hearsay",
		`[{"name":"老\u0000码头","kind":"former"}]`:             "“老码头”里有看不见", `[{"name":"x\u202e","kind":"former"}]`: "看不见", `[{"name":"x","kind":"former","origin":"a\u0001"}]`: "看不见",
		`[{"name":"x","kind":"former","meaning":"` + strings.Repeat("长", 4001) + `"}]`:               "4000",
		`[` + strings.Repeat(`{"name":"x","kind":"former"},`, 100) + `{"name":"x","kind":"former"}]`: "101",
	} {
		if names, err := gazetteer.ReadNames(text); !fault.Is(err, "bad-names") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, %v", text, names, err)
		}
	}
}
