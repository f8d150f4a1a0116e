package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
)

// statusClientGone stands in the log for a request whose client went away; nobody receives it.
const statusClientGone = 499

// statuses is the one table from kind to status.
var statuses = map[fault.Kind]int{
	fault.Internal: 500, fault.Malformed: 400, fault.Anonymous: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Timeout: 408,
	fault.Conflict: 409, fault.Gone: 410, fault.Stale: 412, fault.TooLarge: 413, fault.Unsupported: 415, fault.Refused: 422,
	fault.Precondition: 428, fault.Exceeded: 429, fault.Busy: 503, fault.Full: 507,
	fault.Garbled: 460,
}

// titles are the words of a kind, in Chinese and English.
var titles = map[fault.Kind][2]string{
	fault.Internal: {"系统出错", "Internal error"}, fault.Malformed: {"请求有误", "Bad request"},
	fault.Anonymous: {"请先登录", "Sign in first"}, fault.Forbidden: {"没有权限", "Not allowed"},
	fault.NotFound: {"没有找到", "Not found"}, fault.Timeout: {"请求超时", "Request timed out"},
	fault.Conflict: {"与现状冲突", "Conflict"}, fault.Gone: {"已不存在", "Gone"}, fault.Stale: {"内容已更新", "Stale version"},
	fault.TooLarge: {"超过大小限制", "Too large"}, fault.Unsupported: {"不支持的内容", "Unsupported"},
	fault.Refused: {"不予受理", "Refused"}, fault.Precondition: {"缺少版本", "Version required"},
	fault.Exceeded: {"过于频繁", "Too many requests"}, fault.Busy: {"系统繁忙", "Busy"}, fault.Full: {"存储已满", "Storage full"},
	fault.Garbled: {"校验不符", "Checksum mismatch"},
}

const problemType = "application/problem+json"

// problem is an answer that is not success (RFC 9457).
type problem struct {
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail"`
	Code     string          `json:"code"`
	Instance string          `json:"instance"`
	Findings []fault.Finding `json:"findings"`
}

// handler is what a route runs; its error becomes a problem.
type handler func(c *gin.Context) error

func (s *Server) handle(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.answerError(c, err)
		}
	}
}

// answerError writes err as a problem, unless the answer has begun already. What is internal is logged and not told.
func (s *Server) answerError(c *gin.Context, err error) {
	c.Abort()
	f := databaseFault(err)
	if f == nil && !errors.As(err, &f) {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			f = fault.New(fault.TooLarge, "body-too-large", "请求超过 %d 字节的上限", tooLarge.Limit)
		} else {
			f = fault.Wrap(err, fault.Internal, "internal", "系统出错，已记录；请把编号 %s 告诉管理员", requestID(c))
		}
	}
	if c.Request.Context().Err() != nil && f.Kind != fault.Timeout { // a deadline passed ends the context too, and somebody is there
		c.Status(statusClientGone)
		return
	}
	if statuses[f.Kind] >= 500 {
		s.Log.Error("request failed", "id", requestID(c), "path", c.Request.URL.Path, "error", err)
	}
	if c.Writer.Written() {
		return
	}
	writeProblem(c, f)
}

func writeProblem(c *gin.Context, f *fault.Error) {
	p := problem{
		Type: "about:blank", Title: titles[f.Kind][0], Status: statuses[f.Kind], Detail: f.Detail, Code: f.Code,
		Instance: requestID(c), Findings: f.Findings,
	}
	if f.Kind == fault.Internal {
		p.Detail = "系统出错，已记录；请把编号 " + requestID(c) + " 告诉管理员"
	}
	if speaksEnglish(c) {
		p.Title = titles[f.Kind][1]
		if said, ok := inEnglish[f.Code]; ok {
			p.Detail = said
		}
	}
	if p.Findings == nil {
		p.Findings = []fault.Finding{}
	}
	if f.Code == "quota" {
		c.Header("Retry-After", "60")
	} else if f.Kind == fault.Busy || f.Kind == fault.Exceeded || f.Kind == fault.Full {
		c.Header("Retry-After", "5")
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"title":"系统出错","status":500}`)
	}
	c.Data(p.Status, problemType, body)
}

// speaksEnglish reports whether the client prefers English to Chinese.
func speaksEnglish(c *gin.Context) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.GetHeader("Accept-Language"))), "en")
}

// notFoundRoute and wrongMethod answer for paths and methods the table does not have.
func (s *Server) notFoundRoute(c *gin.Context) error {
	return fault.New(fault.NotFound, "no-such-path", "没有这个地址：%s", c.Request.URL.Path)
}
