package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/geo/feature"
	"fangyu/geo/index"
	"fangyu/internal/fault"
)

const geoJSON = "application/geo+json"

// current returns the snapshot, Busy while the first one is loading.
func (s *Server) current() (*published, error) {
	if snap := s.snapshot.Load(); snap != nil {
		return snap, nil
	}
	return nil, fault.New(fault.Busy, "starting", "系统正在启动，请稍后再试")
}

// found returns the collection of the path with the tag of its content.
func (s *Server) found(c *gin.Context) (collectionInfo, *index.Collection, string, error) {
	info, ok := infoOf(c.Param("id"))
	if !ok {
		return info, nil, "", noCollection(c.Param("id"))
	}
	snap, err := s.current()
	if err != nil {
		return info, nil, "", err
	}
	return info, snap.Collections[info.id], snap.tags[info.id], nil
}

func noCollection(id string) error {
	return fault.New(fault.NotFound, "no-such-collection", "没有要素集“%s”", id)
}

// tagged sets the validator of an answer, made of the content of its collection and the day asked about, and reports
// whether the client has this answer already.
func tagged(c *gin.Context, content string, day int32) bool {
	tag := `"` + content + "-" + strconv.FormatInt(int64(day), 36) + `"`
	c.Header("ETag", tag)
	c.Header("Cache-Control", "public, max-age=0, must-revalidate")
	for t := range strings.SplitSeq(c.GetHeader("If-None-Match"), ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return true
		}
	}
	return false
}

// flushEvery is how many bytes are gathered before they are sent.
const flushEvery = 64 << 10

// items answers a page of features, written row by row as they stand in memory.
func (s *Server) items(c *gin.Context) error {
	info, items, tag, err := s.found(c)
	if err != nil {
		return err
	}
	extent, _ := items.Extent()
	q, err := s.readItemsQuery(c, info, extent)
	if err != nil {
		return err
	}
	if tagged(c, tag, q.Day) {
		return nil
	}
	page, next, matched := items.Search(q.Query)
	links := s.itemLinks(c, q.values, q.nextToken(next))
	c.Header("Content-Type", geoJSON)
	c.Header("Content-Crs", "<"+frameOf(q.latitudeFirst)+">")
	for _, l := range links {
		c.Writer.Header().Add("Link", "<"+l.Href+`>; rel="`+l.Rel+`"; type="`+l.Type+`"`)
	}
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	return s.writePage(c, page, matched, links, q.latitudeFirst)
}

// writePage writes a feature collection in pieces of 64 KiB.
func (s *Server) writePage(c *gin.Context, page []*index.Item, matched int, links []link, latitudeFirst bool) error {
	buf := make([]byte, 0, 8<<10)
	buf = append(buf, `{"type":"FeatureCollection","timeStamp":"`...)
	buf = s.Now().UTC().AppendFormat(buf, time.RFC3339)
	buf = append(buf, `","numberMatched":`...)
	buf = strconv.AppendInt(buf, int64(matched), 10)
	buf = append(buf, `,"numberReturned":`...)
	buf = strconv.AppendInt(buf, int64(len(page)), 10)
	buf = append(buf, `,"links":`...)
	buf = appendLinks(buf, links)
	buf = append(buf, `,"features":[`...)
	for i, it := range page {
		if i > 0 {
			buf = append(buf, ',')
		}
		if latitudeFirst {
			it = flipped(it)
		}
		buf = index.AppendFeature(buf, it)
		if len(buf) >= flushEvery {
			if _, err := c.Writer.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := c.Writer.Write(append(buf, "]}"...))
	return err
}

// item answers one feature as it is on the day asked for.
func (s *Server) item(c *gin.Context) error {
	info, items, tag, err := s.found(c)
	if err != nil {
		return err
	}
	q := index.Query{Day: s.today()}
	if text := c.Query("datetime"); text != "" {
		if err := s.readDatetime(&q, text); err != nil {
			return err
		}
	}
	latitudeFirst, err := readFrame("crs", c.Query("crs"))
	if err != nil {
		return err
	}
	id := c.Param("featureId")
	it, ok := items.Get(id, q.Day)
	if !ok {
		if versions := items.Versions(id); len(versions) > 0 {
			return fault.New(fault.NotFound, "not-valid-then", "%s 在这一天不存在：可用 datetime 指定它有效的日期", info.title)
		}
		return fault.New(fault.NotFound, "no-such-feature", "要素集 %s 里没有 %s", info.id, id)
	}
	if tagged(c, tag, q.Day) {
		return nil
	}
	if latitudeFirst {
		it = flipped(it)
	}
	c.Header("Content-Crs", "<"+frameOf(latitudeFirst)+">")
	self := s.base(c) + "/ogc/collections/" + info.id
	buf := index.AppendFeature(nil, it)
	buf = append(buf[:len(buf)-1], `,"links":`...)
	buf = appendLinks(buf, []link{
		{self + "/items/" + url.PathEscape(id), "self", geoJSON, ""}, {self, "collection", "application/json", info.title},
	})
	c.Data(http.StatusOK, geoJSON, append(buf, '}'))
	return nil
}

// link is a link of an OGC answer.
type link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}

func appendLinks(dst []byte, links []link) []byte {
	dst = append(dst, '[')
	for i, l := range links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"href":`...)
		dst = feature.AppendString(dst, l.Href)
		dst = append(dst, `,"rel":"`+l.Rel+`","type":"`+l.Type+`"}`...)
	}
	return append(dst, ']')
}

// itemLinks are self, next with every parameter kept, and the collection.
func (s *Server) itemLinks(c *gin.Context, values url.Values, next string) []link {
	self := s.base(c) + "/ogc/collections/" + c.Param("id")
	links := []link{{withQuery(self+"/items", values), "self", geoJSON, ""}, {self, "collection", "application/json", ""}}
	if next != "" {
		v := url.Values{}
		for name, value := range values {
			v[name] = value
		}
		v.Set("next", next)
		links = append(links, link{withQuery(self+"/items", v), "next", geoJSON, ""})
	}
	return links
}

func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// base is the address links begin with.
func (s *Server) base(c *gin.Context) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host
}
