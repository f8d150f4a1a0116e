package boundsql_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func graded(g gazetteer.Grade) gazetteer.Grading {
	return gazetteer.Grading{Grade: g, Reason: "位于管理区内", Document: gazetteer.Document{Title: "关于定密的通知", Number: "渝民密〔2026〕2号"}}
}

func TestAWithheldMarkerIsForTheSidesAndAbove(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	id := d.markers[0].ID
	rows := func() (text string) {
		d.must(d.db.Super.QueryRow(ctx, `select coalesce((select m::text from marker m where id = $1), '')`, id).Scan(&text))
		return text
	}
	before := rows()
	for name, who := range map[string]gazetteer.Actor{"lead": d.lead, "stranger": d.stranger, "nobody": {}} {
		if _, err := d.store.GradeMarker(ctx, who, today, id, 1, graded(gazetteer.Secret)); !fault.Is(err, "not-yours") {
			t.Errorf("%s: %v", name, err)
		}
	}
	held, err := d.store.GradeMarker(ctx, d.city, today, id, 1, graded(gazetteer.Secret))
	if err != nil || held.Grade != gazetteer.Secret || held.Lon != d.markers[0].Lon || rows() != "" {
		t.Fatalf("%+v, %v, still %q", held, err, rows())
	}
	for name, who := range map[string]gazetteer.Actor{"lead": d.lead, "other": d.other, "city": d.city} {
		if m, err := d.store.Marker(ctx, who, today, id); err != nil || m.Lat != d.markers[0].Lat || m.Grade != gazetteer.Secret {
			t.Errorf("%s reads %+v, %v", name, m, err)
		}
	}
	open := d.store.WithoutFirstWall()
	for name, who := range map[string]gazetteer.Actor{"stranger": d.stranger, "nobody": {}} {
		if _, err := open.Marker(ctx, who, today, id); !fault.Is(err, "marker-unknown") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := open.GradeMarker(ctx, who, today, id, 2, graded(gazetteer.Public)); !fault.Is(err, "marker-unknown") {
			t.Errorf("%s: %v", name, err)
		}
		if n := d.countAs(who, `known_marker`); n != len(d.markers)-1 {
			t.Errorf("%s knows of %d markers", name, n)
		}
	}
	// The sides inspect it like the others.
	round = d.form(d.lead, round, 0, "intact", true)
	if len(round.Forms) != 1 || round.Forms[0].Number != d.markers[0].Number {
		t.Errorf("forms: %+v", round.Forms)
	}
	page, err := d.store.Report(ctx, d.other, today, round.ID)
	if err != nil || len(page.Markers) != len(d.markers) || page.Report.Figures.MarkersTotal != len(d.markers) {
		t.Errorf("the report has %d and %d markers, %v", len(page.Markers), page.Report.Figures.MarkersTotal, err)
	}
	line, err := d.store.Line(ctx, d.line)
	if err != nil || len(line.Markers) != len(d.markers)-1 {
		t.Errorf("in public the line has %d markers, %v", len(line.Markers), err)
	}
	d.importAgain()
	if _, err := d.store.GradeMarker(ctx, d.city, today, id, 2, graded(gazetteer.Public)); err != nil {
		t.Fatal(err)
	}
	if after := rows(); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

// importAgain brings in the file the markers came from and wants nothing made.
func (d *desk) importAgain() {
	d.t.Helper()
	csv := filepath.Join(d.t.TempDir(), "markers.csv")
	d.must(os.WriteFile(csv, boundary.SynthesizeMarkers(d.chain, "江北区—渝北区线", 5000, 1), 0o600))
	src, err := open(csv)
	d.must(err)
	report, err := d.store.ImportMarkers(context.Background(), importer, today, gazsql.Import{Source: src, Frame: geo.CGCS2000, Synthetic: true})
	d.must(err)
	if report.Created != 0 {
		d.t.Errorf("the import made %d markers", report.Created)
	}
}

// TestPublicPrecision rounds the markers of a level for everybody but the sides and above.
func TestPublicPrecision(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	exact := d.markers[1]
	_, err := d.db.Super.Exec(ctx, `
		with d as (insert into document (id, kind, title, recorded_at) values (gen_random_uuid(), 'other', '公布精度', now()) returning id)
		insert into precision_policy (layer, level, decimals, document_id) select 'markers', 'county', 2, id from d`)
	d.must(err)
	line, err := d.store.Line(ctx, d.line)
	d.must(err)
	for _, m := range []boundsql.MarkerView{line.Markers[1], d.known(d.stranger, exact).MarkerView, d.known(gazetteer.Actor{}, exact).MarkerView} {
		if at := geo.RoundDegrees(orb.Point{exact.Lon, exact.Lat}, 2); m.Lon != at[0] || m.Lat != at[1] || m.Lon == exact.Lon || m.ElevationM != nil || *m.Decimals != 2 {
			t.Errorf("in public: %+v", m)
		}
		if m.ChainageM == exact.ChainageM || m.OffsetM == exact.OffsetM {
			t.Errorf("chainage %v and offset %v tell the place", m.ChainageM, m.OffsetM)
		}
	}
	for _, who := range []gazetteer.Actor{d.lead, d.other, d.city} {
		if m := d.known(who, exact); m.Lon != exact.Lon || m.ChainageM != exact.ChainageM || m.Decimals != nil {
			t.Errorf("%s: %+v", who.Login, m)
		}
	}
}

func (d *desk) known(who gazetteer.Actor, m boundsql.MarkerView) boundsql.KnownMarker {
	d.t.Helper()
	known, err := d.store.Marker(context.Background(), who, today, m.ID)
	d.must(err)
	return known
}
