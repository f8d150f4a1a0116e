package boundsql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/coverage"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// Derive says which lines to derive from the shapes of counties.
type Derive struct {
	Within    string             // code of a province: only lines with it on one side at least; empty: all
	Document  gazetteer.Document // what the shapes come from; Title is needed
	Frame     string             // of the shapes as they came; empty: 4490
	Synthetic bool
	DryRun    bool

	// ToleranceM brings edges of neighbours together first that lie no farther than so many metres apart (coverage.Reconcile); 0: not at all. The
	// shapes of the divisions stay as they are, only the lines run along what came of it; edges on lines that are law stay. Digest is that of the
	// dry run's report, which is needed to commit: nobody moves an edge unseen.
	ToleranceM float64
	Digest     string
}

// DeriveReport says what came of deriving.
type DeriveReport struct {
	Created    int             `json:"created"`
	Unchanged  int             `json:"unchanged"`
	Lines      int             `json:"lines"`
	Sections   int             `json:"sections"`
	LengthM    float64         `json:"lengthM"`
	UnmatchedM float64         `json:"unmatchedM"` // about the length of line that neighbours do not share
	Findings   []fault.Finding `json:"findings"`   // one for each pair of neighbours whose edges differ
	Committed  bool            `json:"committed"`

	Reconciliation *coverage.Reconciliation `json:"reconciliation,omitempty"` // nil where nothing was to be brought together
	Digest         string                   `json:"digest,omitempty"`         // SHA-256 of the reconciliation, hexadecimal
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// DeriveLines makes lines of legal status reference from the edges that the counties' shapes of today share vertex for
// vertex. Inner edges that do not match are reported by pair of neighbours with their length ("edges-differ"), not
// repaired, but within a tolerance that is given: then who moves what is in the report, the journal, and by its digest in the title of the
// document that the lines are from. A line that is there already is left as it is.
//
// Errors: Forbidden "not-yours"; NotFound "division-unknown"; Malformed "tolerance-missing"; Refused "shapes-missing" when fewer than two
// counties have a shape, "reconciliation-unseen" when the digest is not that of what would be done now.
func (s *Store) DeriveLines(ctx context.Context, actor gazetteer.Actor, now time.Time, in Derive) (DeriveReport, error) {
	report := DeriveReport{Findings: []fault.Finding{}}
	if !actor.Has(gazetteer.Superior, gazetteer.Administrator) {
		return report, fault.New(fault.Forbidden, "not-yours", "由行政区划图形推求界线须有上级民政部门或系统管理的职责")
	}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		plan, err := s.over(tx).planDerived(ctx, now, in, &report)
		if err != nil {
			return err
		}
		if len(plan.changes) > 0 {
			document, err := gazsql.FileDocument(ctx, tx, now, report.reconciled(datasetOf(in.Document)))
			if err != nil {
				return err
			}
			if err := plan.record(ctx, tx, actor, now, document); err != nil {
				return err
			}
		}
		if in.DryRun {
			return errDryRun
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "import/derived-lines", Verb: "derive",
			After: report.journalled(),
		})
	})
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	report.Committed = err == nil
	return report, err
}

func datasetOf(d gazetteer.Document) gazetteer.Document {
	if d.Kind == "" {
		d.Kind = "dataset"
	}
	return d
}

// planDerived derives the sections, puts them together to lines, and keeps those that are new.
func (s *Store) planDerived(ctx context.Context, now time.Time, in Derive, report *DeriveReport) (*linePlan, error) {
	known, err := loadDivisions(ctx, s.db)
	if err != nil {
		return nil, err
	}
	within, err := known.province(in.Within)
	if err != nil {
		return nil, err
	}
	shapes, err := loadShapes(ctx, s.db, known, gazetteer.County, beijing.Day(now))
	if err != nil {
		return nil, err
	}
	if len(shapes) < 2 {
		return nil, fault.New(fault.Refused, "shapes-missing", "有图形的县级行政区划不足两个：请先导入行政区划的面")
	}
	if in.ToleranceM != 0 {
		if shapes, err = in.reconcile(ctx, s.db, shapes, now, report); err != nil {
			return nil, err
		}
	}
	sections, unmatched := boundary.Derive(shapes)
	kept := sections[:0]
	for _, section := range sections {
		if isWithin(section.A, within) || isWithin(section.B, within) {
			kept = append(kept, section)
		}
	}
	report.unmatched(unmatched, within)
	lines, _, err := boundary.Assemble(kept)
	if err != nil {
		return nil, err
	}
	there, err := knownLines(ctx, s.db)
	if err != nil {
		return nil, err
	}
	plan := &linePlan{frame: strings.ToLower(in.Frame), synthetic: in.Synthetic}
	if plan.frame == "" {
		plan.frame = "4490"
	}
	sides := sidesOf(shapes)
	for _, line := range lines {
		report.Lines++
		report.Sections += len(line.Sections)
		report.LengthM += line.LengthM
		if there[pairOf(line.A, line.B)] != nil {
			report.Unchanged++
			continue
		}
		report.Created++
		c := lineChange{Line: line, id: gazsql.NewID()}
		c.settle()
		c.right = line.RightParty(sides)
		plan.changes = append(plan.changes, c)
	}
	return plan, nil
}

// reconcile brings the shapes of neighbours together for lines to be derived from, and says in the report what moved.
func (in Derive) reconcile(ctx context.Context, db postgis.Conn, shapes []boundary.Shape, now time.Time, report *DeriveReport) ([]boundary.Shape, error) {
	r, err := reconcileShapes(ctx, db, shapes, boundary.CountyLine, beijing.Day(now), in.ToleranceM)
	if err != nil {
		return nil, err
	}
	report.Reconciliation, report.Digest = &r.Reconciliation, r.digest
	if !in.DryRun && in.Digest != report.Digest {
		return nil, fault.New(fault.Refused, "reconciliation-unseen", "接边的结果与所附摘要不符：请先试算，看过各方移动多少，再附上那份报告的摘要提交")
	}
	return r.shapes, nil
}

// reconciled names the reconciliation in the document that lines are from.
func (r *DeriveReport) reconciled(d gazetteer.Document) gazetteer.Document {
	if r.Reconciliation != nil {
		d.Title = fmt.Sprintf("%s（接边容差 %g 米，报告 SHA-256 %s）", d.Title, r.Reconciliation.ToleranceM, r.Digest)
	}
	return d
}

// journalled is what the journal keeps of it.
func (r *DeriveReport) journalled() map[string]any {
	kept := map[string]any{"created": r.Created, "lines": r.Lines, "sections": r.Sections, "unmatchedM": r.UnmatchedM}
	if r.Reconciliation != nil {
		kept["reconciliation"], kept["digest"] = r.Reconciliation, r.Digest
	}
	return kept
}

// unmatched adds a finding for each pair of neighbours whose edges differ.
func (r *DeriveReport) unmatched(pairs []boundary.Unmatched, within *boundary.Division) {
	for _, u := range pairs {
		if !isWithin(u.A, within) && !isWithin(u.B, within) {
			continue
		}
		r.UnmatchedM += u.LengthM
		r.Findings = append(r.Findings, fault.Finding{
			Code: "edges-differ", Severity: fault.Review,
			Detail: fmt.Sprintf("%s与%s的图形在接边处不一致：%d 条边，约 %.0f 米（在 %.5f, %.5f 附近），未成线",
				u.A.Name, u.B.Name, u.Edges, u.LengthM, u.At[0], u.At[1]),
			Evidence: []fault.Evidence{{Kind: "division", ID: u.A.ID.String(), Name: u.A.Name}, {Kind: "division", ID: u.B.ID.String(), Name: u.B.Name}},
		})
	}
}

// province finds the division that lines must touch; nil for an empty code.
func (d *divisions) province(code string) (*boundary.Division, error) {
	if code == "" {
		return nil, nil
	}
	if found := d.find(code); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "division-unknown", "没有行政区划“%s”", code)
}

// isWithin reports whether a division is the one given or lies below it; everything is within nil.
func isWithin(d, within *boundary.Division) bool {
	if within == nil {
		return true
	}
	for ; d != nil; d = d.Above {
		if d.ID == within.ID {
			return true
		}
	}
	return false
}
