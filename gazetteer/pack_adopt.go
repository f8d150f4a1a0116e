package gazetteer

import (
	"fmt"
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// PackState is how a rule pack stands.
type PackState string

// The states.
const (
	PackDraft     PackState = "draft"     // 草案: in force nowhere, and may be tried
	PackAdopted   PackState = "adopted"   // 已发布: stays as it is
	PackWithdrawn PackState = "withdrawn" // 已撤回
)

// PackStates lists every state once.
var PackStates = []PackState{PackDraft, PackAdopted, PackWithdrawn}

// RegionOf is the region of a division as packs name it: the leading digits of its code without the pairs that say nothing, 50 of 500000.
func RegionOf(code DivisionCode) string {
	region := string(code)
	for len(region) > 6 && strings.HasSuffix(region, "000") {
		region = strings.TrimSuffix(region, "000")
	}
	for len(region) <= 6 && len(region)%2 == 0 && strings.HasSuffix(region, "00") {
		region = strings.TrimSuffix(region, "00")
	}
	return region
}

// KeepsRules reports whether the actor drafts rule packs and keeps the words of libraries in a region, own being that of the office's
// jurisdiction: a civil-affairs bureau for itself and below (地名的统一监督管理, 《地名管理条例》第六条). What holds everywhere is for
// whoever runs the system.
func KeepsRules(a Actor, own, region string) bool {
	if a.System != "" {
		return true
	}
	return a.OfficeKind == "civil-affairs" && a.Has(Clerk, Approver) && own != "" && strings.HasPrefix(region, own)
}

// packStep is a step that a pack takes from a state.
type packStep struct {
	from   PackState
	action string
	label  string
	to     PackState
	roles  []Role
	needs  []string
}

// packSteps are all steps of a pack after it was drafted.
var packSteps = []packStep{
	{PackDraft, "edit", "修改", PackDraft, []Role{Clerk, Approver}, nil},
	{PackDraft, "withdraw", "撤回草案", PackWithdrawn, []Role{Clerk, Approver}, nil},
	{PackDraft, "adopt", "发布", PackAdopted, []Role{Approver}, []string{Confirmation, "documents"}},
	{PackAdopted, "repeal", "废止", PackAdopted, []Role{Approver}, []string{Confirmation, "documents", "validTo"}},
}

// KeptPack is a pack as it stands in the book.
type KeptPack struct {
	Pack
	State   PackState
	Version int
	Ended   bool // its last day was said after it was adopted
}

// Open are the steps that the actor may take with the pack; own is the region of the office's jurisdiction.
func (p KeptPack) Open(a Actor, own string) []OpenAction {
	open := []OpenAction{}
	for _, s := range packSteps {
		if p.may(s, a, own) {
			open = append(open, OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

func (p KeptPack) may(s packStep, a Actor, own string) bool {
	return s.from == p.State && !(s.action == "repeal" && (p.Ended || p.ValidTo != "")) && a.Has(s.roles...) && KeepsRules(a, own, p.Region)
}

// Step returns the state to which an action leads.
//
// Errors: Forbidden "not-yours"; Conflict "step-not-open" where the pack does not stand so.
func (p KeptPack) Step(action string, a Actor, own string) (PackState, error) {
	for _, s := range packSteps {
		if s.action == action && s.from == p.State {
			if p.may(s, a, own) {
				return s.to, nil
			}
			if KeepsRules(a, own, p.Region) && a.Has(s.roles...) {
				return "", fault.New(fault.Conflict, "step-not-open", "规则包“%s”已经定了止日", p.Title)
			}
			return "", fault.New(fault.Forbidden, "not-yours", "规则包“%s”由适用地区的民政部门%s", p.Title, s.label)
		}
	}
	return "", fault.New(fault.Conflict, "step-not-open", "规则包“%s”现在不能这样办理：已发布的不再改动，另有规定请起草新的规则包", p.Title)
}

// ToAdopt finds what stands in the way of adopting a pack on a day: among the packs that were adopted it must include the one in force
// above it, may not loosen what that forbids, and no other may begin in its region on its day.
func (p Pack) ToAdopt(adopted []Pack, day string) (found []fault.Finding) {
	block := func(code, pointer, format string, args ...any) {
		found = append(found, fault.Blocking(code, pointer, format, args...))
	}
	if p.ValidTo != "" && p.ValidTo <= day {
		block("pack-over", "/validTo", "规则包止于 %s，已经过去", p.ValidTo)
	}
	for i, id := range p.Includes {
		if !slices.ContainsFunc(adopted, func(q Pack) bool { return q.ID == id }) {
			block("pack-unknown", fmt.Sprintf("/includes/%d", i), "包含的规则包“%s”不在已发布的规则包之中", id)
		}
	}
	if len(found) > 0 || p.Comparison {
		return found
	}
	from := max(day, p.ValidFrom) // what was in force before is no law any more
	whole, err := p.Assembled(append(slices.Clone(adopted), p), from)
	if err != nil {
		block("pack-unknown", "/includes", "%v", err)
		return found
	}
	if above := p.above(adopted, from); above != nil && !whole.includes(adopted, above.ID) {
		block("pack-leaves-law", "/includes", "“%s”在 %s 起的本地区现行，规则包要包含它：在 includes 里写上 %s", above.Title, from, above.ID)
	}
	for _, q := range adopted {
		if q.ID != p.ID && !q.Comparison && q.Region == p.Region && q.ValidFrom == p.ValidFrom {
			block("pack-same-day", "/validFrom", "“%s”在同一地区同一天起实行：请改起始日期", q.Title)
		}
	}
	return append(found, p.againstIncluded(whole, adopted, from)...)
}

// above is the pack that would be in force in the region on a day if there were none for the region itself, nil for none.
func (p Pack) above(adopted []Pack, day string) *Pack {
	wider := slices.DeleteFunc(slices.Clone(adopted), func(q Pack) bool { return len(q.Region) >= len(p.Region) })
	return InForce(wider, p.Region, day)
}

// besides are the packs in force in wider regions on a day that a pack does not include: what is ruled above holds, whether it was before
// or after the pack was adopted.
func (p Pack) besides(adopted []Pack, day string) (all []Pack) {
	if p.Comparison {
		return nil
	}
	for q := p.above(adopted, day); q != nil; q = q.above(adopted, day) {
		if !p.includes(adopted, q.ID) {
			all = append(all, *q)
		}
	}
	return all
}

// includes reports whether a pack includes another, itself or by one that it includes.
func (p Pack) includes(all []Pack, id string) bool {
	return slices.ContainsFunc(p.Includes, func(one string) bool {
		i := slices.IndexFunc(all, func(q Pack) bool { return q.ID == one })
		return one == id || i >= 0 && all[i].includes(all, id)
	})
}

// againstIncluded finds rules that say they replace what is not there, that take the name of an included one, or that would let
// through what a confirmed rule of an included pack forbids.
func (p Pack) againstIncluded(whole Pack, adopted []Pack, day string) (found []fault.Finding) {
	open := p
	open.Without = nil
	all, err := open.Assembled(append(slices.Clone(adopted), open), day)
	if err != nil {
		return nil
	}
	included := map[string]Rule{}
	for _, r := range all.Rules {
		if r.Pack == p.ID {
			continue
		}
		if q, there := included[r.ID]; there {
			found = append(found, fault.Blocking("rule-there", "/includes", "所含的“%s”和“%s”都有规则 %s：只能包含其中一个", q.Pack, r.Pack, r.ID))
		}
		included[r.ID] = r
	}
	for i, r := range p.Rules {
		if q, there := included[r.ID]; there && !slices.Contains(p.Without, r.ID) {
			found = append(found, fault.Blocking("rule-there", fmt.Sprintf("/rules/%d/id", i), "规则代号“%s”已用于所含的“%s”：请另取代号", r.ID, q.Title))
		}
	}
	for i, id := range p.Without {
		at := fmt.Sprintf("/without/%d", i)
		gone, there := included[id]
		if !there {
			found = append(found, fault.Blocking("rule-unknown", at, "所含的规则包里没有规则“%s”可以代替", id))
			continue
		}
		stricter := slices.ContainsFunc(whole.Rules, func(r Rule) bool { return r.Pack == p.ID && r.covers(gone, day) })
		if gone.Severity == fault.Block && gone.Confirmed && !stricter {
			found = append(found, fault.Blocking("pack-loosens", at, "“%s”（%s）是上位规定的禁止，规则包没有同样严格的规则代替它", gone.Title, gone.Clause))
		}
	}
	return found
}
