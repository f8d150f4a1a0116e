package postgis

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	followWait = 20 * time.Millisecond  // how long Follow gathers notifications that arrive together
	retryWait  = 500 * time.Millisecond // how long it waits after a connection was lost
	quietWait  = 30 * time.Second       // after this long without one it asks whether the server is still there
	replyWait  = 10 * time.Second       // and waits so long for the answer
)

// Follow listens on the channel and calls look: once after it has begun to listen, with no payloads, and again whenever
// notifications came, with their distinct payloads. After a lost connection it listens anew and looks again with no
// payloads, so that what happened in between is seen. It returns when ctx ends (nil) or when look fails; lost connections
// go to the log.
//
// Listening comes before the first look: a change between the two is notified and looked at once more, never missed.
func Follow(ctx context.Context, pool *pgxpool.Pool, channel string, look func(ctx context.Context, payloads []string) error) error {
	for ctx.Err() == nil {
		err := followOnce(ctx, pool, channel, look)
		var failed *lookError
		if errors.As(err, &failed) && !errors.Is(err, context.DeadlineExceeded) { // that one only found the pool full
			return failed.err
		}
		if ctx.Err() == nil {
			slog.WarnContext(ctx, "lost the connection that listens; will look again", "channel", channel, "err", err)
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
func (e *lookError) Unwrap() error { return e.err }

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
	n, err := nextNotification(ctx, conn)
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

// nextNotification waits as long as it takes, and now and then makes sure that the server is there: a connection whose
// other end vanished without a word looks as quiet as any.
func nextNotification(ctx context.Context, conn *pgx.Conn) (*pgconn.Notification, error) {
	for {
		quiet, cancel := context.WithTimeout(ctx, quietWait)
		n, err := conn.WaitForNotification(quiet)
		timedOut := quiet.Err() != nil
		cancel()
		if err == nil || ctx.Err() != nil || !timedOut {
			return n, err
		}
		if err := ping(ctx, conn); err != nil {
			return nil, err
		}
	}
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, replyWait)
	defer cancel()
	return conn.Ping(ctx)
}
