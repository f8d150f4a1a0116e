package postgis_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
)

// looks remembers what Follow was looked at for.
type looks struct {
	mu   sync.Mutex
	seen [][]string
}

func (l *looks) look(_ context.Context, payloads []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, payloads)
	return nil
}

func (l *looks) wait(t *testing.T, what string, ok func(seen [][]string) bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		l.mu.Lock()
		done := ok(l.seen)
		l.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s, saw %v", what, l.seen)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestFollowLooksListensAndReconnects(t *testing.T) {
	db := pgtest.New(t)
	ignore := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(context.Background())
	var l looks
	ended := make(chan error, 1)
	go func() { ended <- postgis.Follow(ctx, db.Pool, "news", l.look) }()
	l.wait(t, "the first look", func(s [][]string) bool { return len(s) == 1 && s[0] == nil })

	for _, payload := range []string{"place", "line", "place"} {
		if _, err := db.Pool.Exec(ctx, `select pg_notify('news', $1)`, payload); err != nil {
			t.Fatal(err)
		}
	}
	l.wait(t, "both payloads", func(s [][]string) bool {
		all := slices.Concat(s...)
		return slices.Contains(all, "place") && slices.Contains(all, "line")
	})

	l.mu.Lock()
	before := len(l.seen)
	l.mu.Unlock()
	_, err := db.Owner.Exec(ctx, `select 1`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`); err != nil {
		t.Fatal(err)
	}
	l.wait(t, "a look at everything after the connection was lost", func(s [][]string) bool {
		return slices.ContainsFunc(s[before:], func(p []string) bool { return p == nil })
	})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	db.Pool.Reset()
	goleak.VerifyNone(t, ignore, goleak.IgnoreTopFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

func TestFollowGivesTheFailureOfALookBack(t *testing.T) {
	db := pgtest.New(t)
	broken := errors.New("broken")
	err := postgis.Follow(context.Background(), db.Pool, "news", func(context.Context, []string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
