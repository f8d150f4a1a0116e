package feature

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo/internal/decimal"
)

// Kind is what the values of a column are. A value is text in every kind, "" where there is none.
type Kind string

// The kinds. A Number or an Integer is written as JSON writes it, a Flag as "true" or "false", a Day as 2016-11-24; a JSON
// value is a text of JSON.
const (
	Text    Kind = "text"
	Integer Kind = "integer"
	Number  Kind = "number"
	Flag    Kind = "flag"
	Day     Kind = "day"
	JSON    Kind = "json"
)

// Column is a column of a table that is written.
type Column struct {
	Name  string
	Kind  Kind
	Title string // what it is, in words for people
}

// Table is what is written: its columns beside the id and the geometry, and what is to be known of it.
type Table struct {
	Name    string // of letters, digits and underscores: it becomes a file name and a table name
	Title   string
	Notes   []string  // sentences about the whole: the day it stands for, what was asked, how it may be used
	At      time.Time // when it was taken from the record
	Columns []Column
}

// Row is a row that is written. Positions are CGCS2000 degrees, longitude first.
type Row struct {
	ID       string
	Geometry orb.Geometry // nil where there is none
	Values   []string     // one for each column
}

// WriteOptions are what some formats can be told.
type WriteOptions struct {
	ByteOrderMark bool   // of CSV: spreadsheets of Windows take a file without one for GBK
	GBK           bool   // of Shapefile: the encoding of its texts, else UTF-8
	Folder        string // for temporary files, "": the system's
}

// Format is a format that tables are written in.
type Format struct {
	Name      string // csv, xlsx, …
	Ext       string // of the file, with its dot
	MediaType string
	AtOnce    bool // it begins before the first row is read

	// Do writes the rows. It calls flush when what was written so far is to be sent.
	Do func(w *bufio.Writer, flush func() error, t Table, rows iter.Seq2[Row, error], o WriteOptions) error
}

// XLSX is a workbook.
var XLSX = Format{"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true, writeXLSX}

// WriteFormats are the formats of this package in the order in which they are offered.
var WriteFormats = []Format{
	{"csv", ".csv", "text/csv; charset=utf-8", true, writeCSV},
	XLSX,
	{"geojson", ".geojson", "application/geo+json", true, writeGeoJSON},
	{"shapefile", ".zip", "application/zip", true, writeShapefile},
}

// Write writes the rows as they come, in memory that does not grow with them. A format that begins at once is begun, and
// w flushed where it has a method Flush(), before the first row is asked for. After an error, of a row or of w, what was
// written is no whole file: a packed one has no directory, a GeoJSON no end; of CSV only the caller can tell.
//
// A value that a format cannot carry is cut, and the file itself says where and what it was.
func (f Format) Write(w io.Writer, t Table, rows iter.Seq2[Row, error], o WriteOptions) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	flush := func() error {
		err := buffered.Flush()
		if flusher, ok := w.(interface{ Flush() }); ok && err == nil {
			flusher.Flush()
		}
		return err
	}
	if err := f.Do(buffered, flush, t, checked(t, rows), o); err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return buffered.Flush()
}

// checked passes rows on, up to the first that does not fit its table.
func checked(t Table, rows iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range rows {
			if err == nil {
				err = t.check(row)
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (t Table) check(row Row) error {
	if len(row.Values) != len(t.Columns) {
		return fmt.Errorf("row %s has %d values, the table %d columns", row.ID, len(row.Values), len(t.Columns))
	}
	for i, c := range t.Columns {
		if !c.Kind.takes(row.Values[i]) {
			return fmt.Errorf("row %s, %s: %q is no %s", row.ID, c.Name, row.Values[i], c.Kind)
		}
	}
	return nil
}

// takes reports whether a value can be of the kind. JSON is taken as it comes.
func (k Kind) takes(value string) bool {
	if value == "" {
		return true
	}
	ok := true
	switch k {
	case Flag:
		ok = value == "true" || value == "false"
	case Integer:
		_, err := strconv.ParseInt(value, 10, 64)
		ok = err == nil
	case Number:
		_, ok = decimal.Parse([]byte(value))
		ok = ok && value[0] != '+' && value[0] != '.' && !strings.HasSuffix(value, ".")
	}
	return ok
}

// degrees appends a coordinate so that it reads back as the same number.
func degrees(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', -1, 64) }
