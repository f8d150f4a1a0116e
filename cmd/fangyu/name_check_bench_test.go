package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// BenchmarkNameCheck asks the real binary, over HTTP, to judge names among a million: those of the whole country, and streets and
// estates made up within a built-up area for every county. Half of the names judged stand there, so that they collide; half are made of
// the specific of one and the generic of another. Server, database and those who ask share the processors. Its naive twin looks for the
// same name and the same reading, and for nothing else, without an index. FANGYU_NATIONWIDE as for BenchmarkSuggest.
func BenchmarkNameCheck(b *testing.B) {
	data := nationwideData(b)
	s, db := served(b, data)
	if withMillion(b, db) { // what is in memory is read anew
		s.stop()
		s, db = served(b, data)
	}
	var names, areas int
	if err := db.QueryRow(context.Background(), `select (select count(*) from place_name where kind = 'standard'), (select count(*) from built_up_area)`).Scan(&names, &areas); err != nil {
		b.Fatal(err)
	}
	const most = 1000
	checks := drawnChecks(b, db, most)
	var who []*client // each with a session of its own
	for range 8 {
		who = append(who, s.signIn(b, "cq-mzj", demoPassword))
	}
	judgeAll(b, who[:1], checks[:200]) // what is read once is read
	for b.Loop() {
		var alone time.Duration
		for _, clients := range []int{1, 2, 4, 8} {
			began := time.Now()
			took, hit := judgeAll(b, who[:clients], checks)
			b.Logf("%d names, %d built-up areas, %d clients: p50 %v, p95 %v, p99 %v, longest %v, %.0f checks a second, %.0f %% collide", names, areas, clients,
				centile(took, 50), centile(took, 95), centile(took, 99), took[len(took)-1], float64(len(checks))/time.Since(began).Seconds(), 100*float64(hit)/float64(len(checks)))
			for _, p := range []int{50, 95, 99} {
				b.ReportMetric(float64(centile(took, p).Microseconds())/1000, fmt.Sprintf("p%d-ms-%d-clients", p, clients))
			}
			if clients == 1 {
				alone = centile(took, 50)
				b.ReportMetric(float64(hit)/float64(len(checks)), "share-that-collide")
			}
		}
		scan := scanned(b, db, checks[:12])
		b.Logf("a scan for the name and the reading alone: p50 %v, %.0f times as long as a whole check", scan, float64(scan)/float64(alone))
		b.ReportMetric(float64(scan)/float64(alone), "scan/check")
	}
}

func centile(took []time.Duration, p int) time.Duration { return took[len(took)*p/100] }

// million is how many names stand there.
const million = 1_000_000

// withMillion adds built-up areas, one for each county, and streets and estates in and around them until there are a million names. It
// reports whether it added any.
//
// A county without a shape lies at a point drawn from its id between 85° and 120° east and 24° and 44° north; an area has 48 corners
// some four kilometres from its middle, and names lie up to six kilometres from it. The names are specifics of villages with the
// generics of streets and estates.
func withMillion(b *testing.B, db *pgx.Conn) bool {
	ctx := context.Background()
	var there int
	if err := db.QueryRow(ctx, `select count(*) from place_name`).Scan(&there); err != nil {
		b.Fatal(err)
	}
	if there >= million {
		return false
	}
	began := time.Now()
	for _, sql := range []string{
		`set session_replication_role = replica`, // no word of each row to those who listen
		`create temporary table seat as
		 select v.division_id, v.name, row_number() over (order by v.division_id) as n,
		        85 + 35 * (('x' || substr(md5(v.division_id::text), 1, 7))::bit(28)::int / 268435456.0) as x, 24 + 20 * (('x' || substr(md5(v.division_id::text), 8, 7))::bit(28)::int / 268435456.0) as y
		 from division_version v where v.level = 'county' and upper_inf(v.valid)`,
		`insert into built_up_area (id, name, geom, valid, document_id, synthetic)
		 select gen_random_uuid(), s.name || '建成区', st_multi(st_setsrid(st_makepolygon(st_makeline(array(
		            select st_makepoint(s.x + (0.04 + 0.004 * sin(7 * a)) * cos(a), s.y + (0.036 + 0.004 * cos(5 * a)) * sin(a)) from (select pi() * (k % 48) / 24 as a, k from generate_series(0, 48) k) c order by k))), 4490)),
		        daterange(null, null), (select id from document limit 1), true
		 from seat s`,
		`create temporary table made as
		 select gen_random_uuid() as id, s.division_id, x.specific, g.generic, g.category, x.toneless_specific, x.reading_specific, x.roman, g.said, g.read, g.spelled, s.x + 0.12 * (random() - 0.5) as x, s.y + 0.11 * (random() - 0.5) as y
		 from (select specific, string_agg(t, ' ' order by i) filter (where i < parts) as toneless_specific, string_agg(r, ' ' order by i) filter (where i < parts) as reading_specific, min(roman) as roman, row_number() over (order by md5(n)) as k
		       from (select n.id::text as n, n.specific, split_part(n.romanization, ' ', 1) as roman, u.t, u.r, u.i, array_length(string_to_array(n.toneless, ' '), 1) as parts
		             from place_name n cross join lateral unnest(string_to_array(n.toneless, ' '), string_to_array(n.reading, ' ')) with ordinality u (t, r, i)
		             where n.kind = 'standard' and n.generic in ('村', '镇', '乡') and n.language = 'zh') q
		       group by n, specific having count(*) >= 3) x
		 join (values ('路', 'lu', 'lu4', 'Lù', 'street', 0), ('街', 'jie', 'jie1', 'Jiē', 'street', 1), ('巷', 'xiang', 'xiang4', 'Xiàng', 'street', 2), ('花园', 'hua yuan', 'hua1 yuan2', 'Huāyuán', 'residential-building', 3)) g (generic, said, read, spelled, category, m) on x.k % 4 = g.m
		 join seat s on s.n = 1 + x.k % (select count(*) from seat)
		 limit greatest(0, ` + fmt.Sprint(million+2000-there) + `)`,
		`insert into place (id, category, division_id, geom, located_by, document_id, synthetic, recorded_at)
		 select id, category, division_id, st_setsrid(st_makepoint(x, y), 4490), 'map', (select id from document limit 1), true, now() from made`,
		`insert into place_identity (id) select id from made on conflict do nothing`,
		`insert into place_name (id, place_id, name, kind, specific, generic, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
		 select gen_random_uuid(), id, specific || generic, 'standard', specific, generic, roman || ' ' || spelled, reading_specific || ' ' || read, toneless_specific || ' ' || said, 'phrase', daterange(null, null), (select id from document limit 1), now() from made`,
		`set session_replication_role = default`,
		`analyze place`, `analyze place_name`, `analyze built_up_area`,
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			b.Fatalf("%.60s: %v", sql, err)
		}
	}
	b.Logf("streets and estates were made up in %v", time.Since(began).Round(time.Second))
	return true
}

// drawnCheck is a name to judge.
type drawnCheck struct {
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Category gazetteer.Category `json:"category"`
	Division string             `json:"division"`
	Point    []float64          `json:"point,omitempty"`
}

// drawnChecks draws names that stand, and as many that are made of them: villages, and streets and estates with the points where they
// lie, each a third.
func drawnChecks(b *testing.B, db *pgx.Conn, n int) []drawnCheck {
	rows, err := db.Query(context.Background(), `
		with drawn as (
		    select n.name, n.specific, n.generic, p.category, p.division_id, case when p.geom is null then null else array[st_x(p.geom), st_y(p.geom)] end as at,
		           row_number() over (partition by p.category order by md5(n.place_id::text)) as k
		    from place_name n join place p on p.id = n.place_id
		    where n.kind = 'standard' and upper_inf(n.valid) and n.language = 'zh' and p.category in ('village-committee', 'street', 'residential-building') and n.generic <> '' and (p.geom is null or st_geometrytype(p.geom) = 'ST_Point')),
		few as (select * from drawn where k <= 2 * (1 + $1 / 6))
		select * from (select 'new' as kind, name, category, division_id::text as division, at from few where k % 2 = 0
		 union all
		 select 'new', x.specific || y.generic, y.category, y.division_id::text, y.at from few x join few y on y.category = x.category and y.k = x.k + 1 where x.k % 2 = 0) q
		order by md5(name || division) limit $1`, n)
	if err != nil {
		b.Fatal(err)
	}
	checks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[drawnCheck])
	if err != nil || len(checks) < n*9/10 {
		b.Fatalf("%d checks: %v", len(checks), err)
	}
	return checks
}

// judgeAll judges every name once, as many at a time as there are clients, and says how long each took, the quickest first, and how many collide.
func judgeAll(b *testing.B, who []*client, checks []drawnCheck) (took []time.Duration, hit int) {
	b.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	for c, one := range who {
		group.Go(func() {
			for i := c; i < len(checks); i += len(who) {
				began := time.Now()
				status, body := one.send("POST", "/api/name-checks", nil, checks[i])
				mine := time.Since(began)
				mu.Lock()
				took = append(took, mine)
				if status != 200 {
					b.Errorf("%v: %d %s", checks[i], status, body)
				} else if bytes.Contains(body, []byte(`"duplicate-name"`)) || bytes.Contains(body, []byte(`"homophone"`)) {
					hit++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(took)
	return took, hit
}

// scanned is how long the middle one of some looks for a name and its reading takes without an index.
func scanned(b *testing.B, db *pgx.Conn, checks []drawnCheck) time.Duration {
	ctx, took := context.Background(), []time.Duration{}
	for _, off := range []string{"enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan"} {
		if _, err := db.Exec(ctx, `set `+off+` = off`); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range checks {
		began := time.Now()
		toneless := gazetteer.Romanize(c.Name, c.Category).Toneless()
		if _, err := db.Exec(ctx, `
			select p.id from place_name n join place p on p.id = n.place_id
			where n.kind = 'standard' and upper_inf(n.valid) and (n.name = $1 or n.toneless = $2) and p.category = $3`, c.Name, toneless, string(c.Category)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}
