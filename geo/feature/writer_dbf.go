package feature

import (
	"bufio"
	bin "encoding/binary"
	"io"
	"strings"
)

// writeTable writes the values as dBASE III, every field as wide as its widest value.
func (s *shapefiles) writeTable(name string, l *layer) error {
	kinds := []byte{'C'}
	for _, c := range s.table.Columns {
		kinds = append(kinds, map[Kind]byte{Integer: 'N', Number: 'N', Flag: 'L', Day: 'D'}[c.Kind])
	}
	record := 1
	for i := range kinds {
		l.widths[i] = fieldWidth(&kinds[i], l.widths[i])
		record += l.widths[i]
	}
	if int64(record)*int64(l.rows) > fileBytes {
		return tooLarge(name)
	}
	w, err := entry(s.zip, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(s.tableHeader(l, kinds, record)); err != nil {
		return err
	}
	values, err := l.dbf.reader()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	line := make([]byte, record)
	for range l.rows {
		if err := readRecord(values, line, kinds, l.widths); err != nil {
			return err
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if err := out.WriteByte(0x1a); err != nil {
		return err
	}
	return out.Flush()
}

// fieldWidth is the width of a field by its kind and its widest value. A kind that dBASE has not is text; so are numbers
// and days of which one does not fit.
func fieldWidth(kind *byte, widest int) int {
	switch {
	case *kind == 'L':
		return 1
	case *kind == 'D' && widest <= len("2016-11-24"):
		return 8
	case *kind == 'N' && widest <= 19:
		return max(widest, 1)
	}
	*kind = 'C'
	return max(widest, 1)
}

func (s *shapefiles) tableHeader(l *layer, kinds []byte, record int) []byte {
	h := make([]byte, 32, 32+32*len(kinds)+1)
	h[0], h[1], h[2], h[3] = 3, 80, 1, 1 // dBASE III; a day that is no day of making
	bin.LittleEndian.PutUint32(h[4:], uint32(l.rows))
	bin.LittleEndian.PutUint16(h[8:], uint16(cap(h)))
	bin.LittleEndian.PutUint16(h[10:], uint16(record))
	for i, kind := range kinds {
		var f [32]byte
		copy(f[:fieldNameBytes], s.fields[i])
		f[11], f[16] = kind, byte(l.widths[i])
		if kind == 'N' && s.table.Columns[i-1].Kind == Number {
			f[17] = byte(min(l.widths[i]-1, 15))
		}
		h = append(h, f[:]...)
	}
	return append(h, '\r')
}

// readRecord reads the values of a row and sets them out in a record.
func readRecord(values *bufio.Reader, line, kinds []byte, widths []int) error {
	for i := range line {
		line[i] = ' '
	}
	at := 1
	var buf [256]byte
	for i, kind := range kinds {
		n, err := values.ReadByte()
		if err != nil {
			return err
		}
		value := buf[:n]
		if _, err := io.ReadFull(values, value); err != nil {
			return err
		}
		field := line[at : at+widths[i]]
		switch kind {
		case 'N':
			copy(field[len(field)-len(value):], value)
		case 'L':
			field[0] = flagOf(value)
		case 'D':
			copy(field, strings.ReplaceAll(string(value), "-", ""))
		default:
			copy(field, value)
		}
		at += widths[i]
	}
	return nil
}

func flagOf(value []byte) byte {
	switch string(value) {
	case "true":
		return 'T'
	case "false":
		return 'F'
	}
	return '?'
}
