package feature

import (
	"bufio"
	bin "encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/internal/fault"
)

// shpReader reads the shapes of a Shapefile one after the other (ESRI White Paper, July 1998). Heights and measures are
// not read.
type shpReader struct {
	name    string // of the part, for people
	r       *bufio.Reader
	left    int64 // bytes of the file, as its head says
	buf     []byte
	heights int
}

func newSHPReader(name string, r io.Reader) (*shpReader, error) {
	s := &shpReader{name: shown(name), r: bufio.NewReaderSize(r, 64<<10)}
	var head [100]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return nil, s.broken(err)
	}
	s.left = int64(bin.BigEndian.Uint32(head[24:]))*2 - 100
	if bin.BigEndian.Uint32(head[:]) != 9994 || s.left < 0 {
		return nil, s.broken(nil)
	}
	return s, nil
}

func (s *shpReader) broken(err error) error {
	return fault.Wrap(err, fault.Malformed, "bad-shp", "图形文件 %s 已损坏或不完整：请从原软件重新导出", s.name)
}

// next reads a shape. bad is an error of this shape alone; ok is false at the end or with an error of the file.
func (s *shpReader) next(record int) (g orb.Geometry, bad error, ok bool, err error) {
	if s.left == 0 {
		return nil, nil, false, nil
	}
	var head [8]byte
	if _, err := io.ReadFull(s.r, head[:]); err != nil {
		return nil, nil, false, s.broken(err)
	}
	size := int64(bin.BigEndian.Uint32(head[4:])) * 2
	if s.left -= 8 + size; size < 4 || s.left < 0 {
		return nil, nil, false, s.broken(fmt.Errorf("shape %d of %d bytes", record, size))
	}
	if size > MaxRecordBytes {
		return nil, nil, false, fault.New(fault.TooLarge, "record-too-large", "%s 的第 %d 个图形超过 %d 字节", s.name, record, int64(MaxRecordBytes))
	}
	if s.buf, err = readFull(s.r, s.buf, int(size)); err != nil {
		return nil, nil, false, s.broken(err)
	}
	if g, err = s.shape(s.buf); err != nil {
		return nil, badRecord(record, "bad-geometry", "%s", err.Error()), true, nil
	}
	return g, nil, true, nil
}

// readFull reads n bytes into buf, growing it as they come: what a head says is not believed before it is there.
func readFull(r io.Reader, buf []byte, n int) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < n {
		from := len(buf)
		buf = append(buf, make([]byte, min(n-from, 1<<20))...)
		if _, err := io.ReadFull(r, buf[from:]); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// The errors of a shape, in words for people.
var (
	errShapeShort = errors.New("图形的数据不完整：请从原软件重新导出")
	errShapeNaN   = errors.New("坐标不是有限的数")
	errShapeEmpty = errors.New("图形没有坐标")
	errLineShort  = errors.New("一条线至少要有两个点")
	errRingOpen   = errors.New("面的环至少要有四个点，且首尾相同")
	errRingsMany  = errors.New("一个图形里的环太多：请拆成几个再导入")
)

// maxRingPairs bounds the holes times the areas they are looked for in.
const maxRingPairs = 20_000_000

func (s *shpReader) shape(b []byte) (orb.Geometry, error) {
	typ := bin.LittleEndian.Uint32(b)
	b = b[4:]
	if typ > 10 && typ < 20 && len(b) > 0 {
		s.heights++
	}
	switch typ {
	case 0:
		return nil, nil
	case 1, 11, 21:
		points, err := shapePoints(b, 1)
		if err != nil {
			return nil, err
		}
		return points[0], nil
	case 8, 18, 28:
		if len(b) < 36 {
			return nil, errShapeShort
		}
		points, err := shapePoints(b[36:], int64(bin.LittleEndian.Uint32(b[32:])))
		if err != nil {
			return nil, err
		}
		return orb.MultiPoint(points), nil
	case 3, 13, 23, 5, 15, 25:
		paths, err := shapePaths(b)
		if err != nil {
			return nil, err
		}
		if typ%10 == 3 {
			return linesOf(paths)
		}
		return areasOf(paths)
	}
	return nil, fmt.Errorf("不读这种图形（类型 %d）：只读点、多点、线和面", typ)
}

func shapePoints(b []byte, n int64) ([]orb.Point, error) {
	switch {
	case n == 0:
		return nil, errShapeEmpty
	case int64(len(b)) < n*16:
		return nil, errShapeShort
	}
	points := make([]orb.Point, n)
	for i := range points {
		for j := range 2 {
			v := math.Float64frombits(bin.LittleEndian.Uint64(b[i*16+j*8:]))
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errShapeNaN
			}
			points[i][j] = v
		}
	}
	return points, nil
}

// shapePaths reads the parts of a line or an area.
func shapePaths(b []byte) ([][]orb.Point, error) {
	if len(b) < 40 {
		return nil, errShapeShort
	}
	parts, n := int64(bin.LittleEndian.Uint32(b[32:])), int64(bin.LittleEndian.Uint32(b[36:]))
	b = b[40:]
	if parts == 0 {
		return nil, errShapeEmpty
	}
	if int64(len(b)) < parts*4 {
		return nil, errShapeShort
	}
	points, err := shapePoints(b[parts*4:], n)
	if err != nil {
		return nil, err
	}
	paths := make([][]orb.Point, parts)
	for i := range paths {
		from, to := int64(bin.LittleEndian.Uint32(b[i*4:])), n
		if int64(i+1) < parts {
			to = int64(bin.LittleEndian.Uint32(b[i*4+4:]))
		}
		if from >= to || to > n {
			return nil, errShapeShort
		}
		paths[i] = points[from:to:to]
	}
	return paths, nil
}

func linesOf(paths [][]orb.Point) (orb.Geometry, error) {
	var m orb.MultiLineString
	for _, p := range paths {
		if len(p) < 2 {
			return nil, errLineShort
		}
		m = append(m, p)
	}
	if len(m) == 1 {
		return m[0], nil
	}
	return m, nil
}

// areasOf puts holes, which run against the clock, into the areas around them, and turns both as GeoJSON has them (RFC 7946
// §3.1.6). A ring against the clock with no area around it is an area of a writer that did not turn it.
func areasOf(paths [][]orb.Point) (orb.Geometry, error) {
	var m orb.MultiPolygon
	var holes []orb.Ring
	for _, p := range paths {
		r := orb.Ring(p)
		if len(r) < 4 || !r.Closed() {
			return nil, errRingOpen
		}
		if r.Orientation() == orb.CW {
			m = append(m, orb.Polygon{r})
		} else {
			holes = append(holes, r)
		}
	}
	outer := len(m)
	if outer*len(holes) > maxRingPairs {
		return nil, errRingsMany
	}
	bounds := make([]orb.Bound, outer)
	for i := range outer {
		bounds[i] = m[i].Bound()
	}
	for _, h := range holes {
		if i := around(m[:outer], bounds, h[0]); i >= 0 {
			h.Reverse()
			m[i] = append(m[i], h)
		} else {
			m = append(m, orb.Polygon{h})
		}
	}
	for _, area := range m[:outer] {
		area[0].Reverse()
	}
	if len(m) == 1 {
		return m[0], nil
	}
	return m, nil
}

// around returns the area around p, the smallest where several are, -1 for none.
func around(areas []orb.Polygon, bounds []orb.Bound, p orb.Point) int {
	best := -1
	for i, a := range areas {
		if !bounds[i].Contains(p) || !planar.RingContains(a[0], p) {
			continue
		}
		if best < 0 || planar.Area(bounds[i]) < planar.Area(bounds[best]) {
			best = i
		}
	}
	return best
}
