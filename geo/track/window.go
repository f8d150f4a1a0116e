package track

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// The sizes of a window: what it begins with, and the most it grows to for one piece of markup.
const (
	windowBytes    = 128 << 10
	maxWindowBytes = 1 << 20
)

// window is the part of a text that is held in memory while it streams by. Offsets count from the start of the text.
type window struct {
	r    io.Reader
	buf  []byte // what is held; buf[pos:] is unread
	pos  int
	base int // the offset of buf[0]
	mark int // bytes from this offset on stay although they were read; -1 for none
	end  bool
	err  error // of r, but io.EOF

	line   int // of buf[0]
	column int // characters of that line before buf[0]
	lined  int // offset up to which lines are counted in lineAt
	lineAt int

	checked int  // offset up to which valid holds
	valid   bool // all so far is UTF-8
	nul     bool // what came last is null bytes
	inside  int  // offset of null bytes with something after them, -1 for none
}

func newWindow(r io.Reader) *window {
	return &window{r: r, buf: make([]byte, 0, windowBytes), mark: -1, line: 1, lineAt: 1, valid: true, inside: -1}
}

// wholeText is a window that holds all of a text; null bytes in it become blanks.
func wholeText(text []byte) *window {
	w := &window{buf: text, mark: -1, line: 1, lineAt: 1, valid: true, inside: -1}
	w.receive(0)
	w.finish()
	return w
}

// unread is what may be looked at now.
func (w *window) unread() []byte { return w.buf[w.pos:] }

// offset is that of the next unread byte.
func (w *window) offset() int { return w.base + w.pos }

// more reads on and reports whether there is more than before. What has been read before the mark is let go; full is true
// where unread bytes leave no room.
func (w *window) more() (ok, full bool) {
	if w.end {
		return false, false
	}
	keep := w.pos
	if w.mark >= w.base && w.mark-w.base < keep && len(w.buf)-(w.mark-w.base) < maxWindowBytes {
		keep = w.mark - w.base
	}
	if w.valid {
		keep = min(keep, w.checked-w.base) // half a character waits for its other half
	}
	w.letGo(keep)
	if len(w.buf) == cap(w.buf) {
		if cap(w.buf) >= maxWindowBytes {
			return false, true
		}
		w.buf = append(make([]byte, 0, 2*cap(w.buf)), w.buf...)
	}
	for tries := 0; ; tries++ {
		had := len(w.buf)
		n, err := w.r.Read(w.buf[had:cap(w.buf)])
		w.buf = w.buf[:had+n]
		w.receive(had)
		if err != nil || tries == 100 {
			if err != io.EOF {
				w.err = err
				if err == nil {
					w.err = io.ErrNoProgress
				}
			}
			w.finish()
		}
		if n > 0 || w.end {
			return n > 0, false
		}
	}
}

// letGo drops the first n bytes held.
func (w *window) letGo(n int) {
	if n == 0 {
		return
	}
	gone := w.buf[:n]
	w.lineOf(w.base + n)
	if i := bytes.LastIndexByte(gone, '\n'); i >= 0 {
		w.line += bytes.Count(gone, []byte("\n"))
		w.column = characters(gone[i+1:])
	} else {
		w.column += characters(gone)
	}
	w.buf = w.buf[:copy(w.buf, w.buf[n:])]
	w.base += n
	w.pos -= n
}

// receive looks at the bytes from buf[from:] that have just come.
func (w *window) receive(from int) {
	fresh := w.buf[from:]
	if w.valid {
		known := w.checked - w.base
		whole := cutRune(w.buf[known:])
		w.valid = utf8.Valid(w.buf[known : known+whole])
		w.checked += whole
	}
	if len(fresh) == 0 {
		return
	}
	i := bytes.IndexByte(fresh, 0)
	if i < 0 && !w.nul {
		return
	}
	last := len(bytes.TrimRight(fresh, "\x00"))
	if w.inside < 0 && (w.nul && last > 0 || i >= 0 && i < last) {
		w.inside = w.base + from + max(i, 0)
	}
	w.nul = last < len(fresh) && (last > 0 || w.nul || i == 0)
	for ; i >= 0 && i < len(fresh); i++ { // in place: the text is ours, and may be large
		if fresh[i] == 0 {
			fresh[i] = ' '
		}
	}
}

func (w *window) finish() {
	w.end = true
	// An incomplete character at the very end is a cut, not another encoding.
	if rest := w.buf[min(len(w.buf), max(0, w.checked-w.base)):]; w.valid && len(rest) >= utf8.UTFMax {
		w.valid = false
	}
}

// lineOf returns the line of an offset. Offsets mostly grow, so that each byte is looked at once.
func (w *window) lineOf(offset int) int {
	at := w.clamp(offset)
	if at < w.lined {
		return w.line + bytes.Count(w.buf[:at-w.base], []byte("\n"))
	}
	w.lineAt += bytes.Count(w.buf[w.lined-w.base:at-w.base], []byte("\n"))
	w.lined = at
	return w.lineAt
}

// clamp keeps an offset within what is held.
func (w *window) clamp(offset int) int { return min(max(offset, w.base), w.base+len(w.buf)) }

// place returns line and column, both from 1; columns count characters. Of what is no longer held it is the nearest place
// that is.
func (w *window) place(offset int) (line, column int) {
	before := w.buf[:w.clamp(offset)-w.base]
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		return w.line + bytes.Count(before, []byte("\n")), characters(before[i+1:]) + 1
	}
	return w.line, w.column + characters(before) + 1
}

// characters counts them as an editor shows them: of UTF-8, else of GB18030, where two or four bytes are one.
func characters(b []byte) int {
	if utf8.Valid(b) {
		return utf8.RuneCount(b)
	}
	n := 0
	for i := 0; i < len(b); n++ {
		switch {
		case b[i] < 0x81 || i+1 == len(b):
			i++
		case b[i+1] >= '0' && b[i+1] <= '9':
			i += 4
		default:
			i += 2
		}
	}
	return n
}
