package gazetteer

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

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
	if len(names) > maxNames {
		return nil, fault.New(fault.Malformed, "bad-names", "其他名称有 %d 个，一处地名最多 %d 个：请核对这一列", len(names), maxNames)
	}
	var records []NameRecord
	for _, n := range names {
		if n.unreadable() {
			return nil, fault.New(fault.Malformed, "bad-names", "其他名称“%s”里有看不见的控制字符，或一项超过 %d 个字：请改正", shortened(strings.Map(seen, n.Name)), maxSaid)
		}
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

// The limits of an import: of the names of one place, and of the characters of what is said of one.
const maxNames, maxSaid = 100, 4000

// unreadable reports signs that nobody sees, or a novel. What a name means may take several lines.
func (n exportedName) unreadable() bool {
	lines := strings.NewReplacer("\n", "", "\r", "", "\t", "")
	for _, text := range []string{n.Name, n.Spelling, n.FromSaid, n.ToSaid, lines.Replace(n.Meaning), lines.Replace(n.Origin)} {
		if utf8.RuneCountInString(text) > maxSaid || strings.ContainsFunc(text, func(r rune) bool { return seen(r) < 0 }) {
			return true
		}
	}
	return false
}

// seen leaves signs out that mislead who reads them: control characters, and those that turn the direction of writing. Some
// scripts need others that nobody sees.
func seen(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r == '\ufeff' || r == utf8.RuneError {
		return -1
	}
	return r
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
