package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// enact makes what was agreed the lines from the day: of each line the version that stands is closed, superseded where it was law, and
// a new one in force takes its place with sections cut anew, segments, and every marker's chainage, and the disputes that it settles end. papers are the approval and the publication.
//
// Errors: Refused "line-changed" when a line got another version since its agreement was written, "valid-from-wrong" for a
// day that is not after the start of that version, "node-shared" with all findings of boundary.CheckJoint, "ends-moved" when the nodes or
// lines that ends meet have changed, "disputes-open" for a dispute that one passes over and does not settle, "section-ends-differ" with all findings of boundary.CutSections.
func (s *Store) enact(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, rows []agreementRow, from time.Time, papers []uuid.UUID) error {
	if err := turnAtLines(ctx, tx); err != nil {
		return err
	}
	moves, err := movesOf(ctx, tx, rows)
	if err != nil {
		return err
	}
	enacted := make([]enactedLine, len(rows))
	for i, r := range rows {
		if enacted[i], err = s.readyToEnact(ctx, tx, actor, now, r, from, moves); err != nil {
			return r.named(err, rows[0].ID)
		}
	}
	var lines []uuid.UUID
	courses := map[uuid.UUID]orb.MultiLineString{}
	for _, e := range enacted {
		if err := e.write(ctx, tx, actor, now, from, papers); err != nil {
			return err
		}
		lines = append(lines, e.line.ID)
		courses[e.line.ID] = e.row.Geometry
	}
	if err := settleNodes(ctx, tx, now, lines...); err != nil {
		return err
	}
	if err := s.bringAlong(ctx, tx, actor, now, courses); err != nil {
		return err
	}
	for _, e := range enacted {
		if err := e.record(ctx, tx, actor, now, from, papers); err != nil {
			return err
		}
	}
	return nil
}

// enactedLine is a line of which an agreement becomes law.
type enactedLine struct {
	row      agreementRow
	line     lineUnderAgreement
	sections []newSection
	settled  []disputeRow
}

// readyToEnact locks the version that stands and checks everything that what was agreed rests on.
func (s *Store) readyToEnact(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r agreementRow, from time.Time, moves []boundary.NodeMove) (e enactedLine, err error) {
	e.row = r
	if e.line, err = openVersion(ctx, tx, r.Line.ID, "for update of v"); err != nil {
		return e, err
	}
	if err := r.stillOver(e.line, from); err != nil {
		return e, err
	}
	if err := s.stillMeets(ctx, tx, r, e.line.Geometry); err != nil {
		return e, err
	}
	if e.settled, err = s.over(tx).settledBy(ctx, actor, now, r, e.line); err != nil {
		return e, err
	}
	e.sections, err = cutSections(ctx, tx, e.line, r.Geometry, moves)
	return e, err
}

// write closes the version that stands and makes the new one law; the disputes that it settles end.
func (e enactedLine) write(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now, from time.Time, papers []uuid.UUID) error {
	version := gazsql.NewID()
	if err := e.row.writeVersion(ctx, tx, now, e.line, version, from, papers); err != nil {
		return err
	}
	if err := e.row.writeParts(ctx, tx, version, e.sections); err != nil {
		return err
	}
	if err := giveStatus(ctx, tx, version, boundary.InForce); err != nil {
		return err
	}
	for _, d := range e.settled {
		end := disputeEnd{state: boundary.DisputeSettled, verb: "agree", decision: papers[0], agreement: &e.row.ID}
		if err := closeDispute(ctx, tx, actor, now, d, end); err != nil {
			return err
		}
	}
	return nil
}

// record journals that a line has a new version in force.
func (e enactedLine) record(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now, from time.Time, papers []uuid.UUID) error {
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "line/" + e.line.ID.String(), Verb: "enact", Cites: append([]uuid.UUID{*e.row.document}, papers...),
		Before: map[string]any{"legalStatus": e.line.LegalStatus},
		After: map[string]any{
			"legalStatus": boundary.InForce, "lengthM": e.row.LengthM, "sections": len(e.sections), "validFrom": from.Format(time.DateOnly),
		},
	})
}

// stillOver refuses to replace another version than the agreement was made over, or before that one began.
func (r agreementRow) stillOver(line lineUnderAgreement, from time.Time) error {
	if line.Version != r.over {
		return fault.Refuse("line-changed", "界线在协议书起草以后有了新的版本，协议不是在它上面订的", []fault.Finding{
			fault.Blocking("line-changed", "/lineId", "请退回起草一方：按现在的界线重新核对、保存，再由双方确认"),
		})
	}
	if line.Since != nil && !from.After(*line.Since) {
		return fault.Refuse("valid-from-wrong", "生效日期有误", []fault.Finding{
			fault.Blocking("valid-from-early", "/validFrom", "生效日期 %s 应晚于现有版本开始的 %s", from.Format(time.DateOnly), line.Since.Format(time.DateOnly)),
		})
	}
	return nil
}

// newSection is a section of the version to be.
type newSection struct {
	a, b  uuid.UUID
	parts orb.MultiLineString
}

// cutSections cuts the new course at the ends of today's sections.
func cutSections(ctx context.Context, db postgis.Conn, line lineUnderAgreement, course orb.MultiLineString, moves []boundary.NodeMove) ([]newSection, error) {
	var cut []newSection
	var shapes []boundary.SectionShape
	err := each(ctx, db, sectionSQL+` where s.line_version_id = $1 order by s.id`, func(r SectionRow) error {
		cut = append(cut, newSection{a: r.DivisionA, b: r.DivisionB})
		shapes = append(shapes, boundary.SectionShape{Name: r.Name(), Parts: r.Geometry})
		return nil
	}, line.Version)
	if err != nil {
		return nil, err
	}
	parts, found, err := boundary.CutSections(line.Geometry, shapes, course, moves...)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return nil, fault.Refuse("section-ends-differ", "界线段的分界点对不上协议的图形", found)
	}
	for i := range cut {
		cut[i].parts = parts[i]
	}
	return cut, nil
}

// writeVersion closes the version that stands and writes the new one, not yet law.
func (r agreementRow) writeVersion(ctx context.Context, tx pgx.Tx, now time.Time, line lineUnderAgreement, version uuid.UUID, from time.Time, papers []uuid.UUID) error {
	former := line.LegalStatus
	if former == boundary.InForce || former == boundary.UnderChange {
		former = boundary.Superseded
	}
	if err := closeVersion(ctx, tx, line.Version, from); err != nil {
		return err
	}
	if err := giveStatus(ctx, tx, line.Version, former); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into line_version (id, line_id, legal_status, geom, length_m, published_length_m, published_source, agreement_id, approval_id, publication_id,
		    document_id, frame, valid, recorded_at, course, original_datum, original_projection, agreed_in)
		values (@id, @line, @status, @geom, @length, @published, nullif(@source, ''), @agreement, @approval, @publication,
		    @agreement, '4490', @valid, @now, @course, @datum, nullif(@projection, ''), @agreed)`,
		pgx.StrictNamedArgs{
			"id": version, "line": line.ID, "status": string(boundary.InDemarcation), "geom": r.Geometry, "length": r.LengthM,
			"published": r.PublishedLengthM, "source": r.PublishedSource, "agreement": r.document, "approval": papers[0], "publication": papers[1],
			"valid": gazsql.Span(from, time.Time{}), "now": now, "course": r.Course, "datum": nilText(r.OriginalDatum), "projection": r.OriginalProjection,
			"agreed": r.ID,
		})
	if err != nil {
		return fmt.Errorf("write the version: %w", err)
	}
	return nil
}

// writeParts writes the sections and segments of a version.
func (r agreementRow) writeParts(ctx context.Context, tx pgx.Tx, version uuid.UUID, cut []newSection) error {
	var sections, segments [][]any
	for _, c := range cut {
		sections = append(sections, sectionRow(r.Line.ID, version, c.a, c.b, c.parts))
	}
	for i, g := range r.Segments {
		segments = append(segments, []any{version, i + 1, g.FromM, g.ToM, g.MarkKind, g.FollowsFeature, g.AccuracyM, g.Description})
	}
	err := copyRows(ctx, tx, "section", sectionColumns, sections)
	if err != nil {
		return err
	}
	return copyRows(ctx, tx, "line_segment",
		[]string{"line_version_id", "n", "from_m", "to_m", "mark_kind", "follows_feature", "accuracy_m", "description"}, segments)
}
