package boundsql

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// MaxTrackBytes bounds an uploaded track file as it is sent.
const MaxTrackBytes = 256 << 20

// ReceiveTrack is a track to receive: a submission of one file, which brings its bytes and needs neither id nor manifest.
type ReceiveTrack struct {
	boundary.Submission
	FileName string
	Body     io.Reader
}

// TrackReading is what the reader says of a file.
type TrackReading struct {
	State     track.State  `json:"state"`
	Format    string       `json:"format"`
	Creator   string       `json:"creator,omitempty"`
	Segments  int          `json:"segments"`
	Points    int          `json:"points"`
	Waypoints int          `json:"waypoints"`
	BBox      []float64    `json:"bbox,omitempty"`
	From      *time.Time   `json:"from,omitempty"` // first and last time recorded
	To        *time.Time   `json:"to,omitempty"`
	Notes     []track.Note `json:"notes"`
}

// Track is an uploaded track as one who may see it reads it.
type Track struct {
	ID           uuid.UUID              `json:"id"`
	SHA256       string                 `json:"sha256"`
	State        boundary.TrackState    `json:"state"`
	Version      int                    `json:"version"`
	LineID       uuid.UUID              `json:"lineId"`
	LineName     string                 `json:"lineName"`
	InspectionID *uuid.UUID             `json:"inspectionId"`
	OfficeID     uuid.UUID              `json:"officeId"`
	Office       string                 `json:"office"`
	FileName     string                 `json:"fileName"`
	Frame        *geo.Frame             `json:"frame"` // that a person confirmed; null where nobody did
	Receiver     string                 `json:"receiver"`
	SigmaM       float64                `json:"sigmaM"`
	ReceivedAt   time.Time              `json:"receivedAt"`
	MatchedAt    *time.Time             `json:"matchedAt"`
	Receipt      *boundary.Receipt      `json:"receipt"` // those who work on it in its own office, and superior only
	Reading      *TrackReading          `json:"reading"` // those who work on it in its own office, and superior only
	Match        *boundary.Result       `json:"match"`
	CorridorM    *float64               `json:"corridorM"` // how far from the line Corridor reaches, in metres
	Corridor     *geojson.Geometry      `json:"corridor"`  // the parts of the track along the line
	Actions      []gazetteer.OpenAction `json:"actions"`
}

// uploaders may hand tracks in.
var uploaders = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor, gazetteer.Keeper}

// rawReaders read how a track of their own office was read and received. A keeper reads those of its own hand.
var rawReaders = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor, gazetteer.Archivist}

// KeptTrack is a track whose bytes lie in the vault and which is not recorded yet: who sent it may still be told that the
// rest of the request is wrong, and then nothing was received.
type KeptTrack struct {
	in       boundary.Submission
	fileName string
	to       destination
	digest   vault.Digest
}

// ReceiveTrack is KeepTrack and RecordTrack in one.
func (s *Store) ReceiveTrack(ctx context.Context, actor gazetteer.Actor, now time.Time, in ReceiveTrack) (t Track, existing bool, err error) {
	kept, err := s.KeepTrack(ctx, actor, now, in)
	if err != nil {
		return Track{}, false, err
	}
	return s.RecordTrack(ctx, actor, now, kept)
}

// KeepTrack checks who uploads what and keeps the bytes in the vault.
//
// Errors: Anonymous; Forbidden "not-yours" without a role that uploads, "not-your-line" for an office that is neither
// party's; NotFound "line-unknown", "inspection-unknown"; Malformed "bad-receiver", "bad-sigma", "line-missing";
// Conflict "not-in-field" before the field work of the inspection; Exceeded "quota"; TooLarge; Full.
func (s *Store) KeepTrack(ctx context.Context, actor gazetteer.Actor, now time.Time, in ReceiveTrack) (KeptTrack, error) {
	kept := KeptTrack{fileName: CleanFileName(in.FileName), in: in.Submission}
	var err error
	if kept.to, err = s.checkUpload(ctx, actor, now, &kept.in); err == nil {
		err = s.withinQuota(ctx, kept.to.office)
	}
	if err != nil {
		return KeptTrack{}, err
	}
	kept.digest, err = s.vault.Put(ctx, in.Body, MaxTrackBytes)
	return kept, err
}

// RecordTrack records the track as a submission of one file. The same bytes for the same line from the same office are the
// same track: its receipt comes again and nothing is made twice; existing is true then.
func (s *Store) RecordTrack(ctx context.Context, actor gazetteer.Actor, now time.Time, kept KeptTrack) (t Track, existing bool, err error) {
	id := gazsql.NewID()
	h := handover{id: id, in: kept.in, to: kept.to, files: []handedFile{{
		upload: id, name: kept.fileName, digest: kept.digest, kind: boundary.TrackFile,
	}}}
	h.in.Files = []boundary.ManifestFile{{Name: kept.fileName, Size: kept.digest.Size, SHA256: kept.digest.SHA256}}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if err := s.recordFiles(ctx, tx, actor, now, &h); err != nil {
			return err
		}
		if h.files[0].track == nil {
			return fault.New(fault.Conflict, "track-there", "委托单位已经收到过同样的文件，不必再传")
		}
		id, existing = *h.files[0].track, h.files[0].existing
		if existing {
			return nil
		}
		if _, err := declare(ctx, tx, actor, now, h); err != nil {
			return err
		}
		_, err := s.recordReceipt(ctx, tx, actor, now, h)
		return err
	})
	if err != nil {
		return Track{}, false, err
	}
	t, err = s.Track(ctx, actor, now, id)
	return t, existing, err
}

// sameTrack finds the track that was received before. One handed in for the line alone joins the inspection now named. A
// colleague's has no row for who works by assignment: he does not see it.
func sameTrack(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, to destination, sha256 string, inspection uuid.UUID) (uuid.UUID, error) {
	var id uuid.UUID
	var joined *uuid.UUID
	err := tx.QueryRow(ctx, `
		select id, inspection_id from track where office_id = $1 and line_id = $2 and sha256 = $3 for update`,
		to.office, to.line, sha256).Scan(&id, &joined)
	if err != nil || inspection == uuid.Nil || joined != nil {
		return id, err
	}
	_, err = tx.Exec(ctx, `
		update track set inspection_id = $2, submitted_at = case when $3 then $4::timestamptz end where id = $1`, id, inspection, to.submitted, now)
	var results pgconn.CommandTag
	if err == nil {
		results, err = tx.Exec(ctx, `update track_result set inspection_id = $2 where track_id = $1 and superseded_at is null`, id, inspection)
	}
	if err != nil {
		return id, fmt.Errorf("join the inspection: %w", err)
	}
	if results.RowsAffected() > 0 { // also while it is read again, which may find the same
		if err := voidRound(ctx, tx, actor, now, inspection, "加入了新的轨迹"); err != nil {
			return id, err
		}
	}
	return id, gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "track/" + id.String(), Verb: "join-inspection", After: map[string]any{"inspection": inspection},
	})
}

// destination is where a track goes.
type destination struct {
	line      uuid.UUID
	office    uuid.UUID // whose it is: the actor's, or the bureau's that commissioned it
	submitted bool      // at once, because the field work of its round is over
}

// checkUpload checks who uploads what to which line, and fills in the receiver and the default of SigmaM.
func (s *Store) checkUpload(ctx context.Context, actor gazetteer.Actor, now time.Time, in *boundary.Submission) (to destination, err error) {
	if actor.Anonymous() {
		return to, fault.New(fault.Anonymous, "sign-in", "请先登录再上传轨迹")
	}
	if actor.System != "" || !actor.Has(uploaders...) {
		return to, fault.New(fault.Forbidden, "not-yours", "上传轨迹须有界线经办、测绘或管护的职责")
	}
	if err := fillIn(in); err != nil {
		return to, err
	}
	if to, err = s.destinationOf(ctx, actor, now, *in); err != nil {
		return to, err
	}
	if boundary.ByAssignment(actor) {
		to.office, err = s.commissioner(ctx, actor, now, to.line)
		return to, err
	}
	standing, err := s.standingAt(ctx, actor, now, to.line)
	if err == nil && standing != boundary.Party {
		err = fault.New(fault.Forbidden, "not-your-line", "这条界线不属于您的单位管理")
	}
	return to, err
}

// fillIn reads the receiver and fills in its usual SigmaM where none is given.
func fillIn(in *boundary.Submission) error {
	receiver, err := boundary.ParseReceiver(in.Receiver)
	if err != nil {
		return err
	}
	in.Receiver = string(receiver)
	if in.SigmaM == 0 {
		in.SigmaM = receiver.SigmaM()
	}
	if !(in.SigmaM > 0 && in.SigmaM <= 1000) {
		return fault.New(fault.Malformed, "bad-sigma", "定位中误差 sigmaM 应为 0 到 1000 米之间的正数")
	}
	return nil
}

// commissioner is the bureau for which the actor works at a line today by assignment.
func (s *Store) commissioner(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (uuid.UUID, error) {
	if _, err := s.standingAt(ctx, actor, now, line); err != nil {
		return uuid.Nil, err
	}
	task, err := s.taskAt(ctx, actor, now, line)
	if err == nil && task == nil {
		err = fault.New(fault.Forbidden, "not-assigned", "您现在没有这条界线的任务，或任务已经结束")
	}
	if err != nil {
		return uuid.Nil, err
	}
	return task.OfficeID, nil
}

// destinationOf is the line and office a track is for.
func (s *Store) destinationOf(ctx context.Context, actor gazetteer.Actor, now time.Time, in boundary.Submission) (to destination, err error) {
	to = destination{line: in.LineID, office: actor.OfficeID}
	if in.InspectionID == uuid.Nil {
		if in.LineID == uuid.Nil {
			err = fault.New(fault.Malformed, "line-missing", "请写明轨迹是哪条界线（lineId）或哪次联检（inspectionId）的")
		}
		return to, err
	}
	var round inspectionRecord
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		round, err = s.over(tx).roundOf(ctx, actor, now, in.InspectionID)
		return err
	})
	switch {
	case err != nil:
		return to, err
	case in.LineID != uuid.Nil && in.LineID != round.Line.ID:
		return to, fault.New(fault.Malformed, "line-differs", "联检的界线是 %s，与所给的 lineId 不是同一条", round.Line.Name)
	case !round.Editable():
		return to, fault.New(fault.Conflict, "not-in-field", "联检现处于“%s”，不在外业阶段，不收轨迹", round.State.Label())
	}
	if side := round.round.SideOf(actor); side != uuid.Nil {
		to.office = side
	}
	to.line, to.submitted = round.Line.ID, round.State != boundary.InspectionField
	return to, nil
}

// standingAt is what the actor's office is to a line on the day. A line that is not there is NotFound.
func (s *Store) standingAt(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (boundary.Standing, error) {
	var a, b uuid.UUID
	err := s.db.QueryRow(ctx, `select party_a, party_b from line where id = $1`, line).Scan(&a, &b)
	if err != nil {
		return "", notFound(err, "line-unknown", "没有这条界线")
	}
	return s.standing(ctx, actor, now, a, b)
}

// standing is what the actor's office is to the line of two divisions on the day.
func (s *Store) standing(ctx context.Context, actor gazetteer.Actor, now time.Time, partyA, partyB uuid.UUID) (boundary.Standing, error) {
	lineage, err := gazsql.LineageOf(ctx, s.db, now, partyA, partyB)
	return boundary.StandingOf(actor, lineage, partyA, partyB), err
}

// CleanFileName returns a name as it may be shown: without folders, control and format characters, at most 200 bytes.
func CleanFileName(name string) string {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	for len(name) > 200 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name = strings.TrimSpace(name); name == "" || name == "." || name == "/" || name == ".." {
		return "track"
	}
	return name
}

// trackRow is a track as it lies in the table, with its line's parties.
type trackRow struct {
	Track
	PartyA, PartyB uuid.UUID
	SubmittedAt    *time.Time
	UploadedBy     *uuid.UUID // nil in a result
}

// trackSQL reads whole tracks, as far as the second wall lets the transaction see any; resultSQL what the other side may
// know of them.
const (
	trackSQL = `
	select t.id, t.sha256, t.state, t.version, t.frame, t.line_id, l.name, t.inspection_id, t.office_id, o.name, t.file_name, t.receiver, t.sigma_m,
	       t.received_at, t.matched_at, t.receipt, t.reading, r.match, r.corridor_m, r.corridor, l.party_a, l.party_b, t.submitted_at, t.uploaded_by
	from track t join line l on l.id = t.line_id join office o on o.id = t.office_id left join track_result r on r.track_id = t.id and r.superseded_at is null`
	resultSQL = `
	select t.id, t.sha256, 'matched', t.version, nullif(t.asked ->> 'Frame', ''), t.line_id, l.name, t.inspection_id, t.office_id, o.name, t.file_name, t.receiver, t.sigma_m,
	       t.received_at, t.matched_at, null::jsonb, null::jsonb, t.match, t.corridor_m, t.corridor, l.party_a, l.party_b, null::timestamptz, null::uuid
	from (select track_id as id, * from track_result where superseded_at is null) t join line l on l.id = t.line_id join office o on o.id = t.office_id`
)

func scanTrack(row pgx.CollectableRow) (t trackRow, err error) {
	var receipt, reading, match []byte
	var corridor *orb.MultiLineString
	err = row.Scan(&t.ID, &t.SHA256, &t.State, &t.Version, &t.Frame, &t.LineID, &t.LineName, &t.InspectionID, &t.OfficeID, &t.Office, &t.FileName,
		&t.Receiver, &t.SigmaM, &t.ReceivedAt, &t.MatchedAt, &receipt, &reading, &match, &t.CorridorM, &corridor, &t.PartyA, &t.PartyB, &t.SubmittedAt, &t.UploadedBy)
	if err != nil {
		return t, err
	}
	if corridor != nil {
		t.Corridor = geojson.NewGeometry(*corridor)
	}
	for _, f := range []struct {
		raw  []byte
		into any
	}{{receipt, &t.Receipt}, {reading, &t.Reading}, {match, &t.Match}} {
		if f.raw == nil {
			continue
		}
		if err := json.Unmarshal(f.raw, f.into); err != nil {
			return t, fmt.Errorf("read track %s: %w", t.ID, err)
		}
	}
	t.Actions = []gazetteer.OpenAction{}
	return t, nil
}

// Track returns a track whole to those who work on it in its own office and, once it was submitted with its round, to the office above both
// parties; to the other party of the line what it covers and how it ran along the line, without the name of its file. To everybody else it does not
// exist: NotFound "track-unknown".
func (s *Store) Track(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Track, error) {
	found, err := s.tracksFor(ctx, actor, now, ` where t.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = trackUnknown()
	}
	if err != nil {
		return Track{}, err
	}
	t := found[0]
	h, err := s.handed(ctx, actor, now, t)
	t.Actions = h.OpenActions(actor)
	return t, err
}

func trackUnknown() error { return fault.New(fault.NotFound, "track-unknown", "没有这条轨迹") }

// Tracks lists the tracks of the actor's own office, newest first, from before the one named (nil: from the newest); to
// one who works by assignment, those he handed in under what runs.
func (s *Store) Tracks(ctx context.Context, actor gazetteer.Actor, now time.Time, before uuid.UUID, limit int) ([]Track, error) {
	out := []Track{}
	if boundary.ByAssignment(actor) {
		return s.tracksHandedIn(ctx, actor, now, before, limit)
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err := trackRows(ctx, tx, trackSQL+`
			where t.office_id = any (offices_of($1)) and ($2::uuid is null or t.id < $2) order by t.id desc limit $3`, actor.OfficeID, nilID(before), limit)
		for _, t := range found {
			out = append(out, *t.toColleague(actor))
		}
		return err
	})
	return out, err
}

// tracksHandedIn lists the tracks the actor handed in under assignments that run.
func (s *Store) tracksHandedIn(ctx context.Context, actor gazetteer.Actor, now time.Time, before uuid.UUID, limit int) ([]Track, error) {
	out := []Track{}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err := trackRows(ctx, tx, trackSQL+`
			where t.uploaded_by = $1 and ($2::uuid is null or t.id < $2) order by t.id desc limit $3`, actor.AccountID, nilID(before), limit)
		for _, t := range found {
			mine, err := s.over(tx).handedIn(ctx, actor, now, t)
			if err != nil {
				return err
			}
			if mine {
				out = append(out, t.Track)
			}
		}
		return err
	})
	return out, err
}

func trackRows(ctx context.Context, db postgis.Conn, sql string, args ...any) ([]trackRow, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanTrack)
	if err != nil {
		return nil, fmt.Errorf("read tracks: %w", err)
	}
	return found, nil
}

// tracksFor lists the tracks that the condition chooses, in the order of their making, each as far as the actor may see it.
func (s *Store) tracksFor(ctx context.Context, actor gazetteer.Actor, now time.Time, where string, args ...any) ([]Track, error) {
	var whole, results []trackRow
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) (err error) {
		if whole, err = trackRows(ctx, tx, trackSQL+where, args...); err == nil {
			results, err = trackRows(ctx, tx, resultSQL+where, args...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := []Track{}
	for _, t := range append(whole, results...) {
		if slices.ContainsFunc(out, func(o Track) bool { return o.ID == t.ID }) {
			continue
		}
		if boundary.ByAssignment(actor) && !s.open {
			mine, err := s.handedIn(ctx, actor, now, t)
			if err != nil {
				return nil, err
			}
			if mine {
				out = append(out, t.Track)
			}
			continue
		}
		standing, err := s.standing(ctx, actor, now, t.PartyA, t.PartyB)
		if err != nil {
			return nil, err
		}
		if seen := s.seen(t, actor, standing); seen != nil {
			out = append(out, *seen)
		}
	}
	slices.SortFunc(out, func(a, b Track) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out, nil
}

// handedIn reports whether the actor handed the track in under an assignment that runs.
func (s *Store) handedIn(ctx context.Context, actor gazetteer.Actor, now time.Time, t trackRow) (bool, error) {
	if t.UploadedBy == nil || *t.UploadedBy != actor.AccountID {
		return false, nil
	}
	task, err := s.taskAt(ctx, actor, now, t.LineID)
	return task != nil && task.For(t.OfficeID), err
}

// seen is the track as far as the actor may see it, nil when not at all: the first wall. A result has no submission.
func (s *Store) seen(t trackRow, actor gazetteer.Actor, standing boundary.Standing) *Track {
	superior := standing == boundary.Above && actor.Has(gazetteer.Superior, gazetteer.Auditor)
	switch {
	case s.open, actor.System != "", superior && t.SubmittedAt != nil:
		return &t.Track
	case actor.IsOf(t.OfficeID):
		return t.toColleague(actor)
	case t.Match != nil && (superior || standing == boundary.Party):
		t.Receipt, t.Reading = nil, nil
		t.FileName = t.Office + "的轨迹"
		t.Match.Rename(t.FileName)
		return &t.Track
	}
	return nil
}

// toColleague is the track as far as one of its own office may see it.
func (t trackRow) toColleague(actor gazetteer.Actor) *Track {
	if !actor.Has(rawReaders...) {
		t.Receipt, t.Reading = nil, nil
	}
	return &t.Track
}
