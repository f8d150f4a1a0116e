package api

import (
	"context"

	"fangyu/boundary/boundsql"
	"fangyu/geo/index"
)

var sectionCollection = collectionInfo{
	id: "sections", title: "界线的分段 Sections", description: "界线沿线各对下级行政区划之间的分段，一段可有几部分",
	geometry: "MultiLineString", tables: lineTables, load: loadSections, tileProps: []string{"line", "name", "legalStatus"},
	props: withValidity(
		propInfo{"line", "string", "界线编号"}, propInfo{"lineName", "string", "界线名称"}, propInfo{"name", "string", "名称"},
		propInfo{"divisionA", "string", "一侧"}, propInfo{"divisionB", "string", "另一侧"}, propInfo{"lengthM", "number", "长度（米，椭球面）"},
		propInfo{"legalStatus", "string", "法律状态"}, propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"notice", "string", "说明"},
		propInfo{"source", "string", "来源"}, propInfo{"asOf", "date", "资料日期"}, asOfIs,
	),
}

func loadSections(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Bound.EachSection(ctx, func(r boundsql.SectionRow) error {
		var p properties
		p.text("line", r.LineID.String())
		p.text("lineName", r.LineName)
		p.text("name", r.Name())
		p.text("divisionA", r.DivisionAName)
		p.text("divisionB", r.DivisionBName)
		p.number("lengthM", r.LengthM, 3)
		p.text("legalStatus", r.LegalStatus)
		p.flag("synthetic", r.Synthetic)
		p.drawn(r.LegalStatus, r.Source, r.Dated)
		from, to := p.valid(r.Valid)
		items = append(items, index.Item{ID: r.ID.String(), From: from, To: to, Geometry: r.Geometry, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}
