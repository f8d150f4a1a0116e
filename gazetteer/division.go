package gazetteer

import (
	"strings"

	"fangyu/internal/fault"
)

// DivisionCode is a division code (行政区划代码) as written: 6, 9 or 12 digits.
type DivisionCode string

// CodeSystem says by which standard a code is read.
type CodeSystem string

// The code systems, told apart by their length.
const (
	GBT2260  CodeSystem = "gbt2260"  // GB/T 2260, county level and above, 6 digits
	GBT10114 CodeSystem = "gbt10114" // GB/T 10114, township level, 9 digits
	Stat12   CodeSystem = "stat12"   // 统计用区划代码, to village level, 12 digits
)

// ParseCode reads a division code and says of which system it is. Anything but 6, 9 or 12 digits is Malformed "bad-code".
func ParseCode(s string) (DivisionCode, CodeSystem, error) {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if r < '0' || r > '9' {
			return "", "", badCode(s)
		}
	}
	switch len(s) {
	case 6:
		return DivisionCode(s), GBT2260, nil
	case 9:
		return DivisionCode(s), GBT10114, nil
	case 12:
		return DivisionCode(s), Stat12, nil
	}
	return "", "", badCode(s)
}

func badCode(s string) error {
	return fault.New(fault.Malformed, "bad-code", "行政区划代码“%s”不是 6、9 或 12 位数字", s)
}

// Level is the level of a division.
type Level string

// The levels, highest first.
const (
	Province   Level = "province"
	Prefecture Level = "prefecture"
	County     Level = "county"
	Township   Level = "township"
	Village    Level = "village"
)

// Levels lists every level from the highest to the lowest.
var Levels = []Level{Province, Prefecture, County, Township, Village}

// levelWords are the words files use for levels.
var levelWords = map[string]Level{
	"province": Province, "省": Province, "省级": Province, "1": Province,
	"prefecture": Prefecture, "city": Prefecture, "市": Prefecture, "地级": Prefecture, "2": Prefecture,
	"county": County, "县": County, "县级": County, "3": County,
	"township": Township, "town": Township, "乡": Township, "乡级": Township, "4": Township,
	"village": Village, "村": Village, "村级": Village, "5": Village,
}

// ParseLevel reads a level as files write it.
func ParseLevel(s string) (Level, error) {
	if l, ok := levelWords[strings.ToLower(strings.TrimSpace(s))]; ok {
		return l, nil
	}
	return "", fault.New(fault.Malformed, "bad-level", "不认识的级别“%s”：可用 province、prefecture、county、township、village", s)
}

// LevelOf tells the level from a code alone: the zeros at its end say how far down it goes.
func LevelOf(code DivisionCode) Level {
	long := string(code) + strings.Repeat("0", 12-len(code))
	switch {
	case long[9:] != "000":
		return Village
	case long[6:9] != "000":
		return Township
	case long[4:6] != "00":
		return County
	case long[2:4] != "00":
		return Prefecture
	default:
		return Province
	}
}

// Virtual reports whether a row of a statistical list is no division but a heading that keeps the tree regular:
// 市辖区 (5001) and 县 (5002) below a municipality, 省直辖县级行政区划 and the like.
func Virtual(level Level, name string) bool {
	if level != Prefecture {
		return false
	}
	switch name {
	case "市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划":
		return true
	}
	return false
}

// Kind is what a division is by law, within its level.
type Kind string

// kindEndings tell a kind from the end of a name, the longest first.
var kindEndings = map[Level][]struct {
	ending string
	kind   Kind
}{
	Province: {{"特别行政区", "special-region"}, {"自治区", "autonomous-region"}, {"市", "municipality"}, {"省", "province"}},
	Prefecture: {
		{"自治州", "autonomous-prefecture"}, {"地区", "prefecture"}, {"盟", "league"}, {"市", "prefecture-city"},
	},
	County: {
		{"自治县", "autonomous-county"},
		{"自治旗", "autonomous-banner"},
		{"林区", "forest-district"},
		{"特区", "special-district"},
		{"区", "district"},
		{"县", "county"},
		{"市", "county-city"},
		{"旗", "banner"},
	},
	Township: {
		{"街道办事处", "subdistrict"},
		{"街道", "subdistrict"},
		{"苏木", "sumu"},
		{"镇", "town"},
		{"族乡", "ethnic-township"},
		{"乡", "township"},
	},
	Village: {
		{"村民委员会", "village-committee"},
		{"村委会", "village-committee"},
		{"居民委员会", "residents-committee"},
		{"居委会", "residents-committee"},
		{"居委委会", "residents-committee"},
		{"居民委员", "residents-committee"},
		{"社区委员会", "residents-committee"},
		{"社区委会", "residents-committee"},
		{"居委", "residents-committee"},
		{"社区", "residents-committee"},
		{"村", "village-committee"},
	},
}

var otherKind = map[Level]Kind{
	Province: "province", Prefecture: "prefecture", County: "county", Township: "township-like", Village: "village-like",
}

// KindOf tells the kind of a division from its level and name. Names that end in none of the usual words (农场, 管委会 …)
// are township-like or village-like.
func KindOf(level Level, name string) Kind {
	if k, ok := kindByEnding(level, name); ok {
		return k
	}
	return otherKind[level]
}

func kindByEnding(level Level, name string) (Kind, bool) {
	for _, k := range kindEndings[level] {
		if strings.HasSuffix(name, k.ending) {
			return k.kind, true
		}
	}
	return "", false
}

// OfficialName parts a name as lists give it into the division's own name and the name of its office: a subdistrict is
// an agency whose office is X街道办事处; a village or residents' committee is a self-governing body; some lists name a town
// by its government (鱼嘴镇人民政府). For all others the office is empty.
func OfficialName(level Level, name string) (division, office string) {
	switch level {
	case Township:
		if own, ok := strings.CutSuffix(name, "街道办事处"); ok && own != "" {
			return own + "街道", name
		}
		if strings.HasSuffix(name, "街道") {
			return name, name + "办事处"
		}
		if own, ok := strings.CutSuffix(name, "人民政府"); ok && own != "" {
			return own, name
		}
	case Village:
		return name, name
	}
	return name, ""
}

// seats are the endings of committees' names and what stands for them in the name of the seat, the longest first:
// 高村村委会 sits at 高村, 海螺村委会 at 海螺村.
var seats = []struct {
	ending, with string
}{
	{"村村民委员会", "村"}, {"村居民委员会", "村"}, {"村民委员会", "村"}, {"村村委会", "村"}, {"村居委会", "村"}, {"村委会", "村"},
}

// SeatName returns the name of the place where a village or residents' committee sits (《地名管理条例》第三条第（三）项),
// and whether it is certain. 海螺村委会 sits at 海螺村, 北山社区居委会 at 北山社区; where a list gives only 北山居委会 the
// place is not told, the words before 居委会 are kept and the name wants a look.
func SeatName(committee string) (name string, certain bool) {
	if own, rest, ok := cutLast(committee, "社区"); ok && own != "" && strings.Trim(rest, "居民委员会") == "" {
		return own + "社区", true
	}
	if own, rest, ok := cutLast(committee, "社区"); ok && own != "" && (rest == "村委会" || rest == "村民委员会") {
		return own + "社区", false // it calls itself both
	}
	for _, s := range seats {
		if own, ok := strings.CutSuffix(committee, s.ending); ok && own != "" {
			return own + s.with, true
		}
	}
	for _, ending := range []string{"居民委员会", "居委会"} {
		if own, ok := strings.CutSuffix(committee, ending); ok && own != "" {
			return own, false
		}
	}
	return committee, strings.HasSuffix(committee, "村")
}

// cutLast cuts s around the last occurrence of sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// provinceNames are the names of the province-level divisions by the first two digits of GB/T 2260, for files that give
// only the code of the province.
var provinceNames = map[string]string{
	"11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省", "22": "吉林省",
	"23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省",
	"37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
	"50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省",
	"63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区", "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}

// ProvinceName returns the name of the province a six-digit code belongs to, "" when the first two digits are none.
func ProvinceName(code DivisionCode) string {
	if len(code) < 2 {
		return ""
	}
	return provinceNames[string(code[:2])]
}
