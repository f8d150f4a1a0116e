package boundary_test

import (
	"fmt"
	"slices"
	"testing"

	"fangyu/boundary"
	"fangyu/internal/fault"
)

func TestMarkerNumbersAreRead(t *testing.T) {
	for _, c := range []struct {
		level       boundary.Level
		text, stone string
		want        boundary.MarkerNumber
		code        string
	}{
		{boundary.ProvinceLine, "5052001Q", "", boundary.MarkerNumber{Number: "5052001", Stone: "Q", Line: "5052", Serial: 1}, ""},
		{boundary.ProvinceLine, " 5052014a ", "", boundary.MarkerNumber{Number: "5052014", Stone: "A", Line: "5052", Serial: 14}, ""},
		{boundary.ProvinceLine, "5052014", "b", boundary.MarkerNumber{Number: "5052014", Stone: "B", Line: "5052", Serial: 14}, ""},
		{boundary.ProvinceLine, "5052020E", "E", boundary.MarkerNumber{Number: "5052020", Stone: "E", Line: "5052", Serial: 20}, ""},
		{boundary.ProvinceLine, "1253165", "", boundary.MarkerNumber{Number: "1253165", Line: "1253", Serial: 165}, ""},
		{boundary.ProvinceLine, "5250001Q", "", boundary.MarkerNumber{Number: "5250001", Stone: "Q", Line: "5250", Serial: 1}, ""},
		{boundary.ProvinceLine, "5052014A", "B", boundary.MarkerNumber{}, "marker-stone"},
		{boundary.ProvinceLine, "5052000Q", "", boundary.MarkerNumber{}, "marker-serial"},
		{boundary.ProvinceLine, "5052001X", "", boundary.MarkerNumber{}, "marker-stone"},
		{boundary.ProvinceLine, "5052001", "AB", boundary.MarkerNumber{}, "marker-stone"},
		{boundary.ProvinceLine, "", "", boundary.MarkerNumber{}, "marker-number"},
		// Of other forms, and of levels whose scheme is not known, the text stays as it is.
		{boundary.ProvinceLine, "渝鄂陕三交点", "", boundary.MarkerNumber{Number: "渝鄂陕三交点"}, ""},
		{boundary.CountyLine, "江渝003a", "Q", boundary.MarkerNumber{Number: "江渝003a", Stone: "Q"}, ""},
		{boundary.CountyLine, "5052000X", "", boundary.MarkerNumber{Number: "5052000X"}, ""},
		{boundary.TownshipLine, "500112001", "", boundary.MarkerNumber{Number: "500112001"}, ""},
		{boundary.TownshipLine, "  ", "", boundary.MarkerNumber{}, "marker-number"},
	} {
		n, err := boundary.MarkerSchemeOf(c.level).Read(c.text, c.stone)
		if n != c.want || c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s %q %q: %+v, %v; want %+v %s", c.level, c.text, c.stone, n, err, c.want, c.code)
		}
	}
}

func TestAMarkerNumberOfNoLevelIsTakenForProvincial(t *testing.T) {
	for _, c := range []struct{ text, stone, number, letter, code string }{
		{"5052014a", "", "5052014", "A", ""},
		{"5052014", "B", "5052014", "B", ""},
		{"江渝003", "Q", "江渝003", "Q", ""},
		{"5052001X", "", "", "", "marker-stone"},
	} {
		number, letter, err := boundary.ParseMarkerNumber(c.text, c.stone)
		if number != c.number || letter != c.letter || c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s %s: got %s %s %v", c.text, c.stone, number, letter, err)
		}
	}
}

func TestMarkerNumbersOfALineAreCheckedTogether(t *testing.T) {
	scheme := boundary.MarkerSchemeOf(boundary.ProvinceLine)
	for name, c := range map[string]struct {
		numbers, codes []string
	}{
		"all in order":                {[]string{"5052001Q", "5052014A", "5052014B", "5052020C", "5052020D", "5052020E"}, nil},
		"half a pair":                 {[]string{"5052014A"}, []string{"marker-set-incomplete"}},
		"a triple of two":             {[]string{"5052020C", "5052020E"}, []string{"marker-set-incomplete"}},
		"single and pair":             {[]string{"5052014Q", "5052014A", "5052014B"}, []string{"marker-set-mixed"}},
		"twice":                       {[]string{"5052001Q", "5052001q"}, []string{"marker-twice"}},
		"short form":                  {[]string{"5052001"}, []string{"marker-short"}},
		"larger code first":           {[]string{"5250001Q"}, []string{"line-code-order"}},
		"one province with itself":    {[]string{"5050001Q"}, []string{"line-code-order"}},
		"no such province":            {[]string{"5099001Q"}, []string{"line-code-unknown"}},
		"a text twice":                {[]string{"甲", "甲", "乙"}, []string{"marker-twice"}},
		"everything at once by order": {[]string{"5250002A", "5052001"}, []string{"line-code-order", "marker-short", "marker-set-incomplete"}},
	} {
		var read []boundary.MarkerNumber
		for _, text := range c.numbers {
			n, err := scheme.Read(text, "")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			read = append(read, n)
		}
		var codes []string
		for _, f := range scheme.Check(read) {
			codes = append(codes, f.Code)
			if want := f.Code == "marker-short" || f.Code == "marker-twice" || f.Code == "marker-set-mixed"; (f.Severity == fault.Block) != want {
				t.Errorf("%s: %s weighs %s", name, f.Code, f.Severity)
			}
		}
		if !slices.Equal(codes, c.codes) {
			t.Errorf("%s: %v, want %v", name, codes, c.codes)
		}
	}
}

func TestMarkersStandByChainage(t *testing.T) {
	var markers []boundary.PlacedMarker
	for _, m := range []struct {
		text string
		at   float64
	}{{"5052018Q", 9000}, {"5052017Q", 7000}, {"5052030Q", 8000}, {"5052001B", 100}, {"5052001A", 100}, {"协议附桩", 8500}} {
		n, err := boundary.MarkerSchemeOf(boundary.ProvinceLine).Read(m.text, "")
		if err != nil {
			t.Fatal(err)
		}
		markers = append(markers, boundary.PlacedMarker{MarkerNumber: n, ChainageM: m.at})
	}
	findings := boundary.SortAlong(markers)
	order := ""
	for _, m := range markers {
		order += m.Full() + " "
	}
	if want := "5052001A 5052001B 5052017Q 5052030Q 协议附桩 5052018Q "; order != want {
		t.Errorf("order %s, want %s", order, want)
	}
	if len(findings) != 1 || findings[0].Code != "serial-order" || findings[0].Evidence[0].ID != "5052018Q" || findings[0].Severity != fault.Info {
		t.Errorf("findings %v", findings)
	}
}

func ExampleMarkerScheme_Check() {
	scheme := boundary.MarkerSchemeOf(boundary.ProvinceLine)
	n, err := scheme.Read("5052014A", "")
	fmt.Println(n.Number, n.Stone, n.Placement().Label(), err)
	for _, f := range scheme.Check([]boundary.MarkerNumber{n}) {
		fmt.Println(f.Detail)
	}
	// Output:
	// 5052014 A 同号双立 <nil>
	// 同号双立界桩 5052014 不全：缺 5052014B
}
