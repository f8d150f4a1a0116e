package coverage_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/geo/coverage"
	"fangyu/internal/pgtest"
)

// BenchmarkTopologyOfCounties checks the 38 counties and their 40 neighbours; beside it PostGIS, pair by pair.
func BenchmarkTopologyOfCounties(b *testing.B) {
	compare(b, append(read(b, 0, counties), read(b, 1, neighbourCounties)...), 2)
}

// BenchmarkTopologyOfTenMillionVertices checks 60 by 50 areas with some 3,300 vertices each, of which one in a hundred leaves a gap
// to its neighbour or overlaps it; beside it PostGIS, pair by pair.
func BenchmarkTopologyOfTenMillionVertices(b *testing.B) {
	features, faults := wide(60, 50, 833)
	compare(b, features, faults)
}

// compare checks features, and has PostGIS look, with a GiST index, for what is the half of it: areas that are invalid, pairs that
// overlap, and then holes in the union of all. Beside the time that passed stands that of processors, which does not depend on
// what else the machine does.
func compare(b *testing.B, features []coverage.Feature, faults int) {
	var own spent
	peak := peakHeap(func() {
		for b.Loop() {
			own = spend(os.Getpid(), func() {
				r, err := coverage.Check(context.Background(), features, coverage.Parameters{}, nil)
				if err != nil || r.Counts["gap"]+r.Counts["overlap"] != faults {
					b.Fatalf("%v: %v, not %d faults", err, r.Counts, faults)
				}
			})
		}
	})
	pairs, union := pairwise(b, features, faults)
	both := spent{pairs.passed + union.passed, pairs.worked + union.worked}
	b.ReportMetric(float64(peak)/(1<<20), "MiB")
	b.ReportMetric(own.worked.Seconds(), "cpu-s")
	b.ReportMetric(pairs.passed.Seconds(), "s-PostGIS-pairs")
	b.ReportMetric(both.passed.Seconds(), "s-PostGIS")
	b.ReportMetric(both.worked.Seconds(), "cpu-s-PostGIS")
	b.ReportMetric(float64(pairs.passed)/float64(own.passed), "times-PostGIS-pairs")
	b.ReportMetric(float64(both.passed)/float64(own.passed), "times-PostGIS")
	b.ReportMetric(float64(both.worked)/float64(own.worked), "times-cpu-PostGIS")
}

// spent is the time that passed and that processors worked.
type spent struct{ passed, worked time.Duration }

// spend is what a process spends while do runs.
func spend(pid int, do func()) spent {
	worked, began := processors(pid), time.Now()
	do()
	return spent{time.Since(began), processors(pid) - worked}
}

// processors is how long processors have worked for a process, as /proc has it: in hundredths of a second.
func processors(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peakHeap is the most that the heap holds while do runs, looked at every few milliseconds.
func peakHeap(do func()) (peak uint64) {
	done, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse+m.StackInuse)
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-looked
	return peak
}

// pairwise is what PostGIS spends, in one process, on areas one by one and in pairs once they are indexed, and on their union.
func pairwise(b *testing.B, features []coverage.Feature, faults int) (pairs, union spent) {
	ctx := context.Background()
	conn, err := pgtest.New(b).Super.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `set max_parallel_workers_per_gather = 0; create unlogged table area (id int, geom geometry)`); err != nil {
		b.Fatal(err)
	}
	var rows [][]any
	for i, f := range features {
		rows = append(rows, []any{i, f.Geometry})
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"area"}, []string{"id", "geom"}, pgx.CopyFromRows(rows)); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(ctx, `create index on area using gist (geom); analyze area`); err != nil {
		b.Fatal(err)
	}
	found, n := 0, 0
	count := func(sql string) {
		if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
			b.Fatal(err)
		}
		found += n
	}
	pid := int(conn.Conn().PgConn().PID())
	pairs = spend(pid, func() {
		count(`select count(*) from area where not ST_IsValid(geom)`)
		count(`
			select count(ST_Area(ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3)::geography))
			from area a join area b on a.id < b.id and a.geom && b.geom
			where ST_Relate(a.geom, b.geom, '2********')`)
	})
	union = spend(pid, func() {
		count(`select coalesce(sum(ST_NumInteriorRings(part.geom)), 0)::int from (select ST_Union(geom) as geom from area) whole, ST_Dump(whole.geom) part`)
	})
	if found < faults {
		b.Errorf("PostGIS finds %d of %d faults", found, faults)
	}
	return pairs, union
}

// wide is columns by rows of areas that share wavy edges of so many vertices, and how many faults are in them: every hundredth
// area has a vertex of its eastern edge moved by some metres, into the neighbour or away from it.
func wide(columns, rows, vertices int) (features []coverage.Feature, faults int) {
	node := func(x, y int) orb.Point { return orb.Point{105 + 0.05*float64(x), 28 + 0.05*float64(y)} }
	wavy := func(from, to orb.Point, phase float64) []orb.Point {
		path := make([]orb.Point, vertices)
		dx, dy := to[0]-from[0], to[1]-from[1]
		for i := range path {
			t := float64(i) / float64(vertices)
			off := 0.06*math.Sin(math.Pi*t)*math.Sin(9*t+phase) + 0.004*math.Sin(math.Pi*t)*math.Sin(211*t+phase)
			path[i] = orb.Point{from[0] + dx*t - dy*off, from[1] + dy*t + dx*off}
		}
		return append(path, to)
	}
	across := func(x, y int) []orb.Point { return wavy(node(x, y), node(x+1, y), float64(x*7+y*13)) }
	up := func(x, y int) []orb.Point { return wavy(node(x, y), node(x, y+1), float64(x*5+y*3)) }
	for y := range rows {
		for x := range columns {
			east := up(x+1, y)
			if n := len(features); n%100 == 50 && x+1 < columns {
				at := vertices / 2
				east[at][0] += map[bool]float64{true: 3e-5, false: -3e-5}[n%200 == 50]
				faults++
			}
			ring := slices.Concat(across(x, y)[:vertices], east[:vertices], back(across(x, y+1))[:vertices], back(up(x, y)))
			features = append(features, coverage.Feature{ID: fmt.Sprint(len(features)), Geometry: orb.Polygon{ring}})
		}
	}
	return features, faults
}

func back(path []orb.Point) []orb.Point {
	slices.Reverse(path)
	return path
}
