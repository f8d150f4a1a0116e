package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/geo/index"
)

var coverageCollection = collectionInfo{
	id: "coverage", title: "界线检查覆盖 Coverage", description: "检查到的界线区段，按里程：轨迹走到的，和双方确认的目视、影像区段",
	geometry: "MultiLineString", tables: []string{"coverage", "line"}, load: loadCoverage, tileProps: []string{"line", "class"},
	props: []propInfo{
		{"line", "string", "界线编号"},
		{"lineName", "string", "界线名称"},
		{"track", "string", "轨迹编号（已走到的区段）"},
		{"stretch", "string", "申报区段编号（目视、影像查看的区段）"},
		{"class", "string", "检查方式"},
		{"fromM", "number", "起（里程，米）"},
		{"toM", "number", "止（里程，米）"},
		{"walkedOn", "date", "踏勘日期"},
		{"synthetic", "boolean", "合成示例"},
	},
}

func loadCoverage(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachCoverage(ctx, func(r boundsql.CoverageRow) error {
		var p properties
		p.text("line", r.LineID.String())
		p.text("lineName", r.LineName)
		p.text("track", idText(r.TrackID))
		p.text("stretch", idText(r.StretchID))
		p.text("class", r.Class)
		p.number("fromM", r.FromM, 3)
		p.number("toM", r.ToM, 3)
		walked := ""
		if r.WalkedOn != nil {
			walked = r.WalkedOn.Format(time.DateOnly)
		}
		p.text("walkedOn", walked)
		p.flag("synthetic", r.Synthetic)
		items = append(items, index.Item{ID: r.ID.String(), From: index.DayMin, To: index.DayMax, Geometry: r.Geometry, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}

func idText(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}
