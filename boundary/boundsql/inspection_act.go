package boundsql

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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

// ActOnInspection takes an action on the round as it stood at the version given. compile makes the report and its digest;
// sign binds the actor's office to the digest it names.
//
// Errors: NotFound "inspection-unknown"; Stale "stale" when the round has moved on, so that of two who sign at once one
// looks again; those of boundary.Round.Apply.
func (s *Store) ActOnInspection(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.InspectionAction) (Inspection, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		r, err := s.over(tx).lockRound(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		next, err := r.round.Apply(in, actor, now)
		if err != nil {
			return err
		}
		report := r.report
		switch {
		case in.Name == "compile":
			facts, err := roundFacts(ctx, tx, r)
			if err != nil {
				return err
			}
			if report, err = boundary.CompileReport(facts, beijing.Day(now)).Canonical(); err != nil {
				return err
			}
			next = next.Compiled(boundary.Digest(report))
		case next.ReportSHA256 == "":
			report = nil
		}
		if in.Name == "finish-field" {
			if err := submitTracks(ctx, tx, now, id); err != nil {
				return err
			}
		}
		return saveRound(ctx, tx, actor, now, r, next, report, in.Name, because(in.Reason))
	})
	if err != nil {
		return Inspection{}, err
	}
	return s.Inspection(ctx, actor, now, id)
}

// formRecorder is the system actor that changes a round when one who works by assignment hands in evidence for it: the
// round itself is not his to change.
var formRecorder = gazetteer.Actor{System: "assignment.form"}

// recording runs do, which changes a round for which the actor hands in evidence: as the recorder when he works by
// assignment, else for whom the transaction works.
func recording(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, do func(pgx.Tx) error) error {
	if boundary.ByAssignment(actor) {
		return gazsql.As(ctx, tx, formRecorder, do)
	}
	return do(tx)
}

// lockRound locks a round that the actor may see and checks the version.
func (s *Store) lockRound(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (inspectionRecord, error) {
	r, err := s.heldRound(ctx, tx, actor, now, id)
	if err != nil {
		return r, err
	}
	if r.Version != version {
		return r, fault.New(fault.Stale, "stale", "联检已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", r.Version, r.State.Label(), version)
	}
	return r, nil
}

// heldRound locks a round that the actor may see.
func (s *Store) heldRound(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID) (inspectionRecord, error) {
	if r, err := s.roundOf(ctx, actor, now, id); err != nil {
		return r, err
	}
	return holdRound(ctx, tx, actor, id)
}

// holdRound locks a round, whoever asks, and loads it as it stands then.
func holdRound(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, id uuid.UUID) (r inspectionRecord, err error) {
	err = recording(ctx, tx, actor, func(tx pgx.Tx) (err error) {
		if _, err = tx.Exec(ctx, `select from inspection where id = $1 for update`, id); err == nil {
			r, err = loadRound(ctx, tx, id)
		}
		return err
	})
	return r, err
}

// saveRound records what became of a round: its state, report and signatures, with a journal entry that says more as well.
func saveRound(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r inspectionRecord, next boundary.Round, report []byte, verb string, more map[string]any) error {
	err := recording(ctx, tx, actor, func(tx pgx.Tx) error { return writeRound(ctx, tx, r, next, report) })
	if err != nil {
		return err
	}
	after := map[string]any{"state": next.State, "version": next.Version, "reportSha256": next.ReportSHA256}
	maps.Copy(after, more)
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "inspection/" + r.ID.String(), Verb: verb, After: after,
		Before: map[string]any{"state": r.State, "version": r.Version, "reportSha256": r.round.ReportSHA256},
	})
}

// because is the reason of an entry, where one was given.
func because(reason string) map[string]any {
	if reason == "" {
		return nil
	}
	return map[string]any{"reason": reason}
}

// writeRound writes a round's state, report and signatures.
func writeRound(ctx context.Context, tx pgx.Tx, r inspectionRecord, next boundary.Round, report []byte) error {
	_, err := tx.Exec(ctx, `
		update inspection set state = @state, version = @to, report = @report, report_sha256 = nullif(@sha256, '')
		where id = @id and version = @from`,
		pgx.StrictNamedArgs{
			"state": string(next.State), "to": next.Version, "report": json.RawMessage(report), "sha256": next.ReportSHA256, "id": r.ID, "from": r.Version,
		})
	if err != nil {
		return fmt.Errorf("record the round: %w", err)
	}
	for _, sign := range next.Signatures {
		if sign.ID == uuid.Nil {
			_, err = tx.Exec(ctx, `
				insert into inspection_signature (id, inspection_id, office_id, account_id, content_sha256, signed_at)
				values (@id, @inspection, @office, @account, @content, @at)`,
				pgx.StrictNamedArgs{
					"id": gazsql.NewID(), "inspection": r.ID, "office": sign.OfficeID, "account": sign.AccountID,
					"content": sign.ContentSHA256, "at": sign.SignedAt,
				})
		} else if sign.VoidedAt != nil {
			_, err = tx.Exec(ctx, `
				update inspection_signature set voided_at = $2, void_reason = $3 where id = $1 and voided_at is null`,
				sign.ID, sign.VoidedAt, sign.VoidReason)
		}
		if err != nil {
			return fmt.Errorf("record the signature: %w", err)
		}
	}
	return nil
}

// voidRound takes a round that was compiled or signed back to compiling, because its evidence changed.
func voidRound(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, reason string) error {
	r, err := holdRound(ctx, tx, actor, id)
	if err != nil || r.round.ReportSHA256 == "" || !r.Editable() { // one that ended keeps what was signed
		return err
	}
	return saveRound(ctx, tx, actor, now, r, r.round.Edited(now, reason), nil, "void", because(reason))
}

// evidenceImporter is the system actor that voids the rounds whose evidence an import changed.
var evidenceImporter = gazetteer.Actor{System: "evidence.import"}

// voidRoundsOf voids the compiled and signed rounds of lines whose evidence changed. One that was signed and whose
// programme is over by years stands: it tells of its own time.
func voidRoundsOf(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, lines []uuid.UUID, reason string) error {
	if len(lines) == 0 {
		return nil
	}
	return gazsql.As(ctx, tx, evidenceImporter, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select i.id from inspection i join programme p on p.id = i.programme_id
			where i.line_id = any ($1) and i.report_sha256 is not null and (i.state = $2 or i.state = $3 and p.year_to >= $4)
			order by i.id`, lines, string(boundary.InspectionConfirm), string(boundary.InspectionSigned), now.In(beijing.Zone).Year())
		if err != nil {
			return err
		}
		rounds, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return fmt.Errorf("find the rounds of changed lines: %w", err)
		}
		for _, id := range rounds {
			if err := voidRound(ctx, tx, actor, now, id, reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// submitter is the system actor that submits the tracks and photos of both sides when the lead ends the field work.
var submitter = gazetteer.Actor{System: "inspection.submit"}

// submitTracks hands the photos and tracks of a round on to whoever is above, in the order in which ReadPhoto takes them.
func submitTracks(ctx context.Context, tx pgx.Tx, now time.Time, round uuid.UUID) error {
	return gazsql.As(ctx, tx, submitter, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update photo set submitted_at = $2 where inspection_id = $1 and submitted_at is null`, round, now)
		if err == nil {
			_, err = tx.Exec(ctx, `update track set submitted_at = $2 where inspection_id = $1 and submitted_at is null`, round, now)
		}
		if err != nil {
			return fmt.Errorf("submit the tracks: %w", err)
		}
		return nil
	})
}

// roundFacts gathers what a report is compiled from.
func roundFacts(ctx context.Context, db postgis.Conn, r inspectionRecord) (boundary.RoundFacts, error) {
	f := boundary.RoundFacts{
		InspectionID: r.ID, Programme: r.Programme, Line: r.line, Lead: r.Lead, Cooperating: r.Cooperating, Synthetic: r.Synthetic,
	}
	var err error
	f.Markers, err = collect[boundary.ReportMarker](ctx, db, `
		select id, number, stone, chainage_m from known_marker
		where line_id = $1 and upper_inf(valid) and state <> 'retired' order by chainage_m, number, stone`, r.Line.ID)
	if err != nil {
		return f, err
	}
	f.Forms, err = collect[boundary.RoundForm](ctx, db, `
		select marker_id as marker, office_id as office, found, checked_on::text as checked_on, note
		from marker_form where inspection_id = $1 and submitted_at is not null order by marker_id, office_id`, r.ID)
	if err != nil {
		return f, err
	}
	f.Stretches, err = collect[boundary.RoundStretch](ctx, db, `
		select s.id, s.class, s.from_m, s.to_m, s.reason, s.note, s.picture_source, coalesce(s.checked_on::text, '') as checked_on, coalesce(s.picture_on::text, '') as picture_on, s.state, o.name as office,
		       (s.declared_at at time zone 'Asia/Shanghai')::date::text as declared_on, coalesce(d.name, '') as confirmed_by,
		       coalesce((s.decided_at at time zone 'Asia/Shanghai')::date::text, '') as confirmed_on
		from stretch s join office o on o.id = s.office_id left join office d on d.id = s.decided_office
		where s.inspection_id = $1 and s.state in ('declared', 'confirmed') `+byChainage, r.ID)
	if err != nil {
		return f, err
	}
	type matched struct {
		ID     uuid.UUID
		Office uuid.UUID
		Name   string // not the file's, which the other side does not read
		SHA256 string `db:"sha256"`
		Match  json.RawMessage
	}
	err = each(ctx, db, `
		select t.track_id as id, t.office_id as office, t.sha256, t.match,
		       format('轨迹 %s（%s）', row_number() over (partition by t.office_id order by t.track_id), o.name) as name
		from track_result t join office o on o.id = t.office_id
		where t.inspection_id = $1 and t.superseded_at is null order by t.track_id`,
		func(m matched) error {
			t := boundary.RoundTrack{ID: m.ID, Office: m.Office, FileName: m.Name, SHA256: m.SHA256}
			err := json.Unmarshal(m.Match, &t.Match)
			t.Match.Rename(m.Name)
			f.Tracks = append(f.Tracks, t)
			return err
		}, r.ID)
	return f, err
}

// ReportPage is a report with what its map needs. Preview is true while it is not compiled.
type ReportPage struct {
	Inspection Inspection
	Report     boundary.Report
	SHA256     string // empty in a preview
	Preview    bool
	Geometry   orb.MultiLineString // the line
	Walked     orb.MultiLineString // what either side walked
	Right      string              // the party on the right of the line's direction, and on the left; empty where not known
	Left       string
	Markers    []MarkerView
	Source     string       // of the line's geometry
	Dated      gazsql.Dated // of the line
}

// Report returns the report of a round to whoever may see the round, as compiled or, before that, as it would be.
func (s *Store) Report(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (ReportPage, error) {
	var page ReportPage
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) (err error) {
		t := s.over(tx)
		if page.Inspection, err = t.Inspection(ctx, actor, now, id); err != nil {
			return err
		}
		if page.Markers, err = t.markers(ctx, "known_marker", onLine, page.Inspection.Line.ID); err != nil {
			return err
		}
		r, err := loadRound(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.report != nil {
			page.SHA256 = r.round.ReportSHA256
			page.Report, err = readReport(r.report)
			return err
		}
		facts, err := roundFacts(ctx, tx, r)
		page.Preview, page.Report = true, boundary.CompileReport(facts, beijing.Day(now))
		return err
	})
	if err != nil {
		return page, err
	}
	line, err := s.Line(ctx, page.Inspection.Line.ID)
	if err != nil {
		return page, err
	}
	page.Geometry, page.Source, page.Dated = line.Geometry, line.Source, line.Dated
	page.Right, page.Left = line.Sides()
	chain, err := geo.NewChain(line.Geometry)
	if err != nil {
		return page, err
	}
	for _, i := range page.Report.Figures.Intervals {
		if i.Class == boundary.Walked {
			page.Walked = append(page.Walked, chain.Sub(i.FromM, i.ToM)...)
		}
	}
	return page, nil
}
