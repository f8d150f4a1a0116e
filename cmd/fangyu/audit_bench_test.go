package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
)

// BenchmarkAuditNames audits the names of the divisions of two provinces down to the villages, over 100,000, by the rules in force: gathered
// and looked through whole, and of that the judging by rules alone. Beside it the naive twin, which has each name of a sample checked by
// itself.
func BenchmarkAuditNames(b *testing.B) {
	s, sample := twoProvinces(b)
	for b.Loop() {
		var names, found int
		var rules time.Duration
		began := time.Now()
		var rulesBegan time.Time
		findings, pack, err := s.CheckGazetteer(b.Context(), gazetteer.Actor{}, time.Now(), gazsql.GazetteerCheck{}, func(p gazsql.AuditProgress) error {
			switch {
			case p.NamesTotal > 0 && p.NamesDone == p.NamesTotal:
				rules = time.Since(rulesBegan)
			case p.NamesTotal > 0:
				names = p.NamesTotal
			case rules == 0:
				rulesBegan = time.Now() // the step at hand
			}
			return nil
		})
		whole := time.Since(began)
		if err != nil || names < 100_000 || pack.ID == "" {
			b.Fatalf("%d names by %s: %v", names, pack.ID, err)
		}
		for _, f := range findings {
			if f.Family == "name" || f.Family == "rule" {
				found++
			}
		}
		apiece := oneByOne(b, s, sample)
		b.ReportMetric(float64(names), "names")
		b.ReportMetric(float64(found), "findings")
		b.ReportMetric(float64(names)/whole.Seconds(), "names/s-whole")
		b.ReportMetric(float64(names)/rules.Seconds(), "names/s-rules")
		b.ReportMetric(1/apiece.Seconds(), "names/s-one-by-one")
		b.ReportMetric(apiece.Seconds()/(whole.Seconds()/float64(names)), "times-one-by-one")
	}
}

// oneByOne is how long a name takes that is checked by itself.
func oneByOne(b *testing.B, s *gazsql.Store, sample []gazsql.NameCheck) time.Duration {
	b.Helper()
	began := time.Now()
	for _, check := range sample {
		if _, err := s.CheckName(b.Context(), gazetteer.Actor{}, time.Now(), check); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / time.Duration(len(sample))
}

// twoProvinces is a store with the divisions of 山东 and 河南 down to the villages, and some of its names as they are checked one by one.
func twoProvinces(b *testing.B) (*gazsql.Store, []gazsql.NameCheck) {
	b.Helper()
	ctx := context.Background()
	lists, err := readDivisionLists(demoPackages(b), "37", "41")
	if err != nil {
		b.Fatal(err)
	}
	db := pgtest.New(b)
	s := gazsql.New(db.Pool)
	if err := s.SeedPacks(ctx, time.Now()); err != nil {
		b.Fatal(err)
	}
	for _, list := range lists {
		path := filepath.Join(b.TempDir(), "divisions.csv")
		if err := list.write(path); err != nil {
			b.Fatal(err)
		}
		source, err := feature.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.ImportDivisions(ctx, gazetteer.Actor{System: "import"}, time.Now(), gazsql.Import{Source: source}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := db.Super.Exec(ctx, `analyze`); err != nil {
		b.Fatal(err)
	}
	rows, err := db.Super.Query(ctx, `
		select n.name, p.category, p.division_id, p.id from place p join place_name n on n.place_id = p.id and n.kind = 'standard' order by md5(p.id::text) limit 300`)
	if err != nil {
		b.Fatal(err)
	}
	sample, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (gazsql.NameCheck, error) {
		check := gazsql.NameCheck{Kind: "existing"}
		var division uuid.UUID
		err := row.Scan(&check.Name, &check.Category, &division, &check.PlaceID)
		check.Division = division.String()
		return check, err
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, sample
}
