package gazsql_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

// following is a store that holds the names in memory and follows the database until the test ends.
func following(t *testing.T, db *pgtest.DB) *gazsql.Store {
	t.Helper()
	s := gazsql.New(db.Pool)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.FollowNames(ctx, db.Pool) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	holds(t, s)
	return s
}

func holds(t *testing.T, s *gazsql.Store) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); s.NamesHeld() == 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the names are not in memory")
		}
	}
}

// TestNamesInMemoryFollowTheDatabase: names written, withheld, published again, imported by the thousand, and after the
// connection was lost.
func TestNamesInMemoryFollowTheDatabase(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	s := following(t, o.db)
	// agree waits until what is found in memory is what the database finds, and both find so many.
	agree := func(what, q string, want int) {
		t.Helper()
		in := gazetteer.Search{Text: q, Limit: 50}
		list, err := o.store.Suggest(ctx, in)
		if err != nil || len(list) != want {
			t.Fatalf("%s: the database finds %d of %s, wanted %d (%v)", what, len(list), q, want, err)
		}
		began := time.Now()
		for {
			got, err := s.Suggest(ctx, in)
			diff := cmp.Diff(list, got)
			if err == nil && diff == "" && s.NamesHeld() > 0 {
				t.Logf("%s: after %v", what, time.Since(began).Round(time.Millisecond))
				return
			}
			if time.Since(began) > 20*time.Second {
				t.Fatalf("%s: %s, %v (-database +memory)\n%s", what, q, err, diff)
			}
			time.Sleep(time.Millisecond)
		}
	}
	id := o.inlet(t, "蛟窟湾")
	agree("a new name", "蛟窟", 1)
	mustImport(t, o.store, "code,name,validFrom\n500233100,新龙兴镇,2020-01-01\n")
	agree("a division renamed", "龙兴", 1)
	agree("what lies in it", "蛟窟", 1)
	for version, grade := range []gazetteer.Grade{gazetteer.Secret, gazetteer.Internal, gazetteer.Public} {
		if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, version+1, secretly(grade)); err != nil {
			t.Fatal(err)
		}
		agree(string(grade), "蛟窟", map[bool]int{true: 1}[grade == gazetteer.Public])
	}
	var many strings.Builder
	many.WriteString("name,category,divisionCode\n")
	for i := range 300 {
		many.WriteString("鼍" + strings.Repeat("山", 1+i%9) + strings.Repeat("水", 1+i/9) + "," + string(gazetteer.Natural) + ",500233100\n")
	}
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "places.csv", many.String()))}); err != nil {
		t.Fatal(err)
	}
	agree("three hundred at once", "鼍山山山山山山山山山水", 33)
	if _, err := o.db.Super.Exec(ctx, `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%fangyu_names%'`); err != nil {
		t.Fatal(err)
	}
	o.inlet(t, "鼍窟湾")
	agree("the connection lost", "鼍窟", 1)
}

// TestNamesThatMissedAChangeAreNotServed: a connection that is lost while all names are read may have missed that one of them was
// withheld, so what was read is not served.
func TestNamesThatMissedAChangeAreNotServed(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	if err := o.store.BuildNames(ctx, o.store.ForgetNames); err != nil || o.store.NamesHeld() != 0 {
		t.Errorf("%v: %d names are served", err, o.store.NamesHeld())
	}
	if err := o.store.BuildNames(ctx, func() {}); err != nil || o.store.NamesHeld() == 0 {
		t.Errorf("%v: %d names are served", err, o.store.NamesHeld())
	}
}
