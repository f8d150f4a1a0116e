package gazsql

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// divisionColumns are the headings of a list or a polygon file of divisions: ours, and those of lists in use.
var divisionColumns = feature.Columns{
	Fields: map[string][]string{
		"code": {"代码", "行政区划代码", "区划代码"}, "name": {"名称", "行政区划名称"}, "level": {"级别", "等级"},
		"parentCode": {"parent", "上级代码", "上级"}, "province": nil, "gbCode": {"adcode", "国标代码"},
		"lon": {"longitude", "经度"}, "lat": {"latitude", "纬度"},
		"validFrom": {"生效日期"}, "validTo": {"失效日期"}, "sourceDocument": {"来源"},
		"id": nil, "codeSystem": nil, "kind": nil, "synthetic": nil, "virtual": {"虚拟"},
	},
	Ignored: []string{
		"rank", "post_code", "area_code", "ur_code", "municipality", "dummy", "center", "city", "county", "town", "village",
		"derived", "derivation", "parentName", "fullName", "notice", "source", "asOf", "asOfIs", "edgeMatched",
	},
}

// divisionRow is one division of a file, judged.
type divisionRow struct {
	line       int
	code       gazetteer.DivisionCode // canonical for its level
	system     gazetteer.CodeSystem
	stat       gazetteer.DivisionCode // the 12 digits as written, if so
	name       string
	office     string
	level      gazetteer.Level
	kind       gazetteer.Kind
	parentCode gazetteer.DivisionCode // canonical; empty for a province
	stated     bool                   // the file names the parent; else it follows from the code
	point      *orb.Point
	given      orb.Geometry
	shape      orb.MultiPolygon
	from, to   time.Time
	succeeded  *gazetteer.Succession

	id     uuid.UUID
	parent uuid.UUID
}

// ImportDivisions reads a list or polygons of divisions: each gets its codes, its name, its parent, its shape where the
// file has one, and its place. A division that is there already is found by its code and not doubled.
//
// Rows of 市辖区 and 县 below a municipality are headings, not divisions: they are reported ("virtual-row") and passed
// over, their children hang on the municipality. A code that was succeeded as a whole since is read as its successor
// ("code-succeeded"). A row with validTo is a division of the past: it is found again by its last day, and a code may have
// had several. Errors: those of Import.Begin and Run.Commit; Refused "frame-suspect" when the points lie as if they were in
// another frame than declared.
func (s *Store) ImportDivisions(ctx context.Context, actor gazetteer.Actor, now time.Time, in Import) (ImportReport, error) {
	run, err := in.Begin("divisions", divisionColumns)
	if err != nil {
		return ImportReport{}, err
	}
	rows, err := run.divisionRows(ctx)
	if err != nil {
		return run.Report, err
	}
	return s.alone(ctx, actor, func(int) {}, func(s *Store) (ImportReport, error) {
		known, err := s.divisionsByCode(ctx)
		if err != nil {
			return run.Report, err
		}
		if err := run.checkFrame(rows, known); err != nil {
			return run.Report, err
		}
		plan := run.planDivisions(rows, known)
		return run.Commit(ctx, s, actor, now, func(tx pgx.Tx, document uuid.UUID) error {
			return plan.record(ctx, tx, now, document, run)
		})
	})
}

// divisionRows reads and judges every row.
func (r *Run) divisionRows(ctx context.Context) ([]*divisionRow, error) {
	var rows []*divisionRow
	byCode := map[gazetteer.DivisionCode][]*divisionRow{}
	virtual := map[gazetteer.DivisionCode]gazetteer.DivisionCode{}
	uncertain := 0
	err := r.Each(ctx, func(rec feature.Record, given orb.Geometry) error {
		row, ok := r.divisionRow(rec, given)
		if !ok {
			return nil
		}
		if gazetteer.Virtual(row.level, row.name) || isTrue(rec.Fields["virtual"]) {
			virtual[row.code] = row.parentCode
			r.Report.Passed++
			r.Remark(row.line, "virtual-row", fault.Info, "%s %s 是统计用的虚拟行，不是行政区划：不导入，其下级归入上一级", row.code, row.name)
			return nil
		}
		for _, other := range byCode[row.code] {
			if overlap(row.from, row.to, other.from, other.to) {
				r.Complain(row.line, "code-twice", "代码 %s（%s）与第 %d 行重复", row.code, row.name, other.line)
				return nil
			}
		}
		byCode[row.code] = append(byCode[row.code], row)
		if row.level == gazetteer.Village {
			if _, certain := gazetteer.SeatName(row.name); !certain {
				uncertain++
			}
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if up, ok := virtual[row.parentCode]; ok {
			row.parentCode = up
		}
	}
	if uncertain > 0 {
		r.Remark(0, "seat-name-unclear", fault.Info, "%d 个居民委员会的名称没有写明社区名，其驻地地名按原名称去掉“居委会”记入，请核对", uncertain)
	}
	return rows, nil
}

func isTrue(s string) bool { return s == "t" || s == "true" || s == "1" || s == "是" }

// divisionRow judges one row on its own; false when it cannot be taken.
func (r *Run) divisionRow(rec feature.Record, given orb.Geometry) (*divisionRow, bool) {
	row := &divisionRow{line: rec.Line, name: strings.TrimSpace(rec.Fields["name"]), given: given}
	code, system, err := gazetteer.ParseCode(rec.Fields["code"])
	if err != nil {
		r.RowError(rec.Line, err)
		return nil, false
	}
	if row.name == "" {
		r.Complain(rec.Line, "name-missing", "代码 %s 没有名称", code)
		return nil, false
	}
	if err := checkLetters(row.name); err != nil {
		r.RowError(rec.Line, err)
		return nil, false
	}
	row.level = gazetteer.LevelOf(code)
	if text := rec.Fields["level"]; text != "" {
		if row.level, err = gazetteer.ParseLevel(text); err != nil {
			r.RowError(rec.Line, err)
			return nil, false
		}
	}
	if slices.Index(gazetteer.Levels, gazetteer.LevelOf(code)) > slices.Index(gazetteer.Levels, row.level) {
		r.Complain(rec.Line, "level-differs", "代码 %s 低于“%s”的级别 %s：请改正代码或级别", code, row.name, row.level)
		return nil, false
	}
	if system == gazetteer.Stat12 {
		row.stat = code
	}
	row.code, row.system = gazetteer.Canonical(code, row.level)
	row.succeed(r)
	row.kind = gazetteer.KindOf(row.level, row.name)
	row.name, row.office = gazetteer.OfficialName(row.level, row.name)
	if row.level != gazetteer.Province {
		row.parentCode = gazetteer.ParentByCode(code, row.level)
		up := rec.Fields["parentCode"]
		row.stated = up != ""
		if province, _, err := gazetteer.ParseCode(rec.Fields["province"]); up == "" && err == nil {
			up = string(province) // a file that gives the code of the province; others give its name
		}
		if up != "" {
			if row.parentCode, _, err = gazetteer.ParseCode(up); err != nil {
				r.RowError(rec.Line, err)
				return nil, false
			}
			row.parentCode, _ = gazetteer.Canonical(row.parentCode, gazetteer.LevelOf(row.parentCode))
		}
		if s, ok := gazetteer.SuccessorOf(row.parentCode); ok {
			row.parentCode = s.New
		}
	}
	if row.from, row.to, err = r.validity(rec); err != nil {
		r.RowError(rec.Line, err)
		return nil, false
	}
	return row, r.position(row, rec.Geometry)
}

// succeed reads an old county code as its successor.
func (row *divisionRow) succeed(r *Run) {
	if row.level != gazetteer.County {
		return
	}
	if s, ok := gazetteer.SuccessorOf(row.code); ok {
		r.Remark(row.line, "code-succeeded", fault.Warning, "%s %s 已于 %s 撤销，设立 %s %s：按后者记入，并记下沿革",
			s.Old, s.OldName, s.On.Format(time.DateOnly), s.New, s.NewName)
		row.succeeded, row.code, row.name, row.stat = &s, s.New, s.NewName, ""
	}
}

// validity reads the span of days of a row.
func (r *Run) validity(rec feature.Record) (from, to time.Time, err error) {
	from = r.ValidFrom
	for _, f := range []struct {
		field, said string
		into        *time.Time
	}{{"validFrom", "启用日期", &from}, {"validTo", "停用日期", &to}} {
		text := rec.Fields[f.field]
		if text == "" {
			continue
		}
		if *f.into, err = ParseDay(f.said, text); err != nil {
			return from, to, err
		}
	}
	if !to.IsZero() && !from.Before(to) {
		return from, to, fault.New(fault.Malformed, "bad-span", "停用日期 %s 不在启用日期之后：请核对这两列", to.Format(time.DateOnly))
	}
	return from, to, nil
}

// position takes a point or an area from the row's geometry.
func (r *Run) position(row *divisionRow, g orb.Geometry) (ok bool) {
	switch g := g.(type) {
	case nil:
		return true
	case orb.Point:
		row.point = &g
		return true
	case orb.Polygon, orb.MultiPolygon:
		row.shape, ok = r.area(row.line, row.name, g)
		return ok
	}
	r.Complain(row.line, "geometry-kind", "%s 的图形是 %s：行政区划的图形应为面，或为驻地的点", row.name, g.GeoJSONType())
	return false
}

// area takes an area from a row's geometry, with what is wrong with it.
func (r *Run) area(line int, name string, g orb.Geometry) (shape orb.MultiPolygon, ok bool) {
	switch g := g.(type) {
	case orb.Polygon:
		shape = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		shape = g
	default:
		r.Complain(line, "geometry-kind", "%s 没有面状图形：应为面（Polygon 或 MultiPolygon）", name)
		return nil, false
	}
	ok = true
	for _, f := range geo.CheckPolygon(shape) {
		if f.Severity == fault.Block {
			r.Complain(line, f.Code, "%s 的图形有误：%s", name, f.Detail)
			ok = false
		} else {
			r.Remark(line, f.Code, f.Severity, "%s：%s", name, f.Detail)
		}
	}
	return shape, ok
}
