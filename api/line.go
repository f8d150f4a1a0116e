package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
)

var lineTables = append([]string{"line", "line_version", "section"}, divisionTables...)

var lineCollection = collectionInfo{
	id: "lines", title: "行政区域界线 Boundary lines", description: "行政区域界线，全线一条；未经协议、批准和公布的为示意，不作为划界依据",
	geometry: "MultiLineString", tables: lineTables, load: loadLines, tileProps: []string{"name", "code", "level", "legalStatus"},
	props: withValidity(
		propInfo{"name", "string", "界线名称"}, propInfo{"code", "string", "界线编码"}, propInfo{"level", "string", "级别"},
		propInfo{"partyA", "string", "甲方"}, propInfo{"partyB", "string", "乙方"}, propInfo{"legalStatus", "string", "法律状态"},
		propInfo{"lengthM", "number", "长度（米，椭球面）"}, propInfo{"publishedLengthM", "number", "公布长度（米）"},
		propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"notice", "string", "说明"}, propInfo{"source", "string", "来源"},
		propInfo{"asOf", "date", "资料日期"}, asOfIs,
	),
}

func loadLines(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachLine(ctx, func(l boundsql.LineRow) error {
		var p properties
		p.text("name", l.Name)
		p.text("code", l.Code)
		p.text("level", l.Level)
		p.text("partyA", l.PartyAName)
		p.text("partyB", l.PartyBName)
		p.text("legalStatus", l.LegalStatus)
		p.number("lengthM", l.LengthM, 3)
		p.optional("publishedLengthM", l.PublishedLengthM, 3)
		p.flag("synthetic", l.Synthetic)
		p.drawn(l.LegalStatus, l.Source, l.Dated)
		from, to := p.valid(l.Valid)
		items = append(items, index.Item{ID: l.ID.String(), From: from, To: to, Geometry: l.Geometry, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}

// drawn writes what must stand beside every drawing of a line: the notice, the source and its day.
func (p *properties) drawn(legalStatus, source string, d gazsql.Dated) {
	p.text("notice", noticeFor(boundary.LegalStatus(legalStatus)))
	p.text("source", source)
	p.dated(d)
}

// dated writes the day of data and which day it is.
func (p *properties) dated(d gazsql.Dated) {
	p.text("asOf", d.AsOf())
	p.text("asOfIs", d.AsOfIs())
}

// lineAnswer adds what must stand beside the line.
type lineAnswer struct {
	boundsql.LineView
	Notice string `json:"notice"`
	AsOf   string `json:"asOf"`
	AsOfIs string `json:"asOfIs"`
}

func (s *Server) line(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	l, err := s.Bound.Line(c.Request.Context(), id)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, lineAnswer{l, noticeFor(boundary.LegalStatus(l.LegalStatus)), l.Dated.AsOf(), l.Dated.AsOfIs()})
	return nil
}

// levelParameter reads level= as that of lines; "" for none.
func levelParameter(c *gin.Context) (boundary.Level, error) {
	text := c.Query("level")
	if text == "" {
		return "", nil
	}
	level, err := boundary.ParseLevel(text)
	if err != nil {
		return "", badParameter("level", text, "province、county 或 township")
	}
	return level, nil
}

// lines lists the lines of today, in the order they were registered.
func (s *Server) lines(c *gin.Context) error {
	limit, after, err := pageOf(c)
	if err != nil {
		return err
	}
	level, err := levelParameter(c)
	if err != nil {
		return err
	}
	filter := boundsql.LineFilter{Level: string(level), Division: c.Query("division"), ToSettle: c.Query("toSettle") == "true"}
	if text := c.Query("toSettle"); text != "" && text != "true" && text != "false" {
		return badParameter("toSettle", text, "true 或 false")
	}
	found, err := s.Bound.Lines(c.Request.Context(), filter, after, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(l boundsql.LineSummary) uuid.UUID { return l.ID })
}
