package boundsql

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// lineColumns are the headings of a file of lines or of sections: the properties of the collections, and those of files of
// shared edges, which name two divisions and call them left and right whatever the side.
var lineColumns = feature.Columns{
	Fields: map[string][]string{
		"id": nil, "name": {"名称", "界线名称"}, "code": {"代码", "界线编码"}, "level": {"line_level", "级别"},
		"partyA": {"甲方"}, "partyB": {"乙方"}, "divisionA": {"left"}, "divisionB": {"right"},
		"divisionAName": {"left_name"}, "divisionBName": {"right_name"}, "legalStatus": {"法律状态"},
		"publishedLengthM": {"公布长度"}, "validFrom": {"生效日期"}, "validTo": {"失效日期"}, "sourceDocument": {"来源"},
	},
	Ignored: []string{"line", "lengthM", "synthetic", "notice", "source", "asOf", "asOfIs", "edgeMatched"},
}

// declared is what a file says of a line beyond its geometry.
type declared struct {
	row             int
	name, code      string
	a, b            *boundary.Division // parties in the order declared; nil when not
	publishedM      *float64
	publishedSource string
	from, to        time.Time
}

// lineRun is an import of lines under way.
type lineRun struct {
	*gazsql.Run
	divisions *divisions
	sections  []boundary.Section
	declared  map[[2]uuid.UUID]declared // by party ids, the smaller first
}

// ImportLines reads lines, or the sections of lines, as GeoJSON lines. Rows that name two counties of one province are
// sections of their county line; of two provinces, of the provincial line, whose geometry is all its sections joined.
// Lines are named, coded and oriented as package boundary says; parties are those declared, else proposed by code order.
//
// Every line imported has the legal status reference: an import carries no agreement, approval and publication. A line
// that is there with the same geometry is left unchanged; another geometry needs a day (ValidFrom or validFrom) and makes
// a new version, unless the present one was approved ("line-approved").
//
// Errors: those of gazsql.Import.Begin and gazsql.Run.Commit; Conflict "version-changed" where a line got another version while the file was read. Row codes: "division-unknown", "division-missing",
// "same-division", "geometry-kind", "line-empty", "bad-level", "bad-number", "bad-day", "level-differs",
// "changed-undated", "line-approved"; remarks "status-not-taken", "name-differs", "side-unknown", "parties-by-code".
func (s *Store) ImportLines(ctx context.Context, actor gazetteer.Actor, now time.Time, in gazsql.Import) (gazsql.ImportReport, error) {
	base, err := in.Begin("lines", lineColumns)
	if err != nil {
		return gazsql.ImportReport{}, err
	}
	r := &lineRun{Run: base, declared: map[[2]uuid.UUID]declared{}}
	if r.divisions, err = loadDivisions(ctx, s.db); err != nil {
		return r.Report, err
	}
	err = r.Each(ctx, func(rec feature.Record, _ orb.Geometry) error {
		r.take(rec)
		return nil
	})
	if err != nil {
		return r.Report, err
	}
	plan, err := s.planLines(ctx, r, now)
	if err != nil {
		return r.Report, err
	}
	return r.Commit(ctx, gazsql.New(s.db), actor, now, func(tx pgx.Tx, document uuid.UUID) error {
		if err := plan.record(ctx, tx, actor, now, document); err != nil {
			return err
		}
		return s.bringAlong(ctx, tx, actor, now, plan.revised())
	})
}

// take judges one row and keeps its section.
func (r *lineRun) take(rec feature.Record) {
	var parts orb.MultiLineString
	switch g := rec.Geometry.(type) {
	case orb.LineString:
		parts = orb.MultiLineString{g}
	case orb.MultiLineString:
		parts = g
	case nil:
		r.Complain(rec.Line, "geometry-kind", "这一行没有图形：界线须为线")
		return
	default:
		r.Complain(rec.Line, "geometry-kind", "这一行的图形是 %s：界线须为线", g.GeoJSONType())
		return
	}
	if _, err := geo.NewChain(parts); err != nil {
		r.Complain(rec.Line, "line-empty", "这一行的线没有长度：至少要有两个不同的点")
		return
	}
	section := boundary.Section{Parts: parts, Row: rec.Line}
	named := "division"
	if rec.Fields["divisionA"] == "" && rec.Fields["divisionB"] == "" {
		named = "party"
	}
	var ok bool
	if section.A, ok = r.division(rec, named+"A"); !ok {
		return
	}
	if section.B, ok = r.division(rec, named+"B"); !ok {
		return
	}
	if section.A.ID == section.B.ID {
		r.Complain(rec.Line, "same-division", "两侧都是 %s：界线须分开两个行政区划", section.A.Name)
		return
	}
	level, a, b, ok := boundary.Parted(section.A, section.B)
	if !ok {
		r.Complain(rec.Line, "same-division", "%s 与 %s 之间没有省、县、乡级界线", section.A.Name, section.B.Name)
		return
	}
	if !r.declare(rec, level, a, b) {
		return
	}
	r.sections = append(r.sections, section)
}

// division finds the division a row names.
func (r *lineRun) division(rec feature.Record, field string) (*boundary.Division, bool) {
	text := strings.TrimSpace(rec.Fields[field])
	if text == "" {
		r.Complain(rec.Line, "division-missing", "没有写明 %s：请给出两侧的行政区划代码（divisionA、divisionB，或 partyA、partyB）", field)
		return nil, false
	}
	d := r.divisions.find(text)
	if d == nil {
		r.Complain(rec.Line, "division-unknown", "库中没有行政区划“%s”（或不止一个）：请先导入行政区划，或写代码", text)
		return nil, false
	}
	if name := strings.TrimSpace(rec.Fields[field+"Name"]); name != "" && name != d.Name {
		r.Remark(rec.Line, "name-differs", fault.Warning, "%s 在库中是“%s”，文件写作“%s”", text, d.Name, name)
	}
	return d, true
}

// declare keeps what the row says of its line; false when that contradicts itself.
func (r *lineRun) declare(rec feature.Record, level boundary.Level, a, b *boundary.Division) bool {
	d := declared{row: rec.Line, code: strings.TrimSpace(rec.Fields["code"])}
	if text := rec.Fields["level"]; text != "" {
		given, err := boundary.ParseLevel(text)
		if err != nil {
			r.Complain(rec.Line, "bad-level", "不认识的界线级别“%s”：可用 province、county、township", text)
			return false
		}
		if given != level {
			r.Complain(rec.Line, "level-differs", "文件写作 %s 级，而 %s 与 %s 之间是 %s 级界线", given, a.Name, b.Name, level)
			return false
		}
	}
	if rec.Fields["divisionA"] == "" {
		d.name = strings.TrimSpace(rec.Fields["name"]) // else it is the section's
	}
	if rec.Fields["partyA"] != "" && rec.Fields["partyB"] != "" {
		d.a, d.b = r.divisions.find(rec.Fields["partyA"]), r.divisions.find(rec.Fields["partyB"])
		if d.a == nil || d.b == nil || !(d.a.ID == a.ID && d.b.ID == b.ID || d.a.ID == b.ID && d.b.ID == a.ID) {
			r.Complain(rec.Line, "division-unknown", "甲方“%s”、乙方“%s”不是这条界线的双方（%s、%s）", rec.Fields["partyA"], rec.Fields["partyB"], a.Name, b.Name)
			return false
		}
	}
	if status := rec.Fields["legalStatus"]; status != "" && status != string(boundary.Reference) {
		r.Remark(rec.Line, "status-not-taken", fault.Warning, "文件写作“%s”，但没有协议书、批准文件和公布文件，按 reference（示意）记入", status)
	}
	if text := rec.Fields["publishedLengthM"]; text != "" {
		m, err := strconv.ParseFloat(text, 64)
		if err != nil || !(m > 0) {
			r.Complain(rec.Line, "bad-number", "公布长度“%s”不是正数（米）", text)
			return false
		}
		d.publishedM, d.publishedSource = &m, rec.Fields["sourceDocument"]
	}
	var ok bool
	if d.from, d.to, ok = r.validity(rec); !ok {
		return false
	}
	if _, there := r.declared[pairOf(a, b)]; !there {
		r.declared[pairOf(a, b)] = d
	}
	return true
}

// validity reads the span of days of a row.
func (r *lineRun) validity(rec feature.Record) (from, to time.Time, ok bool) {
	from = r.ValidFrom
	for _, f := range []struct {
		field string
		into  *time.Time
	}{{"validFrom", &from}, {"validTo", &to}} {
		text := rec.Fields[f.field]
		if text == "" {
			continue
		}
		day, err := gazsql.ParseDay(f.field, text)
		if err != nil {
			r.RowError(rec.Line, err)
			return from, to, false
		}
		*f.into = day
	}
	if !to.IsZero() && !from.Before(to) {
		r.Complain(rec.Line, "bad-day", "失效日期 %s 不在生效日期之后", to.Format(time.DateOnly))
		return from, to, false
	}
	return from, to, true
}

// pairOf names two divisions whatever their order.
func pairOf(a, b *boundary.Division) [2]uuid.UUID {
	if b.ID.String() < a.ID.String() {
		a, b = b, a
	}
	return [2]uuid.UUID{a.ID, b.ID}
}
