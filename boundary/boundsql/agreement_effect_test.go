package boundsql_test

import (
	"context"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// The bend goes from P1 to a point 30 m farther out: what passes is the two triangles P0-P1-P1′ and P1-P2-P1′ together, measured here as
// one quadrilateral. It lay to the right of the line, which runs north-east and then east.
func TestTheEffectOfAnAgreement(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	_, err := d.db.Super.Exec(ctx, `update line set right_party = party_a where id = $1`, d.line)
	d.must(err)
	g := d.agreement(d.lead, agreedOn(bent))
	e, err := d.store.AgreementEffect(ctx, d.lead, today, g.ID)
	d.must(err)
	want := geo.AreaM2(orb.Polygon{{bent[0][0], {106.566334868, 29.569093202}, bent[0][2], bent[0][1], bent[0][0]}})
	if len(e.Passing) != 1 || math.Abs(e.Passing[0].AreaM2/want-1) > 3e-4 || // its edges of 10 km are straight in degrees
		e.Passing[0].Pieces != 1 || e.EndsApartM > 1e-6 || e.UnclearM2 > 0 {
		t.Fatalf("passes %+v, wanted %.1f m²", e.Passing, want)
	}
	if p := e.Passing[0]; *p.To != g.PartyA.ID || *p.From != g.PartyB.ID {
		t.Errorf("from %v to %v", p.From, p.To)
	}
	if math.Abs(e.LengthBeforeM-15000) > 0.01 || math.Abs(e.LengthAfterM-geo.LengthM(bent)) > 0.01 || e.People != nil {
		t.Errorf("lengths %.2f and %.2f, people %v", e.LengthBeforeM, e.LengthAfterM, e.People)
	}
	if len(e.Divisions)+len(e.Compared)+len(e.Places)+e.Count != 0 {
		t.Errorf("nothing lies there: %+v", e)
	}

	middle := orb.Point{106.5663, 29.5692} // between P1 and P1′
	d.place("张家湾", middle)
	d.place("李家湾", orb.Point{106.5, 29.45})
	_, err = d.db.Super.Exec(ctx, `
		with of as (select division_id, document_id from division_code where code = '500112'),
		     new as (insert into division (id) values (gen_random_uuid()) returning id),
		     version as (insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
		         select gen_random_uuid(), new.id, '龙兴镇', 'township', 'town', of.division_id, daterange(null, null), of.document_id, now() from new, of),
		     code as (insert into division_code (division_id, code, system, valid, document_id)
		         select new.id, '500112103', 'gbt10114', daterange(null, null), of.document_id from new, of)
		insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
		select gen_random_uuid(), new.id, st_multi(st_makeenvelope(106, 29, 107, 30, 4490)), daterange(null, null), of.document_id, '4490', now() from new, of`)
	d.must(err)
	if e, err = d.store.AgreementEffect(ctx, d.lead, today, g.ID); err != nil || e.Count != 1 || len(e.Places) != 1 || e.Places[0].Name != "张家湾" || *e.Places[0].To != g.PartyA.ID {
		t.Errorf("places %+v, %v", e.Places, err)
	}
	if len(e.Divisions) != 1 || e.Divisions[0].Name != "龙兴镇" || e.Divisions[0].Code != "500112103" || math.Abs(e.Divisions[0].AreaM2/e.Passing[0].AreaM2-1) > 3e-4 || e.Compared["township"] != 1 {
		t.Errorf("divisions %+v, compared %v", e.Divisions, e.Compared)
	}
	_, err = d.db.Super.Exec(ctx, `
		with paper as (insert into document (id, kind, title, number, recorded_at) values (gen_random_uuid(), 'other', '精度规定', '1', now()) returning id)
		insert into precision_policy (layer, level, decimals, document_id) select 'places', 'county', 1, id from paper`)
	d.must(err)
	if e, err = d.store.AgreementEffect(ctx, d.lead, today, g.ID); err != nil || e.Count != 0 {
		t.Errorf("a rounded position tells what lies within 30 m: %+v, %v", e.Places, err)
	}
	for name, actor := range map[string]gazetteer.Actor{"other": d.other, "above": d.city, "stranger": d.stranger, "nobody": {}} {
		if _, err := d.store.AgreementEffect(ctx, actor, today, g.ID); !fault.Is(err, "agreement-unknown") {
			t.Errorf("%s reads what a draft changes: %v", name, err)
		}
	}
	_, err = d.db.Super.Exec(ctx, `update line set right_party = null where id = $1`, d.line)
	d.must(err)
	if e, err = d.store.AgreementEffect(ctx, d.lead, today, g.ID); err != nil || e.Passing[0].To != nil || e.Passing[0].From != nil {
		t.Errorf("nobody knows who is to the right: %+v, %v", e.Passing, err)
	}
	same, err := d.store.EditAgreement(ctx, d.lead, today, g.ID, g.Version, agreedOn(nil))
	d.must(err)
	if e, err = d.store.AgreementEffect(ctx, d.lead, today, same.ID); err != nil || len(e.Passing) != 0 || e.LengthAfterM != e.LengthBeforeM {
		t.Errorf("on the course of today it changes %+v, %v", e, err)
	}
}

// place registers a place with a standard name.
func (d *desk) place(name string, at orb.Point) {
	d.t.Helper()
	_, err := d.db.Super.Exec(context.Background(), `
		with of as (select division_id, document_id from division_code where code = '500112'),
		     p as (insert into place (id, category, division_id, geom, located_by, document_id, recorded_at)
		         select gen_random_uuid(), 'natural-village', division_id, $2, 'map', document_id, now() from of returning id)
		insert into place_name (id, place_id, name, kind, specific, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
		select gen_random_uuid(), p.id, $1, 'standard', $1, 'x', 'x1', 'x', 'unverified', daterange(null, null), of.document_id, now() from p, of`, name, at)
	d.must(err)
}
