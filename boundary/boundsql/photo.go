package boundsql

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/photo"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// Photo is a photo that was handed in, as one who may see it reads it.
type Photo struct {
	ID           uuid.UUID              `json:"id"`
	SHA256       string                 `json:"sha256"`
	State        string                 `json:"state"` // received, reading, read, refused, failed
	Version      int                    `json:"version"`
	LineID       uuid.UUID              `json:"lineId"`
	LineName     string                 `json:"lineName"`
	InspectionID *uuid.UUID             `json:"inspectionId"`
	OfficeID     uuid.UUID              `json:"officeId"`
	Office       string                 `json:"office"`
	FileName     string                 `json:"fileName"`
	ReceivedAt   time.Time              `json:"receivedAt"`
	ReadAt       *time.Time             `json:"readAt"`
	Facts        *photo.Photo           `json:"facts"`     // what the file says of itself; null before it is read
	Sightings    []boundary.Sighting    `json:"sightings"` // the markers it may show, the nearest first
	Certain      bool                   `json:"certain"`   // only the first of them can be meant
	Copies       bool                   `json:"copies"`    // there are a public copy and a thumbnail
	Original     bool                   `json:"original"`  // the reader may have the original
	Actions      []gazetteer.OpenAction `json:"actions"`
}

// photoRow is a photo as it lies in the table, with its line's parties.
type photoRow struct {
	Photo
	Public, Thumbnail *string // digests of the copies
	PartyA, PartyB    uuid.UUID
	SubmittedAt       *time.Time
	UploadedBy        uuid.UUID
}

// photoSQL reads photos as far as the second wall lets the transaction see any.
const photoSQL = `
	select p.id, p.sha256, p.state, p.line_id, l.name, p.inspection_id, p.office_id, o.name, p.file_name, p.received_at, p.read_at,
	       p.facts, p.sightings, p.certain, p.public_sha256, p.thumbnail_sha256, l.party_a, l.party_b, p.submitted_at, p.uploaded_by
	from photo p join line l on l.id = p.line_id join office o on o.id = p.office_id`

// photoWithTrack is which photos p go with a track t: those of the same submission, or of the same side of the same inspection.
const photoWithTrack = `p.line_id = t.line_id and p.office_id = t.office_id and (p.inspection_id = t.inspection_id or t.id = any (p.tracks))`

// placedPhoto is whether a photo p says where and when it was taken: only such a one speaks for a track.
const placedPhoto = `p.facts ? 'position' and p.facts ? 'takenAt' and p.state not in ('refused', 'failed')`

func scanPhoto(row pgx.CollectableRow) (p photoRow, err error) {
	var facts, sightings []byte
	err = row.Scan(&p.ID, &p.SHA256, &p.State, &p.LineID, &p.LineName, &p.InspectionID, &p.OfficeID, &p.Office, &p.FileName,
		&p.ReceivedAt, &p.ReadAt, &facts, &sightings, &p.Certain, &p.Public, &p.Thumbnail, &p.PartyA, &p.PartyB, &p.SubmittedAt, &p.UploadedBy)
	if err == nil && facts != nil {
		err = json.Unmarshal(facts, &p.Facts)
	}
	if err == nil && sightings != nil {
		err = json.Unmarshal(sightings, &p.Sightings)
	}
	if err != nil {
		return p, fmt.Errorf("read photo %s: %w", p.ID, err)
	}
	if p.Sightings == nil {
		p.Sightings = []boundary.Sighting{}
	}
	p.Version, p.Actions, p.Copies = 1, []gazetteer.OpenAction{}, p.Thumbnail != nil
	if p.ReadAt != nil {
		p.Version = 2
	}
	return p, nil
}

func photoRows(ctx context.Context, db postgis.Conn, sql string, args ...any) ([]photoRow, error) {
	rows, err := db.Query(ctx, photoSQL+sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPhoto)
}

// recordPhoto records one photo.
func (s *Store) recordPhoto(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, h handover, f *handedFile) error {
	id := f.upload
	tag, err := tx.Exec(ctx, `
		insert into photo (id, office_id, uploaded_by, submission_id, line_id, inspection_id, sha256, file_name, state, received_at, submitted_at)
		values (@id, @office, @by, @submission, @line, @inspection, @sha256, @name, 'received', @now, case when @submitted then @now::timestamptz end)
		on conflict on constraint photo_once do nothing`,
		pgx.StrictNamedArgs{
			"id": id, "office": h.to.office, "by": actor.AccountID, "submission": h.id, "line": h.to.line, "inspection": nilID(h.in.InspectionID),
			"sha256": f.digest.SHA256, "name": f.name, "now": now, "submitted": h.to.submitted,
		})
	if err != nil {
		return fmt.Errorf("record the photo: %w", err)
	}
	f.photo, f.existing = &id, tag.RowsAffected() == 0
	if f.existing {
		id, err = samePhoto(ctx, tx, s.jobs, actor, now, h, f.digest.SHA256)
		if isNoRows(err) { // a colleague's: who works by assignment does not see it
			f.photo, err = nil, nil
		}
		return err
	}
	if err := s.jobs.Later(ctx, tx, readPhotoArgs{PhotoID: id}); err != nil {
		return err
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "photo/" + id.String(), Verb: "receive",
		After: map[string]any{"sha256": f.digest.SHA256, "size": f.digest.Size, "line": h.to.line},
	})
}

// recordBeside notes of the photos of a submission which tracks came with them, those too that were there before.
func recordBeside(ctx context.Context, tx pgx.Tx, files []handedFile) error {
	tracks, photos := []uuid.UUID{}, []uuid.UUID{}
	for _, f := range files {
		switch {
		case f.track != nil:
			tracks = append(tracks, *f.track)
		case f.photo != nil:
			photos = append(photos, *f.photo)
		}
	}
	if len(tracks) == 0 || len(photos) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		update photo set tracks = (select array_agg(distinct t) from unnest(tracks || $2::uuid[]) as t) where id = any ($1)`, photos, tracks)
	if err != nil {
		return fmt.Errorf("note the tracks beside photos: %w", err)
	}
	return nil
}

// samePhoto finds the photo that was received before. One handed in for the line alone joins the inspection now named.
func samePhoto(ctx context.Context, tx pgx.Tx, jobs *Jobs, actor gazetteer.Actor, now time.Time, h handover, sha256 string) (id uuid.UUID, err error) {
	var joined *uuid.UUID
	var state string
	err = tx.QueryRow(ctx, `
		select id, inspection_id, state from photo where office_id = $1 and line_id = $2 and sha256 = $3 for update`,
		h.to.office, h.to.line, sha256).Scan(&id, &joined, &state)
	if err == nil && state == "failed" { // what failed is tried again when somebody cares to send it again
		if _, err = tx.Exec(ctx, `update photo set state = 'received' where id = $1`, id); err == nil {
			err = jobs.Later(ctx, tx, readPhotoArgs{PhotoID: id})
		}
	}
	if err != nil || h.in.InspectionID == uuid.Nil || joined != nil {
		return id, err
	}
	_, err = tx.Exec(ctx, `
		update photo set inspection_id = $2, submitted_at = case when $3 then $4::timestamptz end where id = $1`, id, h.in.InspectionID, h.to.submitted, now)
	if err != nil {
		return id, fmt.Errorf("join the inspection: %w", err)
	}
	return id, gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "photo/" + id.String(), Verb: "join-inspection", After: map[string]any{"inspection": h.in.InspectionID},
	})
}

// Photo returns a photo to those who work on it in its own office and, once it was submitted with its round, to the office
// above both parties. To everybody else, the other party too, it does not exist: NotFound "photo-unknown".
func (s *Store) Photo(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Photo, error) {
	p, err := s.photo(ctx, actor, now, id)
	return p.Photo, err
}

func (s *Store) photo(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (photoRow, error) {
	var found []photoRow
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) (err error) {
		if found, err = photoRows(ctx, tx, ` where p.id = $1`, id); err == nil {
			found, err = s.over(tx).photosSeen(ctx, actor, now, found)
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "photo-unknown", "没有这张照片")
	}
	if err != nil {
		return photoRow{}, err
	}
	return found[0], nil
}

// PhotosOf says which photos to list; what is uuid.Nil does not matter.
type PhotosOf struct {
	Line, Inspection uuid.UUID
	Track            uuid.UUID // those that go with it
}

// any reports whether it asks for the photos of something.
func (of PhotosOf) any() bool { return of != PhotosOf{} }

// Photos lists the photos of the actor's own office, newest first, from before the one named (nil: from the newest): to one
// who works by assignment those he handed in under what runs, to the office above those of a line, inspection or track
// that were submitted.
func (s *Store) Photos(ctx context.Context, actor gazetteer.Actor, now time.Time, of PhotosOf, before uuid.UUID, limit int) ([]Photo, error) {
	out := []Photo{}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err := photoRows(ctx, tx, `
			where case when @mine then p.uploaded_by = @account
			           else p.office_id = any (offices_of(@office)) or @others and p.submitted_at is not null end
			  and (@line::uuid is null or p.line_id = @line) and (@inspection::uuid is null or p.inspection_id = @inspection)
			  and (@track::uuid is null or exists (select from track t where t.id = @track and `+photoWithTrack+`))
			  and (@before::uuid is null or p.id < @before)
			order by p.id desc limit @limit`,
			pgx.StrictNamedArgs{
				"mine": boundary.ByAssignment(actor), "account": actor.AccountID, "office": actor.OfficeID, "others": of.any(), "line": nilID(of.Line),
				"inspection": nilID(of.Inspection), "track": nilID(of.Track), "before": nilID(before), "limit": limit,
			})
		if err == nil {
			found, err = s.over(tx).photosSeen(ctx, actor, now, found)
		}
		for _, p := range found {
			out = append(out, p.Photo)
		}
		return err
	})
	return out, err
}

// photosSeen are the photos that the actor may see: the first wall. Originals, of which movements can be read, are for who
// reads raw tracks.
func (s *Store) photosSeen(ctx context.Context, actor gazetteer.Actor, now time.Time, found []photoRow) ([]photoRow, error) {
	var seen []photoRow
	standings := map[uuid.UUID]boundary.Standing{} // by line
	for _, p := range found {
		var visible bool
		switch {
		case s.open, actor.System != "":
			visible, p.Original = true, true
		case boundary.ByAssignment(actor):
			task, err := s.taskAt(ctx, actor, now, p.LineID)
			if err != nil {
				return nil, err
			}
			visible = p.UploadedBy == actor.AccountID && task != nil && task.For(p.OfficeID)
			p.Original = visible
		case actor.IsOf(p.OfficeID):
			visible, p.Original = true, actor.Has(rawReaders...)
		case p.SubmittedAt != nil && actor.Has(gazetteer.Superior, gazetteer.Auditor):
			standing, known := standings[p.LineID]
			if !known {
				var err error
				if standing, err = s.standing(ctx, actor, now, p.PartyA, p.PartyB); err != nil {
					return nil, err
				}
				standings[p.LineID] = standing
			}
			visible = standing == boundary.Above
			p.Original = visible
		}
		if visible {
			seen = append(seen, p)
		}
	}
	return seen, nil
}

// PhotoCopy is one of the two pictures that are shown instead of the original: JPEG without anything but pixels. size is
// photo.PublicPx or photo.ThumbnailPx. Its digest names it.
//
// Errors: NotFound "photo-unknown", "photo-no-copy"; Busy "copy-lost" while a lost one is made anew.
func (s *Store) PhotoCopy(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, size int) (jpeg []byte, sha256 string, err error) {
	p, err := s.photo(ctx, actor, now, id)
	if err != nil {
		return nil, "", err
	}
	digest := p.Public
	if size == photo.ThumbnailPx {
		digest = p.Thumbnail
	}
	if digest == nil {
		return nil, "", fault.New(fault.NotFound, "photo-no-copy", "这张照片没有可看的副本：还没有读取，或者图像读不出来")
	}
	jpeg, err = s.derived(*digest)
	if err != nil {
		return nil, "", s.remake(ctx, id, err)
	}
	return jpeg, *digest, nil
}

// derived reads what was made of an original, whole and undamaged.
func (s *Store) derived(digest string) ([]byte, error) {
	f, err := s.vault.Derived().Open(digest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// remake has a photo read again whose copies are lost or damaged, once, and says so.
func (s *Store) remake(ctx context.Context, id uuid.UUID, cause error) error {
	err := gazsql.As(ctx, s.db, photographer, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update photo set state = 'received' where id = $1 and state = 'read'`, id)
		if err == nil && tag.RowsAffected() > 0 {
			err = s.jobs.Later(ctx, tx, readPhotoArgs{PhotoID: id})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("make the copies anew: %w", err)
	}
	return fault.Wrap(cause, fault.Busy, "copy-lost", "照片的副本不在或已损坏，正由原件重新生成：请稍后再看")
}

// PhotoOriginal opens the original of a photo, which callers must read to its end before they trust a byte of it (see
// vault.Open).
//
// Errors: NotFound "photo-unknown", "evidence-unknown"; Forbidden "not-yours" for who sees the photo and may not have it.
func (s *Store) PhotoOriginal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Photo, fs.File, error) {
	p, err := s.photo(ctx, actor, now, id)
	if err == nil && !p.Original {
		err = fault.New(fault.Forbidden, "not-yours", "照片原件只给报送单位的经办、负责人、测绘和档案人员以及报送者本人")
	}
	if err != nil {
		return Photo{}, nil, err
	}
	f, err := s.vault.Open(p.SHA256)
	return p.Photo, f, err
}
