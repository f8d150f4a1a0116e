package gazetteer

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// PlaceClass is what a place is, finer than its category.
type PlaceClass struct {
	Code     string   `json:"code"`
	System   string   `json:"system"` // gb18521: GB/T 18521-2001; cq-2022: 《重庆市地名管理条例》第三条
	Name     string   `json:"name"`
	Parent   string   `json:"parent"`   // the class above, "" for none
	Category Category `json:"category"` // that of the law; "" where places of several come under the class
	Census   string   `json:"census"`   // working class of the second national census of place names
	SameAs   string   `json:"sameAs"`   // class of GB/T 18521 that a provincial one comes under
	Verified bool     `json:"verified"` // held against a text; false: from memory
	Source   string   `json:"source"`
}

// PlaceClassSystems are the systems a class can be of.
var PlaceClassSystems = []string{"gb18521", "cq-2022"}

// Check refuses a class that is none: Malformed "bad-class".
func (c PlaceClass) Check() error {
	switch {
	case c.Code == "" || c.Name == "":
		return fault.New(fault.Malformed, "bad-class", "分类“%s”（%s）须有代码和名称", c.Name, c.Code)
	case !slices.Contains(PlaceClassSystems, c.System):
		return fault.New(fault.Malformed, "bad-class", "分类 %s 的体系“%s”不对：可用 %s", c.Code, c.System, joined(PlaceClassSystems))
	case c.Code == c.Parent || c.Code == c.SameAs:
		return fault.New(fault.Malformed, "bad-class", "分类 %s 的上级或对应分类是它自己", c.Code)
	}
	return nil
}

// UnfitClass says why places of a category cannot have a class, as the code and the sentence of a finding: it is none, or of another
// category. Both are "" where they can, and for no class.
func UnfitClass(class string, c Category, classes []PlaceClass) (code, detail string) {
	if class == "" {
		return "", ""
	}
	i := slices.IndexFunc(classes, func(c PlaceClass) bool { return c.Code == class })
	switch {
	case i < 0:
		return "bad-class", fmt.Sprintf("不认识的分类代码“%s”：可用的见分类表（/api/place-classes）", class)
	case classes[i].Category != "" && classes[i].Category != c:
		return "class-of-other-category", fmt.Sprintf("“%s”（%s）不属于所给的地名类别：请改分类或类别", classes[i].Name, class)
	}
	return "", ""
}

// PlaceRecord is what is recorded of a place itself: what it is, and where.
type PlaceRecord struct {
	Category  Category
	Class     string       // code of a PlaceClass, "" where nobody said
	LocatedBy LocatedBy    // how its position is known
	Geometry  orb.Geometry // CGCS2000 degrees: point, line, area, or several of them; nil where only the division is known
	Reason    string
	Document  Document
}

// Same reports whether the record says the same of the place, whatever the reason and the paper.
func (r PlaceRecord) Same(as PlaceRecord) bool {
	return r.Category == as.Category && r.Class == as.Class && r.LocatedBy == as.LocatedBy && !r.Moves(as)
}

// Moves reports whether the record says of the place that it is elsewhere, or of another shape.
func (r PlaceRecord) Moves(was PlaceRecord) bool {
	return (r.Geometry == nil) != (was.Geometry == nil) || r.Geometry != nil && !orb.Equal(r.Geometry, was.Geometry)
}

// Check finds all that is wrong with the record as a correction of what was recorded; classes are those that are known.
func (r PlaceRecord) Check(was PlaceRecord, represents bool, classes []PlaceClass) []fault.Finding {
	var found []fault.Finding
	switch {
	case !slices.Contains(Categories, r.Category):
		found = append(found, fault.Blocking("bad-category", "/category", "不认识的地名类别“%s”：可用 %s", r.Category, joined(Categories)))
	case r.Category != was.Category && (represents || r.Category == DivisionCategory || was.Category == DivisionCategory):
		found = append(found, fault.Blocking("category-of-division", "/category", "行政区划和村（居）委会驻地的类别随行政区划而定，不在这里更改"))
	}
	if code, detail := UnfitClass(r.Class, r.Category, classes); code != "" {
		found = append(found, fault.Blocking(code, "/class", "%s", detail))
	}
	found = append(found, r.checkPosition()...)
	if r.Reason == "" {
		found = append(found, fault.Blocking("reason-missing", "/reason", "请写明理由：为什么更正这个地名的记录"))
	}
	return append(found, checkPaper(r.Document)...)
}

// checkPosition finds what is wrong with the position and with how it is said to be known.
func (r PlaceRecord) checkPosition() []fault.Finding {
	switch {
	case !slices.Contains([]LocatedBy{BySurvey, ByMap, ByDivision}, r.LocatedBy):
		return []fault.Finding{fault.Blocking("located-by", "/locatedBy", "不认识的定位方式“%s”：可用 survey（实测）、map（图上）、division（只知所在行政区划）", r.LocatedBy)}
	case (r.Geometry == nil) != (r.LocatedBy == ByDivision):
		return []fault.Finding{fault.Blocking("located-by", "/locatedBy", "定位方式与有无位置不符：有位置的是实测或图上，没有位置的是只知所在行政区划")}
	case r.Geometry == nil:
		return nil
	}
	return CheckPosition(r.Geometry)
}

// maxVertices bounds the vertices of the areas of a place: the finest lakes and ranges have a tenth of it.
const maxVertices = 100_000

// CheckPosition finds what is wrong with the shape of a place: positions that are none in China or stand latitude first, lines of
// one point, areas that are not valid (geo.CheckPolygon), shapes within shapes, more than maxVertices vertices.
func CheckPosition(g orb.Geometry) (found []fault.Finding) {
	parts, several := g.(orb.Collection)
	if !several {
		parts = orb.Collection{g}
	}
	if len(parts) == 0 {
		return []fault.Finding{fault.Blocking("empty-geometry", "/geometry", "图形里没有内容：请给出点、线或面")}
	}
	n := 0
	for _, part := range parts {
		if !isShape(part) {
			return []fault.Finding{fault.Blocking("bad-geometry", "/geometry", "图形的种类是 %s：请给出点、线、面，或由它们组成的一层集合；线至少两个点", part.GeoJSONType())}
		}
		if f := outsideChina(part.Bound()); f != nil {
			return []fault.Finding{*f}
		}
		for _, area := range geo.Areas(part) {
			for _, ring := range area {
				n += len(ring)
			}
		}
		if n > maxVertices {
			return []fault.Finding{fault.Blocking("too-many-vertices", "/geometry", "面的顶点有 %d 个以上，一处地名最多 %d 个：请先抽稀", n, maxVertices)}
		}
		for _, f := range geo.CheckPolygon(part) {
			if f.Severity == fault.Block {
				f.Pointer = "/geometry"
				found = append(found, f)
			}
		}
	}
	return found
}

func isShape(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.Point, orb.Polygon:
		return true
	case orb.MultiPoint:
		return len(g) > 0
	case orb.LineString:
		return len(g) > 1
	case orb.MultiLineString:
		return len(g) > 0 && !slices.ContainsFunc(g, func(l orb.LineString) bool { return len(l) < 2 })
	case orb.MultiPolygon:
		return len(g) > 0
	}
	return false
}

// The land and seas of China lie within these degrees.
var china = orb.Bound{Min: orb.Point{73, 3}, Max: orb.Point{136, 54}}

func outsideChina(b orb.Bound) *fault.Finding {
	if china.Contains(b.Min) && china.Contains(b.Max) {
		return nil
	}
	f := fault.Blocking("out-of-china", "/geometry", "坐标 %.6f, %.6f 不在我国范围内：应为 CGCS2000 经纬度，经度在前", b.Min[0], b.Min[1])
	if turned := (orb.Point{b.Min[1], b.Min[0]}); china.Contains(turned) {
		f = fault.Blocking("latitude-first", "/geometry", "坐标 %.6f, %.6f 像是纬度在前：请把经度写在前面", b.Min[0], b.Min[1])
	}
	return &f
}
