package api

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	kgzip "github.com/klauspost/compress/gzip"

	"fangyu/internal/fault"
)

const requestIDKey = "request-id"

func requestID(c *gin.Context) string { return c.GetString(requestIDKey) }

// withRequestID names every request, so that what a person reports leads to the line in the log.
func (s *Server) withRequestID(c *gin.Context) {
	id := "urn:uuid:" + uuid.Must(uuid.NewV7()).String()
	c.Set(requestIDKey, id)
	c.Header("X-Request-Id", id)
}

// withLog writes one line a request and counts it.
func (s *Server) withLog(c *gin.Context) {
	began := time.Now()
	c.Next()
	took := time.Since(began)
	path := c.FullPath()
	if path == "" {
		path = "page"
	}
	s.metrics.observe(c.Request.Method, path, c.Writer.Status(), took)
	s.Log.Info("request", "method", c.Request.Method, "path", c.Request.URL.Path, "status", c.Writer.Status(),
		"bytes", c.Writer.Size(), "ms", took.Milliseconds(), "peer", c.ClientIP(), "id", requestID(c))
}

// withRecovery turns a panic into a problem; the stack stays in the log.
func (s *Server) withRecovery(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			s.answerError(c, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	c.Next()
}

// contentSecurity lets pages load only what this server sends. Element Plus and MapLibre set styles through the CSSOM,
// which needs no exception; the worker of the map is a blob of our own script.
const contentSecurity = "default-src 'self'; script-src 'self'; style-src 'self'; worker-src 'self' blob:; child-src blob:; " +
	"img-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// writePaper answers with a page that stands alone.
func writePaper(c *gin.Context, page []byte) {
	c.Header("Content-Security-Policy", paperSecurity(page))
	c.Data(http.StatusOK, "text/html; charset=utf-8", page)
}

var styleOfPage = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// paperSecurity is for pages that stand alone, the report and the docs: the styles they came with hold by their digests,
// nothing else is loaded and nothing runs.
func paperSecurity(page []byte) string {
	styles := ""
	for _, style := range styleOfPage.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(style[1])
		styles += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if styles == "" {
		styles = " 'none'"
	}
	return "default-src 'none'; style-src" + styles + "; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// secureFor is how long a browser remembers to come by TLS only.
const secureFor = "max-age=31536000"

// withSecurityHeaders sets them on every answer, also on those given before the router.
func (s *Server) withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.Secure { // said over plain HTTP it would lock out whoever has no TLS
			h.Set("Strict-Transport-Security", secureFor)
		}
		next.ServeHTTP(w, r)
	})
}

// compressible are the types worth compressing.
var compressible = []string{
	"application/json", "application/geo+json", problemType, "application/schema+json", "application/vnd.oai.openapi",
	"application/vnd.mapbox-vector-tile", "text/", "image/svg", "application/javascript",
}

// withCompression sends gzip at level 1 where the client takes it: level 6 costs ten times as much for a tenth less.
func withCompression(c *gin.Context) {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if !strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") || c.Request.Method == http.MethodHead {
		return
	}
	w := &gzipWriter{ResponseWriter: c.Writer}
	c.Writer = w
	defer w.finish()
	c.Next()
}

// gzipWriter compresses once the type of the answer is known.
type gzipWriter struct {
	gin.ResponseWriter
	gz      *kgzip.Writer
	decided bool
}

func (w *gzipWriter) decide() {
	if w.decided {
		return
	}
	w.decided = true
	h := w.Header()
	if h.Get("Content-Encoding") != "" || w.Status() == http.StatusNotModified || w.Status() == http.StatusNoContent {
		return
	}
	for _, prefix := range compressible {
		if strings.HasPrefix(h.Get("Content-Type"), prefix) {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
				h.Set("ETag", "W/"+tag)
			}
			w.gz, _ = kgzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed)
			return
		}
	}
}

func (w *gzipWriter) Write(b []byte) (int, error) {
	w.decide()
	if w.gz != nil {
		return w.gz.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

func (w *gzipWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

func (w *gzipWriter) Flush() {
	if w.gz != nil {
		_ = w.gz.Flush()
	}
	w.ResponseWriter.Flush()
}

func (w *gzipWriter) finish() {
	if w.gz != nil {
		_ = w.gz.Close()
	}
}

// wrongMethod answers methods the path does not have; gin has set Allow. OPTIONS is told what there is.
func (s *Server) wrongMethod(c *gin.Context) error {
	if c.Request.Method == http.MethodOptions {
		c.Header("Allow", c.Writer.Header().Get("Allow")+", OPTIONS")
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	writeStatusProblem(c, http.StatusMethodNotAllowed, "method-not-allowed", "这个地址不接受 "+c.Request.Method)
	return nil
}

// writeStatusProblem is for the one status that HTTP itself raises and no kind stands for.
func writeStatusProblem(c *gin.Context, status int, code, detail string) {
	c.Abort()
	title := "请求方法不对"
	if speaksEnglish(c) {
		title, detail = http.StatusText(status), inEnglish[code]
	}
	c.Header("Content-Type", problemType)
	c.JSON(status, problem{
		Type: "about:blank", Title: title, Status: status, Detail: detail, Code: code, Instance: requestID(c), Findings: []fault.Finding{},
	})
}

// denyCrossOrigin answers a form or script of another site.
func denyCrossOrigin(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"type":"about:blank","title":"没有权限","status":403,"code":"cross-origin","detail":"请求来自别的网站，已拒绝","instance":"","findings":[]}`))
}

// withoutTrailingSlash answers /ogc/ as /ogc, as some clients ask; the pages keep theirs.
func withoutTrailingSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.Path; strings.HasPrefix(p, "/ogc") && strings.HasSuffix(p, "/") {
			r.URL.Path = strings.TrimRight(p, "/")
		}
		next.ServeHTTP(w, r)
	})
}
