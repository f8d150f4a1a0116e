package gazsql_test

import (
	"context"
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
	listed, err := s.Packs(ctx)
	if err != nil || len(listed) != len(gazetteer.ShippedPacks()) || listed[0].ID != "national-2022" || listed[0].Comparison {
		t.Fatalf("listed %+v, %v", listed, err)
	}
	for _, p := range gazetteer.ShippedPacks() {
		read, err := s.Pack(ctx, "2026-11-29", p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if changes := p.Diff(read); len(changes) > 0 {
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
	if _, err := s.Pack(ctx, "2026-11-29", "no-such-pack"); !fault.Is(err, "pack-unknown") {
		t.Errorf("got %v", err)
	}
}
