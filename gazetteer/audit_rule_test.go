package gazetteer_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// ruled is a pack with a rule of every kind that an audit judges names by.
const ruled = `
id: ruled-test
title: 试行规则
validFrom: "2026-01-01"
libraries:
  - {id: ruled-words, title: 限用词, words: [{text: 国际}]}
rules:
  - {id: R-parts, kind: parts, title: 有专名和通名, clause: 第一条, strength: shall, severity: block, confirmed: true, categories: [street]}
  - {id: R-script, kind: script, title: 用汉字, clause: 第二条, strength: shall, severity: block, confirmed: true}
  - {id: R-character, kind: character, title: 不用生僻字, clause: 第三条, strength: should, severity: block, confirmed: true}
  - {id: R-number, kind: number, title: 不用数字, clause: 第四条, strength: shall, severity: block, confirmed: true, categories: [street]}
  - {id: R-words, kind: word, title: 不用大词, clause: 第五条, strength: shall, severity: block, confirmed: true, params: {library: ruled-words}}
  - {id: R-avenue, kind: measure, title: 大道的宽度, clause: 第六条, strength: shall, severity: block, confirmed: true, categories: [street], params: {generic: [大道], anyOf: [[{fact: roadWidthM, least: 40}]]}}
  - {id: R-district, kind: district, title: 不用别处的区划名, clause: 第七条, strength: shall, severity: block, confirmed: true, categories: [street, facility]}
  - {id: R-water, kind: nature, title: 无水不称湖, clause: 第八条, strength: shall, severity: block, confirmed: true, categories: [street, facility], params: {words: [湖], near: [江, 湖], withinM: 1000}}
  - {id: R-local, kind: local, title: 设施用当地地名, clause: 第九条, strength: should, severity: review, confirmed: true, categories: [facility]}
  - {id: R-same, kind: repeat, title: 不重名, clause: 第十条, strength: shall, severity: block, confirmed: true, params: {scope: county, prefixes: [新, 大]}}
  - {id: R-specific, kind: repeat, title: 专名不重复, clause: 第十一条, strength: shall, severity: block, confirmed: true, categories: [street], params: {scope: county, part: specific}}
  - {id: R-dialect, kind: sound, title: 不同音, clause: 第十二条, strength: shall, severity: block, confirmed: true, categories: [street], params: {scope: county, sound: dialect, folds: [[n, l]]}}
  - {id: R-glyph, kind: glyph, title: 字形不相近, clause: 第十三条, strength: shall, severity: block, confirmed: true, categories: [street], params: {scope: county, alike: [末未]}}
  - {id: R-borrowed, kind: borrowed, title: 区划不借名, clause: 第十四条, strength: shall, severity: block, confirmed: true, categories: [division]}
  - {id: R-protected, kind: protected, title: 受保护的名称, clause: 第十五条, strength: should, severity: review, confirmed: true, cases: [existing]}
`

func ruledRecord(t testing.TB) *record {
	t.Helper()
	pack, err := gazetteer.ParsePack([]byte(ruled))
	if err != nil {
		t.Fatal(err)
	}
	r := newRecord()
	r.Pack = pack
	return r
}

// byRule are the findings of rules, as code, rule, part and what is held against the name.
func byRule(found []gazetteer.AuditFinding) (all []string) {
	for _, f := range found {
		if f.Rule == "" {
			continue
		}
		said := []string{string(f.Severity), f.Code, f.Rule, f.Part}
		for _, e := range f.Evidence[min(len(f.Evidence), 1):] {
			said = append(said, e.Name)
		}
		all = append(all, strings.Join(said, " "))
	}
	return all
}

// TestAnAuditJudgesByEveryRule: what each kind of rule finds about names in use, once, and never as forbidden.
func TestAnAuditJudgesByEveryRule(t *testing.T) {
	street := func(r *record, name string) *gazetteer.AuditedPlace { return r.place(name, gazetteer.Street, "500233") }
	for name, c := range map[string]struct {
		change func(*record)
		want   []string
	}{
		"nothing":                                {func(r *record) { street(r, "翠屏路") }, nil},
		"no generic":                             {func(r *record) { street(r, "翠屏") }, []string{"review generic-missing R-parts 翠屏"}},
		"letters":                                {func(r *record) { street(r, "M5路") }, []string{"review digits R-script 5", "review letters R-script M"}},
		"a described character is found as that": {func(r *record) { street(r, "（氵甸）路") }, []string{"review described-character R-character （氵甸）路"}},
		"a variant form is found once":           {func(r *record) { street(r, "龍山路") }, []string{"review traditional-form R-character 龍山路"}},
		"nothing but a number":                   {func(r *record) { street(r, "第八路") }, []string{"review bare-number R-number 第八"}},
		"a word":                                 {func(r *record) { street(r, "国际路") }, []string{"review limited-word R-words 国际"}},
		"nothing known of the size":              {func(r *record) { street(r, "翠屏大道") }, []string{"info insufficient-data R-avenue 大道"}},
		"the name of another county":             {func(r *record) { street(r, "丰都路") }, []string{"review wrong-district R-district 丰都 丰都县"}},
		"the name of the own county":             {func(r *record) { street(r, "忠县路") }, nil},
		"a lake where none is":                   {func(r *record) { street(r, "翠湖路").Point = near(0) }, []string{"review no-such-feature R-water 湖"}},
		"a lake where one is": {func(r *record) {
			street(r, "翠湖路").Point = near(0)
			r.place("东湖", gazetteer.Natural, "500233").Point = near(900)
		}, nil},
		"the lake is withheld": {func(r *record) {
			street(r, "翠湖路").Point = near(0)
			r.place("东湖", gazetteer.Natural, "500233").Point = near(900)
			r.Places[len(r.Places)-1].Grade = gazetteer.Secret
		}, []string{"review no-such-feature R-water 湖"}},
		"the lake is as wide as it is long": {func(r *record) {
			street(r, "翠湖路").Point = near(0)
			lake := r.place("东湖", gazetteer.Natural, "500233")
			lake.Point = near(3000)
			r.Beside.Shapes = map[uuid.UUID]orb.Geometry{lake.ID: orb.Polygon{{*near(900), {107.1, 30.06}, {107.1, 30.04}, *near(900)}}}
		}, nil},
		"a facility without the name of where it is": {func(r *record) { r.place("翠屏站", gazetteer.Facility, "500233") }, []string{"review not-local R-local 翠屏"}},
		"with that of a hill there": {func(r *record) {
			r.place("翠屏山站", gazetteer.Facility, "500233")
			r.place("翠屏山", gazetteer.Natural, "500233")
		}, nil},
		"with a name that the hill had once": {func(r *record) {
			r.place("翠屏山站", gazetteer.Facility, "500233")
			hill := r.place("石山", gazetteer.Natural, "500233")
			r.Beside.Names = []gazetteer.AuditedName{{Place: hill.ID, Name: "翠屏山"}}
		}, nil},
		"with that of a hill in another county": {func(r *record) {
			r.place("翠屏山站", gazetteer.Facility, "500233")
			r.place("翠屏山", gazetteer.Natural, "500230")
		}, []string{"review not-local R-local 翠屏山"}},
		"the same name is for the groups, and once": {func(r *record) { street(r, "翠屏路"); street(r, "翠屏路") }, []string{"review duplicate-name R-same 翠屏路 翠屏路"}},
		"the same but for a word in front": {func(r *record) { street(r, "翠屏路"); street(r, "新翠屏路") }, []string{
			"review duplicate-but-prefix R-same 翠屏路 新翠屏路", "review duplicate-but-prefix R-same 新翠屏路 翠屏路",
		}},
		"the same specific": {func(r *record) { street(r, "翠屏路"); street(r, "翠屏街") }, []string{
			"review same-specific R-specific 翠屏街 翠屏路", "review same-specific R-specific 翠屏路 翠屏街",
		}},
		"in a dialect alike": {func(r *record) { street(r, "南山路"); street(r, "蓝山路") }, []string{
			"review homophone R-dialect 南山路 蓝山路", "review homophone R-dialect 蓝山路 南山路",
		}},
		"alike everywhere is for the groups": {func(r *record) { street(r, "礼嘉路"); street(r, "李家路") }, []string{"review homophone R-dialect 李家路 礼嘉路"}},
		"to the eye alike": {func(r *record) { street(r, "末山路"); street(r, "未山路") }, []string{
			"review lookalike R-glyph 末山路 未山路", "review lookalike R-glyph 未山路 末山路",
		}},
		"a division with the name of what is far away": {func(r *record) {
			r.Beside.Famous = []gazetteer.Record{{PlaceID: uuid.New(), Name: "白石", Category: gazetteer.Natural}}
		}, []string{"review borrowed-name R-borrowed 白石 白石"}},
		"a protected name": {func(r *record) {
			p := street(r, "翠屏路")
			r.Beside.Protected = map[uuid.UUID]gazetteer.Protection{p.ID: {Record: gazetteer.Record{PlaceID: p.ID, Name: p.Name, Category: p.Category}, Listed: "保护名录"}}
		}, []string{"review protected-name R-protected 翠屏路 翠屏路"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := ruledRecord(t)
			c.change(r)
			found := audit(t, r.Audited)
			got := byRule(found)
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			for _, f := range found {
				if f.Severity == fault.Block {
					t.Errorf("a name in use is forbidden: %+v", f)
				}
				if f.Rule != "" && (f.Pack != "ruled-test" || f.Clause == "" || f.Cure == "" || gazetteer.AuditLabel(f.Code, false) == "") {
					t.Errorf("says too little: %+v", f)
				}
				if f.Family == "rule" && f.Severity == fault.Review && !strings.Contains(f.Cure, "不因此更名") {
					t.Errorf("%s is told to go: %s", f.Part, f.Cure)
				}
			}
		})
	}
}

// TestAnAuditTellsHowManyNamesItJudged: within the family of rules too, of those in the scope, and an error ends it there.
func TestAnAuditTellsHowManyNamesItJudged(t *testing.T) {
	r := ruledRecord(t)
	for range 1200 {
		r.place("翠屏路", gazetteer.Street, "500233")
	}
	r.place("翠屏路", gazetteer.Street, "500230")
	r.Scope = idOf("500233")
	var done []int
	enough := errors.New("enough")
	tell := func(p gazetteer.AuditProgress) error {
		if p.Family == "rule" && p.Of > 0 {
			done = append(done, p.Done)
			if p.Of != 1204 { // with the county, its town and its two villages
				t.Errorf("of %d names", p.Of)
			}
		}
		return nil
	}
	if _, err := gazetteer.Audit(r.Audited, tell); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 500, 1000, 1204}, done); diff != "" {
		t.Error(diff)
	}
	if _, err := gazetteer.Audit(r.Audited, func(p gazetteer.AuditProgress) error {
		if p.Done == 500 {
			return enough
		}
		return nil
	}); !errors.Is(err, enough) {
		t.Errorf("told to stop in the middle: %v", err)
	}
}

// TestTheWorkbookOfAnAuditSaysWhatIsWrongWithWhich: read back as a table, each finding has its name, category, division, rule, clause, part,
// what it is held against and how far that is, what to do, and whether it was looked at; the notes say by which pack.
func TestTheWorkbookOfAnAuditSaysWhatIsWrongWithWhich(t *testing.T) {
	r := ruledRecord(t)
	r.place("翠屏路", gazetteer.Street, "500233").Point = near(0)
	r.place("新翠屏路", gazetteer.Street, "500233100").Point = near(1500)
	path := filepath.Join(t.TempDir(), "audit.xlsx")
	var file bytes.Buffer
	err := gazetteer.WriteAudit(&file, r.Pack.Title, func(yield func(feature.Row, error) bool) {
		for i, f := range audit(t, r.Audited) {
			looked := map[bool]string{true: "已看过：沿用多年（张三，2026-11-29）"}[f.Part == "新翠屏路"]
			if !yield(gazetteer.AuditRow(i+1, f, looked), nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := feature.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for record, err := range source.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if record.Fields["规则"] != "" {
			rows[record.Fields["名称"]] = record.Fields
		}
	}
	for name, want := range map[string]map[string]string{
		"翠屏路": {
			"轻重": "须审核", "问题": "只差前加字", "类别": "街路巷", "所在区划": "忠县", "规则": "不重名（R-same）", "条款": "第十条", "涉及部分": "翠屏路",
			"对照记录与距离": "新翠屏路（白石镇，1.5 公里）", "查看情况": "没有看过",
		},
		"新翠屏路": {"所在区划": "白石镇", "对照记录与距离": "翠屏路（忠县，1.5 公里）", "查看情况": "已看过：沿用多年（张三，2026-11-29）"},
	} {
		for column, value := range want {
			if got := rows[name][column]; got != value {
				t.Errorf("%s, %s: %q, wanted %q", name, column, got, value)
			}
		}
		if cure := rows[name]["建议"]; !strings.Contains(cure, "不因此更名") {
			t.Errorf("%s is told to go: %q", name, cure)
		}
	}
	if z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil || !anyHas(t, z, "名称按“试行规则”检查") {
		t.Errorf("the workbook does not say by which pack names were judged: %v", err)
	}
}

// anyHas reports whether one of the files of an archive has a text.
func anyHas(t *testing.T, z *zip.Reader, text string) bool {
	t.Helper()
	for _, f := range z.File {
		if content, err := fs.ReadFile(z, f.Name); err == nil && bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}
