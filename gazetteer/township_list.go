package gazetteer

import (
	"maps"
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// TownshipList is a list of townships by the code of their county, as somebody published it: codes and names.
type TownshipList map[DivisionCode]map[DivisionCode]string

// Against holds the list against how divisions stand and says where it is behind: counties that ended, townships that it
// has twice, under their county and another, and those it lacks. Only counties whose townships are in the state are
// looked at.
func (l TownshipList) Against(state DivisionState) []fault.Finding {
	var f changeFindings
	counties := state.countiesWithTownships()
	for _, code := range slices.Sorted(maps.Keys(l)) {
		if _, stands := state.byCode(code); !stands {
			f.say(fault.Warning, "list-county-ended", "/"+string(code), "名录里还有 %s 及其 %d 个乡镇、街道：库里没有现行的区划用这个代码", code, len(l[code]))
		}
	}
	for _, county := range slices.Sorted(maps.Keys(counties)) {
		name := counties[county].name
		listed := l.names(county)
		for _, township := range slices.Sorted(maps.Keys(counties[county].townships)) {
			if listed[township] == "" {
				f.say(fault.Warning, "list-missing", "/"+string(county), "名录里%s（%s）之下没有%s", name, county, township)
			}
		}
		for _, township := range slices.Sorted(maps.Keys(listed)) {
			if !counties[county].townships[township] {
				f.elsewhere(l, counties, county, township)
			}
		}
	}
	return f.list()
}

// elsewhere says of a township that a list has under a county it does not belong to where it belongs, and whether the
// list has it there as well.
func (f *changeFindings) elsewhere(l TownshipList, counties map[DivisionCode]countyTownships, county DivisionCode, township string) {
	for _, other := range slices.Sorted(maps.Keys(counties)) {
		if !counties[other].townships[township] {
			continue
		}
		if l.names(other)[township] != "" {
			f.say(fault.Warning, "list-twice", "/"+string(county), "%s在名录里登记了两次：%s（%s）和%s（%s），现属%s",
				township, counties[county].name, county, counties[other].name, other, counties[other].name)
			return
		}
		f.say(fault.Warning, "list-misplaced", "/"+string(county), "名录把%s放在%s之下，现属%s", township, counties[county].name, counties[other].name)
		return
	}
	f.say(fault.Warning, "list-unknown", "/"+string(county), "名录里%s之下的%s不在库里", counties[county].name, township)
}

// names are the townships of a county by name, as divisions are called.
func (l TownshipList) names(county DivisionCode) map[string]string {
	names := map[string]string{}
	for code, name := range l[county] {
		own, _ := OfficialName(Township, strings.TrimSpace(name))
		names[own] = string(code)
	}
	return names
}

// countyTownships is a county with the names of its townships.
type countyTownships struct {
	name      string
	townships map[string]bool
}

func (s DivisionState) countiesWithTownships() map[DivisionCode]countyTownships {
	counties := map[DivisionCode]countyTownships{}
	for _, d := range s {
		up, known := s[d.Parent]
		if d.Level != Township || !known {
			continue
		}
		c, begun := counties[up.Code()]
		if !begun {
			c = countyTownships{up.Name, map[string]bool{}}
		}
		c.townships[d.Name] = true
		counties[up.Code()] = c
	}
	return counties
}
