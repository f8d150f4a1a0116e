package api

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/geo/feature"
	"fangyu/geo/index"
	"fangyu/internal/fault"
)

const (
	crs84    = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsg4490 = "http://www.opengis.net/def/crs/EPSG/0/4490"
	geoJSON  = "application/geo+json"
)

// current returns the snapshot, Busy while the first one is loading.
func (s *Server) current() (*index.Snapshot, error) {
	if snap := s.snapshot.Load(); snap != nil {
		return snap, nil
	}
	return nil, fault.New(fault.Busy, "starting", "系统正在启动，请稍后再试")
}

// found returns the collection of the path.
func (s *Server) found(c *gin.Context) (collectionInfo, *index.Collection, *index.Snapshot, error) {
	info, ok := infoOf(c.Param("id"))
	if !ok {
		return info, nil, nil, fault.New(fault.NotFound, "no-such-collection", "没有要素集“%s”", c.Param("id"))
	}
	snap, err := s.current()
	if err != nil {
		return info, nil, nil, err
	}
	return info, snap.Collections[info.id], snap, nil
}

// itemsQuery is a request for items, read and checked.
type itemsQuery struct {
	index.Query
	values url.Values
}

// readItemsQuery reads bbox, datetime, limit, next and equality on properties. A parameter that is none of these is
// refused with the list of those that are.
func (s *Server) readItemsQuery(c *gin.Context, info collectionInfo) (itemsQuery, error) {
	q := itemsQuery{values: c.Request.URL.Query()}
	q.Day = s.today()
	var err error
	if q.Limit, err = limitOf(c); err != nil {
		return q, err
	}
	for name, values := range q.values {
		if len(values) > 1 {
			return q, badParameter(name, strings.Join(values, " "), "只出现一次")
		}
		value := values[0]
		switch name {
		case "limit", "f":
		case "crs":
			if value != crs84 {
				err = badParameter(name, value, crs84)
			}
		case "bbox-crs":
			if value != crs84 {
				err = badParameter(name, value, crs84)
			}
		case "bbox":
			q.Bound, err = readBBox(value)
		case "datetime":
			err = s.readDatetime(&q.Query, value)
		case "next":
			if q.After = value; !index.ValidToken(value) {
				err = badParameter(name, value, "上一页 next 链接给出的值")
			}
		default:
			err = q.readProperty(info, name, value)
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

func (q *itemsQuery) readProperty(info collectionInfo, name, value string) error {
	names := make([]string, len(info.props))
	for i, p := range info.props {
		names[i] = p.name
	}
	if !slices.Contains(names, name) {
		return fault.New(fault.Malformed, "bad-parameter", "没有参数 %s：可用 bbox、datetime、limit、next、crs、bbox-crs 和属性 %s",
			name, strings.Join(names, "、"))
	}
	if q.Equal == nil {
		q.Equal = map[string]string{}
	}
	q.Equal[name] = value
	return nil
}

// readBBox reads four numbers, or six with heights that are not looked at. West beyond east crosses the date line, where
// nothing of ours lies: both halves are taken as one box around the earth, as the standard allows.
func readBBox(text string) (*orb.Bound, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, badParameter("bbox", text, "西,南,东,北 四个数")
	}
	v := make([]float64, len(parts))
	for i, p := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, badParameter("bbox", text, "西,南,东,北 四个数")
		}
		v[i] = f
	}
	if len(v) == 6 {
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	if v[1] > v[3] {
		return nil, badParameter("bbox", text, "南不大于北")
	}
	if v[0] > v[2] {
		v[0], v[2] = -180, 180
	}
	return &orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, nil
}

// readDatetime reads an instant or an interval with open ends (OGC 17-069r4 §7.15.4) as days in UTC+8.
func (s *Server) readDatetime(q *index.Query, text string) error {
	from, to, interval := strings.Cut(text, "/")
	first, ok1 := dayFromText(from, index.DayMin)
	last, ok2 := first, true
	if interval {
		last, ok2 = dayFromText(to, index.DayMax-1)
	}
	if !ok1 || !ok2 || !interval && from == "" || last < first {
		return badParameter("datetime", text, "日期、时刻或“起/止”，如 2016-11-24、2016-01-01/..")
	}
	q.Day = first
	if interval {
		q.Until = last + 1
	}
	return nil
}

func dayFromText(text string, open int32) (int32, bool) {
	if text == ".." || text == "" {
		return open, true
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dayNumber(t), true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return dayNumber(t.In(localTime)), true
	}
	return 0, false
}

// tagged sets the validator of a snapshot and reports whether the client has this answer already.
func tagged(c *gin.Context, snap *index.Snapshot, day int32) bool {
	tag := `"` + snap.Version + "-" + strconv.FormatInt(int64(day), 36) + `"`
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
	info, items, snap, err := s.found(c)
	if err != nil {
		return err
	}
	q, err := s.readItemsQuery(c, info)
	if err != nil {
		return err
	}
	if tagged(c, snap, s.today()) {
		return nil
	}
	page, next, matched := items.Search(q.Query)
	links := s.itemLinks(c, q.values, next)
	c.Header("Content-Type", geoJSON)
	c.Header("Content-Crs", "<"+crs84+">")
	for _, l := range links {
		c.Writer.Header().Add("Link", "<"+l.Href+`>; rel="`+l.Rel+`"; type="`+l.Type+`"`)
	}
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	buf := make([]byte, 0, flushEvery+8<<10)
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
		buf = index.AppendFeature(buf, it)
		if len(buf) >= flushEvery {
			if _, err := c.Writer.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err = c.Writer.Write(append(buf, "]}"...))
	return err
}

// item answers one feature as it is on the day asked for.
func (s *Server) item(c *gin.Context) error {
	info, items, snap, err := s.found(c)
	if err != nil {
		return err
	}
	q := index.Query{Day: s.today()}
	if text := c.Query("datetime"); text != "" {
		if err := s.readDatetime(&q, text); err != nil {
			return err
		}
	}
	id := c.Param("featureId")
	it, ok := items.Get(id, q.Day)
	if !ok {
		if versions := items.Versions(id); len(versions) > 0 {
			return fault.New(fault.NotFound, "not-valid-then", "%s 在这一天不存在：可用 datetime 指定它有效的日期", info.title)
		}
		return fault.New(fault.NotFound, "no-such-feature", "要素集 %s 里没有 %s", info.id, id)
	}
	if tagged(c, snap, q.Day) {
		return nil
	}
	c.Header("Content-Crs", "<"+crs84+">")
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
