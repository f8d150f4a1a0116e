package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/index"
	"fangyu/internal/fault"
)

// exporting is how a collection is read at full precision for who may have it; the others are given out to everybody as
// they are stored.
var exporting = map[string]func(ctx context.Context, s *Server, who gazetteer.Actor) ([]index.Item, error){
	"places": func(ctx context.Context, s *Server, who gazetteer.Actor) (items []index.Item, err error) {
		err = s.Gaz.EachPlaceIn(ctx, who.Jurisdiction, s.Now(), func(r gazsql.PlaceRow) error {
			items = append(items, placeItem(r))
			return nil
		})
		return items, err
	},
	"markers": func(ctx context.Context, s *Server, who gazetteer.Actor) (items []index.Item, err error) {
		err = s.Bound.MarkersFor(ctx, who, s.Now(), func(m boundsql.MarkerView) error {
			items = append(items, markerItem(m))
			return nil
		})
		return items, err
	},
}

// export answers what of a collection lies in the actor's jurisdiction, at full precision, with the parameters of items.
// Without limit= it is all of it. It is written down, and measured, before the first byte. With f= the places come as a file.
func (s *Server) export(c *gin.Context) error {
	who, id := actor(c), c.Param("id")
	read, ok := exporting[id]
	if !ok {
		return fault.New(fault.NotFound, "no-such-export", "没有“%s”的导出：可用 places、markers；其余要素集在 /ogc 下原样提供", id)
	}
	if err := mayTakeOut(who); err != nil {
		return err
	}
	if f := c.Query("f"); id == "places" && f != "" && f != "json" {
		return s.exportFile(c, who)
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	items, err := read(c.Request.Context(), s, who)
	if err != nil {
		return err
	}
	info, _ := infoOf(id)
	all := index.NewCollection(id, items)
	extent, _ := all.Extent()
	q, err := s.readItemsQuery(c, info, extent)
	if err != nil {
		return err
	}
	if !q.values.Has("limit") {
		q.Limit = 0
	}
	page, next, matched := all.Search(q.Query)
	if c.Request.Method != http.MethodHead {
		if err := s.Gaz.RecordExport(c.Request.Context(), who, s.Now(), s.ExportLimit, exportOf(id, q, page)); err != nil {
			return err
		}
	}
	links := s.exportLinks(c, q.values, q.nextToken(next))
	c.Header("Content-Type", geoJSON)
	c.Header("Content-Crs", "<"+frameOf(q.latitudeFirst)+">")
	c.Header("Content-Disposition", `attachment; filename="`+id+`.geojson"`)
	c.Header("Cache-Control", "private, no-store")
	c.Status(http.StatusOK)
	return s.writePage(c, page, matched, links, q.latitudeFirst)
}

// mayTakeOut refuses who has no jurisdiction to export, and who works in one by assignment only: Forbidden "not-yours".
func mayTakeOut(who gazetteer.Actor) error {
	if boundary.ByAssignment(who) {
		return fault.New(fault.Forbidden, "not-yours", "按任务作业的人员不导出数据：请由委托的民政部门导出")
	}
	return gazsql.MayExport(who)
}

// exportOf describes a page for the meter.
func exportOf(collection string, q itemsQuery, page []*index.Item) gazsql.Export {
	e := gazsql.Export{Collection: collection, Features: len(page)}
	if q.Bound != nil {
		e.BBox = bboxOf(*q.Bound)
	}
	for _, it := range page {
		e.Cells = append(e.Cells, geo.Cells(it.Geometry)...)
	}
	slices.Sort(e.Cells)
	e.Cells = slices.Compact(e.Cells)
	return e
}

func (s *Server) exportLinks(c *gin.Context, values url.Values, next string) []link {
	self := s.base(c) + "/api/exports/" + c.Param("id")
	links := []link{{withQuery(self, values), "self", geoJSON, ""}}
	if next != "" {
		v := url.Values{"next": {next}}
		for name, value := range values {
			if name != "next" {
				v[name] = value
			}
		}
		links = append(links, link{withQuery(self, v), "next", geoJSON, ""})
	}
	return links
}
