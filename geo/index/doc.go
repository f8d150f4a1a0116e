// Package index holds published collections in memory, ready to be searched and written: the read model that serves the
// public.
//
// A [Collection] is built once from its items and never changes; a [Snapshot] is a set of collections with one version.
// Whoever keeps the read model publishes a new snapshot through an atomic pointer, readers keep the one they began with,
// and nobody locks.
//
// It leans on github.com/tidwall/rtree for boxes and geo/feature for GeoJSON.
//
// # Why
//
// 2026-11-24: features are written by appending prepared JSON: properties are stored as the bytes that go out. No maps, no
// reflection; encoding/json costs ten times as much.
//
// 2026-11-24: paging is by key, the id of the last item, not by offset: a page costs the same wherever it begins, and a
// client that pages through one snapshot meets every item once. The token is opaque to clients.
//
// 2026-11-24: numberMatched is exact, because GDAL and QGIS plan their paging by it.
//
// 2026-11-24: a box query tests the geometry, not only its box: OGC API Features asks for features that intersect, and the
// box of a crooked boundary line covers half a county it never enters.
package index
