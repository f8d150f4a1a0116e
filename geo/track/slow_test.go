package track_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
	"fangyu/internal/shareddata"
)

// slowGPX is an independent reader: encoding/xml, token by token, positions of trkpt and wpt that parse.
type slowGPX struct {
	points [][2]float64
	times  int
	wpts   int
}

func readSlowly(r io.Reader) (slowGPX, error) {
	var s slowGPX
	d := xml.NewDecoder(r)
	d.Strict = true
	var path []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			path = append(path, e.Name.Local)
			where := strings.Join(path, "/")
			var at [2]float64
			found := 0
			for _, a := range e.Attr {
				if a.Name.Local == "lon" || a.Name.Local == "lat" {
					v, err := strconv.ParseFloat(strings.TrimSpace(a.Value), 64)
					if err != nil {
						continue
					}
					found++
					if a.Name.Local == "lat" {
						at[1] = v
					} else {
						at[0] = v
					}
				}
			}
			if where == "gpx/trk/trkseg/trkpt" && found == 2 {
				s.points = append(s.points, at)
			}
			if where == "gpx/wpt" && found == 2 {
				s.wpts++
			}
		case xml.CharData:
			if strings.Join(path, "/") == "gpx/trk/trkseg/trkpt/time" && strings.TrimSpace(string(e)) != "" {
				s.times++
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func TestEveryGPXAgreesWithASlowReader(t *testing.T) {
	compared := 0
	err := filepath.WalkDir(shareddata.Path(t, "tracks"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tr, err := track.Read(path, bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		if tr.State != track.OK && tr.State != track.OKWithNotes || tr.Format != "gpx" || tr.Find("zero_position") != nil {
			return nil
		}
		slow, err := readSlowly(bytes.NewReader(b))
		if err != nil {
			return nil // an encoding or a blemish that encoding/xml refuses
		}
		compared++
		if tr.NumPoints() != len(slow.points) || len(tr.Waypoints) != slow.wpts {
			t.Errorf("%s: %d points and %d waypoints, want %d and %d", path, tr.NumPoints(), len(tr.Waypoints), len(slow.points), slow.wpts)
			return nil
		}
		i, timed := 0, 0
		for p := range tr.Points() {
			if [2]float64{p.Lon, p.Lat} != slow.points[i] {
				t.Errorf("%s: point %d is %v, want %v", path, i+1, p, slow.points[i])
			}
			if !p.Time.IsZero() {
				timed++
			}
			i++
		}
		if tr.Find("bad_time") == nil && timed != slow.times {
			t.Errorf("%s: %d times, want %d", path, timed, slow.times)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if compared < 60 {
		t.Errorf("only %d files compared", compared)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + first + second + tail))
	f.Add([]byte(head + `<trkpt lat="29,6" lon=""><time>x</time></trkpt>` + tail + head))
	f.Add([]byte(`<g:gpx xmlns:g="u"><g:wpt lat='1' lon='2'><![CDATA[a]]></g:wpt><!-- c --></g:gpx>`))
	f.Add([]byte("\xff\xfe<\x00g\x00p\x00x\x00/\x00>\x00"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, b []byte) { holdsWhatItMay(t, "x.gpx", b) })
}

// holdsWhatItMay reads a file and checks what must be true of any.
func holdsWhatItMay(t *testing.T, name string, b []byte) {
	tr, err := track.Read(name, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	check := func(p track.Point) {
		if !(math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180) || p.Lat == 0 && p.Lon == 0 || p.Line < 1 && tr.Format != "fit" {
			t.Errorf("kept %+v", p)
		}
		if math.IsInf(p.ElevationM, 0) || p.HDOP < 0 || p.AccuracyM < 0 || p.Fix.String() == "" {
			t.Errorf("kept %+v", p)
		}
	}
	for p := range tr.Points() {
		check(p)
	}
	for _, w := range tr.Waypoints {
		check(w.Point)
	}
	if tr.State == track.OK && len(tr.Notes) > 0 || tr.State != track.OK && len(tr.Notes) == 0 {
		t.Errorf("%s with %d notes", tr.State, len(tr.Notes))
	}
	for _, n := range tr.Notes {
		if n.Detail == "" || strings.Contains(n.Detail, "%!") {
			t.Errorf("%+v", n)
		}
	}
}

// bigGPX is shaped like what receivers write: indented points with ele, time, hdop and sat.
func bigGPX(points int) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range points {
		fmt.Fprintf(&b, "      <trkpt lat=\"%.7f\" lon=\"%.7f\">\n        <ele>%.1f</ele>\n        <time>%s</time>\n        <hdop>0.9</hdop>\n        <sat>14</sat>\n      </trkpt>\n",
			29.6+float64(i)*1e-6, 106.5+float64(i)*1e-6, 300+float64(i%100)/10, at.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	b.WriteString(tail)
	return b.Bytes()
}
