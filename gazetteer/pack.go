package gazetteer

import "fangyu/internal/fault"

// Pack is a dated set of rules.
type Pack struct {
	ID        string
	Title     string
	ValidFrom string // a day, 2006-01-02
	Rules     []Rule
}

const (
	clause7 = "《地名管理条例》第九条第一款第（七）项"
	clause8 = "《地名管理条例》第九条第一款第（八）项"
)

// National is the pack of 《地名管理条例》 (国务院令第753号, in force 2022-05-01): art. 9 (7) and (8) say that names do not
// repeat ("不应重名", hard) and avoid homophones ("避免同音", soft) in four scopes. The full text was read.
func National() Pack {
	p := Pack{ID: "national-2022", Title: "地名管理条例（国务院令第753号）", ValidFrom: "2022-05-01"}
	add := func(id, clause string, c Category, scope Scope, levels ...Level) {
		r := Rule{Pack: p.ID, Clause: clause, Category: c, Scope: scope, Against: []Category{c}, Levels: levels, Confirmed: true}
		r.ID, r.Compare, r.Severity = id+"-duplicate", "name", fault.Block
		p.Rules = append(p.Rules, r)
		r.ID, r.Compare, r.Severity = id+"-homophone", "sound", fault.Review
		p.Rules = append(p.Rules, r)
	}
	add("N9.7-division", clause7, DivisionCategory, ScopeNation, Province, Prefecture, County)
	add("N9.8-township", clause8, DivisionCategory, ScopeProvince, Township)
	add("N9.8-village", clause8, VillageCommittee, ScopeCounty)
	add("N9.8-street", clause8, Street, ScopeBuiltUpArea)
	add("N9.8-residential", clause8, ResidentialBuilding, ScopeBuiltUpArea)
	return p
}

// Applies reports whether the rule is about such a draft. A township-level rule is about 乡 and 镇; subdistricts are
// agencies, for which the national text names no scope.
func (r Rule) Applies(d Draft) bool {
	if r.Category != d.Category {
		return false
	}
	if len(r.Levels) == 0 {
		return true
	}
	level := d.Level
	if level == "" {
		level = levelOfName(d.Name)
	}
	for _, l := range r.Levels {
		if l == level {
			return level != Township || KindOf(Township, d.Name) != "subdistrict"
		}
	}
	return false
}

// levelOfName guesses the level of a proposed division from its generic. Which of the upper levels it is does not matter
// to art. 9(7), which holds for all of them.
func levelOfName(name string) Level {
	for _, l := range []Level{Township, County, Prefecture, Province} {
		if _, ok := kindByEnding(l, name); ok {
			return l
		}
	}
	return ""
}
