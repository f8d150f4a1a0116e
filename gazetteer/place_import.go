package gazetteer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// ImportVerdict is what a row of an import is, held against the record.
type ImportVerdict string

// The verdicts.
const (
	ImportSame    ImportVerdict = "same"    // the record says the same
	ImportChanged ImportVerdict = "changed" // the record is corrected
	ImportNew     ImportVerdict = "new"
	ImportTwin    ImportVerdict = "twin"    // looks like a place that is there: a person decides
	ImportAside   ImportVerdict = "aside"   // a person left it aside
	ImportRefused ImportVerdict = "refused" // cannot be taken
)

// ImportVerdicts lists every verdict once.
var ImportVerdicts = []ImportVerdict{ImportSame, ImportChanged, ImportNew, ImportTwin, ImportAside, ImportRefused}

// ImportedPlace is a place as a row of an import gives it. What is zero the row does not say.
type ImportedPlace struct {
	Row, Line int // the nth record of the file, and the line on which it begins, both from 1
	ID        uuid.UUID
	Version   int // of the record when it was exported
	Name      string
	Toneless  string // syllables of its reading
	Category  Category
	Class     string    // code of a PlaceClass
	Division  uuid.UUID // in which it lies
	Code      DivisionCode
	Point     orb.Geometry // CGCS2000
	Located   LocatedBy
	Says      bool // Located is said, not taken from whether there is a point
	From, To  time.Time
}

// StandingPlace is a place under one of its standard names, as the record has it.
type StandingPlace struct {
	ID           uuid.UUID // uuid.Nil for a row of the same file
	Row          int
	Version      int
	NameID       uuid.UUID
	Name         string
	Toneless     string
	Category     Category
	Class        string
	Division     uuid.UUID // or the one that succeeded it
	DivisionName string
	Above        uuid.UUID // of the place of a division: the division above it, in which lists put it
	Point        orb.Geometry
	Located      LocatedBy
	From, To     time.Time
	Decided      bool // the name was decided in a case
	Withheld     bool // nothing is told of it
	Elsewhere    bool // beyond the jurisdiction of who imports: where it is is not kept with the rows, a policy may round it later
}

// PlaceChange is what an import makes of one field of a record: category, placeClass, position (longitude,latitude), locatedBy, validTo.
type PlaceChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// TwinSuspect is a place, of the record or of a row before, that a row may be.
type TwinSuspect struct {
	ID        string     `json:"id"`  // "" for a row of the same file
	Row       int        `json:"row"` // 0 for a place of the record
	Name      string     `json:"name"`
	Division  string     `json:"division"`
	Category  Category   `json:"category"`
	Why       string     `json:"why"` // name, sound, near, ended, several
	At        *orb.Point `json:"at"`  // longitude and latitude, CGCS2000; nil where it has no point, or is elsewhere
	DistanceM *float64   `json:"distanceM"`
}

// TwinDecision is what a person decided of a row that looks like a place that is there.
type TwinDecision struct {
	Place uuid.UUID // it is this one
	New   bool      // it is none of them; neither: it is left aside
}

// PlaceJudgement is a row with what it is.
type PlaceJudgement struct {
	ImportedPlace
	Verdict  ImportVerdict
	Standing *StandingPlace // of same, changed and refused rows, where it may be told
	Changes  []PlaceChange
	Twins    []TwinSuspect
	Findings []fault.Finding
}

// TwinWithinM is the distance in metres within which two places of one name are taken for one until a person says
// otherwise, unless an import says how far.
const TwinWithinM = 500

// PlaceJudge holds rows of one import, one after the other, against the record and against the rows before.
type PlaceJudge struct {
	TwinM     float64
	Decisions map[int]TwinDecision // by Row
	All       *TwinDecision        // of twins nobody decided

	byID   map[uuid.UUID][]*StandingPlace
	byKey  map[placeKey][]*StandingPlace // name, category, division
	like   map[placeKey][]*StandingPlace // folded name or sound, category, division
	byName map[string][]*StandingPlace   // folded
}

type placeKey struct {
	text     string
	category Category
	division uuid.UUID
}

// NewPlaceJudge begins with what is there. Names of one place stand in any order.
func NewPlaceJudge(standing []StandingPlace) *PlaceJudge {
	j := &PlaceJudge{
		TwinM: TwinWithinM, byID: map[uuid.UUID][]*StandingPlace{}, byKey: map[placeKey][]*StandingPlace{},
		like: map[placeKey][]*StandingPlace{}, byName: map[string][]*StandingPlace{},
	}
	for i := range standing {
		j.know(&standing[i])
	}
	return j
}

func (j *PlaceJudge) know(p *StandingPlace) {
	if p.ID != uuid.Nil {
		j.byID[p.ID] = append(j.byID[p.ID], p)
	}
	for _, division := range []uuid.UUID{p.Division, p.Above} {
		if division == uuid.Nil {
			continue
		}
		key := placeKey{p.Name, p.Category, division}
		j.byKey[key] = append(j.byKey[key], p)
		if !p.Withheld {
			for _, k := range likeKeys(p.Name, p.Toneless, p.Category, division) {
				j.like[k] = append(j.like[k], p)
			}
		}
	}
	if !p.Withheld {
		folded := Fold(p.Name)
		j.byName[folded] = append(j.byName[folded], p)
	}
}

// likeKeys are the keys of places that are easily taken for one another: by the folded name, and by the sound, which no
// name is written like.
func likeKeys(name, toneless string, c Category, division uuid.UUID) []placeKey {
	keys := []placeKey{{"=" + Fold(name), c, division}}
	if toneless != "" {
		keys = append(keys, placeKey{"~" + toneless, c, division})
	}
	return keys
}

// Judge tells what the row is. A new row is known to those that follow.
func (j *PlaceJudge) Judge(row ImportedPlace) PlaceJudgement {
	out := PlaceJudgement{ImportedPlace: row}
	decision, decided := j.Decisions[row.Row]
	switch {
	case decided && decision.Place != uuid.Nil:
		out.decidedSame(j.byID[decision.Place])
		return out
	case out.byID(j.byID[row.ID]), out.byKey(j.byKey[placeKey{row.Name, row.Category, row.Division}]):
		return out
	}
	if !decided && j.All != nil {
		decision, decided = *j.All, true
	}
	if j.crowded(row) {
		out.refuse("too-many-alike", "与“%s”同名或同音的已有 %d 处在同一行政区划：请核对文件", row.Name, maxAlike)
		return out
	}
	out.Twins = append(out.Twins, j.suspects(row)...)
	switch {
	case len(out.Twins) == 0, decided && decision.New:
		out.Verdict = ImportNew
		j.know(&StandingPlace{
			Row: row.Row, Name: row.Name, Toneless: row.Toneless, Category: row.Category, Division: row.Division,
			Point: row.Point, Located: row.Located, From: row.From, To: row.To,
		})
	case decided:
		out.Verdict = ImportAside
	default:
		out.Verdict = ImportTwin
		out.find(fault.Review, "twin", "“%s”疑似与%s重复：请核对是否同一处", row.Name, out.Twins[0].said())
	}
	return out
}

func (out *PlaceJudgement) find(severity fault.Severity, code, format string, args ...any) {
	out.Findings = append(out.Findings, fault.Finding{
		Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...), Pointer: "line " + strconv.Itoa(out.Line),
	})
}

func (out *PlaceJudgement) refuse(code, format string, args ...any) {
	out.Verdict, out.Changes = ImportRefused, nil
	out.find(fault.Block, code, format, args...)
}

// KeepWithin refuses to change a place that lies in no division of ours; nil is everywhere.
func (out *PlaceJudgement) KeepWithin(ours func(division uuid.UUID) bool) {
	if ours != nil && out.Verdict == ImportChanged && !ours(out.Standing.Division) {
		out.refuse("outside-jurisdiction", "“%s”在库里属%s，不在本单位辖区之内：请由当地民政部门更正", out.Name, out.Standing.DivisionName)
	}
}

// KeepSound refuses a new place or a new position whose shape is none (CheckPosition).
func (out *PlaceJudgement) KeepSound() {
	moved := out.Verdict == ImportChanged && out.Changes[0].Field == "position"
	if out.Point == nil || out.Verdict != ImportNew && !moved {
		return
	}
	if found := CheckPosition(out.Point); len(found) > 0 {
		out.refuse(found[0].Code, "“%s”的位置不对：%s", out.Name, found[0].Detail)
	}
}

// byID holds the row against the place whose id it gives; false where there is none.
func (out *PlaceJudgement) byID(names []*StandingPlace) bool {
	if len(names) == 0 || names[0].ID == uuid.Nil {
		return false
	}
	if names[0].Withheld {
		out.Verdict = ImportSame
		return true
	}
	latest := slices.MaxFunc(names, func(a, b *StandingPlace) int { return lastOf(a.To).Compare(lastOf(b.To)) })
	standing := latest
	for _, n := range names {
		if n.Name == out.Name && (standing.Name != out.Name || n.To.Equal(out.To)) {
			standing = n
		}
	}
	out.Standing = standing
	if standing.Name != out.Name {
		out.refuse("renaming-is-a-case", "这一行的编号在库里是“%s”，文件里写的是“%s”：更名须经申报、审批，不由导入改写；编号写错的，请改正", latest.Name, out.Name)
		return true
	}
	out.compare(standing)
	return true
}

// decidedSame holds the row against the place that a person says it is, whatever it is called.
func (out *PlaceJudgement) decidedSame(names []*StandingPlace) {
	if len(names) == 0 || names[0].Withheld {
		out.refuse("place-unknown", "“%s”定为同一处的地名不在库里：请重新核对", out.Name)
		return
	}
	out.Standing = slices.MaxFunc(names, func(a, b *StandingPlace) int { return lastOf(a.To).Compare(lastOf(b.To)) })
	if out.Standing.Name != out.Name {
		out.find(fault.Info, "name-not-taken", "“%s”经核对就是库里的“%s”：名称不由导入改写，需要时登记为别名", out.Name, out.Standing.Name)
	}
	out.compare(out.Standing)
}

// byKey holds the row against places of its name, category and division; false where none can be it.
func (out *PlaceJudgement) byKey(known []*StandingPlace) bool {
	var open []*StandingPlace
	for _, p := range known {
		switch {
		case p.Withheld:
			out.Verdict = ImportSame
			return true
		case p.To.Equal(out.To):
			out.Standing = p
			if p.ID == uuid.Nil {
				out.Verdict = ImportSame
				out.find(fault.Info, "row-twice", "“%s”在文件里出现两次，与前面一行相同", out.Name)
				return true
			}
			out.compare(p)
			return true
		case p.To.IsZero() && p.ID != uuid.Nil && (p.From.IsZero() || p.From.Before(out.To)):
			open = append(open, p)
		}
	}
	if len(open) == 1 {
		out.Standing = open[0]
		out.compare(open[0])
		return true
	}
	for _, p := range known {
		if out.To.IsZero() || len(open) > 1 {
			out.Twins = append(out.Twins, p.suspect(out.ImportedPlace, map[bool]string{true: "several", false: "ended"}[len(open) > 1]))
		}
	}
	return false
}

// lastOf is the day by which spans are put in order.
func lastOf(to time.Time) time.Time {
	if to.IsZero() {
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return to
}

// compare finds what the row says otherwise of a place it is, and whether it may.
func (out *PlaceJudgement) compare(p *StandingPlace) {
	out.comparePosition(p)
	if out.Category != p.Category {
		out.change("category", string(p.Category), string(out.Category))
	}
	if out.Class != "" && out.Class != p.Class {
		out.change("placeClass", p.Class, out.Class)
	}
	if !out.To.IsZero() && !out.To.Equal(p.To) {
		out.change("validTo", dayText(p.To), dayText(out.To))
	}
	if out.Division != p.Division && out.Division != p.Above {
		out.find(fault.Warning, "division-differs", "“%s”在库里属%s，与文件不同：所在行政区划不由导入改写", p.Name, p.DivisionName)
	}
	if !out.From.IsZero() && !p.From.IsZero() && !out.From.Equal(p.From) {
		out.find(fault.Info, "valid-from-differs", "“%s”在库里自 %s 起用，文件写 %s：不由导入改写", p.Name, dayText(p.From), dayText(out.From))
	}
	out.Verdict = ImportSame
	if len(out.Changes) == 0 {
		return
	}
	out.Verdict = ImportChanged
	changes := func(field string) bool {
		return slices.ContainsFunc(out.Changes, func(c PlaceChange) bool { return c.Field == field })
	}
	switch {
	case out.Version != 0 && out.Version != p.Version:
		out.refuse(StaleBase, "“%s”导出时是第 %d 版，现在是第 %d 版：请重新导出、核对后再导入", p.Name, out.Version, p.Version)
	case (changes("category") || changes("validTo")) && (p.Category == DivisionCategory || out.Category == DivisionCategory):
		out.refuse("is-a-division", "“%s”是行政区划：类别和存废随区划变更，不由地名导入改写", p.Name)
	case changes("validTo") && p.Decided:
		out.refuse("retiring-is-a-case", "“%s”是审批的标准地名：销名须经申报、审批，不由导入改写", p.Name)
	case changes("validTo") && !p.From.IsZero() && !p.From.Before(out.To):
		out.refuse("bad-span", "“%s”自 %s 起用，文件写的停用日期 %s 不在其后", p.Name, dayText(p.From), dayText(out.To))
	case changes("locatedBy") && p.Located == BySurvey:
		out.find(fault.Warning, "survey-replaced", "“%s”现有位置是实测的，文件给的是图上量取的：请核对", p.Name)
	}
}

// StaleBase is the code of a row that was exported from a version of the record that is no longer the last.
const StaleBase = "stale-base"

func (out *PlaceJudgement) change(field, before, after string) {
	out.Changes = append(out.Changes, PlaceChange{field, before, after})
}

// comparePosition finds whether the row puts the place elsewhere. A row without a position says nothing of it, nor does one
// that gives the same with fewer decimals, as public exports do.
func (out *PlaceJudgement) comparePosition(p *StandingPlace) {
	if out.Point == nil {
		return
	}
	if !samePosition(p.Point, out.Point) {
		out.change("position", PositionText(p.Point), PositionText(out.Point))
		if p.Located != out.Located {
			out.change("locatedBy", string(p.Located), string(out.Located))
		}
	} else if out.Says && p.Located != out.Located {
		out.change("locatedBy", string(p.Located), string(out.Located))
	}
}

// samePositionM is the distance in metres below which two positions are the same: what seven decimals lose, and more.
const samePositionM = 0.05

func samePosition(standing, given orb.Geometry) bool {
	if standing == nil || given == nil {
		return standing == given
	}
	a, ok := standing.(orb.Point)
	b, both := given.(orb.Point)
	if !ok || !both {
		return orb.Equal(standing, given)
	}
	for decimals := 1; decimals <= 7; decimals++ {
		if geo.RoundDegrees(a, decimals) == b {
			return true
		}
	}
	return math.Abs(a[1]-b[1]) < 1e-5 && geo.DistanceM(a, b) <= samePositionM
}

// PositionText is a position for people: longitude and latitude, or what kind of geometry it is; "" for none.
func PositionText(g orb.Geometry) string {
	switch g := g.(type) {
	case nil:
		return ""
	case orb.Point:
		return strconv.FormatFloat(g[0], 'f', 7, 64) + "," + strconv.FormatFloat(g[1], 'f', 7, 64)
	default:
		return g.GeoJSONType() + " " + PositionText(g.Bound().Center())
	}
}

func dayText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

// maxSuspects bounds the places that are named to the one who decides.
const maxSuspects = 10

// suspects are the places that the row may be: those of its folded name or its sound, of its category, in its division, and
// those of its name nearby.
func (j *PlaceJudge) suspects(row ImportedPlace) []TwinSuspect {
	var found []TwinSuspect
	seen := map[*StandingPlace]bool{}
	add := func(p *StandingPlace, why string) {
		if !seen[p] && len(found) < maxSuspects {
			seen[p] = true
			found = append(found, p.suspect(row, why))
		}
	}
	for i, key := range likeKeys(row.Name, row.Toneless, row.Category, row.Division) {
		for _, p := range j.like[key] {
			if overlapping(row, p) && (p.Name != row.Name || p.To.Equal(row.To)) {
				add(p, []string{"name", "sound"}[i])
			}
		}
	}
	if at, ok := row.Point.(orb.Point); ok && j.TwinM > 0 {
		for _, p := range j.byName[Fold(row.Name)] {
			if q, ok := p.Point.(orb.Point); ok && overlapping(row, p) && near(at, q, j.TwinM) {
				add(p, "near")
			}
		}
	}
	return found
}

// maxAlike is how many places of a division may have the same name or sound: each row is held against all of them.
const maxAlike = 1000

func (j *PlaceJudge) crowded(row ImportedPlace) bool {
	return slices.ContainsFunc(likeKeys(row.Name, row.Toneless, row.Category, row.Division), func(k placeKey) bool { return len(j.like[k]) >= maxAlike })
}

// near reports whether two positions lie within so many metres; a degree of latitude is more than 110 km.
func near(a, b orb.Point, metres float64) bool {
	return math.Abs(a[1]-b[1])*110_000 <= metres && geo.DistanceM(a, b) <= metres
}

func overlapping(row ImportedPlace, p *StandingPlace) bool {
	return (row.To.IsZero() || p.From.Before(row.To)) && (p.To.IsZero() || row.From.Before(p.To))
}

func (p *StandingPlace) suspect(row ImportedPlace, why string) TwinSuspect {
	s := TwinSuspect{Row: p.Row, Name: p.Name, Division: p.DivisionName, Category: p.Category, Why: why}
	if p.ID != uuid.Nil {
		s.ID = p.ID.String()
	}
	a, ok := row.Point.(orb.Point)
	b, both := p.Point.(orb.Point)
	if both && !p.Elsewhere {
		s.At = &b
	}
	if ok && both {
		d := math.Round(geo.DistanceM(a, b))
		s.DistanceM = &d
	}
	return s
}

// said names the suspect and why it is one.
func (s TwinSuspect) said() string {
	where := "库里" + s.Division + "的"
	if s.ID == "" {
		where = "文件第 " + strconv.Itoa(s.Row) + " 条"
	}
	why := map[string]string{
		"name": "同名", "sound": "同音", "near": "同名且相近", "ended": "已经停用", "several": "同名的不止一处",
	}[s.Why]
	if s.DistanceM != nil {
		why += fmt.Sprintf("，相距 %.0f 米", *s.DistanceM)
	}
	return fmt.Sprintf("%s“%s”（%s）", where, s.Name, why)
}
