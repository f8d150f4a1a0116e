package gazsql_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

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
