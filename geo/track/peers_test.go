package track_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"github.com/tkrajina/gpxgo/gpx"
	gogpx "github.com/twpayne/go-gpx"

	"fangyu/geo/track"
	"fangyu/internal/trial"
)

// contest runs readers of one text in turn, several rounds, and returns the median processor seconds of each.
func contest(b *testing.B, rounds int, readers []func()) []float64 {
	b.Helper()
	taken := make([][]float64, len(readers))
	for range rounds {
		for i, read := range readers {
			runtime.GC()
			began := trial.CPUSeconds(b)
			read()
			taken[i] = append(taken[i], trial.CPUSeconds(b)-began)
		}
	}
	medians := make([]float64, len(readers))
	for i := range taken {
		slices.Sort(taken[i])
		medians[i] = taken[i][len(taken[i])/2]
	}
	return medians
}

// peakBeyond is the memory that reading takes at most beyond what it returns, in bytes: what was asked for in all.
func peakBeyond(read func() *track.Track) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	t := read()
	runtime.ReadMemStats(&after)
	var result uint64
	for _, s := range t.Segments {
		result += uint64(len(s)) * uint64(unsafe.Sizeof(track.Point{}))
	}
	return after.TotalAlloc - before.TotalAlloc - result
}

// A file of 50 MB as receivers write it, beside the Go libraries for GPX and a loop over encoding/xml. Goals: at least
// 1.2 million points and 180 MB a processor second, 10 times either library, 6 times the loop, at most 16 MB beyond the
// result.
func BenchmarkGPX(b *testing.B) {
	const points = 332_099
	text := bigGPX(points)
	ours := func() *track.Track {
		t, err := track.Read("a.gpx", bytes.NewReader(text))
		if err != nil || t.NumPoints() != points {
			b.Fatalf("%v, %d points", err, t.NumPoints())
		}
		return t
	}
	for b.Loop() {
		taken := contest(b, 5, []func(){
			func() { ours() },
			func() {
				g, err := gogpx.Read(bytes.NewReader(text))
				if err != nil || len(g.Trk[0].TrkSeg[0].TrkPt) != points {
					b.Fatal(err)
				}
			},
			func() {
				g, err := gpx.ParseBytes(text)
				if err != nil || len(g.Tracks[0].Segments[0].Points) != points {
					b.Fatal(err)
				}
			},
			func() {
				s, err := readSlowly(bytes.NewReader(text))
				if err != nil || len(s.points) != points {
					b.Fatal(err)
				}
			},
		})
		b.ReportMetric(points/taken[0]/1e6, "Mpoints/cpu-s")
		b.ReportMetric(float64(len(text))/taken[0]/1e6, "MB/cpu-s")
		for i, peer := range []string{"go-gpx", "gpxgo", "encoding/xml"} {
			b.ReportMetric(taken[i+1]/taken[0], "x-"+peer)
		}
	}
	b.ReportMetric(float64(peakBeyond(ours))/(1<<20), "MiB-beyond-result")
	b.ReportMetric(0, "ns/op")
}

// readerOnly hides the size of what it reads.
type readerOnly struct{ io.Reader }

// A file of which the size is not known takes a little more; the memory is bounded all the same.
func TestReadingGPXTakesLittleMemoryBeyondTheResult(t *testing.T) {
	text := bigGPX(100_000)
	for what, r := range map[string]io.Reader{"of known size": bytes.NewReader(text), "streamed": readerOnly{bytes.NewReader(text)}} {
		beyond := peakBeyond(func() *track.Track {
			tr, err := track.Read("a.gpx", r)
			if err != nil || tr.NumPoints() != 100_000 {
				t.Fatal(err)
			}
			return tr
		})
		most := uint64(16 << 20)
		if what == "streamed" {
			most = 48 << 20
		}
		if beyond > most {
			t.Errorf("%s: %s beyond the result for a file of %s", what, mb(beyond), mb(uint64(len(text))))
		}
	}
}

func mb(n uint64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
