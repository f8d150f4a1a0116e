package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/index"
	"fangyu/internal/beijing"
)

var divisionTables = []string{"division_version", "division_code", "division_shape"}

var divisionCollection = collectionInfo{
	id: "divisions", title: "行政区划 Divisions", description: "行政区划，各有效期一条；没有界线图形的为 null",
	geometry: "MultiPolygon", tables: divisionTables, load: loadDivisions, tileProps: []string{"code", "name", "level"},
	props: withValidity(
		propInfo{"code", "string", "行政区划代码"}, propInfo{"codeSystem", "string", "代码体系"}, propInfo{"name", "string", "名称"},
		propInfo{"level", "string", "级别"}, propInfo{"kind", "string", "类型"}, propInfo{"parentCode", "string", "上级代码"},
		propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"source", "string", "来源"}, propInfo{"asOf", "date", "资料日期"}, asOfIs,
		propInfo{"notice", "string", "说明"},
	),
}

func loadDivisions(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Gaz.EachDivision(ctx, func(d gazsql.DivisionRow) error {
		var p properties
		p.text("code", d.Code)
		p.text("codeSystem", d.CodeSystem)
		p.text("name", d.Name)
		p.text("level", d.Level)
		p.text("kind", d.Kind)
		p.text("parentCode", d.ParentCode)
		p.flag("synthetic", d.Synthetic)
		p.text("source", d.Source)
		p.dated(d.Dated)
		notice := ""
		if d.Shape != nil {
			notice = referenceNotice
		}
		p.text("notice", notice)
		from, to := p.valid(d.Valid)
		items = append(items, index.Item{ID: d.ID.String(), From: from, To: to, Geometry: d.Shape, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}

// asOfIs says what kind of day asOf is.
var asOfIs = propInfo{"asOfIs", "string", "资料日期的含义：issued 为资料本身的日期，entered 为录入本系统的日期"}

type divisionAnswer struct {
	ID         uuid.UUID        `json:"id"`
	On         string           `json:"on"` // the day for which children and superiors are told
	Code       string           `json:"code"`
	CodeSystem string           `json:"codeSystem"`
	Name       string           `json:"name"`
	Level      string           `json:"level"`
	Kind       string           `json:"kind"`
	ParentCode string           `json:"parentCode"`
	ParentName string           `json:"parentName"`
	ValidFrom  *string          `json:"validFrom"`
	ValidTo    *string          `json:"validTo"`
	Synthetic  bool             `json:"synthetic"`
	Source     string           `json:"source"`
	AsOf       string           `json:"asOf"`
	AsOfIs     string           `json:"asOfIs"`
	BBox       []float64        `json:"bbox,omitempty"`
	AreaM2     float64          `json:"areaM2,omitempty"`
	Above      []divisionChild  `json:"above"` // the highest first
	Children   []divisionChild  `json:"children"`
	History    []gazsql.History `json:"history"`
	PlaceID    *uuid.UUID       `json:"placeId"` // the record of its name
	divisionTimeline
}

type divisionChild struct {
	ID    uuid.UUID `json:"id"`
	Code  string    `json:"code"`
	Name  string    `json:"name"`
	Level string    `json:"level"`
	Kind  string    `json:"kind"`
}

func childrenOf(rows []gazsql.DivisionListed) []divisionChild {
	out := make([]divisionChild, len(rows))
	for i, d := range rows {
		out[i] = divisionChild{d.ID, d.Code, d.Name, d.Level, d.Kind}
	}
	return out
}

// division answers with a division as it stood on the day of datetime; without one as it stands today, or stood last.
func (s *Server) division(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	d, err := s.Gaz.Division(ctx, id)
	if err != nil {
		return err
	}
	out := divisionAnswer{
		ID: d.ID, Code: d.Code, CodeSystem: d.CodeSystem, Name: d.Name, Level: d.Level, Kind: d.Kind, ParentCode: d.ParentCode,
		ParentName: d.ParentName, Synthetic: d.Synthetic, Source: d.Source, AsOf: d.AsOf(), AsOfIs: d.AsOfIs(),
	}
	if d.Shape != nil {
		out.BBox, out.AreaM2 = bboxOf(d.Shape.Bound()), math.Round(geo.AreaM2(d.Shape))
	}
	out.ValidFrom, out.ValidTo = daysOf(d.Valid)
	on, err := s.divisionDay(c, d)
	if err != nil {
		return err
	}
	if c.Query("datetime") != "" {
		then, err := s.Gaz.DivisionOn(ctx, id, on)
		if err != nil {
			return err
		}
		out.Code, out.CodeSystem, out.Name, out.Level, out.Kind = then.Code, then.CodeSystem, then.Name, then.Level, then.Kind
		out.ParentCode, out.ParentName, out.ValidFrom, out.ValidTo = then.ParentCode, then.ParentName, then.ValidFrom, then.ValidTo
	}
	out.On = on.Format(time.DateOnly)
	above, err := s.Gaz.Above(ctx, id, on)
	if err != nil {
		return err
	}
	children, err := s.Gaz.Children(ctx, id, on)
	if err != nil {
		return err
	}
	out.Above, out.Children = childrenOf(above), childrenOf(children)
	if out.History, err = s.Gaz.Histories(ctx, id); err != nil {
		return err
	}
	if out.PlaceID, err = s.Gaz.PlaceOfDivision(ctx, id); err != nil {
		return err
	}
	timeline, err := s.Gaz.DivisionTimeline(ctx, id)
	if err != nil {
		return err
	}
	out.divisionTimeline = timelineOf(timeline, speaksEnglish(c))
	c.JSON(http.StatusOK, out)
	return nil
}

// divisionDay is the day asked about; without one today, or the last day of a division that ended.
func (s *Server) divisionDay(c *gin.Context, d gazsql.DivisionRow) (time.Time, error) {
	today, err := s.dayAsked(c)
	if err != nil || c.Query("datetime") != "" {
		return today, err
	}
	if end := d.Valid.Upper.Time; d.Valid.UpperType == pgtype.Exclusive && !end.After(today) {
		return end.AddDate(0, 0, -1), nil
	}
	return today, nil
}

// dayAsked is the day of datetime=, today without one.
func (s *Server) dayAsked(c *gin.Context) (time.Time, error) {
	if text := c.Query("datetime"); text != "" {
		return dayParameter(text)
	}
	return time.Parse(time.DateOnly, beijing.Day(s.Now()))
}

// dayParameter reads datetime= as one day.
func dayParameter(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1000 || day.Year() > 2999 {
		return day, badParameter("datetime", text, "一个日期，如 2011-10-22")
	}
	return day, nil
}

// divisions lists divisions as they stood on a day.
func (s *Server) divisions(c *gin.Context) error {
	limit, after, err := pageOf(c)
	if err != nil {
		return err
	}
	f := gazsql.DivisionFilter{Code: c.Query("code"), Name: c.Query("name"), Within: c.Query("within"), Limit: limit, After: after}
	for _, name := range []string{"code", "within"} {
		if text := c.Query(name); text != "" {
			if _, _, err := gazetteer.ParseCode(text); err != nil {
				return err
			}
		}
	}
	if text := c.Query("level"); text != "" {
		if f.Level, err = gazetteer.ParseLevel(text); err != nil {
			return err
		}
	}
	if f.On, err = s.dayAsked(c); err != nil {
		return err
	}
	found, err := s.Gaz.Divisions(c.Request.Context(), f)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(d gazsql.DivisionListed) uuid.UUID { return d.ID })
}
