package api

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// giveOriginal gives a file out as somebody handed it in, under the name it came with, and closes it. It is read through
// before the first byte goes out: a damaged one is never sent.
func giveOriginal(c *gin.Context, name string, f fs.File) error {
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		_, err = io.Copy(io.Discard, f)
	}
	if err != nil {
		return err
	}
	sandboxed(c)
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Header("Content-Type", "application/octet-stream")
	c.Header("Content-Length", strconv.FormatInt(info.Size(), 10))
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	again, ok := f.(io.ReaderAt)
	if !ok {
		return errors.New("an original that cannot be read twice")
	}
	_, err = io.Copy(c.Writer, io.NewSectionReader(again, 0, info.Size()))
	return err
}

// sandboxed keeps what somebody handed in from doing anything, should a browser take it for a page.
func sandboxed(c *gin.Context) {
	c.Header("Content-Security-Policy", "sandbox; default-src 'none'")
}
