package gazsql

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// A file that would fit what is there if it were in another frame than declared is held. Points in the right frame are
// outside their counties now and then; of the 2,118 of a list of Chongqing in GCJ-02, 2 are when read as such and 33 when
// read as WGS 84. Outlines of different makers lie some tens of metres apart, those of another frame some hundreds.
const (
	suspectAtLeast = 5   // points outside
	suspectFromM   = 100 // median distance of outlines
	suspectTimes   = 5   // as much as in the other frame
)

// readings are the frames in which degrees of a file may really be: as they stand, or as consumer maps shift them.
var readings = []geo.Frame{geo.CGCS2000, geo.GCJ02, geo.BD09}

// checkFrame holds the points of rows against the shapes of their counties, and outlines against those that are there of
// the same divisions, read as declared and read as GCJ-02 or BD-09. A file that nothing can be held against is taken with
// the warning "frame-unchecked".
//
// Errors: Refused "frame-suspect" when the other reading fits far better and nobody confirmed the declared one.
func (r *Run) checkFrame(rows []*divisionRow, known knownDivisions) error {
	if r.ConfirmFrame || !r.Frame.Geographic() {
		return nil
	}
	points, err := r.checkPoints(rows, known)
	if err != nil {
		return err
	}
	outlines, err := r.checkOutlines(rows, known)
	if err != nil {
		return err
	}
	located := slices.ContainsFunc(rows, func(row *divisionRow) bool { return row.point != nil || row.shape != nil })
	if located && points+outlines == 0 {
		r.Remark(0, "frame-unchecked", fault.Warning,
			"坐标系（%s）没有核对：库中还没有可以对照的图形。若文件来自互联网地图，坐标可能偏移数百米，请先用已知位置核对", r.Frame)
	}
	return nil
}

// checkPoints counts the points that could be held against the shape of their county.
func (r *Run) checkPoints(rows []*divisionRow, known knownDivisions) (points int, err error) {
	shapes := map[gazetteer.DivisionCode]orb.MultiPolygon{}
	for _, row := range rows {
		if row.level == gazetteer.County && row.shape != nil {
			shapes[row.code] = row.shape
		}
	}
	outside := map[geo.Frame]int{}
	for _, row := range rows {
		if row.point == nil || row.level == gazetteer.Province || row.level == gazetteer.Prefecture {
			continue
		}
		county := shapeOf(row.code[:6], shapes, known)
		if county == nil {
			continue
		}
		points++
		for _, f := range readings {
			p, err := f.ToCGCS2000(row.point[0], row.point[1])
			if err != nil || !planar.MultiPolygonContains(county, p) {
				outside[f]++
			}
		}
	}
	for _, f := range readings[1:] {
		if n := outside[geo.CGCS2000]; n >= suspectAtLeast && n >= suspectTimes*outside[f] {
			return points, fault.New(fault.Refused, "frame-suspect",
				"文件按 %s 读，%d 个点中有 %d 个落在所属区县之外；按 %s 读只有 %d 个。请核对坐标系：若是后者，用 --frame %s 并加 --confirm-frame；若声明无误，加 --confirm-frame",
				r.Frame, points, n, f, outside[f], f)
		}
	}
	return points, nil
}

// outlineSamples is how many vertices of each outline are held against the one that is there.
const outlineSamples = 50

// checkOutlines counts the outlines that could be held against one that is there. What is not the same outline any more,
// because a boundary was changed, is little of a file, so that the median does not see it.
func (r *Run) checkOutlines(rows []*divisionRow, known knownDivisions) (outlines int, err error) {
	distances := map[geo.Frame][]float64{}
	for _, row := range rows {
		k, _ := known.current(row.code)
		if row.shape == nil || k.Shape == nil {
			continue
		}
		there, err := geo.NewChain(geo.Outline(geo.Areas(k.Shape)))
		if err != nil {
			continue // without extent
		}
		outlines++
		vertices := slices.Concat(geo.Outline(row.shape)...)
		for i := 0; i < len(vertices); i += 1 + len(vertices)/outlineSamples {
			for _, f := range readings {
				p, err := f.ToCGCS2000(vertices[i][0], vertices[i][1])
				if err != nil {
					return outlines, err
				}
				_, m := there.Project(p)
				distances[f] = append(distances[f], math.Abs(m))
			}
		}
	}
	as := median(distances[geo.CGCS2000])
	for _, f := range readings[1:] {
		if m := median(distances[f]); as >= suspectFromM && as >= suspectTimes*m {
			return outlines, fault.New(fault.Refused, "frame-suspect",
				"文件按 %s 读，%d 个图形的界线与库中同一代码的图形一般相距 %.0f 米；按 %s 读为 %.0f 米。请核对坐标系：若是后者，用 --frame %s 并加 --confirm-frame；若声明无误，加 --confirm-frame",
				r.Frame, outlines, as, f, m, f)
		}
	}
	return outlines, nil
}

// median returns the middle of a list, 0 of an empty one.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// shapeOf returns the shape of a county from the file or the record, kept in shapes; nil where none is known.
func shapeOf(code gazetteer.DivisionCode, shapes map[gazetteer.DivisionCode]orb.MultiPolygon, known knownDivisions) orb.MultiPolygon {
	if shape, ok := shapes[code]; ok {
		return shape
	}
	d, _ := known.current(code)
	shapes[code] = geo.Areas(d.Shape)
	return shapes[code]
}
