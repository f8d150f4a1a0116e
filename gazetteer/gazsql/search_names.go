package gazsql

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/postgis"
)

const (
	// namesChannel is where the database says, with the commit, which places have other search forms.
	namesChannel = "fangyu_names"
	// allNames is said there when they are too many to be listed.
	allNames = "all"
	// mostReplaced is how many places may have other names than the index before it is built anew.
	mostReplaced = 2000
)

// nameReplica are the names of the database in memory. Searches that find it empty, or ask what it does not know, go to the
// database.
type nameReplica struct {
	names atomic.Pointer[gazetteer.Names]

	writing sync.Mutex
	since   map[uuid.UUID]bool // places written since the building under way began; nil when none is
	missed  int                // how often changes may have been missed
}

// FollowNames keeps the names in memory in step with the database until ctx ends; Suggest and Search answer from there. A
// change is known within the time a notification takes: only what changed is read again, and beyond some thousand places
// everything, on the side. Errors: what hinders reading the names, but for lost connections.
func (s *Store) FollowNames(ctx context.Context, pool *pgxpool.Pool) error {
	g, ctx := errgroup.WithContext(ctx)
	due := make(chan struct{}, 1)
	buildSoon := func() {
		select {
		case due <- struct{}{}:
		default: // one is due already, and will begin later than this
		}
	}
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-due:
			}
			if err := s.names.build(ctx, pool); err != nil && ctx.Err() == nil {
				return err
			}
		}
	})
	g.Go(func() error {
		defer s.names.names.Store(nil)
		return postgis.Follow(ctx, pool, namesChannel, func(ctx context.Context, payloads []string) error {
			places, whole := writtenPlaces(payloads)
			if len(payloads) == 0 {
				s.names.forget() // what was missed is not known: the database answers until all is read again
			} else if len(places) > 0 {
				if err := s.names.write(ctx, pool, places); err != nil {
					return err
				}
			}
			if names := s.names.names.Load(); whole || names != nil && names.Replaced() > mostReplaced {
				buildSoon()
			}
			return nil
		})
	})
	return g.Wait()
}

// ReadNamesAgain reads the names of the places into memory anew, before their notification has come.
func (s *Store) ReadNamesAgain(ctx context.Context, places []uuid.UUID) error {
	return s.names.write(ctx, s.db, places)
}

// writtenPlaces are the places that notifications speak of, and whether they speak of all.
func writtenPlaces(payloads []string) (places []uuid.UUID, whole bool) {
	if len(payloads) == 0 {
		return nil, true
	}
	seen := map[uuid.UUID]bool{}
	for _, payload := range payloads {
		if payload == allNames {
			whole = true
			continue
		}
		for _, text := range strings.Fields(payload) {
			id, err := uuid.Parse(text)
			if err != nil {
				return nil, true
			}
			if !seen[id] {
				seen[id] = true
				places = append(places, id)
			}
		}
	}
	return places, whole
}

// forget drops the names, and what is being built of them: changes may have been missed.
func (r *nameReplica) forget() {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.missed++
	r.names.Store(nil)
}

// write reads the names of the places again.
func (r *nameReplica) write(ctx context.Context, db postgis.Conn, places []uuid.UUID) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	if r.since != nil {
		for _, p := range places {
			r.since[p] = true
		}
	}
	names := r.names.Load()
	if names == nil {
		return nil // they are read when it is built
	}
	next, err := with(ctx, db, names, places)
	if err != nil {
		return err
	}
	r.names.Store(next)
	return nil
}

// with are the names with those of the places read again.
func with(ctx context.Context, db postgis.Conn, names *gazetteer.Names, places []uuid.UUID) (*gazetteer.Names, error) {
	var written []gazetteer.WrittenName
	err := eachName(ctx, db, `where f.place_id = any($1)`, []any{places}, func(n gazetteer.IndexedName, path []uuid.UUID) {
		written = append(written, gazetteer.WrittenName{IndexedName: n, Path: append([]uuid.UUID{}, path...)})
	})
	if err != nil {
		return nil, err
	}
	return names.With(places, written), nil
}

// build reads all names. Searches go on meanwhile, and so do changes: what they wrote is read once more at the end. Where changes
// were missed meanwhile it is all in vain, and another building is due.
func (r *nameReplica) build(ctx context.Context, db postgis.Conn) error {
	began := time.Now()
	r.writing.Lock()
	r.since = map[uuid.UUID]bool{}
	missed := r.missed
	r.writing.Unlock()
	index, err := readNames(ctx, db)
	if err != nil {
		return err
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	if r.missed != missed {
		return nil
	}
	names := gazetteer.NewNames(index)
	if len(r.since) > 0 {
		places := make([]uuid.UUID, 0, len(r.since))
		for p := range r.since {
			places = append(places, p)
		}
		if names, err = with(ctx, db, names, places); err != nil {
			return err
		}
	}
	r.since = nil
	r.names.Store(names)
	slog.InfoContext(ctx, "names in memory", "names", index.Len(), "written meanwhile", names.Replaced(), "ms", time.Since(began).Milliseconds())
	return nil
}

// readNames builds the index of all names.
func readNames(ctx context.Context, db postgis.Conn) (*gazetteer.NameIndex, error) {
	var about int
	if err := db.QueryRow(ctx, `select count(*) from name_form`).Scan(&about); err != nil {
		return nil, fmt.Errorf("count the names: %w", err)
	}
	b := gazetteer.NewNameIndexBuilder(about)
	if err := eachName(ctx, db, ``, nil, b.Add); err != nil {
		return nil, err
	}
	return b.Build(), nil
}

// eachName reads search forms. path is overwritten by the next.
func eachName(ctx context.Context, db postgis.Conn, where string, args []any, each func(n gazetteer.IndexedName, path []uuid.UUID)) error {
	rows, err := db.Query(ctx, `
		select f.name_id, f.place_id, f.division, f.kind, f.name, f.text, f.pinyin, f.initials, f.toneless, f.rank, f.category, f.level, f.within, f.path,
		       coalesce(lower(f.valid) - date '1970-01-01', -2147483648), coalesce(upper(f.valid) - date '1970-01-01', 2147483647),
		       n.kind = 'standard' and n.language = 'zh'
		from name_form f join place_name n on n.id = f.name_id `+where, args...)
	if err != nil {
		return err
	}
	var n gazetteer.IndexedName
	var division *uuid.UUID
	var path []uuid.UUID
	said := map[string]string{}
	once := func(s *string) {
		if known, ok := said[*s]; ok {
			*s = known
		} else {
			said[*s] = *s
		}
	}
	_, err = pgx.ForEachRow(rows, []any{
		&n.NameID, &n.PlaceID, &division, &n.Kind, &n.Name, &n.Text, &n.Pinyin, &n.Initials, &n.Toneless, &n.Rank, &n.Category, &n.Level, &n.Within, &path,
		&n.FirstDay, &n.DayAfterLast, &n.Standard,
	}, func() error {
		if n.Division = uuid.Nil; division != nil {
			n.Division = *division
		}
		if n.Text == n.Name {
			n.Text = n.Name // one text in memory
		}
		for _, s := range []*string{&n.Kind, &n.Category, &n.Level, &n.Within} {
			once(s)
		}
		each(n, path)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the names: %w", err)
	}
	return nil
}

// climb is what Store.climb finds, from memory; false when that is to be asked of the database.
func (r *nameReplica) climb(in gazetteer.Search) ([]foundName, bool) {
	if r == nil {
		return nil, false
	}
	names := r.names.Load()
	if names == nil {
		return nil, false
	}
	hits, ok := names.Search(in, beijing.DayNumber(time.Now()))
	if !ok {
		return nil, false
	}
	found := make([]foundName, len(hits))
	for i := range hits {
		found[i] = foundOf(&hits[i])
	}
	return found, true
}

func foundOf(h *gazetteer.FoundName) foundName {
	f := foundName{
		NameID: &h.NameID, PlaceID: &h.PlaceID, Kind: h.Kind, Name: h.Name, Toneless: h.Toneless, Category: h.Category, Level: h.Level, Within: h.Within,
		step: h.Step,
	}
	if h.Division != uuid.Nil {
		f.Division = &h.Division
	}
	if h.Standard != "" {
		f.Standard = &h.Standard
	}
	return f
}
