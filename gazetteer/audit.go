package gazetteer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Audited is the record as an audit looks at it: how everything stands on one day.
type Audited struct {
	Scope     uuid.UUID         // findings are about what lies in this division; zero: about everything
	Divisions []AuditedDivision // those of the day, and ended ones that something still refers to
	Places    []AuditedPlace    // at least those in the scope and those that the rules compare them with
	BuiltUp   []AuditedArea
	Joined    [][2]uuid.UUID // pairs of places that are read as one
	Beside    AuditedBeside
	Pack      Pack                               // by which names are judged, with all its rules and words of the day
	Words     map[uuid.UUID]map[string]*WordList // of its libraries as they count in a division; none: those of the pack
	Limits    AuditLimits
}

// AuditedBeside is what the rules ask of besides standard names: of the province only what is open to everybody.
type AuditedBeside struct {
	Names     []AuditedName // that places had once, or bear besides the standard one
	Famous    []Record      // natural features and sites beyond the province that bear the specific of one of its divisions
	Shapes    map[uuid.UUID]orb.Geometry
	Protected map[uuid.UUID]Protection // by place
}

// AuditedName is a name of a place besides its standard one.
type AuditedName struct {
	Place uuid.UUID
	Name  string
}

// AuditLimits are how far apart things may be before anybody is asked.
type AuditLimits struct {
	TwinM    float64 // two records of one name that lie no farther apart look like one place
	OutlineM float64 // outlines of neighbours may be so far off each other
}

// DefaultAuditLimits hold without configuration. An outline from a map of 1:10,000 is good to some 5 m.
var DefaultAuditLimits = AuditLimits{TwinM: 200, OutlineM: 5}

// AuditedDivision is a division as an audit looks at it.
type AuditedDivision struct {
	ID         uuid.UUID
	Name       string
	Level      Level
	Parent     uuid.UUID // zero: none
	Ended      string    // the first day without it, "" while it lasts
	Successors []uuid.UUID
	Codes      []AuditedCode
	Shape      orb.MultiPolygon // nil where none is known
}

// AuditedCode is a code of a division.
type AuditedCode struct {
	System CodeSystem
	Code   DivisionCode
	Ended  string // the first day without it, "" while it holds
}

// AuditedPlace is a place under its standard name of the day, or under the last name it had.
type AuditedPlace struct {
	ID         uuid.UUID
	Name       string
	Category   Category
	Division   uuid.UUID // in which it lies, or which it stands for
	Represents uuid.UUID // zero: no division
	Standard   bool      // it has a standard name on the day
	Retired    bool      // it had one, which ended
	Reading    []string
	Status     ReadingStatus
	Point      *orb.Point
	Grade      Grade // "" as Public
}

// AuditedArea is a built-up area.
type AuditedArea struct {
	ID    uuid.UUID
	Name  string
	Shape orb.MultiPolygon
}

// AuditFinding is something that an audit found, with what it is about and what to do about it.
type AuditFinding struct {
	fault.Finding
	Family    string     `json:"family"`
	Category  Category   `json:"category,omitempty"` // of the place that it is about first
	Rule      string     `json:"rule,omitempty"`     // of the pack, by which it is found
	RuleTitle string     `json:"ruleTitle,omitempty"`
	Pack      string     `json:"pack,omitempty"`  // of which the rule is: the one the audit judges by, or one that that includes
	Part      string     `json:"part,omitempty"`  // of the name, that the rule is about
	Alike     []Alike    `json:"alike,omitempty"` // the readings and characters that collide
	Cure      string     `json:"cure"`
	At        *orb.Point `json:"at,omitempty"`     // a place to look at, where the finding has one that no record has
	AreaM2    float64    `json:"areaM2,omitempty"` // of what is missing or lies twice
	Key       string     `json:"key"`              // the same for the same finding about the same things, as long as they stay as they are

	about string // what tells it from others of its code about the same records
}

// AuditFamily is a kind of findings with what looks for it.
type AuditFamily struct {
	Name string
	find func(*audit) error
}

// AuditProgress is how far an audit is.
type AuditProgress struct {
	Families int    // that are done
	Family   string // at hand
	Done, Of int    // names of it that were judged, where it goes name by name
}

// AuditFamilies lists every family in the order in which they are looked for and listed.
var AuditFamilies = []AuditFamily{
	{"name", whole((*audit).names)},
	{"rule", (*audit).byRules},
	{"twin", whole((*audit).twins)},
	{"character", whole((*audit).characters)},
	{"reading", whole((*audit).readings)},
	{"standing", whole((*audit).standings)},
	{"position", whole((*audit).positions)},
	{"code", whole((*audit).codes)},
	{"tiling", whole((*audit).tilings)},
}

// whole is a family that is looked for in one go.
func whole(find func(*audit)) func(*audit) error {
	return func(a *audit) error {
		find(a)
		return nil
	}
}

// Audit looks through the record and returns everything it finds, the heaviest first, by family and in the order of codes
// and names: the same record gives the same findings, and none twice. Names in use are never forbidden: nothing it says about one weighs
// more than Review. tell is called before each family, and within those that go name by name every some names; an error of its ends
// the audit. What could not be looked at for want of data is a finding of severity info.
//
// It groups by key and asks indexes for neighbours, so the cost is n log n in records.
func Audit(a Audited, tell func(AuditProgress) error) ([]AuditFinding, error) {
	run := newAudit(a)
	run.tell = tell
	for n, f := range AuditFamilies {
		run.family, run.nth = f.Name, n
		if err := run.progress(0, 0); err != nil {
			return nil, err
		}
		if err := f.find(run); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(run.found, func(f, g auditFound) int {
		return cmp.Or(
			cmp.Compare(severityOrder(g.finding.Severity), severityOrder(f.finding.Severity)),
			cmp.Compare(f.family, g.family), cmp.Compare(f.finding.Code, g.finding.Code), cmp.Compare(f.order, g.order), cmp.Compare(f.finding.Key, g.finding.Key))
	})
	findings := make([]AuditFinding, 0, len(run.found))
	once := make(map[string]bool, len(run.found))
	for _, f := range run.found {
		if !once[f.finding.Key] { // by two rules of one pack, the heavier of which comes first
			once[f.finding.Key] = true
			findings = append(findings, f.finding)
		}
	}
	return findings, nil
}

func (a *audit) progress(done, of int) error {
	return a.tell(AuditProgress{Families: a.nth, Family: a.family, Done: done, Of: of})
}

func severityOrder(s fault.Severity) int { return slices.Index(fault.Severities, s) }

// audit is one run over a record.
type audit struct {
	Audited
	family    string // at hand, and its place among all
	nth       int
	divisions map[uuid.UUID]*AuditedDivision
	children  map[uuid.UUID][]*AuditedDivision // of those of the day, by code
	places    map[uuid.UUID]*AuditedPlace
	stands    map[uuid.UUID]*AuditedPlace // for a division
	within    map[uuid.UUID]bool          // divisions in the scope, as far as they were asked for
	areas     map[uuid.UUID]*geo.Area
	joined    joins[uuid.UUID]
	builtUps  map[uuid.UUID]*AuditedArea // in which places lie
	tell      func(AuditProgress) error
	found     []auditFound
}

type auditFound struct {
	finding AuditFinding
	family  int
	order   string
}

func newAudit(a Audited) *audit {
	run := &audit{
		Audited: a, divisions: map[uuid.UUID]*AuditedDivision{}, children: map[uuid.UUID][]*AuditedDivision{},
		places: map[uuid.UUID]*AuditedPlace{}, stands: map[uuid.UUID]*AuditedPlace{}, within: map[uuid.UUID]bool{},
		areas: map[uuid.UUID]*geo.Area{}, joined: joins[uuid.UUID]{}, builtUps: map[uuid.UUID]*AuditedArea{},
	}
	for i := range a.Divisions {
		run.divisions[a.Divisions[i].ID] = &a.Divisions[i]
	}
	for i := range a.Divisions {
		if d := &a.Divisions[i]; d.Ended == "" && d.Parent != uuid.Nil {
			run.children[d.Parent] = append(run.children[d.Parent], d)
		}
	}
	for _, below := range run.children {
		slices.SortFunc(below, func(c, d *AuditedDivision) int { return cmp.Compare(c.order(), d.order()) })
	}
	run.sortPlaces()
	for i := range run.Places {
		p := &run.Places[i]
		run.places[p.ID] = p
		if p.Represents != uuid.Nil {
			run.stands[p.Represents] = p
		}
		if b := run.areaAround(p.Point); b != nil {
			run.builtUps[p.ID] = b
		}
	}
	for _, pair := range a.Joined {
		run.joined.join(pair[0], pair[1])
	}
	return run
}

// sortPlaces puts places in the order of divisions and names, so that findings do not depend on how they were gathered.
func (a *audit) sortPlaces() {
	orders := make(map[uuid.UUID]string, len(a.Divisions))
	for id, d := range a.divisions {
		orders[id] = d.order()
	}
	a.Places = slices.Clone(a.Places)
	slices.SortFunc(a.Places, func(p, q AuditedPlace) int {
		return cmp.Or(cmp.Compare(orders[p.Division], orders[q.Division]), cmp.Compare(p.Name, q.Name), cmp.Compare(p.ID.String(), q.ID.String()))
	})
}

// code is the code by which a division is known at its level, "" without one.
func (d *AuditedDivision) code() DivisionCode {
	_, system := Canonical("", d.Level)
	for _, c := range d.Codes {
		if c.System == system && c.Ended == "" {
			return c.Code
		}
	}
	return ""
}

func (d *AuditedDivision) order() string {
	return string(d.code()) + d.Name + d.ID.String()
}

// in reports whether a division lies in the scope; one that ended lies where its successors do.
func (a *audit) in(id uuid.UUID) bool {
	if a.Scope == uuid.Nil || id == a.Scope {
		return true
	}
	in, known := a.within[id]
	d := a.divisions[id]
	if known || d == nil {
		return in
	}
	a.within[id] = false // a circle ends here
	in = a.in(d.Parent) && d.Parent != uuid.Nil || slices.ContainsFunc(d.Successors, a.in)
	a.within[id] = in
	return in
}

// above is the division of a level that a division lies in or is, nil for none.
func (a *audit) above(id uuid.UUID, level Level) *AuditedDivision {
	for d, n := a.divisions[id], 0; d != nil && n < len(Levels)+1; d, n = a.divisions[d.Parent], n+1 {
		if d.Level == level {
			return d
		}
	}
	return nil
}

// lies is the division in which a place lies: for one that stands for a division that above it.
func (a *audit) lies(p *AuditedPlace) uuid.UUID {
	if d := a.divisions[p.Division]; d != nil && p.Represents == p.Division && d.Parent != uuid.Nil {
		return d.Parent
	}
	return p.Division
}

// placed is the name of a place with where it lies: “新民村”（龙兴镇）.
func (a *audit) placed(p *AuditedPlace) string {
	s := "“" + p.Name + "”"
	if d := a.divisions[a.lies(p)]; d != nil && d.ID != p.Represents {
		s += "（" + d.Name + "）"
	}
	return s
}

// listed are names in a sentence: the first few, and how many there are.
func listed(names []string, counted string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, "、")
	}
	return strings.Join(names[:most], "、") + fmt.Sprintf("等 %d %s", len(names), counted)
}

// evidenceOf is a place as evidence, with its distance from another where both have a position.
func (a *audit) evidenceOf(p, from *AuditedPlace) fault.Evidence {
	e := fault.Evidence{Kind: "place", ID: p.ID.String(), Name: p.Name}
	if d := a.divisions[a.lies(p)]; d != nil && d.ID != p.Represents {
		e.Within = d.Name
	}
	if p.Grade != Public {
		e.Grade = string(p.Grade)
	}
	if from != nil && from != p && from.Point != nil && p.Point != nil {
		m := geo.DistanceM(*from.Point, *p.Point)
		e.DistanceM = &m
	}
	return e
}

func (d *AuditedDivision) evidence() fault.Evidence {
	return fault.Evidence{Kind: "division", ID: d.ID.String(), Name: d.Name}
}

// by says by which rule a finding is.
func (f *AuditFinding) by(r Rule) {
	f.Rule, f.Pack, f.RuleTitle, f.Clause = r.ID, r.Pack, r.Title, r.Clause
}

// add adds a finding of the family at hand about what its evidence names, if any of that lies in the scope.
func (a *audit) add(f AuditFinding) {
	f.Family = a.family
	var order string
	var states []string
	in := len(f.Evidence) == 0
	if in {
		f.about = f.Detail
	}
	for i, e := range f.Evidence {
		id := uuid.MustParse(e.ID)
		state := e.Kind + " " + e.ID
		if p, d := a.places[id], a.divisions[id]; e.Kind == "place" && p != nil {
			in = in || a.in(p.Division)
			state += fmt.Sprint(" ", p.Name, p.Category, p.Division, pointText(p.Point))
		} else if d != nil {
			in = in || a.in(id)
			state += fmt.Sprint(" ", d.Name, d.Level, d.Parent, d.code(), len(d.Shape))
		} else {
			state += " " + e.Name // beyond the province
		}
		states = append(states, state)
		if i == 0 {
			order = a.orderOf(e.Kind, id)
			if p := a.places[id]; p != nil {
				f.Category = p.Category
			}
		}
	}
	if !in {
		return
	}
	slices.Sort(states)
	sum := sha256.Sum256([]byte(f.Code + "\n" + strings.Join(states, "\n") + fmt.Sprintf("\n%.0f %s", f.AreaM2, f.about)))
	f.Key = hex.EncodeToString(sum[:16])
	a.found = append(a.found, auditFound{f, a.nth, order})
}

func pointText(p *orb.Point) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%.5f,%.5f", p[0], p[1])
}

// orderOf puts findings in the order of divisions and then of names.
func (a *audit) orderOf(kind string, id uuid.UUID) string {
	if kind == "division" {
		return a.divisions[id].order()
	}
	p := a.places[id]
	if d := a.divisions[p.Division]; d != nil {
		return d.order() + p.Name
	}
	return p.Name
}

// unchecked says what could not be looked at.
func (a *audit) unchecked(code, format string, args ...any) {
	a.add(AuditFinding{Finding: fault.Finding{Code: code, Severity: fault.Info, Detail: fmt.Sprintf(format, args...)}, Cure: "补齐数据后再检查一次"})
}

// joins keeps together what belongs together.
type joins[K comparable] map[K]K

func (j joins[K]) of(k K) K {
	up, ok := j[k]
	if !ok || up == k {
		return k
	}
	up = j.of(up)
	j[k] = up
	return up
}

func (j joins[K]) join(k, l K) { j[j.of(k)] = j.of(l) }
