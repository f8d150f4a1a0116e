package gazetteer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/internal/fault"
)

// unit is one extent in which a rule compares names: a county, a built-up area, the country.
type unit struct {
	id           uuid.UUID
	name         string
	approximated bool // the county stands in for a built-up area
}

// names looks for names that repeat or sound alike in the extent that the rules of the pack say
// (《地名管理条例》第九条第一款第（七）（八）项).
func (a *audit) names() {
	if len(a.Pack.Rules) == 0 {
		a.unchecked("pack-missing", "没有现行的命名规则包，没有检查重名和同音")
	}
	units := a.unitsByScope()
	for _, rule := range a.Pack.comparing() {
		units := units[rule.Params.Scope]
		for _, u := range slices.SortedFunc(maps.Keys(units), func(u, v unit) int { return cmp.Compare(u.id.String(), v.id.String()) }) {
			var members []*AuditedPlace
			for _, p := range units[u] {
				if slices.Contains(rule.Params.Against, p.Category) && (len(rule.Levels) == 0 || slices.Contains(rule.Levels, a.levelOf(p))) {
					members = append(members, p)
				}
			}
			if rule.Kind == RepeatRule {
				a.duplicates(rule, u, members)
			} else {
				a.homophones(rule, u, members)
			}
		}
	}
	a.approximated(units[ScopeBuiltUpArea])
}

func (a *audit) levelOf(p *AuditedPlace) Level {
	if d := a.divisions[p.Represents]; d != nil {
		return d.Level
	}
	return ""
}

// applies reports whether a rule is about a place, and not only compares others with it.
func (a *audit) applies(r Rule, p *AuditedPlace) bool {
	return r.Applies(a.draftOf(p))
}

// unitsByScope are the places with a standard name by the extents of every scope that the pack has. A place lies in its
// built-up area, and besides in its county, with the places there that no built-up area is known for.
func (a *audit) unitsByScope() map[Scope]map[unit][]*AuditedPlace {
	scopes := map[Scope]map[unit][]*AuditedPlace{}
	for _, r := range a.Pack.Rules {
		scopes[r.Params.Scope] = map[unit][]*AuditedPlace{}
	}
	for i := range a.Places {
		p := &a.Places[i]
		if !p.Standard {
			continue
		}
		for scope, units := range scopes {
			for _, u := range a.unitsOf(scope, p) {
				units[u] = append(units[u], p)
			}
		}
	}
	return scopes
}

func (a *audit) unitsOf(scope Scope, p *AuditedPlace) []unit {
	switch scope {
	case ScopeNation:
		return []unit{{name: "全国"}}
	case ScopeProvince:
		return []unit{a.divisionUnit(p, Province)}
	case ScopeBuiltUpArea:
		county := a.divisionUnit(p, County)
		county.approximated = true
		if area := a.builtUps[p.ID]; area != nil {
			return []unit{{id: area.ID, name: area.Name}, county}
		}
		return []unit{county}
	}
	return []unit{a.divisionUnit(p, County)}
}

// divisionUnit is the division of a level that a place lies in, or where it lies above that level its own.
func (a *audit) divisionUnit(p *AuditedPlace, level Level) unit {
	d := a.above(p.Division, level)
	if d == nil {
		d = a.divisions[p.Division]
	}
	if d == nil {
		return unit{id: p.Division}
	}
	return unit{id: d.ID, name: d.Name}
}

// areaAround is the built-up area in which a point lies, nil for none.
func (a *audit) areaAround(p *orb.Point) *AuditedArea {
	if p == nil {
		return nil
	}
	for i := range a.BuiltUp {
		if b := &a.BuiltUp[i]; b.Shape.Bound().Contains(*p) && planar.MultiPolygonContains(b.Shape, *p) {
			return b
		}
	}
	return nil
}

// duplicates finds places that share a name: those read as one count once, and so do a division and the one above it.
func (a *audit) duplicates(rule Rule, u unit, members []*AuditedPlace) {
	byName := map[string][]*AuditedPlace{}
	for _, p := range members {
		byName[p.Name] = append(byName[p.Name], p)
	}
	for name, same := range byName {
		if len(same) < 2 || a.distinct(same) < 2 || !a.concerns(rule, u, same) {
			continue
		}
		a.collision(rule, same, AuditFinding{
			Finding: fault.Finding{
				Code: "duplicate-name", Severity: inUse(effective(rule)),
				Detail: fmt.Sprintf("%s范围内有 %d 处都叫“%s”：%s", u.extent(), len(same), name, a.whereabouts(u, same)),
			},
			Cure: "逐处核对：本是同一个地方登记了两次的，打开其中一条，与另一条并读；确是两个地方的，在用的名称不因此强制更名，由人斟酌：沿用的，在“已看过”里写明理由",
		})
	}
}

func (u unit) extent() string {
	if u.approximated {
		return u.name + "（没有建成区范围，以全域代替）"
	}
	return u.name
}

// whereabouts says where places of one name lie within an extent.
func (a *audit) whereabouts(u unit, places []*AuditedPlace) string {
	where := make([]string, len(places))
	for i, p := range places {
		where[i] = "没有写明所在"
		if d := a.divisions[a.lies(p)]; d != nil {
			where[i] = d.Name
			if county := a.above(d.ID, County); county != nil && county != d && county.ID != u.id {
				where[i] = county.Name + d.Name
			}
		}
	}
	return listed(where, "处")
}

// concerns reports whether the rule is about one of the places; a county that stands in for built-up areas is asked only
// about places that lie in none.
func (a *audit) concerns(rule Rule, u unit, places []*AuditedPlace) bool {
	return slices.ContainsFunc(places, func(p *AuditedPlace) bool { return a.applies(rule, p) }) &&
		(!u.approximated || slices.ContainsFunc(places, func(p *AuditedPlace) bool { return a.builtUps[p.ID] == nil }))
}

// distinct counts places in reality.
func (a *audit) distinct(places []*AuditedPlace) int {
	one := joins[uuid.UUID]{}
	stands := map[uuid.UUID]uuid.UUID{}
	for _, p := range places {
		if p.Represents != uuid.Nil {
			stands[p.Represents] = p.ID
		}
		one.join(p.ID, a.joined.of(p.ID))
	}
	for _, p := range places {
		if d := a.divisions[p.Represents]; d != nil {
			if above, ok := stands[d.Parent]; ok {
				one.join(p.ID, above)
			}
		}
	}
	roots := map[uuid.UUID]bool{}
	for _, p := range places {
		roots[one.of(p.ID)] = true
	}
	return len(roots)
}

// collision adds a finding about places that collide, in the order of their codes.
func (a *audit) collision(rule Rule, places []*AuditedPlace, f AuditFinding) {
	f.by(rule)
	f.Part = places[0].Name
	for _, p := range places {
		f.Evidence = append(f.Evidence, a.evidenceOf(p, places[0]))
	}
	a.add(f)
}

// homophones finds names that differ and sound alike. Alike to the tone, by readings that somebody or something settled,
// is one finding; alike but for the tones, or by readings that are open, is a weaker one.
func (a *audit) homophones(rule Rule, u unit, members []*AuditedPlace) {
	bySound := map[string][]*AuditedPlace{}
	for _, p := range members {
		if len(p.Reading) > 0 {
			key := strings.Join(Toneless(p.Reading), " ")
			bySound[key] = append(bySound[key], p)
		}
	}
	for _, alike := range bySound {
		if namesIn(alike) < 2 || a.distinct(alike) < 2 || !a.concerns(rule, u, alike) {
			continue
		}
		toTheTone := a.alikeToTheTone(alike)
		for _, same := range toTheTone {
			if a.concerns(rule, u, same) {
				a.homophone(rule, u, same, "homophone", inUse(effective(rule)), "读音完全相同")
			}
		}
		if rule.Params.Sound == SoundTones || len(toTheTone) == 1 && len(toTheTone[0]) == len(alike) {
			continue
		}
		how, open := "声韵相同、声调不同", slices.ContainsFunc(alike, func(p *AuditedPlace) bool { return p.Status == ReadingUnverified })
		if open {
			how = "声韵相同，其中有读音还没有核定的"
		}
		a.homophone(rule, u, alike, "near-homophone", fault.Warning, how)
	}
}

// alikeToTheTone are those of the places that have the same settled reading and different names, by reading.
func (a *audit) alikeToTheTone(places []*AuditedPlace) [][]*AuditedPlace {
	byReading := map[string][]*AuditedPlace{}
	for _, p := range places {
		if p.Status != ReadingUnverified {
			key := strings.Join(p.Reading, " ")
			byReading[key] = append(byReading[key], p)
		}
	}
	var groups [][]*AuditedPlace
	for _, reading := range slices.Sorted(maps.Keys(byReading)) {
		if same := byReading[reading]; namesIn(same) > 1 && a.distinct(same) > 1 {
			groups = append(groups, same)
		}
	}
	return groups
}

func namesIn(places []*AuditedPlace) int {
	names := map[string]bool{}
	for _, p := range places {
		names[p.Name] = true
	}
	return len(names)
}

func (a *audit) homophone(rule Rule, u unit, places []*AuditedPlace, code string, severity fault.Severity, how string) {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = a.placed(p)
	}
	cure := "两个名称口头上分不清，请人斟酌：在用的名称不因此强制更名，沿用的，在“已看过”里写明理由"
	if strings.Contains(how, "核定") {
		cure = "先到“读音核定”定下读音，再检查一次"
	}
	spelled := Romanize(places[0].Name, places[0].Category).Plain
	a.collision(rule, places, AuditFinding{
		Finding: fault.Finding{Code: code, Severity: severity, Detail: fmt.Sprintf("%s范围内%s（%s）%s", u.extent(), listed(names, "处"), spelled, how)},
		Cure:    cure,
	})
}

// approximated says in how many counties no built-up area is known where the rules ask for one.
func (a *audit) approximated(units map[unit][]*AuditedPlace) {
	var categories []Category
	for _, r := range a.Pack.Rules {
		if r.Gathers() && r.Params.Scope == ScopeBuiltUpArea {
			categories = append(categories, r.categories()...)
		}
	}
	counties, places := 0, 0
	for u, its := range units {
		n := 0
		for _, p := range its {
			if u.approximated && slices.Contains(categories, p.Category) && a.in(p.Division) && a.builtUps[p.ID] == nil {
				n++
			}
		}
		if n > 0 {
			counties++
			places += n
		}
	}
	if places > 0 {
		a.unchecked("scope-approximated", "%d 个县（区）的 %d 条街路巷、住宅区、楼宇不在任何建成区范围内：重名和同音暂以全县（区）为范围检查", counties, places)
	}
}

// characters looks for what is amiss with the characters of names in use.
func (a *audit) characters() {
	for i := range a.Places {
		p := &a.Places[i]
		if !p.Standard {
			continue
		}
		for _, f := range CheckCharactersInUse(p.Name) {
			cure := "查清当地沿用的写法：写错的更正名称记录；沿用已久的，在“已看过”里写明依据"
			if f.Severity == fault.Info {
				cure = "核对无误即可在“已看过”里注明"
			}
			f.Pointer = ""
			if d := a.divisions[a.lies(p)]; d != nil && d.ID != p.Represents {
				f.Detail = d.Name + f.Detail
			}
			f.Evidence = []fault.Evidence{a.evidenceOf(p, nil)}
			found := AuditFinding{Finding: f, Cure: cure, Part: p.Name, about: f.Detail}
			if rule := a.characterRule(p); rule != nil {
				found.by(*rule)
			}
			a.add(found)
		}
	}
}

// characterRule is the rule of the pack about the characters of a place's name, nil for none. How names are written is looked at whatever
// the pack says, since a character that cannot be read is amiss by any.
func (a *audit) characterRule(p *AuditedPlace) *Rule {
	for i, r := range a.Pack.Rules {
		if r.Kind == CharacterRule && a.applies(r, p) {
			return &a.Pack.Rules[i]
		}
	}
	return nil
}

// readings looks for names whose reading is missing or open. How much it weighs goes by what the name stands for.
func (a *audit) readings() {
	for i := range a.Places {
		p := &a.Places[i]
		switch {
		case !p.Standard:
		case len(p.Reading) != len([]rune(p.Name)):
			a.add(AuditFinding{
				Finding: fault.Finding{
					Code: "reading-missing", Severity: fault.Review, Evidence: []fault.Evidence{a.evidenceOf(p, nil)},
					Detail: fmt.Sprintf("%s没有完整的读音：%d 个字，%d 个音节", a.placed(p), len([]rune(p.Name)), len(p.Reading)),
				},
				Cure: "到“读音核定”逐字填写读音",
			})
		case p.Status == ReadingUnverified:
			a.add(a.unverified(p))
		}
	}
}

func (a *audit) unverified(p *AuditedPlace) AuditFinding {
	severity := fault.Info
	switch level := a.levelOf(p); {
	case p.Category == DivisionCategory && level != Township:
		severity = fault.Review
	case p.Category == DivisionCategory || p.Category == VillageCommittee:
		severity = fault.Warning
	}
	code := ""
	if d := a.divisions[p.Division]; d != nil {
		code = string(d.code())
	}
	var open []string
	for _, c := range RomanizeIn(p.Name, p.Category, code).Candidates {
		if c.Settled {
			continue
		}
		spelled := make([]string, len(c.Readings))
		for i, r := range c.Readings {
			spelled[i] = r.Spelling
		}
		switch len(spelled) {
		case 0:
			open = append(open, "“"+c.Character+"”查不到读音")
		case 1:
			open = append(open, "“"+c.Character+"”暂读 "+spelled[0])
		default:
			open = append(open, "“"+c.Character+"”暂读 "+spelled[0]+"，还可读 "+strings.Join(spelled[1:], "、"))
		}
	}
	return AuditFinding{
		Finding: fault.Finding{
			Code: "reading-unverified", Severity: severity, Evidence: []fault.Evidence{a.evidenceOf(p, nil)},
			Detail: fmt.Sprintf("%s的读音没有核定：%s", a.placed(p), cmp.Or(strings.Join(open, "；"), "须由人核定")),
			Clause: "《中国地名汉语拼音字母拼写规则（汉语地名部分）》",
		},
		Cure: "到“读音核定”选定读音并写明依据；未核定的读音不用于公告、标志和印刷",
	}
}
