package gazetteer

import (
	"testing"

	"fangyu/internal/fault"
)

func TestParseCode(t *testing.T) {
	for s, want := range map[string]CodeSystem{
		"500101": GBT2260, "500101001": GBT10114, "500101001001": Stat12, " 500101 ": GBT2260,
	} {
		if _, got, err := ParseCode(s); err != nil || got != want {
			t.Errorf("%q: got %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "5001", "50010", "5001011", "50010100100", "5001010010011", "50010a", "５００１０１"} {
		if _, _, err := ParseCode(s); !fault.Is(err, "bad-code") {
			t.Errorf("%q: got %v", s, err)
		}
	}
}

func TestLevelAndKind(t *testing.T) {
	for _, c := range []struct {
		code  DivisionCode
		name  string
		level Level
		kind  Kind
	}{
		{"500000", "重庆市", Province, "municipality"},
		{"510000000000", "四川省", Province, "province"},
		{"150000", "内蒙古自治区", Province, "autonomous-region"},
		{"810000", "香港特别行政区", Province, "special-region"},
		{"511600", "广安市", Prefecture, "prefecture-city"},
		{"513200", "阿坝藏族羌族自治州", Prefecture, "autonomous-prefecture"},
		{"500112", "渝北区", County, "district"},
		{"500233", "忠县", County, "county"},
		{"500242", "酉阳土家族苗族自治县", County, "autonomous-county"},
		{"511681", "华蓥市", County, "county-city"},
		{"429021", "神农架林区", County, "forest-district"},
		{"500112001", "双龙湖街道", Township, "subdistrict"},
		{"500112001000", "双龙湖街道办事处", Township, "subdistrict"},
		{"500112106", "龙兴镇", Township, "town"},
		{"500233200", "某乡", Township, "township"},
		{"500233201", "磨子土家族乡", Township, "ethnic-township"},
		{"500228500", "梁平县农场", Township, "township-like"},
		{"500112106201", "海螺村委会", Village, "village-committee"},
		{"500112106001", "北山社区居委会", Village, "residents-committee"},
		{"500112106001", "黄金社区居委", Village, "residents-committee"},
		{"500112106498", "社区工作站", Village, "village-like"},
	} {
		if got := LevelOf(c.code); got != c.level {
			t.Errorf("%s: got level %s, wanted %s", c.code, got, c.level)
		}
		if got := KindOf(c.level, c.name); got != c.kind {
			t.Errorf("%s: got kind %s, wanted %s", c.name, got, c.kind)
		}
	}
}

func TestOfficialName(t *testing.T) {
	for _, c := range []struct {
		level                  Level
		name, division, office string
	}{
		{Township, "高笋塘街道办事处", "高笋塘街道", "高笋塘街道办事处"},
		{Township, "高笋塘街道", "高笋塘街道", "高笋塘街道办事处"},
		{Township, "龙兴镇", "龙兴镇", ""},
		{Township, "鱼嘴镇人民政府", "鱼嘴镇", "鱼嘴镇人民政府"},
		{Village, "海螺村委会", "海螺村委会", "海螺村委会"},
		{County, "忠县", "忠县", ""},
	} {
		if d, o := OfficialName(c.level, c.name); d != c.division || o != c.office {
			t.Errorf("%s: got %s and %s", c.name, d, o)
		}
	}
}

func TestSeatName(t *testing.T) {
	for committee, want := range map[string]struct {
		name    string
		certain bool
	}{
		"海螺村委会":      {"海螺村", true},
		"海螺村民委员会":    {"海螺村", true},
		"红石村村委会":     {"红石村", true},
		"红石村村民委员会":   {"红石村", true},
		"北山社区居委会":    {"北山社区", true},
		"北山社区居民委员会":  {"北山社区", true},
		"黄金社区居委":     {"黄金社区", true},
		"双龙社区居委委会":   {"双龙社区", true},
		"古龙社区委员会":    {"古龙社区", true},
		"北山社区":       {"北山社区", true},
		"新村居委会":      {"新村", true},
		"大井社区村委会":    {"大井社区", false},
		"大厂居委会":      {"大厂", false},
		"社区工作站":      {"社区工作站", false},
		"梁平县农场虚拟普查区": {"梁平县农场虚拟普查区", false},
		"村委会":        {"村委会", false},
	} {
		if name, certain := SeatName(committee); name != want.name || certain != want.certain {
			t.Errorf("%s: got %s, %v", committee, name, certain)
		}
	}
}

func TestCanonicalAndParent(t *testing.T) {
	for _, c := range []struct {
		code      DivisionCode
		level     Level
		canonical DivisionCode
		parent    DivisionCode
	}{
		{"500112106201", Village, "500112106201", "500112106"},
		{"500112106000", Township, "500112106", "500112"},
		{"500112106", Township, "500112106", "500112"},
		{"500112000000", County, "500112", "500000"},
		{"500112", County, "500112", "500000"},
		{"511600", Prefecture, "511600", "510000"},
		{"500000000000", Province, "500000", ""},
	} {
		if got, _ := Canonical(c.code, c.level); got != c.canonical {
			t.Errorf("%s: got %s", c.code, got)
		}
		if got := ParentByCode(c.code, c.level); got != c.parent {
			t.Errorf("above %s: got %s", c.code, got)
		}
	}
}
