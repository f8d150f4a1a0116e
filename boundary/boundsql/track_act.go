package boundsql

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// handed is a track that the actor sees, as its state machine sees it. Its own are those of its office, and those it
// handed in by assignment: nobody else sees how one was received.
func (s *Store) handed(ctx context.Context, actor gazetteer.Actor, now time.Time, t Track) (boundary.Handed, error) {
	h := boundary.Handed{State: t.State, Own: boundary.ByAssignment(actor) || actor.IsOf(t.OfficeID)}
	if t.Frame != nil {
		h.Frame = *t.Frame
	}
	if !h.Own || t.InspectionID == nil {
		return h, nil
	}
	var round inspectionRecord
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) (err error) {
		round, err = s.over(tx).roundOf(ctx, actor, now, *t.InspectionID)
		return err
	})
	h.Round = &round.round
	return h, err
}

// ActOnTrack takes an action on a track as it stood at the version given: what its frame is, or that it be read again. It
// is then read with its line, markers and photos as they are now; the result before stays.
//
// Errors: NotFound "track-unknown"; Stale "stale"; those of boundary.Handed.Apply.
func (s *Store) ActOnTrack(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.TrackAction) (Track, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from track where id = $1 for update`, id); err != nil {
			return err
		}
		over := s.over(tx)
		t, err := over.Track(ctx, actor, now, id)
		if err != nil {
			return err
		}
		if t.Version != version {
			return fault.New(fault.Stale, "stale", "轨迹已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", t.Version, t.State.Label(), version)
		}
		before, err := over.handed(ctx, actor, now, t)
		if err != nil {
			return err
		}
		next, err := before.Apply(in, actor)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update track set state = @state, frame = nullif(@frame, ''), version = version + 1 where id = @id and version = @version`,
			pgx.StrictNamedArgs{"state": string(next.State), "frame": string(next.Frame), "id": id, "version": version})
		if err != nil {
			return fmt.Errorf("change the track: %w", err)
		}
		if err := s.jobs.Later(ctx, tx, readTrackArgs{TrackID: id}); err != nil {
			return err
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "track/" + id.String(), Verb: in.Name,
			Before: map[string]any{"state": before.State, "recordedIn": before.Frame},
			After:  map[string]any{"state": next.State, "recordedIn": next.Frame, "reason": in.Reason},
		})
	})
	if err != nil {
		return Track{}, err
	}
	return s.Track(ctx, actor, now, id)
}

// rawTrack is a track for those who may see how it was read.
func (s *Store) rawTrack(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Track, error) {
	t, err := s.Track(ctx, actor, now, id)
	if err == nil && t.Receipt == nil {
		err = fault.New(fault.Forbidden, "not-yours", "轨迹的原始内容只给本单位办理人员和上级看")
	}
	return t, err
}

// TrackOriginal opens the file of a track as it came, which callers must read to its end before they trust a byte of it (see
// vault.Open).
//
// Errors: NotFound "track-unknown", "evidence-unknown"; Forbidden "not-yours".
func (s *Store) TrackOriginal(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Track, fs.File, error) {
	t, err := s.rawTrack(ctx, actor, now, id)
	if err != nil {
		return t, nil, err
	}
	f, err := s.vault.Open(t.SHA256)
	return t, f, err
}

// Trace returns a track as it is looked at, the JSON of a boundary.Trace, to those who may see how it was read.
//
// Errors: NotFound "track-unknown", "trace-unknown" where nothing was read yet; Forbidden "not-yours".
func (s *Store) Trace(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (json.RawMessage, error) {
	if _, err := s.rawTrack(ctx, actor, now, id); err != nil {
		return nil, err
	}
	var trace json.RawMessage
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select trace from track where id = $1`, id).Scan(&trace)
	})
	if isNoRows(err) {
		err = trackUnknown()
	}
	if err == nil && trace == nil {
		err = fault.New(fault.NotFound, "trace-unknown", "轨迹还没有读出内容")
	}
	return trace, err
}
