package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// BenchmarkNameCheck asks the real binary, over HTTP, to judge names among those of the whole country: half of them names that stand, so
// that they collide, half made of the specific of one and the generic of another; villages and streets of the counties where they are.
// Server, database and those who ask share the processors. FANGYU_NATIONWIDE as for BenchmarkSuggest.
func BenchmarkNameCheck(b *testing.B) {
	s, db := nationwide(b)
	const most = 2000
	checks := drawnChecks(b, db, most)
	who := s.signIn(b, "cq-mzj", demoPassword)
	for b.Loop() {
		took, hit := judgeAll(b, who, checks)
		for _, p := range []int{50, 95, 99} {
			b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
		}
		b.ReportMetric(float64(hit)/float64(len(checks)), "share-that-collide")
	}
}

// drawnCheck is a name to judge.
type drawnCheck struct {
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Category gazetteer.Category `json:"category"`
	Division string             `json:"division"`
}

// drawnChecks draws names that stand, and as many that are made of them.
func drawnChecks(b *testing.B, db *pgx.Conn, n int) []drawnCheck {
	rows, err := db.Query(context.Background(), `
		with drawn as (
		    select n.name, n.specific, n.generic, p.category, p.division_id, row_number() over (order by md5(n.id::text)) as k
		    from place_name n join place p on p.id = n.place_id
		    where n.kind = 'standard' and upper_inf(n.valid) and n.language = 'zh' and p.category in ('village-committee', 'street', 'division') and n.generic <> '' limit 20000)
		select 'new', name, category, division_id::text from (select * from drawn where category <> 'division' order by k limit $1 / 2) a
		union all
		select 'new', x.specific || y.generic, x.category, y.division_id::text
		from (select *, row_number() over () as i from (select * from drawn where category <> 'division' order by k limit $1 / 2) q) x
		join (select *, row_number() over () as i from (select * from drawn where category <> 'division' order by k desc limit $1 / 2) q) y using (i)`, n)
	if err != nil {
		b.Fatal(err)
	}
	checks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[drawnCheck])
	if err != nil || len(checks) < n/2 {
		b.Fatalf("%d checks: %v", len(checks), err)
	}
	return checks
}

// judgeAll judges every name once, one after the other, and says how long each took, the quickest first, and how many collide.
func judgeAll(b *testing.B, who *client, checks []drawnCheck) (took []time.Duration, hit int) {
	b.Helper()
	for _, check := range checks {
		began := time.Now()
		status, body := who.send("POST", "/api/name-checks", nil, check)
		took = append(took, time.Since(began))
		if status != 200 {
			b.Errorf("%v: %d %s", check, status, body)
		} else if bytes.Contains(body, []byte(`"duplicate-name"`)) || bytes.Contains(body, []byte(`"homophone"`)) {
			hit++
		}
	}
	slices.Sort(took)
	return took, hit
}
