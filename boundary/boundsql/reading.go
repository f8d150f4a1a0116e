package boundsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/beijing"
	"fangyu/internal/vault"
)

// originalWork is what reading an original starts from, besides its bytes: one of the two.
type originalWork struct {
	Track *readingWork
	Photo *photoWork
}

// readingWork is what reading a track starts from. All but the line itself and the photos is kept with the result.
type readingWork struct {
	SHA256      string
	FileName    string
	Now         time.Time
	LineVersion uuid.UUID
	Line        orb.MultiLineString `json:",omitempty"`
	Markers     []boundary.MarkerPosition
	Photos      []boundary.Photo `json:",omitempty"` // that speak for it
	PhotoIDs    []uuid.UUID      // of those
	At          boundary.Parameters
	Frame       geo.Frame // that a person confirmed
}

// readingAnswer is what is recorded of a reading.
type readingAnswer struct {
	State     boundary.TrackState // held, matched, unreadable, refused-dangerous
	Reading   TrackReading
	Trace     json.RawMessage  // nil where nothing was read
	Result    *boundary.Result // nil unless matched
	Stations  []boundary.Station
	Corridor  orb.MultiLineString
	WalkedOn  *string // the day of the first point
	Synthetic bool    // says the file
}

// DoReading reads and matches a track, or reads a photo: words in, an answer out, both JSON of this package, the bytes from
// a file of the vault. It touches nothing else, so that it can be done in a process of its own.
func DoReading(words []byte, file *os.File) ([]byte, error) {
	var work originalWork
	if err := json.Unmarshal(words, &work); err != nil {
		return nil, fmt.Errorf("read what to do: %w", err)
	}
	var answer any
	var err error
	if work.Photo != nil {
		answer, err = work.Photo.do(file)
	} else {
		answer, err = work.Track.do(file)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// WarmReading does a small piece of work, so that the first real one does not wait for what is done only once.
func WarmReading() {
	const walk = `<gpx version="1.1"><trk><trkseg><trkpt lat="29.5" lon="106.5"><time>2026-04-01T01:00:00Z</time></trkpt>` +
		`<trkpt lat="29.501" lon="106.501"><time>2026-04-01T01:02:00Z</time></trkpt></trkseg></trk></gpx>`
	work := readingWork{
		FileName: "walk.gpx", Line: orb.MultiLineString{{{106.5, 29.5}, {106.51, 29.51}}},
		Markers: []boundary.MarkerPosition{{Number: "1", At: orb.Point{106.5, 29.5}}},
	}
	if read, err := track.Read(work.FileName, strings.NewReader(walk)); err == nil {
		if answer, err := work.match(read); err == nil {
			_, _ = json.Marshal(answer)
		}
	}
}

func (w readingWork) do(file *os.File) (readingAnswer, error) {
	read, err := track.Read(w.FileName, vault.Check(file, w.SHA256))
	if err != nil {
		return readingAnswer{}, fmt.Errorf("read the track: %w", err)
	}
	return w.match(read)
}

// match follows what was read along the line.
func (w readingWork) match(read *track.Track) (readingAnswer, error) {
	cleaned := read.Check(w.Now)
	answer := readingAnswer{State: boundary.TrackUnreadable, Reading: readingOf(read), Synthetic: strings.Contains(read.Creator, "synthetic")}
	if read.State == track.RefusedDangerous {
		answer.State = boundary.TrackRefusedDangerous
	}
	if read.NumPoints() == 0 {
		return answer, nil
	}
	chain, err := geo.NewChain(w.Line)
	if err != nil {
		return answer, err
	}
	in := toMatch(w.FileName, read)
	in.Frame, in.Photos, in.Cleaned = w.Frame, w.Photos, cleaned
	matching := boundary.Follow(chain, w.Markers, []boundary.MatchTrack{in}, w.At)
	if answer.Trace, err = json.Marshal(matching.Trace(0)); err != nil {
		return answer, err
	}
	result := matching.Result(nil)
	if matching.Held(0) {
		answer.State = boundary.TrackHeld
		for _, f := range result.Warnings {
			answer.Reading.Notes = append(answer.Reading.Notes, track.Note{Finding: f, Count: 1})
		}
		return answer, nil
	}
	answer.State, answer.Result = boundary.TrackMatched, &result
	answer.Stations, answer.Corridor = matching.Stations(0), matching.Corridor(0)
	if first, _, ok := read.Ends(); ok && !first.Time.IsZero() {
		day := beijing.Day(first.Time)
		answer.WalkedOn = &day
	}
	return answer, nil
}

// readOriginal has an original read, where the store has a reader in a process of its own.
func readOriginal[Answer any](ctx context.Context, s *Store, sha256 string, work originalWork) (answer Answer, err error) {
	words, err := json.Marshal(work)
	if err != nil {
		return answer, err
	}
	file, err := s.vault.Descriptor(sha256)
	if err != nil {
		return answer, err
	}
	var raw []byte
	if s.reader != nil {
		raw, err = s.reader(ctx, words, file)
	} else {
		raw, err = DoReading(words, file)
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	return answer, err
}
