package gazetteer

import (
	"os"
	"strings"
	"testing"
)

func TestRomanizeByTheRulesOf1984(t *testing.T) {
	for _, c := range []struct {
		name     string
		category Category
		want     string
	}{
		// printed in the rules, or their plain application
		{"太行山", Natural, "Tàiháng Shān"},
		{"太湖", Natural, "Tài Hú"},
		{"潮白新河", Natural, "Cháobái Xīnhé"},
		{"西辽河", Natural, "Xīliáo Hé"},
		{"密云水库", Natural, "Mìyún Shuǐkù"},
		{"通县", DivisionCategory, "Tōng Xiàn"},
		{"西安市", DivisionCategory, "Xī'ān Shì"},
		{"建瓯市", DivisionCategory, "Jiàn'ōu Shì"},
		{"六安市", DivisionCategory, "Lù'ān Shì"},
		{"长安街", Street, "Cháng'ān Jiē"},
		{"景山后街", Street, "Jǐngshān Hòujiē"},
		{"清波门直街", Street, "Qīngbōmén Zhíjiē"},
		{"周口店", NaturalVillage, "Zhōukǒudiàn"},
		{"王家湾", NaturalVillage, "Wángjiāwān"},
		{"黑龙江省", DivisionCategory, "Hēilóngjiāng Shěng"},
		{"景德镇市", DivisionCategory, "Jǐngdézhèn Shì"},
		// Chongqing
		{"重庆市", DivisionCategory, "Chóngqìng Shì"},
		{"綦江区", DivisionCategory, "Qíjiāng Qū"},
		{"长寿区", DivisionCategory, "Chángshòu Qū"},
		{"忠县", DivisionCategory, "Zhōng Xiàn"},
		{"南岸区", DivisionCategory, "Nán'àn Qū"},
		{"沙坪坝区", DivisionCategory, "Shāpíngbà Qū"},
		{"酉阳土家族苗族自治县", DivisionCategory, "Yǒuyáng Tǔjiāzú Miáozú Zìzhìxiàn"},
		// polyphones the default of a character gets wrong
		{"厦门市", DivisionCategory, "Xiàmén Shì"},
		{"单县", DivisionCategory, "Shàn Xiàn"},
		{"东阿县", DivisionCategory, "Dōng'ē Xiàn"},
		{"铅山县", DivisionCategory, "Yánshān Xiàn"},
	} {
		if got := Romanize(c.name, c.category).Spelling; got != c.want {
			t.Errorf("%s: got %s, wanted %s", c.name, got, c.want)
		}
	}
}

func TestRomanizeDropsNoCharacter(t *testing.T) {
	r := Romanize("𣵦沽", NaturalVillage)
	if len(r.Reading) != 2 || r.Reading[0] != "𣵦" {
		t.Errorf("got %q", r.Reading)
	}
	if r.Status != ReadingUnverified || len(r.Candidates) == 0 {
		t.Errorf("a character nobody knows is said to be known: %+v", r)
	}
}

// A reading audited for one place says nothing about another: 六合区 in 南京 is Lùhé, the villages of 重庆 are not.
func TestAnAuditedNameSettlesNoOther(t *testing.T) {
	for name, want := range map[string]string{"六合村": "Liùhé Cūn", "天台村": "Tiāntái Cūn"} {
		if r := Romanize(name, VillageCommittee); r.Spelling != want || r.Status != ReadingUnverified {
			t.Errorf("%s: got %s, %s", name, r.Spelling, r.Status)
		}
	}
	if r := Romanize("重庆路", Street); r.Spelling != "Chóngqìng Lù" {
		t.Errorf("got %s", r.Spelling)
	}
}

func TestTonelessKeepsTheDigitsOfAName(t *testing.T) {
	if got := Romanize("1203高地", Natural).Toneless(); got != "1 2 0 3 gao di" {
		t.Errorf("got %q", got)
	}
}

func TestArabic(t *testing.T) {
	for s, want := range map[string]int{
		"一": 1, "九": 9, "十": 10, "十二": 12, "二十": 20, "四十二": 42, "一百": 100, "一百二十三": 123, "三八": 0, "五一": 0, "一二九": 0, "": 0, "百": 0, "十十": 0, "十百": 0,
	} {
		if got := arabic(s); got != want {
			t.Errorf("%s: got %d, wanted %d", s, got, want)
		}
	}
}

func TestRomanizeSaysWhatItDoesNotKnow(t *testing.T) {
	r := Romanize("单行", NaturalVillage)
	if r.Status != ReadingUnverified || len(r.Candidates) == 0 {
		t.Errorf("got %+v", r)
	}
	if r := Romanize("綦江区", DivisionCategory); r.Status == ReadingUnverified {
		t.Errorf("an audited name is unverified: %+v", r)
	}
}

// TestSpellingPairs holds the listed pairs, those of the rules' second and seventh article among them: each right, and said
// to be.
func TestSpellingPairs(t *testing.T) {
	text, err := os.ReadFile("testdata/spellings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	pairs := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := append(strings.Split(strings.TrimSpace(line), "\t"), "")
		if got := RomanizeIn(f[0], Category(f[1]), f[3]); got.Spelling != f[2] || got.Status == ReadingUnverified {
			t.Errorf("%s (%s, %q): got %s, %s, wanted %s", f[0], f[1], f[3], got.Spelling, got.Status, f[2])
		}
		pairs++
	}
	if pairs < 149 {
		t.Errorf("got %d pairs, wanted at least 149", pairs)
	}
}
