package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary/boundsql"
	"fangyu/geo/index"
)

var tripointCollection = collectionInfo{
	id: "tripoints", title: "三交点 Tripoints", description: "三个以上行政区划的界线相交处，由今日的界线得出",
	geometry: "Point", tables: lineTables, load: loadTripoints, tileProps: []string{"name", "level"},
	props: []propInfo{
		{"name", "string", "名称"},
		{"level", "string", "级别"},
		{"divisions", "string", "相交的行政区划，以顿号分隔"},
		{"lines", "string", "相交的界线编号，以逗号分隔"},
		{"synthetic", "boolean", "合成示例"},
		{"notice", "string", "说明"},
	},
}

func loadTripoints(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachTripoint(ctx, func(r boundsql.TripointRow) error {
		var names []string
		for _, d := range r.Divisions {
			names = append(names, d.Name)
		}
		var p properties
		p.text("name", strings.Join(names, "—"))
		p.text("level", string(r.Level()))
		p.text("divisions", strings.Join(names, "、"))
		p.text("lines", joined(r.Lines))
		p.flag("synthetic", r.Synthetic)
		p.text("notice", referenceNotice)
		items = append(items, index.Item{ID: r.ID.String(), From: index.DayMin, To: index.DayMax, Geometry: r.At, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}

// tripoint answers with a tripoint of today's lines.
func (s *Server) tripoint(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	snap, err := s.current()
	if err != nil {
		return err
	}
	item, there := snap.Collections[tripointCollection.id].Get(id.String(), s.today())
	if !there {
		return boundsql.NoTripoint()
	}
	v, err := s.Bound.Tripoint(c.Request.Context(), id, item.Geometry.(orb.Point))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, v)
	return nil
}

func joined(ids []uuid.UUID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, ",")
}
