package boundsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

// reconcileShapes brings the shapes of neighbours together for lines to be derived from, and says in the report what moved. The edges on
// lines that are law, or signed, do not.
func (s *Store) reconcileShapes(ctx context.Context, shapes []boundary.Shape, in Derive, report *DeriveReport) ([]boundary.Shape, error) {
	p := coverage.ReconcileParameters{ToleranceM: in.ToleranceM}
	err := each(ctx, s.db, `
		select v.geom from line_version v where upper_inf(v.valid) and v.legal_status in ('signed', 'in-force', 'under-change') order by v.id`,
		func(row struct{ Geom orb.MultiLineString }) error {
			p.Fixed = append(p.Fixed, row.Geom...)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("gather the lines in force: %w", err)
	}
	features := make([]coverage.Feature, len(shapes))
	for i, shape := range shapes {
		d := shape.Division
		features[i] = coverage.Feature{ID: string(d.Code), Code: string(d.Code), Name: d.Name, Level: string(d.Level), Geometry: shape.Area}
	}
	after, done, err := coverage.Reconcile(ctx, features, p)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(done)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(text)
	report.Reconciliation, report.Digest = &done, hex.EncodeToString(digest[:])
	if !in.DryRun && in.Digest != report.Digest {
		return nil, fault.New(fault.Refused, "reconciliation-unseen", "接边的结果与所附摘要不符：请先试算，看过各方移动多少，再附上那份报告的摘要提交")
	}
	moved := make([]boundary.Shape, len(shapes))
	for i := range shapes {
		moved[i] = boundary.Shape{Division: shapes[i].Division, Area: geo.Areas(after[i].Geometry)}
	}
	return moved, nil
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
