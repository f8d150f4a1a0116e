package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work is: a bar on a terminal, elsewhere a line now and then.
type progress struct {
	bar  *progressbar.ProgressBar
	w    io.Writer
	name string
	last time.Time
}

func newProgress(w io.Writer, name string, total int) *progress {
	p := &progress{w: w, name: name, last: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(name),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionOnCompletion(func() { fmt.Fprintln(w) }))
	}
	return p
}

const sayEvery = 2 * time.Second

// count shows how much is done where nobody knows how much there is.
func (p *progress) count(done int) {
	if p.bar != nil {
		_ = p.bar.Set(done)
		return
	}
	if time.Since(p.last) >= sayEvery {
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s %d\n", p.name, done)
	}
}

// end leaves the line of the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func (p *progress) set(done, total int) {
	if p.bar != nil {
		p.bar.ChangeMax(total)
		_ = p.bar.Set(done)
		return
	}
	if time.Since(p.last) >= sayEvery {
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s %d/%d\n", p.name, done, total)
	}
}
