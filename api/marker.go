package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/boundary/boundsql"
	"fangyu/geo/index"
)

var markerCollection = collectionInfo{
	id: "markers", title: "界桩 Markers", description: "界桩的登记位置；观测位置另存，从不改写登记位置",
	geometry: "Point", tables: append([]string{"marker", "precision_policy"}, lineTables...), load: loadMarkers, tileProps: []string{"number", "stone", "type", "state", "synthetic"},
	props: withValidity(
		propInfo{"number", "string", "界桩号"}, propInfo{"stone", "string", "立桩类型"}, propInfo{"type", "string", "双面或三面"},
		propInfo{"material", "string", "材质"}, propInfo{"line", "string", "界线编号"}, propInfo{"lineName", "string", "界线名称"},
		propInfo{"chainageM", "number", "里程（米）"}, propInfo{"offsetM", "number", "偏距（米，右为正）"},
		propInfo{"elevationM", "number", "高程（米）"}, propInfo{"state", "string", "状态"}, propInfo{"custodian", "string", "管护方"},
		propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"source", "string", "来源"},
	),
}

func loadMarkers(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachMarker(ctx, func(m boundsql.MarkerView) error {
		items = append(items, markerItem(m.Public()))
		return nil
	})
	return items, err
}

func markerItem(m boundsql.MarkerView) index.Item {
	var p properties
	p.text("number", m.Number)
	p.label("stone", m.Stone)
	p.text("type", m.Type)
	p.maybe("material", m.Material)
	p.text("line", m.LineID.String())
	p.text("lineName", m.LineName)
	p.number("chainageM", m.ChainageM, 3)
	p.number("offsetM", m.OffsetM, 3)
	p.optional("elevationM", m.ElevationM, 3)
	p.text("state", m.State)
	p.maybe("custodian", m.Custodian)
	p.flag("synthetic", m.Synthetic)
	p.text("source", m.Source)
	from, to := p.valid(m.Valid)
	return index.Item{ID: m.ID.String(), From: from, To: to, Geometry: orb.Point{m.Lon, m.Lat}, Props: []index.Prop(p)}
}

func (s *Server) marker(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	who, err := s.whoAsks(c)
	if err != nil {
		return err
	}
	m, err := s.Bound.Marker(c.Request.Context(), who, s.Now(), id)
	if err != nil {
		return err
	}
	forOneOnly(c, m.Version)
	c.JSON(http.StatusOK, m)
	return nil
}
