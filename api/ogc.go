package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"fangyu/geo/index"
)

// conformanceClasses are those the server keeps to.
var conformanceClasses = []string{
	"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
	"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
	"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
}

func (s *Server) landing(c *gin.Context) error {
	base := s.base(c)
	c.JSON(http.StatusOK, gin.H{
		"title":       "方舆 Fangyu",
		"description": "标准地名与行政区域界线 Standard place names and boundary lines. " + referenceNotice,
		"links": []link{
			{base + "/ogc", "self", "application/json", "本页"},
			{base + "/ogc/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0", "接口定义"},
			{base + "/docs", "service-doc", "text/html", "接口说明"},
			{base + "/ogc/conformance", "conformance", "application/json", "符合的标准"},
			{base + "/ogc/collections", "data", "application/json", "要素集"},
		},
	})
	return nil
}

func (s *Server) conformance(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"conformsTo": conformanceClasses})
	return nil
}

type collectionAnswer struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	ItemType    string   `json:"itemType"`
	ItemCount   int      `json:"itemCount"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Extent      *extent  `json:"extent,omitempty"`
	Links       []link   `json:"links"`
}

type extent struct {
	Spatial struct {
		BBox [][4]float64 `json:"bbox"`
		CRS  string       `json:"crs"`
	} `json:"spatial"`
	Temporal struct {
		Interval [][2]*string `json:"interval"`
	} `json:"temporal"`
}

// describe tells about a collection; its count is that of the items valid today.
func (s *Server) describe(c *gin.Context, info collectionInfo, items *index.Collection) collectionAnswer {
	self := s.base(c) + "/ogc/collections/" + info.id
	_, _, count := items.Search(index.Query{Day: s.today(), Limit: 1})
	out := collectionAnswer{
		ID: info.id, Title: info.title, Description: info.description, ItemType: "feature", ItemCount: count,
		CRS: frames, StorageCRS: crs84,
		Links: []link{
			{self, "self", "application/json", info.title},
			{self + "/items", "items", geoJSON, info.title},
			{self + "/schema", "describedby", "application/schema+json", "属性"},
			{self + "/schema", "http://www.opengis.net/def/rel/ogc/1.0/schema", "application/schema+json", "属性"},
			{self + "/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", "application/schema+json", "可用于筛选的属性"},
			{s.base(c) + "/tiles/" + info.id + "/{z}/{x}/{y}.mvt", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "application/vnd.mapbox-vector-tile", "矢量瓦片"},
		},
	}
	if b, ok := items.Extent(); ok {
		out.Extent = &extent{}
		out.Extent.Spatial.BBox = [][4]float64{{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}
		out.Extent.Spatial.CRS = crs84
		out.Extent.Temporal.Interval = [][2]*string{{nil, nil}}
	}
	return out
}

func (s *Server) collections(c *gin.Context) error {
	snap, err := s.current()
	if err != nil {
		return err
	}
	all := make([]collectionAnswer, len(collectionInfos))
	for i, info := range collectionInfos {
		all[i] = s.describe(c, info, snap.Collections[info.id])
	}
	c.JSON(http.StatusOK, gin.H{
		"collections": all, "crs": frames,
		"links": []link{{s.base(c) + "/ogc/collections", "self", "application/json", "要素集"}},
	})
	return nil
}

func (s *Server) collection(c *gin.Context) error {
	info, items, _, err := s.found(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, s.describe(c, info, items))
	return nil
}

// schema describes the properties of a collection as JSON Schema (OGC API Features part 5).
func (s *Server) schema(c *gin.Context) error { return s.describeProperties(c, "schema") }

// queryables describes the properties a collection can be filtered by, which are all of them (part 3).
func (s *Server) queryables(c *gin.Context) error { return s.describeProperties(c, "queryables") }

var geometryFormats = map[string]string{
	"Point": "geometry-point", "MultiPolygon": "geometry-multipolygon", "MultiLineString": "geometry-multilinestring",
}

func (s *Server) describeProperties(c *gin.Context, as string) error {
	info, ok := infoOf(c.Param("id"))
	if !ok {
		return noCollection(c.Param("id"))
	}
	format, ok := geometryFormats[info.geometry]
	if !ok {
		format = "geometry-any"
	}
	props := gin.H{"geometry": gin.H{"format": format, "x-ogc-role": "primary-geometry"}}
	for i, p := range info.props {
		one := gin.H{"title": p.title, "type": p.kind, "x-ogc-propertySeq": i + 1}
		if p.kind == "date" {
			one["type"], one["format"] = "string", "date"
		}
		props[p.name] = one
	}
	c.Header("Content-Type", "application/schema+json")
	c.JSON(http.StatusOK, gin.H{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": s.base(c) + "/ogc/collections/" + info.id + "/" + as,
		"type": "object", "title": info.title, "properties": props, "additionalProperties": false,
	})
	return nil
}
