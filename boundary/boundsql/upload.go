package boundsql

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/photo"
	"fangyu/internal/fault"
	"fangyu/internal/vault"
)

// Upload is one file of a submission on its way.
type Upload struct {
	ID           uuid.UUID  `json:"id" db:"id"`
	SubmissionID uuid.UUID  `json:"submissionId" db:"submission_id"`
	FileName     string     `json:"fileName" db:"file_name"`
	Size         int64      `json:"size" db:"size"`     // bytes
	Offset       int64      `json:"offset" db:"offset"` // bytes on disk
	SHA256       *string    `json:"sha256" db:"sha256"` // of the manifest, or found; null before
	State        string     `json:"state" db:"state"`   // open, whole (waiting for the other files), received
	Kind         *string    `json:"kind" db:"kind"`     // track, photo; null before all bytes are there
	TrackID      *uuid.UUID `json:"trackId" db:"track_id"`
	PhotoID      *uuid.UUID `json:"photoId" db:"photo_id"`
	ExpiresAt    *time.Time `json:"expiresAt" db:"expires_at"` // when it is given up; null once it is received
	Wanted       *string    `json:"-" db:"wanted_sha256"`
	Found        *string    `json:"-" db:"found_sha256"`
	Kept         bool       `json:"-" db:"kept"`
}

const uploadSQL = `
	select u.id, u.submission_id, u.file_name, u.size, u.received as offset, coalesce(u.sha256, u.wanted_sha256) as sha256,
	       case when s.received_at is not null then 'received' when u.kept then 'whole' else 'open' end as state,
	       u.kind, u.track_id, u.photo_id, s.expires_at, u.wanted_sha256, u.sha256 as found_sha256, u.kept
	from upload u join submission s on s.account_id = u.account_id and s.id = u.submission_id`

// Upload returns a file of the actor's own on its way. One whose bytes are all there is finished first, should the server
// have been killed meanwhile.
//
// Errors: NotFound "upload-unknown"; those of AppendUpload at the end of a file.
func (s *Store) Upload(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Upload, error) {
	u, err := s.LookUpload(ctx, actor, id)
	if err == nil && u.Offset == u.Size && u.State != "received" {
		if err = s.finishUpload(ctx, actor, now, u); err == nil {
			u, err = s.LookUpload(ctx, actor, id)
		}
	}
	return u, err
}

// LookUpload is Upload that changes nothing.
func (s *Store) LookUpload(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (Upload, error) {
	var u Upload
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err := collect[Upload](ctx, tx, uploadSQL+` where u.id = $1 and u.account_id = $2`, id, actor.AccountID)
		if err == nil && len(found) == 0 {
			err = fault.New(fault.NotFound, "upload-unknown", "没有这个上传，或已过期：请重新报送")
		}
		if err == nil {
			u = found[0]
		}
		return err
	})
	return u, err
}

// UploadPiece is a stretch of a file as it comes.
type UploadPiece struct {
	Offset int64
	Body   io.Reader
	Sum    hash.Hash // of the checksum sent with it; nil: none was
	Want   []byte
}

// AppendUpload takes the next piece of a file of the actor's own. Once the last byte of the last file of a submission is on
// disk, the submission is recorded and has its receipt; the pieces before that only make the offset go up.
//
// Errors: NotFound "upload-unknown"; Conflict "offset_mismatch" with the right offset, "part-lost"; Garbled
// "checksum_mismatch"; Refused "hash_mismatch" when the file is not that of the manifest and "image_too_large" for a photo of
// too many pixels, which is dropped then and may be sent again; those of vault.Append and of Declare.
func (s *Store) AppendUpload(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, p UploadPiece) (Upload, error) {
	u, err := s.LookUpload(ctx, actor, id)
	if err != nil {
		return u, err
	}
	if p.Offset != u.Offset {
		return u, fault.New(fault.Conflict, "offset_mismatch", "已收到 %d 字节，请从第 %d 字节续传，不是 %d", u.Offset, u.Offset, p.Offset)
	}
	lasting := context.WithoutCancel(ctx) // what came before the client went away is kept, and finished
	if u.Offset < u.Size {
		err = s.vault.Append(ctx, id.String(), vault.Piece{
			Offset: p.Offset, End: u.Size, Body: p.Body, Sum: p.Sum, Want: p.Want,
			Kept: func(offset int64) error { return s.acknowledge(lasting, actor, now, &u, offset) },
		})
	}
	if fault.Is(err, "part-lost") {
		err = errors.Join(err, s.startAgain(lasting, actor, now, &u))
	}
	if u.Offset < u.Size || u.State == "received" { // and what a body that broke off says does not matter at the end
		return u, err
	}
	if err := s.finishUpload(lasting, actor, now, u); err != nil {
		u, _ = s.LookUpload(lasting, actor, id)
		return u, err
	}
	return s.LookUpload(lasting, actor, id)
}

// acknowledge records how many bytes are on disk, from where the upload was known to be.
func (s *Store) acknowledge(ctx context.Context, actor gazetteer.Actor, now time.Time, u *Upload, offset int64) error {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update upload set received = $3, sha256 = null, kind = null where id = $1 and received = $2 and not kept`, u.ID, u.Offset, offset)
		if err == nil && tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "offset_mismatch", "上传已由另一个请求接续：请查询后从那里续传")
		}
		if err == nil {
			_, err = tx.Exec(ctx, `update submission set expires_at = $3 where account_id = $1 and id = $2`,
				actor.AccountID, u.SubmissionID, now.Add(uploadLife))
		}
		return err
	})
	if err == nil {
		u.Offset = offset
	}
	return err
}

// startAgain drops what came of a file, so that it can be sent again.
func (s *Store) startAgain(ctx context.Context, actor gazetteer.Actor, now time.Time, u *Upload) error {
	if err := s.acknowledge(ctx, actor, now, u, 0); err != nil {
		return err
	}
	return s.vault.Drop(u.ID.String())
}

// finishUpload makes a file whose bytes are all there an original, and records its submission when it was the last.
// It may be done again after a crash.
func (s *Store) finishUpload(ctx context.Context, actor gazetteer.Actor, now time.Time, u Upload) error {
	if !u.Kept {
		if u.Found == nil {
			if err := s.recognize(ctx, actor, now, &u); err != nil {
				return err
			}
		}
		err := s.vault.Keep(u.ID.String(), *u.Found)
		if fault.Is(err, "part-lost") {
			err = errors.Join(err, s.startAgain(ctx, actor, now, &u))
		}
		if err == nil {
			err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `update upload set kept = true where id = $1 and not kept`, u.ID)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return s.receive(ctx, actor, now, u.SubmissionID)
}

// recognize finds the digest and the kind of a whole file and holds it against its manifest.
func (s *Store) recognize(ctx context.Context, actor gazetteer.Actor, now time.Time, u *Upload) error {
	digest, head, err := s.vault.Whole(ctx, u.ID.String())
	if err == nil && digest.Size != u.Size {
		err = errors.Join(fault.New(fault.Conflict, "part-lost", "已收到的 %d 字节中只剩 %d：请从头重新上传", u.Size, digest.Size),
			s.startAgain(ctx, actor, now, u))
	}
	if err != nil {
		return err
	}
	if u.Wanted != nil && *u.Wanted != digest.SHA256 {
		if err := s.startAgain(ctx, actor, now, u); err != nil {
			return err
		}
		return fault.New(fault.Refused, "hash_mismatch", "收到的 %s 的摘要是 %s，与清单的 %s 不符：没有收下，请从头重新上传", u.FileName, digest.SHA256, *u.Wanted)
	}
	kind := boundary.KindOf(head)
	if large := photo.Read(u.FileName, head).TooLarge(); kind == boundary.PhotoFile && large != nil {
		if err := s.startAgain(ctx, actor, now, u); err != nil {
			return err
		}
		return fault.New(fault.Refused, large.Code, "%s：%s", u.FileName, large.Detail)
	}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update upload set sha256 = $2, kind = $3 where id = $1 and received = size`,
			u.ID, digest.SHA256, string(kind))
		return err
	})
	u.Found = &digest.SHA256
	return err
}

// receive records a submission once all its files are kept. Of those that come to it at once the first does it.
func (s *Store) receive(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	found, err := s.Submission(ctx, actor, id)
	if err != nil || found.State == "received" || slices.ContainsFunc(found.Files, func(u Upload) bool { return !u.Kept }) {
		return err
	}
	h := handover{id: id}
	if h.in, err = s.manifestOf(ctx, actor, found); err != nil {
		return err
	}
	if h.to, err = s.checkUpload(ctx, actor, now, &h.in); err != nil { // what was open when it was declared may be closed
		return err
	}
	return gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		var received bool
		err := tx.QueryRow(ctx, `
			select received_at is not null from submission where account_id = $1 and id = $2 for update`, actor.AccountID, id).Scan(&received)
		if isNoRows(err) || err == nil && received { // another request was faster
			return nil
		}
		if err != nil {
			return fmt.Errorf("lock the submission: %w", err)
		}
		for _, u := range found.Files {
			h.files = append(h.files, handedFile{
				upload: u.ID, name: u.FileName, digest: vault.Digest{SHA256: *u.Found, Size: u.Size}, kind: boundary.FileKind(*u.Kind),
			})
		}
		if err := s.recordFiles(ctx, tx, actor, now, &h); err != nil {
			return err
		}
		_, err = s.recordReceipt(ctx, tx, actor, now, h)
		return err
	})
}

// manifestOf is a submission as it was declared.
func (s *Store) manifestOf(ctx context.Context, actor gazetteer.Actor, found Submission) (in boundary.Submission, err error) {
	in = boundary.Submission{ID: found.ID, LineID: found.LineID}
	if found.InspectionID != nil {
		in.InspectionID = *found.InspectionID
	}
	for _, u := range found.Files {
		in.Files = append(in.Files, boundary.ManifestFile{Name: u.FileName, Size: u.Size, SHA256: *u.Found})
	}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select receiver, sigma_m from submission where account_id = $1 and id = $2`, actor.AccountID, found.ID).Scan(&in.Receiver, &in.SigmaM)
	})
	return in, err
}

// DropUpload gives up an unfinished submission of the actor's own, with every file of it.
//
// Errors: NotFound "upload-unknown"; Conflict "received-stays" once it is received.
func (s *Store) DropUpload(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) error {
	u, err := s.LookUpload(ctx, actor, id)
	if err != nil {
		return err
	}
	var dropped []uuid.UUID
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		dropped, err = dropSubmissions(ctx, tx, `account_id = $1 and id = $2`, actor.AccountID, u.SubmissionID)
		if err == nil && len(dropped) == 0 {
			err = fault.New(fault.Conflict, "received-stays", "报送已收下并有回执，不能删除")
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.dropParts(dropped)
}

// dropSubmissions deletes unfinished submissions and returns the uploads that were theirs.
func dropSubmissions(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `
		with gone as (delete from submission where received_at is null and `+where+` returning account_id, id)
		select u.id from gone g join upload u on u.account_id = g.account_id and u.submission_id = g.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("drop submissions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

func (s *Store) dropParts(ids []uuid.UUID) (err error) {
	for _, id := range ids {
		err = errors.Join(err, s.vault.Drop(id.String()))
	}
	return err
}

// expirer is the system actor that gives up unfinished submissions.
var expirer = gazetteer.Actor{System: "upload.expire"}

// ExpireUploads gives up the unfinished submissions whose time is over, and removes what lies in the vault of those that
// were given up before.
func (s *Store) ExpireUploads(ctx context.Context, now time.Time) error {
	if s.vault == nil {
		return nil
	}
	names, err := s.vault.Parts() // before the rows are read: a file is made after its row
	if err != nil {
		return err
	}
	parts := []uuid.UUID{}
	for _, name := range names {
		if id, err := uuid.Parse(name); err == nil {
			parts = append(parts, id)
		}
	}
	err = gazsql.As(ctx, s.db, expirer, func(tx pgx.Tx) error {
		if _, err := dropSubmissions(ctx, tx, `expires_at < $1`, now); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select part.id from unnest($1::uuid[]) as part (id) where not exists (select from upload u where u.id = part.id)`, parts)
		if err != nil {
			return err
		}
		parts, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	if err != nil {
		return err
	}
	return s.dropParts(parts)
}
