// Package track reads what surveyors' receivers and phones record. [Read] takes the bytes of a file and returns one
// [Track] whatever the format: GPX 1.0 and 1.1, KML 2.0 to 2.3, TCX, tables (CSV), NMEA 0183, GeoJSON, FIT; plain, gzip, KMZ
// or zip.
//
// It leans on golang.org/x/text for encodings, github.com/muktihari/fit for the messages of FIT, package geo for planes and
// internal/fault for findings, and knows nothing of lines or databases.
//
// # Why
//
// 2026-11-24: an uploaded file is evidence and is kept whatever it holds , however bad, so what is wrong in it is
// never an error of Read but a [State] and [Note] values that name line, column and cure. Errors are failures of the
// io.Reader alone.
//
// 2026-11-24: the GPX reader is our own. Of sixty bad files each library we tried either refused a dozen readable ones
// whole or read eight silently wrong (lat="29,6" as 29, a missing lon as 0, a cut file as empty), and encoding/xml takes
// ten times as long. Ours works on the bytes: it checks nesting, resolves the prefix of the GPX namespace, keeps whole
// points before a cut, and refuses a document type declaration before anything in it could be expanded.
//
// 2026-11-24: a position that is missing, empty, has a decimal comma or lies off the globe is refused point by point and
// never becomes 0. A file whose positions are mostly swapped or metres of a plane is unreadable as a whole: which cure is
// right is for a person to say.
//
// 2026-11-28: a file of 400 kB can be made to unpack to 400 MB. The proportion is counted while unpacking, on bytes that
// are there, because the size a gzip file states of itself is only what its maker wrote. A bomb is refused after a few
// megabytes; a file of the full size is held once, in the piece of memory it was read into.
//
// 2026-11-28: tables are read by their headings, Chinese or English, and by the size of the numbers where X and Y leave
// open which is north. Metres become degrees only where a zone number before the easting, a column or a line above the
// table names the zone; else they are asked for. Rows with names but without times are points that somebody surveyed, and
// become waypoints; rows with times are fixes of a way, whatever they are called. Without headings the columns are taken
// only where no other reading is possible. A quotation mark that is not closed is text: read as CSV has it, it would
// swallow the rest of the file. encoding/csv gives no offsets and refuses such a file whole.
//
// 2026-11-28: sentences of NMEA are taken where their checksum is right, and those of one time of day are one point: a
// second of a receiver is RMC, GGA and others, and a reader that makes each a point counts every step twice. A date reaches
// back to the points before it; without any, times of day are no times.
//
// 2026-11-28: GeoJSON is read member by member in whatever order they come, from a text in memory; package feature, which
// imports and exports, streams records of one kind and refuses a file at its first fault, so that the two share no scanner.
// A line is a segment and takes the times of toGeoJSON; a point with a time and without a name is a fix of a track, unless
// the file has lines too; any other point is a waypoint. Lists of times that do not fit the positions are not used.
//
// 2026-11-28: of FIT the library cuts the messages and nothing else: its own decoder gives up a file at the first fault,
// where we keep the whole records before it, and makes a value of every field, where we want six. A file that was never
// finished says that it holds nothing; it is read to its end. Seconds since the device was switched on are no time.
//
// 2026-11-24: times without a zone are read as Asia/Shanghai and noted, because that is what Chinese receivers that leave
// the zone out mean. Nothing is sorted, and no clock is asked: [Track.Check] is given the instant of receipt.
//
// 2026-11-28: GPX streams through a window of 128 kB and is never held whole: a file of 50 MB takes some 7 MB beyond its
// points. So nothing may depend on the end of a file: names are kept as bytes and decoded last, when it is known whether
// all was UTF-8, which spoils no position because signs and digits are ASCII in every encoding met.
//
// 2026-11-28: [Clean] flags and deletes nothing. A point is a teleport when the track can neither come to it nor go on from
// it but can pass it by; what a track can do is what it does thereabouts, so that a ride is none and a leap of 300 m in ten
// seconds of walking is. A slow walk is no stop: the first third of a stop lies where the last does.
//
// # What of KML is a track
//
// 2026-11-28: a Track of the gx namespace (of KML 2.3 without prefix) is a recorded segment; its times and positions belong
// together in the order in which they stand, as the standard says, and where their numbers differ a note says so. A
// LineString is drawn, and a LinearRing that is no edge of a Polygon is drawn and closed: a segment without times, for shape
// only, whatever the TimeStamp or TimeSpan of its Placemark. A Point is a waypoint and takes the TimeStamp. A Polygon is no
// track: an area has no walker. Overlays are not read, links not followed, each with a note. The name is that of the first
// Placemark with a line, else of the Document. A Course of TCX is read, and said to be planned: its times are computed.
//
// 2026-11-28: names belong to a format by the namespace that their prefix is declared for, as XML says, and not by the
// prefix. A prefix that nobody declares is that of the root, or in KML gx and kml, which programs paste in undeclared.
//
// 2026-11-28: coordinates are read as they stream by: one element may be longer than a memory. Blanks after commas
// and commas between tuples are common and clear; where commas leave open which numbers are one position, none is guessed.
//
// 2026-11-28: the entries of an archive are counted and named before anything is unpacked; then all of them are unpacked
// once, folders too, and counted as they go by: what the list says of sizes is only what its maker wrote. What is a track is
// read and what is none is named. An archive within an archive is refused, but documents of an office, which nobody opens.
package track
