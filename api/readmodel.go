package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
	"fangyu/internal/postgis"
)

// publishedChannel is where the database says that a published table changed.
const publishedChannel = "fangyu_published"

// reloadWait is how long Run waits after a load that failed.
const reloadWait = time.Second

// published is what the public sees: the collections, and for each a tag that is the digest of its content, so that the
// same content has the same validator on every node and after every restart.
type published struct {
	index.Snapshot
	tags map[string]string
}

// Run keeps the snapshot in step with the database until ctx ends: everything at first, after a lost connection and after
// a load that failed, then the collections whose tables changed. The last good snapshot stays meanwhile. What is withheld
// does not wait for a load: it is dropped when the database says so. Beside it the names that are searched are kept in memory
// (gazsql.FollowNames), until when the database answers searches.
func (s *Server) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	channel := func(name string, look func(context.Context, []string) error) func(context.Context) error {
		return func(ctx context.Context) error { return postgis.Follow(ctx, s.Pool, name, look) }
	}
	g.Go(func() error { return s.keep(ctx, "snapshot", channel(publishedChannel, s.load)) })
	g.Go(func() error { return s.keep(ctx, "withheld", channel(gazsql.WithheldChannel, s.dropWithheld)) })
	g.Go(func() error {
		return s.keep(ctx, "names", func(ctx context.Context) error { return s.Gaz.FollowNames(ctx, s.Pool) })
	})
	return g.Wait()
}

// keep follows the database, and begins anew after a failure, until ctx ends.
func (s *Server) keep(ctx context.Context, what string, follow func(context.Context) error) error {
	for {
		err := follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.Log.Error("what is in memory could not be kept in step", "what", what, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reloadWait):
		}
	}
}

// load builds the collections that the named tables feed, all of them when none is named, and publishes them at once. A
// reader never sees half of a change, nor what was dropped while they were built. Names that were written without their search
// forms get them first.
func (s *Server) load(ctx context.Context, tables []string) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	began := time.Now()
	if err := s.Gaz.FormNames(ctx, nil); err != nil {
		return fmt.Errorf("make the search forms of new names: %w", err)
	}
	s.publishing.Lock()
	s.dropped = nil // what was dropped before is not read any more
	first := s.snapshot.Load() == nil
	s.publishing.Unlock()
	fresh, count := newPublished(nil), 0
	for _, info := range collectionInfos {
		if !first && len(tables) > 0 && !touched(info, tables) {
			continue
		}
		items, err := info.load(ctx, s)
		if err != nil {
			return fmt.Errorf("load %s: %w", info.id, err)
		}
		fresh.put(index.NewCollection(info.id, items))
		count += len(items)
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	next := newPublished(s.snapshot.Load())
	maps.Copy(next.Collections, fresh.Collections)
	maps.Copy(next.tags, fresh.tags)
	next.drop(s.dropped)
	s.publish(next)
	s.Log.Info("snapshot", "version", next.Version, "loaded", count, "ms", time.Since(began).Milliseconds(), "changed", tables)
	return nil
}

// dropWithheld drops what was withheld at any node. After a connection was lost the tables are read again; so they are
// for a record that was published again before its withholding became known here.
func (s *Server) dropWithheld(ctx context.Context, subjects []string) error {
	if len(subjects) == 0 {
		if !s.Ready() {
			return nil // Run is about to load everything, and listens from now on
		}
		return s.load(ctx, []string{"place", "marker"})
	}
	err := s.Gaz.ReadNamesAgain(ctx, placesAmong(subjects)) // with the collections, not some milliseconds later
	s.drop(subjects)
	if err != nil {
		return err
	}
	again, err := s.Gaz.PublishedAgain(ctx, subjects)
	if err != nil {
		return fmt.Errorf("ask which records are published again: %w", err)
	}
	if len(again) > 0 {
		return s.load(ctx, []string{"place", "marker"})
	}
	return nil
}

// placesAmong are the places among records as the journal calls them.
func placesAmong(subjects []string) (places []uuid.UUID) {
	for _, subject := range subjects {
		noun, record, _ := strings.Cut(subject, "/")
		if id, err := uuid.Parse(record); noun == "place" && err == nil {
			places = append(places, id)
		}
	}
	return places
}

// drop takes records, as the journal calls them, out of what is served, now and from the load that may be running.
func (s *Server) drop(subjects []string) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.dropped = append(s.dropped, subjects...)
	old := s.snapshot.Load()
	if old == nil {
		return
	}
	next := newPublished(old)
	if !next.drop(subjects) {
		return
	}
	s.publish(next)
	s.Log.Info("snapshot", "version", next.Version, "dropped", len(subjects))
}

// publish serves the snapshot from now on, and forgets the tiles of another content. The caller holds publishing.
func (s *Server) publish(next *published) {
	var all strings.Builder
	for _, info := range collectionInfos {
		all.WriteString(next.tags[info.id])
	}
	next.Version = short(sha256.Sum256([]byte(all.String())))
	s.snapshot.Store(next)
	s.tiles.keep(next.tags)
}

// newPublished begins with what old holds; old may be nil.
func newPublished(old *published) *published {
	p := &published{index.Snapshot{Collections: map[string]*index.Collection{}}, map[string]string{}}
	if old != nil {
		maps.Copy(p.Collections, old.Collections)
		maps.Copy(p.tags, old.tags)
	}
	return p
}

func (p *published) put(c *index.Collection) { p.Collections[c.ID()], p.tags[c.ID()] = c, digest(c) }

// drop takes records out and reports whether it held any. The tag of what remains is made from the old one, which is
// quicker than a digest; the load that follows brings the digest.
func (p *published) drop(subjects []string) (dropped bool) {
	for noun, id := range map[string]string{"place": placeCollection.id, "marker": markerCollection.id} {
		var gone []string
		for _, subject := range subjects {
			if of, record, _ := strings.Cut(subject, "/"); of == noun && len(p.Collections[id].Versions(record)) > 0 {
				gone = append(gone, record)
			}
		}
		if len(gone) == 0 {
			continue
		}
		slices.Sort(gone)
		p.Collections[id] = p.Collections[id].Without(gone)
		p.tags[id] = short(sha256.Sum256([]byte(p.tags[id] + " without " + strings.Join(gone, " "))))
		dropped = true
	}
	return dropped
}

// digest names the content of a collection: every feature as it is written, with its days.
func digest(c *index.Collection) string {
	h := sha256.New()
	var buf []byte
	for i := range c.Items() {
		it := &c.Items()[i]
		buf = binary.BigEndian.AppendUint32(buf[:0], uint32(it.From))
		buf = binary.BigEndian.AppendUint32(buf, uint32(it.To))
		h.Write(index.AppendFeature(buf, it))
	}
	return short([sha256.Size]byte(h.Sum(nil)))
}

// short is the part of a digest that is enough for a validator.
func short(sum [sha256.Size]byte) string { return base64.RawURLEncoding.EncodeToString(sum[:12]) }

func touched(info collectionInfo, tables []string) bool {
	return slices.ContainsFunc(tables, func(t string) bool { return slices.Contains(info.tables, t) })
}
