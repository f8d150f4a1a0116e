package boundsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// matcher is the system actor that reads and matches tracks.
var matcher = gazetteer.Actor{System: "track.read"}

// pending are the states from which a track is still to be read.
var pending = []string{"received", "reading", "failed"}

// trackJob is what reading a track starts from.
type trackJob struct {
	Version     int // of the track
	SHA256      string
	FileName    string
	LineID      uuid.UUID
	Receiver    string
	SigmaM      float64
	Frame       string
	Level       string
	LineVersion uuid.UUID
	Geom        orb.MultiLineString
	Synthetic   bool
}

// work is what the reader is asked for, but for markers and photos.
func (j *trackJob) work(now time.Time) readingWork {
	return readingWork{
		SHA256: j.SHA256, FileName: j.FileName, Now: now, LineVersion: j.LineVersion, Line: j.Geom, Frame: geo.Frame(j.Frame),
		At: boundary.Parameters{Level: boundary.Level(j.Level), Receiver: boundary.Receiver(j.Receiver), SigmaM: j.SigmaM},
	}
}

// asked is what is kept of the work with its result, so that it can be done again: all but the geometry, which a version
// of a line has for ever, and what photos say, of which the other side of the line knows nothing.
func (w readingWork) asked() readingWork {
	w.Line, w.Photos, w.Now = nil, nil, time.Time{}
	return w
}

// ReadTrack reads a track from the vault, matches it to its line as that stands today, and records the match and the
// coverage in one transaction. A file that cannot be read gets the state unreadable (or refused-dangerous) with what the
// reader says, one that seems to be in another frame the state held; their bytes stay, and so does the result before, as
// one that was. A track that was read already is left as it is, so that a job may run twice.
func (s *Store) ReadTrack(ctx context.Context, now time.Time, id uuid.UUID) error {
	job, work, err := s.takeTrack(ctx, now, id)
	if err != nil || job == nil {
		return err
	}
	answer, err := readOriginal[readingAnswer](ctx, s, work.SHA256, originalWork{Track: &work})
	if err != nil {
		return err
	}
	answer.Synthetic = answer.Synthetic || job.Synthetic
	return gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		if err := recordReading(ctx, tx, now, id, job, work.asked(), answer); err != nil {
			return err
		}
		return s.readAgain(ctx, tx, now, thisTrack, id) // photos may have been read meanwhile
	})
}

// recordReading records what became of a track. Nothing is done when another run was faster, nor when a person has said
// meanwhile how it is to be read: then another job reads it so.
func recordReading(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID, job *trackJob, asked readingWork, answer readingAnswer) error {
	if err := holdRoundOf(ctx, tx, id); err != nil {
		return err
	}
	var inspection *uuid.UUID // it may have joined one meanwhile
	err := tx.QueryRow(ctx, `
		update track set state = @state, reading = @reading, trace = @trace, stations = @stations, photos = @photos, matched_at = @now, version = version + 1
		where id = @id and state = any (@pending) and version = @taken returning inspection_id`,
		pgx.StrictNamedArgs{
			"state": string(answer.State), "reading": answer.Reading, "trace": answer.Trace, "stations": answer.Stations, "photos": asked.PhotoIDs, "now": now,
			"id": id, "pending": pending, "taken": job.Version,
		}).Scan(&inspection)
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("record the reading: %w", err)
	}
	after := map[string]any{"state": answer.State, "points": answer.Reading.Points}
	if answer.Result != nil {
		if err := markReplay(ctx, tx, id, answer); err != nil {
			return err
		}
		after["coverage"], after["algorithm"] = answer.Result.Coverage, answer.Result.Parameters.Algorithm
	}
	changed, err := recordResult(ctx, tx, now, id, asked, answer)
	if err == nil && changed {
		err = recordCoverage(ctx, tx, id, job, answer)
	}
	if err == nil && changed && inspection != nil {
		err = voidRound(ctx, tx, matcher, now, *inspection, "轨迹有了新的比对结果")
	}
	if err != nil {
		return err
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: matcher, Subject: "track/" + id.String(), Verb: "read", After: after,
	})
}

// holdRoundOf locks the round of a track before the track itself, as who ends the field work of the round does.
func holdRoundOf(ctx context.Context, tx pgx.Tx, track uuid.UUID) error {
	_, err := tx.Exec(ctx, `select from inspection where id = (select inspection_id from track where id = $1) for update`, track)
	if err != nil {
		return fmt.Errorf("lock the round of the track: %w", err)
	}
	return nil
}

// mostEarlier is how many tracks of the same line a new one is held against, the latest first.
const mostEarlier = 200

// markReplay adds the sign that the track repeats one received before it.
func markReplay(ctx context.Context, tx pgx.Tx, id uuid.UUID, answer readingAnswer) error {
	earlier, err := collect[boundary.Earlier](ctx, tx, `
		select o.name as office, e.received_at, e.stations
		from track t join track e on e.line_id = t.line_id and e.received_at < t.received_at join office o on o.id = e.office_id
		where t.id = $1 and e.stations is not null order by e.received_at desc limit $2`, id, mostEarlier)
	if err != nil {
		return err
	}
	if sign, ok := boundary.SeekReplay(earlier, answer.Stations); ok {
		answer.Result.Tracks[0].Signs = append(answer.Result.Tracks[0].Signs, sign)
	}
	return nil
}

// recordResult keeps what both sides of the line may know of a track, in the place of the result before, if there is one.
// Nothing changes when it says the same of the same.
func recordResult(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID, asked readingWork, answer readingAnswer) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		update track_result set superseded_at = @now
		where track_id = @id and superseded_at is null and (match is distinct from @match::jsonb or asked is distinct from @asked::jsonb)`,
		pgx.StrictNamedArgs{"now": now, "id": id, "match": answer.Result, "asked": asked})
	if err != nil {
		return false, fmt.Errorf("put the result before aside: %w", err)
	}
	changed = tag.RowsAffected() > 0
	if answer.Result == nil {
		return changed, nil
	}
	tag, err = tx.Exec(ctx, `
		insert into track_result (track_id, version, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at,
		                          match, asked, corridor_m, corridor)
		select id, version, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at, @match, @asked, @corridorM, @corridor
		from track t where id = @id and not exists (select from track_result r where r.track_id = t.id and r.superseded_at is null)`,
		pgx.StrictNamedArgs{
			"match": answer.Result, "asked": asked, "corridorM": answer.Result.Parameters.CorridorM, "corridor": nilLines(answer.Corridor), "id": id,
		})
	if err != nil {
		return false, fmt.Errorf("record the result: %w", err)
	}
	return changed || tag.RowsAffected() > 0, nil
}

func nilLines(lines orb.MultiLineString) *orb.MultiLineString {
	if len(lines) == 0 {
		return nil
	}
	return &lines
}

// takeTrack marks a track as being read and returns what is needed for it; nil when it was read already or is not there.
func (s *Store) takeTrack(ctx context.Context, now time.Time, id uuid.UUID) (job *trackJob, work readingWork, err error) {
	err = gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) (err error) {
		if job, err = takeTrack(ctx, tx, now, id); err != nil || job == nil {
			return err
		}
		work = job.work(now)
		if work.Markers, err = markersToVisit(ctx, tx, id); err == nil {
			work.Photos, work.PhotoIDs, err = photosWith(ctx, tx, id)
		}
		return err
	})
	return job, work, err
}

func takeTrack(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID) (*trackJob, error) {
	rows, err := tx.Query(ctx, `
		with taken as (
		    update track set state = 'reading' where id = @id and state = any (@pending)
		    returning version, sha256, file_name, line_id, receiver, sigma_m, frame)
		select t.version, t.sha256, t.file_name, t.line_id, t.receiver, t.sigma_m, coalesce(t.frame, ''), l.level, v.id, v.geom, l.synthetic
		from taken t
		join line l on l.id = t.line_id
		join lateral (
		    select id, geom from line_version v where v.line_id = l.id
		    order by v.valid @> @day::text::date desc, lower(v.valid) desc nulls last limit 1) v on true`,
		pgx.StrictNamedArgs{"id": id, "pending": pending, "day": beijing.Day(now)})
	if err != nil {
		return nil, fmt.Errorf("take the track: %w", err)
	}
	job, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[trackJob])
	if isNoRows(err) {
		return nil, nil
	}
	return job, err
}

// markersToVisit are the markers of a track's line; Formed where the track's office submitted a form in its inspection.
func markersToVisit(ctx context.Context, tx pgx.Tx, track uuid.UUID) ([]boundary.MarkerPosition, error) {
	return collect[boundary.MarkerPosition](ctx, tx, `
		select m.number, m.stone, st_force2d(m.geom) as at, coalesce(m.sigma_m, 0) as sigma_m, nullif(st_z(m.geom), 'NaN') as elevation_m,
		       exists (select from marker_form f where f.marker_id = m.id and f.inspection_id = t.inspection_id
		               and f.office_id = t.office_id and f.submitted_at is not null) as formed
		from track t join known_marker m on m.line_id = t.line_id
		where t.id = $1 and upper_inf(m.valid) and m.state <> 'retired'
		order by m.chainage_m, m.number, m.stone`, track)
}

func toMatch(name string, read *track.Track) boundary.MatchTrack {
	flags := map[string]int{}
	for _, n := range read.Notes {
		flags[n.Code] = n.Count
	}
	return boundary.MatchTrack{File: name, Segments: read.Segments, Waypoints: read.Waypoints, Flags: flags}
}

// readingOf sums up what the reader says.
func readingOf(t *track.Track) TrackReading {
	r := TrackReading{
		State: t.State, Format: t.Format, Creator: t.Creator, Segments: len(t.Segments), Points: t.NumPoints(),
		Waypoints: len(t.Waypoints), Notes: t.Notes,
	}
	if r.Notes == nil {
		r.Notes = []track.Note{}
	}
	if b, ok := t.Bound(); ok {
		r.BBox = []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	for p := range t.Points() {
		if p.Time.IsZero() {
			continue
		}
		if r.From == nil || p.Time.Before(*r.From) {
			r.From = &p.Time
		}
		if r.To == nil || p.Time.After(*r.To) {
			r.To = &p.Time
		}
	}
	return r
}

// recordCoverage publishes what a track covers, and nothing that it covered by the result before.
func recordCoverage(ctx context.Context, tx pgx.Tx, id uuid.UUID, job *trackJob, answer readingAnswer) error {
	if _, err := tx.Exec(ctx, `delete from coverage where track_id = $1`, id); err != nil {
		return fmt.Errorf("replace the coverage: %w", err)
	}
	if answer.Result == nil {
		return nil
	}
	chain, err := geo.NewChain(job.Geom)
	if err != nil {
		return err
	}
	for _, i := range answer.Result.Intervals {
		if i.Class != boundary.Walked {
			continue
		}
		_, err := tx.Exec(ctx, `
			insert into coverage (id, line_id, track_id, class, from_m, to_m, geom, walked_on, synthetic)
			values (@id, @line, @track, @class, @from, @to, @geom, @on::text::date, @synthetic)`,
			pgx.StrictNamedArgs{
				"id": gazsql.NewID(), "line": job.LineID, "track": id, "class": string(i.Class), "from": i.FromM, "to": i.ToM,
				"geom": chain.Sub(i.FromM, i.ToM), "on": answer.WalkedOn, "synthetic": answer.Synthetic,
			})
		if err != nil {
			return fmt.Errorf("record coverage: %w", err)
		}
	}
	return nil
}

// failTrack marks a track whose job failed for good, and says why as a note of its reading. Its bytes and its job stay.
func (s *Store) failTrack(ctx context.Context, now time.Time, id uuid.UUID, cause error) error {
	why := fault.New(fault.Internal, "reading-failed", "系统出错，已记录")
	errors.As(cause, &why)
	note := track.Note{Finding: fault.Finding{
		Code: why.Code, Severity: fault.Block,
		Detail: fmt.Sprintf("%s。已试 %d 次；原件完好地保存着，请把轨迹编号告诉系统管理员，或换一种格式重新导出后上传", why.Detail, jobTries),
	}, Count: 1}
	reading := TrackReading{State: track.Unreadable, Notes: []track.Note{note}}
	return gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update track set state = 'failed', reading = $3, version = version + 1 where id = $1 and state = any ($2)`, id, pending, reading)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: matcher, Subject: "track/" + id.String(), Verb: "fail", After: map[string]any{"tries": jobTries, "code": why.Code},
		})
	})
}
