package boundsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

// FabricRef is what a finding about the fabric names.
type FabricRef struct {
	Kind string    `json:"kind"` // division, section, line
	ID   uuid.UUID `json:"id"`   // of the division or the line, of a section that of its line
	Name string    `json:"name"`
}

// FabricFinding is a finding with what it names.
type FabricFinding struct {
	coverage.Finding
	Features []FabricRef `json:"features"`
}

// Exclave (飞地) is a part of a division apart from its main part.
type Exclave struct {
	Of     *FabricRef     `json:"of"`     // nil for a division that has no shape here
	Within *FabricRef     `json:"within"` // nil for what is not in the record
	AreaM2 float64        `json:"areaM2"`
	At     orb.Point      `json:"at"`
	Record *ExclaveRecord `json:"record"` // nil for none
}

// Fabric is how the published shapes of divisions of a level and the sections between them fit together on a day.
type Fabric struct {
	Level     string          `json:"level"`
	On        gazetteer.Day   `json:"on"`
	Divisions int             `json:"divisions"` // that have a shape
	Sections  int             `json:"sections"`
	Shapeless []FabricRef     `json:"shapeless"` // divisions of the level that have none, with what they lie in
	Counts    map[string]int  `json:"counts"`    // of findings by code
	Findings  []FabricFinding `json:"findings"`
	Exclaves  []Exclave       `json:"exclaves"`
}

// levelAbove is whose shapes those of a level are to make up.
var levelAbove = map[boundary.Level]gazetteer.Level{boundary.CountyLine: gazetteer.Province, boundary.TownshipLine: gazetteer.County}

// fabricRun gathers what is looked at.
type fabricRun struct {
	features []coverage.Feature
	refs     map[string]FabricRef // by the id of the feature
	exclaves []ExclaveRecord
	fabric   *Fabric
}

// CheckFabric looks at the shapes of the divisions of a level and of those above them, and at the sections between them, as they
// are published for a day: see coverage.Check. Narrower gaps and overlaps than toleranceM are counted, not listed.
//
// The error is that of the context or of the database.
func (s *Store) CheckFabric(ctx context.Context, level boundary.Level, on time.Time, toleranceM float64, progress func(done, total int)) (Fabric, error) {
	fabric := Fabric{Level: string(level), On: gazetteer.Day{Time: on}, Shapeless: []FabricRef{}, Findings: []FabricFinding{}, Exclaves: []Exclave{}}
	run := &fabricRun{refs: map[string]FabricRef{}, fabric: &fabric}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set transaction isolation level repeatable read, read only`); err != nil { // both of one moment
			return err
		}
		var err error
		if run.exclaves, err = exclavesOn(ctx, tx, on); err != nil {
			return err
		}
		t := s.over(tx)
		if err := t.shapesOf(ctx, run, level, on); err != nil {
			return err
		}
		return t.sectionsOf(ctx, run, level, on)
	})
	if err != nil {
		return fabric, err
	}
	report, err := coverage.Check(ctx, run.features, coverage.Parameters{ToleranceM: toleranceM}, progress)
	if err != nil {
		return fabric, err
	}
	run.told(report)
	return fabric, nil
}

// shapesOf gathers the shapes of a level and the one above it.
func (s *Store) shapesOf(ctx context.Context, run *fabricRun, level boundary.Level, on time.Time) error {
	type row struct {
		ID               uuid.UUID
		Name, Level      string
		Code, ParentCode *string
		ParentName       *string
		Geom             *orb.MultiPolygon
	}
	return each(ctx, s.db, `
		select v.division_id as id, v.name, v.level, c.code, p.code as parent_code, pv.name as parent_name, s.geom
		from division_version v
		left join division_shape s on s.division_id = v.division_id and s.valid @> $3::text::date
		left join lateral (select code from division_code c where c.division_id = v.division_id and c.valid @> $3::text::date and c.system <> 'stat12' order by length(code) limit 1) c on true
		left join lateral (select code from division_code c where c.division_id = v.parent_id and c.valid @> $3::text::date and c.system <> 'stat12' order by length(code) limit 1) p on true
		left join division_version pv on pv.division_id = v.parent_id and pv.valid @> $3::text::date
		where v.valid @> $3::text::date and v.level in ($1, $2)
		order by v.level, c.code, v.division_id`, func(r row) error {
		ref := FabricRef{Kind: "division", ID: r.ID, Name: r.Name}
		if r.Geom == nil {
			if r.Level == string(level) {
				if r.ParentName != nil {
					ref.Name = *r.ParentName + r.Name
				}
				run.fabric.Shapeless = append(run.fabric.Shapeless, ref)
			}
			return nil
		}
		f := coverage.Feature{ID: r.ID.String(), Name: r.Name, Level: r.Level, Geometry: *r.Geom}
		if r.Code != nil {
			f.Code = *r.Code
		}
		if r.ParentCode != nil {
			f.Parent = *r.ParentCode
		}
		run.refs[f.ID] = ref
		run.features = append(run.features, f)
		run.fabric.Divisions++
		return nil
	}, string(level), string(levelAbove[level]), on.Format(time.DateOnly))
}

// sectionsOf gathers the sections of the lines of a level and of those above, with what lies to their left and right.
func (s *Store) sectionsOf(ctx context.Context, run *fabricRun, level boundary.Level, on time.Time) error {
	type row struct {
		ID, LineID   uuid.UUID
		A, B         uuid.UUID
		AName, BName string
		AOnRight     *bool
		Geom         orb.MultiLineString
	}
	return each(ctx, s.db, `
		select s.id, s.line_id, s.division_a as a, s.division_b as b, a.name as a_name, b.name as b_name,
		       case when l.right_party is null then null else division_covers(l.right_party, s.division_a) end as a_on_right, s.geom
		from line l
		join line_version v on v.line_id = l.id and v.valid @> $2::text::date
		join section s on s.line_version_id = v.id
		join division_version a on a.division_id = s.division_a and a.valid @> $2::text::date and a.level = $3
		join division_version b on b.division_id = s.division_b and b.valid @> $2::text::date
		where l.level = any ($1)
		order by l.level, l.name, s.id`, func(r row) error {
		f := coverage.Feature{ID: r.ID.String(), Name: boundary.SectionName(r.AName, r.BName), Geometry: r.Geom}
		if r.AOnRight != nil {
			f.Left, f.Right = r.A.String(), r.B.String()
			if *r.AOnRight {
				f.Left, f.Right = f.Right, f.Left
			}
		}
		run.refs[f.ID] = FabricRef{Kind: "section", ID: r.LineID, Name: f.Name}
		run.features = append(run.features, f)
		run.fabric.Sections++
		return nil
	}, levelsTo(level), on.Format(time.DateOnly), string(level))
}

// told names what the report speaks of.
func (run *fabricRun) told(report coverage.Report) {
	run.fabric.Counts = report.Counts
	run.fabric.Findings = fabricFindings(report.Findings, run.refs)
	for _, e := range report.Exclaves {
		told := Exclave{Of: run.ref(e.Of), Within: run.ref(e.Within), AreaM2: e.AreaM2, At: e.At, Record: run.recorded(e)}
		if run.fabric.Exclaves = append(run.fabric.Exclaves, told); told.Of != nil && told.Record == nil {
			run.unrecorded(told)
		}
	}
	slices.SortStableFunc(run.fabric.Findings, func(f, g FabricFinding) int {
		return slices.Index(fault.Severities, g.Severity) - slices.Index(fault.Severities, f.Severity)
	})
}

// recorded is the record of an exclave: one of its division whose place lies in the same part of it.
func (run *fabricRun) recorded(e coverage.Exclave) *ExclaveRecord {
	i := slices.IndexFunc(run.features, func(f coverage.Feature) bool { return f.ID == e.Of })
	if i < 0 {
		return nil
	}
	shape := run.features[i].Geometry.(orb.MultiPolygon)
	for k, r := range run.exclaves {
		if r.Of.ID == run.refs[e.Of].ID && samePart(shape, e.At, r.At) {
			return &run.exclaves[k]
		}
	}
	return nil
}

// unrecorded notes that an exclave has no record.
func (run *fabricRun) unrecorded(e Exclave) {
	f := FabricFinding{Finding: coverage.Finding{At: e.At, AreaM2: e.AreaM2}, Features: []FabricRef{*e.Of}}
	where := "不与主体相连"
	if e.Within != nil {
		where, f.Features = "在“"+e.Within.Name+"”里", append(f.Features, *e.Within)
	}
	f.Finding.Finding = fault.Finding{
		Code: "exclave-unrecorded", Severity: fault.Review,
		Detail: fmt.Sprintf("“%s”有一块飞地%s，没有登记依据：确有批准或协议的，请由上级登记；没有的，多半是图形有误", e.Of.Name, where),
	}
	run.fabric.Counts[f.Code]++
	run.fabric.Findings = append(run.fabric.Findings, f)
}

func (run *fabricRun) ref(id string) *FabricRef {
	if ref, known := run.refs[id]; known {
		return &ref
	}
	return nil
}
