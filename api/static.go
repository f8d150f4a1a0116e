package api

import (
	"io/fs"
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
		if name != "" && !strings.Contains(c.GetHeader("Accept"), "text/html") {
			return s.notFoundRoute(c) // not a person with a browser
		}
		name = "index.html"
	}
	return s.file(c, files, name)
}

func (s *Server) file(c *gin.Context, files fs.FS, name string) error {
	body, err := fs.ReadFile(files, name)
	if err != nil {
		if name == "index.html" {
			c.Data(http.StatusServiceUnavailable, "text/html; charset=utf-8", []byte(notBuilt))
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
	c.Data(http.StatusOK, typeOf(name), body)
	return nil
}

// fileTypes are the types of built files. They are not left to the machine's table, which differs from one to the next.
var fileTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".png": "image/png",
	".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
}

func typeOf(name string) string {
	if kind, ok := fileTypes[path.Ext(name)]; ok {
		return kind
	}
	return "application/octet-stream"
}

const notBuilt = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>方舆</title>
<p>网页还没有构建：请用 <code>make run</code> 启动。The pages are not built: start with <code>make run</code>.</p></html>`
