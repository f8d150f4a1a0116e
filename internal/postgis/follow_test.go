package postgis_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
)

// follower runs Follow and hands each look to the test.
type follower struct {
	looks chan []string
	done  chan error
	stop  context.CancelFunc
}

func follow(t *testing.T, db *pgtest.DB, channel string, look func(payloads []string) error) *follower {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{looks: make(chan []string, 1000), done: make(chan error, 1), stop: cancel}
	go func() {
		f.done <- postgis.Follow(ctx, db.Pool, channel, func(_ context.Context, payloads []string) error {
			f.looks <- payloads
			return look(payloads)
		})
	}()
	t.Cleanup(cancel)
	return f
}

func (f *follower) next(t *testing.T) []string {
	t.Helper()
	select {
	case payloads := <-f.looks:
		return payloads
	case <-time.After(10 * time.Second):
		t.Fatal("no look in 10 s")
		return nil
	}
}

func (f *follower) end(t *testing.T) error {
	t.Helper()
	f.stop()
	select {
	case err := <-f.done:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("Follow did not return")
		return nil
	}
}

func fine([]string) error { return nil }

func execute(t *testing.T, db *pgtest.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Owner.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func TestFollowLooksFirstAndThenAtEachNotification(t *testing.T) {
	db := pgtest.New(t)
	before := goleak.IgnoreCurrent()
	f := follow(t, db, "fangyu_published", fine)
	if first := f.next(t); first != nil {
		t.Errorf("the first look had payloads %q", first)
	}
	execute(t, db, `insert into document (id, kind, title, recorded_at) values (gen_random_uuid(), 'other', 'x', now())`)
	execute(t, db, `select pg_notify('elsewhere', 'no'), pg_notify('fangyu_published', 'place')`)
	if got := f.next(t); !slices.Equal(got, []string{"place"}) {
		t.Errorf("got %q", got)
	}
	if err := f.end(t); err != nil {
		t.Errorf("ended with %v", err)
	}
	goleak.VerifyNone(t, before)
}

// What is notified in one transaction, or close together, is one look.
func TestFollowGathersWhatComesTogether(t *testing.T) {
	db := pgtest.New(t)
	f := follow(t, db, "fangyu_published", fine)
	f.next(t)
	execute(t, db, `select pg_notify('fangyu_published', 'n' || n % 3) from generate_series(1, 300) n`)
	got := f.next(t)
	if slices.Sort(got); !slices.Equal(got, []string{"n0", "n1", "n2"}) {
		t.Errorf("got %q", got)
	}
	if err := f.end(t); err != nil {
		t.Error(err)
	}
}

// A change while the connection is lost is seen by the look after it.
func TestFollowLooksAgainAfterALostConnection(t *testing.T) {
	db := pgtest.New(t)
	before := goleak.IgnoreCurrent()
	f := follow(t, db, "fangyu_published", fine)
	f.next(t)
	execute(t, db, `select pg_notify('fangyu_published', 'before')`)
	f.next(t)
	const listeners = `select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query = 'listen "fangyu_published"'`
	var ended bool
	if err := db.Pool.QueryRow(context.Background(), listeners).Scan(&ended); err != nil || !ended {
		t.Fatalf("nobody listens: %v, %v", ended, err)
	}
	execute(t, db, `select pg_notify('fangyu_published', 'between')`)
	if again := f.next(t); again != nil {
		t.Errorf("the look after the loss had payloads %q", again)
	}
	execute(t, db, `select pg_notify('fangyu_published', 'after')`)
	if got := f.next(t); !slices.Equal(got, []string{"after"}) {
		t.Errorf("got %q", got)
	}
	if err := f.end(t); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

func TestFollowReturnsWhatLookSays(t *testing.T) {
	db := pgtest.New(t)
	before := goleak.IgnoreCurrent()
	broken := errors.New("broken")
	f := follow(t, db, "fangyu_published", func(payloads []string) error {
		if payloads != nil {
			return broken
		}
		return nil
	})
	f.next(t)
	execute(t, db, `select pg_notify('fangyu_published', 'place')`)
	select {
	case err := <-f.done:
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Follow went on")
	}
	goleak.VerifyNone(t, before)
}

func TestFollowReturnsWhatTheFirstLookSays(t *testing.T) {
	db := pgtest.New(t)
	broken := errors.New("broken")
	err := postgis.Follow(context.Background(), db.Pool, "fangyu_published", func(context.Context, []string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// Nothing that was committed stays unseen, however notifications, looks and losses fall.
func TestFollowMissesNothing(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	execute(t, db, `create table change (n int)`)
	execute(t, db, `grant select on change to fangyu_app`)
	seen := make(chan int, 1000)
	f := follow(t, db, "changes", func([]string) error {
		var n int
		err := db.Pool.QueryRow(ctx, `select coalesce(max(n), 0) from change`).Scan(&n)
		seen <- n
		return err
	})
	const last = 60
	for n := 1; n <= last; n++ {
		execute(t, db, `with i as (insert into change values ($1) returning n) select pg_notify('changes', n::text) from i`, n)
		if n%20 == 0 {
			execute(t, db, `select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and query = 'listen "changes"' and usename = current_user`)
		}
	}
	for deadline := time.After(10 * time.Second); ; {
		select {
		case n := <-seen:
			if n == last {
				if err := f.end(t); err != nil {
					t.Error(err)
				}
				return
			}
		case <-deadline:
			t.Fatal("the last change " + strconv.Itoa(last) + " was never seen")
		}
	}
}
