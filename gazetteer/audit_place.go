package gazetteer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// twins looks for records that may be one place in reality: the same name and category, or a settlement and the committee
// that sits there, either both within the distance of each other, or in the same division where one has no position.
func (a *audit) twins() {
	alike := map[string][]*AuditedPlace{}
	var near rtree.RTreeG[*AuditedPlace]
	for i := range a.Places {
		p := &a.Places[i]
		if !p.Standard || p.Category == DivisionCategory {
			continue
		}
		alike[twinKey(p)] = append(alike[twinKey(p)], p)
		if p.Point != nil {
			near.Insert(*p.Point, *p.Point, p)
		}
	}
	one := joins[uuid.UUID]{}
	for _, places := range alike {
		a.joinUnlocated(places, one)
	}
	for i := range a.Places {
		if p := &a.Places[i]; p.Standard && p.Point != nil && p.Category != DivisionCategory {
			a.joinNear(p, &near, one)
		}
	}
	groups := map[uuid.UUID][]*AuditedPlace{}
	for i := range a.Places {
		p := &a.Places[i]
		groups[one.of(p.ID)] = append(groups[one.of(p.ID)], p)
	}
	for _, places := range groups {
		if len(places) > 1 && a.distinct(places) > 1 {
			a.add(a.twin(places))
		}
	}
}

// twinKey is the same for what may be one place: the name, without the generic for settlements and committees.
func twinKey(p *AuditedPlace) string {
	if p.Category != NaturalVillage && p.Category != VillageCommittee {
		return string(p.Category) + " " + p.Name
	}
	stem := p.Name
	for _, generic := range []string{"社区", "村"} {
		if s, ok := strings.CutSuffix(stem, generic); ok && s != "" {
			stem = s
			break
		}
	}
	return stem
}

// looksLike reports whether two places of one key may be one place, where they lie near each other: committees only under
// the very same name, since 高村村 and 高村社区 are two bodies.
func looksLike(p, q *AuditedPlace) bool {
	return p.Name == q.Name || p.Category != q.Category
}

// joinUnlocated joins what looks alike and lies in the same division, where one has no position to tell them apart. A
// committee lies in its own village too, with the settlement it sits in.
func (a *audit) joinUnlocated(places []*AuditedPlace, one joins[uuid.UUID]) {
	byDivision := map[uuid.UUID][]*AuditedPlace{}
	for _, p := range places {
		in := a.lies(p)
		byDivision[in] = append(byDivision[in], p)
		if p.Division != in {
			byDivision[p.Division] = append(byDivision[p.Division], p)
		}
	}
	type likeness struct {
		name     string
		category Category
	}
	for _, its := range byDivision {
		first := map[likeness]*AuditedPlace{} // without a position: it stands for all others like it
		for _, p := range its {
			if p.Point != nil {
				continue
			}
			if f := first[likeness{p.Name, p.Category}]; f != nil {
				one.join(p.ID, f.ID)
				continue
			}
			first[likeness{p.Name, p.Category}] = p
			for _, q := range its {
				if q != p && looksLike(p, q) {
					one.join(p.ID, q.ID)
				}
			}
		}
	}
}

func (a *audit) joinNear(p *AuditedPlace, near *rtree.RTreeG[*AuditedPlace], one joins[uuid.UUID]) {
	box := geo.PadM(orb.Bound{Min: *p.Point, Max: *p.Point}, a.Limits.TwinM)
	key := twinKey(p)
	near.Search(box.Min, box.Max, func(_, _ [2]float64, q *AuditedPlace) bool {
		if q != p && twinKey(q) == key && looksLike(p, q) && geo.DistanceM(*p.Point, *q.Point) <= a.Limits.TwinM {
			one.join(p.ID, q.ID)
		}
		return true
	})
}

func (a *audit) twin(places []*AuditedPlace) AuditFinding {
	names := make([]string, len(places))
	f := AuditFinding{Finding: fault.Finding{Code: "twin-suspected", Severity: fault.Review}}
	farthest := 0.0
	located := true
	for i, p := range places {
		names[i] = a.placed(p) + p.Category.label()
		e := a.evidenceOf(p, places[0])
		if e.DistanceM != nil {
			farthest = max(farthest, *e.DistanceM)
		}
		located = located && p.Point != nil
		f.Evidence = append(f.Evidence, e)
	}
	apart := slices.ContainsFunc(places, func(p *AuditedPlace) bool { return a.lies(p) != a.lies(places[0]) })
	how := "都在同一个行政区划内，没有坐标可以分辨"
	switch {
	case located && farthest < 1:
		how = "坐标完全相同"
	case located:
		how = fmt.Sprintf("相距不超过 %.0f 米", farthest)
	}
	f.Detail = fmt.Sprintf("%s像是同一个地方的 %d 条记录：%s", listed(names, "条"), len(places), how)
	f.Cure = "打开其中一条核对：确是同一个地方的，在地名页“并读另一条记录”；不是的，补上坐标，或在“已看过”里写明"
	if located && apart {
		f.Cure = "它们记在不同的行政区划，先核对坐标，多半有一条抄错；确是同一个地方的，在地名页“并读另一条记录”；不是的，在“已看过”里写明"
	}
	return f
}

// label is the category in Chinese, in brackets.
func (c Category) label() string {
	return map[Category]string{
		VillageCommittee: "［村委会、居委会驻地］", NaturalVillage: "［自然村］", Natural: "［自然地理实体］", Street: "［街路巷］",
		ResidentialBuilding: "［住宅区、楼宇］", Park: "［公园］", Facility: "［设施］",
	}[c]
}

// standings looks for places without a standard name, divisions without a place, and names and places of divisions that
// have ended.
func (a *audit) standings() {
	lost := map[uuid.UUID][]*AuditedPlace{} // by the ended division they lie in
	for i := range a.Places {
		p := &a.Places[i]
		in, stands := a.divisions[p.Division], a.divisions[p.Represents]
		switch {
		case stands != nil && stands.Ended != "":
			if p.Standard {
				a.add(a.nameOfEnded(p, stands))
			}
		case !p.Standard && (!p.Retired || stands != nil):
			a.add(a.nameless(p))
		case p.Standard && in != nil && in.Ended != "":
			lost[in.ID] = append(lost[in.ID], p)
		}
	}
	for id, places := range lost {
		a.add(a.underEnded(a.divisions[id], places))
	}
	for i := range a.Divisions {
		d := &a.Divisions[i]
		if parent := a.divisions[d.Parent]; d.Ended == "" && parent != nil && parent.Ended != "" {
			a.add(AuditFinding{
				Finding: fault.Finding{
					Code: "parent-ended", Severity: fault.Review, Evidence: []fault.Evidence{d.evidence(), parent.evidence()},
					Detail: fmt.Sprintf("“%s”挂在“%s”之下，后者已于 %s 撤销", d.Name, parent.Name, parent.Ended),
				},
				Cure: "记录区划变更，写明它现在属于哪里",
			})
		}
		if d.Ended == "" && a.stands[d.ID] == nil && a.in(d.ID) {
			a.add(AuditFinding{
				Finding: fault.Finding{
					Code: "place-missing", Severity: fault.Warning, Evidence: []fault.Evidence{d.evidence()},
					Detail: fmt.Sprintf("行政区划“%s”没有对应的地名记录", d.Name),
				},
				Cure: "重新导入这一级区划的名单，地名记录随之补上",
			})
		}
	}
}

func (a *audit) nameless(p *AuditedPlace) AuditFinding {
	return AuditFinding{
		Finding: fault.Finding{
			Code: "standard-name-missing", Severity: fault.Review, Evidence: []fault.Evidence{a.evidenceOf(p, nil)},
			Detail: a.placed(p) + "没有现行的标准地名",
			Clause: "《地名管理条例》第十五条",
		},
		Cure: "申报命名；已不存在的地名，办理销名",
	}
}

func (a *audit) nameOfEnded(p *AuditedPlace, d *AuditedDivision) AuditFinding {
	return AuditFinding{
		Finding: fault.Finding{
			Code: "name-of-ended-division", Severity: fault.Review, Evidence: []fault.Evidence{a.evidenceOf(p, nil), d.evidence()},
			Detail: fmt.Sprintf("行政区划“%s”已于 %s 撤销，“%s”仍是标准地名", d.Name, d.Ended, p.Name),
		},
		Cure: "办理销名，使它成为曾用名",
	}
}

func (a *audit) underEnded(d *AuditedDivision, places []*AuditedPlace) AuditFinding {
	const shown = 5
	f := AuditFinding{Finding: fault.Finding{Code: "division-ended", Severity: fault.Info}, Cure: "不必改动：系统按承接关系查找"}
	heirs := make([]string, 0, len(d.Successors))
	for _, id := range d.Successors {
		if s := a.divisions[id]; s != nil {
			heirs = append(heirs, "“"+s.Name+"”")
		}
	}
	f.Detail = fmt.Sprintf("%d 个地名记在“%s”之下，它已于 %s 撤销，由%s承接", len(places), d.Name, d.Ended, listed(heirs, "个"))
	if len(d.Successors) != 1 {
		f.Severity = fault.Review
		f.Detail = fmt.Sprintf("%d 个地名记在“%s”之下，它已于 %s 撤销，没有唯一的承接区划", len(places), d.Name, d.Ended)
		f.Cure = "逐个写明它们现在在哪个行政区划"
	}
	f.Evidence = []fault.Evidence{d.evidence()}
	for _, p := range places[:min(len(places), shown)] {
		f.Evidence = append(f.Evidence, a.evidenceOf(p, nil))
	}
	return f
}

// positions looks for places whose position lies outside the nearest division above them that has a shape.
func (a *audit) positions() {
	var shapes rtree.RTreeG[*AuditedDivision]
	for i := range a.Divisions {
		if d := &a.Divisions[i]; d.Ended == "" && len(d.Shape) > 0 {
			shapes.Insert(d.Shape.Bound().Min, d.Shape.Bound().Max, d)
		}
	}
	unlocated, unshaped := 0, 0
	for i := range a.Places {
		p := &a.Places[i]
		d := a.shaped(p.Division)
		switch {
		case !p.Standard || !a.in(p.Division):
		case p.Point == nil:
			unlocated++
		case d == nil:
			unshaped++
		default:
			if o := (Outside{DivisionID: d.ID, DivisionName: d.Name, DistanceM: a.area(d).OutsideM(*p.Point)}); o.Far() {
				a.add(a.outside(p, d, o, &shapes))
			}
		}
	}
	if unlocated > 0 {
		a.unchecked("position-missing", "%d 个地名没有坐标，没有检查是否在其行政区划之内", unlocated)
	}
	if unshaped > 0 {
		a.unchecked("shape-missing", "%d 个地名所在的行政区划没有范围，没有检查位置", unshaped)
	}
}

// shaped is the nearest division of the day with a shape, from the one given upwards.
func (a *audit) shaped(id uuid.UUID) *AuditedDivision {
	for d, n := a.divisions[id], 0; d != nil && n < len(Levels)+1; d, n = a.divisions[d.Parent], n+1 {
		if len(d.Shape) > 0 && d.Ended == "" {
			return d
		}
	}
	return nil
}

func (a *audit) area(d *AuditedDivision) *geo.Area {
	area, ok := a.areas[d.ID]
	if !ok {
		area = geo.NewArea(d.Shape)
		a.areas[d.ID] = area
	}
	return area
}

func (a *audit) outside(p *AuditedPlace, d *AuditedDivision, o Outside, shapes *rtree.RTreeG[*AuditedDivision]) AuditFinding {
	var really []*AuditedDivision
	shapes.Search(*p.Point, *p.Point, func(_, _ [2]float64, other *AuditedDivision) bool {
		if other.Level == d.Level && a.area(other).OutsideM(*p.Point) == 0 {
			really = append(really, other)
		}
		return true
	})
	slices.SortFunc(really, func(c, d *AuditedDivision) int { return cmp.Compare(c.order(), d.order()) })
	on := "不在任何已知的同级区划之内"
	f := AuditFinding{Finding: fault.Finding{Code: "outside-division", Severity: fault.Review}}
	division := d.evidence()
	division.DistanceM = &o.DistanceM
	f.Evidence = []fault.Evidence{a.evidenceOf(p, nil), division}
	if len(really) > 0 {
		on = "落在“" + really[0].Name + "”"
		f.Evidence = append(f.Evidence, really[0].evidence())
	}
	f.Detail = fmt.Sprintf("%s的坐标在“%s”之外 %.1f 公里，%s", a.placed(p), o.DivisionName, o.DistanceM/1000, on)
	f.Cure = "核对坐标（经纬度是否写反、坐标系是否标错）和所在行政区划，改正错的一项"
	return f
}
