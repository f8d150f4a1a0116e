// Package boundary decides about boundary lines (行政区域界线): how a line is named and oriented, which divisions it parts,
// where its sections, markers and tripoints are, what a track covers of it, and what a joint inspection may do next. It is
// pure: values in, values out. boundary/boundsql gathers the facts and records the decisions.
//
// It leans on geo for ellipsoidal measures and chainage, on gazetteer for division codes, actors and roles, and on
// internal/fault for errors and findings. It knows gazetteer, never the other way round.
//
// # Why
//
// 2026-11-24: a line is the legal object between two parties; its sections are the pairs of lower divisions along it. The
// 5 provincial and 83 county lines of Chongqing have 151 sections, nine of them in several parts.
//
// 2026-11-24: parties are proposed by code order once, when a line is registered, and then stay as recorded: codes change,
// agreements do not.
//
// 2026-11-24: chainage begins at the west or north end (GB/T 17796). Whole exclaves, which are
// closed parts, follow after the open ones, so that the chainage along the ground runs without jumps.
//
// 2026-11-24: coverage is decided cell by cell on the line, never by a buffer around the track: a buffer of a messy track
// of 100,000 points takes gigabytes, and crossing a line twenty times is not walking it.
//
// 2026-11-24: a signature binds the digest of the report's canonical bytes. Whatever changes afterwards voids both
// signatures, because neither side signed that.
//
// 2026-11-28: a track is followed along the line before anything is counted. Distance alone says that who walks one limb
// of a meander walks the next one too, and who crosses a line slantwise walks it for a while. The likeliest way through the
// places near each position (Viterbi over candidates, no further along the line than the track moved) is on one limb at a
// time, and tells who was where when. Cells stay: they make the figures at T/2, T and 2T those of one pass over the track.
//
// 2026-11-28: a track that fits the line better as GCJ-02 or BD-09 is held, never corrected unasked. The test is by
// stretches of a kilometre, most of which must lie near the line in that frame and at least five times nearer than as
// recorded; a road that crosses the shifted image of the line, or one beside it with bends of its own, is no such sign.
//
// 2026-11-28: photos belong to the tracks of their submission or inspection. What a photo says of place and time is WGS 84
// and the satellites' time whatever a program made of the track, so photos decide on the track's frame, also against the
// line. A photo agrees when the track was within 100 m of it within ten minutes; one that agrees with any of the tracks
// contradicts none, because several days' photos come together. Which stone it shows is decided only where one alone can be
// meant: the stones of a pair stand nearer to each other than a phone errs, and a wrong guess is a visit that never was.
//
// 2026-11-28: what an office is to a line (StandingOf) follows from the divisions as they are on the day: a party's own
// bureau, the bureau that was given a party's affairs when it ended, or the bureau above both. The policies of the database
// decide the same by the same rows; a test holds the two against each other.
//
// 2026-11-28: of a track the other side sees its result and its corridor, the positions near the line, and nothing that is
// interpolated: a straight line to the corridor's edge would point at the surveyor's door.
//
// 2026-11-28: who cannot walk a stretch says so (Stretch), and the other side of the line confirms it: one side's word is
// nothing the other has to sign. What both confirmed counts as viewed or seen on imagery where nobody walked, in figures of
// its own; it is never part of the coverage, which is what tracks prove. To confirm one, or to take a confirmed one back,
// changes what was signed and voids it; to declare or refuse one does not.
//
// 2026-11-28: when offices succeed each other, records stay with whom they were made by and the successor acts on them.
// Moving them would rewrite what was signed. A round between two that became one ends: nobody signs with himself.
//
// 2026-11-29: an agreement is content that both sides confirm by its digest, then a signed paper, then an approval with its
// publication. Geometry that is handed in is directed as the line runs, since the party on the right is recorded once. The
// sections of the new course are cut where the former ones end, projected on it part by part: nearest places alone would
// jump to another limb, and an exclave of two sections begins in the middle of one of them.
//
// 2026-11-29: a dispute is an interval by chainage on the version of the line it was opened on, and is carried to later ones by geometry. An
// agreement on a line that is not law fixes the whole of it for the first time and so passes over every open dispute; on one that is
// law it passes over those within which its course departs.
//
// 2026-11-28: who belongs to a contractor, or is a keeper and nothing more at lines, stands for no office. What he may do
// comes from assignments alone, and what he hands in belongs to the bureau that commissioned it. One person works at one
// line for one office at a time, so it is never in doubt whose the work is.
//
// 2026-11-28: whether the marker or a witness object moved is found by trying every explanation with one change, then with two,
// and taking the simplest that chance does not rule out. A record has three objects or so: a robust estimate has nothing to
// lean on there, while all explanations are few and the surveyor is told which ones cannot be told apart. A misread bearing
// (reversed, or from true north) explains more than a movement of the same size and is tried first.
//
// 2026-11-28: when a division becomes another, the lines beside it do not get new parties: they end and pass into the lines of
// those who succeed, on the same course vertex for vertex, so that what was agreed, signed and inspected stays with the line it
// was about. A line goes on as itself only where its own parties do. Where territory was shared out, a change of divisions does
// not say which stretch is whose; such lines are named for demarcation with the term of the order, and nothing is guessed.
//
// 2026-11-29: the record of a marker says what stands beside its position and never moves it: plane coordinates more than a
// centimetre from the registered position are refused. Before that is said they are read in every other way people write them
// (swapped, another zone, with or without the zone number), so that the sentence names the slip and not a distance of 30 Mm.
//
// 2026-11-28: how markers are numbered is data by level ([MarkerScheme]). Only the provincial scheme is public; a level without
// one keeps its texts as given, because a wrong guess would sort and join what does not belong together. Order along a line is by
// chainage in any case: an added marker may have any serial.
//
// 2026-11-28: sketches of markers are drawn here, as values in and bytes out, true to scale on 8 cm of paper. Names are placed by
// trying every place of the paper: some milliseconds for a handful of names, and no two ever overlap.
package boundary
