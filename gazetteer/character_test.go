package gazetteer

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

func TestCharacterLevels(t *testing.T) {
	for level, chars := range []string{
		"㵲氹冚龘𣵦廣國園華灣龍雲臺", "一重庆区", "碚綦涪桷凼垭塆硐沱", "砫塝硚垴邨𨟠埫堃喆淼犇",
	} {
		for _, r := range chars {
			if got := CharacterLevel(r); got != level {
				t.Errorf("%c: got level %d, wanted %d", r, got, level)
			}
		}
	}
}

// The generated table is the table of 2013: the same numbers as in pinyin-data's copy, and the same dictionary's readings.
func TestCharactersAgainstAnotherCopy(t *testing.T) {
	count := map[int]int{}
	for r := range standardCharacters() {
		count[CharacterLevel(r)]++
	}
	if count[1] != 3500 || count[2] != 3000 || count[3] != 1605 {
		t.Errorf("got %v characters by level", count)
	}
	numbers := 0
	eachLine(t, "names/tgscc_levels_china-8105-06062014.txt", "\t", func(r rune, value string) {
		numbers++
		if got := strconv.Itoa(standardCharacters()[r].number); got != value {
			t.Errorf("%c: got number %s, wanted %s", r, got, value)
		}
	})
	if numbers != 8105 {
		t.Errorf("compared %d numbers", numbers)
	}
	eachLine(t, "names/tgscc_kTGHZ2013.txt", ": ", func(r rune, value string) {
		list, _, _ := strings.Cut(value, "#")
		for _, s := range strings.Split(strings.TrimSpace(list), ",") {
			if syllable, ok := numbered(s); ok && !slices.Contains(standardReadings(r), syllable) {
				t.Errorf("%c: got %v, wanted %s too", r, standardReadings(r), syllable)
			}
		}
	})
}

// eachLine calls f for each line like U+4E00<sep>value of a file of the shared data.
func eachLine(t *testing.T, path, sep string, f func(r rune, value string)) {
	file, err := os.Open(shareddata.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		code, value, ok := strings.Cut(lines.Text(), sep)
		n, err := strconv.ParseUint(strings.TrimPrefix(code, "U+"), 16, 32)
		if ok && err == nil && strings.HasPrefix(code, "U+") {
			f(rune(n), value)
		}
	}
}

func TestStandardForms(t *testing.T) {
	for from, want := range map[rune]rune{'廣': '广', '園': '园', '華': '华', '龍': '龙', '臺': '台', '峯': '峰', '國': '国', '灣': '湾', '雲': '云', '鎮': '镇'} {
		if got, ok := StandardForm(from); !ok || got != want {
			t.Errorf("%c: got %c", from, got)
		}
	}
	for _, r := range "广龘㵲𨟠" {
		if got, ok := StandardForm(r); ok {
			t.Errorf("%c is said to stand for %c", r, got)
		}
	}
}

func TestStrokes(t *testing.T) {
	for r, want := range map[rune]int{'一': 1, '长': 4, '重': 9, '春': 9, '龘': 48, '𨟠': 20, 'A': manyStrokes} {
		if got := Strokes(r); got != want {
			t.Errorf("%c: got %d strokes, wanted %d", r, got, want)
		}
	}
}

func TestDescriptions(t *testing.T) {
	for name, want := range map[string]string{
		"（氵甸）沽村": "（氵甸）", "新(土+龙)坝": "(土+龙)", "〔⿰氵甸〕河": "〔⿰氵甸〕", "⿰氵甸河": "⿰氵甸河", "大[扌各]湾": "[扌各]", "（左氵右甸）沟": "（左氵右甸）",
		"【亻尔】家": "【亻尔】", "小（艹＋老）坪（氵旬）": "小", "新华路（东段）": "", "龙兴（镇）": "", "南岸(江南)": "", "王家(湾)(坪)": "", "铜锣峡〔东〕": "",
	} {
		got := strings.Join(Descriptions(name), "")
		if name == "小（艹＋老）坪（氵旬）" {
			want = "（艹＋老）（氵旬）"
		}
		if name == "⿰氵甸河" { // how long one is outside brackets cannot be told: all of it is suspect
			want = name
		}
		if got != want {
			t.Errorf("%s: got %q, wanted %q", name, got, want)
		}
	}
}

func TestCheckCharacters(t *testing.T) {
	for name, want := range map[string]string{
		"重庆市": "", "綦江区": "", "1203高地": "", "Hohhot": "",
		"石砫镇":      "warning rare-character",
		"𨟠山村":      "warning rare-character",
		"廣場":       "block traditional-form, block traditional-form",
		"峯峯村":      "block variant-form",
		"龘苑":       "review non-standard-character",
		"𣵦沽村":      "review non-standard-character",
		"（氵甸）沽村":   "review described-character",
		"龍\uE001":  "block traditional-form, block unreadable-character",
		"a\uFFFDb": "block unreadable-character",
	} {
		var got []string
		for _, f := range CheckCharacters(name) {
			got = append(got, string(f.Severity)+" "+f.Code)
			if f.Clause == "" || f.Pointer != "/name" || !strings.Contains(f.Detail, name) || !utf8.ValidString(f.Detail) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %v, wanted %s", name, got, want)
		}
	}
	if f := CheckCharacters("龍潭")[0]; f.Severity != fault.Block || !strings.Contains(f.Detail, "规范字为“龙”") {
		t.Errorf("no standard form is suggested: %+v", f)
	}
}
