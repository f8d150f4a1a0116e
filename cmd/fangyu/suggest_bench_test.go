package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/postgis"
)

// BenchmarkSuggest asks the real binary, over HTTP, what begins or sounds as a text does, among the names of the whole
// country: distinct queries drawn from the beginnings of all names (1 to 4 characters, pinyin of 1 to 12 letters, initials of 1
// to 4), on 32 connections, without any cache of answers; server, database and those who ask share the processors. Beside it the
// same questions of one and two characters one after the other, by pg_trgm on the same rows: name like '%…%', the most important
// ten. FANGYU_NATIONWIDE names a data folder of `fangyu demo --nationwide` to be used instead of loading one, which takes minutes.
func BenchmarkSuggest(b *testing.B) {
	s, db := nationwide(b)
	queries := drawnQueries(b, db, 100_000, `true`)
	var took []time.Duration
	b.Run("32 connections", func(b *testing.B) {
		for range b.N {
			began := time.Now()
			took = askAll(b, s.url, queries, 32)
			b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "answers/s")
		}
		for _, p := range []int{50, 95, 99} {
			b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
		}
	})
	b.Run("one and two characters", func(b *testing.B) {
		short := drawnQueries(b, db, 100, `q ~ '^[^a-z]' and length(q) <= 2`)
		for range b.N {
			ours, bare, theirs := askAll(b, s.url, short, 1), searched(b, db, short), trigrams(b, db, short)
			for _, p := range []int{50, 95} {
				us, search, them := ours[len(ours)*p/100], bare[len(bare)*p/100], theirs[len(theirs)*p/100]
				b.ReportMetric(float64(us.Microseconds()), fmt.Sprintf("p%d-µs-over-HTTP", p))
				b.ReportMetric(float64(search.Nanoseconds())/1000, fmt.Sprintf("p%d-µs-search", p))
				b.ReportMetric(float64(them.Microseconds())/1000, fmt.Sprintf("p%d-ms-pg_trgm", p))
				b.ReportMetric(float64(them)/float64(us), fmt.Sprintf("p%d-times-pg_trgm-over-HTTP", p))
				b.ReportMetric(float64(them)/float64(search), fmt.Sprintf("p%d-times-pg_trgm", p))
			}
		}
	})
}

// nationwide is a server over the names of the whole country, and its database.
func nationwide(b *testing.B) (*server, *pgx.Conn) {
	return served(b, nationwideData(b))
}

// nationwideData is the folder of FANGYU_NATIONWIDE, or a new one into which the names of the country are loaded.
func nationwideData(b *testing.B) string {
	packages, data := demoPackages(b), os.Getenv("FANGYU_NATIONWIDE")
	if data == "" {
		data = dataDir(b)
		began := time.Now()
		if _, errs, code := fangyu(b, data, "demo", "--nationwide", "--from", packages); code != 0 {
			b.Fatalf("load the names of the country: %s", errs)
		}
		b.Logf("the names of the country were loaded in %v", time.Since(began).Round(time.Second))
	}
	return data
}

// served is the program over that data with the names in memory, and its database.
func served(b *testing.B, data string) (*server, *pgx.Conn) {
	s := serve(b, data)
	waitFor(b, "names in memory", func() bool { return strings.Contains(s.said(), "names in memory") })
	db, err := pgx.Connect(context.Background(), "host="+filepath.Join(data, "run")+" user=postgres dbname=fangyu")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close(context.Background()) })
	return s, db
}

// drawnQueries draws distinct beginnings of names, none of them a code.
func drawnQueries(b *testing.B, db *pgx.Conn, n int, which string) []string {
	rows, err := db.Query(context.Background(), `
		with q as (
		    select left(text, k) as q from name_form, generate_series(1, 4) k where length(text) >= k
		    union select left(pinyin, k) from name_form, generate_series(1, 12) k where length(pinyin) >= k and pinyin ~ '^[a-z0-9]+$'
		    union select left(initials, k) from name_form, generate_series(1, 4) k where length(initials) >= k and initials ~ '^[a-z0-9]+$')
		select q from q where q !~ '^[0-9]' and `+which+` order by md5(q) limit $1`, n)
	if err != nil {
		b.Fatal(err)
	}
	queries, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(queries) != n {
		b.Fatalf("%d queries: %v", len(queries), err)
	}
	return queries
}

// askAll asks every query once over so many connections, and says how long each answer took, the quickest first.
func askAll(b *testing.B, address string, queries []string, connections int) (took []time.Duration) {
	b.Helper()
	host := strings.TrimPrefix(address, "http://")
	var mu sync.Mutex
	var group sync.WaitGroup
	for c := range connections {
		group.Go(func() {
			mine := make([]time.Duration, 0, len(queries)/connections+1)
			conn, err := net.Dial("tcp", host)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReaderSize(conn, 1<<16)
			for i := c; i < len(queries); i += connections {
				began := time.Now()
				if err := ask(conn, answers, host, queries[i]); err != nil {
					b.Errorf("%s: %v", queries[i], err)
					return
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	slices.Sort(took)
	return took
}

// ask reads one whole answer, which must hold a hit: every query is the beginning of a name.
func ask(conn io.Writer, answers *bufio.Reader, host, query string) error {
	if _, err := fmt.Fprintf(conn, "GET /api/suggest?q=%s HTTP/1.1\r\nHost: %s\r\n\r\n", url.QueryEscape(query), host); err != nil {
		return err
	}
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && (answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"rung"`)) {
		err = fmt.Errorf("%d %s", answer.StatusCode, body)
	}
	return err
}

// searched asks the same without HTTP, of a store of its own that holds the names in memory.
func searched(b *testing.B, db *pgx.Conn, queries []string) (took []time.Duration) {
	b.Helper()
	pool, err := postgis.Open(context.Background(), db.Config().ConnString())
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	ctx, stop := context.WithCancel(context.Background())
	store, ended, said := gazsql.New(pool), make(chan error, 1), &server{log: &bytes.Buffer{}}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(lockedWriter{&said.mu, said.log}, nil)))
	go func() { ended <- store.FollowNames(ctx, pool) }()
	waitFor(b, "names in memory", func() bool { return strings.Contains(said.said(), "names in memory") })
	slog.SetDefault(before)
	for _, q := range queries {
		began := time.Now()
		list, err := store.Suggest(ctx, gazetteer.Search{Text: q, Limit: 10})
		took = append(took, time.Since(began))
		if err != nil || len(list) == 0 {
			b.Fatalf("%s: %v %v", q, list, err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	return took
}

// trigrams asks pg_trgm the same of the same rows, in a table of their own.
func trigrams(b *testing.B, db *pgx.Conn, queries []string) (took []time.Duration) {
	b.Helper()
	ctx := context.Background()
	if _, err := db.Exec(ctx, `
		create temp table if not exists twin as select name_id, text, rank from name_form;
		create index if not exists twin_trgm on twin using gin (text gin_trgm_ops);
		analyze twin`); err != nil {
		b.Fatal(err)
	}
	for _, q := range queries {
		if n := utf8.RuneCountInString(q); n > 2 || strings.ContainsAny(q, `%_\`) {
			b.Fatalf("a query of %d characters: %s", n, q)
		}
		began := time.Now()
		rows, err := db.Query(ctx, `select name_id, text from twin where text like $1 order by rank desc, name_id limit 10`, "%"+q+"%")
		if err != nil {
			b.Fatal(err)
		}
		rows.Close()
		took = append(took, time.Since(began))
		if rows.CommandTag().RowsAffected() == 0 {
			b.Fatalf("pg_trgm does not find %s", q)
		}
	}
	slices.Sort(took)
	return took
}
