package boundsql_test

import (
	"context"
	"testing"
	"time"

	"fangyu/boundary"
)

// TestTheFabricOfADay looks at the shapes of a day, names what it finds, and leaves out what the tolerance says.
func TestTheFabricOfADay(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	for code, shape := range map[string]string{ // 渝北区 overlaps 江北区 by some ten metres, and has a part inside it
		"500105": `MULTIPOLYGON(((106 29, 107 29, 107 30, 106 30, 106 29), (106.4 29.4, 106.4 29.6, 106.6 29.6, 106.6 29.4, 106.4 29.4)))`,
		"500112": `MULTIPOLYGON(((106.9999 29, 108 29, 108 30, 106.9999 30, 106.9999 29)), ((106.4 29.4, 106.6 29.4, 106.6 29.6, 106.4 29.6, 106.4 29.4)))`,
	} {
		_, err := d.db.Super.Exec(ctx, `
			insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
			select gen_random_uuid(), c.division_id, st_geomfromtext($2, 4490), daterange('2020-01-01', '2024-01-01'), c.document_id, '4490', now()
			from division_code c where c.code = $1`, code, shape)
		d.must(err)
	}
	day := func(text string) time.Time {
		on, err := time.Parse(time.DateOnly, text)
		d.must(err)
		return on
	}
	f, err := d.store.CheckFabric(ctx, boundary.CountyLine, day("2023-06-01"), 0, nil)
	d.must(err)
	if f.Divisions != 2 || len(f.Shapeless) != 1 || f.Shapeless[0].Name != "重庆市渝中区" || f.Sections != 1 {
		t.Errorf("looked at %d areas and %d sections, without a shape: %+v", f.Divisions, f.Sections, f.Shapeless)
	}
	if f.Counts["overlap"] != 1 || f.Counts["gap"] != 0 {
		t.Fatalf("found %v", f.Counts)
	}
	o := f.Findings[0]
	if names := o.Features; o.Code != "overlap" || o.WidthM < 9 || o.WidthM > 10 || len(names) != 2 || names[0].Kind != "division" || names[0].Name+names[1].Name != "江北区渝北区" {
		t.Errorf("the overlap: %+v", o)
	}
	if len(f.Exclaves) != 1 || f.Exclaves[0].Of.Name != "渝北区" || f.Exclaves[0].Within.Name != "江北区" {
		t.Errorf("exclaves: %+v", f.Exclaves)
	}
	if f.Counts["exclave-unrecorded"] != 1 || f.Exclaves[0].Record != nil {
		t.Errorf("an exclave without a record: %v", f.Counts)
	}
	if f, err = d.store.CheckFabric(ctx, boundary.CountyLine, day("2023-06-01"), 20, nil); err != nil || f.Counts["overlap"] != 0 || f.Counts["within-tolerance"] != 1 {
		t.Errorf("with a tolerance of 20 m: %v %v", f.Counts, err)
	}
	if f, err = d.store.CheckFabric(ctx, boundary.CountyLine, day("2024-06-01"), 0, nil); err != nil || f.Divisions != 0 || f.Counts["overlap"] != 0 || f.Counts["dangle"] != 2 {
		t.Errorf("on a day without shapes: %+v %v", f, err)
	}
}
