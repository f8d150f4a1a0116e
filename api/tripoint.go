package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"fangyu/boundary/boundsql"
	"fangyu/geo/index"
)

var tripointCollection = collectionInfo{
	id: "tripoints", title: "三交点 Tripoints", description: "三个以上行政区划的界线相交处",
	geometry: "Point", tables: append([]string{"node_version"}, lineTables...), load: loadTripoints, tileProps: []string{"name", "level"},
	props: withValidity(
		propInfo{"name", "string", "名称"}, propInfo{"level", "string", "级别"}, propInfo{"divisions", "string", "相交的行政区划，以顿号分隔"},
		propInfo{"lines", "string", "相交的界线编号，以逗号分隔"}, propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"notice", "string", "说明"},
	),
}

func loadTripoints(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachTripoint(ctx, func(r boundsql.TripointRow) error {
		names, lines := make([]string, len(r.Divisions)), make([]string, len(r.Lines))
		for i, d := range r.Divisions {
			names[i] = d.Name
		}
		for i, l := range r.Lines {
			lines[i] = l.ID.String()
		}
		var p properties
		p.text("name", strings.Join(names, "—"))
		p.text("level", r.Level)
		p.text("divisions", strings.Join(names, "、"))
		p.text("lines", strings.Join(lines, ","))
		p.flag("synthetic", r.Synthetic)
		p.text("notice", referenceNotice)
		from, to := p.valid(r.Valid)
		items = append(items, index.Item{ID: r.ID.String(), From: from, To: to, Geometry: r.At, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}

// tripoint answers with a tripoint as it is or was last.
func (s *Server) tripoint(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	v, err := s.Bound.Tripoint(c.Request.Context(), id)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, v)
	return nil
}
