package geo_test

import (
	"math"
	"testing"

	"fangyu/geo"
)

// The table of the domain research §3.6, in degrees: [from, to).
func TestDirectionWords(t *testing.T) {
	for _, c := range []struct {
		word     string
		from, to float64
	}{
		{"北", 348.75, 371.25},
		{"北偏东北", 11.25, 33.75},
		{"东北", 33.75, 56.25},
		{"东偏东北", 56.25, 78.75},
		{"东", 78.75, 101.25},
		{"东偏东南", 101.25, 123.75},
		{"东南", 123.75, 146.25},
		{"南偏东南", 146.25, 168.75},
		{"南", 168.75, 191.25},
		{"南偏西南", 191.25, 213.75},
		{"西南", 213.75, 236.25},
		{"西偏西南", 236.25, 258.75},
		{"西", 258.75, 281.25},
		{"西偏西北", 281.25, 303.75},
		{"西北", 303.75, 326.25},
		{"北偏西北", 326.25, 348.75},
	} {
		for _, azimuth := range []float64{c.from, (c.from + c.to) / 2, math.Nextafter(c.to, 0), c.from - 360, c.from + 720} {
			if got := geo.DirectionWord(azimuth); got != c.word {
				t.Errorf("%v°: %s, want %s", azimuth, got, c.word)
			}
		}
	}
	for azimuth, want := range map[float64]string{0: "北", 360: "北", -1e-15: "北", 11.2499: "北", 101.24: "东", math.NaN(): "", math.Inf(1): ""} {
		if got := geo.DirectionWord(azimuth); got != want {
			t.Errorf("%v°: %q, want %q", azimuth, got, want)
		}
	}
}
