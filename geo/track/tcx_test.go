package track_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
)

const (
	tcxHead = `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">
<Activities><Activity Sport="Walking"><Id>2026-03-01T08:00:00Z</Id><Lap StartTime="2026-03-01T08:00:00Z"><Track>
`
	tcxTail = "</Track></Lap><Creator><Name>GPSMAP 66i</Name></Creator></Activity></Activities><Author><Name>Connect Api</Name></Author></TrainingCenterDatabase>"
)

func trackpoint(position string) string {
	return "<Trackpoint><Time>2026-03-01T08:00:00Z</Time>" + position + "<AltitudeMeters>300.5</AltitudeMeters></Trackpoint>\n"
}

func position(lat, lon string) string {
	return "<Position><LatitudeDegrees>" + lat + "</LatitudeDegrees><LongitudeDegrees>" + lon + "</LongitudeDegrees></Position>"
}

func TestTrackpointsAreKeptOrRefusedOneByOne(t *testing.T) {
	for middle, want := range map[string]struct {
		code  string
		state track.State
	}{
		"":                          {"no_position", track.OKWithNotes},
		"<Position/>":               {"no_position", track.OKWithNotes},
		position("29,6", "106.5"):   {"decimal_comma", track.PartlyRead},
		position("29.6", ""):        {"missing_position", track.PartlyRead},
		position("no", "undefined"): {"bad_position", track.PartlyRead},
		position("29.6", "NaN"):     {"bad_position", track.PartlyRead},
		position("106.5", "29.6"):   {"unreadable_position", track.PartlyRead},
		position("0", "0"):          {"zero_position", track.OKWithNotes},
		position("180", "180"):      {"out_of_range", track.PartlyRead},
		"<Position><LatitudeDegrees>29.6</LatitudeDegrees></Position>":              {"missing_position", track.PartlyRead},
		"<Position><LongitudeDegrees>106.5</LongitudeDegrees></Position>":           {"missing_position", track.PartlyRead},
		"<Extensions>" + position("29.6", "106.5") + "</Extensions>":                {"no_position", track.OKWithNotes},
		"<ns3:Position><ns3:LatitudeDegrees>1</ns3:LatitudeDegrees></ns3:Position>": {"no_position", track.OKWithNotes},
	} {
		tr := read(t, "a.tcx", tcxHead+trackpoint(position("29.6", "106.5"))+trackpoint(middle)+trackpoint(position("29.7", "106.6"))+tcxTail)
		n := tr.Find(want.code)
		if n == nil || n.Line != 5 || n.Point != 2 || n.Count != 1 || tr.State != want.state || tr.NumPoints() != 2 || len(tr.Notes) != 1 {
			t.Errorf("%s: %s, %d points, %q, %+v", middle, tr.State, tr.NumPoints(), noteCodes(tr), n)
		}
	}
}

func TestLapsAreSegmentsAndTheDeviceIsTheCreator(t *testing.T) {
	point := trackpoint(position("29.6", "106.5"))
	tr := read(t, "a.tcx", "\n  "+tcxHead[strings.Index(tcxHead, "<Tr"):]+point+"</Track><Track>"+point+"</Track></Lap><Lap><Track/><Track>"+point+point+tcxTail)
	first, _, _ := tr.Ends()
	if tr.State != track.OK || len(tr.Segments) != 3 || tr.NumPoints() != 4 || tr.Creator != "GPSMAP 66i" || first.ElevationM != 300.5 {
		t.Errorf("%s, %d segments, %d points, %q, %+v", tr.State, len(tr.Segments), tr.NumPoints(), tr.Creator, first)
	}
	old := read(t, "a.tcx", `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v1"><History><Running><Run><Lap><Track>`+point+
		"</Track></Lap></Run></Running></History></TrainingCenterDatabase>")
	if old.State != track.OK || old.NumPoints() != 1 {
		t.Errorf("version 1: %s, %d points", old.State, old.NumPoints())
	}
}

func TestACourseIsReadAndSaidToBePlanned(t *testing.T) {
	tr := read(t, "a.tcx", `<TrainingCenterDatabase><Courses><Course><Name>渝川线</Name><Lap><BeginPosition><LatitudeDegrees>1</LatitudeDegrees></BeginPosition></Lap><Track>`+
		"<Trackpoint>"+position("29.6", "106.5")+"</Trackpoint></Track><CoursePoint><Name>桩</Name>"+position("29.7", "106.6")+
		"<PointType>Generic</PointType><Notes>注</Notes></CoursePoint></Course></Courses></TrainingCenterDatabase>")
	if tr.Name != "渝川线" || tr.NumPoints() != 1 || len(tr.Waypoints) != 1 || noteCodes(tr) != "course_planned no_time" {
		t.Fatalf("%+v", tr)
	}
	if w := tr.Waypoints[0]; w.Name != "桩" || w.Symbol != "Generic" || w.Description != "注" || !math.IsNaN(w.ElevationM) {
		t.Errorf("%+v", w)
	}
}

func TestWholeTrackpointsBeforeACutAreKept(t *testing.T) {
	whole := tcxHead + trackpoint(position("29.6", "106.5")) + trackpoint(position("29.7", "106.6")) + tcxTail
	for cut := range len(whole) {
		tr := read(t, "a.tcx", whole[:cut])
		if points := strings.Count(whole[:cut], "</Trackpoint>"); tr.NumPoints() != points || points > 0 && tr.State != track.PartlyRead {
			t.Fatalf("cut at %d: %s with %d points, want %d", cut, tr.State, tr.NumPoints(), points)
		}
	}
}

func FuzzReadTCX(f *testing.F) {
	f.Add([]byte(tcxHead + trackpoint(position("29.6", "106.5")) + trackpoint("") + tcxTail))
	f.Add([]byte("<TrainingCenterDatabase><Courses><Course><CoursePoint>" + position("1", "x") + "</CoursePoint>"))
	f.Fuzz(func(t *testing.T, b []byte) { mustHold(t, "x.tcx", b) })
}

// mustHold checks what holds of any bytes.
func mustHold(t *testing.T, name string, b []byte) {
	t.Helper()
	tr, err := track.Read(name, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	good := func(p track.Point) {
		if !(math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180) || p.Lat == 0 && p.Lon == 0 || p.Line < 1 {
			t.Errorf("kept %+v", p)
		}
	}
	for p := range tr.Points() {
		good(p)
	}
	for _, w := range tr.Waypoints {
		good(w.Point)
	}
	if (tr.State == track.OK) != (len(tr.Notes) == 0) {
		t.Errorf("%s with %d notes", tr.State, len(tr.Notes))
	}
	for _, n := range tr.Notes {
		if n.Detail == "" || n.Count < 1 {
			t.Errorf("%+v", n)
		}
	}
}

func bigTCX(points int) []byte {
	var b bytes.Buffer
	b.WriteString(tcxHead)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range points {
		fmt.Fprintf(&b, `          <Trackpoint>
            <Time>%s</Time>
            <Position>
              <LatitudeDegrees>%.7f</LatitudeDegrees>
              <LongitudeDegrees>%.7f</LongitudeDegrees>
            </Position>
            <AltitudeMeters>%.1f</AltitudeMeters>
            <DistanceMeters>%.2f</DistanceMeters>
            <HeartRateBpm><Value>121</Value></HeartRateBpm>
          </Trackpoint>
`, at.Add(time.Duration(i)*time.Second).Format(time.RFC3339), 29.6+float64(i)*1e-6, 106.5+float64(i)*1e-6, 300+float64(i%100)/10, float64(i))
	}
	b.WriteString(tcxTail)
	return b.Bytes()
}

func BenchmarkReadTCX(b *testing.B) {
	const points = 100_000
	text := bigTCX(points)
	benchFormat(b, "a.tcx", text, points, treeOf(b, text))
}

// treeOf is the naive twin: encoding/xml into a tree, split by package strings.
func treeOf(b *testing.B, text []byte) map[string]func() int {
	return map[string]func() int{"encoding/xml tree": func() int { return len(slowMarkup(b, text).points) }}
}
