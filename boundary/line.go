package boundary

import (
	"strings"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Level is the level of a line: that of the divisions it parts.
type Level string

// The levels, highest first.
const (
	ProvinceLine Level = "province"
	CountyLine   Level = "county"
	TownshipLine Level = "township"
)

// Levels lists every level once.
var Levels = []Level{ProvinceLine, CountyLine, TownshipLine}

var levelWords = map[string]Level{
	"province": ProvinceLine, "provincial": ProvinceLine, "省": ProvinceLine, "省级": ProvinceLine,
	"county": CountyLine, "县": CountyLine, "县级": CountyLine,
	"township": TownshipLine, "乡": TownshipLine, "乡级": TownshipLine, "乡镇级": TownshipLine,
}

// ParseLevel reads a level as files and the command line write it. Anything else is Malformed "bad-level".
func ParseLevel(s string) (Level, error) {
	if l, ok := levelWords[strings.ToLower(strings.TrimSpace(s))]; ok {
		return l, nil
	}
	return "", fault.New(fault.Malformed, "bad-level", "不认识的界线级别“%s”：可用 province、county、township", s)
}

// LegalStatus says what a version of a line is worth.
type LegalStatus string

// The legal states. Only InForce and UnderChange are the line by law; everything else is drawn as 示意.
const (
	Reference     LegalStatus = "reference"      // 参考，示意，不作为划界依据
	InDemarcation LegalStatus = "in-demarcation" // 勘界中
	Disputed      LegalStatus = "disputed"       // 争议
	Signed        LegalStatus = "signed"         // 已签协议
	InForce       LegalStatus = "in-force"       // 已勘定
	UnderChange   LegalStatus = "under-change"   // 变更中
	Superseded    LegalStatus = "superseded"     // 已废止
)

// LegalStatuses lists every legal status once.
var LegalStatuses = []LegalStatus{Reference, InDemarcation, Disputed, Signed, InForce, UnderChange, Superseded}

// Division is a side of a line or section: a division with the divisions above it.
type Division struct {
	ID    uuid.UUID
	Code  gazetteer.DivisionCode // six digits of GB/T 2260 for provinces and counties
	Name  string
	Level gazetteer.Level
	Above *Division // nil for a province, or where nothing is known above it
}

// at returns the division of the level on the way up, d itself included; nil when there is none.
func (d *Division) at(level gazetteer.Level) *Division {
	for ; d != nil; d = d.Above {
		if d.Level == level {
			return d
		}
	}
	return nil
}

// Parted returns the level of the line between two divisions and the divisions that are its parties: the provinces where
// those differ, else the counties, else the townships. ok is false where they do not differ at a level that has lines.
func Parted(x, y *Division) (level Level, a, b *Division, ok bool) {
	for _, step := range []struct {
		of   gazetteer.Level
		line Level
	}{{gazetteer.Province, ProvinceLine}, {gazetteer.County, CountyLine}, {gazetteer.Township, TownshipLine}} {
		p, q := x.at(step.of), y.at(step.of)
		if p != nil && q != nil && p.ID != q.ID {
			return step.line, p, q, true
		}
	}
	return "", nil, nil, false
}

// CodeOrder is the source recorded for parties that nobody declared.
const CodeOrder = "按行政区划代码由小到大拟定（GB/T 2260），待双方确认"

// ProposeParties puts the division with the smaller code first, as party A (甲方). It is a proposal for the registration
// of a line, to be recorded with the source CodeOrder.
func ProposeParties(x, y *Division) (a, b *Division) {
	if y.Code < x.Code {
		return y, x
	}
	return x, y
}

// CodeSchemeProvincial names the scheme of provincial line codes: the two digits of both provinces, smaller first.
const CodeSchemeProvincial = "gbt2260-province-pair"

// NameLine returns the name of the line between two parties and, where the scheme is known, its code.
//
// A provincial line is called by the abbreviations of both provinces in ascending order of their codes, and has a code of
// their first two digits: 渝川线 5051. A county or township line is called by both full names: 江北区—渝北区线. Its code scheme
// is set by each province and not known here, so that code and scheme are empty.
func NameLine(level Level, x, y *Division) (name, code, scheme string) {
	a, b := ProposeParties(x, y)
	if level != ProvinceLine {
		return a.Name + "—" + b.Name + "线", "", ""
	}
	short, long := Abbreviation(a.Code), Abbreviation(b.Code)
	if short == "" || long == "" {
		return a.Name + "—" + b.Name + "线", "", ""
	}
	return short + long + "线", string(a.Code[:2]) + string(b.Code[:2]), CodeSchemeProvincial
}

// abbreviations are the official one-character names of the province-level divisions by the first two digits of GB/T 2260.
var abbreviations = map[string]string{
	"11": "京", "12": "津", "13": "冀", "14": "晋", "15": "蒙", "21": "辽", "22": "吉", "23": "黑", "31": "沪", "32": "苏",
	"33": "浙", "34": "皖", "35": "闽", "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "44": "粤", "45": "桂",
	"46": "琼", "50": "渝", "51": "川", "52": "黔", "53": "滇", "54": "藏", "61": "陕", "62": "甘", "63": "青", "64": "宁",
	"65": "新", "71": "台", "81": "港", "82": "澳",
}

// Abbreviation returns the official abbreviation of the province a code lies in, "" for no province.
func Abbreviation(code gazetteer.DivisionCode) string {
	if len(code) < 2 {
		return ""
	}
	return abbreviations[string(code[:2])]
}
