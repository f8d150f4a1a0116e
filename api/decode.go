package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// maxJSON bounds the body of a JSON request in bytes.
const maxJSON = 1 << 20

// decode reads a JSON body strictly: unknown fields are errors that name themselves.
func decode(c *gin.Context, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		var known *fault.Error
		if errors.As(err, &known) {
			return known
		}
		return fault.Wrap(err, fault.Malformed, "bad-json", "请求不是预期的 JSON：%s", jsonTrouble(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Malformed, "bad-json", "JSON 之后还有多余的内容")
	}
	return nil
}

// jsonTrouble says in Chinese what the decoder found.
func jsonTrouble(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return "内容是空的"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "内容不完整"
	case errors.As(err, &kind):
		return strings.TrimSpace("字段 "+kind.Field) + " 的类型不对，应为" + jsonKind(kind.Type)
	case errors.As(err, &syntax):
		return "第 " + strconv.FormatInt(syntax.Offset, 10) + " 个字节处写法有误"
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "没有字段 " + name
	}
	return "无法读取"
}

// jsonKind names in JSON's words what is wanted for a type of ours.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return " true 或 false"
	case reflect.String:
		return "字符串"
	case reflect.Slice, reflect.Array:
		return "数组"
	case reflect.Struct, reflect.Map:
		return "对象"
	}
	return "数"
}

// pathID reads an id from the path; one that is no UUID is nobody's.
func pathID(c *gin.Context, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Param(name))
	if err != nil {
		return uuid.Nil, fault.New(fault.NotFound, "unknown-id", "没有编号为 %s 的记录", c.Param(name))
	}
	return id, nil
}

// ifMatch reads the version a change is made against: "3" in quotation marks, weak or strong.
func ifMatch(c *gin.Context) (int, error) {
	tag := strings.TrimPrefix(strings.TrimSpace(c.GetHeader("If-Match")), "W/")
	if tag == "" {
		return 0, fault.New(fault.Precondition, "if-match-missing", "修改须带 If-Match，写明您看到的版本")
	}
	version, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil {
		return 0, fault.New(fault.Malformed, "if-match-bad", "If-Match “%s”不是版本号", tag)
	}
	return version, nil
}

// etag sets the version of a resource.
func etag(c *gin.Context, version int) { c.Header("ETag", `"`+strconv.Itoa(version)+`"`) }

const (
	defaultLimit = 100
	maxLimit     = 10_000
)

// limitOf reads ?limit=, 100 when absent.
func limitOf(c *gin.Context) (int, error) {
	text := c.Query("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, badParameter("limit", text, "1 到 10000 的整数")
	}
	return min(n, maxLimit), nil
}

// pageOf reads ?limit= and ?next= of a list that goes from the newest record to older ones.
func pageOf(c *gin.Context) (limit int, before uuid.UUID, err error) {
	if limit, err = limitOf(c); err != nil {
		return 0, uuid.Nil, err
	}
	if next := c.Query("next"); next != "" {
		if before, err = uuid.Parse(next); err != nil {
			return 0, uuid.Nil, badParameter("next", next, "上一页给出的 next")
		}
	}
	return limit, before, nil
}

// writeList writes a page of such a list; next is null on the last one.
func writeList[T any](c *gin.Context, items []T, limit int, id func(T) uuid.UUID) error {
	next := ""
	if len(items) == limit {
		next = id(items[limit-1]).String()
	}
	if items == nil {
		items = []T{}
	}
	c.JSON(http.StatusOK, gin.H{"items": items, "next": nilText(next)})
	return nil
}

// badParameter names a parameter, what was sent and what it takes.
func badParameter(name, got, wanted string) error {
	return fault.New(fault.Malformed, "bad_parameter", "参数 %s“%s”不对：应为%s", name, got, wanted)
}
