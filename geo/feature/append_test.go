package feature_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo/feature"
)

func TestAppendGeometryKeepsSevenDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		p := orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
		var got struct{ Coordinates [2]float64 }
		text := feature.AppendGeometry(nil, p)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if want := math.Round(p[i]*1e7) / 1e7; math.Abs(got.Coordinates[i]-want) > 1e-9 {
				t.Errorf("%v was written as %s", p, text)
			}
		}
	}
	for want, p := range map[string]orb.Point{
		"[106,29.5]": {106, 29.5}, "[-0.0000001,0]": {-1e-7, 0}, "[179.9999999,-90]": {179.99999994, -90}, "[0,1]": {-1e-9, 0.99999999},
	} {
		if got := string(feature.AppendGeometry(nil, p)); !strings.Contains(got, want) {
			t.Errorf("%v: %s, want %s", p, got, want)
		}
	}
	if got := string(feature.AppendGeometry(nil, nil)); got != "null" {
		t.Errorf("nil: %s", got)
	}
}

func TestAppendStringIsJSON(t *testing.T) {
	for _, s := range []string{"", "重庆", "a\"b\\c", "\x00\x1f\x7f\n\r\t", "bad\xffutf8", "😀", "</script>"} {
		var got string
		if err := json.Unmarshal(feature.AppendString(nil, s), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}
