package boundsql_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// affected is what an effect tells of the division that is or was called so.
func affected(t *testing.T, e *boundsql.DivisionEffect, name string) boundsql.ChangedDivision {
	t.Helper()
	for _, d := range e.Divisions {
		if d.Before != nil && d.Before.Name == name || d.After != nil && d.After.Name == name {
			return d
		}
	}
	t.Fatalf("%s is not told of", name)
	return boundsql.ChangedDivision{}
}

// TestTheEffectOfNovember2025: a dry run tells what the change does before and after, and the record the same once it is carried out.
func TestTheEffectOfNovember2025(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	for i, code := range []string{"500105", "500112"} {
		_, err := d.db.Super.Exec(ctx, `
			insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
			select gen_random_uuid(), c.division_id, st_multi(st_makeenvelope(106 + $2::int, 29, 107 + $2::int, 30, 4490)), daterange(null, null), c.document_id, '4490', now()
			from division_code c where c.code = $1`, code, i)
		d.must(err)
	}
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	admin := d.account("cq-admin", "重庆市民政局（系统）", "500000", gazetteer.Administrator)
	dry, err := d.store.ChangeDivisions(ctx, admin, today, change, true)
	d.must(err)
	e := dry.Effect
	if e == nil || e.ID != uuid.Nil || e.EffectiveOn != "2025-11-06" || len(e.Divisions) != 51 || e.People != nil {
		t.Fatalf("the dry run tells %+v", e)
	}
	if d.count(`division_approval`) != 0 {
		t.Error("the dry run left something")
	}
	jiangbei, liangjiang, road := affected(t, e, "江北区"), affected(t, e, "两江新区"), affected(t, e, "水土街道")
	if jiangbei.After != nil || jiangbei.Before.Code != "500105" || jiangbei.Before.AreaM2 == nil || math.Abs(*jiangbei.Before.AreaM2/10.79e9-1) > 0.01 || jiangbei.Before.Places != 1+12*2+1 {
		t.Errorf("江北区: %+v", jiangbei.Before) // the district, 12 townships with a village each, and a road
	}
	if a := liangjiang.After; liangjiang.Before != nil || a.Code != "500157" || a.AreaM2 != nil || a.Parent != "重庆市" || a.Places <= jiangbei.Before.Places {
		t.Errorf("两江新区: %+v", a) // of which the shape is not known: it came of parts
	}
	if road.Before.Parent != "北碚区" || road.After.Parent != "两江新区" || road.Before.Code != "500109008" || road.After.Code != "500157005" || road.After.Places != 2 {
		t.Errorf("水土街道: %+v → %+v", road.Before, road.After)
	}
	if !cmp.Equal(e.Names.New, []string{"两江新区"}) || !slices.Contains(e.Names.Gone, "江北区") || !slices.Contains(e.Names.Gone, "渝北区") || len(e.Names.Gone) != 2 || len(e.Names.Kept) != 48 {
		t.Errorf("names: %+v", e.Names)
	}
	if len(e.Codes.Gone) != 44 || len(e.Codes.New) != 43 || len(e.Codes.Kept) != 6 || !slices.Contains(e.Codes.New, "500157") {
		t.Errorf("%d codes gone, %d new, %d kept", len(e.Codes.Gone), len(e.Codes.New), len(e.Codes.Kept))
	}
	if len(e.Lines) != 1 || e.Lines[0].Kind != "end" || math.Abs(e.Lines[0].LengthM-15_000) > 1 || len(e.Lines[0].Geom) == 0 || e.Lines[0].Name == "" {
		t.Errorf("lines: %+v", e.Lines)
	}

	done, err := d.store.ChangeDivisions(ctx, admin, today, change, false)
	d.must(err)
	recorded, err := d.store.DivisionEffect(ctx, done.ID)
	d.must(err)
	if !cmp.Equal(*done.Effect, recorded) {
		t.Errorf("the record tells otherwise: %s", cmp.Diff(*done.Effect, recorded))
	}
	same := recorded
	same.ID, same.Divisions = uuid.Nil, nil
	seen := *e
	seen.Divisions = nil
	if !cmp.Equal(seen, same) || len(recorded.Divisions) != len(e.Divisions) {
		t.Errorf("the dry run told otherwise: %s", cmp.Diff(seen, same))
	}
	if again, err := d.store.ChangeDivisions(ctx, admin, today, change, false); err != nil || !again.Already || !cmp.Equal(again.Effect, &recorded) {
		t.Errorf("the second time: %v", err)
	}
	_, err = d.store.DivisionEffect(ctx, uuid.New())
	d.wantKind(err, fault.NotFound, "no approval")
}
