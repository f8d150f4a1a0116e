package boundary_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func findingsOf(err error) []fault.Finding {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Findings
	}
	return nil
}

func metres(m float64) *float64 { return &m }

func ridgeThenRoad(lengthM float64) []boundary.LineSegment {
	return []boundary.LineSegment{
		{FromM: 0, ToM: 9000, MarkKind: "ridge", FollowsFeature: "铁山坪", AccuracyM: metres(5)}, {FromM: 9000, ToM: lengthM, MarkKind: "road"},
	}
}

func agreed(segments ...boundary.LineSegment) boundary.AgreementContent {
	return boundary.AgreementContent{Course: "自起点沿山脊向东北，再沿公路向东", Segments: segments}
}

func TestContentIsCheckedInOneGo(t *testing.T) {
	lengthM := chainOf(t, lineF).LengthM()
	whole := agreed(ridgeThenRoad(lengthM)...)
	shifted := func(m float64) orb.MultiLineString {
		var path orb.LineString
		for _, p := range lineF[0] {
			path = append(path, geo.Direct(p, 140, m))
		}
		return orb.MultiLineString{path}
	}
	for name, c := range map[string]struct {
		change func(*boundary.AgreementContent)
		want   []string // code and pointer
	}{
		"as it should be":         {func(*boundary.AgreementContent) {}, nil},
		"the last one to the end": {func(c *boundary.AgreementContent) { c.Segments[1].ToM = 0 }, nil},
		"a gap of less than 1 cm": {func(c *boundary.AgreementContent) { c.Segments[1].FromM = 9000.009 }, nil},
		"a gap":                   {func(c *boundary.AgreementContent) { c.Segments[1].FromM = 9000.02 }, []string{"segment-gap /segments/1/fromM"}},
		"an overlap":              {func(c *boundary.AgreementContent) { c.Segments[1].FromM = 8999.98 }, []string{"segment-overlap /segments/1/fromM"}},
		"not from the start":      {func(c *boundary.AgreementContent) { c.Segments[0].FromM = 1 }, []string{"segment-gap /segments/0/fromM"}},
		"not to the end":          {func(c *boundary.AgreementContent) { c.Segments[1].ToM -= 3 }, []string{"segment-gap /segments/1/toM"}},
		"beyond the end":          {func(c *boundary.AgreementContent) { c.Segments[1].ToM += 3 }, []string{"segment-beyond /segments/1/toM"}},
		"before the beginning":    {func(c *boundary.AgreementContent) { c.Segments[0].FromM = -0.005 }, []string{"bad-range /segments/0/fromM"}},
		"backwards":               {func(c *boundary.AgreementContent) { c.Segments[0].ToM = 0 }, []string{"bad-range /segments/0/toM", "segment-gap /segments/1/fromM"}},
		"not a number":            {func(c *boundary.AgreementContent) { c.Segments[0].ToM = math.NaN() }, []string{"bad-range /segments/0/toM", "segment-gap /segments/1/fromM"}},
		"no segments":             {func(c *boundary.AgreementContent) { c.Segments = nil }, []string{"segments-missing /segments"}},
		"another mark, accuracy 0": {func(c *boundary.AgreementContent) {
			c.Segments[0].MarkKind, c.Segments[0].AccuracyM = "fence", metres(0)
		}, []string{"bad-mark /segments/0/markKind", "bad-accuracy /segments/0/accuracyM"}},
		"no course":                   {func(c *boundary.AgreementContent) { c.Course = " " }, []string{"course-missing /course"}},
		"a length without source":     {func(c *boundary.AgreementContent) { c.PublishedLengthM = metres(15000) }, []string{"bad-length /publishedSource"}},
		"no datum of old coordinates": {func(c *boundary.AgreementContent) { c.OriginalCoordinates = "X=3265" }, []string{"bad-datum /originalDatum"}},
		"an unknown datum":            {func(c *boundary.AgreementContent) { c.OriginalDatum = "wgs84" }, []string{"bad-datum /originalDatum"}},
		"another datum, projection":   {func(c *boundary.AgreementContent) { c.OriginalDatum = "other" }, []string{"projection-missing /originalProjection"}},
		"30 m aside":                  {func(c *boundary.AgreementContent) { c.Geometry = shifted(30); c.Segments[1].ToM = 0 }, nil},
		"60 m aside":                  {func(c *boundary.AgreementContent) { c.Geometry = shifted(60); c.Segments[1].ToM = 0 }, []string{"departs /departsAtMostM"}},
		"60 m aside, said": {func(c *boundary.AgreementContent) {
			c.Geometry, c.DepartsAtMostM = shifted(60), metres(61)
			c.Segments[1].ToM = 0
		}, nil},
		"60 m aside, said to be less": {func(c *boundary.AgreementContent) {
			c.Geometry, c.DepartsAtMostM = shifted(60), metres(59)
			c.Segments[1].ToM = 0
		}, []string{"departs /departsAtMostM"}},
		"another line": {func(c *boundary.AgreementContent) {
			c.Geometry, c.DepartsAtMostM = shifted(150_000), metres(1e9)
			c.Segments[1].ToM = 0
		}, []string{"another-line /geometry"}},
		"latitude first":    {func(c *boundary.AgreementContent) { c.Geometry = orb.MultiLineString{{{29.5, 106.5}, {29.6, 106.5}}} }, []string{"bad-position /geometry"}},
		"one point":         {func(c *boundary.AgreementContent) { c.Geometry = orb.MultiLineString{{{106.5, 29.5}}} }, []string{"line-empty /geometry"}},
		"no parts":          {func(c *boundary.AgreementContent) { c.Geometry = orb.MultiLineString{} }, []string{"line-empty /geometry"}},
		"too many vertices": {func(c *boundary.AgreementContent) { c.Geometry = orb.MultiLineString{slices.Repeat(lineF[0], 20_000)} }, []string{"too-many-vertices /geometry"}},
		"too many parts":    {func(c *boundary.AgreementContent) { c.Geometry = slices.Repeat(lineF, 501) }, []string{"too-many-parts /geometry"}},
		"there and back": {func(c *boundary.AgreementContent) {
			c.Geometry = orb.MultiLineString{append(slices.Clone(lineF[0]), lineF[0][0])}
			c.Geometry[0] = append(c.Geometry[0], lineF[0][1])
		}, []string{"self-intersection /geometry"}},
		"wrong in words and in numbers": {func(c *boundary.AgreementContent) { c.Course, c.Segments[1].FromM = "", 8000 }, []string{"course-missing /course", "segment-overlap /segments/1/fromM"}},
	} {
		content := whole
		content.Segments = slices.Clone(whole.Segments)
		c.change(&content)
		settled, found := content.Settle(lineF, boundary.Meetings{})
		var got []string
		for _, f := range found {
			got = append(got, f.Code+" "+f.Pointer)
			if f.Severity != fault.Block || f.Detail == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, wanted %v", name, got, c.want)
		}
		if last := len(settled.Segments) - 1; len(found) == 0 && math.Abs(settled.Segments[last].ToM-settled.LengthM) > 0.01 {
			t.Errorf("%s: to %v of %v", name, settled.Segments[last].ToM, settled.LengthM)
		}
	}
}

// The line keeps its direction whatever that of the geometry, since the side that lies right of it is recorded once.
func TestContentRunsAsTheLineDoes(t *testing.T) {
	back := orb.MultiLineString{slices.Clone(lineF[0])}
	slices.Reverse(back[0])
	content := agreed(boundary.LineSegment{MarkKind: "ridge"})
	for name, former := range map[string]orb.MultiLineString{"west to east": lineF, "east to west": back} {
		for _, given := range []orb.MultiLineString{lineF, back, {lineF[0][:2], lineF[0][1:]}} {
			content.Geometry = given
			settled, found := content.Settle(former, boundary.Meetings{})
			if len(found) > 0 || !orb.Equal(settled.Geometry, former) || !settled.Given || settled.DepartsM > 0.001 {
				t.Errorf("%s: got %v, %v", name, settled.Geometry, found)
			}
		}
	}
	content.Geometry = nil
	if settled, found := content.Settle(back, boundary.Meetings{}); len(found) > 0 || settled.Given || !orb.Equal(settled.Geometry, back) {
		t.Errorf("today's: %v, %v", settled.Geometry, found)
	}
}

func TestTheDigestIsOfEverythingThatIsConfirmed(t *testing.T) {
	content := agreed(ridgeThenRoad(0)...)
	line, over := uuid.UUID{1}, uuid.UUID{2}
	digests := map[string]bool{}
	for _, change := range []func(*boundary.SettledContent){
		func(*boundary.SettledContent) {},
		func(c *boundary.SettledContent) { c.Course += "。" },
		func(c *boundary.SettledContent) { c.Segments[0].ToM += 0.001 },
		func(c *boundary.SettledContent) { c.Geometry[0][1][0] += 1e-12 },
		func(c *boundary.SettledContent) { c.OriginalCoordinates += " " },
		func(*boundary.SettledContent) { over = uuid.UUID{3} },
	} {
		settled, found := content.Settle(lineF, boundary.Meetings{})
		if len(found) > 0 {
			t.Fatal(found)
		}
		settled.Geometry = settled.Geometry.Clone()
		change(&settled)
		digest, err := settled.Digest(line, over)
		if err != nil || len(digest) != 64 {
			t.Fatal(digest, err)
		}
		digests[digest] = true
	}
	if len(digests) != 6 {
		t.Errorf("%d digests of six contents", len(digests))
	}
}
