package boundary_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func TestAMarkerIsDescribedByThePattern(t *testing.T) {
	n, err := boundary.MarkerSchemeOf(boundary.ProvinceLine).Read("5052014A", "")
	if err != nil {
		t.Fatal(err)
	}
	height := 812.34
	m := boundary.MarkerText{
		Number: n, Face: "two-face", Material: "stone", UnitA: "重庆市甲县乙镇丙村", UnitB: "贵州省丁县戊镇己村",
		Feature: "石拱桥", Side: "东侧", At: orb.Point{106.55, 29.56}, ElevationM: &height,
		Objects: []boundary.WitnessObject{
			{Name: "桥头石狮", Sight: boundary.Sight{Bearing: 227.16667, DistanceM: 36.3}},
			{Name: "水井", Sight: boundary.Sight{Bearing: 57.16667, DistanceM: 12}},
			{Name: "电杆", Sight: boundary.Sight{Bearing: 180, DistanceM: 105.75}},
		},
	}
	want := "5052014A 界桩为同号双立双面石质界桩，位于贵州省丁县戊镇己村与重庆市甲县乙镇丙村接壤的石拱桥东侧" +
		"（东经 106°33′00.00″，北纬 29°33′36.00″），高程为 812.3 m（1985 国家高程基准）。" +
		"在坐标方位角 227°10′，距离 36.3 m 处为桥头石狮；在坐标方位角 57°10′，距离 12.0 m 处为水井；在坐标方位角 180°00′，距离 105.8 m 处为电杆。"
	if got := boundary.DescribeMarker(m); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	bare := boundary.DescribeMarker(boundary.MarkerText{Number: boundary.MarkerNumber{Number: "江渝003"}, Material: "新型石质", At: orb.Point{106.55, 29.56}})
	if want := "江渝003 界桩为新型石质界桩，位于界线上（东经 106°33′00.00″，北纬 29°33′36.00″）。"; bare != want {
		t.Errorf("got\n%s\nwant\n%s", bare, want)
	}
}

func TestPlaneCoordinatesAreXNorthAndYWithItsZone(t *testing.T) {
	z, err := geo.ZoneOf(106.55, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := boundary.PlaneText(orb.Point{106.55, 29.56}, z)
	if want := "X 3272217.299，Y 36359474.087（CGCS2000，3° 带第 36 带，中央经线 108°）"; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if _, err := boundary.PlaneText(orb.Point{106.55, 99}, z); err == nil {
		t.Error("a latitude of 99° has coordinates")
	}
	if got := boundary.LonLatText(orb.Point{-0.5, -1.25}); got != "西经 0°30′00.00″，南纬 1°15′00.00″" {
		t.Errorf("the other half of the earth: %s", got)
	}
}

// A line that goes 1,000 m north-east along a ridge, 800 m east along a river over a road, then 600 m east in a straight line.
func courseLine(t *testing.T) *geo.Chain {
	t.Helper()
	p := orb.LineString{{106.5, 29.5}}
	for _, way := range []struct{ azimuth, m float64 }{{50, 500}, {40, 500}, {90, 800}, {91, 600}} {
		p = append(p, geo.Direct(p[len(p)-1], way.azimuth, way.m))
	}
	return chainOf(t, orb.MultiLineString{p})
}

func TestACourseIsDescribedByThePattern(t *testing.T) {
	line := courseLine(t)
	for name, c := range map[string]struct {
		course boundary.Course
		want   string
	}{
		"marks and places": {
			boundary.Course{
				From: "5052014A 号界桩", To: "5052015Q 号界桩", FromM: 0, ToM: line.LengthM(),
				Marks:  []boundary.CourseMark{{0, 1000, "ridge", ""}, {1000, 1800, "river-centre", "清水河"}, {1800, 9999, "straight", ""}},
				Points: []boundary.CoursePoint{{1000.4, "812.3 高程点", false}, {1300, "公路", true}},
			},
			"从 5052014A 号界桩起，边界线向东北沿山脊行 1000 米至 812.3 高程点，转东沿清水河河道中心线行 300 米，穿过公路，" +
				"继续向东沿清水河河道中心线行 500 米，继续向东以直线行 600 米，到达 5052015Q 号界桩，全长 2400 米。",
		},
		"nothing known": {
			boundary.Course{From: "甲点", To: "乙点", FromM: 0, ToM: 1e9},
			"从甲点起，边界线向东北行 1000 米，转东行 1400 米，到达乙点，全长 2400 米。",
		},
		"a piece of one leg": {
			boundary.Course{From: "甲点", To: "乙点", FromM: 1100.4, ToM: 1200.4, Marks: []boundary.CourseMark{{0, 2400, "road", "老鹰岩公路"}}},
			"从甲点起，边界线向东沿老鹰岩公路行 100 米，到达乙点，全长 100 米。",
		},
	} {
		got, err := boundary.DescribeCourse(line, c.course)
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
	}
	for _, empty := range [][2]float64{{5, 5}, {10, 5}, {1e6, 2e6}} {
		if _, err := boundary.DescribeCourse(line, boundary.Course{FromM: empty[0], ToM: empty[1]}); !fault.Is(err, "course-empty") {
			t.Errorf("%v: %v", empty, err)
		}
	}
}

func TestACourseOverTwoPartsSaysSo(t *testing.T) {
	line := chainOf(t, orb.MultiLineString{{{106.5, 29.5}, {106.5, 29.51}}, {{106.6, 29.5}, {106.61, 29.5}}})
	got, err := boundary.DescribeCourse(line, boundary.Course{From: "甲点", To: "乙点", ToM: line.LengthM()})
	if err != nil || !strings.Contains(got, "向北行 1108 米，此部分界线至此为止，另一部分向东行 970 米，到达乙点") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestMarksInWords(t *testing.T) {
	line := courseLine(t)
	for _, c := range []struct{ kind, feature, want string }{
		{"ridge", "大巴山", "沿大巴山山脊行"},
		{"ridge", "鸡公岭", "沿鸡公岭行"},
		{"river-bank", "乌江左岸", "沿乌江左岸行"},
		{"river-bank", "乌江", "沿乌江河岸行"},
		{"valley", "", "沿沟谷行"},
		{"valley", "大槽", "沿大槽行"},
		{"road", "", "沿道路行"},
		{"other", "田埂", "沿田埂行"},
		{"other", "", "向东行"},
	} {
		got, err := boundary.DescribeCourse(line, boundary.Course{
			From: "甲", To: "乙", FromM: 1100, ToM: 1200, Marks: []boundary.CourseMark{{0, 2400, c.kind, c.feature}},
		})
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s, %v", c.kind, c.feature, got, err)
		}
	}
}

func ExampleDescribeCourse() {
	line, err := geo.NewChain(orb.MultiLineString{{{106.5, 29.5}, {106.566334868, 29.569093202}, {106.617146411, 29.561250565}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := boundary.DescribeCourse(line, boundary.Course{
		From: "5052014A 号界桩", To: "5052015Q 号界桩", ToM: line.LengthM(),
		Marks: []boundary.CourseMark{{FromM: 0, ToM: 10_000, Kind: "ridge"}, {FromM: 10_000, ToM: 15_000, Kind: "river-centre", Feature: "乌江"}},
	})
	fmt.Println(text, err)
	// Output: 从 5052014A 号界桩起，边界线向东北沿山脊行 10000 米，转东沿乌江河道中心线行 5000 米，到达 5052015Q 号界桩，全长 15000 米。 <nil>
}
