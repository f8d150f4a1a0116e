package boundsql_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// threeCounties are two counties whose border differs by a vertex some 48 m off, and one below another province that overlaps the second
// by some 10 m.
func threeCounties(t *testing.T) (*pgtest.DB, *boundsql.Store) {
	t.Helper()
	db := pgtest.New(t)
	path := filepath.Join(t.TempDir(), "a.geojson")
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		square("500101", "万州区", "[106,29],[106.02,29],[106.02,29.02],[106,29.02],[106,29]"),
		square("500102", "涪陵区", "[106.02,29],[106.04,29],[106.04,29.02],[106.02,29.02],[106.0205,29.01],[106.02,29]"),
		square("511602", "广安区", "[106.0399,29],[106.06,29],[106.06,29.02],[106.0399,29.02],[106.0399,29]"),
	}, ",") + `]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := loadCounties(context.Background(), db, path); err != nil {
		t.Fatal(err)
	}
	return db, boundsql.New(db.Pool, nil, nil)
}

// everything is what the record says, but for the bookkeeping of its readers.
func everything(t *testing.T, db *pgtest.DB) (text string) {
	t.Helper()
	err := db.Super.QueryRow(context.Background(), `
		select (select string_agg(st_astext(geom), ' ' order by id) from division_shape) || (select count(*) from journal)::text ||
		       (select count(*) from line_version)::text || (select count(*) from document)::text`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestReconcilingTellsAndChangesNothing: what it would come to is what deriving lines reports, and it is for the bureau above.
func TestReconcilingTellsAndChangesNothing(t *testing.T) {
	ctx := context.Background()
	db, store := threeCounties(t)
	before := everything(t, db)
	got, err := store.Reconciling(ctx, boundary.CountyLine, today, 60)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Pairs) != 2 || got.Divisions != 3 || got.FixedLines != 0 || len(got.Left) != 0 || len(got.Apart) != 0 {
		t.Fatalf("told %+v", got)
	}
	p := got.Pairs[0]
	if p.A.Name+p.B.Name != "万州区涪陵区" || len(p.Moved) != 1 || math.Abs(p.Moved[0].MaxM-48.7) > 0.2 || len(p.Exchanges) != 1 || math.Abs(p.Exchanges[0].AreaM2-53_900) > 300 {
		t.Errorf("the first pair: %+v", p)
	}
	if p.Unmatched == nil || p.Unmatched.Edges != 3 || p.Remaining != nil || p.SharedBeforeM != 0 || math.Abs(p.SharedAfterM-geo.LengthM(p.Moved[0].Stretch.After)) > 0.01 {
		t.Errorf("its edges: %+v, %+v", p.Unmatched, p)
	}
	if len(got.Units) != 2 || got.Units[0].Unit.Name == "" || got.Units[0].AreaBeforeM2 == got.Units[0].AreaAfterM2 {
		t.Errorf("divisions: %+v", got.Units)
	}
	if everything(t, db) != before {
		t.Error("asking changed the record")
	}
	derived, err := store.DeriveLines(ctx, importer, today, boundsql.Derive{Document: gazetteer.Document{Title: "试"}, ToleranceM: 60, DryRun: true})
	if err != nil || derived.Digest != got.Digest {
		t.Errorf("deriving lines would do something else: %s, %s, %v", derived.Digest, got.Digest, err)
	}
	if narrow, err := store.Reconciling(ctx, boundary.CountyLine, today, 20); err != nil || len(narrow.Pairs) != 2 || len(narrow.Pairs[0].Moved) != 1 || narrow.Pairs[1].Remaining == nil {
		t.Errorf("within 20 m: %+v %v", narrow.Pairs, err)
	}
	if _, err := store.Reconciling(ctx, boundary.CountyLine, today, 0); !fault.Is(err, "tolerance-missing") {
		t.Errorf("no tolerance: %v", err)
	}
}

// TestReconcilingIsForTheBureauAbove lets only it look, and at the pairs of which it is above a side.
func TestReconcilingIsForTheBureauAbove(t *testing.T) {
	ctx := context.Background()
	db, store := threeCounties(t)
	all, err := store.Reconciling(ctx, boundary.CountyLine, today, 60)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, db: db, store: store}
	for code, c := range map[string]struct {
		roles []gazetteer.Role
		pairs int // -1: may not look
	}{
		"500000": {[]gazetteer.Role{gazetteer.Superior}, 2}, "510000": {[]gazetteer.Role{gazetteer.Superior}, 1},
		"500101": {[]gazetteer.Role{gazetteer.Superior}, -1}, "500102": {[]gazetteer.Role{gazetteer.PartyLeader}, -1},
	} {
		actor := d.account("mzj-"+code, code+"民政局", code, c.roles...)
		reach, err := store.ReachOf(ctx, actor, today, boundary.CountyLine, today)
		switch {
		case c.pairs < 0:
			d.wantKind(err, fault.Forbidden, code)
		case err != nil || len(all.ReconcilingAbove(reach).Pairs) != c.pairs || len(all.ReconcilingAbove(reach).Units) != c.pairs:
			t.Errorf("%s sees %+v, %v", code, all.ReconcilingAbove(reach), err)
		}
	}
	actor := d.account("mzj-clerk", "重庆市民政局 地名处", "500000", gazetteer.Clerk)
	_, err = store.ReachOf(ctx, actor, today, boundary.CountyLine, today)
	d.wantKind(err, fault.Forbidden, "another role")
	if _, err = store.ReachOf(ctx, gazetteer.Actor{}, today, boundary.CountyLine, today); err == nil {
		t.Error("nobody may look")
	}
}

// TestReconcilingHoldsApprovedLines: a line in force on the course of the second county holds against the finer outline; one along which no
// shape runs is told.
func TestReconcilingHoldsApprovedLines(t *testing.T) {
	ctx := context.Background()
	db, store := threeCounties(t)
	const straight = `[[106.02,29],[106.02,29.02]]`
	approve := func(course string) {
		t.Helper()
		if _, err := store.ImportLines(ctx, importer, today, gazsql.Import{Source: lineFile(t, `{"left":"500101","right":"500102"}`, course)}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Super.Exec(ctx, `alter table line_version disable trigger user; update line_version set legal_status = 'in-force', agreement_id = document_id, approval_id = document_id, publication_id = document_id; alter table line_version enable trigger user`); err != nil {
			t.Fatal(err)
		}
	}
	approve(straight)
	got, err := store.Reconciling(ctx, boundary.CountyLine, today, 60)
	if err != nil {
		t.Fatal(err)
	}
	p := got.Pairs[0]
	if got.FixedLines != 1 || len(got.Apart) != 0 || len(p.Moved) != 1 || p.Moved[0].Unit.Name != "涪陵区" || math.Abs(p.Moved[0].HeldM-geo.LengthM(p.Moved[0].Stretch.After)) > 0.01 || p.Moved[0].HeldM < 2000 {
		text, _ := json.Marshal(got)
		t.Errorf("held: %s", text)
	}
	db, store = threeCounties(t)
	approve(`[[106.0201,29],[106.0201,29.02]]`)
	if got, err = store.Reconciling(ctx, boundary.CountyLine, today, 60); err != nil || len(got.Apart) != 1 || got.Pairs[0].Moved[0].HeldM != 0 {
		t.Fatalf("apart: %+v %v", got, err)
	}
	a := got.Apart[0]
	if a.Code != "fixed-apart" || a.Severity != fault.Review || len(a.Features) != 1 || a.Features[0].Kind != "line" || a.Features[0].ID == uuid.Nil || !strings.Contains(a.Detail, a.Features[0].Name) {
		t.Errorf("apart: %+v", a)
	}
}
