// Package feature reads tables of records (GeoJSON, TopoJSON, CSV, XLSX and Shapefile) for import, writes them for export, and writes
// GeoJSON geometries.
//
// [Open] looks at the bytes, not at the name: gzip, byte order marks, UTF-16 and GB18030 are undone, and a file that is
// not what its name says is refused. It reads the file once to the end, so that its digest, headings and number of rows
// are known and a broken file is refused before anything is done with it. [Source.Records] then reads it again, one
// record at a time; memory holds one record (of a workbook also the texts its cells share), never the file. [Source.Map]
// turns their headings into our field names.
//
// [Format.Write] writes rows as they come: the way back, in memory that does not grow with the rows. What a format cannot
// carry is said in the file itself.
//
// It leans on github.com/paulmach/orb for the types, golang.org/x/text for encodings, encoding/csv for quoting, and geo
// for frames.
//
// # Why
//
// 2026-11-24: the GeoJSON reader is our own. A record must know its line, coordinates must not pass through
// []interface{}, and a bad record must not end the reading: encoding/json gives none of the three.
//
// 2026-11-24: field values are strings, verbatim: a code "050101" must not become a number, nor 29.60 lose its zero.
// JSON null and an absent member are both "", since CSV cannot tell them apart; arrays and objects stay JSON text.
//
// 2026-11-24: a GeoJSON without a crs member declares "4326" (RFC 7946 §4); CSV declares nothing, "". The crs member of
// the 2008 specification is read, because Chinese surveying software writes it, and its axis order is GIS order as that
// software means it.
//
// 2026-11-24: two members of the same name in one object make that record an error. Parsers differ on which counts, and
// evidence must not depend on the parser.
//
// 2026-11-28: a text that a spreadsheet would take for a formula is written to CSV behind an apostrophe, and every CSV is
// read that way, whoever wrote it: an apostrophe before such a text means the same wherever it comes from. A carriage
// return before a line feed within a cell is lost in reading, as encoding/csv has it.
//
// 2026-11-28: XLSX, Shapefile and dBASE are written by hand. The libraries keep a workbook until its end, or seek in the
// file they write, and then nothing can be sent before the last row.
//
// 2026-11-28: XLSX and Shapefile are read by our own readers. A cell must be read as it is stored, not as its format shows
// it (29.567 under "0.00" is shown as 29.57) unless it is a day, and the usual library gives a row either way, not a cell
// its own; a table of GBK is told from one of UTF-8 by its bytes; and what a head says of lengths is not believed before
// the bytes are there. Neither is unpacked to disk, and .shx is not read: shapes stand in order.
//
// 2026-11-28: TopoJSON is read, because the outlines of the whole country are passed on as such. Its arcs are held in memory and
// read in a pass before the geometries that share them; how many positions a geometry may be made of is bounded, since few
// bytes can name a long arc often.
package feature
