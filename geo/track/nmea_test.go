package track_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
)

// sentence puts "$" before and the checksum after, computed byte by byte.
func sentence(body string) string {
	sum := byte(0)
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Sprintf("$%s*%02X\r\n", body, sum)
}

const (
	sRMC  = "GNRMC,080000.00,A,2936.0000,N,10630.0000,E,2.3,045.0,010326,,,A"
	sGGA  = "GNGGA,080000.00,2936.0000,N,10630.0000,E,4,21,0.6,300.5,M,-30.1,M,1.0,0001"
	sVoid = "GNRMC,075959.00,V,,,,,,,010326,,,N"
)

func TestSentences(t *testing.T) {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for name, want := range map[string]struct {
		text        string
		state       track.State
		points      int
		first, last time.Time
		codes       string
	}{
		"one second, one point":   {sentence(sRMC) + sentence(sGGA) + sentence("GNVTG,,T,,M,2.3,N,,K,A"), track.OK, 1, at, at, ""},
		"GGA first":               {sentence(sGGA) + sentence(sRMC), track.OK, 1, at, at, ""},
		"two talkers, one second": {sentence(sRMC) + sentence(strings.Replace(sRMC, "GN", "GP", 1)) + sentence(sGGA), track.OK, 1, at, at, ""},
		"the same sentence twice": {sentence(sRMC) + sentence(sRMC), track.OK, 2, at, at, ""},
		"all talkers": {
			sentence("QZRMC,080000.00,A,2936.0000,N,10630.0000,E,,,010326,,,A") + sentence("BDGGA,080001.00,2936.0000,N,10630.0000,E,1,9,1,300,M,,M,,") +
				sentence("GLGNS,080002.00,2936.0000,N,10630.0000,E,RR,21,0.6,300.5,-30.1,,") + sentence("GAGLL,2936.0000,N,10630.0000,E,080003.00,A,A"),
			track.OK, 4, at, at.Add(3 * time.Second), "",
		},
		"date of ZDA":            {sentence("GNZDA,080000.00,01,03,2026,00,00") + sentence(sGGA), track.OK, 1, at, at, ""},
		"date after the points":  {sentence(strings.Replace(sGGA, "080000", "235959", 1)) + sentence("GNZDA,000000.00,02,03,2026,,"), track.OK, 1, at.Add(16*time.Hour - time.Second), at.Add(16*time.Hour - time.Second), ""},
		"midnight":               {sentence(strings.Replace(sRMC, "080000", "235959", 1)) + sentence(strings.Replace(sGGA, "080000", "000001", 1)), track.OK, 2, at.Add(16*time.Hour - time.Second), at.Add(16*time.Hour + time.Second), ""},
		"void":                   {sentence(sVoid) + sentence("GNGGA,075959.00,,,,,0,00,99.9,,M,,M,,") + sentence(sRMC), track.OKWithNotes, 1, at, at, "void_fix"},
		"no date":                {sentence(sGGA), track.OKWithNotes, 1, time.Time{}, time.Time{}, "no_time no_date"},
		"a wrong checksum":       {sentence(sRMC) + "$GNGGA,080001.00,2946.0000,N,10630.0000,E,4,21,0.6,300.5,M,,M,,*00\r\n", track.PartlyRead, 1, at, at, "bad_checksum"},
		"no checksums":           {"$" + sRMC + "\n$" + sGGA + "\n", track.OK, 1, at, at, ""},
		"cut at the end":         {sentence(sRMC) + sentence(sGGA)[:40], track.PartlyRead, 1, at, at, "bad_checksum"},
		"cut in the middle":      {sentence(sRMC)[:30] + sentence(sRMC), track.PartlyRead, 1, at, at, "bad_checksum"},
		"a log's prefix":         {"2026-03-01 16:00:00.123 I/NMEA: " + sentence(sRMC), track.OK, 1, at, at, ""},
		"a log's prefix and end": {"NMEA," + strings.TrimSpace(sentence(sRMC)) + ",1772352000000\n", track.OK, 1, at, at, ""},
		"garbage":                {"\xb5\x62\x01\x07$GP\x00\xff\n" + sentence(sRMC) + "\x80\x81$$$" + sentence(sGGA), track.OKWithNotes, 1, at, at, "nul_inside"},
		"carriage returns":       {strings.ReplaceAll(sentence(sRMC)+sentence(sGGA), "\r\n", "\r"), track.OK, 1, at, at, ""},
		"typed in by hand":       {sentence(sRMC) + sentence(strings.Replace(sGGA, ",4,21", ",7,21", 1)), track.OKWithNotes, 1, at, at, "estimated_fix"},
		"minutes beyond 60":      {sentence(sRMC) + sentence(strings.Replace(strings.Replace(sRMC, "2936", "2976", 1), "080000", "080001", 1)), track.PartlyRead, 1, at, at, "bad_position"},
		"no longitude":           {sentence(sRMC) + sentence(strings.Replace(strings.Replace(sRMC, "10630.0000", "", 1), "080000", "080001", 1)), track.PartlyRead, 1, at, at, "missing_position"},
		"no such day":            {sentence(strings.Replace(sRMC, "010326", "310226", 1)), track.OKWithNotes, 1, time.Time{}, time.Time{}, "bad_time no_time no_date"},
	} {
		tr := read(t, "a.nmea", want.text)
		first, last, _ := tr.Ends()
		if tr.Format != "nmea" || tr.State != want.state || tr.NumPoints() != want.points || noteCodes(tr) != want.codes {
			t.Errorf("%s: %s %s, %d points, %q", name, tr.Format, tr.State, tr.NumPoints(), noteCodes(tr))
			continue
		}
		if !first.Time.Equal(want.first) || !last.Time.Equal(want.last) || math.Abs(first.Lat-29.6) > 1e-9 || math.Abs(last.Lon-106.5) > 1e-9 {
			t.Errorf("%s: %+v to %+v", name, first, last)
		}
	}
}

func TestSentencesSayHowGoodAPositionIs(t *testing.T) {
	tr := read(t, "a.nmea", sentence(sRMC)+sentence(sGGA)+sentence("GNGST,080000.00,1.0,,,,0.003,0.004,0.01"))
	p, _, _ := tr.Ends()
	if p.Fix != track.FixFixed || p.Satellites != 21 || p.HDOP != 0.6 || p.ElevationM != 300.5 || math.Abs(float64(p.AccuracyM)-0.005) > 1e-6 || p.Line != 1 {
		t.Errorf("%+v", p)
	}
	tr = read(t, "a.nmea", sentence(sRMC)+sentence("GNGSA,A,3,01,02,,,,,,,,,,,1.5,0.9,1.2")+sentence(strings.Replace(sRMC, "080000", "080001", 1)))
	first, last, _ := tr.Ends()
	if first.HDOP != 0.9 || !math.IsNaN(float64(last.HDOP)) || first.Fix != track.FixUnknown || first.Satellites != -1 || last.Line != 3 {
		t.Errorf("%+v %+v", first, last)
	}
	tr = read(t, "a.nmea", sentence(strings.Replace(sGGA, ",4,21", ",5,21", 1)))
	if p, _, _ := tr.Ends(); p.Fix != track.FixFloat {
		t.Errorf("%+v", p)
	}
	tr = read(t, "a.nmea", sentence(strings.Replace(strings.Replace(sRMC, ",N,", ",S,", 1), ",E,", ",W,", 1)))
	if p, _, _ := tr.Ends(); math.Abs(p.Lat+29.6) > 1e-9 || math.Abs(p.Lon+106.5) > 1e-9 {
		t.Errorf("%+v", p)
	}
}

func FuzzNMEA(f *testing.F) {
	for _, text := range []string{
		sentence(sRMC) + sentence(sGGA), sentence(sVoid) + "x" + sentence(sGGA)[:30] + sentence("GNZDA,000000.00,02,03,2026,,"), "$" + sGGA + "\r$" + sRMC,
		sentence("GLGNS,080002.00,2936.0000,N,10630.0000,E,RR,21,0.6,300.5,-30.1,,") + sentence("GNGST,080002.00,1.0,,,,0.003,0.004,0.01"),
		sentence("GAGLL,2936.0000,N,10630.0000,E,080003.00,A,A") + sentence("GNGSA,A,3,01,02,,,,,,,,,,,1.5,0.9,1.2"),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) { holdsWhatItMay(t, "x.nmea", b) })
}

func bigNMEA(points int) string {
	var b strings.Builder
	for i := range points {
		at := time.Date(2026, 3, 1, 8, 0, i, 0, time.UTC)
		lat, lon := fmt.Sprintf("29%08.5f", 36+float64(i)*6e-5), fmt.Sprintf("106%08.5f", 30+float64(i)*6e-5)
		b.WriteString(sentence(fmt.Sprintf("GNRMC,%s.00,A,%s,N,%s,E,2.3,045.0,%s,,,A", at.Format("150405"), lat, lon, at.Format("020106"))))
		b.WriteString(sentence(fmt.Sprintf("GNGGA,%s.00,%s,N,%s,E,1,09,0.9,300.5,M,-30.1,M,,", at.Format("150405"), lat, lon)))
	}
	return b.String()
}

// readNMEASlowly is an independent reader: one point for each RMC, without checksums.
func readNMEASlowly(text string) (points []track.Point) {
	for line := range strings.SplitSeq(text, "\r\n") {
		f := strings.Split(line, ",")
		if len(f) < 10 || !strings.HasSuffix(f[0], "RMC") || f[2] != "A" {
			continue
		}
		var p track.Point
		p.Time, _ = time.Parse("020106 150405.00", f[9]+" "+f[1])
		degrees := func(s string, digits int) float64 {
			whole, _ := strconv.ParseFloat(s[:digits], 64)
			minutes, _ := strconv.ParseFloat(s[digits:], 64)
			return whole + minutes/60
		}
		p.Lat, p.Lon = degrees(f[3], 2), degrees(f[5], 3)
		points = append(points, p)
	}
	return points
}

func TestSentencesAgreeWithASlowReader(t *testing.T) {
	text := bigNMEA(60_000) // past midnight
	slow := readNMEASlowly(text)
	tr := read(t, "a.nmea", text)
	if tr.NumPoints() != len(slow) || tr.State != track.OK || len(slow) != 60_000 {
		t.Fatalf("%s, %d points", tr.State, tr.NumPoints())
	}
	i := 0
	for p := range tr.Points() {
		if q := slow[i]; p.Lat != q.Lat || p.Lon != q.Lon || !p.Time.Equal(q.Time) || p.ElevationM != 300.5 || p.Line != 2*i+1 {
			t.Fatalf("point %d: %+v, want %+v", i, p, q)
		}
		i++
	}
}

func BenchmarkNMEA(b *testing.B) {
	const points = 200_000
	text := bigNMEA(points)
	benchFormat(b, "a.nmea", []byte(text), points, map[string]func() int{
		"strings.Split": func() int { return len(readNMEASlowly(text)) },
	})
}
