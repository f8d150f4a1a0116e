package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// maxJSON bounds the body of a JSON request in bytes.
const maxJSON = 1 << 20

// decode reads a JSON body strictly: unknown fields are errors that name themselves. A body that says it is something else
// is Unsupported "not-json"; one that says nothing is read.
func decode(c *gin.Context, into any) error {
	if kind := c.ContentType(); kind != "" && kind != "application/json" {
		return fault.New(fault.Unsupported, "not-json", "请求的 Content-Type 是 %s：这里只接受 application/json", kind)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return incomplete(err)
	}
	if brokenText(body) { // the decoder would put other signs in their place and say nothing
		return badText(nil)
	}
	if err := checkShape(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
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

// The deepest a JSON request may be nested, and the longest name of a field in it, in bytes. Texts are bounded by maxJSON,
// and each by what it says.
const (
	maxDepth     = 100
	maxFieldName = 1 << 10
)

// checkShape refuses what no form of ours looks like before anything is built from it: Malformed "too-deep",
// "field-name-too-long". It reads braces and quotation marks only; what is no JSON is left to the decoder.
func checkShape(body []byte) error {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			if depth++; depth > maxDepth {
				return fault.New(fault.Malformed, "too-deep", "JSON 在第 %d 个字节处嵌套超过 %d 层：请按接口文档的写法提交", i+1, maxDepth)
			}
		case '}', ']':
			depth--
		case '"':
			end := endOfString(body, i)
			if rest := bytes.TrimLeft(body[end:], " \t\r\n"); end-i-2 > maxFieldName && bytes.HasPrefix(rest, []byte(":")) {
				return fault.New(fault.Malformed, "field-name-too-long", "JSON 在第 %d 个字节处的字段名超过 %d 字节：请按接口文档的写法提交", i+1, maxFieldName)
			}
			i = end - 1
		}
	}
	return nil
}

// endOfString is the place after the string that begins at i, or the end of the body.
func endOfString(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(body)
}

// badText is said of a text that no database can hold; the cause is the database's word, where it was asked.
func badText(cause error) *fault.Error {
	return fault.Wrap(cause, fault.Malformed, "bad-text", "文字中有空字符或不是 UTF-8 的字节：请改正后再提交")
}

// brokenText reports whether a JSON text has bytes that are no UTF-8, or escapes that are half of a character.
func brokenText(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++
		first := escaped(body[i:])
		if !utf16.IsSurrogate(first) {
			continue
		}
		i += 4
		if !bytes.HasPrefix(body[i+1:], []byte(`\`)) || utf16.DecodeRune(first, escaped(body[i+2:])) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return !utf8.Valid(body)
}

// escaped reads u and four hexadecimal digits; 0 where there is something else.
func escaped(b []byte) rune {
	if len(b) < 5 || b[0] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(b[1:5]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
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
	case errors.As(err, &kind) && kind.Field == "":
		return "类型不对，应为" + jsonKind(kind.Type)
	case errors.As(err, &kind):
		return "字段 " + kind.Field + " 的类型不对，应为" + jsonKind(kind.Type)
	case errors.As(err, &syntax):
		return "第 " + strconv.FormatInt(syntax.Offset, 10) + " 个字节处写法有误"
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "没有字段 " + name
	}
	if uuid.IsInvalidLengthError(err) || strings.HasPrefix(err.Error(), "invalid UUID") {
		return "有一个编号（如 lineId、placeId）不是编号：应是 01a22017-5941-7a8f-bc23-bced2aaecd43 这样的写法，没有就不写"
	}
	return "无法读取"
}

// jsonKind names in JSON's words what is wanted for a type of ours.
func jsonKind(t reflect.Type) string {
	if t == reflect.TypeFor[uuid.UUID]() {
		return "编号"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "整数"
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

// maxText bounds a text that a person writes, in characters: what a record says is given out with every list.
const maxText = 4000

// severalLines are the fields that take more than one line.
var severalLines = []string{"reason", "note", "text"}

// checkText trims texts, by the names of their fields, and refuses novels and signs that mislead.
func checkText(fields map[string]*string) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text, lines := fields[name], slices.Contains(severalLines, name)
		if strings.ContainsFunc(*text, func(r rune) bool { return gazetteer.Misleading(r, lines) }) {
			return fault.New(fault.Malformed, "bad-text", "%s 中有换行、控制字符或改变书写方向的字符：请去掉后再提交", name)
		}
		if *text = strings.TrimSpace(*text); utf8.RuneCountInString(*text) > maxText {
			return fault.New(fault.Malformed, "text-too-long", "%s 超过 %d 个字：请写得简短些，长文另附文件", name, maxText)
		}
	}
	return nil
}

// versioned reads which record of the path is to be changed, and the version of it that the sender saw.
func versioned(c *gin.Context) (id uuid.UUID, version int, err error) {
	if id, err = pathID(c, "id"); err == nil {
		version, err = ifMatch(c)
	}
	return id, version, err
}

// readChange reads which record is to be changed, the version that the sender saw, and what is to become of it.
func readChange(c *gin.Context, into any) (id uuid.UUID, version int, err error) {
	if id, version, err = versioned(c); err == nil {
		err = decode(c, into)
	}
	return id, version, err
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

// writeVersioned writes a record and, for If-Match, the version it is at.
func writeVersioned(c *gin.Context, status, version int, record any, err error) error {
	if err != nil {
		return err
	}
	etag(c, version)
	c.JSON(status, record)
	return nil
}

// stateParameter reads ?state=, one of the states, "" when absent.
func stateParameter[S ~string](c *gin.Context, states []S) (S, error) {
	state := S(c.Query("state"))
	if state == "" || slices.Contains(states, state) {
		return state, nil
	}
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	last := len(words) - 1
	return "", badParameter("state", string(state), strings.Join(words[:last], "、")+" 或 "+words[last])
}

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

// writeList writes a page of such a list, of which the rows are counted; next is null on the last one.
func writeList[T any](s *Server, c *gin.Context, items []T, limit int, id func(T) uuid.UUID) error {
	return writePage(s, c, items, limit, func(item T) string { return id(item).String() })
}

// afterOf reads ?next= of a list whose items are numbered from 1 to at most most; 0 where it is not given.
func afterOf(c *gin.Context, most int) (int, error) {
	next := c.Query("next")
	if next == "" {
		return 0, nil
	}
	after, err := strconv.Atoi(next)
	if err != nil || after < 1 || after > most {
		return 0, badParameter("next", next, "上一页给出的 next")
	}
	return after, nil
}

// writePage is writeList for items that go on after something else than an id.
func writePage[T any](s *Server, c *gin.Context, items []T, limit int, last func(T) string) error {
	next := ""
	if len(items) == limit {
		next = last(items[limit-1])
	}
	if items == nil {
		items = []T{}
	}
	if err := s.mayList(c, len(items)); err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": items, "next": nilText(next)})
	return nil
}

// badParameter names a parameter, what was sent and what it takes.
func badParameter(name, got, wanted string) error {
	return fault.New(fault.Malformed, "bad_parameter", "参数 %s“%s”不对：应为%s", name, got, wanted)
}
