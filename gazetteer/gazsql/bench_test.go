package gazsql_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
			found, _, err := s.CheckGazetteer(b.Context(), gazetteer.Actor{}, today, gazsql.GazetteerCheck{}, quietly)
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
			_, err := gazetteer.Audit(record, func(p gazetteer.AuditProgress) error {
				if p.Families == 1 {
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

// BenchmarkImportOfPlaces imports 20,000 places in a plane, beside a bare COPY of the same rows: of the file's cells into a
// table without keys, and of all that the import wrote into the tables it stands in, with their keys and without triggers.
func BenchmarkImportOfPlaces(b *testing.B) {
	const rows = 20_000
	path := inFile(b, "places.csv", manyPlaces(rows))
	var ours, cells, tables time.Duration
	for range b.N {
		b.StopTimer()
		o := newOffice(b)
		b.StartTimer()
		began := time.Now()
		src, err := feature.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		report, err := o.store.ImportPlaces(context.Background(), importer, today, gazsql.Import{
			Source: src, Frame: geo.CGCS2000, Twins: &gazetteer.TwinDecision{New: true},
		})
		if err != nil || report.Created < rows*9/10 {
			b.Fatal(err, report.Created)
		}
		ours += time.Since(began)
		b.StopTimer()
		cells += copyCells(b, o, path)
		tables += copyTables(b, o)
	}
	b.ReportMetric(float64(rows*b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(cells.Seconds()/ours.Seconds(), "times-bare-copy")
	b.ReportMetric(tables.Seconds()/ours.Seconds(), "times-copy-with-keys")
}

// manyPlaces is a table of so many places, no two of one name.
func manyPlaces(n int) string {
	first, second := []rune(strings.Repeat("甘石龙青白黄大小新老上下东西南北中高平安", 10)), []rune("井坝潭山水岩湾坪沟岭溪滩桥塘树林竹松柏梨桃杏梅莲荷菊兰")
	var csv strings.Builder
	csv.WriteString("name,category,divisionCode,lon,lat\n")
	for i := range n {
		fmt.Fprintf(&csv, "%c%c%c%d组,natural-village,500233100,%.7f,%.7f\n", first[i%len(first)], second[i/7%len(second)], second[i%len(second)], i,
			107.9+float64(i%500)/2000, 30.1+float64(i/500)/200)
	}
	return csv.String()
}

func copyCells(b *testing.B, o office, path string) time.Duration {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	conn, err := o.db.Super.Acquire(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(context.Background(), `create table cells (name text, category text, code text, lon float8, lat float8)`); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := conn.Conn().PgConn().CopyFrom(context.Background(), f, `copy cells from stdin with (format csv, header)`); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// copyTables takes the rows of the tables an import wrote out of them and copies them in again.
func copyTables(b *testing.B, o office) (took time.Duration) {
	b.Helper()
	ctx := context.Background()
	conn, err := o.db.Super.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	tables := []string{"place", "place_name", "name_form", "name_gram"}
	whole := map[string]*bytes.Buffer{}
	if _, err := conn.Exec(ctx, `set session_replication_role = replica`); err != nil {
		b.Fatal(err)
	}
	for _, t := range tables {
		whole[t] = &bytes.Buffer{}
		if _, err := conn.Conn().PgConn().CopyTo(ctx, whole[t], `copy `+t+` to stdout`); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := conn.Exec(ctx, `truncate place, place_name, name_form, name_gram cascade`); err != nil {
		b.Fatal(err)
	}
	for _, t := range tables {
		began := time.Now()
		if _, err := conn.Conn().PgConn().CopyFrom(ctx, whole[t], `copy `+t+` from stdin`); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	return took
}
