package gazetteer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// RuleKind is what a rule looks at.
type RuleKind string

// The kinds, each with what it takes of RuleParams.
const (
	RepeatRule    RuleKind = "repeat"    // the same name in a scope, or in a Library: Scope, Against, Part, Prefixes
	SoundRule     RuleKind = "sound"     // a name that sounds alike in a scope, or in a Library: Scope, Against, Sound, Folds
	GlyphRule     RuleKind = "glyph"     // a name that looks alike: Scope, Against, Alike
	PartsRule     RuleKind = "parts"     // a specific and a generic; how long they are: Least, Most, SpecificLeast, SpecificMost
	ScriptRule    RuleKind = "script"    // letters, digits, signs
	CharacterRule RuleKind = "character" // 《通用规范汉字表》
	NumberRule    RuleKind = "number"    // a specific that is nothing but a number: Words that mean something
	WordRule      RuleKind = "word"      // words of a library: Library, Words, Followed, Statement
	PersonRule    RuleKind = "person"    // a specific that looks like a person's name: Statement
	GenericRule   RuleKind = "generic"   // generics that do not belong, or stand on each other: Words, Stacked
	MeasureRule   RuleKind = "measure"   // what a generic asks of what it names: Generic, AnyOf
	DistrictRule  RuleKind = "district"  // the name of a division in which it does not lie
	NatureRule    RuleKind = "nature"    // 湖 without water: Words, Near, WithinM
	LocalRule     RuleKind = "local"     // facilities carry the name of where they are
	BorrowedRule  RuleKind = "borrowed"  // a division that takes the name of what reaches beyond it
	ProtectedRule RuleKind = "protected" // a protected or historic name that is to go
)

// RuleKinds lists every kind once.
var RuleKinds = []RuleKind{
	RepeatRule, SoundRule, GlyphRule, PartsRule, ScriptRule, CharacterRule, NumberRule, WordRule, PersonRule, GenericRule, MeasureRule,
	DistrictRule, NatureRule, LocalRule, BorrowedRule, ProtectedRule,
}

// Strength is how a text words a rule.
type Strength string

// The strengths.
const (
	Shall  Strength = "shall"  // 应当、不应、不得
	Should Strength = "should" // 一般不、避免
)

// Rule is one row of a rule pack: what it looks at, by which clause, and how much it weighs.
type Rule struct {
	Pack       string         `json:"pack,omitempty" yaml:"-"`
	ID         string         `json:"id" yaml:"id"`
	Kind       RuleKind       `json:"kind" yaml:"kind"`
	Title      string         `json:"title" yaml:"title"`
	Clause     string         `json:"clause" yaml:"clause"`
	Strength   Strength       `json:"strength" yaml:"strength"`
	Severity   fault.Severity `json:"severity" yaml:"severity"`
	Confirmed  bool           `json:"confirmed" yaml:"confirmed"`                       // read from its text; an unconfirmed rule never blocks
	Categories []Category     `json:"categories,omitempty" yaml:"categories,omitempty"` // of the name judged; nil for any
	Levels     []Level        `json:"levels,omitempty" yaml:"levels,omitempty"`         // of a division; nil for any
	Cases      []string       `json:"cases,omitempty" yaml:"cases,omitempty"`           // new, rename, retire, existing; nil: all but retire
	ValidFrom  string         `json:"validFrom,omitempty" yaml:"validFrom,omitempty"`   // a day; "" as the pack
	ValidTo    string         `json:"validTo,omitempty" yaml:"validTo,omitempty"`       // the first day on which it holds no more
	Params     RuleParams     `json:"params" yaml:"params,omitempty"`
}

// Scope is the extent within which names must not repeat (《地名管理条例》第九条第一款第（七）（八）项).
type Scope string

// The scopes.
const (
	ScopeNation      Scope = "nation"
	ScopeProvince    Scope = "province"
	ScopeCounty      Scope = "county"
	ScopeBuiltUpArea Scope = "built-up-area"
)

// Scopes lists every scope once, widest first.
var Scopes = []Scope{ScopeNation, ScopeProvince, ScopeCounty, ScopeBuiltUpArea}

// RuleParams are the parameters of rules of all kinds; each takes its own.
type RuleParams struct {
	Scope         Scope       `json:"scope,omitempty" yaml:"scope,omitempty"`
	Against       []Category  `json:"against,omitempty" yaml:"against,omitempty"`   // what is compared with; nil: the category of the name
	Part          string      `json:"part,omitempty" yaml:"part,omitempty"`         // WholeName, SpecificPart or PrefixPart
	Prefixes      []string    `json:"prefixes,omitempty" yaml:"prefixes,omitempty"` // words in front that make no other name; "@above" is the names of the divisions above
	Sound         string      `json:"sound,omitempty" yaml:"sound,omitempty"`       // "tones" (声韵调全同), "syllables", "dialect"
	Folds         [][2]string `json:"folds,omitempty" yaml:"folds,omitempty"`       // for dialect: n l, zh z: the first is heard as the second; -ng -n at the end
	Alike         []string    `json:"alike,omitempty" yaml:"alike,omitempty"`       // characters that look alike, a string for each group
	Library       string      `json:"library,omitempty" yaml:"library,omitempty"`   // a word library
	Words         []string    `json:"words,omitempty" yaml:"words,omitempty"`
	Followed      []string    `json:"followed,omitempty" yaml:"followed,omitempty"`   // the words count only right before one of these
	Statement     bool        `json:"statement,omitempty" yaml:"statement,omitempty"` // a person clears it with reasons, nothing else does
	Least         int         `json:"least,omitempty" yaml:"least,omitempty"`         // characters of the whole name
	Most          int         `json:"most,omitempty" yaml:"most,omitempty"`
	SpecificLeast int         `json:"specificLeast,omitempty" yaml:"specificLeast,omitempty"`
	SpecificMost  int         `json:"specificMost,omitempty" yaml:"specificMost,omitempty"`
	Stacked       bool        `json:"stacked,omitempty" yaml:"stacked,omitempty"`   // a generic right before the generic
	Generic       []string    `json:"generic,omitempty" yaml:"generic,omitempty"`   // the generics that a measure is about
	Preceded      []string    `json:"preceded,omitempty" yaml:"preceded,omitempty"` // words one of which has to stand before those generics
	AnyOf         [][]Measure `json:"anyOf,omitempty" yaml:"anyOf,omitempty"`       // one of these has to hold whole
	Near          []string    `json:"near,omitempty" yaml:"near,omitempty"`         // generics of natural features, one of which has to be there
	WithinM       float64     `json:"withinM,omitempty" yaml:"withinM,omitempty"`
}

// Measure is a threshold of a fact: 绿地率 ≥ 0.4.
type Measure struct {
	Fact  string  `json:"fact" yaml:"fact"` // one of FactNames
	Least float64 `json:"least,omitempty" yaml:"least,omitempty"`
	Most  float64 `json:"most,omitempty" yaml:"most,omitempty"`   // 0 for none
	Words string  `json:"words,omitempty" yaml:"words,omitempty"` // of functions: one that has to be among them
}

// Draft is a name to be judged, with what is said of it.
type Draft struct {
	Kind       string // new, rename, retire, existing
	Name       string
	Category   Category
	Level      Level // for a division
	PlaceID    uuid.UUID
	Reading    []string // of a name in use, as it is on record: syllables with tone numbers; nil where it has none
	Settled    bool     // somebody or something settled that reading
	Facts      Facts
	Statements []Statement
}

// inUse reports whether the name is there already, so that nothing forces it to go (《地名管理条例》第十条).
func (d Draft) inUse() bool { return d.Kind == "existing" || d.Kind == "retire" }

// Romanized is the name as it is read: in use, as the record has it, else as Romanize does.
func (d Draft) Romanized() Romanization {
	switch {
	case len(d.Reading) != utf8.RuneCountInString(d.Name):
		return Romanize(d.Name, d.Category)
	case d.Settled:
		return RomanizeAs(d.Name, d.Category, d.Reading)
	}
	r := Romanize(d.Name, d.Category)
	r.Reading = d.Reading
	return r
}

// Statement is a person's word on a finding that only a person clears.
type Statement struct {
	Rule   string `json:"rule"`
	Part   string `json:"part"` // the word it is about; "" for the whole
	Reason string `json:"reason"`
	By     string `json:"-"` // whose word it is; "" where that is told beside the finding

	Explains bool `json:"-"` // the word of who applied: it lets the name be submitted, and clears nothing
}

// Record is an existing name that a rule may compare with.
type Record struct {
	PlaceID      uuid.UUID
	Name         string
	Category     Category
	Level        Level
	Reading      []string // syllables with tone numbers
	DivisionName string
	DistanceM    *float64 // from the draft's point, where both are located
	Grade        Grade    // "" as Public
}

// Gathered is what is known for one rule: the records in its scope, and whether the scope had to be approximated.
type Gathered struct {
	Rule         Rule
	Records      []Record
	ScopeName    string // 重庆市, 忠县, 中心城区建成区
	Approximated bool   // no built-up area is known there; the county stood in for it
}

// Surroundings is what is on record around a draft, for the rules that do not compare names in a scope.
type Surroundings struct {
	Above     []Unit               // the divisions it lies in, the lowest first
	Elsewhere []Unit               // other divisions whose specific is in the name
	Derived   []Record             // standard and historic names near by that are in the name
	Natural   []Record             // natural features near by
	Famous    []Record             // for a division: what its specific is the name of
	Protected *Protection          // of the name that ends
	Words     map[string]*WordList // the words of each library that a rule names
}

// Unit is a division by its name.
type Unit struct {
	ID    uuid.UUID
	Name  string
	Level Level
}

// Protection is why a name should stay.
type Protection struct {
	Record Record
	Listed string // the list it is on, 重庆市历史地名保护名录（第二批）; "" for a name that is only old
	Since  string // since when it is in use, as known
}

// NameFinding is a finding about a name: the rule, as its pack words it, the part of the name it concerns and what would cure it.
type NameFinding struct {
	fault.Finding
	Rule      string   `json:"rule"`
	Pack      string   `json:"pack,omitempty"` // that the rule stands in, which another may include; "" where no rule of a pack is asked
	Title     string   `json:"title,omitempty"`
	Strength  Strength `json:"strength,omitempty"`
	Confirmed bool     `json:"confirmed,omitempty"`
	Part      string   `json:"part"`
	Cure      string   `json:"cure"`
	Alike     []Alike  `json:"alike,omitempty"` // of a homophone: the readings that collide

	Takes StatementNeed `json:"takes,omitempty"` // what a person's word can do to it, whether or not it was given; "" for nothing
}

// Verdict is the judgement of a name by one pack.
type Verdict struct {
	Verdict   string        `json:"verdict"` // the worst severity, or pass
	Findings  []NameFinding `json:"findings"`
	Pack      string        `json:"pack"`      // its id
	PackTitle string        `json:"packTitle"` // what people call it
}

// NewVerdict sums findings up, the gravest first and those of one severity in the order of the rules.
func NewVerdict(pack Pack, findings []NameFinding) Verdict {
	findings = append([]NameFinding{}, findings...)
	slices.SortStableFunc(findings, func(a, b NameFinding) int { return fault.ByGravity(a.Finding, b.Finding) })
	return Verdict{Verdict: fault.Verdict(Plain(findings)), Findings: findings, Pack: pack.ID, PackTitle: pack.Title}
}

// Plain strips findings to the shape every check shares.
func Plain(findings []NameFinding) []fault.Finding {
	plain := make([]fault.Finding, len(findings))
	for i, f := range findings {
		plain[i] = f.Finding
	}
	return plain
}

// nameCheck is a draft being judged.
type nameCheck struct {
	Draft
	Surroundings
	specific, generic string
	reading           Romanization
	gathered          map[string]Gathered // by rule
	same              map[uuid.UUID]bool  // places with the very name, which are no homophones besides
	findings          []NameFinding
}

// checkers are what each kind of rule does.
var checkers = map[RuleKind]func(*nameCheck, Rule){
	RepeatRule: (*nameCheck).repeats, SoundRule: (*nameCheck).sounds, GlyphRule: (*nameCheck).looks, PartsRule: (*nameCheck).parts,
	ScriptRule: (*nameCheck).script, CharacterRule: (*nameCheck).characters, NumberRule: (*nameCheck).number, WordRule: (*nameCheck).words,
	PersonRule: (*nameCheck).person, GenericRule: (*nameCheck).generics, MeasureRule: (*nameCheck).measures, DistrictRule: (*nameCheck).districts,
	NatureRule: (*nameCheck).nature, LocalRule: (*nameCheck).local, BorrowedRule: (*nameCheck).borrowed, ProtectedRule: (*nameCheck).protected,
}

// Check judges a draft by the rules of a pack that apply to it, against what was gathered for them. It is deterministic: the same
// facts give the same findings in the same order. All findings come at once.
func Check(d Draft, rules []Rule, gathered []Gathered, around Surroundings) []NameFinding {
	c := &nameCheck{
		Draft: d, Surroundings: around, reading: d.Romanized(), gathered: map[string]Gathered{}, same: map[uuid.UUID]bool{},
	}
	c.specific, c.generic = SplitName(d.Name, d.Category)
	for _, g := range gathered {
		c.gathered[g.Rule.key()] = g
	}
	for _, r := range rules {
		if check := checkers[r.Kind]; check != nil && r.Applies(d) {
			if r.Compares() && !r.Gathers() {
				c.gathered[r.key()] = c.listed(r)
			}
			check(c, r)
		}
	}
	return c.findings
}

// key tells rules of all packs apart.
func (r Rule) key() string { return r.Pack + " " + r.ID }

// Applies reports whether the rule is about such a draft. A township-level rule is about 乡 and 镇; subdistricts are
// agencies, for which the national text names no scope.
func (r Rule) Applies(d Draft) bool {
	if len(r.Cases) == 0 && d.Kind == "retire" || len(r.Cases) > 0 && !slices.Contains(r.Cases, d.kind()) {
		return false
	}
	if len(r.Categories) > 0 && !slices.Contains(r.Categories, d.Category) {
		return false
	}
	if len(r.Levels) == 0 {
		return true
	}
	level := d.Level
	if level == "" {
		level = levelOfName(d.Name)
	}
	return slices.Contains(r.Levels, level) && (level != Township || KindOf(Township, d.Name) != "subdistrict")
}

func (d Draft) kind() string {
	if d.Kind == "" {
		return "new"
	}
	return d.Kind
}

// Gathers reports whether records have to be gathered for the rule.
func (r Rule) Gathers() bool { return r.Compares() && r.Params.Library == "" }

// Compares reports whether the rule compares the name with others: records that are gathered for it, or names that a library lists.
func (r Rule) Compares() bool {
	return r.Kind == RepeatRule || r.Kind == SoundRule || r.Kind == GlyphRule
}

// listed is what a rule compares a name with that takes a library for its list of names: nationally famous natural features, whether
// they are on record or not.
func (c *nameCheck) listed(r Rule) Gathered {
	g := Gathered{Rule: r, ScopeName: "全国"}
	for _, w := range c.Words[r.Params.Library].ofLength(utf8.RuneCountInString(c.Name)) {
		o := Record{Name: w.Text, Category: c.Category}
		if r.Kind == SoundRule {
			o.Reading = Romanize(w.Text, c.Category).Reading
		}
		g.Records = append(g.Records, o)
	}
	return g
}

// categories are those of the names that the rule is about.
func (r Rule) categories() []Category {
	if len(r.Categories) == 0 {
		return Categories
	}
	return r.Categories
}

// AgainstOf are the categories that a rule compares a draft with.
func (r Rule) AgainstOf(c Category) []Category {
	if len(r.Params.Against) == 0 {
		return []Category{c}
	}
	return r.Params.Against
}

// effective is the severity a rule may have: what was not read from its text never blocks.
func effective(r Rule) fault.Severity {
	if r.Severity == fault.Block && !r.Confirmed {
		return fault.Review
	}
	return r.Severity
}

// weighs is what a finding by the rule weighs about this draft: a name in use is not forbidden for how it is made.
func (c *nameCheck) weighs(r Rule) fault.Severity {
	if c.inUse() {
		return inUse(effective(r))
	}
	return effective(r)
}

// inUse is what a severity is about a name in use: nothing forces it to go.
func inUse(s fault.Severity) fault.Severity {
	if s == fault.Block {
		return fault.Review
	}
	return s
}

// find adds a finding by a rule about a part of the name. A reason that a person gave takes the weight from a rule that says no more
// than what should be; where only a statement clears it, it is then for people to review.
func (c *nameCheck) find(r Rule, code, part, detail, cure string, evidence ...fault.Evidence) {
	severity, need := c.weighs(r), r.takes()
	if s := c.stated(r, part); s != nil && need != "" {
		switch {
		case need == StatementNeeded:
			severity = fault.Review
		case !s.Explains:
			severity = fault.Info
		}
		if s.By != "" {
			detail += "；" + s.By + "说明：" + s.Reason
		}
	}
	c.findAt(severity, r, code, part, detail, cure, evidence...)
	c.findings[len(c.findings)-1].Takes = need
}

// takes is what a person's word can do to findings by the rule.
func (r Rule) takes() StatementNeed {
	switch {
	case r.Params.Statement:
		return StatementNeeded
	case r.Strength == Should:
		return StatementOptional
	}
	return ""
}

// stated is what a person said on the rule about the part of the name, nil for nothing.
func (c *nameCheck) stated(r Rule, part string) *Statement {
	for i, s := range c.Statements {
		if s.Rule == r.ID && (s.Part == "" || s.Part == part) && strings.TrimSpace(s.Reason) != "" {
			return &c.Statements[i]
		}
	}
	return nil
}

// inUseCure stands before what would cure a name in use (《地名管理条例》第四条：地名应当保持相对稳定).
const inUseCure = "在用的名称不因此更名，请人核对；日后更名时"

func (c *nameCheck) findAt(severity fault.Severity, r Rule, code, part, detail, cure string, evidence ...fault.Evidence) {
	if c.Kind == "existing" && cure != "" && severity != fault.Info {
		cure = inUseCure + cure
	}
	f := NameFinding{Rule: r.ID, Pack: r.Pack, Title: r.Title, Strength: r.Strength, Confirmed: r.Confirmed, Part: part, Cure: cure}
	f.Code, f.Severity, f.Clause, f.Pointer, f.Detail, f.Evidence = code, severity, r.Clause, "/name", detail, evidence
	c.findings = append(c.findings, f)
}
