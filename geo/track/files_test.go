package track_test

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fangyu/geo/track"
	"fangyu/internal/shareddata"
)

// fileTruth is what a file of data/tracks holds.
type fileTruth struct {
	state             track.State
	points, waypoints int
	first, last       [2]float64 // longitude, latitude, of points or, where there are none, of waypoints
	times             [2]string  // of the first and the last, RFC 3339, "" for none
	codes             string
}

// The truth of files of a few lines was read off them by eye: the numbers stand in them as they stand here.
var fileTruths = map[string]fileTruth{
	"made/c01_good.csv":                    {track.OK, 1, 0, at1, at1, [2]string{utc8, utc8}, ""},
	"made/c02_gbk_chinese_headers.csv":     {track.OKWithNotes, 1, 0, at1, at1, [2]string{utc8, utc8}, "charset_guessed_gb18030 time_without_zone"},
	"made/c03_semicolon_comma_decimal.csv": {track.OK, 1, 0, at1, at1, [2]string{utc8, utc8}, ""},
	"made/c05_formula_injection.csv":       {track.OKWithNotes, 0, 1, at1, at1, [2]string{}, "no_track points_as_waypoints"},
	"made/c06_unclosed_quote.csv":          {track.OKWithNotes, 0, 1, at1, at1, [2]string{}, "stray_quote no_track points_as_waypoints"},
	"made/c07_utf16_excel.csv":             {track.OKWithNotes, 1, 0, at1, at1, [2]string{utc8, utc8}, "time_without_zone"},
	"made/gcj02_vectors.csv":               {track.OKWithNotes, 0, 3, [2]float64{121.5272106, 31.1774276}, [2]float64{116.377817, 39.911954}, [2]string{}, "no_track points_as_waypoints"},

	"made/n01_good.nmea":             {track.OK, 1, 0, at1, at1, [2]string{utc8, utc8}, ""},
	"made/n03_void_fix.nmea":         {track.OKWithNotes, 1, 0, at1, at1, [2]string{utc8, utc8}, "void_fix"},
	"made/n04_gga_only_no_date.nmea": {track.OKWithNotes, 2, 0, at1, [2]float64{106.5 + 0.001/60, 29.6 + 0.001/60}, [2]string{}, "no_time no_date"},
	"made/n05_beidou_talker.nmea":    {track.OK, 1, 0, at1, at1, [2]string{utc8, utc8}, ""},

	"made/g01_good.geojson":            {track.OKWithNotes, 2, 0, at1, [2]float64{106.5001, 29.6001}, [2]string{}, "no_time"},
	"made/g02_latlon_order.geojson":    {track.Unreadable, 0, 0, none2, none2, [2]string{}, "unreadable_position"},
	"made/g03_crs_member_4490.geojson": {track.OKWithNotes, 0, 1, at1, at1, [2]string{}, "no_track"},
	"made/g05_deep_nesting.geojson":    {track.RefusedDangerous, 0, 0, none2, none2, [2]string{}, "too_deep"},
	"made/g06_dup_keys.geojson":        {track.OKWithNotes, 0, 1, at1, at1, [2]string{}, "duplicate_key no_track"},
	"made/g07_nan_string.geojson":      {track.Unreadable, 0, 0, none2, none2, [2]string{}, "bad_position"},
	"made/g09_null_geometry.geojson":   {track.OKWithNotes, 0, 0, none2, none2, [2]string{}, "no_track"},
	"made/g10_huge_exponent.geojson":   {track.Unreadable, 0, 0, none2, none2, [2]string{}, "bad_position"},

	// By a reader of some thirty lines in Python's struct: 99,998 messages of number 20, all with a position.
	"bsd-3-clause/fit/big_activity.fit": {
		track.OK, 99998, 0,
		[2]float64{110.91162792406976, -7.584060989320278},
		[2]float64{110.91162792406976, -7.584060989320278},
		[2]string{"2023-09-04T12:55:20Z", "2023-09-05T16:41:57Z"},
		"",
	},
	"bsd-3-clause/fit/TestEncode.fit":                {track.OKWithNotes, 0, 0, none2, none2, [2]string{}, "no_position no_track"},
	"bsd-3-clause/fit/valid_only_contain_fileid.fit": {track.OKWithNotes, 0, 0, none2, none2, [2]string{}, "no_position no_track"},
}

const utc8 = "2026-03-01T08:00:00Z"

var at1, none2 = [2]float64{106.5, 29.6}, [2]float64{}

// TestEveryFileOfTextGetsTheAnswerExpected walks over all that is there, so that no file is left out.
func TestEveryFileOfTextGetsTheAnswerExpected(t *testing.T) {
	root := shareddata.Path(t, "tracks")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".csv", ".nmea", ".geojson", ".json", ".fit":
		default:
			return nil
		}
		name, _ := filepath.Rel(root, path)
		want, ok := fileTruths[filepath.ToSlash(name)]
		if !ok {
			t.Errorf("%s has no expected answer", name)
			return nil
		}
		seen++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tr, err := track.Read(name, bytes.NewReader(b))
		if err != nil {
			return err
		}
		compareFile(t, name, tr, want)
		return nil
	})
	if err != nil || seen != len(fileTruths) {
		t.Errorf("%d files of %d, %v", seen, len(fileTruths), err)
	}
}

func compareFile(t *testing.T, name string, tr *track.Track, want fileTruth) {
	t.Helper()
	if tr.State != want.state || tr.NumPoints() != want.points || len(tr.Waypoints) != want.waypoints || noteCodes(tr) != want.codes {
		t.Errorf("%s: %s, %d points, %d waypoints, %q; want %+v", name, tr.State, tr.NumPoints(), len(tr.Waypoints), noteCodes(tr), want)
		return
	}
	first, last, ok := tr.Ends()
	if !ok && len(tr.Waypoints) > 0 {
		first, last = tr.Waypoints[0].Point, tr.Waypoints[len(tr.Waypoints)-1].Point
	}
	for i, p := range []track.Point{first, last} {
		at := [2][2]float64{want.first, want.last}[i]
		if math.Abs(p.Lon-at[0]) > csvMetre/10 || math.Abs(p.Lat-at[1]) > csvMetre/10 {
			t.Errorf("%s: end %d at %v, want %v", name, i, p.LonLat(), at)
		}
		when := ""
		if !p.Time.IsZero() {
			when = p.Time.Format(time.RFC3339)
		}
		if when != want.times[i] {
			t.Errorf("%s: end %d recorded %s, want %s", name, i, when, want.times[i])
		}
	}
}
