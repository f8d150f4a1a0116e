package api

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/geo/index"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// itemsQuery is a request for items, read and checked.
type itemsQuery struct {
	index.Query
	values        url.Values
	latitudeFirst bool // how the answer is written
}

// readItemsQuery reads bbox, datetime, limit, next, the frames and equality on properties. A parameter that is none of
// these is refused with the list of those that are.
func (s *Server) readItemsQuery(c *gin.Context, info collectionInfo, extent orb.Bound) (itemsQuery, error) {
	values, err := readQuery(c.Request.URL.RawQuery)
	if err != nil {
		return itemsQuery{}, err
	}
	q := itemsQuery{values: values}
	q.Day = s.today()
	for name := range values {
		if err := q.readProperty(info, name, values.Get(name)); err != nil {
			return q, err
		}
	}
	if q.Limit, err = limitOf(c); err != nil {
		return q, err
	}
	if q.latitudeFirst, err = readFrame("crs", q.values.Get("crs")); err != nil {
		return q, err
	}
	turned, err := readFrame("bbox-crs", q.values.Get("bbox-crs"))
	if err != nil {
		return q, err
	}
	if q.values.Has("bbox") {
		if q.Bound, err = readBBox(q.values.Get("bbox"), turned, extent); err != nil {
			return q, err
		}
	}
	if q.values.Has("datetime") {
		if err := s.readDatetime(&q.Query, q.values.Get("datetime")); err != nil {
			return q, err
		}
	}
	if q.values.Has("next") {
		err = q.readNext(q.values.Get("next"))
	}
	return q, err
}

// standing are the parameters that every collection takes.
var standing = map[string]bool{
	"limit": true, "bbox": true, "bbox-crs": true, "crs": true, "datetime": true, "next": true, "f": true,
}

func (q *itemsQuery) readProperty(info collectionInfo, name, value string) error {
	if standing[name] {
		if name == "f" {
			return checkForm(value)
		}
		return nil
	}
	for _, p := range info.props {
		if p.name == name {
			if q.Equal == nil {
				q.Equal = map[string]string{}
			}
			q.Equal[name] = value
			return nil
		}
	}
	return fault.New(fault.Malformed, "bad_parameter", "没有参数 %s：可用 bbox、bbox-crs、crs、datetime、limit、next 和属性 %s",
		name, strings.Join(info.propNames(), "、"))
}

// readNext reads the token of an earlier page. It carries the day that page was asked on, so that a client who pages past
// midnight stays in the day it began with.
func (q *itemsQuery) readNext(value string) error {
	day, token, ok := strings.Cut(value, ".")
	n, err := strconv.ParseInt(day, 36, 32)
	if !ok || err != nil || !index.ValidToken(token) {
		return badParameter("next", value, "上一页 next 链接给出的值")
	}
	if q.After = token; !q.values.Has("datetime") {
		q.Day = int32(n)
	}
	return nil
}

// nextToken is what the next page is asked with, "" at the end.
func (q *itemsQuery) nextToken(token string) string {
	if token == "" {
		return ""
	}
	return strconv.FormatInt(int64(q.Day), 36) + "." + token
}

// readBBox reads four numbers, or six with heights that are not looked at. West beyond east crosses the date line: then
// the half is taken that meets the extent of what there is, both as one box around the earth when both do.
func readBBox(text string, latitudeFirst bool, extent orb.Bound) (*orb.Bound, error) {
	const wanted = "最小经度,最小纬度,最大经度,最大纬度 四个数（bbox-crs 为 4490 时纬度在前）"
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, badParameter("bbox", text, wanted)
	}
	v := make([]float64, len(parts))
	for i, p := range parts {
		f, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, badParameter("bbox", text, wanted)
		}
		v[i] = f
	}
	if len(v) == 6 {
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	if latitudeFirst {
		v[0], v[1], v[2], v[3] = v[1], v[0], v[3], v[2]
	}
	if math.Abs(v[1]) > 90 || math.Abs(v[3]) > 90 {
		return nil, badParameter("bbox", text, wanted+"，纬度在 −90 到 90 之间")
	}
	if v[1] > v[3] {
		return nil, badParameter("bbox", text, wanted+"，最小纬度不大于最大纬度")
	}
	if v[0] > v[2] {
		switch east, west := v[0] <= extent.Max[0], v[2] >= extent.Min[0]; {
		case east && west:
			v[0], v[2] = -180, 180
		case west:
			v[0] = -180
		default:
			v[2] = 180
		}
	}
	return &orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, nil
}

// readDatetime reads an instant or an interval with open ends (OGC 17-069r4 §7.15.4) as days in UTC+8.
func (s *Server) readDatetime(q *index.Query, text string) error {
	from, to, interval := strings.Cut(text, "/")
	first, ok1 := dayFromText(from, interval, index.DayMin)
	last, ok2 := first, true
	if interval {
		last, ok2 = dayFromText(to, true, index.DayMax-1)
	}
	if !ok1 || !ok2 || last < first {
		return badParameter("datetime", text, "日期、时刻或“起/止”，如 2016-11-24、2016-01-01/..")
	}
	q.Day = first
	if interval {
		q.Until = last + 1
	}
	return nil
}

func dayFromText(text string, mayBeOpen bool, open int32) (int32, bool) {
	if text == ".." || text == "" {
		return open, mayBeOpen
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dayNumber(t), true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return beijing.DayNumber(t), true
	}
	return 0, false
}
