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
	"fangyu/internal/fault"
)

// matcher is the system actor that reads and matches tracks.
var matcher = gazetteer.Actor{System: "track.read"}

// pending are the states from which a track is still to be read.
var pending = []string{"received", "reading", "failed"}

// trackJob is what reading a track starts from.
type trackJob struct {
	SHA256       string
	FileName     string
	LineID       uuid.UUID
	Receiver     string
	SigmaM       float64
	Level        string
	Geom         orb.MultiLineString
	Synthetic    bool
	InspectionID *uuid.UUID // known when the match is recorded
}

// ReadTrack reads a track from the vault, matches it to its line as that stands today, and records the match and the
// coverage in one transaction. A file that cannot be read gets the state unreadable (or refused-dangerous) with what the
// reader says; its bytes stay. A track that was read already is left as it is, so that a job may run twice.
func (s *Store) ReadTrack(ctx context.Context, now time.Time, id uuid.UUID) error {
	job, err := s.takeTrack(ctx, now, id)
	if err != nil || job == nil {
		return err
	}
	markers, err := s.markersToVisit(ctx, id)
	if err != nil {
		return err
	}
	answer, err := s.readOriginal(ctx, readingWork{
		SHA256: job.SHA256, FileName: job.FileName, Now: now, Line: job.Geom, Markers: markers,
		At: boundary.Parameters{Level: boundary.Level(job.Level), Receiver: boundary.Receiver(job.Receiver), SigmaM: job.SigmaM},
	})
	if err != nil {
		return err
	}
	answer.Synthetic = answer.Synthetic || job.Synthetic
	result := answer.Result
	return gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			update track set state = @state, reading = @reading, matched_at = @now
			where id = @id and state = any (@pending) returning inspection_id`, // it may have joined one meanwhile
			pgx.StrictNamedArgs{"state": answer.State, "reading": answer.Reading, "now": now, "id": id, "pending": pending}).Scan(&job.InspectionID)
		if isNoRows(err) {
			return nil // another run was faster
		}
		if err != nil {
			return fmt.Errorf("record the match: %w", err)
		}
		if result != nil {
			if err := recordResult(ctx, tx, id, result, answer.Corridor); err != nil {
				return err
			}
			if err := recordCoverage(ctx, tx, now, id, job, answer); err != nil {
				return err
			}
		}
		after := map[string]any{"state": answer.State, "points": answer.Reading.Points}
		if result != nil {
			after["coverage"], after["algorithm"] = result.Coverage, result.Parameters.Algorithm
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: matcher, Subject: "track/" + id.String(), Verb: "read", After: after,
		})
	})
}

// recordResult keeps what both sides of the line may know of a track.
func recordResult(ctx context.Context, tx pgx.Tx, id uuid.UUID, result *boundary.Result, corridor orb.MultiLineString) error {
	_, err := tx.Exec(ctx, `
		insert into track_result (track_id, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at,
		                          match, corridor_m, corridor)
		select id, office_id, line_id, inspection_id, sha256, file_name, receiver, sigma_m, received_at, matched_at, @match, @corridorM, @corridor
		from track where id = @id`,
		pgx.StrictNamedArgs{"match": result, "corridorM": result.Parameters.CorridorM, "corridor": nilLines(corridor), "id": id})
	if err != nil {
		return fmt.Errorf("record the result: %w", err)
	}
	return nil
}

func nilLines(lines orb.MultiLineString) *orb.MultiLineString {
	if len(lines) == 0 {
		return nil
	}
	return &lines
}

// takeTrack marks a track as being read and returns what is needed for it; nil when it was read already or is not there.
func (s *Store) takeTrack(ctx context.Context, now time.Time, id uuid.UUID) (*trackJob, error) {
	var job *trackJob
	err := gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) (err error) {
		job, err = takeTrack(ctx, tx, now, id)
		return err
	})
	return job, err
}

func takeTrack(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID) (*trackJob, error) {
	rows, err := tx.Query(ctx, `
		with taken as (
		    update track set state = 'reading' where id = @id and state = any (@pending)
		    returning sha256, file_name, line_id, receiver, sigma_m)
		select t.sha256, t.file_name, t.line_id, t.receiver, t.sigma_m, l.level, v.geom, l.synthetic, null::uuid as inspection_id
		from taken t
		join line l on l.id = t.line_id
		join lateral (
		    select geom from line_version v where v.line_id = l.id
		    order by v.valid @> @day::text::date desc, lower(v.valid) desc nulls last limit 1) v on true`,
		pgx.StrictNamedArgs{"id": id, "pending": pending, "day": dayOf(now)})
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
func (s *Store) markersToVisit(ctx context.Context, track uuid.UUID) (markers []boundary.MarkerPosition, err error) {
	err = gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		markers, err = collect[boundary.MarkerPosition](ctx, tx, `
		select m.number, m.stone, st_force2d(m.geom) as at, coalesce(m.sigma_m, 0) as sigma_m, nullif(st_z(m.geom), 'NaN') as elevation_m,
		       exists (select from marker_form f where f.marker_id = m.id and f.inspection_id = t.inspection_id
		               and f.office_id = t.office_id and f.submitted_at is not null) as formed
		from track t join known_marker m on m.line_id = t.line_id
		where t.id = $1 and upper_inf(m.valid) and m.state <> 'retired'
		order by m.chainage_m, m.number, m.stone`, track)
		return err
	})
	return markers, err
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

// recordCoverage publishes what a track covers and takes a round that was compiled or signed back to compiling.
func recordCoverage(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID, job *trackJob, answer readingAnswer) error {
	chain, err := geo.NewChain(job.Geom)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from coverage where track_id = $1`, id); err != nil {
		return fmt.Errorf("replace the coverage: %w", err)
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
	if job.InspectionID == nil {
		return nil
	}
	return voidRound(ctx, tx, matcher, now, *job.InspectionID, "加入了新的轨迹")
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
		tag, err := tx.Exec(ctx, `update track set state = 'failed', reading = $3 where id = $1 and state = any ($2)`, id, pending, reading)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: matcher, Subject: "track/" + id.String(), Verb: "fail", After: map[string]any{"tries": jobTries, "code": why.Code},
		})
	})
}
