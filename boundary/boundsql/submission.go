package boundsql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/ledger"
	"fangyu/internal/vault"
)

// uploadLife is how long an unfinished submission is kept after the last byte of it came.
const uploadLife = 7 * 24 * time.Hour

// Submission is what a device hands in, as far as it has come. Only who sends it sees it.
type Submission struct {
	ID             uuid.UUID         `json:"id"`
	State          string            `json:"state"` // open, received
	ManifestSHA256 string            `json:"manifestSha256"`
	LineID         uuid.UUID         `json:"lineId"`
	InspectionID   *uuid.UUID        `json:"inspectionId"`
	ExpiresAt      *time.Time        `json:"expiresAt"` // when it is given up; null once it is received
	Files          []Upload          `json:"files"`
	Receipt        *boundary.Receipt `json:"receipt"`
}

// handover is a submission whose files lie in the vault.
type handover struct {
	id    uuid.UUID
	in    boundary.Submission // where it goes, with receiver and SigmaM filled in
	to    destination
	files []handedFile
}

type handedFile struct {
	upload   uuid.UUID // the track or photo has its id
	name     string
	digest   vault.Digest
	kind     boundary.FileKind
	track    *uuid.UUID // of a track; nil where the office has it from a colleague whose tracks the actor does not see
	photo    *uuid.UUID // of a photo
	existing bool       // the track or photo was there before
}

// Declare takes the manifest of a submission. Declared again it is what it is by now, with its receipt once it is received.
//
// Errors: as KeepTrack; Malformed "manifest-wrong"; Conflict "id_reused" where the id was used for another manifest.
func (s *Store) Declare(ctx context.Context, actor gazetteer.Actor, now time.Time, in boundary.Submission) (found Submission, made bool, err error) {
	if actor.Anonymous() {
		return Submission{}, false, fault.New(fault.Anonymous, "sign-in", "请先登录再上传轨迹")
	}
	if err := errors.Join(in.Check(MaxTrackBytes), fillIn(&in)); err != nil {
		return Submission{}, false, err
	}
	for i := range in.Files {
		in.Files[i].Name = CleanFileName(in.Files[i].Name)
	}
	digest := in.Digest()
	if found, err = s.declared(ctx, actor, in.ID, digest); fault.KindOf(err) != fault.NotFound {
		return found, false, err
	}
	h := handover{id: in.ID, in: in}
	if h.to, err = s.checkUpload(ctx, actor, now, &h.in); err == nil {
		err = s.withinQuota(ctx, h.to.office)
	}
	if err != nil {
		return Submission{}, false, err
	}
	for _, f := range in.Files {
		h.files = append(h.files, handedFile{upload: gazsql.NewID(), name: f.Name, digest: vault.Digest{SHA256: f.SHA256, Size: f.Size}})
	}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		made, err = declare(ctx, tx, actor, now, h)
		return err
	})
	if err == nil {
		found, err = s.declared(ctx, actor, in.ID, digest) // by now perhaps another request's
	}
	return found, made, err
}

// declared finds a submission and refuses another manifest under its id.
func (s *Store) declared(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, digest string) (Submission, error) {
	found, err := s.Submission(ctx, actor, id)
	if err == nil && found.ManifestSHA256 != digest {
		return Submission{}, fault.New(fault.Conflict, "id_reused", "报送编号 %s 已用于另一份清单：原清单摘要 %s，现清单摘要 %s；新的内容请用新的编号",
			id, found.ManifestSHA256, digest)
	}
	return found, err
}

// declare records a manifest, unless its id is taken.
func declare(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, h handover) (made bool, err error) {
	tag, err := tx.Exec(ctx, `
		insert into submission (account_id, id, office_id, line_id, inspection_id, receiver, sigma_m, manifest_sha256, declared_at, expires_at)
		values (@account, @id, @office, @line, @inspection, @receiver, @sigma, @digest, @now, @expires) on conflict do nothing`,
		pgx.StrictNamedArgs{
			"account": actor.AccountID, "id": h.id, "office": h.to.office, "line": h.to.line, "inspection": nilID(h.in.InspectionID),
			"receiver": h.in.Receiver, "sigma": h.in.SigmaM, "digest": h.in.Digest(), "now": now, "expires": now.Add(uploadLife),
		})
	if err != nil {
		return false, fmt.Errorf("declare the submission: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	var batch pgx.Batch // COPY knows no row-level security
	for i, f := range h.files {
		batch.Queue(`
			insert into upload (id, account_id, submission_id, number, file_name, size, wanted_sha256) values ($1, $2, $3, $4, $5, $6, $7)`,
			f.upload, actor.AccountID, h.id, i, f.name, f.digest.Size, nilText(f.digest.SHA256))
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return false, fmt.Errorf("declare the files: %w", err)
	}
	return true, nil
}

// recordFiles records evidence, tracks, photos and the jobs that read them. The same bytes for the same line from the same
// office are one track or photo, which joins the inspection now named. It goes by digests, so that two submissions of the
// same files do not wait for each other.
func (s *Store) recordFiles(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, h *handover) error {
	byDigest := make([]*handedFile, len(h.files))
	for i := range h.files {
		byDigest[i] = &h.files[i]
	}
	slices.SortStableFunc(byDigest, func(a, b *handedFile) int { return strings.Compare(a.digest.SHA256, b.digest.SHA256) })
	for _, f := range byDigest {
		_, err := tx.Exec(ctx, `
			insert into evidence (sha256, size, media_type, kept_at) values ($1, $2, 'application/octet-stream', $3) on conflict do nothing`,
			f.digest.SHA256, f.digest.Size, now)
		if err != nil {
			return fmt.Errorf("record evidence: %w", err)
		}
		record := s.recordTrack
		if f.kind == boundary.PhotoFile {
			record = s.recordPhoto
		}
		if err := record(ctx, tx, actor, now, *h, f); err != nil {
			return err
		}
	}
	if err := recordBeside(ctx, tx, h.files); err != nil {
		return err
	}
	return s.readExistingAgain(ctx, tx, now, h.files)
}

// readExistingAgain has tracks read again that have other photos beside them now: what was there before may have joined them.
func (s *Store) readExistingAgain(ctx context.Context, tx pgx.Tx, now time.Time, files []handedFile) (err error) {
	for _, f := range files {
		switch {
		case f.existing && f.track != nil:
			err = errors.Join(err, s.readAgain(ctx, tx, now, thisTrack, *f.track))
		case f.existing && f.photo != nil:
			err = errors.Join(err, s.readAgain(ctx, tx, now, tracksOfPhoto, *f.photo))
		}
	}
	return err
}

// recordTrack records one track, without its receipt yet.
func (s *Store) recordTrack(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, h handover, f *handedFile) error {
	id := f.upload
	tag, err := tx.Exec(ctx, `
		insert into track (id, office_id, uploaded_by, line_id, inspection_id, sha256, file_name, receiver, sigma_m, state, receipt, received_at, submitted_at)
		values (@id, @office, @by, @line, @inspection, @sha256, @name, @receiver, @sigma, 'received', '{}', @now, case when @submitted then @now::timestamptz end)
		on conflict on constraint track_once do nothing`,
		pgx.StrictNamedArgs{
			"id": id, "office": h.to.office, "by": actor.AccountID, "line": h.to.line, "inspection": nilID(h.in.InspectionID),
			"sha256": f.digest.SHA256, "name": f.name, "receiver": h.in.Receiver, "sigma": h.in.SigmaM, "now": now, "submitted": h.to.submitted,
		})
	if err != nil {
		return fmt.Errorf("record the track: %w", err)
	}
	f.track, f.existing = &id, tag.RowsAffected() == 0
	if f.existing {
		id, err = sameTrack(ctx, tx, actor, now, h.to, f.digest.SHA256, h.in.InspectionID)
		if isNoRows(err) {
			f.track, err = nil, nil
		}
		return err
	}
	if err := s.jobs.Later(ctx, tx, readTrackArgs{TrackID: id}); err != nil {
		return err
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "track/" + id.String(), Verb: "receive",
		After: map[string]any{"sha256": f.digest.SHA256, "size": f.digest.Size, "line": h.to.line},
	})
}

// recordReceipt ends a submission that was declared: its entry in the journal, and the receipt that names the entry.
func (s *Store) recordReceipt(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, h handover) (*boundary.Receipt, error) {
	r := &boundary.Receipt{
		SubmissionID: h.id, ReceivedAt: now.UTC(), Office: boundary.OfficeRef{ID: actor.OfficeID, Name: actor.OfficeName},
	}
	for _, f := range h.files {
		r.Files = append(r.Files, boundary.ReceivedFile{Name: f.name, Size: f.digest.Size, SHA256: f.digest.SHA256})
	}
	err := gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "submission/" + h.id.String(), Verb: "receive", After: map[string]any{"line": h.to.line, "files": r.Files},
	})
	if err == nil {
		err = tx.QueryRow(ctx, `select currval(pg_get_serial_sequence('journal', 'seq'))`).Scan(&r.Entry)
	}
	if err == nil {
		if r.Leaf, err = ledger.Leaf(ctx, tx, r.Entry); isNoRows(err) {
			err = nil // who may not read the journal has a receipt all the same
		}
	}
	if err == nil && s.Sign != nil {
		r.Note, err = s.Sign(r.Text())
	}
	if err != nil {
		return nil, fmt.Errorf("make the receipt: %w", err)
	}
	for _, f := range h.files {
		_, err := tx.Exec(ctx, `
			update upload set received = size, sha256 = $2, kind = $3, kept = true, track_id = $4, photo_id = $5 where id = $1`,
			f.upload, f.digest.SHA256, string(f.kind), f.track, f.photo)
		if err == nil && f.track != nil && !f.existing {
			_, err = tx.Exec(ctx, `update track set receipt = $2 where id = $1`, f.track, r)
		}
		if err != nil {
			return nil, fmt.Errorf("give the receipt: %w", err)
		}
	}
	_, err = tx.Exec(ctx, `
		update submission set received_at = $3, receipt = $4, expires_at = null where account_id = $1 and id = $2`, actor.AccountID, h.id, now, r)
	if err != nil {
		return nil, fmt.Errorf("end the submission: %w", err)
	}
	return r, nil
}

// Submission returns a submission of the actor's own.
//
// Errors: NotFound "submission-unknown".
func (s *Store) Submission(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (found Submission, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err = submissionOf(ctx, tx, actor, id)
		return err
	})
	return found, err
}

func submissionOf(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, id uuid.UUID) (Submission, error) {
	var found Submission
	var receivedAt *time.Time
	err := tx.QueryRow(ctx, `
		select id, manifest_sha256, line_id, inspection_id, expires_at, received_at, receipt from submission where account_id = $1 and id = $2`,
		actor.AccountID, id).Scan(&found.ID, &found.ManifestSHA256, &found.LineID, &found.InspectionID, &found.ExpiresAt, &receivedAt, &found.Receipt)
	if err != nil {
		return found, notFound(err, "submission-unknown", "没有编号为 %s 的报送", id)
	}
	found.State = "open"
	if receivedAt != nil {
		found.State = "received"
	}
	found.Files, err = collect[Upload](ctx, tx, uploadSQL+` where u.account_id = $1 and u.submission_id = $2 order by u.number`, actor.AccountID, id)
	return found, err
}
