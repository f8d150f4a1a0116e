package print_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
)

var update = flag.Bool("update", false, "write the golden page anew")

// lineF is a line of 10 km at 40°, then 5 km at 100°.
var lineF = orb.MultiLineString{{{106.5, 29.5}, {106.566334868, 29.569093202}, {106.617146411, 29.561250565}}}

var (
	north = boundary.OfficeRef{ID: uuid.UUID{1}, Name: "甲区民政局"}
	south = boundary.OfficeRef{ID: uuid.UUID{2}, Name: "乙区民政局"}
)

func inspection() print.Inspection {
	began := time.Date(2026, 10, 12, 0, 30, 0, 0, time.UTC)
	ended := began.Add(3 * time.Hour)
	marker := boundary.ReportMarker{ID: uuid.UUID{9}, Number: "5051001", Stone: "Q", ChainageM: 2500}
	facts := boundary.RoundFacts{
		InspectionID: uuid.UUID{3}, Programme: boundary.ProgrammeRef{Name: "县级界线第四轮联检", Round: 4, YearFrom: 2022, YearTo: 2026},
		Line: boundary.ReportLine{Name: "甲区—乙区线", Level: boundary.CountyLine, LegalStatus: boundary.Reference, LengthM: 15000},
		Lead: north, Cooperating: south, Synthetic: true, Markers: []boundary.ReportMarker{marker},
		Tracks: []boundary.RoundTrack{{Office: north.ID, FileName: "<b>.gpx", SHA256: strings.Repeat("ab", 32), Match: boundary.Result{
			ToleranceM: 30, Coverage: 0.8, Deviation: boundary.Deviation{N: 10, MedianM: -1.5, MaxM: 12.25, MaxAtM: 4000, P95M: 9},
			Intervals: []boundary.Interval{{FromM: 0, ToM: 12000, Class: boundary.Walked}, {FromM: 12000, ToM: 15000, Class: boundary.NotChecked}},
			Markers:   []boundary.MarkerVerdict{{Number: "5051001", Stone: "Q", Verdict: boundary.Visited}},
			Passes:    []boundary.Pass{{FromM: 0, ToM: 12000, StartedAt: &began, EndedAt: &ended}},
		}}},
		Forms: []boundary.RoundForm{
			{Marker: marker.ID, Office: north.ID, Found: "intact", CheckedOn: "2026-10-12"},
			{Marker: marker.ID, Office: south.ID, Found: "tilted", CheckedOn: "2026-10-13", Note: "向东倾斜"},
		},
		Stretches: []boundary.RoundStretch{
			{
				State: boundary.StretchConfirmed, Office: north.Name, DeclaredOn: "2026-10-14", ConfirmedBy: south.Name, ConfirmedOn: "2026-10-20",
				Declaration: boundary.Declaration{Class: boundary.Viewed, FromM: 11500, ToM: 13000, Reason: "cliff", Note: "两侧均为绝壁", CheckedOn: "2026-10-13"},
			},
			{
				State: boundary.StretchConfirmed, Office: south.Name, DeclaredOn: "2026-10-15", ConfirmedBy: north.Name, ConfirmedOn: "2026-10-20",
				Declaration: boundary.Declaration{Class: boundary.Imagery, FromM: 13500, ToM: 14250, Reason: "river", PictureSource: "<i>无人机", PictureOn: "2026-09-30"},
			},
			{State: boundary.StretchDeclared, Office: south.Name, Declaration: boundary.Declaration{Class: boundary.Viewed, FromM: 14250, ToM: 15000, Reason: "forest"}},
		},
	}
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	reason := "报告重新编制"
	return print.Inspection{
		Report: boundary.CompileReport(facts, "2026-11-24"), State: boundary.InspectionConfirm, SHA256: strings.Repeat("cd", 32),
		Signatures: []boundary.Signature{
			{OfficeID: north.ID, Office: north.Name, Name: "甲区民政局 负责人", ContentSHA256: strings.Repeat("ef", 32), SignedAt: at, VoidedAt: &at, VoidReason: &reason},
			{OfficeID: north.ID, Office: north.Name, Name: "甲区民政局 负责人", ContentSHA256: strings.Repeat("cd", 32), SignedAt: at},
		},
		Line: lineF, Right: "乙区", Left: "甲区", Markers: []print.MarkerAt{{Number: "5051001", Stone: "Q", At: orb.Point{106.516, 29.517}}},
		Notice: "示意，不作为划界依据", Source: "示例", AsOf: "2018-01-01", PrintedAt: at,
	}
}

func write(t *testing.T, in print.Inspection) string {
	t.Helper()
	var b bytes.Buffer
	if err := print.WriteInspection(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReportIsTheGoldenPage(t *testing.T) {
	got := write(t, inspection())
	golden := filepath.Join("testdata", "inspection.golden.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("the page differs from its golden: look at it, then run go test ./api/print -update")
	}
}

func TestReportSaysWhatItMust(t *testing.T) {
	in := inspection()
	page := write(t, in)
	f := in.Report.Figures
	for what, want := range map[string]string{
		"length":           fmt.Sprintf(`<data value="%v">15.000 公里</data>`, f.LineLengthM),
		"walked":           fmt.Sprintf(`<data value="%v">12.000 公里</data>`, f.WalkedM),
		"coverage":         fmt.Sprintf(`<data value="%v">80.00%%</data>`, f.Coverage),
		"deviation":        `<data value="-1.5">左 1.5 米</data>`,
		"differing forms":  "界桩 5051001Q 双方登记不一致",
		"the note":         "倾斜：向东倾斜",
		"a void signature": "已作废",
		"digest":           strings.Repeat("cd", 32),
		"notice":           "示意，不作为划界依据",
		"synthetic mark":   "合成示例",
		"the walked part":  `class="walked"`,
		"the marker":       `class="marker"`,
		"escaped name":     "&lt;b&gt;.gpx",
		"the viewed part":  `class="viewed"`,
		"what was viewed":  `<td>远处目视</td><td class="n"><data value="1000">1.000 公里</data></td><td class="n"><data value="0.066667">6.67%</data></td>`,
		"seen on imagery":  `<td>影像查看</td><td class="n"><data value="750">0.750 公里</data></td>`,
		"what was not":     `<td>未检查</td><td class="n"><data value="1250">1.250 公里</data></td>`,
		"where it was not": `<td class="n"><data value="14250">14250.0 米</data></td><td class="n"><data value="15000">15000.0 米</data></td><td class="n"><data value="750">750.0 米</data></td><td>未检查</td>`,
		"the obstacle":     "悬崖陡坡：两侧均为绝壁",
		"the picture":      "&lt;i&gt;无人机，2026年9月30日",
		"when it was seen": "<td>远处目视<br>2026年10月13日</td>",
		"who confirmed it": "<td>乙区民政局<br>2026年10月20日</td>",
		"one side's word":  "另一方尚未确认，确认之前不计入",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report does not show %s: wanted %s", what, want)
		}
	}
	for _, forbidden := range []string{"<script", "http://127", "https://", "<b>.gpx", "ZgotmplZ"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the report contains %s", forbidden)
		}
	}
}

// TestEachNameStandsOnItsSide draws a line from west to east, whose right is below it, and the same line backwards.
func TestEachNameStandsOnItsSide(t *testing.T) {
	place := regexp.MustCompile(`class="side" x="[\d.]+" y="([\d.]+)"[^>]*>(.)区<`)
	height := func(line orb.LineString) map[string]float64 {
		in := inspection()
		in.Line = orb.MultiLineString{line}
		found := map[string]float64{}
		for _, m := range place.FindAllStringSubmatch(write(t, in), -1) {
			y, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			found[m[2]] = y
		}
		if len(found) != 2 {
			t.Fatalf("names on the map: %v", found)
		}
		return found
	}
	east := orb.LineString{{106.5, 29.5}, {106.55, 29.51}, {106.6, 29.5}}
	if y := height(east); y["乙"] <= y["甲"] {
		t.Errorf("going east the right side is below: %v", y)
	}
	west := east.Clone()
	west.Reverse()
	if y := height(west); y["乙"] >= y["甲"] {
		t.Errorf("going west the right side is above: %v", y)
	}
}

// Characters outside the Basic Multilingual Plane are printed as they are.
func TestRareCharactersArePrintedWhole(t *testing.T) {
	in := inspection()
	in.Report.Line.Name = "𨟠区—𣵦区线"
	if page := write(t, in); !strings.Contains(page, "𨟠区—𣵦区线") {
		t.Error("the name of the line is not on the page")
	}
}

func TestMapIsWellFormed(t *testing.T) {
	page := write(t, inspection())
	from, to := strings.Index(page, "<svg"), strings.Index(page, "</svg>")
	d := xml.NewDecoder(strings.NewReader(page[from : to+len("</svg>")]))
	for {
		if _, err := d.Token(); err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			return
		}
	}
}

func TestDraftWithoutLineOrTracksPrints(t *testing.T) {
	page := write(t, print.Inspection{
		Report: boundary.CompileReport(boundary.RoundFacts{Lead: north, Cooperating: south}, ""), State: boundary.InspectionPlanned, PrintedAt: time.Unix(0, 0),
	})
	for _, want := range []string{"草稿，尚未编制，不能签字", "尚无与界线匹配的轨迹", "本线没有登记的界桩"} {
		if !strings.Contains(page, want) {
			t.Errorf("wanted %s", want)
		}
	}
}
