// Package coverage looks at areas that should fit together, and says where they do not: gaps, overlaps, areas that are no
// areas, slivers, parts apart from the rest of their unit (飞地). [Check] is a pure function of what files hold.
//
// It leans on geo for exact predicates, validity of one area and measures on the ellipsoid, and on github.com/tidwall/rtree
// to find edges that come near each other. Edges are straight in longitude and latitude; decisions are exact.
//
// # How
//
// Every ring is run along with its area to the left. Where as many areas lie on one side of an edge as on the other, the
// edge fits and is gone at once: nothing is changed by crossing it. How many areas cover a place changes only across the
// edges that are left, so they alone are cut where they cross, and walked around: a face that nothing covers and that is
// not the outside is a gap, one that is covered twice or more lies in an overlap. The cost is linear in vertices for what
// fits (two tables of numbers, no pointers), and n log n in what does not.
//
// [Reconcile] brings neighbours together that do not fit. It cuts the plane into the faces of all edges, and into them what lies between
// areas by lines from each vertex that does not fit to the nearest place of every other area within the tolerance; then each face that
// nobody has, or more than one, is given to one area. What comes is a partition of the same faces, so it fits wherever it was worked on.
//
// # Why
//
// 2026-11-28: faces, and not pairs of areas: a pair has no gap, and an error of two metres at a tripoint is one finding with
// its three units, not three. Overlaps are then told apart by who overlaps whom.
//
// 2026-11-28: narrow faces are found by their mean width 2A/P and their shape 4πA/P² beside their area: an error of 2 m along
// 5 km makes 5,000 m², more than a village square has.
//
// 2026-11-28: a hole that one unit alone leaves in itself is taken for the enclave of a unit that is not in the files, not for a gap:
// whoever drew the hole meant it. A hole between units is a gap.
//
// 2026-11-28: a gap that is open to the outside is no face. Narrow ones are found where the outlines of two areas look at each other
// across a few metres over fifty times as much; a wide one cannot be told from a bay.
//
// 2026-11-28: nothing is snapped but what arithmetic cannot tell apart: a vertex within a micrometre of an edge lies on it, since
// rounding moves the place of a crossing by as much where edges nearly run along each other. Where a file is known to be no better than some metres, what is narrower is counted, not
// listed, and the number of metres is part of what was asked ([Parameters]).
//
// 2026-11-29: repair gives whole faces and invents no course: a line between two surveys would be nobody's survey. Moving vertices
// together and hoping for the best makes areas that cross themselves; faces that change hands cannot.
//
// 2026-11-29: where one area alone is out of step it comes to all others. Where nobody is, the finer outline stays, for all of a layer: a line
// that keeps to one side here and to the other there has a step in it.
//
// 2026-11-28: faces are measured with edges straight in degrees and by a series of latitude: the polygon of geodesics is 0.1 m²
// off whatever its size, and the two sides of a sliver, having other vertices, would bow apart by more than its width.
//
// 2026-11-29: what lines close is compared with the shape of a division only where the lines that name it come and go equally at every
// vertex: then they close something without anything being guessed. Lines whose left and right are exchanged close it inside out; that is
// found as what it is. A crossing near an end that dangles is the end's: one finding, not two.
package coverage
