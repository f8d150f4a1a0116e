package gazetteer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// Families of names, made at random: for each rule those that must hit and those that must not, and how moving a case, or saying what
// was missing, changes what is found.

// plainSpecifics are made of common characters and have none of the words of the libraries.
func plainSpecifics(n int, r *rand.Rand) []string {
	first, second := []rune("清翠锦春秋松竹梅兰荷枫桂杏桃柳榆"), []rune("溪岚霞韵泽屏坞岫涧荫谷原野麓")
	var all []string
	for range n {
		all = append(all, string([]rune{first[r.IntN(len(first))], second[r.IntN(len(second))]}))
	}
	return all
}

func hasCode(findings []NameFinding, code string) bool {
	return slices.ContainsFunc(findings, func(f NameFinding) bool { return f.Code == code })
}

// enough are facts that meet every measure of the pack.
var enough = Facts{
	RoadWidthM: metre(60), SiteAreaM2: metre(50000), FloorAreaM2: metre(400000), GreenRatio: metre(0.5), OpenAreaM2: metre(9000), Storeys: metre(30),
	Functions: []string{"学校", "商场"},
}

func TestWhatStandsInTheScopeRepeats(t *testing.T) {
	for _, n := range caseNames.names {
		d := Draft{Name: n.Name, Category: n.Category, Level: n.Level, Facts: enough}
		if !hasCode(judge(t, d, n.Where, Surroundings{}), "duplicate-name") {
			t.Errorf("%s in %s does not repeat itself", n.Name, n.Where.CountyName)
		}
		if hasCode(judge(t, d, chengdu, Surroundings{}), "duplicate-name") {
			t.Errorf("%s repeats itself in another province", n.Name)
		}
		d.PlaceID = n.PlaceID
		d.Kind = "rename"
		if hasCode(judge(t, d, n.Where, Surroundings{}), "duplicate-name") {
			t.Errorf("%s repeats itself where it stands", n.Name)
		}
	}
}

func TestAWordInFrontMakesNoOtherName(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for _, n := range caseNames.names {
		if n.Category != Street && n.Category != ResidentialBuilding || n.Where.BuiltUp != inArea.BuiltUp {
			continue
		}
		for _, prefix := range []string{"新", "大", "老", "重庆"} {
			d := Draft{Name: prefix + n.Name, Category: n.Category, Facts: enough}
			if !hasCode(judge(t, d, inArea, Surroundings{}), "duplicate-but-prefix") {
				t.Errorf("%s is taken for another name than %s", d.Name, n.Name)
			}
			if hasCode(judge(t, d, zhongBU, Surroundings{}), "duplicate-but-prefix") {
				t.Errorf("%s is taken for %s, which is elsewhere", d.Name, n.Name)
			}
			d.Name = prefix + plainSpecifics(1, r)[0] + n.Name[len(n.Name)-len("路"):]
			if hasCode(judge(t, d, inArea, Surroundings{}), "duplicate-but-prefix") {
				t.Errorf("%s is taken for one that stands", d.Name)
			}
		}
	}
}

// soundingAs are common characters by their syllable without tone, those of one reading only.
func soundingAs() map[string][]rune {
	by := map[string][]rune{}
	for char := rune(0x4e00); char < 0x9fa5; char++ {
		if readings := standardReadings(char); CharacterLevel(char) == 1 && len(readings) == 1 && len(knownReadings(char)) == 1 {
			syllable := Toneless(readings)[0]
			by[syllable] = append(by[syllable], char)
		}
	}
	return by
}

func TestNamesThatSoundAlikeAreFound(t *testing.T) {
	r, by := rand.New(rand.NewPCG(7, 2)), soundingAs()
	tried := 0
	for _, n := range caseNames.names {
		if n.Category != Street || n.Where.BuiltUp != inArea.BuiltUp {
			continue
		}
		chars := []rune(n.Name)
		for i := range len(chars) - 1 {
			same := by[Toneless(n.Reading)[i]]
			if len(same) == 0 {
				continue
			}
			other := slices.Clone(chars)
			other[i] = same[r.IntN(len(same))]
			if other[i] == chars[i] {
				continue
			}
			tried++
			d := Draft{Name: string(other), Category: Street, Facts: enough}
			found := judge(t, d, inArea, Surroundings{})
			at := slices.IndexFunc(found, func(f NameFinding) bool { return f.Code == "homophone" && f.Rule == "N9.8-street-homophone" })
			if at < 0 {
				t.Errorf("%s does not sound like %s", d.Name, n.Name)
			} else if a := found[at].Alike; !slices.ContainsFunc(a, func(a Alike) bool { return a.Name == n.Name && strings.ContainsRune(a.Why, other[i]) }) {
				t.Errorf("%s: it is not said why: %+v", d.Name, a)
			}
			if hasCode(judge(t, d, zhongBU, Surroundings{}), "homophone") {
				t.Errorf("%s sounds like %s, which is elsewhere", d.Name, n.Name)
			}
		}
	}
	if tried < 8 {
		t.Errorf("only %d names were tried", tried)
	}
}

// TestDialectsFold has pairs that only a dialect confuses, and pairs that not even it does.
func TestDialectsFold(t *testing.T) {
	folds := [][2]string{{"n", "l"}, {"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"-eng", "-en"}, {"-ing", "-in"}, {"=hu", "=fu"}}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"nan", "lan", true},
		{"zhang", "zang", true},
		{"shen", "seng", true},
		{"ling", "nin", true},
		{"hu", "fu", true},
		{"hua", "fa", false},
		{"nan", "lang", false},
		{"jin", "qin", false},
		{"zhan", "chan", false},
		{"ying", "yin", true},
	} {
		if got := foldSyllable(c.a, folds) == foldSyllable(c.b, folds); got != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if c.same && Heard(c.a) != Heard(c.b) {
			t.Errorf("%s and %s are not found by each other: %s, %s", c.a, c.b, Heard(c.a), Heard(c.b))
		}
	}
}

func TestWordsCountWhereTheyAreFree(t *testing.T) {
	r, p := rand.New(rand.NewPCG(7, 3)), compositePack(t)
	for _, l := range p.Libraries {
		if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Kind == WordRule && r.Params.Library == l.ID }) {
			continue // whole names, which other rules compare with
		}
		for _, w := range l.Words {
			for _, specific := range plainSpecifics(3, r) {
				word := w.Text
				if len(w.Before) > 0 {
					word += w.Before[0]
				}
				d := Draft{Name: specific + word + "小区", Category: ResidentialBuilding, Facts: enough}
				told := func(around Surroundings) bool {
					found := judge(t, d, zhongBU, around)
					return hasCode(found, "limited-word") || hasCode(found, "needs-statement")
				}
				if !told(Surroundings{}) {
					t.Errorf("%s: %s is not found", d.Name, w.Text)
				}
				home := Record{PlaceID: uuid.New(), Name: specific + word, Category: NaturalVillage}
				if told(Surroundings{Derived: []Record{home}}) {
					t.Errorf("%s: %s is found, though it comes from %s", d.Name, w.Text, home.Name)
				}
				d.Name = specific + "小区"
				if told(Surroundings{}) {
					t.Errorf("%s: %s is found", d.Name, w.Text)
				}
			}
		}
	}
}

func TestMeasuresAskForWhatIsSaid(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 4))
	for range 200 {
		ratio := float64(r.IntN(1000)) / 1000
		d := Draft{Name: plainSpecifics(1, r)[0] + "花园", Category: ResidentialBuilding}
		if !hasCode(judge(t, d, zhongBU, Surroundings{}), "insufficient-data") {
			t.Errorf("%s: nothing is said of green, and it passes", d.Name)
		}
		d.Facts.GreenRatio = &ratio
		found := judge(t, d, zhongBU, Surroundings{})
		if hasCode(found, "below-threshold") != (ratio < 0.4) || hasCode(found, "insufficient-data") {
			t.Errorf("%s of %v green: %v", d.Name, ratio, found)
		}
	}
	// Two ways to meet one: what is said of one refutes it, what is not said of the other leaves it open.
	d := Draft{Name: "翠屏大厦", Category: ResidentialBuilding, Facts: Facts{Storeys: metre(8)}}
	if !hasCode(judge(t, d, zhongBU, Surroundings{}), "insufficient-data") {
		t.Error("8 storeys, area not said: it is not open")
	}
	d.Facts.SiteAreaM2, d.Facts.FloorAreaM2 = metre(700), metre(5000)
	if !hasCode(judge(t, d, zhongBU, Surroundings{}), "below-threshold") {
		t.Error("neither is met: it is not told")
	}
	d.Facts.FloorAreaM2 = metre(6000)
	if found := judge(t, d, zhongBU, Surroundings{}); len(found) > 0 {
		t.Errorf("the second is met: %v", found)
	}
}

func TestNumbersAndSigns(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 5))
	for range 100 {
		digits := []rune("〇一二三四五六七八九十百千第号")
		bare := string([]rune{digits[r.IntN(len(digits))], digits[r.IntN(len(digits))]})
		meant := slices.Contains([]string{"五一", "八一", "三八", "五四"}, bare)
		if got := hasCode(judge(t, Draft{Name: bare + "小区", Category: ResidentialBuilding}, zhongBU, Surroundings{}), "bare-number"); got == meant {
			t.Errorf("%s: %v", bare, got)
		}
		specific := []rune(plainSpecifics(1, r)[0])
		for code, sign := range map[string]rune{"letters": rune('A' + r.IntN(26)), "digits": rune('0' + r.IntN(10)), "signs": []rune("·-—（。&")[r.IntN(6)]} {
			name := string(specific[0]) + string(sign) + string(specific[1]) + "小区"
			if !hasCode(judge(t, Draft{Name: name, Category: ResidentialBuilding}, zhongBU, Surroundings{}), code) {
				t.Errorf("%s has no %s", name, code)
			}
			if hasCode(judge(t, Draft{Name: string(specific) + "小区", Category: ResidentialBuilding}, zhongBU, Surroundings{}), code) {
				t.Errorf("%s小区 has %s", string(specific), code)
			}
		}
	}
}

// TestADistrictIsNamedWhereItIs: a name with another district's is found; so is not one in that district, nor one that comes from a
// name that stands there.
func TestADistrictIsNamedWhereItIs(t *testing.T) {
	yubei, jiangbei := Unit{ID: uuid.New(), Name: "渝北区", Level: County}, Unit{ID: uuid.New(), Name: "江北区", Level: County}
	d := Draft{Name: "江北翠屏小区", Category: ResidentialBuilding}
	for name, c := range map[string]struct {
		around Surroundings
		want   bool
	}{
		"elsewhere":                           {Surroundings{Above: []Unit{yubei}, Elsewhere: []Unit{jiangbei}}, true},
		"there":                               {Surroundings{Above: []Unit{jiangbei}}, false},
		"within a name of the division above": {Surroundings{Above: []Unit{{Name: "江北新区", Level: County}}, Elsewhere: []Unit{jiangbei}}, false},
		"from a name that stands":             {Surroundings{Above: []Unit{yubei}, Elsewhere: []Unit{jiangbei}, Derived: []Record{{Name: "江北翠屏", Category: NaturalVillage}}}, false},
	} {
		if got := hasCode(judge(t, d, zhongBU, c.around), "wrong-district"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWaterIsWhereThereIsWater: 湖 needs a lake or a river within a kilometre.
func TestWaterIsWhereThereIsWater(t *testing.T) {
	d := Draft{Name: "翠湖小区", Category: ResidentialBuilding}
	for name, c := range map[string]struct {
		natural []Record
		want    bool
	}{
		"none":         {nil, true},
		"a river":      {[]Record{{Name: "嘉陵江", Category: Natural, DistanceM: metre(400)}}, false},
		"a river afar": {[]Record{{Name: "嘉陵江", Category: Natural, DistanceM: metre(4000)}}, true},
		"a hill":       {[]Record{{Name: "枇杷山", Category: Natural, DistanceM: metre(400)}}, true},
	} {
		if got := hasCode(judge(t, d, zhongBU, Surroundings{Natural: c.natural}), "no-such-feature"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestANameOnAListIsComparedWith, whether it is on record or not: nationally famous natural features, to the letter and by sound, and only
// for natural features (《地名管理条例》第九条第一款第（七）项).
func TestANameOnAListIsComparedWith(t *testing.T) {
	p, err := National().Assembled(ShippedPacks(), "2026-11-29")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kind string
		category   Category
		want       string
	}{
		{"鄱阳湖", "new", Natural, "N9.7-natural-duplicate"},
		{"衡山", "new", Natural, "N9.7-natural-duplicate N9.7-natural-homophone"}, // and 恒山 is read alike
		{"黄盒", "new", Natural, "N9.7-natural-homophone"},
		{"小鄱阳湖", "new", Natural, ""},
		{"鄱阳湖", "new", Street, ""},
		{"鄱阳湖", "existing", Natural, ""},
		{"双凤垭", "new", Natural, ""},
	} {
		var rules []string
		for _, f := range Check(Draft{Kind: c.kind, Name: c.name, Category: c.category}, p.Rules, nil, Surroundings{Words: p.WordLists()}) {
			if strings.HasPrefix(f.Rule, "N9.7") {
				rules = append(rules, f.Rule)
				if len(f.Evidence) > 0 {
					t.Errorf("%s rests on a record that is none: %v", c.name, f.Evidence)
				}
			}
		}
		if got := strings.Join(rules, " "); got != c.want {
			t.Errorf("%s (%s, %s): %q, wanted %q", c.name, c.category, c.kind, got, c.want)
		}
	}
}

// TestNothingForcesANameInUse, and nothing that was not read from its text blocks; the same facts give the same findings.
func TestNothingForcesANameInUse(t *testing.T) {
	p := compositePack(t)
	words := p.WordLists()
	for _, name := range []string{"中央公馆", "168小区", "龘苑", "毛泽东大道", "维也纳森林", "M5公园", "新华路", "广場花园"} {
		for _, c := range []Category{ResidentialBuilding, Street, Park} {
			d := Draft{Kind: "existing", Name: name, Category: c}
			if found := judge(t, d, inArea, Surroundings{}); fault.Worst(Plain(found)) == fault.Block && !hasCode(found, "duplicate-name") {
				t.Errorf("%s as %s is in use and blocked: %v", name, c, found)
			}
			d.Kind = "new"
			rules := slices.Clone(p.Rules)
			for i := range rules {
				rules[i].Confirmed = false
			}
			found := Check(d, rules, nil, Surroundings{Words: words})
			for _, f := range found {
				if f.Severity == fault.Block && !slices.Contains([]string{"traditional-form", "variant-form", "unreadable-character"}, f.Code) {
					t.Errorf("%s as %s: %s blocks though nobody read its text", name, c, f.Rule)
				}
			}
			if again := Check(d, rules, nil, Surroundings{Words: words}); told(again) != told(found) {
				t.Errorf("%s: %q, then %q", name, told(found), told(again))
			}
		}
	}
}
