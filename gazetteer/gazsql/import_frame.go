package gazsql

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// A file whose points would lie in their counties if it were in another frame than declared is held. Points in the right
// frame are outside now and then; of the 2,118 of a list of Chongqing in GCJ-02, 2 are when read as such and 33 when read
// as WGS 84.
const (
	suspectAtLeast = 5 // points outside
	suspectTimes   = 5 // as many as in the other frame
)

// checkFrame holds the points of rows against the shapes of their counties, read as declared and read as GCJ-02 or BD-09.
//
// Errors: Refused "frame-suspect" when the other reading fits far better and nobody confirmed the declared one.
func (r *Run) checkFrame(rows []*divisionRow, known knownDivisions) error {
	if r.ConfirmFrame || !r.Frame.Geographic() {
		return nil
	}
	shapes := map[gazetteer.DivisionCode]orb.MultiPolygon{}
	for _, row := range rows {
		if row.level == gazetteer.County && row.shape != nil {
			shapes[row.code] = row.shape
		}
	}
	points, outside := 0, map[geo.Frame]int{}
	for _, row := range rows {
		if row.point == nil || row.level == gazetteer.Province || row.level == gazetteer.Prefecture {
			continue
		}
		county := shapeOf(row.code[:6], shapes, known)
		if county == nil {
			continue
		}
		points++
		for _, f := range []geo.Frame{geo.CGCS2000, geo.GCJ02, geo.BD09} {
			p, err := f.ToCGCS2000(row.point[0], row.point[1])
			if err != nil || !planar.MultiPolygonContains(county, p) {
				outside[f]++
			}
		}
	}
	for _, f := range []geo.Frame{geo.GCJ02, geo.BD09} {
		if n := outside[geo.CGCS2000]; n >= suspectAtLeast && n >= suspectTimes*outside[f] {
			return fault.New(fault.Refused, "frame-suspect",
				"文件按 %s 读，%d 个点中有 %d 个落在所属区县之外；按 %s 读只有 %d 个。请核对坐标系：若是后者，用 --frame %s 并加 --confirm-frame；若声明无误，加 --confirm-frame",
				r.Frame, points, n, f, outside[f], f)
		}
	}
	return nil
}

// shapeOf returns the shape of a county from the file or the record, kept in shapes; nil where none is known.
func shapeOf(code gazetteer.DivisionCode, shapes map[gazetteer.DivisionCode]orb.MultiPolygon, known knownDivisions) orb.MultiPolygon {
	if shape, ok := shapes[code]; ok {
		return shape
	}
	var shape orb.MultiPolygon
	if d, ok := known.current(code); ok {
		switch g := d.Shape.(type) {
		case orb.MultiPolygon:
			shape = g
		case orb.Polygon:
			shape = orb.MultiPolygon{g}
		}
	}
	shapes[code] = shape
	return shape
}
