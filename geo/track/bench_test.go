package track_test

import (
	"bytes"
	"syscall"
	"testing"
	"time"

	"fangyu/geo/track"
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
			before := cpuTime()
			for range b.N {
				if n := read(); n != points {
					b.Fatalf("%d points, want %d", n, points)
				}
			}
			b.ReportMetric(float64(points)*float64(b.N)/(cpuTime()-before).Seconds(), "points/CPUs")
		})
	}
}

// cpuTime is what this process has used so far, user and system.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
