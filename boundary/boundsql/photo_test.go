package boundsql_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/photo"
	"fangyu/internal/fault"
)

// file is a file to hand in.
type file struct {
	name  string
	bytes []byte
}

// handIn hands files in as one submission, under a new id where none is given.
func (d *desk) handIn(actor gazetteer.Actor, inspection uuid.UUID, files ...file) (boundsql.Submission, error) {
	ctx := context.Background()
	in := boundary.Submission{ID: uuid.Must(uuid.NewV7()), LineID: d.line, InspectionID: inspection}
	for _, f := range files {
		in.Files = append(in.Files, boundary.ManifestFile{Name: f.name, Size: int64(len(f.bytes))})
	}
	declared, _, err := d.store.Declare(ctx, actor, today, in)
	if err != nil {
		return declared, err
	}
	for i, u := range declared.Files {
		if _, err := d.store.AppendUpload(ctx, actor, today, u.ID, boundsql.UploadPiece{Body: bytes.NewReader(files[i].bytes)}); err != nil {
			return declared, err
		}
	}
	return d.store.Submission(ctx, actor, in.ID)
}

// TestTwoSubmissionsOfTheSamePhotosDoNotWaitForEachOther hands the same photos in at once, each time in another order.
func TestTwoSubmissionsOfTheSamePhotosDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for round := range 8 {
		var files []file
		for i := range 6 {
			files = append(files, file{fmt.Sprintf("%d.jpg", i), d.atMarker(0, today.Add(-time.Duration(round*100+i+1)*time.Minute))})
		}
		back := slices.Clone(files)
		slices.Reverse(back)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, order := range [][]file{files, back} {
			wg.Go(func() { _, errs[i] = d.handIn(d.lead, uuid.Nil, order...) })
		}
		wg.Wait()
		d.must(errors.Join(errs...))
	}
}

// handInPhoto hands one photo in and reads it as the job would.
func (d *desk) handInPhoto(actor gazetteer.Actor, inspection uuid.UUID, f file) boundsql.Photo {
	d.t.Helper()
	got, err := d.handIn(actor, inspection, f)
	d.must(err)
	if got.State != "received" || got.Files[0].PhotoID == nil || got.Files[0].TrackID != nil {
		d.t.Fatalf("%s: %+v", f.name, got.Files[0])
	}
	return d.readPhoto(actor, *got.Files[0].PhotoID)
}

func (d *desk) readPhoto(actor gazetteer.Actor, id uuid.UUID) boundsql.Photo {
	d.t.Helper()
	d.must(d.store.ReadPhoto(context.Background(), today, id))
	got, err := d.store.Photo(context.Background(), actor, today, id)
	d.must(err)
	return got
}

// atMarker is a photo of a marker from 6 m south of it, looking north.
func (d *desk) atMarker(n int, taken time.Time) []byte {
	at := geo.Direct(orb.Point{d.markers[n].Lon, d.markers[n].Lat}, 180, 6)
	return photo.Synthesize(photo.Shot{Position: &at, TakenAt: taken, AccuracyM: 3, WidthPx: 2000, HeightPx: 1500, Hue: uint8(n)})
}

func findings(p boundsql.Photo) string {
	var list []string
	for _, f := range p.Facts.Findings {
		list = append(list, f.Code)
	}
	return strings.Join(list, " ")
}

// TestAPhotoIsReadAndShownWithoutWhatItSays follows a photo from its upload to its copies, and who sees it on the way.
func TestAPhotoIsReadAndShownWithoutWhatItSays(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	original := d.atMarker(1, today)
	got := d.handInPhoto(d.lead, round.ID, file{"界桩.jpg", original})
	if got.State != "read" || got.Facts.Position == nil || !got.Facts.TakenAt.Equal(today) || !got.Copies || !got.Original || got.Version != 2 || findings(got) != "" {
		t.Fatalf("%+v %+v", got, got.Facts)
	}
	if len(got.Sightings) != 1 || !got.Certain || got.Sightings[0].Number != d.markers[1].Number || got.Sightings[0].DistanceM < 5.9 || got.Sightings[0].DistanceM > 6.1 {
		t.Errorf("it shows %+v", got.Sightings)
	}
	for size, wide := range map[int]int{photo.PublicPx: 1600, photo.ThumbnailPx: 320} {
		jpeg, digest, err := d.store.PhotoCopy(ctx, d.lead, today, got.ID, size)
		d.must(err)
		copied := photo.Read("a.jpg", jpeg)
		if copied.WidthPx != wide || copied.Position != nil || !copied.TakenAt.IsZero() || copied.Camera != "" || bytes.Contains(jpeg, []byte("Exif")) || bytes.Contains(jpeg, []byte("Fangyu")) {
			t.Errorf("the copy of %d px says %+v", size, copied)
		}
		if _, err := os.Stat(filepath.Join(d.vaultDir, digest[:2], digest[2:4], digest)); err == nil {
			t.Error("a copy lies among the originals")
		}
	}
	_, f, err := d.store.PhotoOriginal(ctx, d.lead, today, got.ID)
	d.must(err)
	if whole, err := io.ReadAll(f); err != nil || !bytes.Equal(whole, original) {
		t.Errorf("the original has %d bytes of %d, %v", len(whole), len(original), err)
	}
	d.must(f.Close())

	d.must(d.store.ReadPhoto(ctx, today.Add(time.Hour), got.ID)) // a job may run twice
	var entries int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from journal where subject = $1`, "photo/"+got.ID.String()).Scan(&entries))
	if entries != 2 {
		t.Errorf("%d entries", entries)
	}
	for name, who := range map[string]gazetteer.Actor{"the other side": d.other, "above, before it was submitted": d.city, "elsewhere": d.stranger} {
		_, err := d.store.Photo(ctx, who, today, got.ID)
		d.wantKind(err, fault.NotFound, name)
		_, _, err = d.store.PhotoCopy(ctx, who, today, got.ID, photo.ThumbnailPx)
		d.wantKind(err, fault.NotFound, name+", a thumbnail")
		if list, err := d.store.Photos(ctx, who, today, boundsql.PhotosOf{Inspection: round.ID}, uuid.Nil, 10); err != nil || len(list) != 0 {
			t.Errorf("%s lists %d, %v", name, len(list), err)
		}
	}
	clerk := d.lead
	clerk.Roles = []gazetteer.Role{gazetteer.Clerk}
	if seen, err := d.store.Photo(ctx, clerk, today, got.ID); err != nil || seen.Original {
		t.Errorf("a clerk of the office: %+v, %v", seen, err)
	}
	_, _, err = d.store.PhotoOriginal(ctx, clerk, today, got.ID)
	d.wantKind(err, fault.Forbidden, "the original for a clerk")

	for _, side := range []gazetteer.Actor{d.lead, d.other} {
		now, err := d.store.Inspection(ctx, side, today, round.ID)
		d.must(err)
		round = d.form(side, now, 0, "intact", true)
	}
	d.read(d.lead, d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2}).ID)
	round, err = d.store.Inspection(ctx, d.lead, today, round.ID)
	d.must(err)
	d.act(d.lead, round, boundary.InspectionAction{Name: "finish-field"})
	if above, err := d.store.Photo(ctx, d.city, today, got.ID); err != nil || !above.Original {
		t.Errorf("from above, submitted: %+v, %v", above, err)
	}
	if list, err := d.store.Photos(ctx, d.city, today, boundsql.PhotosOf{Line: d.line}, uuid.Nil, 10); err != nil || len(list) != 1 {
		t.Errorf("from above, a list of %d, %v", len(list), err)
	}
	_, err = d.store.Photo(ctx, d.other, today, got.ID)
	d.wantKind(err, fault.NotFound, "the other side, submitted")
}

// TestThePhotoOfAnotherBehindTheUseCases holds the second wall alone.
func TestThePhotoOfAnotherBehindTheUseCases(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	got := d.handInPhoto(d.lead, uuid.Nil, file{"a.jpg", d.atMarker(0, today)})
	open := d.store.WithoutFirstWall()
	for name, who := range map[string]gazetteer.Actor{"the other county": d.other, "above": d.city, "elsewhere": d.stranger, "nobody": {}} {
		_, err := open.Photo(ctx, who, today, got.ID)
		d.wantKind(err, fault.NotFound, name)
		if d.countAs(who, `photo`) != 0 || d.countAs(who, `journal where subject like 'photo/%'`) != 0 {
			t.Errorf("%s reads photos or what was done with them", name)
		}
		for _, sql := range []string{`update photo set file_name = 'x'`, `update photo set office_id = '` + d.other.OfficeID.String() + `'`, `delete from photo`} {
			if d.changesAs(who, sql) {
				t.Errorf("%s did: %s", name, sql)
			}
		}
	}
	if d.countAs(d.lead, `photo`) != 1 || d.countAs(d.lead, `journal where subject like 'photo/%'`) != 2 || d.changesAs(d.lead, `delete from photo`) {
		t.Error("the wall keeps out whose it is, or lets him delete")
	}
}

// TestPhotosByAssignment: who works by assignment sees his own photos, original and all, and only while it runs.
func TestPhotosByAssignment(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	task := d.assign(d.lead, h.surveyor)
	d.assign(d.lead, h.another)
	office := d.handInPhoto(d.lead, uuid.Nil, file{"office.jpg", d.atMarker(0, today)})
	mine := d.handInPhoto(h.surveyor, uuid.Nil, file{"mine.jpg", d.atMarker(1, today)})
	if mine.OfficeID != d.lead.OfficeID || !mine.Original {
		t.Errorf("his photo: %+v", mine)
	}
	if list, err := d.store.Photos(ctx, h.surveyor, today, boundsql.PhotosOf{Line: d.line}, uuid.Nil, 10); err != nil || len(list) != 1 || list[0].ID != mine.ID {
		t.Errorf("he lists %+v, %v", list, err)
	}
	if list, err := d.store.Photos(ctx, d.lead, today, boundsql.PhotosOf{}, uuid.Nil, 10); err != nil || len(list) != 2 {
		t.Errorf("the office lists %+v, %v", list, err)
	}
	_, err := d.store.Photo(ctx, h.surveyor, today, office.ID)
	d.wantKind(err, fault.NotFound, "the office's photo")
	_, err = d.store.Photo(ctx, h.another, today, mine.ID)
	d.wantKind(err, fault.NotFound, "a colleague's photo")
	if same, err := d.handIn(h.surveyor, uuid.Nil, file{"same.jpg", d.atMarker(0, today)}); err != nil || same.Receipt == nil || same.Files[0].PhotoID != nil {
		t.Errorf("a photo the office has: %+v, %v", same, err)
	}
	d.end(d.lead, task)
	_, err = d.store.Photo(ctx, h.surveyor, today, mine.ID)
	d.wantKind(err, fault.NotFound, "his photo afterwards")
}

// sized is the beginning of a PNG that says how large it is.
func sized(width, height uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, width)
	b = binary.BigEndian.AppendUint32(b, height)
	return append(b, "\x08\x02\x00\x00\x00crc.and nothing more of it"...)
}

// TestTooLargeAndBrokenPhotos: the one is refused and nothing of it recorded, the other kept with what is wrong with it.
func TestTooLargeAndBrokenPhotos(t *testing.T) {
	d := newDesk(t)
	large := sized(60_000, 60_000)
	for range 2 { // and again
		_, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", []byte("<gpx/>")}, file{"大.png", large})
		if !fault.Is(err, "image_too_large") || fault.KindOf(err) != fault.Refused || !strings.Contains(err.Error(), "60000 × 60000") {
			t.Errorf("too large: %v", err)
		}
	}
	var rows int
	d.must(d.db.Super.QueryRow(context.Background(), `select (select count(*) from photo) + (select count(*) from evidence) + (select count(*) from track) + (select count(*) from journal where subject like 'submission/%')`).Scan(&rows))
	if digest := fmt.Sprintf("%x", sha256.Sum256(large)); rows != 0 || exists(filepath.Join(d.vaultDir, digest[:2], digest[2:4], digest)) {
		t.Errorf("%d rows of it, or its bytes, were kept", rows)
	}
	sound := d.atMarker(0, today)
	broken := slices.Concat(sound[:12], []byte("\xff\xff\xff\xff\xff\xff\xff\xff"), sound[20:])
	for name, want := range map[string]struct {
		bytes    []byte
		state    string
		findings string
		copies   bool
	}{
		"exif.jpg":   {broken, "read", "exif_unreadable no_position no_time", true},
		"no.jpg":     {[]byte("\xff\xd8\xff\xe0 a picture"), "read", "cut no_dimensions no_position no_time photo_no_copy", false},
		"half.jpg":   {sound[:len(sound)/2], "read", "cut photo_broken", false},
		"later.webp": {[]byte("RIFF\x10\x00\x00\x00WEBPVP8 whatever"), "refused", "format_not_read", false},
		"pixels.png": {sized(400, 300), "read", "cut no_position no_time photo_broken", false},
	} {
		got := d.handInPhoto(d.lead, uuid.Nil, file{name, want.bytes})
		if got.State != want.state || findings(got) != want.findings || got.Copies != want.copies {
			t.Errorf("%s: %s, %q, copies %v", name, got.State, findings(got), got.Copies)
		}
		if !exists(filepath.Join(d.vaultDir, got.SHA256[:2], got.SHA256[2:4], got.SHA256)) {
			t.Errorf("%s: its bytes are gone", name)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestTheSamePhotoAtOnceIsOne(t *testing.T) {
	d := newDesk(t)
	shot := file{"a.jpg", d.atMarker(0, today)}
	var all sync.WaitGroup
	subs, errs := make([]boundsql.Submission, 6), make([]error, 6)
	for n := range subs {
		all.Go(func() { subs[n], errs[n] = d.handIn(d.lead, uuid.Nil, shot) })
	}
	all.Wait()
	d.must(errors.Join(errs...))
	for _, s := range subs {
		if s.Receipt == nil || *s.Files[0].PhotoID != *subs[0].Files[0].PhotoID {
			t.Fatalf("got %+v", s)
		}
	}
	var photos, jobs int
	d.must(d.db.Super.QueryRow(context.Background(), `select (select count(*)::int from photo), (select count(*)::int from river.river_job)`).Scan(&photos, &jobs))
	if photos != 1 || jobs != 1 {
		t.Errorf("%d photos, %d jobs", photos, jobs)
	}
	round := d.inField()
	if joined := d.handInPhoto(d.lead, round.ID, shot); joined.InspectionID == nil || *joined.InspectionID != round.ID {
		t.Errorf("handed in for the round: %+v", joined)
	}
}

// TestALostCopyIsMadeAnew takes a thumbnail away and damages a public copy.
func TestALostCopyIsMadeAnew(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	got := d.handInPhoto(d.lead, uuid.Nil, file{"a.jpg", d.atMarker(0, today)})
	for size, harm := range map[int]func(path string) error{
		photo.ThumbnailPx: os.Remove,
		photo.PublicPx:    func(path string) error { return os.WriteFile(path, []byte("something else"), 0o600) },
	} {
		whole, digest, err := d.store.PhotoCopy(ctx, d.lead, today, got.ID, size)
		d.must(err)
		d.must(harm(filepath.Join(d.vaultDir, "derived", digest[:2], digest[2:4], digest)))
		for range 2 { // asked twice, made once
			_, _, err = d.store.PhotoCopy(ctx, d.lead, today, got.ID, size)
			d.wantKind(err, fault.Busy, "a lost copy")
		}
		d.readPhoto(d.lead, got.ID)
		again, _, err := d.store.PhotoCopy(ctx, d.lead, today, got.ID, size)
		if err != nil || !bytes.Equal(again, whole) {
			t.Errorf("made anew: %d bytes of %d, %v", len(again), len(whole), err)
		}
	}
	var jobs int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from river.river_job where kind = 'photo.read'`).Scan(&jobs))
	if jobs != 3 {
		t.Errorf("%d jobs", jobs)
	}
}

// TestAPoisonPicture lets the reader die of a photo: the photo says so, and the next one is read.
func TestAPoisonPicture(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	poison := d.atMarker(0, today)
	d.jobs.ReadBy(func(_ context.Context, words []byte, file *os.File) ([]byte, error) {
		if bytes.Contains(words, fmt.Appendf(nil, "%x", sha256.Sum256(poison))) {
			return nil, fault.New(fault.Internal, "worker-died", "读取程序意外终止")
		}
		return boundsql.DoReading(words, file)
	})
	d.must(d.jobs.Start(ctx))
	defer func() { d.must(d.jobs.Stop(ctx)) }()
	got, err := d.handIn(d.lead, uuid.Nil, file{"毒.jpg", poison}, file{"好.jpg", d.atMarker(1, today)})
	d.must(err)
	for i, want := range []string{"failed", "read"} {
		var p boundsql.Photo
		for range 400 {
			p, err = d.store.Photo(ctx, d.lead, today, *got.Files[i].PhotoID)
			d.must(err)
			if p.State == want {
				break
			}
			time.Sleep(25 * time.Millisecond)
		}
		if p.State != want || want == "failed" && findings(p) != "worker-died" {
			t.Errorf("file %d is %s: %+v", i, p.State, p.Facts)
		}
	}
}

// TestPhotosSpeakForTheirTrack: a track is matched with the photos handed in beside it, and its list has them.
func TestPhotosSpeakForTheirTrack(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	gpx := boundary.SynthesizeTrack(d.chain, boundary.Walk{Seed: 4, NoiseM: 2, SpacingM: 5, ToM: 6000, Start: today})
	at := d.chain.At(1000)
	elsewhere := d.chain.At(9000)
	shot := func(p orb.Point, hue uint8) []byte {
		return photo.Synthesize(photo.Shot{Position: &p, TakenAt: today.Add(15 * time.Minute), AccuracyM: 5, Hue: hue})
	}
	got, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", gpx}, file{"p.jpg", shot(at, 1)}, file{"p.jpg", shot(elsewhere, 2)})
	d.must(err)
	beside := d.handInPhoto(d.lead, uuid.Nil, file{"other.jpg", d.atMarker(0, today)})
	for _, f := range got.Files[1:] {
		d.readPhoto(d.lead, *f.PhotoID)
	}
	track := d.read(d.lead, *got.Files[0].TrackID)
	signs := track.Match.Tracks[0].Signs
	at1 := slices.IndexFunc(signs, func(s boundary.Sign) bool { return s.Code == boundary.PhotoContradicts })
	if track.Match.Tracks[0].Photos != 1 || at1 < 0 || !strings.Contains(signs[at1].Detail, "照片 p（2）.jpg") {
		t.Errorf("%d photos agree, signs %+v", track.Match.Tracks[0].Photos, signs)
	}
	other, err := d.store.Track(ctx, d.other, today, track.ID)
	d.must(err)
	for _, s := range other.Match.Tracks[0].Signs {
		if s.Code == boundary.PhotoContradicts && s.Detail != "1 张照片与轨迹矛盾" {
			t.Errorf("the other side reads %q", s.Detail)
		}
	}
	list, err := d.store.Photos(ctx, d.lead, today, boundsql.PhotosOf{Track: track.ID}, uuid.Nil, 10)
	if err != nil || len(list) != 2 || slices.ContainsFunc(list, func(p boundsql.Photo) bool { return p.ID == beside.ID }) {
		t.Errorf("with the track: %d, %v", len(list), err)
	}
	late, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", gpx}, file{"late.jpg", shot(at, 3)}) // the track once more, and what was forgotten
	d.must(err)
	if list, err := d.store.Photos(ctx, d.lead, today, boundsql.PhotosOf{Track: track.ID}, uuid.Nil, 10); err != nil || len(list) != 3 || *late.Files[0].TrackID != track.ID {
		t.Errorf("with the track, later: %d, %v", len(list), err)
	}
	if page, err := d.store.Photos(ctx, d.lead, today, boundsql.PhotosOf{Line: d.line}, *late.Files[1].PhotoID, 1); err != nil || len(page) != 1 || page[0].ID != beside.ID {
		t.Errorf("a page: %+v, %v", page, err)
	}
}

// TestPhotosThatComeLaterHaveTheirTrackReadAgain reads a track before its photos, as jobs do, and then its photos: the track
// is read once more after the last of them, and not for what says nothing.
func TestPhotosThatComeLaterHaveTheirTrackReadAgain(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	gpx := boundary.SynthesizeTrack(d.chain, boundary.Walk{Seed: 4, NoiseM: 2, SpacingM: 5, ToM: 6000, Start: today})
	shot := func(m float64, hue uint8) file {
		at := d.chain.At(m)
		return file{fmt.Sprintf("%d.jpg", hue), photo.Synthesize(photo.Shot{Position: &at, TakenAt: today.Add(15 * time.Minute), AccuracyM: 5, Hue: hue})}
	}
	got, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", gpx}, shot(1000, 1), shot(1001, 2))
	d.must(err)
	id := *got.Files[0].TrackID
	jobs := func() (n int) {
		d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from river.river_job where kind = 'track.read'`).Scan(&n))
		return n
	}
	want := func(when, state string, photos, tried int) {
		t.Helper()
		track, err := d.store.Track(ctx, d.lead, today, id)
		d.must(err)
		if string(track.State) != state || track.Match == nil || track.Match.Tracks[0].Photos != photos || jobs() != tried {
			t.Errorf("%s: %s, %d photos, %d jobs", when, track.State, track.Match.Tracks[0].Photos, jobs())
		}
	}
	d.read(d.lead, id)
	want("before its photos", "matched", 0, 1)
	d.readPhoto(d.lead, *got.Files[1].PhotoID)
	want("after the first", "matched", 0, 1)
	d.readPhoto(d.lead, *got.Files[2].PhotoID)
	want("after the last", "received", 0, 2)
	d.read(d.lead, id)
	want("read again", "matched", 2, 2)
	mute, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", gpx}, file{"mute.jpg", photo.Synthesize(photo.Shot{Hue: 9})})
	d.must(err)
	d.readPhoto(d.lead, *mute.Files[1].PhotoID)
	want("a photo that says nothing", "matched", 2, 2)

	// One photo is read while the track is: it was not among those the track was matched with.
	later, err := d.handIn(d.lead, uuid.Nil, file{"a.gpx", gpx}, shot(1002, 3))
	d.must(err)
	d.must(d.actAgain(id))
	d.jobs.ReadBy(func(_ context.Context, words []byte, file *os.File) ([]byte, error) {
		answer, err := boundsql.DoReading(words, file)
		if bytes.Contains(words, []byte(`"Photo":null`)) {
			if none := d.countAs(gazetteer.Actor{System: "photo.read"}, `photo where state = 'received'`); none > 0 {
				d.must(d.store.ReadPhoto(ctx, today, *later.Files[1].PhotoID))
			}
		}
		return answer, err
	})
	d.must(d.jobs.Start(ctx))
	defer func() { d.must(d.jobs.Stop(ctx)) }()
	var photos int
	for range 400 {
		track, err := d.store.Track(ctx, d.lead, today, id)
		d.must(err)
		if photos = track.Match.Tracks[0].Photos; photos == 3 && track.State == "matched" {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("%d photos speak for the track", photos)
}

// actAgain has a track read again.
func (d *desk) actAgain(id uuid.UUID) error {
	now, err := d.store.Track(context.Background(), d.lead, today, id)
	if err != nil {
		return err
	}
	_, err = d.store.ActOnTrack(context.Background(), d.lead, today, id, now.Version, boundary.TrackAction{Name: "read-again", Reason: "再看一次"})
	return err
}
