package gazetteer

import (
	"bytes"
	"encoding/json"
	"io"

	"fangyu/internal/fault"
)

// exportedName is a name of a place in the column "names" of our own exports: what it has not is left out.
type exportedName struct {
	Name     string   `json:"name"`
	Kind     NameKind `json:"kind"`
	Language string   `json:"language"` // zh where it is left out
	Spelling string   `json:"romanization"`
	From     string   `json:"validFrom"`
	To       string   `json:"validTo"`
	FromSaid string   `json:"fromSaid"`
	ToSaid   string   `json:"toSaid"`
	Process  string   `json:"process"`
	Meaning  string   `json:"meaning"`
	Origin   string   `json:"origin"`
}

// lastDay lets names end on days to come: what was recorded may.
const lastDay = "9999-12-31"

// ReadNames reads the other names of a place as our exports write them, "" for none. A standard one among them is the one of
// the row, of which more is known, or an earlier one.
//
// Errors: Malformed "bad-names" for what is no such list, or with the first thing wrong with a name.
func ReadNames(text string) ([]NameRecord, error) {
	if text == "" {
		return nil, nil
	}
	in := json.NewDecoder(bytes.NewReader([]byte(text)))
	in.DisallowUnknownFields()
	var names []exportedName
	if err := in.Decode(&names); err != nil || in.Decode(&struct{}{}) != io.EOF {
		return nil, fault.New(fault.Malformed, "bad-names", "其他名称应是导出文件里那样的 JSON 列表，如 [{\"name\":\"旧名\",\"kind\":\"former\"}]：照原样，或留空")
	}
	var records []NameRecord
	for _, n := range names {
		r := n.record()
		for _, f := range r.Check(standing(r.Kind), lastDay) {
			if f.Code == "bad-process" && r.Process == "" {
				continue // a name of a division has none
			}
			return nil, fault.New(fault.Malformed, "bad-names", "其他名称“%s”：%s", r.Name, f.Detail)
		}
		records = append(records, r)
	}
	return records, nil
}

func (n exportedName) record() NameRecord {
	if n.Language == "" {
		n.Language = "zh"
	}
	return NameRecord{
		Name: n.Name, Kind: n.Kind, Language: n.Language, Spelling: n.Spelling, Process: n.Process, From: n.From, To: n.To,
		FromSaid: n.FromSaid, ToSaid: n.ToSaid, Meaning: n.Meaning, Origin: n.Origin,
		Reason: "导入", Document: Document{Title: "导入"}, // the import's own takes its place
	}
}

// standing is the kind a name of the kind had before it is recorded, as Check asks: an import tells of standard names that
// were decided before.
func standing(k NameKind) NameKind {
	if k == StandardName {
		return k
	}
	return ""
}
