package gazsql_test

import (
	"context"
	"slices"
	"testing"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// TestAPackIsReadAsItWasWritten: every pack that comes with the program, its rules, their days and its words.
func TestAPackIsReadAsItWasWritten(t *testing.T) {
	ctx, s := context.Background(), gazsql.New(pgtest.New(t).Pool)
	for range 2 {
		if err := s.SeedPacks(ctx, today); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Packs(ctx, gazetteer.Actor{})
	listed := list.Items
	if err != nil || len(listed) != len(gazetteer.ShippedPacks()) || listed[0].ID != "national-2022" || listed[0].Comparison {
		t.Fatalf("listed %+v, %v", listed, err)
	}
	for _, p := range gazetteer.ShippedPacks() {
		read, err := s.Pack(ctx, gazetteer.Actor{}, today, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if changes := p.Diff(read.Pack); len(changes) > 0 {
			t.Errorf("%s is read otherwise: %+v", p.ID, changes)
		}
		text, err := read.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := gazetteer.ParsePack(text); err != nil || len(again.Diff(p)) > 0 {
			t.Errorf("%s does not come in again: %v", p.ID, err)
		}
	}
	if _, err := s.Pack(ctx, gazetteer.Actor{}, today, "no-such-pack"); !fault.Is(err, "pack-unknown") {
		t.Errorf("got %v", err)
	}
}

// TestSeedingAPackTwiceChangesNothing: its text is written once, and forbids six kinds of repetition, and is for review on as many of sound.
func TestSeedingAPackTwiceChangesNothing(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	s := gazsql.New(db.Pool)
	for range 2 {
		seedNational(t, s)
	}
	var texts, words int
	if err := db.Pool.QueryRow(ctx, `select (select count(*) from rule_pack_revision), (select count(*) from library_word where library_id = 'foreign-places')`).Scan(&texts, &words); err != nil || texts != 2 {
		t.Errorf("%d texts, %v", texts, err)
	}
	p, err := s.Pack(ctx, gazetteer.Actor{}, today, "national-2022")
	count := func(kind gazetteer.RuleKind, severity fault.Severity) (n int) {
		for _, r := range p.Rules {
			if r.Kind == kind && r.Severity == severity {
				n++
			}
		}
		return n
	}
	if err != nil || count(gazetteer.RepeatRule, fault.Block) != 6 || count(gazetteer.SoundRule, fault.Review) != 6 || words < 10 {
		t.Errorf("%d, %d, %d words, %v", count(gazetteer.RepeatRule, fault.Block), count(gazetteer.SoundRule, fault.Review), words, err)
	}
}

// seedNational writes the national pack and those that it includes.
func seedNational(t testing.TB, s *gazsql.Store) {
	t.Helper()
	for _, p := range gazetteer.ShippedPacks() {
		if national := gazetteer.National(); p.ID == national.ID || slices.Contains(national.Includes, p.ID) {
			if err := s.SeedPack(context.Background(), today, p); err != nil {
				t.Fatal(err)
			}
		}
	}
}
