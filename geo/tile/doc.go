// Package tile draws collections of geo/index as Mapbox vector tiles in the Web Mercator square.
//
// It leans on github.com/paulmach/orb: clip and simplify for the shapes, encoding/mvt for the bytes.
//
// # Why
//
// 2026-11-24: shapes are simplified whole and clipped after, in units of the tile's grid: the same vertices go from both
// sides of an edge between two tiles, so no step shows there, and the tolerance means the same size on the screen at every zoom.
//
// 2026-11-24: an area never vanishes: one that shrinks below the grid becomes a small square, so that a township is still
// found and counted at low zoom. A hole may vanish.
//
// 2026-11-24: points are thinned below zoom 14 to the best of each cell by the property "rank" (1 is best), so that a
// tile of a city with 10,000 names stays small and the same names show whatever the neighbours. Front ends thin labels
// further by collision.
package tile
