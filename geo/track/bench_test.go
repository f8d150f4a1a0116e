package track_test

import (
	"bytes"
	"testing"

	"fangyu/geo/track"
	"fangyu/internal/trial"
)

// benchFormat reads a file of so many points with track.Read, and with the naive twins, and reports points per second of
// CPU: the machine is shared, and the collector of garbage takes its share on other cores.
func benchFormat(b *testing.B, name string, file []byte, points int, twins map[string]func() int) {
	twins["track.Read"] = func() int {
		tr, err := track.Read(name, bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		return tr.NumPoints()
	}
	for twin, read := range twins {
		b.Run(twin, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			before := trial.CPUSeconds(b)
			for range b.N {
				if n := read(); n != points {
					b.Fatalf("%d points, want %d", n, points)
				}
			}
			b.ReportMetric(float64(points)*float64(b.N)/(trial.CPUSeconds(b)-before), "points/CPUs")
		})
	}
}
