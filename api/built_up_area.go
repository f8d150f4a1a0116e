package api

import (
	"context"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
)

var builtUpAreaCollection = collectionInfo{
	id: "built-up-areas", title: "建成区 Built-up areas", description: "城市、镇的建成区，地名重名与同音检查的范围之一",
	geometry: "MultiPolygon", tables: []string{"built_up_area"}, load: loadBuiltUpAreas, tileProps: []string{"name"},
	props: withValidity(
		propInfo{"name", "string", "名称"}, propInfo{"synthetic", "boolean", "合成示例"}, propInfo{"source", "string", "来源"},
	),
}

func loadBuiltUpAreas(ctx context.Context, s *Server) ([]index.Item, error) {
	var items []index.Item
	err := s.Gaz.EachBuiltUpArea(ctx, func(a gazsql.BuiltUpAreaRow) error {
		var p properties
		p.text("name", a.Name)
		p.flag("synthetic", a.Synthetic)
		p.text("source", a.Source)
		from, to := p.valid(a.Valid)
		items = append(items, index.Item{ID: a.ID.String(), From: from, To: to, Geometry: a.Geom, Props: []index.Prop(p)})
		return nil
	})
	return items, err
}
