package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkNameDesk types names in the check desk, in a real browser, and says how long it takes from a keystroke until what is found is
// painted: the whole of it, and without the pause before the question is sent. Browser, server and database share the processors. The
// names are those of the demo, or with FANGYU_NATIONWIDE those of the whole country.
func BenchmarkNameDesk(b *testing.B) {
	data := os.Getenv("FANGYU_NATIONWIDE")
	args := []string{}
	if data == "" {
		data, args = dataDir(b), []string{"--demo", "--from", demoPackages(b)}
	}
	s := serve(b, data, args...)
	waitFor(b, "names in memory", func() bool { return strings.Contains(s.said(), "names in memory") })
	for b.Loop() {
		cmd := exec.Command("node", "e2e/name-desk.bench.mjs")
		cmd.Dir = filepath.Join("..", "..", "api", "web")
		cmd.Env = append(os.Environ(), "FANGYU_URL="+s.url)
		out, err := cmd.Output()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		type centiles struct{ P50, P95, P99 float64 }
		var took struct {
			Painted                 int
			SharePaintedThatCollide float64
			WholeMs, FromSentMs     centiles
		}
		if err := json.Unmarshal(out, &took); err != nil || took.Painted < 200 {
			b.Fatalf("%d answers were painted: %v\n%s", took.Painted, err, out)
		}
		b.ReportMetric(took.WholeMs.P50, "p50-ms")
		b.ReportMetric(took.WholeMs.P95, "p95-ms")
		b.ReportMetric(took.FromSentMs.P50, "p50-ms-from-sent")
		b.ReportMetric(took.FromSentMs.P95, "p95-ms-from-sent")
		b.ReportMetric(took.SharePaintedThatCollide, "share-that-collide")
	}
}
