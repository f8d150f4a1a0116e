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
// a load that failed, then the collections whose tables changed. The last good snapshot stays meanwhile.
func (s *Server) Run(ctx context.Context) error {
	for {
		err := postgis.Follow(ctx, s.Pool, publishedChannel, s.load)
		if ctx.Err() != nil {
			return nil
		}
		s.Log.Error("the snapshot could not be loaded", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reloadWait):
		}
	}
}

// load builds a new snapshot from the collections that the named tables feed, all of them when none is named, and
// publishes it at once. A reader never sees half of a change.
func (s *Server) load(ctx context.Context, tables []string) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	began := time.Now()
	old := s.snapshot.Load()
	next := &published{index.Snapshot{Collections: map[string]*index.Collection{}}, map[string]string{}}
	if old != nil {
		maps.Copy(next.Collections, old.Collections)
		maps.Copy(next.tags, old.tags)
	}
	count := 0
	for _, info := range collectionInfos {
		if old != nil && len(tables) > 0 && !touched(info, tables) {
			continue
		}
		items, err := info.load(ctx, s)
		if err != nil {
			return fmt.Errorf("load %s: %w", info.id, err)
		}
		next.Collections[info.id] = index.NewCollection(info.id, items)
		next.tags[info.id] = digest(next.Collections[info.id])
		count += len(items)
	}
	var all strings.Builder
	for _, info := range collectionInfos {
		all.WriteString(next.tags[info.id])
	}
	next.Version = short(sha256.Sum256([]byte(all.String())))
	s.snapshot.Store(next)
	s.Log.Info("snapshot", "version", next.Version, "loaded", count, "ms", time.Since(began).Milliseconds(), "changed", tables)
	return nil
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
