// Package boundsql gathers the facts that package boundary decides on and records the decisions. Its files have the stems
// of boundary's; one exported method is one use-case and one transaction.
//
// It leans on pgx and internal/postgis, on gazsql for imports, documents and the journal (always in the same transaction),
// on internal/vault for original bytes and on River for jobs.
//
// # Why
//
// 2026-11-24: a track is kept before it is understood. ReceiveTrack hashes the bytes into the vault, then one transaction
// records evidence, track, journal and the job that will read it. Reading and matching change states, never bytes.
//
// 2026-11-24: parties, name, code and the side that lies to the right are recorded when a line is registered; nothing
// recomputes them.
//
// 2026-11-29: nodes are rows, tripoints among them, that follow the lines within the transaction that changes a line. A line is
// held to a node by its agreement, which needs to know what stands there; two lines that meet read one position. Identities come
// from the divisions that meet, as before there were rows. Which marker is that of a node is found when it is read: a row would
// tell of withheld ones.
//
// 2026-11-28: the policies for who works by assignment are restrictive ones beside those of offices, so that neither
// repeats the other. Evidence he hands in takes a compiled report back; the round itself, which he may not change, is then
// changed by the system actor assignment.form, and the journal names him.
//
// 2026-11-28: a photo is a record of its own beside the tracks it came with, under the same walls, but the other side of a
// line reads nothing of it: a track comes down to what it covers, a photo to a place, a time and a person. It is judged by
// its header when its last byte comes, and read as a job, which tracks do not wait for.
//
// 2026-11-28: what the public reads of a marker is rounded when it is read (MarkerView.Public), never stored rounded, so that
// a policy can change both ways. Chainage and offset are rounded to the same step, since with the public line they are the
// position; height and deviation are left out. Forms, reports and tracks read known_marker, in which the sides of a line
// and who is above them find its withheld markers too.
//
// 2026-11-28: markers come along with their line when divisions change, also the withheld ones, which the actor who carries the
// change out does not read: one function of the database does it, for nobody else. Chainage and offset of a withheld marker are
// measured anew when it is published again.
//
// 2026-11-29: each side may have a draft of an agreement at a line, and one of them is under way: a side that was refused a
// draft because of the other's would have learned of it. Whoever objects or returns hands the agreement back through the
// system actor agreement, since a draft is its own side's and the new row would not be his to see. The coordinates of the old
// agreement stay in the agreement, behind the wall; a version has the rest. A version becomes law in its own statement, last:
// from then on the guard lets nothing of it change and no section or segment be added.
//
// 2026-11-29: a marker row holds its line and chainage of today. What it stood on before is read from the versions of lines and the
// handovers of markers when somebody asks for a past day (markerPast): kept twice, the two could come to differ.
//
// 2026-11-29: tracks of rounds that are not over are read again when their line gets another version. A result says which version
// it is along; the results before stay, and come out the same when they are worked out anew.
package boundsql
