package boundsql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
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

// photographer is the system actor that reads photos.
var photographer = gazetteer.Actor{System: "photo.read"}

// photoWork is what reading a photo starts from, besides its bytes.
type photoWork struct {
	SHA256   string
	FileName string
	Markers  []boundary.MarkerPosition
}

// photoAnswer is what is recorded of a photo, and its copies; those are nil where none can be made.
type photoAnswer struct {
	Facts             photo.Photo
	Sightings         []boundary.Sighting
	Certain           bool
	Public, Thumbnail []byte
}

func (w *photoWork) do(file *os.File) (answer photoAnswer, err error) {
	b, err := w.wholeFile(file)
	if err != nil {
		return answer, err
	}
	facts := photo.Read(w.FileName, b)
	if !facts.Refused() {
		answer.Sightings, answer.Certain = boundary.Sightings(boundary.Photo{Photo: facts}, w.Markers)
		answer.Public, answer.Thumbnail, err = photo.Copies(facts, b)
		if why := (*fault.Error)(nil); errors.As(err, &why) {
			facts.Findings = append(facts.Findings, fault.Finding{
				Code: strings.ReplaceAll(why.Code, "-", "_"), Severity: fault.Warning, Detail: why.Detail,
			})
			err = nil
		}
	}
	answer.Facts = facts
	return answer, err
}

// wholeFile reads the original into memory of its own size: pictures are judged and decoded in one piece.
func (w *photoWork) wholeFile(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(vault.Check(file, w.SHA256)); err != nil {
		return nil, fmt.Errorf("read the photo: %w", err)
	}
	return b.Bytes(), nil
}

// ReadPhoto reads a photo from the vault: what it says of itself, which markers of its line it may show, and its copies. One
// that cannot be used gets the state refused with its findings; its bytes stay. A photo that was read already is left as it
// is, so that a job may run twice.
func (s *Store) ReadPhoto(ctx context.Context, now time.Time, id uuid.UUID) error {
	work, err := s.takePhoto(ctx, id)
	if err != nil || work == nil {
		return err
	}
	answer, err := readOriginal[photoAnswer](ctx, s, work.SHA256, originalWork{Photo: work})
	if err != nil {
		return err
	}
	public, thumbnail, err := s.keepCopies(ctx, answer)
	if err != nil {
		return err
	}
	state := "read"
	if answer.Facts.Refused() {
		state = "refused"
	}
	return gazsql.As(ctx, s.db, photographer, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			update photo set state = @state, facts = @facts, sightings = @sightings, certain = @certain,
			    public_sha256 = @public, thumbnail_sha256 = @thumbnail, read_at = @now
			where id = @id and state = any (@pending)`,
			pgx.StrictNamedArgs{
				"state": state, "facts": answer.Facts, "sightings": answer.Sightings, "certain": answer.Certain, "public": public,
				"thumbnail": thumbnail, "now": now, "id": id, "pending": pending,
			})
		if err != nil {
			return fmt.Errorf("record the photo: %w", err)
		}
		if tag.RowsAffected() == 0 { // another run was faster
			return nil
		}
		err = gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: photographer, Subject: "photo/" + id.String(), Verb: "read", After: map[string]any{"state": state},
		})
		if err != nil {
			return err
		}
		return s.readAgain(ctx, tx, now, tracksOfPhoto, id)
	})
}

// takePhoto marks a photo as being read and returns what is needed for it; nil when it was read already or is not there.
func (s *Store) takePhoto(ctx context.Context, id uuid.UUID) (work *photoWork, err error) {
	err = gazsql.As(ctx, s.db, photographer, func(tx pgx.Tx) error {
		var line uuid.UUID
		work = &photoWork{}
		err := tx.QueryRow(ctx, `
			update photo set state = 'reading' where id = $1 and state = any ($2) returning sha256, file_name, line_id`, id, pending).
			Scan(&work.SHA256, &work.FileName, &line)
		if isNoRows(err) {
			work = nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("take the photo: %w", err)
		}
		work.Markers, err = collect[boundary.MarkerPosition](ctx, tx, `
			select number, stone, st_force2d(geom) as at, coalesce(sigma_m, 0) as sigma_m, nullif(st_z(geom), 'NaN') as elevation_m, false as formed
			from known_marker where line_id = $1 and upper_inf(valid) and state <> 'retired'`, line)
		return err
	})
	return work, err
}

// keepCopies keeps the copies of a photo beside the originals and returns their digests, nil where there are none.
func (s *Store) keepCopies(ctx context.Context, answer photoAnswer) (public, thumbnail *string, err error) {
	if answer.Public == nil {
		return nil, nil, nil
	}
	keep := func(jpeg []byte) (*string, error) {
		digest, err := s.vault.Derived().Put(ctx, bytes.NewReader(jpeg), 0)
		return &digest.SHA256, err
	}
	if public, err = keep(answer.Public); err == nil {
		thumbnail, err = keep(answer.Thumbnail)
	}
	return public, thumbnail, err
}

// failPhoto marks a photo whose job failed for good, and says why as a finding. Its bytes and its job stay.
func (s *Store) failPhoto(ctx context.Context, now time.Time, id uuid.UUID, cause error) error {
	why := fault.New(fault.Internal, "reading-failed", "系统出错，已记录")
	errors.As(cause, &why)
	facts := photo.Photo{Findings: []fault.Finding{{
		Code: why.Code, Severity: fault.Block,
		Detail: fmt.Sprintf("%s。已试 %d 次；原件完好地保存着，请把照片编号告诉系统管理员，或缩小后重新上传", why.Detail, jobTries),
	}}}
	return gazsql.As(ctx, s.db, photographer, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update photo set state = 'failed', facts = $3 where id = $1 and state = any ($2)`, id, pending, facts)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		err = gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: photographer, Subject: "photo/" + id.String(), Verb: "fail", After: map[string]any{"tries": jobTries, "code": why.Code},
		})
		if err != nil {
			return err
		}
		return s.readAgain(ctx, tx, now, tracksOfPhoto, id)
	})
}

// photosWith are the photos that speak for a track, by their ids, each under a name of its own.
func photosWith(ctx context.Context, tx pgx.Tx, track uuid.UUID) (photos []boundary.Photo, ids []uuid.UUID, err error) {
	return photosNamed(ctx, tx, ` join track t on `+photoWithTrack+` where t.id = $1 and `+placedPhoto+` order by p.id`, track)
}

// photosOnce are the photos that spoke for a track when it was read.
func (s *Store) photosOnce(ctx context.Context, ids []uuid.UUID) (photos []boundary.Photo, err error) {
	err = gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		photos, _, err = photosNamed(ctx, tx, ` where p.id = any ($1) order by p.id`, ids)
		return err
	})
	return photos, err
}

func photosNamed(ctx context.Context, tx pgx.Tx, which string, arg any) (photos []boundary.Photo, ids []uuid.UUID, err error) {
	ids = []uuid.UUID{}
	found, err := photoRows(ctx, tx, which, arg)
	named := map[string]bool{}
	for _, p := range found {
		name := p.FileName
		for n := 2; named[name]; n++ {
			ext := path.Ext(p.FileName)
			name = fmt.Sprintf("%s（%d）%s", strings.TrimSuffix(p.FileName, ext), n, ext)
		}
		named[name] = true
		photos, ids = append(photos, boundary.Photo{Name: name, Photo: *p.Facts}), append(ids, p.ID)
	}
	return photos, ids, err
}

// readAgain has tracks read again for which other photos speak than when they were read, once no photo beside them waits to
// be read. which is a condition on a track t with the id as $1. It takes the tracks before it looks at their photos: of two
// photos read at the same moment the later one sees both.
func (s *Store) readAgain(ctx context.Context, tx pgx.Tx, now time.Time, which string, id uuid.UUID) error {
	return gazsql.As(ctx, tx, matcher, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select t.id from track t where t.state in ('held', 'matched') and `+which+` order by t.id for update`, id)
		if err != nil {
			return err
		}
		tracks, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil || len(tracks) == 0 {
			return err
		}
		rows, err = tx.Query(ctx, `
			update track t set state = 'received', version = version + 1
			where t.id = any ($1)
			  and not exists (select from photo p where `+photoWithTrack+` and p.state in ('received', 'reading'))
			  and t.photos <> (select coalesce(array_agg(p.id order by p.id), '{}') from photo p where `+photoWithTrack+` and `+placedPhoto+`)
			returning t.id`, tracks)
		if err != nil {
			return err
		}
		tracks, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		return s.readLater(ctx, tx, now, tracks, "一同交来的照片有变化")
	})
}

// readLater makes the jobs of tracks that are to be read again.
func (s *Store) readLater(ctx context.Context, tx pgx.Tx, now time.Time, tracks []uuid.UUID, why string) (err error) {
	for _, track := range tracks {
		err = errors.Join(err, s.jobs.Later(ctx, tx, readTrackArgs{TrackID: track}), gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: matcher, Subject: "track/" + track.String(), Verb: "read-again",
			After: map[string]any{"state": "received", "reason": why},
		}))
	}
	return err
}

// Which tracks readAgain looks at: the one of an id, and those that the photo of an id goes with.
const (
	thisTrack     = `t.id = $1`
	tracksOfPhoto = `exists (select from photo p where p.id = $1 and ` + photoWithTrack + `)`
)
