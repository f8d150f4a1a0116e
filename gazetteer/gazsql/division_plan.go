package gazsql

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// divisionPlan is what an import of divisions will do, row by row.
type divisionPlan struct {
	created []*divisionRow // new divisions, parents before children
	shapes  []*divisionRow // new shapes of new or known divisions
	renamed []*divisionRow // known divisions whose name or parent changed, with a day from which
	refined []*divisionRow // known divisions whose parent is now known more closely
	stats   []*divisionRow // known divisions that get their 12-digit code
	places  []*divisionRow // divisions that get their place
	points  []*divisionRow // known places that get a point
	reshape map[uuid.UUID]bool

	succeeded []*divisionRow // rows given under the code of a predecessor
}

// fileDivisions are the rows of a file by code.
type fileDivisions map[gazetteer.DivisionCode][]*divisionRow

// at returns the row that has the code on the day.
func (f fileDivisions) at(code gazetteer.DivisionCode, day time.Time) *divisionRow {
	for _, row := range f[code] {
		if overlap(day, day.AddDate(0, 0, 1), row.from, row.to) {
			return row
		}
	}
	return nil
}

// planDivisions compares the rows with what is there. A row that cannot be taken takes those below it with it.
func (r *Run) planDivisions(rows []*divisionRow, known knownDivisions) *divisionPlan {
	p := &divisionPlan{reshape: map[uuid.UUID]bool{}}
	rows = r.withProvinces(rows, known)
	slices.SortStableFunc(rows, func(a, b *divisionRow) int {
		return slices.Index(gazetteer.Levels, a.level) - slices.Index(gazetteer.Levels, b.level)
	})
	taken := fileDivisions{}
	for _, row := range rows {
		if !row.hang(taken, known) {
			r.Complain(row.line, "parent-missing", "%s %s 的上级 %s 既不在文件里，也不在库里：请先导入上级", row.code, row.name, row.parentCode)
			continue
		}
		if row.succeeded != nil {
			p.succeeded = append(p.succeeded, row)
		}
		k, there := known.ending(row.code, row.to)
		if there {
			row.id = k.ID
			taken[row.code] = append(taken[row.code], row)
			p.compare(r, row, k, known)
			continue
		}
		if k, ok := known.overlapping(row.code, row.from, row.to); ok {
			r.Complain(row.line, "code-in-use", "代码 %s 在这段时间里已是“%s”：请给出“%s”的起止日期（validFrom、validTo）", row.code, k.Name, row.name)
			continue
		}
		row.id = NewID()
		taken[row.code] = append(taken[row.code], row)
		p.create(r, row)
	}
	return p
}

func (p *divisionPlan) create(r *Run, row *divisionRow) {
	r.Report.Created++
	r.Report.Counts[string(row.level)]++
	r.remarkCharacters(row.line, row.name)
	p.created = append(p.created, row)
	p.places = append(p.places, row)
	if row.shape != nil {
		p.shapes = append(p.shapes, row)
	}
}

// hang finds the parent of a row as it was on the row's last day, among the rows taken, then among what is there. It
// reports false when a row that needs a parent has none.
func (row *divisionRow) hang(taken fileDivisions, known knownDivisions) bool {
	if row.parentCode == "" {
		return true
	}
	day := lastDay(row.to)
	if up := taken.at(row.parentCode, day); up != nil {
		row.parent = up.id
		return true
	}
	k, ok := known.overlapping(row.parentCode, day, day.AddDate(0, 0, 1))
	row.parent = k.ID
	return ok
}

// withProvinces hangs counties whose prefecture neither the file nor the record has on their province, and adds the bare
// province where that is missing as well.
func (r *Run) withProvinces(rows []*divisionRow, known knownDivisions) []*divisionRow {
	there := map[gazetteer.DivisionCode]bool{}
	for _, row := range rows {
		there[row.code] = true
	}
	has := func(code gazetteer.DivisionCode) bool { return there[code] || len(known[code]) > 0 }
	var added []*divisionRow
	for _, row := range rows {
		if row.level != gazetteer.County && row.level != gazetteer.Prefecture || row.parentCode == "" || has(row.parentCode) {
			continue
		}
		up := row.parentCode[:2] + "0000"
		name := gazetteer.ProvinceName(up)
		if name == "" {
			continue
		}
		if row.parentCode != up {
			r.Remark(row.line, "prefecture-missing", fault.Info, "%s 的上级 %s 不在文件里，也不在库里：暂归入%s", row.name, row.parentCode, name)
			row.parentCode = up
		}
		if has(up) {
			continue
		}
		there[up] = true
		added = append(added, &divisionRow{
			code: up, system: gazetteer.GBT2260, name: name, level: gazetteer.Province,
			kind: gazetteer.KindOf(gazetteer.Province, name),
		})
		r.Remark(row.line, "province-added", fault.Info, "文件只给出代码 %s，已补记 %s", up, name)
	}
	return append(added, rows...)
}

// compare decides what a row changes in a division that is there.
func (p *divisionPlan) compare(r *Run, row *divisionRow, k knownDivision, known knownDivisions) {
	if !row.to.IsZero() {
		p.comparePast(r, row, k)
		return
	}
	moved := row.stated && k.Parent != nil && *k.Parent != row.parent
	refined := moved && row.refines(*k.Parent, known)
	renamed := row.name != k.Name || moved && !refined
	changed := renamed || refined
	switch {
	case renamed && row.from.IsZero():
		r.Complain(row.line, "changed-undated", "%s 在库里是“%s”，文件里是“%s”，或上级不同：变更须有生效日期（--valid-from 或 validFrom 列）", row.code, k.Name, row.name)
		return
	case renamed && !k.From.IsZero() && !row.from.After(k.From):
		r.Complain(row.line, "changed-too-early", "%s 现为“%s”，自 %s 起：变更的生效日期须在其后", row.code, k.Name, k.From.Format(time.DateOnly))
		return
	case renamed:
		r.remarkCharacters(row.line, row.name)
		p.renamed = append(p.renamed, row)
	case refined:
		p.refined = append(p.refined, row)
	}
	reshaped, ok := p.compareShape(r, row, k)
	if !ok {
		return
	}
	changed = changed || reshaped
	if row.stat != "" && !k.Stat {
		p.stats = append(p.stats, row)
		changed = true
	}
	changed = p.comparePlace(r, row, k) || changed
	if changed {
		r.Report.Changed++
		r.Report.Counts[string(row.level)]++
	} else {
		r.Report.Unchanged++
	}
}

// comparePast leaves a version of the past as it is.
func (p *divisionPlan) comparePast(r *Run, row *divisionRow, k knownDivision) {
	if row.name != k.Name {
		r.Complain(row.line, "past-differs", "%s 在 %s 以前在库里是“%s”，文件里是“%s”：既往的记录不由导入改写", row.code, row.to.Format(time.DateOnly), k.Name, row.name)
		return
	}
	r.Report.Unchanged++
}

// refines reports whether the row's parent lies between it and the parent it had: 广安市 between 邻水县 and 四川省.
func (row *divisionRow) refines(had uuid.UUID, known knownDivisions) bool {
	province, ok := known.current(row.code[:2] + "0000")
	return ok && row.level == gazetteer.County && province.ID == had && gazetteer.LevelOf(row.parentCode) == gazetteer.Prefecture
}

// compareShape reports whether the shape changes; false second when it cannot be taken.
func (p *divisionPlan) compareShape(r *Run, row *divisionRow, k knownDivision) (changed, ok bool) {
	if row.shape == nil || k.Shape != nil && orb.Equal(k.Shape, row.shape) {
		return false, true
	}
	if k.Shape != nil && row.from.IsZero() {
		r.Complain(row.line, "shape-undated", "%s 的图形与库里不同：图形变更须有生效日期（--valid-from 或 validFrom 列）", row.name)
		return false, false
	}
	p.reshape[row.id] = k.Shape != nil
	p.shapes = append(p.shapes, row)
	return true, true
}

// samePlaceM is how far apart two positions may be and count as one, in metres.
const samePlaceM = 1.0

// comparePlace reports whether the division gets a place or its place a point. A point that is there is kept.
func (p *divisionPlan) comparePlace(r *Run, row *divisionRow, k knownDivision) bool {
	switch {
	case !k.Place:
		p.places = append(p.places, row)
		return true
	case row.point == nil:
		return false
	case k.Position == nil:
		p.points = append(p.points, row)
		return true
	}
	if at, ok := k.Position.(orb.Point); ok {
		if m := geo.DistanceM(at, *row.point); m > samePlaceM {
			r.Remark(row.line, "position-kept", fault.Warning, "%s 的驻地点与库里相距 %.0f 米：保留库里的位置", row.name, m)
		}
	}
	return false
}
