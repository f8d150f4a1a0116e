package api

import (
	"context"
	"math"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/index"
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
	Children   []divisionChild  `json:"children"`
	History    []gazsql.History `json:"history"`
}

type divisionChild struct {
	ID    uuid.UUID `json:"id"`
	Code  string    `json:"code"`
	Name  string    `json:"name"`
	Level string    `json:"level"`
	Kind  string    `json:"kind"`
}

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
	children, err := s.Gaz.Children(ctx, id)
	if err != nil {
		return err
	}
	out := divisionAnswer{
		ID: d.ID, Code: d.Code, CodeSystem: d.CodeSystem, Name: d.Name, Level: d.Level, Kind: d.Kind, ParentCode: d.ParentCode,
		ParentName: d.ParentName, Synthetic: d.Synthetic, Source: d.Source, AsOf: d.AsOf(), AsOfIs: d.AsOfIs(),
		Children: make([]divisionChild, len(children)),
	}
	for i, child := range children {
		out.Children[i] = divisionChild{child.ID, child.Code, child.Name, child.Level, child.Kind}
	}
	if d.Shape != nil {
		out.BBox, out.AreaM2 = bboxOf(d.Shape.Bound()), math.Round(geo.AreaM2(d.Shape))
	}
	out.ValidFrom, out.ValidTo = daysOf(d.Valid)
	if out.History, err = s.Gaz.Histories(ctx, id); err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}
