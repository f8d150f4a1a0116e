package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// DisputeInput is a case to open.
type DisputeInput struct {
	ID            uuid.UUID // its identity; made when none is given
	LineID        uuid.UUID
	LineVersionID uuid.UUID // on which the chainages are; uuid.Nil only for the whole line
	boundary.DisputeContent
}

// OpenDispute opens the case of a disputed segment.
//
// Errors: NotFound "line-unknown"; Forbidden "not-yours"; Conflict "chainage-outdated" when the chainages are of another version than that
// of today; Refused "dispute-wrong" with all findings of boundary.DisputeContent.Check and the open cases it overlaps.
func (s *Store) OpenDispute(ctx context.Context, actor gazetteer.Actor, now time.Time, in DisputeInput) (Dispute, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Dispute(ctx, actor, now, id); !fault.Is(err, "dispute-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		line, err := openVersion(ctx, tx, in.LineID, "for update of v") // who opens another on this line waits
		if fault.Is(err, "line-unknown") {                              // or another version took its place while this one waited
			line, err = openVersion(ctx, tx, in.LineID, "for update of v")
		}
		if err != nil {
			return err
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, line.PartyA, line.PartyB)
		if err != nil {
			return err
		}
		if !boundary.MayOpenDispute(actor, boundary.SeatOf(actor, lineage, line.PartyA, line.PartyB)) {
			return fault.New(fault.Forbidden, "not-yours", "争议由界线一方的经办或负责人，或双方共同的上级立案")
		}
		if in.LineVersionID != line.Version && !(in.Whole && in.LineVersionID == uuid.Nil) {
			return fault.New(fault.Conflict, "chainage-outdated", "里程不是现有界线图形上的：界线有了新的版本，请刷新后重新量取")
		}
		if err := s.over(tx).checkDispute(ctx, actor, now, line, &in.DisputeContent); err != nil {
			return err
		}
		if err := writeDispute(ctx, tx, actor, now, id, line, in.DisputeContent); err != nil {
			return err
		}
		return markDisputed(ctx, tx, now, line.ID)
	})
	if err != nil {
		return Dispute{}, err
	}
	return s.Dispute(ctx, actor, now, id)
}

// checkDispute finds everything that is wrong with a case to be opened, and completes it.
func (s *Store) checkDispute(ctx context.Context, actor gazetteer.Actor, now time.Time, line lineUnderAgreement, in *boundary.DisputeContent) error {
	var lengthM float64
	if err := s.db.QueryRow(ctx, `select length_m from line_version where id = $1`, line.Version).Scan(&lengthM); err != nil {
		return err
	}
	found := in.Check(lengthM, beijing.Day(now))
	if in.Whole {
		in.FromM, in.ToM = 0, lengthM
	}
	open, err := s.openDisputes(ctx, actor, now, line.ID)
	if err != nil {
		return err
	}
	for _, d := range open {
		if in.Overlaps(d.DisputedSpan) {
			f := fault.Blocking("dispute-overlaps", "/fromM", "与“%s”（里程 %.2f–%.2f 米，争议中）重叠：请在那一件里办理，或改里程", d.Number, d.FromM, d.ToM)
			f.Evidence = []fault.Evidence{{Kind: "dispute", ID: d.ID.String(), Name: d.Number}}
			found = append(found, f)
		}
	}
	if len(found) > 0 {
		return fault.Refuse("dispute-wrong", "争议的登记有误", found)
	}
	return nil
}

// openDisputes are the open cases of a line.
func (s *Store) openDisputes(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) ([]disputeRow, error) {
	return s.disputes(ctx, actor, now, `null::geometry`, ` where d.line_id = @line and d.state = 'open' order by d.id`, pgx.StrictNamedArgs{"line": line})
}

func writeDispute(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, line lineUnderAgreement, in boundary.DisputeContent) error {
	var document *uuid.UUID
	var cites []uuid.UUID
	if in.Document != nil {
		in.Document.Kind = "other"
		filed, err := gazsql.FileDocument(ctx, tx, now, *in.Document)
		if err != nil {
			return err
		}
		document, cites = &filed, []uuid.UUID{filed}
	}
	on := beijing.Day(now)
	if !in.OpenedOn.IsZero() {
		on = in.OpenedOn.Format(time.DateOnly)
	}
	_, err := tx.Exec(ctx, `
		insert into dispute (id, line_id, number, office_id, text, document_id, opened_on, state, written_by, created_at)
		select @id, l.id, l.name || '争议' || (select count(*) + 1 from dispute d where d.line_id = l.id) || '号', @office, @text, @document, @on::text::date, 'open', @by, @now
		from line l where l.id = @line`,
		pgx.StrictNamedArgs{
			"id": id, "line": line.ID, "office": actor.OfficeID, "text": in.Text, "document": document, "on": on, "by": actor.AccountID, "now": now,
		})
	if err != nil {
		return disputeWall(err)
	}
	if err := writeInterval(ctx, tx, id, line.Version, in.DisputedSpan); err != nil {
		return err
	}
	return recordDispute(ctx, tx, actor, now, id, "open", nil, map[string]any{
		"state": boundary.DisputeOpen, "lineId": line.ID, "ranges": rangesOf(in.DisputedSpan),
	}, cites...)
}

// writeInterval writes where a case runs on a version, after those before.
func writeInterval(ctx context.Context, tx pgx.Tx, dispute, version uuid.UUID, span boundary.DisputedSpan) error {
	_, err := tx.Exec(ctx, `
		insert into dispute_interval (dispute_id, n, line_version_id, whole, from_m, to_m)
		select $1, 1 + (select count(*) from dispute_interval where dispute_id = $1), $2, $3, $4, $5`, dispute, version, span.Whole, span.FromM, span.ToM)
	if err != nil {
		return disputeWall(err)
	}
	return nil
}

// disputeWall tells what the second wall refused from everything else.
func disputeWall(err error) error {
	if walled(err) {
		return fault.Wrap(err, fault.Forbidden, "not-yours", "本单位不能这样改写这件争议：区划已经变更的，请登记单位的承继，由承继的单位办理")
	}
	return fmt.Errorf("write the dispute: %w", err)
}

func recordDispute(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after any, cites ...uuid.UUID) error {
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "dispute/" + id.String(), Verb: verb, Before: before, After: after, Cites: cites,
	})
}

// ActOnDispute takes an action on the case as it stood at the version given.
//
// Errors: NotFound "dispute-unknown"; Stale "stale"; Refused "version-wrong" for a version that the decision cannot name; those of boundary.Dispute.Apply.
func (s *Store) ActOnDispute(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.DisputeAction) (Dispute, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockDispute(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		next, err := r.dispute.Apply(in, actor, r.seat, now)
		if err != nil {
			return err
		}
		var cites []uuid.UUID
		if in.Document != nil && in.Name != "withdraw" {
			in.Document.Kind = "other"
			document, err := gazsql.FileDocument(ctx, tx, now, *in.Document)
			if err != nil {
				return err
			}
			cites = []uuid.UUID{document}
		}
		if in.Name == "minute" {
			return addMinute(ctx, tx, actor, now, r, in, cites[0])
		}
		if err := t.checkNamed(ctx, r, in.LineVersion); err != nil {
			return err
		}
		end := disputeEnd{state: next.State, verb: in.Name, reason: in.Reason, version: nilID(in.LineVersion)}
		if next.State == boundary.DisputeSettled {
			end.decision = cites[0]
		}
		return closeDispute(ctx, tx, actor, now, r, end)
	})
	if err != nil {
		return Dispute{}, err
	}
	return s.Dispute(ctx, actor, now, id)
}

// lockDispute locks the version of the line, as whoever makes another of it does first, then a case the actor may read, and checks
// the version of the case.
func (s *Store) lockDispute(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (disputeRow, error) {
	for _, sql := range []string{
		`select from line_version where upper_inf(valid) and line_id = (select line_id from dispute where id = $1) for update`,
		`select from dispute where id = $1 for update`,
	} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return disputeRow{}, err
		}
	}
	r, err := s.disputeOf(ctx, actor, now, id)
	if err == nil && r.Version != version {
		err = fault.New(fault.Stale, "stale", "争议已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", r.Version, r.State.Label(), version)
	}
	return r, err
}

func addMinute(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r disputeRow, in boundary.DisputeAction, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		insert into dispute_minute (id, dispute_id, office_id, account_id, note, document_id, recorded_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		gazsql.NewID(), r.ID, actor.OfficeID, actor.AccountID, in.Reason, document, now)
	if err == nil {
		_, err = tx.Exec(ctx, `update dispute set version = version + 1 where id = $1`, r.ID)
	}
	if err != nil {
		return disputeWall(err)
	}
	return recordDispute(ctx, tx, actor, now, r.ID, in.Name, nil, map[string]any{"note": in.Reason}, document)
}

// checkNamed refuses a version that a decision cannot name: it must be that of the line today, and another than that on which the case was opened.
func (s *Store) checkNamed(ctx context.Context, r disputeRow, version uuid.UUID) error {
	if version == uuid.Nil {
		return nil
	}
	var there bool
	err := s.db.QueryRow(ctx, `
		select exists (select from line_version where id = $1 and line_id = $2 and upper_inf(valid) and id <> $3)`, version, r.Line.ID, r.Intervals[0].LineVersionID).Scan(&there)
	if err == nil && !there {
		err = fault.Refuse("version-wrong", "裁决所指的界线版本有误", []fault.Finding{
			fault.Blocking("version-wrong", "/lineVersionId", "裁决改线的，应指立案以后导入的、现行的版本；不改线的，请留空"),
		})
	}
	return err
}

// disputeEnd is how a case is closed.
type disputeEnd struct {
	state     boundary.DisputeState
	verb      string
	reason    string
	decision  uuid.UUID  // by which it is settled
	agreement *uuid.UUID // whose approval that is
	version   *uuid.UUID // that it names
}

// closeDispute settles or withdraws a case; the last of a line gives its version back what it was worth.
func closeDispute(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r disputeRow, end disputeEnd) error {
	var cites []uuid.UUID
	var reason *string
	after := map[string]any{"state": end.state}
	switch {
	case end.state == boundary.DisputeSettled:
		cites = []uuid.UUID{end.decision}
	default:
		reason = &end.reason
	}
	if end.reason != "" {
		after["reason"] = end.reason
	}
	_, err := tx.Exec(ctx, `
		update dispute set state = @state, closed_on = greatest(@today::text::date, opened_on), decision_id = @decision, agreement_id = @agreement, line_version_id = @named, reason = @reason,
		    version = version + 1
		where id = @id`,
		pgx.StrictNamedArgs{
			"state": string(end.state), "today": beijing.Day(now), "decision": nilID(end.decision), "agreement": end.agreement, "named": end.version,
			"reason": reason, "id": r.ID,
		})
	if err != nil {
		return disputeWall(err)
	}
	err = recordDispute(ctx, tx, actor, now, r.ID, end.verb, map[string]any{"state": r.State}, after, cites...)
	if err != nil {
		return err
	}
	return markDisputed(ctx, tx, now, r.Line.ID)
}
