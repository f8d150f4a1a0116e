package api

import (
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"fangyu/api/web"
)

// page serves the files of the pages; a path that is no file is a page of the application, which routes it itself.
// Paths of the interfaces that nobody serves stay 404 as problems.
func (s *Server) page(c *gin.Context) error {
	p := c.Request.URL.Path
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return s.notFoundRoute(c)
	}
	for _, prefix := range []string{"/api", "/ogc", "/tiles"} {
		if p == prefix || strings.HasPrefix(p, prefix+"/") {
			return s.notFoundRoute(c)
		}
	}
	if p == "/field" {
		c.Redirect(http.StatusMovedPermanently, "/field/")
		return nil
	}
	files, name := web.Desk, strings.TrimPrefix(path.Clean(p), "/")
	if field, ok := strings.CutPrefix(path.Clean(p)+"/", "/field/"); ok {
		files, name = web.Field, strings.Trim(field, "/")
	}
	if name == "" || path.Ext(name) == "" {
		name = "index.html"
	}
	return s.file(c, files, name)
}

func (s *Server) file(c *gin.Context, files fs.FS, name string) error {
	body, err := fs.ReadFile(files, name)
	if err != nil {
		if name == "index.html" {
			c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(notBuilt))
			return nil
		}
		return s.notFoundRoute(c)
	}
	// Names of built files carry a hash; index.html names them and must be asked for every time.
	if strings.HasPrefix(name, "assets/") {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		c.Header("Cache-Control", "no-cache")
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	c.Data(http.StatusOK, kind, body)
	return nil
}

const notBuilt = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>方舆</title>
<p>网页还没有构建：请用 <code>make run</code> 启动。The pages are not built: start with <code>make run</code>.</p></html>`
