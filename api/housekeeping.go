package api

import (
	"context"
	"errors"
	"time"
)

// tidyEvery is how often what has expired is removed, and how late at most what a day brings is known.
const tidyEvery = time.Hour

// tidy removes expired sessions, answers kept for repeated requests and unfinished uploads, and gives up readings that
// nobody does any more, and brings the search up to the day, until ctx ends. What cannot be done now is done the next time.
func (s *Server) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := s.removeExpired(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("expired rows could not be removed", "error", err)
		}
		if err := s.Gaz.FormNamesOfToday(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("the search could not be brought up to the day", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Server) removeExpired(ctx context.Context) error {
	now := s.Now()
	if _, err := s.Pool.Exec(ctx, `delete from session where expiry < $1`, now); err != nil {
		return err
	}
	if _, err := s.Pool.Exec(ctx, `delete from idempotency where at < $1`, now.Add(-idempotencyLife)); err != nil {
		return err
	}
	return errors.Join(s.Bound.ExpireUploads(ctx, now), s.Bound.GiveUpForgotten(ctx, now), s.Gaz.GiveUpForgottenImports(ctx, now))
}
