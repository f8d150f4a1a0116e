package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"fangyu/geo/index"
	"fangyu/internal/postgis"
)

// publishedChannel is where the database says that a published table changed.
const publishedChannel = "fangyu_published"

// Run keeps the snapshot in step with the database until ctx ends: everything at first and after a lost connection, then
// the collections whose tables changed.
func (s *Server) Run(ctx context.Context) error {
	return postgis.Follow(ctx, s.Pool, publishedChannel, s.load)
}

// load builds a new snapshot from the collections that the named tables feed, all of them when none is named, and
// publishes it at once. A reader never sees half of a change.
func (s *Server) load(ctx context.Context, tables []string) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	began := time.Now()
	old := s.snapshot.Load()
	next := &index.Snapshot{Version: strconv.FormatInt(began.UnixNano(), 36), Collections: map[string]*index.Collection{}}
	if old != nil {
		maps.Copy(next.Collections, old.Collections)
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
		count += len(items)
	}
	s.snapshot.Store(next)
	s.Log.Info("snapshot", "version", next.Version, "loaded", count, "ms", time.Since(began).Milliseconds(), "changed", tables)
	return nil
}

func touched(info collectionInfo, tables []string) bool {
	return slices.ContainsFunc(tables, func(t string) bool { return slices.Contains(info.tables, t) })
}
