package geo_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"fangyu/geo"
)

func TestAnglesCarry(t *testing.T) {
	for _, c := range []struct {
		degrees  float64
		decimals int
		want     string
	}{
		{106.55, 0, "106°33′00″"},
		{106.55, 2, "106°33′00.00″"},
		{29 + 59.0/60 + 59.9999/3600, 2, "30°00′00.00″"},
		{29 + 59.0/60 + 59.9999/3600, 4, "29°59′59.9999″"},
		{29 + 58.0/60 + 59.996/3600, 2, "29°59′00.00″"},
		{29 + 58.0/60 + 59.994/3600, 2, "29°58′59.99″"},
		{29.5 - 1e-12, 0, "29°30′00″"},
		{0, 1, "0°00′00.0″"},
		{-0.5, 0, "−0°30′00″"},
		{-1e-9, 3, "0°00′00.000″"},
		{5.0 / 3600, 1, "0°00′05.0″"},
	} {
		if got := geo.FormatDMS(c.degrees, c.decimals); got != c.want {
			t.Errorf("%v to %d decimals: %s, want %s", c.degrees, c.decimals, got, c.want)
		}
	}
	for bearing, want := range map[geo.GridBearing]string{
		227.16666: "227°10′", 57.1667: "57°10′", 180: "180°00′", 359.9999: "0°00′", 359.99: "359°59′", -0.001: "0°00′", 9.9999: "10°00′", 720.5: "0°30′",
	} {
		if got := bearing.String(); got != want {
			t.Errorf("%v: %s, want %s", float64(bearing), got, want)
		}
	}
}

// Whatever is written reads back to within half of its last place, with minutes and seconds below 60.
func TestAnglesReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 41))
	for range 10_000 {
		degrees, decimals := r.Float64()*180, r.IntN(5)
		text := geo.FormatDMS(degrees, decimals)
		var d, m int
		var s float64
		if _, err := fmt.Sscanf(text, "%d°%d′%f″", &d, &m, &s); err != nil || m > 59 || s >= 60 {
			t.Fatalf("%v: %s (%v)", degrees, text, err)
		}
		half := 0.5
		for range decimals {
			half /= 10
		}
		if back := float64(d) + float64(m)/60 + s/3600; !near(back*3600, degrees*3600, half*1.0001+1e-9) {
			t.Fatalf("%v: %s is %v", degrees, text, back)
		}
	}
}
