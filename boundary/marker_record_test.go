package boundary_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// registered is a marker of the line of Chongqing and Guizhou.
var (
	height     = 312.40
	registered = boundary.RegisteredMarker{
		Number: boundary.MarkerNumber{Number: "5052014", Stone: "A", Line: "5052", Serial: 14}, Type: "two-face", At: orb.Point{106.55, 29.56}, ElevationM: &height,
	}
)

// recorded is a record of it with nothing to remark on.
func recorded() boundary.MarkerRecord {
	h := height
	east, north, _ := geo.Frame("4545").FromCGCS2000(registered.At)
	return boundary.MarkerRecord{
		Placement: boundary.PairStone, Faces: "two-face", Material: "stone", Feature: "石桥", Side: "东侧", UnitA: "重庆市江津区四面山镇", UnitB: "贵州省习水县",
		Plane: &boundary.PlanePosition{EPSG: 4545, XM: round3(north), YM: round3(east)}, ElevationM: &h, HeightDatum: "1985",
		SurveyedOn: "2026-10-08", Objects: []boundary.WitnessRecord{{Name: "石桥东北角", BearingMinutes: 13630, DistanceM: 36.2}, {Name: "电杆", BearingMinutes: 3430, DistanceM: 12.5}, {Name: "独立树", BearingMinutes: 10800, DistanceM: 48}},
	}
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }

func TestARecordIsHeldAgainstWhatIsRegistered(t *testing.T) {
	east, north, err := geo.Frame("4545").FromCGCS2000(registered.At)
	if err != nil {
		t.Fatal(err)
	}
	other := func(epsg string) (x, y float64) {
		e, n, err := geo.Frame(epsg).FromCGCS2000(registered.At)
		if err != nil {
			t.Fatal(err)
		}
		return n, e
	}
	x35, y35 := other("4544")
	plane := func(epsg int, x, y float64) func(*boundary.MarkerRecord) {
		return func(r *boundary.MarkerRecord) { r.Plane = &boundary.PlanePosition{EPSG: epsg, XM: x, YM: y} }
	}
	for name, c := range map[string]struct {
		change func(*boundary.MarkerRecord)
		want   string // codes with their severities
		says   string
	}{
		"nothing to remark on":    {func(*boundary.MarkerRecord) {}, "", ""},
		"half a centimetre off":   {plane(4545, north+0.005, east), "", ""},
		"a centimetre and more":   {plane(4545, north+0.03, east+0.04), "record-position block", "相差 0.05 米，超过 0.01 米"},
		"where zones share one":   {plane(4544, x35+0.05, y35), "record-position block", "相差 0.05 米"},
		"X and Y swapped":         {plane(4545, east, north), "record-plane block", "填反了"},
		"with a zone number":      {plane(4545, north, east+36e6), "record-plane block", "EPSG:4524，中央经线 108°，带号 36"},
		"without its zone number": {plane(4524, north, east), "record-plane block", "EPSG:4545，中央经线 108°，不带带号"},
		"of the zone beside":      {plane(4545, x35, y35), "record-plane block", "EPSG:4544，中央经线 105°"},
		"on the plane beside":     {plane(4544, x35, y35), "record-zone warning", "属三度带第 36 带"},
		"swapped and elsewhere":   {plane(4545, y35, x35), "record-plane block", "填反了，平面也不是"},
		"no plane":                {plane(4490, 29.56, 106.55), "record-plane block", "EPSG:4490 不是"},
		"numbers of nothing":      {plane(4545, 1e300, east), "record-plane block", "核对小数点"},
		"no coordinates at all":   {func(r *boundary.MarkerRecord) { r.Plane = nil }, "", ""},
		"another placement":       {func(r *boundary.MarkerRecord) { r.Placement = boundary.SingleStone }, "record-placement block", "字母 A 表示同号双立，登记表却写单立"},
		"no placement":            {func(r *boundary.MarkerRecord) { r.Placement = "" }, "record-placement block", "单立"},
		"other faces":             {func(r *boundary.MarkerRecord) { r.Faces = "three-face" }, "record-faces warning", "登记表写三面型"},
		"no faces":                {func(r *boundary.MarkerRecord) { r.Faces = "" }, "record-faces block", "双面型"},
		"no datum of the height":  {func(r *boundary.MarkerRecord) { r.HeightDatum = "" }, "record-height block", "没有高程基准"},
		"a datum and no height":   {func(r *boundary.MarkerRecord) { r.ElevationM = nil }, "record-height block", "没有高程："},
		"another height":          {func(r *boundary.MarkerRecord) { *r.ElevationM += 1 }, "record-height warning", "相差 1.00 米"},
		"a height above Everest":  {func(r *boundary.MarkerRecord) { *r.ElevationM = 9001 }, "record-height block", "9000"},
		"the height of 1956":      {func(r *boundary.MarkerRecord) { *r.ElevationM += 0.029; r.HeightDatum = "1956" }, "", ""},
		"surveyed tomorrow":       {func(r *boundary.MarkerRecord) { r.SurveyedOn = "2026-11-02" }, "record-day block", "还没有到"},
		"surveyed on no day":      {func(r *boundary.MarkerRecord) { r.SurveyedOn = "去年" }, "record-day block", "年-月-日"},
		"as good as nothing":      {func(r *boundary.MarkerRecord) { zero := 0.0; r.SigmaM = &zero }, "record-sigma block", "大于 0"},
		"two witnesses":           {func(r *boundary.MarkerRecord) { r.Objects = r.Objects[:2] }, "witness-few warning", "有 2 个"},
		"a witness too near":      {func(r *boundary.MarkerRecord) { r.Objects[0].DistanceM = 1.9 }, "witness-near warning", "只有 1.9 米"},
		"a witness too far":       {func(r *boundary.MarkerRecord) { r.Objects[0].DistanceM = 1000.5 }, "record-witness block", "第 1 个方位物"},
		"no such bearing":         {func(r *boundary.MarkerRecord) { r.Objects[2].BearingMinutes = 21660 }, "record-witness block", "第 3 个方位物"},
		"a finer distance":        {func(r *boundary.MarkerRecord) { r.Objects[1].DistanceM = 12.34 }, "witness-rounded info", "12.34 米按 12.3 米登记"},
		"two of one name":         {func(r *boundary.MarkerRecord) { r.Objects[1].Name = "独立树" }, "witness-twice warning", "独立树"},
	} {
		t.Run(name, func(t *testing.T) {
			r := recorded()
			c.change(&r)
			var codes []string
			var said strings.Builder
			for _, f := range r.Check(registered, "2026-11-01") {
				codes = append(codes, f.Code+" "+string(f.Severity))
				said.WriteString(f.Detail)
			}
			if got := strings.Join(codes, ", "); got != c.want || !strings.Contains(said.String(), c.says) {
				t.Errorf("%q, wanted %q\n%s", got, c.want, said.String())
			}
		})
	}
}

func TestARecordDescribesWhereTheMarkerStands(t *testing.T) {
	r := recorded()
	text := r.Described(registered)
	for _, want := range []string{"5052014A 界桩为同号双立双面石质界桩，位于贵州省习水县与重庆市江津区四面山镇接壤的石桥东侧", "东经 106°33′00.00″", "高程为 312.4 m（1985 国家高程基准）", "227°10′，距离 36.2 m 处为石桥东北角"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if r.Location = " 桥头 "; r.Described(registered) != "桥头" {
		t.Errorf("the words given became %q", r.Described(registered))
	}
}

func TestWitnessesMeasuredOnAnotherPlaneAreTurned(t *testing.T) {
	r := recorded()
	// What azimuths are the bearings of the record on the plane beside it?
	there, err := geo.Frame("4545").GridAt(registered.At)
	here, err2 := geo.Frame("4544").GridAt(registered.At)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	var again []boundary.WitnessMeasured
	for i, o := range r.Witnesses() {
		again = append(again, boundary.WitnessMeasured{N: i + 1, BearingMinutes: float64(here.Bearing(there.Azimuth(o.Bearing))) * 60, DistanceM: o.DistanceM})
	}
	for _, c := range []struct {
		frame geo.Frame
		want  boundary.WitnessCause
	}{{"4544", boundary.MarkerInPlace}, {"", boundary.BearingsTurned}} {
		if got, err := r.CheckWitnesses(registered.At, c.frame, again); err != nil || got.Cause != c.want {
			t.Errorf("on %q: %s %s, %v", c.frame, got.Cause, got.Detail, err)
		}
	}
	for _, wrong := range [][]boundary.WitnessMeasured{{{N: 4, DistanceM: 1}}, {{N: 0, DistanceM: 1}}, {again[0], again[0]}} {
		if _, err := r.CheckWitnesses(registered.At, "", wrong); !fault.Is(err, "witness-unknown") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if _, err := r.CheckWitnesses(registered.At, "4490", again); !fault.Is(err, "not-a-plane") {
		t.Errorf("no plane: %v", err)
	}
}

func TestTheLineLeavesAMarkerThatStandsOnIt(t *testing.T) {
	chain, err := geo.NewChain(orb.MultiLineString{{{106.54, 29.56}, {106.55, 29.56}, {106.55, 29.57}}})
	if err != nil {
		t.Fatal(err)
	}
	bearings := func(at orb.Point) (out []float64) {
		for _, b := range boundary.LineBearings(chain, at, "4545") {
			out = append(out, math.Round(float64(b)))
		}
		return out
	}
	// Grid north lies 0.7° west of true north there, see TestGrid.
	if got := bearings(orb.Point{106.55, 29.56}); !slices.Equal(got, []float64{271, 1}) {
		t.Errorf("at the turn: %v", got)
	}
	if got := bearings(orb.Point{106.54, 29.56}); !slices.Equal(got, []float64{91}) {
		t.Errorf("at the start: %v", got)
	}
	if got := bearings(orb.Point{106.545, 29.5601}); got != nil { // 11 m off
		t.Errorf("on the bank: %v", got)
	}
}

func TestWhoKeepsRecordsOfMarkers(t *testing.T) {
	keeps := map[boundary.Standing][]gazetteer.Role{
		boundary.Party: {gazetteer.PartyOfficer, gazetteer.PartyLeader}, boundary.Above: {gazetteer.Superior}, boundary.Stranger: nil,
	}
	for standing, roles := range keeps {
		for _, role := range gazetteer.Roles {
			if got := boundary.KeepsMarkerRecords(gazetteer.Actor{Roles: []gazetteer.Role{role}}, standing); got != slices.Contains(roles, role) {
				t.Errorf("%s with the standing %q: %v", role, standing, got)
			}
		}
	}
}
