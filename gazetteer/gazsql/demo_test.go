package gazsql_test

import (
	"context"
	"iter"
	"testing"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// TestDemoAccountsCloseOnceThereIsAnythingReal: their password is known to everybody.
func TestDemoAccountsCloseOnceThereIsAnythingReal(t *testing.T) {
	ctx := context.Background()
	for name, real := range map[string]func(*gazsql.Store) error{
		"an account": func(s *gazsql.Store) error {
			office, err := s.CreateOffice(ctx, importer, today, gazsql.Office{Name: "某县民政局", Kind: "civil-affairs"})
			if err != nil {
				return err
			}
			_, err = s.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: "real", Name: "经办", Password: "a long password", OfficeID: office})
			return err
		},
		"a record": func(s *gazsql.Store) error {
			return s.MarkDemo(ctx, gazetteer.Actor{System: "command"}, today, "import")
		},
	} {
		db := pgtest.New(t)
		s := gazsql.New(db.Pool)
		office, err := s.CreateOffice(ctx, importer, today, gazsql.Office{Name: "演示民政局", Kind: "civil-affairs", Demo: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: "shown", Name: "演示岗", Password: "fangyu-demo", OfficeID: office, Demo: true}); err != nil {
			t.Fatal(err)
		}
		actor, err := s.SignIn(ctx, "shown", "fangyu-demo")
		if err != nil {
			t.Fatalf("before %s: %v", name, err)
		}
		// What a command does to a demo account is no record.
		if _, _, err := s.ActOnAccount(ctx, gazetteer.Actor{System: "command"}, today, actor.AccountID, 1, gazsql.AccountAction{Name: "end-sessions"}); err != nil {
			t.Fatal(err)
		}
		// Nor is what a command reads.
		if err := s.ExportPlaces(ctx, gazetteer.Actor{System: "command"}, today, gazetteer.DefaultExportLimit, gazsql.PlaceExport{On: today, Format: "csv"}, nowhere); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "shown", "fangyu-demo"); err != nil {
			t.Errorf("after a command about a demo account, and an export: %v", err)
		}
		if err := real(s); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "shown", "fangyu-demo"); !fault.Is(err, "demo-closed") || fault.KindOf(err) != fault.Anonymous {
			t.Errorf("signing in beside %s: %v", name, err)
		}
		if _, err := s.Actor(ctx, actor.AccountID); !fault.Is(err, "demo-closed") {
			t.Errorf("staying signed in beside %s: %v", name, err)
		}
		if found, err := s.DemoAccounts(ctx); err != nil || len(found) != 0 {
			t.Errorf("beside %s the demo still offers %v, %v", name, found, err)
		}
	}
}

// nowhere reads the rows of an export and keeps none.
func nowhere(_ feature.Table, rows iter.Seq2[feature.Row, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}
