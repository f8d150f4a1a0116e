package api

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"fangyu/geo/feature"
	"fangyu/geo/index"
	"fangyu/internal/beijing"
)

// collectionInfo describes a published collection: what it holds, with which properties, and where its items come from.
type collectionInfo struct {
	id          string
	title       string
	description string
	geometry    string // of JSON Schema: Point, MultiPolygon, MultiLineString, or any
	props       []propInfo
	tables      []string // whose changes make it stale
	tileProps   []string
	load        func(ctx context.Context, s *Server) ([]index.Item, error)
}

type propInfo struct {
	name, kind, title string // kind: string, number, integer, boolean, date
}

// collectionInfos are the collections in the order they are listed.
var collectionInfos = []collectionInfo{
	divisionCollection, placeCollection, lineCollection, sectionCollection, markerCollection, tripointCollection, coverageCollection, builtUpAreaCollection,
}

func (info collectionInfo) propNames() []string {
	names := make([]string, len(info.props))
	for i, p := range info.props {
		names[i] = p.name
	}
	return names
}

func infoOf(id string) (collectionInfo, bool) {
	for _, info := range collectionInfos {
		if info.id == id {
			return info, true
		}
	}
	return collectionInfo{}, false
}

// referenceNotice stands on everything drawn from a line that was not agreed, approved and published.
const referenceNotice = "示意，不作为划界依据"

// properties builds the properties of an item in the order of the calls.
type properties []index.Prop

// text writes a text, null for an empty one.
func (p *properties) text(name, value string) {
	if value == "" {
		p.null(name)
		return
	}
	p.label(name, value)
}

// label writes a text that may be empty.
func (p *properties) label(name, value string) {
	*p = append(*p, index.Prop{Name: name, JSON: feature.AppendString(nil, value)})
}

// maybe writes a text that may be absent.
func (p *properties) maybe(name string, value *string) {
	if value == nil {
		p.null(name)
		return
	}
	p.label(name, *value)
}

func (p *properties) null(name string) {
	*p = append(*p, index.Prop{Name: name, JSON: []byte("null")})
}

func (p *properties) flag(name string, value bool) {
	*p = append(*p, index.Prop{Name: name, JSON: strconv.AppendBool(nil, value)})
}

// number writes a value with so many decimals; NaN is null.
func (p *properties) number(name string, value float64, decimals int) {
	if math.IsNaN(value) {
		p.null(name)
		return
	}
	*p = append(*p, index.Prop{Name: name, JSON: strconv.AppendFloat(nil, value, 'f', decimals, 64)})
}

func (p *properties) optional(name string, value *float64, decimals int) {
	if value == nil {
		p.null(name)
		return
	}
	p.number(name, *value, decimals)
}

// valid writes validFrom and validTo and returns the days of the item.
func (p *properties) valid(v pgtype.Range[pgtype.Date]) (from, to int32) {
	lower, upper := daysOf(v)
	from, to = index.DayMin, index.DayMax
	if p.day("validFrom", lower); lower != nil {
		from = dayNumber(v.Lower.Time)
	}
	if p.day("validTo", upper); upper != nil {
		to = dayNumber(v.Upper.Time)
	}
	return from, to
}

// day writes a day, null for an open end.
func (p *properties) day(name string, day *string) {
	if day == nil {
		p.null(name)
		return
	}
	p.text(name, *day)
}

// daysOf are the ends of a half-open span as the outside writes them, nil where it is open.
func daysOf(v pgtype.Range[pgtype.Date]) (from, to *string) {
	day := func(d pgtype.Date, bound pgtype.BoundType) *string {
		if bound != pgtype.Inclusive && bound != pgtype.Exclusive {
			return nil
		}
		text := d.Time.Format(time.DateOnly)
		return &text
	}
	return day(v.Lower, v.LowerType), day(v.Upper, v.UpperType)
}

func bboxOf(b orb.Bound) []float64 { return []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} }

// dayNumber counts days since 1970-01-01 for a time that stands for a day.
func dayNumber(t time.Time) int32 {
	y, m, d := t.Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// today is the present day in UTC+8.
func (s *Server) today() int32 { return beijing.DayNumber(s.Now()) }

// validityProps are those every dated collection ends with.
var validityProps = []propInfo{{"validFrom", "date", "生效日"}, {"validTo", "date", "失效日"}}

func withValidity(props ...propInfo) []propInfo { return append(props, validityProps...) }
