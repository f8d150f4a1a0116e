package api

import (
	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
)

// ReadingLimit is how much one account reads within 15 minutes of what is not public: tracks are movements of people, and
// whoever takes everything away is to be noticed.
type ReadingLimit struct {
	Tracks  int // one by one
	Rows    int // of lists
	Exports int
}

// UsualReading is what holds without configuration: more than a desk needs, and far less than all there is.
var UsualReading = ReadingLimit{Tracks: 1000, Rows: 50_000, Exports: 60}

// Set sets one limit by its name: tracks, rows or exports. It reports whether there is such a limit.
func (l *ReadingLimit) Set(name string, most int) bool {
	of, there := map[string]*int{"tracks": &l.Tracks, "rows": &l.Rows, "exports": &l.Exports}[name]
	if !there || most <= 0 {
		return false
	}
	*of = most
	return true
}

// mayDownload counts a track that an account reads. Errors: those of mayRead.
func (s *Server) mayDownload(c *gin.Context) error {
	return s.mayRead(c, reading{"tracks", "轨迹", "条", s.Reading.Tracks}, 1)
}

// mayList counts the rows of a list; what everybody may read is not counted. Errors: those of mayRead.
func (s *Server) mayList(c *gin.Context, rows int) error {
	if actor(c).Anonymous() {
		return nil
	}
	return s.mayRead(c, reading{"rows", "列表", "行", s.Reading.Rows}, rows)
}

// mayExport counts an export. Errors: those of mayRead.
func (s *Server) mayExport(c *gin.Context) error {
	return s.mayRead(c, reading{"exports", "导出数据", "次", s.Reading.Exports}, 1)
}

// reading is one thing that is metered.
type reading struct {
	name, what, unit string
	most             int
}

// mayRead counts what an account reads. What would go beyond the limit is neither read nor counted.
//
// Errors: Exceeded "too-many-downloads", of which the log warns.
func (s *Server) mayRead(c *gin.Context, of reading, n int) error {
	who, now := actor(c).Key(), s.Now()
	if !s.downloads.take(of.name+" "+who, now, n, of.most) {
		s.Log.Warn("one account reads in bulk", "what", of.name, "account", who, "peer", c.ClientIP(), "id", requestID(c))
		return fault.New(fault.Exceeded, "too-many-downloads", "15 分钟内读取的%s超过 %d %s，请稍后再试", of.what, of.most, of.unit)
	}
	return nil
}
