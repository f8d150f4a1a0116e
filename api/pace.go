package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
)

// A body that comes more slowly than slowestBytes a second, after a first grace, is cut off: it holds a connection and a
// place in memory that others wait for. A phone at the edge of coverage still sends twenty times as much.
const (
	slowestBytes = 512
	bodyGrace    = 30 * time.Second
)

// withPace cuts off bodies that do not keep the pace.
func (s *Server) withPace(c *gin.Context) {
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
		return
	}
	c.Request.Body = &pacedBody{
		ReadCloser: c.Request.Body, connection: http.NewResponseController(c.Writer), until: time.Now().Add(s.BodyGrace),
		atLast: time.Now().Add(readTimeout),
	}
}

// pacedBody moves the deadline of its connection on with every byte that comes.
type pacedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	until      time.Time // when the next byte must have come
	atLast     time.Time // when all of it must have
	stopped    atomic.Bool
}

// stop lets whoever reads the body do so no longer, at once.
func (b *pacedBody) stop() {
	b.stopped.Store(true)
	_ = b.connection.SetReadDeadline(time.Now())
}

// Read reads what comes before the deadline.
//
// Errors: fault Timeout "body-slow"; Conflict "upload-taken-over" after stop.
func (b *pacedBody) Read(p []byte) (int, error) {
	deadline := b.until
	if b.atLast.Before(deadline) {
		deadline = b.atLast
	}
	_ = b.connection.SetReadDeadline(deadline) // a connection that has none is in memory and not slow
	if b.stopped.Load() {                      // after the deadline is set: stop may have come just before
		return 0, takenOver()
	}
	n, err := b.ReadCloser.Read(p)
	b.until = b.until.Add(time.Duration(n) * time.Second / slowestBytes)
	switch {
	case err != nil && b.stopped.Load():
		return n, takenOver()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, fault.Wrap(err, fault.Timeout, "body-slow", "内容来得太慢，已断开：请在网络好些时再传，已收到的回执不受影响")
	case err != nil:
		_ = b.connection.SetReadDeadline(time.Time{}) // the next request on the connection has its own
	}
	return n, err
}

func takenOver() error {
	return fault.New(fault.Conflict, "upload-taken-over", "这个上传已由后来的请求接续")
}
