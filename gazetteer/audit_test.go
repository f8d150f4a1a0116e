package gazetteer_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// record is a province of two counties side by side with two townships and four villages, in which nothing is amiss.
type record struct {
	gazetteer.Audited
}

func idOf(code string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(code)) }

// square is a box of 0.1° whose lower left corner is so many boxes from (107, 30).
func square(x, y, wide, high float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return orb.Point{107 + x/10, 30 + y/10} }
	return orb.MultiPolygon{{{at(x, y), at(x+wide, y), at(x+wide, y+high), at(x, y+high), at(x, y)}}}
}

func newRecord() *record {
	r := &record{gazetteer.Audited{Pack: gazetteer.National(), Limits: gazetteer.DefaultAuditLimits}}
	border := orb.MultiPolygon{{{{107, 30}, {107.1, 30}, {107.2, 30}, {107.2, 30.1}, {107.1, 30.1}, {107, 30.1}, {107, 30}}}}
	r.division("500000", "重庆市", gazetteer.Province, "", border)
	r.division("500233", "忠县", gazetteer.County, "500000", square(0, 0, 1, 1))
	r.division("500230", "丰都县", gazetteer.County, "500000", square(1, 0, 1, 1))
	r.division("500233100", "白石镇", gazetteer.Township, "500233", nil)
	r.division("500230100", "虎威镇", gazetteer.Township, "500230", nil)
	r.division("500233100201", "华山村", gazetteer.Village, "500233100", nil)
	r.division("500233100202", "高洞村", gazetteer.Village, "500233100", nil)
	r.division("500230100201", "人和村", gazetteer.Village, "500230100", nil)
	return r
}

func (r *record) division(code, name string, level gazetteer.Level, parent string, shape orb.MultiPolygon) {
	_, system := gazetteer.Canonical("", level)
	d := gazetteer.AuditedDivision{
		ID: idOf(code), Name: name, Level: level, Shape: shape,
		Codes: []gazetteer.AuditedCode{{System: system, Code: gazetteer.DivisionCode(code)}},
	}
	if parent != "" {
		d.Parent = idOf(parent)
	}
	category := gazetteer.DivisionCategory
	if level == gazetteer.Village {
		category = gazetteer.VillageCommittee
	}
	r.Divisions = append(r.Divisions, d)
	p := r.place(name, category, code)
	p.Represents = p.Division
}

// place adds a place with a settled reading and no position.
func (r *record) place(name string, c gazetteer.Category, code string) *gazetteer.AuditedPlace {
	r.Places = append(r.Places, gazetteer.AuditedPlace{
		ID: idOf(fmt.Sprint(name, len(r.Places))), Name: name, Category: c, Division: idOf(code), Standard: true,
		Reading: gazetteer.Romanize(name, c).Reading, Status: gazetteer.ReadingAudited,
	})
	return &r.Places[len(r.Places)-1]
}

func (r *record) at(code string) *gazetteer.AuditedDivision {
	return &r.Divisions[slices.IndexFunc(r.Divisions, func(d gazetteer.AuditedDivision) bool { return d.ID == idOf(code) })]
}

func (r *record) of(code string) *gazetteer.AuditedPlace {
	return &r.Places[slices.IndexFunc(r.Places, func(p gazetteer.AuditedPlace) bool { return p.Represents == idOf(code) })]
}

func audit(t testing.TB, a gazetteer.Audited) []gazetteer.AuditFinding {
	t.Helper()
	found, err := gazetteer.Audit(a, func(gazetteer.AuditProgress) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// heavy are the findings that are more than information.
func heavy(found []gazetteer.AuditFinding) (codes []string) {
	for _, f := range found {
		if f.Severity != fault.Info {
			codes = append(codes, string(f.Severity)+" "+f.Code)
		}
	}
	return codes
}

// near is a point so many metres east of the middle of 忠县.
func near(m float64) *orb.Point {
	p := geo.Direct(orb.Point{107.05, 30.05}, 90, m)
	return &p
}

func TestAuditFindsWhatIsAmiss(t *testing.T) {
	street := func(r *record, name, code string, at *orb.Point) *gazetteer.AuditedPlace {
		p := r.place(name, gazetteer.Street, code)
		p.Point = at
		return p
	}
	for name, c := range map[string]struct {
		change func(*record)
		want   []string
	}{
		"nothing": {func(*record) {}, nil},

		"two villages of a county have one name": {func(r *record) { r.place("华山村", gazetteer.VillageCommittee, "500233").Point = near(0) }, []string{"review duplicate-name"}},
		"of two counties":                        {func(r *record) { r.place("华山村", gazetteer.VillageCommittee, "500230") }, nil},
		"a village and a street have one name":   {func(r *record) { r.place("华山村", gazetteer.Street, "500233") }, []string{"review generic-missing"}},
		"one of them has no standard name any more": {func(r *record) {
			p := r.place("华山村", gazetteer.VillageCommittee, "500233")
			p.Standard, p.Retired = false, true
		}, nil},
		"the two are read as one": {func(r *record) {
			r.place("华山村", gazetteer.VillageCommittee, "500233")
			r.Joined = [][2]uuid.UUID{{r.Places[5].ID, r.Places[8].ID}}
		}, nil},
		"two towns of a province have one name": {func(r *record) {
			r.place("白石镇", gazetteer.DivisionCategory, "500230100").Represents = idOf("500230100")
		}, []string{"review duplicate-name"}},
		"a division and the one above it have one name": {func(r *record) { r.of("500233").Name = "重庆市"; r.of("500233").Reading = r.of("500000").Reading }, nil},
		"two villages of a county sound alike":          {func(r *record) { r.place("花山村", gazetteer.VillageCommittee, "500233") }, []string{"warning near-homophone"}},
		"they sound alike to the tone":                  {func(r *record) { r.place("高冻村", gazetteer.VillageCommittee, "500233") }, []string{"review homophone"}},
		"alike to the tone, but a reading is open": {func(r *record) {
			r.place("高冻村", gazetteer.VillageCommittee, "500233").Status = gazetteer.ReadingUnverified
		}, []string{"warning near-homophone", "warning reading-unverified"}},
		"alike in two counties": {func(r *record) { r.place("高冻村", gazetteer.VillageCommittee, "500230") }, nil},
		"two streets of a built-up area": {func(r *record) {
			r.builtUp()
			street(r, "人民路", "500233", near(0))
			street(r, "人民路", "500233100", near(900))
		}, []string{"review duplicate-name"}},
		"one of them outside it": {func(r *record) {
			r.builtUp()
			street(r, "人民路", "500233", near(0))
			street(r, "人民路", "500233", near(1200))
		}, []string{"review duplicate-name"}},
		"one outside it and in another county": {func(r *record) {
			r.builtUp()
			street(r, "人民路", "500233", near(0))
			street(r, "人民路", "500230", &orb.Point{107.15, 30.05})
		}, nil},
		"streets where no built-up area is known": {func(r *record) {
			street(r, "人民路", "500233", near(0))
			street(r, "人民路", "500233", near(5000))
		}, []string{"review duplicate-name"}},

		"two records of a hill near each other":          {func(r *record) { r.hill("500233", near(0)); r.hill("500233", near(199)) }, []string{"review twin-suspected"}},
		"a little farther apart":                         {func(r *record) { r.hill("500233", near(0)); r.hill("500233", near(201)) }, nil},
		"two records without position in one township":   {func(r *record) { r.hill("500233100", nil); r.hill("500233100", near(0)) }, []string{"review twin-suspected"}},
		"without position in two townships":              {func(r *record) { r.hill("500233100", nil); r.hill("500230100", nil) }, nil},
		"a settlement and the committee that sits there": {func(r *record) { r.place("华山", gazetteer.NaturalVillage, "500233100201") }, []string{"review twin-suspected"}},
		"the settlement lies in another village":         {func(r *record) { r.place("华山", gazetteer.NaturalVillage, "500233100202") }, nil},

		"a variant form":                    {func(r *record) { r.place("龍山", gazetteer.Natural, "500233") }, []string{"review traditional-form"}},
		"a character outside the table":     {func(r *record) { r.place("龘山", gazetteer.Natural, "500233") }, []string{"review non-standard-character"}},
		"a reading with a syllable too few": {func(r *record) { r.hill("500233", near(0)).Reading = []string{"hua4"} }, []string{"review reading-missing"}},
		"an open reading of a county":       {func(r *record) { r.of("500233").Status = gazetteer.ReadingUnverified }, []string{"review reading-unverified"}},
		"an open reading of a town":         {func(r *record) { r.of("500233100").Status = gazetteer.ReadingUnverified }, []string{"warning reading-unverified"}},
		"an open reading of a hill":         {func(r *record) { r.hill("500233", near(0)).Status = gazetteer.ReadingUnverified }, nil},

		"a place that never had a standard name":         {func(r *record) { r.hill("500233", near(0)).Standard = false }, []string{"review standard-name-missing"}},
		"a place whose name was retired":                 {func(r *record) { p := r.hill("500233", near(0)); p.Standard, p.Retired = false, true }, nil},
		"a division whose name was retired":              {func(r *record) { p := r.of("500233100201"); p.Standard, p.Retired = false, true }, []string{"review standard-name-missing"}},
		"a division without a place":                     {func(r *record) { r.Places = r.Places[:7] }, []string{"warning place-missing"}},
		"a name of a division that ended":                {func(r *record) { r.at("500233100202").Ended = "2020-01-01"; r.at("500233100202").Codes = nil }, []string{"review name-of-ended-division"}},
		"a place in a division that ended with one heir": {func(r *record) { r.end("500233100202", "500233100201"); r.hill("500233100202", near(0)) }, nil},
		"with two heirs": {func(r *record) {
			r.end("500233100202", "500233100201", "500230100201")
			r.hill("500233100202", near(0))
		}, []string{"review division-ended"}},
		"a division below one that ended": {func(r *record) { r.end("500233100", "500230100"); r.at("500233100202").Codes[0].Code = "500233100202" }, []string{"review parent-ended", "review parent-ended"}},

		"a point outside its county": {func(r *record) { r.hill("500233", &orb.Point{107.1053, 30.05}) }, []string{"review outside-division"}},
		"not so far outside":         {func(r *record) { r.hill("500233", &orb.Point{107.1050, 30.05}) }, nil},

		"a township without a code":   {func(r *record) { r.at("500233100").Codes = nil }, []string{"review code-missing"}},
		"a township whose code ended": {func(r *record) { r.at("500233100").Codes[0].Ended = "2020-01-01" }, []string{"review code-missing"}},
		"a code kept by a division that ended": {func(r *record) {
			r.end("500233100202", "500233100201")
			r.at("500233100202").Codes = []gazetteer.AuditedCode{{System: gazetteer.Stat12, Code: "500233100202"}}
		}, []string{"review code-stale"}},
		"a village with the code of a township": {func(r *record) { r.at("500233100202").Codes[0].Code = "500233100000" }, []string{"review code-level"}},
		"a township with a code of six digits besides": {func(r *record) {
			d := r.at("500233100")
			d.Codes = append(d.Codes, gazetteer.AuditedCode{System: gazetteer.GBT2260, Code: "500233"})
		}, []string{"review code-level"}},
		"a township with a code of twelve digits besides": {func(r *record) {
			d := r.at("500233100")
			d.Codes = append(d.Codes, gazetteer.AuditedCode{System: gazetteer.Stat12, Code: "500233100000"})
		}, nil},
		"a village whose code begins otherwise": {func(r *record) { r.at("500233100202").Codes[0].Code = "500233101202" }, []string{"warning code-prefix"}},

		"counties that leave a gap":                        {func(r *record) { r.at("500230").Shape = square(1.001, 0, 0.999, 1) }, []string{"review children-gap"}},
		"a gap as wide as outlines are good":               {func(r *record) { r.at("500230").Shape = square(1.0005, 0, 0.9995, 1) }, nil},
		"counties that overlap":                            {func(r *record) { r.at("500230").Shape = square(0.999, 0, 1.001, 1) }, []string{"review children-overlap"}},
		"overlapping counties of a province with no shape": {func(r *record) { r.at("500000").Shape = nil; r.at("500230").Shape = square(0.5, 0.2, 0.1, 0.1) }, []string{"review children-overlap"}},
		"a hole in a county of a province with no shape": {func(r *record) {
			r.at("500000").Shape = nil
			shell, hole := square(0, 0, 1, 1)[0][0], square(0.4, 0.4, 0.1, 0.1)[0][0]
			r.at("500233").Shape = orb.MultiPolygon{{shell, hole}}
		}, []string{"warning children-gap"}},
		"a county without a shape": {func(r *record) { r.at("500230").Shape = nil }, []string{"warning shape-missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecord()
			c.change(r)
			if diff := cmp.Diff(c.want, heavy(audit(t, r.Audited))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// builtUp is a built-up area that reaches 1 km east of the middle of 忠县.
func (r *record) builtUp() {
	east := near(1000)[0]
	r.BuiltUp = []gazetteer.AuditedArea{{ID: idOf("area"), Name: "城区", Shape: orb.MultiPolygon{{{{107.04, 30}, {east, 30}, {east, 30.1}, {107.04, 30.1}, {107.04, 30}}}}}}
}

func (r *record) hill(code string, at *orb.Point) *gazetteer.AuditedPlace {
	p := r.place("老鹰山", gazetteer.Natural, code)
	p.Point = at
	return p
}

// end ends a division with its name and codes.
func (r *record) end(code string, heirs ...string) {
	d := r.at(code)
	d.Ended, d.Codes = "2020-01-01", nil
	for _, h := range heirs {
		d.Successors = append(d.Successors, idOf(h))
	}
	p := r.of(code)
	p.Standard, p.Retired = false, true
}

func TestAuditTellsOnlyOfItsScope(t *testing.T) {
	r := newRecord()
	r.place("白石镇", gazetteer.DivisionCategory, "500230100").Represents = idOf("500230100") // against 500233100, in another county
	r.at("500230100201").Codes = nil
	r.at("500230").Shape = square(1.001, 0, 0.999, 1)
	for code, want := range map[string][]string{
		"500000":       {"review duplicate-name", "review code-missing", "review children-gap"},
		"500233":       {"review duplicate-name", "review children-gap"},
		"500230100":    {"review duplicate-name", "review code-missing"},
		"500233100201": nil,
	} {
		r.Scope = idOf(code)
		if diff := cmp.Diff(want, heavy(audit(t, r.Audited))); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}

// TestAnAuditKnowsItsFindingsAgain holds that a finding has the same key in the next audit, whatever order the record
// comes in, until what it is about changes.
func TestAnAuditKnowsItsFindingsAgain(t *testing.T) {
	r := newRecord()
	r.place("华山村", gazetteer.VillageCommittee, "500233").Point = near(0)
	first := audit(t, r.Audited)
	slices.Reverse(r.Places)
	slices.Reverse(r.Divisions)
	if diff := cmp.Diff(first, audit(t, r.Audited), cmpopts.IgnoreUnexported(gazetteer.AuditFinding{})); diff != "" {
		t.Errorf("in another order: %s", diff)
	}
	r.hill("500233100", near(0)).Status = gazetteer.ReadingUnverified
	if again := audit(t, r.Audited); again[0].Key != first[0].Key {
		t.Errorf("another place changed the key of %+v", first[0])
	}
	r.place("华山村", gazetteer.VillageCommittee, "500233")
	if again := audit(t, r.Audited); again[0].Code != "duplicate-name" || again[0].Key == first[0].Key {
		t.Errorf("a third place of the name left the key of %+v", again[0])
	}
}

func TestFindingsHaveKeysOfTheirOwn(t *testing.T) {
	r := newRecord()
	r.place("瀼塝村", gazetteer.VillageCommittee, "500233") // two characters of level three
	r.at("500233100").Codes = append(r.at("500233100").Codes, gazetteer.AuditedCode{System: gazetteer.GBT2260, Code: "500233"}, gazetteer.AuditedCode{System: gazetteer.GBT2260, Code: "500234"})
	seen := map[string]gazetteer.AuditFinding{}
	for _, f := range audit(t, r.Audited) {
		if other, twice := seen[f.Key]; twice {
			t.Errorf("one key for %+v and %+v", f, other)
		}
		seen[f.Key] = f
	}
}

func TestAnAuditStopsWhenItIsTold(t *testing.T) {
	enough := errors.New("enough")
	found, err := gazetteer.Audit(newRecord().Audited, func(p gazetteer.AuditProgress) error {
		if p.Families == 2 {
			return enough
		}
		return nil
	})
	if found != nil || !errors.Is(err, enough) {
		t.Errorf("got %v, %v", found, err)
	}
}

// TestAuditOfNamesIsItsNaiveTwin compares every pair of places by the rules one after the other and holds the pairs that
// the findings name against that.
func TestAuditOfNamesIsItsNaiveTwin(t *testing.T) {
	names := []string{"华山村", "花山村", "高洞村", "高冻村", "人和村", "仁和村", "人合村"}
	codes := []string{"500233", "500230", "500233100", "500233100201", "500230100", "500000"}
	rapid.Check(t, func(t *rapid.T) {
		r := newRecord()
		for range rapid.IntRange(0, 20).Draw(t, "places") {
			c := rapid.SampledFrom([]gazetteer.Category{gazetteer.VillageCommittee, gazetteer.Street}).Draw(t, "category")
			p := r.place(rapid.SampledFrom(names).Draw(t, "name"), c, rapid.SampledFrom(codes).Draw(t, "code"))
			if rapid.Bool().Draw(t, "open") {
				p.Status = gazetteer.ReadingUnverified
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "joined") {
			pick := func() uuid.UUID { return rapid.SampledFrom(r.Places).Draw(t, "twin").ID }
			r.Joined = append(r.Joined, [2]uuid.UUID{pick(), pick()})
		}
		found, err := gazetteer.Audit(r.Audited, func(gazetteer.AuditProgress) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(naivePairs(r), pairsOf(r, found)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// pairsOf are the pairs of places that findings say collide.
func pairsOf(r *record, found []gazetteer.AuditFinding) map[string]bool {
	pairs := map[string]bool{}
	byID := map[string]gazetteer.AuditedPlace{}
	for _, p := range r.Places {
		byID[p.ID.String()] = p
	}
	for _, f := range found {
		for i, e := range f.Evidence {
			for _, other := range f.Evidence[:i] {
				p, q := byID[e.ID], byID[other.ID]
				switch {
				case f.Code == "duplicate-name" && !asOne(r, p, q),
					f.Code == "homophone" && p.Name != q.Name && !asOne(r, p, q),
					f.Code == "near-homophone" && p.Name != q.Name && !asOne(r, p, q) && !toTheTone(p, q):
					pairs[f.Code+pairKey(p, q)] = true
				}
			}
		}
	}
	return pairs
}

func pairKey(p, q gazetteer.AuditedPlace) string {
	ids := []string{p.ID.String(), q.ID.String()}
	slices.Sort(ids)
	return " " + strings.Join(ids, " ")
}

func toTheTone(p, q gazetteer.AuditedPlace) bool {
	return slices.Equal(p.Reading, q.Reading) && p.Status != gazetteer.ReadingUnverified && q.Status != gazetteer.ReadingUnverified
}

// asOne reports whether two places are read as one, directly or through others.
func asOne(r *record, p, q gazetteer.AuditedPlace) bool {
	one := []uuid.UUID{p.ID}
	for i := 0; i < len(one); i++ {
		for _, j := range r.Joined {
			for k := range j {
				if j[k] == one[i] && !slices.Contains(one, j[1-k]) {
					one = append(one, j[1-k])
				}
			}
		}
	}
	return slices.Contains(one, q.ID)
}

func naivePairs(r *record) map[string]bool {
	pairs := map[string]bool{}
	extent := func(p gazetteer.AuditedPlace) string { // no built-up area is known, so it is the county for both categories
		for d := r.known(p.Division); ; d = r.known(d.Parent) {
			if d.Level == gazetteer.County {
				return d.Name
			}
			if d.Parent == uuid.Nil {
				return r.known(p.Division).Name
			}
		}
	}
	for i, p := range r.Places {
		for _, q := range r.Places[:i] {
			if p.Category == gazetteer.DivisionCategory || p.Category != q.Category || extent(p) != extent(q) || asOne(r, p, q) {
				continue
			}
			switch {
			case p.Name == q.Name:
				pairs["duplicate-name"+pairKey(p, q)] = true
			case toTheTone(p, q):
				pairs["homophone"+pairKey(p, q)] = true
			case slices.Equal(gazetteer.Toneless(p.Reading), gazetteer.Toneless(q.Reading)):
				pairs["near-homophone"+pairKey(p, q)] = true
			}
		}
	}
	return pairs
}

func (r *record) known(id uuid.UUID) gazetteer.AuditedDivision {
	return r.Divisions[slices.IndexFunc(r.Divisions, func(d gazetteer.AuditedDivision) bool { return d.ID == id })]
}

// TestAuditWordsAndWorkbook holds that every code an audit can find has words, and that a workbook has no formula.
func TestAuditWordsAndWorkbook(t *testing.T) {
	r := newRecord()
	r.place("=1+1", gazetteer.VillageCommittee, "500233")
	r.at("500230").Shape = square(1.001, 0, 0.999, 1)
	found := audit(t, r.Audited)
	for _, f := range found {
		if gazetteer.AuditLabel(f.Code, false) == "" || gazetteer.AuditLabel(f.Code, true) == "" || f.Cure == "" || !slices.Contains(gazetteer.AuditCodes(), f.Code) {
			t.Errorf("%s has no words: %+v", f.Code, f)
		}
	}
	var file bytes.Buffer
	err := gazetteer.WriteAudit(&file, "试行规则", func(yield func(feature.Row, error) bool) {
		for i, f := range found {
			if !yield(gazetteer.AuditRow(i+1, f, "=HYPERLINK(1)"), nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := fs.ReadFile(z, "xl/worksheets/sheet1.xml")
	if err != nil || !bytes.Contains(sheet, []byte("=HYPERLINK(1)")) || bytes.Contains(sheet, []byte("<f>")) || !bytes.Contains(sheet, []byte("下级区划有缺口")) {
		t.Errorf("%v: %s", err, sheet)
	}
}
