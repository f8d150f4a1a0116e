package print_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/geo"
)

// printed is a marker of a line across 106.5° E, with its record.
func printed() print.PrintedMarker {
	height, sigma := 312.4, 0.05
	at := orb.Point{106.55, 29.56}
	east, north, _ := geo.Frame("4545").FromCGCS2000(at)
	plane := &boundary.PlanePosition{EPSG: 4545, XM: math.Round(north*1000) / 1000, YM: math.Round(east*1000) / 1000}
	return print.PrintedMarker{
		Number: "5052014", Stone: "A", State: "intact", At: at, Custodian: "江津区", N: 2, Of: 2, ValidFrom: "2026-11-01", Reason: "电杆<迁移>",
		Document: "重庆市与贵州省行政区域界线联合勘定协议书 渝黔界〔2000〕1号", RegisteredBy: "江津区民政局", PartyA: "重庆市", PartyB: "贵州省",
		Record: boundary.MarkerRecord{
			Placement: boundary.PairStone, Faces: "two-face", Material: "stone", UnitA: "江津区四面山镇飞龙村", UnitB: "习水县三岔河镇", Plane: plane,
			Location:   "5052014A 界桩为同号双立双面石质界桩，位于贵州省习水县三岔河镇与重庆市江津区四面山镇接壤的石桥东侧（东经 106°33′00.00″，北纬 29°33′36.00″），高程为 312.4 m（1985 国家高程基准）。",
			ElevationM: &height, HeightDatum: "1985", Method: "GNSS RTK", SigmaM: &sigma, SurveyedOn: "2026-10-08", Surveyor: "重庆市勘测院 测量组", Checker: "贵州省测绘院 质检组",
			OldPosition: "西安80 3°带 X=3273456.12 Y=36359876.34", Remark: "碑面字迹已描红",
			Objects: []boundary.WitnessRecord{
				{Name: "石桥东北角", BearingMinutes: 13630, DistanceM: 36.2}, {Name: "电杆 <12>", BearingMinutes: 3430, DistanceM: 12.5}, {Name: "独立树", BearingMinutes: 10800, DistanceM: 48},
			},
		},
	}
}

func recordPage(t *testing.T, m print.PrintedMarker) string {
	t.Helper()
	in := print.MarkerRecord{
		PrintedMarker: m, LineName: "渝黔线", LineCode: "5052", LineLevel: "province", Notice: "示意，不作为划界依据", MapReviewNumber: "渝S（2026）001号",
		PrintedAt: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC),
	}
	if objects := m.Record.Witnesses(); len(objects) > 0 {
		in.Sketch = &boundary.Sketch{Number: m.Number + m.Stone, Objects: objects, Line: []geo.GridBearing{271, 40}}
	}
	var b bytes.Buffer
	if err := print.WriteMarkerRecord(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tablePage(t *testing.T, markers ...print.PrintedMarker) string {
	t.Helper()
	var b bytes.Buffer
	err := print.WriteMarkerTable(&b, print.MarkerTable{
		LineName: "渝黔线", LineCode: "5052", LineLevel: "province", PartyA: "重庆市", PartyB: "贵州省", Markers: markers, Grade: "涉密", Source: "示例",
		PrintedAt: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func holds(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	for _, forbidden := range []string{"<script", "https://", "<迁移>", "<12>", "ZgotmplZ", "style="} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page contains %s", forbidden)
		}
	}
}

func TestTheRecordOfAMarkerPrints(t *testing.T) {
	m := printed()
	holds(t, recordPage(t, m), "5052014A", "同号双立 双面型 石质", "106°33′00.0000″", "29°33′36.0000″", "中央经线 108°，EPSG:4545（Y 前不带带号）", "312.40", "1985 国家高程基准",
		"227°10′", "36.2", "±0.05", "西安80 3°带", "第 2 版", "2026年11月1日起有效", "电杆&lt;迁移&gt;", "渝黔界〔2000〕1号", "甲方代表", "<svg ", "1 : ", "示意，不作为划界依据", "审图号：渝S")
	blank := print.PrintedMarker{Number: "5052015", Stone: "Q", State: "intact", At: orb.Point{106.45, 29.5}, PartyA: "重庆市", PartyB: "贵州省"}
	holds(t, recordPage(t, blank), "尚无登记表", "X、Y 由登记位置计算", "EPSG:4523（35 带，Y 前带带号）", "略图待绘")
}

// TestMarkersOfTwoZonesAreGivenEachInItsOwn prints a line across 106.5° E.
func TestMarkersOfTwoZonesAreGivenEachInItsOwn(t *testing.T) {
	west := print.PrintedMarker{Number: "5052001", Stone: "Q", State: "damaged", At: orb.Point{106.45, 29.5}, Grade: "涉密"}
	page := tablePage(t, west, printed())
	for _, m := range []print.PrintedMarker{west, printed()} {
		zone, err := geo.ZoneOf(m.At[0], 3)
		if err != nil {
			t.Fatal(err)
		}
		text, err := boundary.PlaneText(m.At, zone)
		if err != nil {
			t.Fatal(err)
		}
		_, y, _ := strings.Cut(text, "Y ")
		y, _, _ = strings.Cut(y, "（")
		holds(t, page, `<td class="n">`+y+`</td>`)
	}
	holds(t, page, "第 35 带，中央经线 105°（EPSG:4523）；第 36 带，中央经线 108°（EPSG:4524）", "损坏", "无登记表", "涉密", "江津区四面山镇飞龙村", "共 <data value=\"2\">2</data> 座")
	holds(t, tablePage(t), "本线没有登记的界桩")
}
