package boundsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// lineChange is a line to register, or a new version of one that is there.
type lineChange struct {
	boundary.Line
	declared
	id          uuid.UUID
	known       *knownLine // nil for a new line
	right       *boundary.Division
	partySource string
}

// linePlan is what registering lines will do.
type linePlan struct {
	changes   []lineChange
	frame     string
	synthetic bool
}

// knownLine is a line as its latest version stands.
type knownLine struct {
	ID, Version uuid.UUID
	Open        bool // it stands
	PartyA      uuid.UUID
	PartyB      uuid.UUID
	LegalStatus string
	Geom        orb.MultiLineString
	Sections    int
	Since       *time.Time // first day of the version; nil when open
}

// knownLines gathers the latest version of every line by its parties.
func knownLines(ctx context.Context, db postgis.Conn) (map[[2]uuid.UUID]*knownLine, error) {
	known := map[[2]uuid.UUID]*knownLine{}
	err := each(ctx, db, `
		select l.id, v.id as version, upper_inf(v.valid) as open, l.party_a, l.party_b, v.legal_status, v.geom,
		       (select count(*)::int from section s where s.line_version_id = v.id) as sections,
		       lower(v.valid) as since
		from line l
		join lateral (select * from line_version v where v.line_id = l.id order by upper(v.valid) desc nulls first limit 1) v on true`,
		func(k knownLine) error {
			pair := [2]uuid.UUID{k.PartyA, k.PartyB}
			if k.PartyB.String() < k.PartyA.String() {
				pair = [2]uuid.UUID{k.PartyB, k.PartyA}
			}
			known[pair] = &k
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("gather lines: %w", err)
	}
	return known, nil
}

// planLines puts the sections of a run together to lines and compares them with what is there.
func (s *Store) planLines(ctx context.Context, r *lineRun, now time.Time) (*linePlan, error) {
	lines, _, err := boundary.Assemble(r.sections)
	if err != nil {
		return nil, err
	}
	known, err := knownLines(ctx, s.db)
	if err != nil {
		return nil, err
	}
	plan := &linePlan{frame: strings.ToLower(string(r.Frame)), synthetic: r.Synthetic}
	for _, line := range lines {
		c := lineChange{Line: line, declared: r.declared[pairOf(line.A, line.B)], known: known[pairOf(line.A, line.B)]}
		r.Report.Counts["lines"]++
		r.Report.Counts[string(line.Level)]++
		r.Report.Counts["sections"] += len(line.Sections)
		for _, section := range line.Sections {
			if len(section.Parts) > 1 {
				r.Report.Counts["severalParts"]++
			}
		}
		if r.keep(&c) {
			plan.changes = append(plan.changes, c)
		}
	}
	if len(plan.changes) == 0 {
		return plan, nil
	}
	proposed := 0
	for _, c := range plan.changes {
		if c.known == nil && c.declared.a == nil {
			proposed++
		}
	}
	if proposed > 0 {
		r.Remark(0, "parties-by-code", fault.Info, "%d 条界线的甲方、乙方未写明，%s", proposed, boundary.CodeOrder)
	}
	return plan, s.findSides(ctx, r, plan, now)
}

// keep decides whether a line of the file changes anything, and completes what will be registered.
func (r *lineRun) keep(c *lineChange) bool {
	if c.known == nil {
		r.Report.Created++
		c.id = gazsql.NewID()
		c.settle()
		return true
	}
	if orb.Equal(c.known.Geom, c.Geometry) && c.known.Sections == len(c.Sections) {
		r.Report.Unchanged++
		return false
	}
	switch boundary.LegalStatus(c.known.LegalStatus) {
	case boundary.Signed, boundary.InForce, boundary.UnderChange, boundary.Superseded:
		r.Complain(c.row, "line-approved", "%s 已经签订或批准，图形不能由导入改动（《行政区域界线管理条例》第二条、第九条）", c.Line.Name)
		return false
	}
	if c.from.IsZero() {
		r.Complain(c.row, "changed-undated", "%s 的图形与库中不同：须有生效日期（--valid-from 或 validFrom 列）", c.Line.Name)
		return false
	}
	if since := c.known.Since; since != nil && !since.Before(c.from) {
		r.Complain(c.row, "changed-undated", "%s 的图形与库中不同：生效日期须晚于现有版本的 %s", c.Line.Name, since.Format(time.DateOnly))
		return false
	}
	r.Report.Changed++
	c.id = c.known.ID
	return true
}

// settle fixes name, code and parties of a new line: as declared, else as proposed.
func (c *lineChange) settle() {
	if c.declared.name != "" {
		c.Line.Name = c.declared.name
	}
	if c.declared.code != "" && c.declared.code != c.Line.Code {
		c.Line.Code, c.Scheme = c.declared.code, "declared"
	}
	c.partySource = boundary.CodeOrder
	if c.declared.a != nil {
		c.Line.A, c.Line.B, c.partySource = c.declared.a, c.declared.b, "文件所列"
	}
}

// findSides tells which party of each new line lies to its right.
func (s *Store) findSides(ctx context.Context, r *lineRun, plan *linePlan, now time.Time) error {
	counties, err := loadShapes(ctx, s.db, r.divisions, gazetteer.County, beijing.Day(now))
	if err != nil {
		return err
	}
	provinces, err := loadShapes(ctx, s.db, r.divisions, gazetteer.Province, beijing.Day(now))
	if err != nil {
		return err
	}
	sides := sidesOf(counties, provinces)
	unknown := 0
	for i := range plan.changes {
		c := &plan.changes[i]
		if c.right = c.RightParty(sides); c.right == nil {
			unknown++
		}
	}
	if unknown > 0 {
		r.Remark(0, "side-unknown", fault.Warning, "%d 条界线两侧没有行政区划图形，不知道哪一方在右侧：偏离的左右暂不对应到某一方", unknown)
	}
	return nil
}

// record writes the plan.
func (p *linePlan) record(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, document uuid.UUID) error {
	if err := turnAtLines(ctx, tx); err != nil {
		return err
	}
	var lines, versions, sections [][]any
	for _, c := range p.changes {
		if c.known == nil {
			lines = append(lines, []any{
				c.id, string(c.Level), c.Line.Name, nilText(c.Line.Code), nilText(c.Scheme), c.Line.A.ID, c.Line.B.ID, c.partySource,
				idOf(c.right), p.synthetic, now,
			})
		} else if c.known.Open {
			if err := closeVersion(ctx, tx, c.known.Version, c.from); err != nil {
				return err
			}
		}
		version := gazsql.NewID()
		versions = append(versions, []any{
			version, c.id, string(boundary.Reference), c.Geometry, c.LengthM, c.publishedM, nilText(c.publishedSource),
			document, p.frame, gazsql.Span(c.from, c.to), now,
		})
		for _, section := range c.Sections {
			sections = append(sections, sectionRow(c.id, version, section.A.ID, section.B.ID, section.Parts))
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"line", []string{"id", "level", "name", "code", "code_scheme", "party_a", "party_b", "party_source", "right_party", "synthetic", "recorded_at"}, lines},
		{"line_version", []string{
			"id", "line_id", "legal_status", "geom", "length_m", "published_length_m", "published_source", "document_id", "frame", "valid", "recorded_at",
		}, versions},
		{"section", sectionColumns, sections},
	} {
		if err := copyRows(ctx, tx, t.table, t.columns, t.rows); err != nil {
			return err
		}
	}
	if err := settleNodes(ctx, tx, now, p.lines()...); err != nil {
		return err
	}
	return p.journal(ctx, tx, actor, now, document)
}

// lines are those that the plan registers or changes.
func (p *linePlan) lines() (ids []uuid.UUID) {
	for _, c := range p.changes {
		ids = append(ids, c.id)
	}
	return ids
}

// revised are the new courses of lines that were there.
func (p *linePlan) revised() map[uuid.UUID]orb.MultiLineString {
	courses := map[uuid.UUID]orb.MultiLineString{}
	for _, c := range p.changes {
		if c.known != nil {
			courses[c.id] = c.Geometry
		}
	}
	return courses
}

// sectionColumns are the columns of table section that sectionRow fills.
var sectionColumns = []string{"id", "line_id", "line_version_id", "division_a", "division_b", "geom", "length_m"}

// sectionRow is a section of a version of a line, with an id of its own and its length on the ellipsoid.
func sectionRow(line, version, a, b uuid.UUID, parts orb.MultiLineString) []any {
	return []any{gazsql.NewID(), line, version, a, b, parts, geo.LengthM(parts)}
}

func (p *linePlan) journal(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, document uuid.UUID) error {
	for _, c := range p.changes {
		verb := "register"
		if c.known != nil {
			verb = "revise"
		}
		err := gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "line/" + c.id.String(), Verb: verb, Cites: []uuid.UUID{document},
			After: map[string]any{
				"name": c.Line.Name, "partyA": c.Line.A.Name, "partyB": c.Line.B.Name, "partySource": c.partySource, "lengthM": c.LengthM,
				"sections": len(c.Sections), "legalStatus": boundary.Reference,
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// turnAtLines makes those who make new versions of lines wait for each other until the transaction ends: where the ends of one are, the
// course of another is looked at, which must not become another meanwhile.
func turnAtLines(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.lines'), 0)`)
	return err
}

// closeVersion ends the version of a line that stands on the day. Error: Conflict "version-changed" where another stands by now than
// that which was read: an agreement was approved meanwhile, say, and what was read is no more what is replaced.
func closeVersion(ctx context.Context, tx pgx.Tx, version uuid.UUID, on time.Time) error {
	closed, err := tx.Exec(ctx, `update line_version set valid = daterange(lower(valid), $2) where id = $1 and upper_inf(valid)`, version, on)
	if err != nil {
		return fmt.Errorf("close version %s of a line: %w", version, err)
	}
	if closed.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "version-changed", "办理期间有界线有了新的版本，什么也没有改变：请按现在的界线重新办理")
	}
	return nil
}

func idOf(d *boundary.Division) *uuid.UUID {
	if d == nil {
		return nil
	}
	return &d.ID
}
