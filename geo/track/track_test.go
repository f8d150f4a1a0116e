package track_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

func read(t testing.TB, name, text string) *track.Track {
	t.Helper()
	tr, err := track.Read(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func noteCodes(tr *track.Track) string {
	var all []string
	for _, n := range tr.Notes {
		all = append(all, n.Code)
	}
	return strings.Join(all, " ")
}

// What surveyors really hand in.
func TestMadeFilesGetTheAnswerExpected(t *testing.T) {
	for name, want := range map[string]struct {
		state  track.State
		points int
		codes  string
	}{
		"01_good.gpx":                    {track.OK, 3, ""},
		"02_bom_utf8.gpx":                {track.OK, 3, ""},
		"03_utf16le_bom.gpx":             {track.OK, 3, ""},
		"05_gbk_declared.gpx":            {track.OK, 3, ""},
		"06_gb18030_declared.gpx":        {track.OK, 3, ""},
		"07_gbk_undeclared.gpx":          {track.OKWithNotes, 3, "charset_guessed_gb18030"},
		"09_no_decl_no_ns.gpx":           {track.OK, 3, ""},
		"10_ns_prefix.gpx":               {track.OK, 1, ""},
		"11_gpx10.gpx":                   {track.OK, 3, ""},
		"13_some_time_missing.gpx":       {track.OKWithNotes, 3, "time_missing"},
		"14_time_local_no_zone.gpx":      {track.OKWithNotes, 1, "time_without_zone"},
		"15_time_space.gpx":              {track.OKWithNotes, 1, "time_without_zone"},
		"17_time_millis.gpx":             {track.OK, 1, ""},
		"18_time_empty.gpx":              {track.OKWithNotes, 1, "no_time"},
		"19_time_garbage.gpx":            {track.OKWithNotes, 1, "bad_time no_time"},
		"22_time_backwards.gpx":          {track.OKWithNotes, 2, "time_backwards"},
		"25_zero_zero.gpx":               {track.OKWithNotes, 2, "zero_position"},
		"26_lat_out_of_range.gpx":        {track.Unreadable, 0, "out_of_range"},
		"27_lat_lon_swapped.gpx":         {track.Unreadable, 0, "unreadable_position"},
		"29_empty_coord.gpx":             {track.Unreadable, 0, "missing_position"},
		"30_missing_lon.gpx":             {track.Unreadable, 0, "missing_position"},
		"31_ele_empty.gpx":               {track.OK, 1, ""},
		"33_duplicated_points.gpx":       {track.OK, 50, ""},
		"34_truncated.gpx":               {track.PartlyRead, 2, "cut"},
		"35_truncated_mid_utf8.gpx":      {track.Unreadable, 0, "cut no_track"},
		"37_trailing_nulls.gpx":          {track.OKWithNotes, 3, "nul_tail"},
		"38_routes_only.gpx":             {track.OKWithNotes, 0, "no_track"},
		"39_waypoints_only.gpx":          {track.OKWithNotes, 0, "no_track"},
		"41_empty_file.gpx":              {track.Empty, 0, "empty_file"},
		"42_html.gpx":                    {track.Unreadable, 0, "looks_like_html"},
		"43_json.gpx":                    {track.OKWithNotes, 0, "no_track extension_mismatch"},
		"45_extensions.gpx":              {track.OK, 1, ""},
		"46_ext_undeclared_prefix.gpx":   {track.OK, 1, ""},
		"47_ext_fake_trkpt.gpx":          {track.OK, 1, ""},
		"49_billion_laughs.gpx":          {track.RefusedDangerous, 0, "dtd"},
		"50_deep_nest.gpx":               {track.RefusedDangerous, 0, "too_deep"},
		"51_bad_entity.gpx":              {track.OKWithNotes, 3, "bad_entity"},
		"53_script_name.gpx":             {track.OK, 3, ""},
		"54_single_quotes_reordered.gpx": {track.OK, 1, ""},
		"55_cdata_comment.gpx":           {track.OK, 1, ""},
		"57_leading_blank_line.gpx":      {track.OK, 3, ""},
		"58_gzip.gpx":                    {track.OK, 3, ""},
		"59_crlf_tabs.gpx":               {track.OK, 3, ""},
	} {
		b, err := os.ReadFile(shareddata.Path(t, "tracks/made/"+name))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := track.Read(name, bytes.NewReader(b))
		if err != nil || tr.State != want.state || tr.NumPoints() != want.points || noteCodes(tr) != want.codes {
			t.Errorf("%s: %s, %d points, %q (%v); want %s, %d, %q", name, tr.State, tr.NumPoints(), noteCodes(tr), err, want.state, want.points, want.codes)
		}
	}
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="made" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>A</name><trkseg>
`

const (
	tail   = "</trkseg></trk>\n</gpx>\n"
	first  = `<trkpt lat="29.6" lon="106.5"><ele>300</ele><time>2026-03-01T08:00:00Z</time></trkpt>` + "\n"
	second = `<trkpt lat="29.6001" lon="106.5001"><time>2026-03-01T08:00:10Z</time></trkpt>` + "\n"
)

func TestNullBytesInTheMiddleAreSpaces(t *testing.T) {
	text := strings.Replace(head, `creator="made"`, "creator=\"m\x00de\"", 1) + first + "\x00\x00\x00" + second + tail
	tr, err := track.Read("a.gpx", strings.NewReader(text))
	if err != nil || tr.NumPoints() != 2 || tr.Creator != "m de" || noteCodes(tr) != "nul_inside" {
		t.Errorf("%d points by %q, notes %q, %v", tr.NumPoints(), tr.Creator, noteCodes(tr), err)
	}
}

func TestBadPointsAreRefusedOneByOneWithTheirPlace(t *testing.T) {
	for point, want := range map[string]struct {
		code   string
		column int
		state  track.State
	}{
		`<trkpt lat="29,6" lon="106.5"/>`:                            {"decimal_comma", 13, track.PartlyRead},
		`<trkpt lon="106.5" lat="29,6"/>`:                            {"decimal_comma", 25, track.PartlyRead},
		`<trkpt lon="106.5" lat=""/>`:                                {"missing_position", 25, track.PartlyRead},
		`<trkpt lat=" " lon="106.5"/>`:                               {"missing_position", 13, track.PartlyRead},
		`<trkpt lat="29.6"/>`:                                        {"missing_position", 1, track.PartlyRead},
		`<trkpt/>`:                                                   {"missing_position", 1, track.PartlyRead},
		`<trkpt lat=29.6 lon="1"/>`:                                  {"missing_position", 8, track.PartlyRead},
		`<trkpt lat="1" lat="2" lon="3"/>`:                           {"missing_position", 21, track.PartlyRead},
		`<trkpt lat="NaN" lon="106.5"/>`:                             {"bad_position", 13, track.PartlyRead},
		`<trkpt lat="1e400" lon="106.5"/>`:                           {"bad_position", 13, track.PartlyRead},
		`<trkpt lat="0x1F" lon="106.5"/>`:                            {"bad_position", 13, track.PartlyRead},
		`<trkpt lat="Inf" lon="106.5"/>`:                             {"bad_position", 13, track.PartlyRead},
		`<trkpt lat="29.6N" lon="106.5"/>`:                           {"bad_position", 13, track.PartlyRead},
		`<trkpt lat="129.6" lon="206.5"/>`:                           {"out_of_range", 1, track.PartlyRead},
		`<trkpt lat="106.5" lon="29.6"/>`:                            {"unreadable_position", 1, track.PartlyRead},
		`<trkpt lat="3275432" lon="36354321"/>`:                      {"projected_coordinates", 1, track.PartlyRead},
		`<trkpt lat="0" lon="0.0"/>`:                                 {"zero_position", 1, track.OKWithNotes},
		`<trkpt lat="29.6002" lon="106.5002"><ele>-</ele></trkpt>`:   {"bad_elevation", 42, track.OKWithNotes},
		`<trkpt lat="29.6002" lon="106.5002"><time>x</time></trkpt>`: {"bad_time", 43, track.OKWithNotes},
		`<trkpt lat="29.6002" lon="106.5002"><time>0000-01-01T00:00:00Z</time></trkpt>`:      {"bad_time", 43, track.OKWithNotes},
		`<trkpt lat="29.6002" lon="106.5002"><time>9999-12-31T23:59:59-14:00</time></trkpt>`: {"bad_time", 43, track.OKWithNotes},
		`界<trkpt lat="29,6" lon="106.5"/>`:                                                   {"decimal_comma", 14, track.PartlyRead},
		`<trkpt lat="29&#44;6" lon="106.5"/>`:                                                {"decimal_comma", 13, track.PartlyRead},
	} {
		tr := read(t, "a.gpx", head+first+point+"\n"+second+tail)
		n := tr.Find(want.code)
		if n == nil || tr.State != want.state {
			t.Errorf("%s: %s, %q; want %s, %s", point, tr.State, noteCodes(tr), want.state, want.code)
			continue
		}
		if n.Line != 5 || n.Point != 2 || n.Count != 1 || n.Column != want.column {
			t.Errorf("%s: %d:%d, point %d, %d times; want 5:%d", point, n.Line, n.Column, n.Point, n.Count, want.column)
		}
		for p := range tr.Points() {
			if p.Lat == 0 || p.Lon == 0 || p.Lat == 29 || p.Lat < 29 || p.Lon < 106 {
				t.Errorf("%s: kept %+v", point, p)
			}
		}
	}
}

func TestWholePointsBeforeACutAreKept(t *testing.T) {
	whole := head + first + second + tail
	for cut := range len(whole) {
		tr := read(t, "a.gpx", whole[:cut])
		points := strings.Count(whole[:cut], "</trkpt>")
		if tr.NumPoints() != points {
			t.Fatalf("cut at %d: %d points, want %d", cut, tr.NumPoints(), points)
		}
		complete := strings.Contains(whole[:cut], "</gpx>")
		if points > 0 && (tr.State == track.PartlyRead) == complete {
			t.Errorf("cut at %d: %s", cut, tr.State)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(head + strings.Repeat(first, 1000)))
	_ = z.Close()
	tr := read(t, "a.gpx.gz", packed.String()[:packed.Len()-10])
	if tr.State != track.PartlyRead || tr.NumPoints() == 0 {
		t.Errorf("a cut gzip: %s, %d points, %q", tr.State, tr.NumPoints(), noteCodes(tr))
	}
}

func TestFilesThatAreSomethingElse(t *testing.T) {
	for text, want := range map[string]struct {
		state track.State
		code  string
	}{
		"": {track.Empty, "empty_file"}, " \n\x00\x00": {track.Empty, "empty_file"},
		"<!doctype HTML><html>":                    {track.Unreadable, "looks_like_html"},
		"<HTML><body>":                             {track.Unreadable, "looks_like_html"},
		"<!DOCTYPE gpx SYSTEM 'http://x/y'>":       {track.RefusedDangerous, "dtd"},
		head + "<!ENTITY x 'y'>" + tail:            {track.RefusedDangerous, "dtd"},
		head + first + tail + "<!DOCTYPE a>":       {track.RefusedDangerous, "dtd"},
		"<osm><node/></osm>":                       {track.Unreadable, "format_not_read"},
		"$GPGGA,1":                                 {track.Unreadable, "bad_checksum"},
		"%PDF-1.4":                                 {track.Unreadable, "format_not_read"},
		"\x1f\x8b\x08\x00garbage":                  {track.Unreadable, "bad_gzip"},
		head + first + tail + head + second + tail: {track.OKWithNotes, "two_documents"},
		head + first + tail + "left over":          {track.PartlyRead, "trailing_data"},
		head + first + "</trk></gpx>":              {track.PartlyRead, "malformed_xml"},
		head + first + "<trkpt lat=\"1\" <trkpt/>": {track.PartlyRead, "malformed_xml"},
		head + first + "<1>":                       {track.PartlyRead, "malformed_xml"},
		head + strings.Repeat(`<trkpt lat="106.5" lon="29.6"/>`, 9) + first + tail: {track.Unreadable, "unreadable_position"},
	} {
		tr := read(t, "a.gpx", text)
		if tr.State != want.state || tr.Find(want.code) == nil {
			t.Errorf("%.60q: %s, %q; want %s, %s", text, tr.State, noteCodes(tr), want.state, want.code)
		}
		if dead := tr.State == track.Unreadable || tr.State == track.RefusedDangerous || tr.State == track.Empty; dead && tr.NumPoints() > 0 {
			t.Errorf("%.60q: %s with %d points", text, tr.State, tr.NumPoints())
		}
	}
	if tr := read(t, "photo.jpg", head+first+tail); tr.Find("extension_mismatch") == nil || tr.NumPoints() != 1 {
		t.Errorf("GPX under .jpg: %s %q", tr.State, noteCodes(tr))
	}
	if tr := read(t, "a.gpx", head+first+tail+head+second+tail); tr.NumPoints() != 2 || len(tr.Segments) != 2 {
		t.Errorf("two documents: %d points in %d segments", tr.NumPoints(), len(tr.Segments))
	}
}

func TestTimesAreReadAsWritten(t *testing.T) {
	want := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for text, delta := range map[string]time.Duration{
		"2026-03-01T08:00:00Z": 0, "2026-03-01t08:00:00z": 0, "2026-03-01T16:00:00+08:00": 0, "2026-03-01T16:00:00+0800": 0,
		"2026-03-01T16:00:00+08": 0, "2026-03-01T03:30:00-04:30": 0, "2026-03-01T16:00:00": 0, "2026-03-01 16:00:00": 0,
		"2026-03-01T08:00:00.250Z": 250 * time.Millisecond, "2026-03-01T08:00:00.1234567891Z": 123456789, " 2026-03-01T08:00:00Z\n": 0,
	} {
		tr := read(t, "a.gpx", head+`<trkpt lat="29.6" lon="106.5"><time>`+text+`</time></trkpt>`+tail)
		if got, _, _ := tr.Ends(); !got.Time.Equal(want.Add(delta)) {
			t.Errorf("%q: %v, notes %q", text, got.Time, noteCodes(tr))
		}
	}
	for _, text := range []string{
		"yesterday", "2026-03-01", "2026-02-30T08:00:00Z", "2026-13-01T08:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T08:60:00Z",
		"2026-03-01T08:00:00+25:00", "2026-03-01T08:00:00 Z", "20260301T080000Z", "2026-03-01T08:00:00Q", "2026/03/01 08:00:00",
	} {
		tr := read(t, "a.gpx", head+`<trkpt lat="29.6" lon="106.5"><time>`+text+`</time></trkpt>`+tail)
		if got, _, _ := tr.Ends(); !got.Time.IsZero() || tr.Find("bad_time") == nil {
			t.Errorf("%q: %v, notes %q", text, got.Time, noteCodes(tr))
		}
	}
}

func TestCheckAgainstTheInstantOfReceipt(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"21_time_future.gpx": "future_time", "23_gps_week_rollover.gpx": "gps_rollover", "01_good.gpx": "", "33_duplicated_points.gpx": "repeated_point",
	} {
		b, err := os.ReadFile(shareddata.Path(t, "tracks/made/"+name))
		if err != nil {
			t.Fatal(err)
		}
		tr := read(t, name, string(b))
		tr.Check(now)
		if got := noteCodes(tr); got != want || (tr.State == track.OK) != (want == "") {
			t.Errorf("%s: %s %q, want %q", name, tr.State, got, want)
		}
		if want == "gps_rollover" && !strings.Contains(tr.Notes[0].Detail, "2026-03-01 16:00:00") {
			t.Errorf("the corrected time is not proposed: %s", tr.Notes[0].Detail)
		}
	}
	tr := read(t, "a.gpx", head+first+`<trkpt lat="39.9" lon="116.4"><time>2026-03-01T08:00:05Z</time></trkpt>`+"\n"+second+tail)
	tr.Check(now)
	if n := tr.Find("teleport"); n == nil || n.Count != 1 || n.Line != 5 || n.Point != 2 || tr.NumPoints() != 3 {
		t.Errorf("a second in Beijing: %q", noteCodes(tr))
	}
}

func TestNamesWaypointsAndAbsentElevations(t *testing.T) {
	tr := read(t, "a.gpx", `<gpx creator="a &amp; b"><wpt lat="29.6" lon="106.5"><name><![CDATA[5051 & 一]]></name><sym>Flag</sym><desc>a<!-- x -->b</desc></wpt>`+
		`<trk><name> 渝川线 </name><trkseg><trkpt lat="29.6" lon="106.5"/></trkseg></trk></gpx>`)
	if tr.Creator != "a & b" || tr.Name != "渝川线" || len(tr.Waypoints) != 1 {
		t.Fatalf("%+v", tr)
	}
	if w := tr.Waypoints[0]; w.Name != "5051 & 一" || w.Symbol != "Flag" || w.Description != "ab" || w.Lat != 29.6 {
		t.Errorf("%+v", w)
	}
	if p, _, ok := tr.Ends(); !ok || !math.IsNaN(p.ElevationM) || !p.Time.IsZero() || p.Line != 1 {
		t.Errorf("%+v", p)
	}
	if b, ok := tr.Bound(); !ok || b.Min != b.Max || b.Min[0] != 106.5 {
		t.Errorf("%v", b)
	}
}

// A million bad points in one line must not take the square of a million.
func TestManyFaultsInOneLineAreQuick(t *testing.T) {
	start := time.Now()
	tr := read(t, "a.gpx", head+strings.Repeat(`<trkpt lat="29,6" lon="x"><time>?</time><ele>?</ele></trkpt>`, 200_000)+tail)
	if n := tr.Find("decimal_comma"); n == nil || n.Count != 200_000 || tr.State != track.Unreadable {
		t.Errorf("%s %q", tr.State, noteCodes(tr))
	}
	if d := time.Since(start); d > 10*time.Second { // some 0.1 s
		t.Errorf("took %v", d)
	}
}

func TestErrorsAreThoseOfTheReaderAlone(t *testing.T) {
	if _, err := track.Read("a.gpx", io.MultiReader(strings.NewReader(head), brokenReader{})); err == nil {
		t.Error("a failing reader gave no error")
	}
	for _, n := range read(t, "a.gpx", head+`<trkpt/>`).Notes {
		if n.Severity == fault.Pass || n.Detail == "" || strings.Contains(n.Detail, "%") {
			t.Errorf("%+v", n)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, fmt.Errorf("the disk is gone") }

func ExampleRead() {
	const gpx = `<gpx version="1.1"><trk><trkseg>
<trkpt lat="29.6" lon="106.5"><time>2026-03-01T16:00:00+08:00</time></trkpt>
<trkpt lat="29,6001" lon="106.5001"><time>2026-03-01T16:00:10+08:00</time></trkpt>
</trkseg></trk></gpx>`
	tr, err := track.Read("界线.gpx", strings.NewReader(gpx))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tr.State, tr.NumPoints())
	for _, n := range tr.Notes {
		fmt.Printf("第 %d 行第 %d 列：%s\n", n.Line, n.Column, n.Detail)
	}
	// Output:
	// partly-read 1
	// 第 3 行第 13 列：坐标“29,6001”用了逗号作小数点，这个点未采用：请把小数点改为“.”
}

func TestACreatorIsKeptShort(t *testing.T) {
	text := strings.Replace(head, `creator="made"`, `creator="`+strings.Repeat("图", 100_000)+`"`, 1) + first + tail
	tr, err := track.Read("a.gpx", strings.NewReader(text))
	if err != nil || tr.NumPoints() != 1 || tr.Creator != strings.Repeat("图", 66)+"…" {
		t.Errorf("%d points by %d bytes, %v", tr.NumPoints(), len(tr.Creator), err)
	}
}

// allocated is how many bytes of memory do asks for.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func packed(t *testing.T, text string, times int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	var err error
	for range times {
		if err == nil {
			_, err = io.WriteString(z, text)
		}
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestABombIsRefusedBeforeItFillsTheMemory(t *testing.T) {
	const most = 64 << 20
	for name, bomb := range map[string][]byte{
		"100 MB of nothing":      packed(t, strings.Repeat("\x00", 1<<20), 100),
		"blanks":                 packed(t, strings.Repeat(" ", 1<<20), 64),
		"one point, over again":  packed(t, head+strings.Repeat(first, 10_000), 100),
		"an honest track before": append(packed(t, string(bigGPX(5000)), 1), packed(t, strings.Repeat("\x00", 1<<20), 100)...),
	} {
		var tr *track.Track
		used := allocated(func() { tr = read(t, "a.gpx.gz", string(bomb)) })
		n := tr.Find("zip_ratio")
		if tr.State != track.RefusedDangerous || n == nil || !strings.Contains(n.Detail, "200 倍") || tr.NumPoints() > 0 {
			t.Errorf("%s: %s %q", name, tr.State, noteCodes(tr))
		}
		if used > most {
			t.Errorf("%s: took %d MB of memory for %d kB", name, used>>20, len(bomb)>>10)
		}
	}
	for name, honest := range map[string][]byte{
		"a track":              packed(t, string(bigGPX(50_000)), 1),
		"a receiver at rest":   packed(t, head+strings.Repeat(first, 10_000)+tail, 1),
		"a tail of null bytes": packed(t, head+first+tail+strings.Repeat("\x00", 3<<20), 1),
	} {
		if tr := read(t, "a.gpx.gz", string(honest)); tr.NumPoints() == 0 || tr.State != track.OK && tr.State != track.OKWithNotes {
			t.Errorf("%s: %s %q", name, tr.State, noteCodes(tr))
		}
	}
}

func TestMorePointsThanAReceiverRecordsAreNotRead(t *testing.T) {
	tr := read(t, "a.gpx", head+first+strings.Repeat("<trkpt/>", track.MaxPoints)+tail)
	if tr.State != track.Unreadable || tr.Find("too_many_points") == nil || tr.NumPoints() > 0 {
		t.Errorf("%s %q", tr.State, noteCodes(tr))
	}
}

func TestAFileIsHeldInMemoryOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gpx")
	text := head + first + tail + "<!--\x00" + strings.Repeat("x", 32<<20) + "-->"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	used := allocated(func() {
		if tr, err := track.Read("a.gpx", f); err != nil || tr.NumPoints() != 1 {
			t.Errorf("%v, %v", tr, err)
		}
	})
	if used > 48<<20 {
		t.Errorf("took %d MB of memory for %d MB", used>>20, len(text)>>20)
	}
}
