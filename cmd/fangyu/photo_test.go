package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

// A walk past the place of a real photo, beginning half a minute before it was taken.
func TestPhotosAreMatchedWithTheTrack(t *testing.T) {
	shot := shareddata.Path(t, "tracks/cc-by-sa-4.0/exif-samples/DSCN0010.jpg")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	chain, err := geo.NewChain(orb.MultiLineString{{{11.8847, 43.46745}, {11.91, 43.46745}}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2008, 10, 23, 14, 26, 37, 0, time.UTC)
	var out bytes.Buffer
	err = (&trackMatchCommand{
		Line:     write("line.geojson", `{"type":"Feature","properties":{"id":"1","name":"a"},"geometry":{"type":"LineString","coordinates":[[11.8847,43.46745],[11.91,43.46745]]}}`),
		Markers:  write("markers.geojson", `{"type":"Feature","properties":{"id":"1","number":"001","stone":"Q"},"geometry":{"type":"Point","coordinates":[11.8852,43.46745]}}`),
		Level:    "county",
		Receiver: "phone",
		Photos:   []string{shot},
		Files:    []string{write("a.gpx", string(boundary.SynthesizeTrack(chain, boundary.Walk{Seed: 1, NoiseM: 3, SpacingM: 5, Start: start})))},
	}).Run(&env{out: &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"证据等级 B", "1 张照片相符", "界桩 001Q visited", "界桩 001Q（6 米）", "按卫星时间理解"} {
		if want = strings.Replace(want, "visited", boundary.Visited.Label(), 1); !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if _, err := readPhotos([]string{filepath.Join(dir, "absent.jpg")}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a photo that is not there: %v", err)
	}
	photos, err := readPhotos([]string{shot})
	if err != nil {
		t.Fatal(err)
	}
	if said := subjectText(photos[0], nil); !strings.Contains(said, "--markers") {
		t.Errorf("without markers: %s", said)
	}
}
