// Package track reads what surveyors' receivers and phones record. [Read] takes the bytes of a file and returns one
// [Track] whatever the format; today that is GPX 1.0 and 1.1, plain or gzip.
//
// It leans on golang.org/x/text for encodings and internal/fault for findings, and knows nothing of lines or databases.
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
// 2026-11-24: times without a zone are read as Asia/Shanghai and noted, because that is what Chinese receivers that leave
// the zone out mean. Nothing is sorted, and no clock is asked: [Track.CheckTimes] is given the instant of receipt.
package track
