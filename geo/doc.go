// Package geo is the geometry of Fangyu without a database: frames of reference, ellipsoidal measures, chainage along a
// boundary line, position checks and polygon checks. Everything is a pure function of values; positions are
// [orb.Point]{longitude, latitude} in degrees of CGCS2000 (EPSG:4490) unless a [Frame] says otherwise.
//
// It leans on github.com/paulmach/orb for the types, github.com/tidwall/geodesic (Karney's algorithms) for lengths and
// areas, and internal/fault for what it says when something is wrong.
//
// # Why
//
// 2026-11-24: lengths, areas and chainage are geodesic on the CGCS2000 ellipsoid, never planar: the same 14.7 km line
// is 14,727.65 m on the plane of the central meridian 108° and 14,728.16 m on that of 105°, and Chongqing has two zone
// edges inside it. The ellipsoid has one answer, 14,724.06 m.
//
// 2026-11-24: the nearest place on a line is found on chords in space (earth-centred coordinates) and measured in the
// horizontal plane at the foot. No projection has to be chosen, no zone edge can matter, and for the offsets that occur
// (under 2 km) it agrees with the geodesic solution to well under a millimetre; farther points take the geodesic
// solution itself. See [Chain].
//
// 2026-11-24: frames are a closed list. PROJ answers a request for Xi'an 1980 to CGCS2000 with the input unchanged (a
// "ballpark" transformation) while the real shift is tens of metres or more, so frames without an exact transformation
// are refused by [ParseFrame], not passed through.
//
// 2026-11-24: WGS 84 is taken as CGCS2000 (a null transformation, recorded as such by the caller). They differ by
// centimetres, and by plate motion of about 0.8 m by 2024 for global-epoch results; epoch is kept beside the frame.
//
// 2026-11-24: GCJ-02 and BD-09 use the published approximation, inverted by iteration. [Frame.NeedsConfirmation]
// marks them: a person confirms before anything so converted is stored.
//
// 2026-11-28: an area that was given out is counted in cells of 0.01°, joined over edges and corners, with their areas on the
// ellipsoid ([Contiguous]). A feature counts the cells its box touches: points sown less densely than a kilometre do not
// make a continuous cover, which is what the secrecy of surveys is about.
//
// 2026-11-28: directions in words and azimuths count from true north, bearings of witness objects from grid north, and the two
// differ by 2.3 m at 100 m. [GridBearing] is a type of its own so that the compiler sees one taken for the other; only
// [Grid] turns one into the other. A line is given on planes by zone ([ByZone]), never on one plane across an edge.
package geo
