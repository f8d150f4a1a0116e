package postgis

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// followWait is how long Follow gathers notifications that arrive together, and retryWait how long it waits after a
// connection was lost.
const (
	followWait = 20 * time.Millisecond
	retryWait  = 500 * time.Millisecond
)

// Follow listens on the channel and calls look: once after it has begun to listen, with no payloads, and again whenever
// notifications came, with their distinct payloads. After a lost connection it listens anew and looks again with no
// payloads, so that what happened in between is seen. It returns when ctx ends (nil) or when look fails.
//
// Listening comes before the first look: a change between the two is notified and looked at once more, never missed.
func Follow(ctx context.Context, pool *pgxpool.Pool, channel string, look func(ctx context.Context, payloads []string) error) error {
	for ctx.Err() == nil {
		err := followOnce(ctx, pool, channel, look)
		var failed *lookError
		if errors.As(err, &failed) {
			return failed.err
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryWait):
		}
	}
	return nil
}

// lookError tells the caller's failure from a lost connection.
type lookError struct{ err error }

func (e *lookError) Error() string { return e.err.Error() }

func followOnce(ctx context.Context, pool *pgxpool.Pool, channel string, look func(context.Context, []string) error) error {
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	var payloads []string
	for {
		if err := look(ctx, payloads); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return &lookError{err}
		}
		if payloads, err = nextBurst(ctx, conn); err != nil {
			return err
		}
	}
}

// nextBurst waits for a notification and gathers those that follow close behind.
func nextBurst(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return nil, err
	}
	payloads := []string{n.Payload}
	seen := map[string]bool{n.Payload: true}
	soon, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(soon)
		if err != nil {
			if ctx.Err() == nil && soon.Err() != nil {
				return payloads, nil
			}
			return nil, err
		}
		if !seen[n.Payload] {
			seen[n.Payload] = true
			payloads = append(payloads, n.Payload)
		}
	}
}
