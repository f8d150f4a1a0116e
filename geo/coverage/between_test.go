package coverage_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
)

// passed is how much comes to the right and to the left.
func passed(t *testing.T, former, course orb.MultiLineString) (right, left, apartM, unclearM2 float64) {
	t.Helper()
	strips, apartM, unclearM2, err := coverage.Between(context.Background(), former, course)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strips {
		if math.Abs(geo.AreaM2(s.Polygon)-s.AreaM2) > 0.5+s.AreaM2/5e4 { // geodesics bow by some mm from edges straight in degrees
			t.Errorf("%v has %.1f m², not %.1f", s.Polygon, geo.AreaM2(s.Polygon), s.AreaM2)
		}
		if s.ToRight {
			right += s.AreaM2
		} else {
			left += s.AreaM2
		}
	}
	return right, left, apartM, unclearM2
}

func TestBetweenTwoCourses(t *testing.T) {
	square := func(x0, y0, x1, y1 float64) float64 { return geo.AreaM2(box(x0, y0, x1, y1)) }
	one := func(xy ...float64) orb.MultiLineString { return orb.MultiLineString{path(xy...)} }
	for name, c := range map[string]struct {
		former, course     orb.MultiLineString
		right, left, apart float64 // m², m², m
	}{
		"the same":                       {one(0, 0, 10, 0), one(0, 0, 10, 0), 0, 0, 0},
		"a vertex more":                  {one(0, 0, 10, 0), one(0, 0, 5, 0, 10, 0), 0, 0, 0},
		"off by rounding":                {one(0, 0, 10, 0), one(0, 0, 5, 0.00001, 10, 0), 0, 0, 0},
		"bulging to the left":            {one(0, 0, 10, 0), one(0, 0, 0, 2, 10, 2, 10, 0), square(0, 0, 10, 2), 0, 0},
		"bulging to the right":           {one(0, 0, 10, 0), one(0, 0, 0, -2, 10, -2, 10, 0), 0, square(0, -2, 10, 0), 0},
		"first left, then right":         {one(0, 0, 10, 0), one(0, 0, 0, 2, 4, 2, 4, -1, 10, -1, 10, 0), square(0, 0, 4, 2), square(4, -1, 10, 0), 0},
		"off for a stretch":              {one(0, 0, 20, 0), one(0, 0, 5, 0, 5, 1, 8, 1, 8, 0, 20, 0), square(5, 0, 8, 1), 0, 0},
		"ends aside":                     {one(0, 0, 10, 0), one(0, 1, 10, 1), square(0, 0, 10, 1), 0, 111},
		"an exclave of the right passes": {orb.MultiLineString{path(0, 0, 10, 0), path(2, 5, 2, 6, 3, 6, 3, 5, 2, 5)}, one(0, 0, 10, 0), 0, square(2, 5, 3, 6), 0},
		"an exclave for the right":       {one(0, 0, 10, 0), orb.MultiLineString{path(0, 0, 10, 0), path(2, 5, 2, 6, 3, 6, 3, 5, 2, 5)}, square(2, 5, 3, 6), 0, 0},
		"an exclave stays":               {orb.MultiLineString{path(0, 0, 10, 0), path(2, 5, 2, 6, 3, 6, 3, 5, 2, 5)}, orb.MultiLineString{path(0, 0, 0, 1, 10, 1, 10, 0), path(2, 5, 2, 6, 3, 6, 3, 5, 2, 5)}, square(0, 0, 10, 1), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			right, left, apart, unclear := passed(t, c.former, c.course)
			if math.Abs(right-c.right) > 5 || math.Abs(left-c.left) > 5 || math.Abs(apart-c.apart) > 1 || unclear > 0 {
				t.Errorf("%.1f to the right, %.1f to the left, ends %.1f m apart, %.1f unclear; wanted %.1f, %.1f", right, left, apart, unclear, c.right, c.left)
			}
			back, forth, _, _ := passed(t, c.course, c.former)
			if math.Abs(back-left) > 0.01 || math.Abs(forth-right) > 0.01 {
				t.Errorf("the other way round %.1f and %.1f", back, forth)
			}
		})
	}
	if _, _, _, unclear := passed(t, one(0, 0, 10, 0), one(0, 0, 6, 4, 6, 6, 4, 6, 4, 4, 10, 0)); unclear == 0 {
		t.Error("a loop on one side is clear")
	}
}

// TestBetweenCoursesAtRandom holds the balance against the area that the former course forth and the new one back enclose, with its sign.
func TestBetweenCoursesAtRandom(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 13))
		wander := func(n int) orb.LineString {
			var xy []float64
			for i := range n + 1 {
				y := 4 * (random.Float64() - 0.5)
				if i == 0 || i == n {
					y = 0
				}
				xy = append(xy, 20*float64(i)/float64(n), y)
			}
			return path(xy...)
		}
		former, course := wander(5+random.IntN(20)), wander(5+random.IntN(20))
		right, left, _, unclear := passed(t, orb.MultiLineString{former}, orb.MultiLineString{course})
		back := course.Clone()
		back.Reverse()
		want := geo.SignedAreaM2(orb.Ring(append(former.Clone(), back...)))
		if math.Abs(right-left-want) > 2+(right+left)/3e4 || unclear > 0 || right+left < math.Abs(want)-2 {
			t.Errorf("seed %d: %.1f to the right, %.1f to the left, wanted a balance of %.1f; %.1f unclear", seed, right, left, want, unclear)
		}
	}
}
