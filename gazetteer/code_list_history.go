package gazetteer

import (
	"slices"
	"strings"
	"time"
)

// history puts the spans together to divisions, hangs them on one another and links the events to them.
func (r *listReader) history() CodeHistory {
	h := CodeHistory{Findings: r.findings.list()}
	holders := map[DivisionCode][]*listSpan{}
	for _, s := range r.spans {
		holders[s.code] = append(holders[s.code], s)
		if s.goesOn {
			continue
		}
		for part := s; part != nil; part = part.next {
			part.division = len(h.Divisions)
		}
		h.Divisions = append(h.Divisions, ListedDivision{})
	}
	for _, s := range r.spans {
		if s.goesOn {
			continue
		}
		for part := s; part != nil; part = part.next {
			h.Divisions[s.division].Spells = append(h.Divisions[s.division].Spells, part.spells(holders)...)
		}
	}
	for _, e := range r.events {
		h.Events = append(h.Events, e.listed())
	}
	return h
}

// spells parts a span by what was above it when.
func (s *listSpan) spells(holders map[DivisionCode][]*listSpan) (spells []ListedSpell) {
	above := []DivisionCode{s.code[:4] + "00", s.code[:2] + "0000"}
	days := []time.Time{s.from}
	for _, code := range above {
		for _, h := range holders[code] {
			for _, day := range []time.Time{h.from, h.to} {
				if day.After(s.from) && (s.to.IsZero() || day.Before(s.to)) && !slices.ContainsFunc(days, day.Equal) {
					days = append(days, day)
				}
			}
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	for i, day := range days {
		spell := ListedSpell{Code: s.code, Name: s.name, Level: s.level(), Kind: s.kind(), From: day, To: s.to, Parent: s.parentOn(day, above, holders)}
		if i < len(days)-1 {
			spell.To = days[i+1]
		}
		if last := len(spells) - 1; last >= 0 && spells[last].Parent == spell.Parent {
			spells[last].To = spell.To
			continue
		}
		spells = append(spells, spell)
	}
	return spells
}

// parentOn is the division above on a day: the nearest of those whose codes the code begins with; -1 for none.
func (s *listSpan) parentOn(day time.Time, above []DivisionCode, holders map[DivisionCode][]*listSpan) int {
	for _, code := range above {
		if code == s.code {
			continue
		}
		for _, h := range holders[code] {
			if !day.Before(h.from) && (h.to.IsZero() || day.Before(h.to)) {
				return h.division
			}
		}
	}
	return -1
}

// listed is the event between divisions.
func (e spanEvent) listed() ListedEvent {
	out := ListedEvent{Kind: e.kind, After: e.after, On: e.on, Basis: e.basis}
	for _, from := range e.from {
		for _, to := range e.to {
			l := ListedLink{From: from.division, To: to.division, Role: Successor, Share: Whole}
			if l.From == l.To {
				l.Role = Itself
			}
			out.Links = append(out.Links, l)
		}
	}
	if len(out.Links) > 0 {
		return out
	}
	for _, s := range append(slices.Clone(e.from), e.to...) {
		out.Of = append(out.Of, s.division)
	}
	return out
}

// nameRoot is a name without its ending and without the peoples that an autonomous unit is named for: 黔江 of
// 黔江土家族苗族自治县.
func nameRoot(level Level, name string) string {
	for _, k := range kindEndings[level] {
		own, cut := strings.CutSuffix(name, k.ending)
		if !cut || own == "" {
			continue
		}
		if !strings.HasPrefix(k.ending, "自治") {
			return own
		}
		return cutPeoples(own)[0]
	}
	return name
}
