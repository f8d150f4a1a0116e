package track_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"fangyu/geo/track"
)

// The position that the tables of these tests hold, in degrees, and as metres of the planes of EPSG 4524 (zone 36) and
// 4545. The metres are those of `echo 106.5 29.6 | gdaltransform -s_srs "+proj=longlat +ellps=GRS80" -t_srs EPSG:4524`.
const (
	csvLat, csvLon = 29.6, 106.5
	csvMetre       = 1.0 / 111_000
)

func TestTablesOfAllHeadings(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	none := time.Time{}
	for name, want := range map[string]struct {
		text  string
		state track.State
		time  time.Time
		ele   float64
		codes string
	}{
		"GPSLogger": {
			"time,lat,lon,elevation,accuracy,bearing,speed,satellites,provider,hdop,vdop,pdop,annotation\n2026-03-01T08:00:00.000Z,29.6,106.5,300,4.1,0.0,0.1,9,gps,0.9,,,\n",
			track.OK, at, 300, "",
		},
		"Chinese, any order":  {"海拔,时间（北京时间）,经度,纬度\n300,2026-03-01 16:00:00,106.5,29.6\n", track.OK, at, 300, ""},
		"without zone":        {"时间,纬度,经度\n2026/3/1 16:00:00,29.6,106.5\n", track.OKWithNotes, at, math.NaN(), "time_without_zone"},
		"UTC in the heading":  {"UTC时间\t纬度\t经度\n2026-03-01 08:00:00\t29.6\t106.5\n", track.OK, at, math.NaN(), ""},
		"date and time, two":  {"日期,时间,纬度,经度\n2026年3月1日,下午4:00:00,29.6,106.5\n", track.OKWithNotes, at, math.NaN(), "time_without_zone"},
		"Unix seconds":        {"timestamp,lat,lon\n1772352000,29.6,106.5\n", track.OK, at, math.NaN(), ""},
		"Unix milliseconds":   {"时间戳,lat,lon\n1772352000000,29.6,106.5\n", track.OK, at, math.NaN(), ""},
		"compact":             {"time,lat,lon\n20260301T080000Z,29.6,106.5\n", track.OK, at, math.NaN(), ""},
		"offset":              {"time,lat,lon\n2026-03-01 16:00:00 +0800,29.6,106.5\n", track.OK, at, math.NaN(), ""},
		"a spreadsheet's day": {"时间,lat,lon\n46082.6666666667,29.6,106.5\n", track.OKWithNotes, at, math.NaN(), "time_without_zone"},
		"GPS week":            {"week,tow,lat,lon\n2408,28818.0,29.6,106.5\n", track.OK, at, math.NaN(), ""},
		"an RTK export": {
			"点名,编码,北坐标X,东坐标Y,高程H,纬度,经度,大地高,解类型,HRMS,采集时间\nJZ01,jz,3276713.462,354685.126,300,29:36:00.00000N,106:30:00.00000E,270.1,固定,0.008,2026-03-01 16:00:00\n",
			track.OKWithNotes, at, 300, "time_without_zone",
		},
		"degrees, minutes":         {"纬度,经度\n29°36′00″N,106°30′00″E\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"colons":                   {"B,L,H\n29:36:00,106:30:00.0,300\n", track.OKWithNotes, none, 300, "no_time"},
		"dashes":                   {"B,L,H\n29-36-00,106-30-00,300\n", track.OKWithNotes, none, 300, "no_time"},
		"Chinese angles":           {"纬度,经度\n北纬29度36分0秒,东经106度30分\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"quoted seconds":           {"lat,lon\n\"29°36'00\"\"N\",\"106°30'00\"\"E\"\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"bare seconds":             {"lat,lon\n29°36'00\",106°30'00\"\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"dd.mmss where said":       {"纬度(dd.mmss),经度(dd.mmss)\n29.3600,106.3000\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"sides in columns":         {"DATE,TIME,LATITUDE,N/S,LONGITUDE,E/W,HEIGHT\n2026/03/01,08:00:00Z,2936.0000,N,10630.0000,E,300\n", track.OK, at, 300, ""},
		"sides at the end":         {"INDEX,UTC DATE,TIME,LATITUDE N/S,LONGITUDE E/W,HEIGHT\n1,260301,080000,29.600000N,106.500000E,300\n", track.OK, at, 300, ""},
		"semicolons":               {"time;lat;lon;ele\n2026-03-01T08:00:00Z;29,6;106,5;300,0\n", track.OK, at, 300, ""},
		"decimal commas, quoted":   {"lat,lon,ele\n\"29,6\",\"106,5\",\"300,0\"\n", track.OKWithNotes, none, 300, "no_time"},
		"bars":                     {"lat|lon\n29.6|106.5\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"blanks":                   {"lat   lon    ele\n29.6  106.5  300\n", track.OKWithNotes, none, 300, "no_time"},
		"a preface":                {"导出时间：2026-03-02\n仪器,X5\n\n纬度,经度,高程\n29.6,106.5,300\n", track.OKWithNotes, none, 300, "no_time"},
		"units below":              {"lat,lon,ele\ndeg,deg,m\n29.6,106.5,300\n", track.OKWithNotes, none, 300, "no_time"},
		"units in brackets":        {"Latitude (deg),Longitude [deg],Height/m\n29.6,106.5,300\n", track.OKWithNotes, none, 300, "no_time"},
		"feet":                     {"lat,lon,altitude (ft)\n29.6,106.5,1000\n", track.OKWithNotes, none, 304.8, "no_time"},
		"sep=":                     {"sep=;\nlat;lon\n29.6;106.5\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"carriage returns":         {"lat,lon\r29.6,106.5\r", track.OKWithNotes, none, math.NaN(), "no_time"},
		"WKT":                      {"WKT,fid\n\"POINT Z (106.5 29.6 300)\",1\n", track.OKWithNotes, none, 300, "no_time"},
		"both in one":              {"坐标\n\"106.5,29.6\"\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"x and y of degrees":       {"X,Y\n106.5,29.6\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"x north":                  {"X,Y\n29.6,106.5\n", track.OKWithNotes, none, math.NaN(), "no_time"},
		"zone in the easting":      {"北坐标,东坐标,高程\n3276713.462,36354685.126,300\n", track.OKWithNotes, none, 300, "no_time projected_converted"},
		"X is north":               {"X,Y,H\n3276713.462,36354685.126,300\n", track.OKWithNotes, none, 300, "no_time projected_converted"},
		"X is east":                {"X,Y,Z\n36354685.126,3276713.462,300\n", track.OKWithNotes, none, 300, "no_time projected_converted"},
		"columns exchanged":        {"N,E\n36354685.126,3276713.462\n", track.OKWithNotes, none, math.NaN(), "axes_swapped no_time projected_converted"},
		"meridian in a column":     {"N,E,中央子午线\n3276713.462,354685.126,108\n", track.OKWithNotes, none, math.NaN(), "no_time projected_converted"},
		"meridian in the preface":  {"坐标系：CGCS2000，中央子午线：108°\nX,Y\n3276713.462,354685.126\n", track.OKWithNotes, none, math.NaN(), "no_time projected_converted"},
		"zone in the preface":      {"# 3度带 36带\n北坐标,东坐标\n3276713.462,354685.126\n", track.OKWithNotes, none, math.NaN(), "no_time projected_converted"},
		"EPSG in the preface":      {"# EPSG:4545\nE,N\n354685.126,3276713.462\n", track.OKWithNotes, none, math.NaN(), "no_time projected_converted"},
		"no headings":              {"2026-03-01T08:00:00Z,29.60000,106.50000\n", track.OKWithNotes, at, math.NaN(), "headings_guessed"},
		"RTKLIB":                   {"% program : RTKPOST\n%  GPST                  latitude(deg) longitude(deg)  height(m)   Q  ns   sdn(m)   sde(m)\n2026/03/01 08:00:18.000   29.600000000  106.500000000   300.0000   1  14   0.0030   0.0040\n", track.OK, at, 300, ""},
		"day first, told by a row": {"time,lat,lon\n01/03/2026 16:00:00,29.6,106.5\n13/03/2026 16:00:00,29.6,106.5\n", track.OKWithNotes, at, math.NaN(), "time_without_zone"},
		"month first, by PM":       {"time,lat,lon\n3/1/2026 4:00:00 PM,29.6,106.5\n", track.OKWithNotes, at, math.NaN(), "time_without_zone"},
		"neither":                  {"time,lat,lon\n03/01/2026 16:00:00,29.6,106.5\n", track.OKWithNotes, none, math.NaN(), "ambiguous_date no_time"},
		"no date":                  {"time,lat,lon\n16:00:00,29.6,106.5\n", track.OKWithNotes, none, math.NaN(), "no_date no_time"},
	} {
		tr := read(t, "a.csv", want.text)
		p, _, ok := tr.Ends()
		switch {
		case tr.Format != "csv" || tr.State != want.state || noteCodes(tr) != want.codes || !ok:
			t.Errorf("%s: %s %s %q, %v", name, tr.Format, tr.State, noteCodes(tr), tr.Notes)
		case math.Abs(p.Lat-csvLat) > csvMetre/10 || math.Abs(p.Lon-csvLon) > csvMetre/10:
			t.Errorf("%s: at %v, %v", name, p.Lat, p.Lon)
		case !p.Time.Equal(want.time), p.ElevationM != want.ele && !(math.IsNaN(want.ele) && math.IsNaN(p.ElevationM)):
			t.Errorf("%s: %v, %v m", name, p.Time, p.ElevationM)
		}
	}
}

func TestTablesThatAskForSomething(t *testing.T) {
	for name, want := range map[string]struct {
		text, code string
		state      track.State
		points     int
		line       int
	}{
		"no zone":                  {"点名,N,E,H\nA,3275432,354321,300\nB,3275433,354322,300\n", "projected_coordinates", track.Unreadable, 0, 2},
		"Web Mercator or zone 13":  {"x,y\n13358338,3658000\n", "projected_coordinates", track.Unreadable, 0, 2},
		"metres under degrees":     {"纬度,经度\n3275432,36354321\n", "projected_coordinates", track.Unreadable, 0, 2},
		"Xi'an 1980":               {"# 1980西安坐标系\n北坐标,东坐标\n3275432,36354321\n", "unsupported_frame", track.Unreadable, 0, 0},
		"a shifted frame":          {"gcj_lat,gcj_lon\n29.60000,106.50000\n", "unsupported_frame", track.Unreadable, 0, 2},
		"degrees exchanged":        {"lat,lon\n106.5,29.6\n", "unreadable_position", track.Unreadable, 0, 2},
		"sides exchanged":          {"lat,lon\nE106.5,N29.6\n", "unreadable_position", track.Unreadable, 0, 2},
		"unknown headings":         {"foo,bar,baz\n1,2,3\n", "no_headings", track.Unreadable, 0, 2},
		"two longitudes":           {"106.50000,29.60000,106.60000,29.70000\n", "no_headings", track.Unreadable, 0, 1},
		"an empty latitude":        {"time,lat,lon\n,29.6,106.5\n,,106.5\n", "missing_position", track.PartlyRead, 1, 3},
		"a word for a latitude":    {"lat,lon\n29.6,106.5\nNaN,106.5\n", "bad_position", track.PartlyRead, 1, 3},
		"1e400":                    {"lat,lon\n29.6,106.5\n1e400,106.5\n", "bad_position", track.PartlyRead, 1, 3},
		"nothing there":            {"lat,lon\n29.6,106.5\n0,0\n", "zero_position", track.OKWithNotes, 1, 3},
		"a decimal comma":          {"lat,lon\n29.6,106.5\n29°36′61″,106.5\n", "bad_position", track.PartlyRead, 1, 3},
		"no fix":                   {"lat,lon,解状态\n29.6,106.5,固定解\n29.6,106.5,无解\n", "void_fix", track.OKWithNotes, 1, 3},
		"a short row":              {"lat,lon\n29.6,106.5\n29.6\n29.6,106.5\n", "missing_position", track.PartlyRead, 2, 3},
		"cut in a row":             {"lat,lon\n29.60000,106.50000\n29.60", "cut", track.PartlyRead, 1, 3},
		"cut in a longitude":       {"lat,lon\n29.60000,106.50000\n29.60000,106.5", "cut", track.PartlyRead, 1, 3},
		"cut in the last digit":    {"lat,lon\n29.6000001,106.5000001\n29.6000001,106.500000", "no_time", track.OKWithNotes, 2, 0},
		"a quotation mark left":    {"name,lat,lon\n\"abc,29.6,106.5\n\"d\",29.6,106.5\n", "stray_quote", track.OKWithNotes, 0, 2},
		"all commas where decimal": {"lat,lon\n29,6,106,5\n", "unreadable_position", track.OKWithNotes, 1, 2},
	} {
		tr := read(t, "a.csv", want.text)
		n := tr.Find(want.code)
		if name == "all commas where decimal" {
			if tr.State == track.OK {
				t.Errorf("%s: %s %q", name, tr.State, noteCodes(tr))
			}
			continue
		}
		if n == nil || tr.State != want.state || tr.NumPoints() != want.points || n.Line != want.line || tr.Format != "csv" {
			t.Errorf("%s: %s %s, %d points, %q %+v", name, tr.Format, tr.State, tr.NumPoints(), noteCodes(tr), n)
		}
	}
	for _, prose := range []string{"this is no table\nof anything\n", "hello", "上午开会，讨论界线。\n下午外业。\n", "a\x01\x02\x03"} {
		if tr := read(t, "a.txt", prose); tr.State != track.Unreadable || tr.Format != "text" {
			t.Errorf("%q: %s %s %q", prose, tr.Format, tr.State, noteCodes(tr))
		}
	}
}

func TestSurveyPointsAreWaypoints(t *testing.T) {
	const text = "点名,北坐标,东坐标,高程,解状态,卫星数,HDOP,水平精度,备注\n" +
		"=HYPERLINK(\"http://127.0.0.1\",\"x\"),3276713.462,36354685.126,300.1,固定解,21,0.6,0.012,\"a,\n\"\"b\"\"\"\n" +
		"5051-1,3276713.462,36354685.126,,浮点解,9,,0.31m,\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for encoding, text := range map[string]string{"UTF-8": text, "BOM": "\ufeff" + text, "GBK": gbk, "UTF-16": utf16, "CRLF": strings.ReplaceAll(text, "\n", "\r\n")} {
		tr := read(t, "a.csv", text)
		if len(tr.Waypoints) != 2 || tr.NumPoints() != 0 || tr.Find("points_as_waypoints") == nil {
			t.Fatalf("%s: %+v", encoding, tr)
		}
		a, b := tr.Waypoints[0], tr.Waypoints[1]
		if a.Name != `=HYPERLINK("http://127.0.0.1","x")` || strings.ReplaceAll(a.Description, "\r", "") != "a,\n\"b\"" || a.Fix != track.FixFixed || a.Satellites != 21 || a.HDOP != 0.6 || a.AccuracyM != 0.012 || a.Line != 2 {
			t.Errorf("%s: %+v", encoding, a)
		}
		if b.Name != "5051-1" || b.Fix != track.FixFloat || b.AccuracyM != 0.31 || !math.IsNaN(float64(b.HDOP)) || !math.IsNaN(b.ElevationM) || b.Line != 4 {
			t.Errorf("%s: %+v", encoding, b)
		}
	}
	withTimes := "点名,纬度,经度,时间\nA,29.6,106.5,2026-03-01T08:00:00Z\n"
	if tr := read(t, "a.csv", withTimes); tr.NumPoints() != 1 || len(tr.Waypoints) != 0 || tr.State != track.OK {
		t.Errorf("named fixes with times: %+v", tr)
	}
}

func TestColumnsOfSegmentsAndLogsAppended(t *testing.T) {
	tr := read(t, "a.csv", "track_seg_id,lat,lon\n0,29.6,106.5\n0,29.6,106.5\n1,29.6,106.5\n")
	if len(tr.Segments) != 2 || tr.NumPoints() != 3 {
		t.Errorf("%+v", tr.Segments)
	}
	tr = read(t, "a.csv", "lat,lon\n29.6,106.5\nlat,lon\n29.6,106.5\n")
	if len(tr.Segments) != 2 || tr.NumPoints() != 2 || tr.State != track.OKWithNotes {
		t.Errorf("%s %+v", tr.State, tr.Segments)
	}
}

// A file of quotation marks must not take the square of its size.
func TestQuotationMarksAreQuick(t *testing.T) {
	start := time.Now()
	for _, row := range []string{"\"\n", "\"a,1,2\n", "\"\"\"\n", "\"a\"\"\n", "\",\"\"x\n", "=\"((\n"} {
		read(t, "a.csv", "name,lat,lon\n"+strings.Repeat(row, 200_000))
		read(t, "a.csv", "name,lat,lon\n\""+strings.Repeat(strings.TrimSpace(row), 200_000))
	}
	if d := time.Since(start); d > 20*time.Second { // some 0.5 s
		t.Errorf("took %v", d)
	}
}

func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"time,lat,lon,ele\n2026-03-01T08:00:00Z,29.6,106.5,300\n", "日期;时间;纬度;经度\n2026年3月1日;下午4:00;北纬29度36分;\"106°30′0\"\"E\"\n",
		"# EPSG:4545 中央子午线:108\nX,Y,H,σ,解状态\n3276713.462,354685.126,300,0.01,固定解\n", "1,2026-03-01 08:00:00,29.60000,106.50000\n",
		"WKT\n\"POINT Z (106.5 29.6 300)\"\n", "week,tow,lat,lon\n2408,28818.0,29.6,106.5\n", "sep=;\nlat;lon\n=A(\"1\";2);29,6\n",
		"% GPST latitude(deg) longitude(deg) Q\n2026/03/01 08:00:18.000 29.6 106.5 1\n", "time,lat,lon\n3/1/2026 4:00 PM,29.6,106.5\n", "时间戳\tB\tL\n1772352000000\t29-36-00\tE106:30",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) { holdsWhatItMay(t, "x.csv", b) })
}

func bigCSV(points int) string {
	var b strings.Builder
	b.WriteString("time,lat,lon,elevation,hdop,satellites\n")
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range points {
		fmt.Fprintf(&b, "%s,%.7f,%.7f,%.1f,0.9,14\n", at.Add(time.Duration(i)*time.Second).Format(time.RFC3339), 29.6+float64(i)*1e-6, 106.5+float64(i)*1e-6, 300+float64(i%100)/10)
	}
	return b.String()
}

// readCSVSlowly is an independent reader: encoding/csv, strconv and time.
func readCSVSlowly(text string) (points []track.Point, err error) {
	rows := csv.NewReader(strings.NewReader(text))
	rows.ReuseRecord = true
	if _, err = rows.Read(); err != nil {
		return nil, err
	}
	for {
		row, err := rows.Read()
		if err != nil {
			return points, nil
		}
		var p track.Point
		if p.Time, err = time.Parse(time.RFC3339, row[0]); err != nil {
			return nil, err
		}
		p.Lat, _ = strconv.ParseFloat(row[1], 64)
		p.Lon, _ = strconv.ParseFloat(row[2], 64)
		p.ElevationM, _ = strconv.ParseFloat(row[3], 64)
		points = append(points, p)
	}
}

func TestATableAgreesWithASlowReader(t *testing.T) {
	text := bigCSV(2000)
	slow, err := readCSVSlowly(text)
	if err != nil {
		t.Fatal(err)
	}
	tr := read(t, "a.csv", text)
	if tr.NumPoints() != len(slow) || tr.State != track.OK {
		t.Fatalf("%s, %d points", tr.State, tr.NumPoints())
	}
	i := 0
	for p := range tr.Points() {
		if q := slow[i]; p.Lat != q.Lat || p.Lon != q.Lon || p.ElevationM != q.ElevationM || !p.Time.Equal(q.Time) || p.Line != i+2 {
			t.Fatalf("point %d: %+v, want %+v", i, p, q)
		}
		i++
	}
}

func BenchmarkCSV(b *testing.B) {
	const points = 200_000
	text := bigCSV(points)
	benchFormat(b, "a.csv", []byte(text), points, map[string]func() int{"encoding/csv": func() int {
		slow, _ := readCSVSlowly(text)
		return len(slow)
	}})
}
