package boundary_test

import (
	"testing"

	"fangyu/boundary"
)

// BenchmarkDeriveLinesAndTripoints goes from the shapes of 78 real counties to lines, sections and nodes. It is to take 2 s at most.
func BenchmarkDeriveLinesAndTripoints(b *testing.B) {
	shapes := realShapes(b, units{}, countiesFile, neighboursFile)
	for b.Loop() {
		sections, _ := boundary.Derive(shapes)
		lines, _, err := boundary.Assemble(sections)
		if err != nil || len(lines) == 0 {
			b.Fatal(err)
		}
		if nodes := boundary.Nodes(onLines(b, sections)); len(nodes) == 0 {
			b.Fatal("no nodes")
		}
	}
	b.ReportMetric(float64(len(shapes)), "counties")
}
