package gazsql_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

// BenchmarkImport imports the list of 12,204 rows and the 38 county polygons, each beside ogr2ogr copying the same file
// into a bare table. Ours also judges every row, spells every name and makes places.
func BenchmarkImport(b *testing.B) {
	for _, c := range []struct {
		name, path string
		frame      geo.Frame
	}{{"12204 rows", units, geo.GCJ02}, {"38 counties", counties, ""}} {
		path := pgtest.SharedData(b, c.path)
		var ours, theirs time.Duration
		rows := 0
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				db := pgtest.New(b)
				b.StartTimer()
				began := time.Now()
				src, err := feature.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				report, err := gazsql.New(db.Pool).ImportDivisions(context.Background(), importer, today, gazsql.Import{
					Source: src, Frame: c.frame, ConfirmFrame: true,
				})
				if err != nil {
					b.Fatal(err)
				}
				ours += time.Since(began)
				b.StopTimer()
				rows += report.Rows
				theirs += ogr2ogr(b, db, path)
			}
			b.ReportMetric(float64(rows)/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(rows)/theirs.Seconds(), "ogr2ogr-rows/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-ogr2ogr")
		})
	}
}

// ogr2ogr copies the file into a table of its own and says how long that took.
func ogr2ogr(b *testing.B, db *pgtest.DB, path string) time.Duration {
	b.Helper()
	u, err := url.Parse(db.DSN(cluster.Superuser))
	if err != nil {
		b.Fatal(err)
	}
	target := "PG:host=" + u.Query().Get("host") + " user=" + cluster.Superuser + " dbname=" + db.Name
	source := "/vsigzip/" + path
	if filepath.Ext(filepath.Base(path[:len(path)-3])) == ".csv" {
		source = "CSV:" + source
	}
	began := time.Now()
	cmd := exec.Command("ogr2ogr", "-f", "PostgreSQL", target, source, "-nln", "peer", "-overwrite",
		"-oo", "X_POSSIBLE_NAMES=longitude", "-oo", "Y_POSSIBLE_NAMES=latitude", "--config", "PG_USE_COPY", "YES")
	cmd.Env = append(os.Environ(), "PGUSER="+cluster.Superuser)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("ogr2ogr: %v: %s", err, out)
	}
	return time.Since(began)
}

// BenchmarkAudit audits the municipality of 12,204 places and 38 county polygons: gathered and judged as a whole, and its
// families of names judged beside their naive twin, which compares every two places by every rule.
func BenchmarkAudit(b *testing.B) {
	s := chongqing(b)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			found, err := s.CheckGazetteer(b.Context(), gazetteer.Actor{}, today, uuid.Nil, func(int, int) error { return nil })
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(found)), "findings")
		}
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		b.ReportMetric(float64(mem.Sys)/(1<<20), "MiB-of-process")
	})
	b.Run("names", func(b *testing.B) {
		record, err := s.Audited(b.Context(), today)
		if err != nil {
			b.Fatal(err)
		}
		record.Pack = gazetteer.National()
		var ours, naive time.Duration
		for range b.N {
			began := time.Now()
			enough := errors.New("enough")
			_, err := gazetteer.Audit(record, func(n int, _ string) error {
				if n == 1 {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) {
				b.Fatal(err)
			}
			ours += time.Since(began)
			began = time.Now()
			if pairs := everyPair(record); pairs == 0 {
				b.Fatal("the naive twin finds nothing")
			}
			naive += time.Since(began)
		}
		b.ReportMetric(ours.Seconds()*1000/float64(b.N), "ms")
		b.ReportMetric(naive.Seconds()*1000/float64(b.N), "naive-ms")
		b.ReportMetric(naive.Seconds()/ours.Seconds(), "times-naive")
	})
}

// everyPair counts the pairs of villages of a county, and of towns, that have one name or sound alike.
func everyPair(a gazetteer.Audited) (pairs int) {
	type village struct {
		name, sound string
		county      uuid.UUID
		category    gazetteer.Category
	}
	parent := map[uuid.UUID]gazetteer.AuditedDivision{}
	for _, d := range a.Divisions {
		parent[d.ID] = d
	}
	places := make([]village, len(a.Places))
	for i, p := range a.Places {
		county := p.Division
		for parent[county].Level != gazetteer.County && parent[county].Parent != uuid.Nil {
			county = parent[county].Parent
		}
		if p.Category == gazetteer.DivisionCategory {
			county = uuid.Nil
		}
		places[i] = village{p.Name, strings.Join(gazetteer.Toneless(p.Reading), " "), county, p.Category}
	}
	for i, p := range places {
		for _, q := range places[:i] {
			if p.category == q.category && p.county == q.county && (p.name == q.name || p.sound == q.sound) {
				pairs++
			}
		}
	}
	return pairs
}
