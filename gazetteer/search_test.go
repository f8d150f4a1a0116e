package gazetteer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fangyu/gazetteer"
)

func TestRouteSaysWhichRungsAQueryClimbs(t *testing.T) {
	type step = gazetteer.SearchStep
	name := func(key string) []step {
		return []step{{Rung: gazetteer.ByExact, Key: key}, {Rung: gazetteer.ByPrefix, Key: key}, {Rung: gazetteer.ByInside, Key: key}}
	}
	letters := func(key string) []step {
		return []step{{Rung: gazetteer.ByPinyin, Key: key}, {Rung: gazetteer.ByPinyinPrefix, Key: key}, {Rung: gazetteer.ByInitials, Key: key}}
	}
	for query, want := range map[string][]step{
		"":             nil,
		" \u200b":      nil,
		"重庆":           name("重庆"),
		" 重 庆 ":        name("重庆"),
		"𬒔镇":           name("𬒔镇"),
		"３号路":          name("3号路"),
		"M5公园":         name("m5公园"),
		"'":            name("'"),
		"YuBei":        append(letters("yubei"), name("yubei")...),
		"chang'an":     append(letters("changan"), name("chang'an")...),
		"lü":           append(letters("lv"), name("lü")...),
		"渝bei":         append(name("渝bei"), step{Rung: gazetteer.ByPinyinPrefix, Key: "yubei", Head: "渝"}),
		"500112":       append([]step{{Rung: gazetteer.ByCode, Key: "500112"}}, name("500112")...),
		"50":           append([]step{{Rung: gazetteer.ByCode, Key: "500000"}}, name("50")...),
		"500112104000": append([]step{{Rung: gazetteer.ByCode, Key: "500112104"}}, name("500112104000")...),
		"cuiweilu21":   append(name("cuiweilu21"), letters("cuiweilu21")...),
		"m(5)":         append(name("m(5)"), letters("m5")...),
		"1203a":        append([]step{}, name("1203a")...),
	} {
		if query == "1203a" { // digits are no characters before pinyin, yet they begin the name
			want = append(want, step{Rung: gazetteer.ByPinyinPrefix, Key: "1203a", Head: "1203"})
		}
		if diff := cmp.Diff(want, gazetteer.Route(query)); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
}

func TestImportanceOfNames(t *testing.T) {
	inOrder := []gazetteer.SearchForm{
		gazetteer.NewSearchForm("重庆市", "chong qing shi", "standard", gazetteer.DivisionCategory, gazetteer.Province),
		gazetteer.NewSearchForm("万州区", "wan zhou qu", "standard", gazetteer.DivisionCategory, gazetteer.County),
		gazetteer.NewSearchForm("双江县级", "shuang jiang xian ji", "standard", gazetteer.DivisionCategory, gazetteer.County),
		gazetteer.NewSearchForm("渝", "yu", "short", gazetteer.DivisionCategory, gazetteer.County),
		gazetteer.NewSearchForm("万县", "wan xian", "former", gazetteer.DivisionCategory, gazetteer.County),
		gazetteer.NewSearchForm("龙兴镇", "long xing zhen", "standard", gazetteer.DivisionCategory, gazetteer.Township),
		gazetteer.NewSearchForm("龙井村", "long jing cun", "standard", gazetteer.VillageCommittee, gazetteer.Village),
		gazetteer.NewSearchForm("长江", "chang jiang", "standard", gazetteer.Natural, ""),
		gazetteer.NewSearchForm("新华路", "xin hua lu", "standard", gazetteer.Street, ""),
	}
	if !slices.IsSortedFunc(inOrder, func(a, b gazetteer.SearchForm) int { return b.Rank - a.Rank }) {
		t.Errorf("got %+v", inOrder)
	}
	for _, c := range append([]gazetteer.Category{""}, gazetteer.Categories...) {
		for _, level := range append([]gazetteer.Level{""}, gazetteer.Levels...) {
			least, most := gazetteer.RankSpan(c, level)
			for _, of := range gazetteer.Categories {
				rank := gazetteer.NewSearchForm("龙井村", "long jing cun", "former", of, level).Rank
				fits := (c == "" || of == c) && (level == "" || level == gazetteer.Village && of == gazetteer.VillageCommittee ||
					level != gazetteer.Village && of == gazetteer.DivisionCategory)
				if in := rank >= least && rank <= most; in != fits && (level != "" || c != "") {
					t.Errorf("category %q level %q: the rank %d of %q is in %d–%d: %v", c, level, rank, of, least, most, in)
				}
			}
		}
	}
}

func TestMarkShowsWhatWasFound(t *testing.T) {
	for _, c := range []struct {
		query, name, toneless string
		rung                  gazetteer.Rung
		marked                string
	}{
		{"渝北", "渝北区", "yu bei qu", gazetteer.ByPrefix, "渝北"},
		{"北", "渝北区", "yu bei qu", gazetteer.ByInside, "北"},
		{"５", "M5公园", "m 5 gong yuan", gazetteer.ByInside, "5"},
		{"yub", "渝北区", "yu bei qu", gazetteer.ByPinyinPrefix, "渝北"},
		{"yu", "渝北区", "yu bei qu", gazetteer.ByPinyinPrefix, "渝"},
		{"yb", "渝北区", "yu bei qu", gazetteer.ByInitials, "渝北"},
		{"yubeiqu", "渝北区", "yu bei qu", gazetteer.ByPinyin, "渝北区"},
		{"渝b", "渝北区", "yu bei qu", gazetteer.ByPinyinPrefix, "渝北"},
	} {
		for _, step := range gazetteer.Route(c.query) {
			if step.Rung != c.rung {
				continue
			}
			from, to := step.Mark(c.name, c.toneless)
			if got := string([]rune(c.name)[from:to]); got != c.marked {
				t.Errorf("%s in %s: marked %q", c.query, c.name, got)
			}
		}
	}
}

// letter draws characters of names: common ones, so that names share parts, one beyond the BMP, and what is folded.
var letter = rapid.SampledFrom([]rune("重庆慶渝北村新华華𬒔镇aBü5３ 　'"))

// TestPinyinHasNoSigns: what stands between letters and figures in a name is not typed in pinyin, nor is it an initial.
func TestPinyinHasNoSigns(t *testing.T) {
	f := gazetteer.NewSearchForm("翠微路21号院（吕区）", "cui wei lu 21 hao yuan （ lü qu ）", "standard", gazetteer.Street, "")
	if f.Pinyin != "cuiweilu21haoyuanlvqu" || f.Initials != "cwl2hylq" {
		t.Errorf("%+v", f)
	}
}

// TestGramsFindWhatIsInside holds the keys against strings.Contains: a text holds a short key exactly if the key is one of
// its grams, and a longer one only if all the grams of the key are.
func TestGramsFindWhatIsInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := gazetteer.Fold(rapid.StringOfN(letter, 0, 8, -1).Draw(t, "text"))
		key := gazetteer.Fold(rapid.StringOfN(letter, 1, 4, -1).Draw(t, "key"))
		grams := gazetteer.Grams(text)
		if unique := slices.Compact(slices.Sorted(slices.Values(grams))); len(unique) != len(grams) {
			t.Fatalf("%q has a gram twice: %q", text, grams)
		}
		contains, all := strings.Contains(text, key), true
		for _, g := range gazetteer.Grams(key) {
			all = all && slices.Contains(grams, g)
		}
		switch n := len([]rune(key)); {
		case n == 0:
		case n <= 2 && slices.Contains(grams, key) != contains, contains && !all:
			t.Fatalf("%q in %q: grams %q", key, text, grams)
		}
		if again := gazetteer.Fold(text); again != text {
			t.Fatalf("folding twice made %q of %q", again, text)
		}
	})
}
