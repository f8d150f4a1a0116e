package print_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/geo"
)

// TestAComparisonTellsTheDifference: a stone measured 3 m to the south and 4 m to the west of where it is registered.
func TestAComparisonTellsTheDifference(t *testing.T) {
	m := printed()
	east, north, err := geo.Frame("4524").FromCGCS2000(m.At)
	if err != nil {
		t.Fatal(err)
	}
	there, err := geo.Frame("4524").ToCGCS2000(east-4, north-3)
	if err != nil {
		t.Fatal(err)
	}
	seen := print.ComparedMarker{
		PrintedMarker: m, Registered: []float64{m.At[0], m.At[1], 312.4}, Observed: []float64{there[0], there[1], 312.15}, ApartM: 5, LimitM: 3.01, Fit: boundary.Beyond,
		ObservedOn: "2026-11-20", ObservedBy: "江津区民政局", Method: "rtk", Pending: true,
	}
	before := seen
	before.Fit, before.LimitM, before.Registered = boundary.Within, 20, []float64{m.At[0] + 0.001, m.At[1]}
	before.Pending = false
	var b bytes.Buffer
	err = print.WriteMarkerComparison(&b, print.MarkerComparison{
		LineName: "渝黔线", LineCode: "5052", LineLevel: "province", PartyA: "重庆市", PartyB: "贵州省",
		Markers: []print.ComparedMarker{seen, before, {PrintedMarker: m}}, PrintedAt: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, says := range []string{
		">-3.00<", ">-4.00<", ">-0.25<", ">5.00<", ">3.01<", `class="verdict beyond">超限`, "待对方确认", "未超限", "观测后登记位置已按备案变更", "未观测", "江津区民政局　RTK",
		"已观测 <data value=\"2\">2</data> 座，超限 <data value=\"1\">1</data> 座", fmt.Sprintf("%.3f", north), fmt.Sprintf("%.3f", east-4),
	} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %s", says)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}
