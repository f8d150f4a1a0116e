package boundsql_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// tripoints are those of the record by the names of what meets, with the days from and to which they do.
func (d *desk) tripoints() map[string]boundsql.TripointRow {
	d.t.Helper()
	all := map[string]boundsql.TripointRow{}
	d.must(d.store.EachTripoint(context.Background(), func(r boundsql.TripointRow) error {
		name := ""
		for _, division := range r.Divisions {
			name += division.Name
		}
		all[name] = r
		return nil
	}))
	return all
}

// TestATripointIsOneRow: read with the divisions and lines that meet there, also where lines were recorded before nodes were.
func TestATripointIsOneRow(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	recorded := d.tripoints()
	if len(recorded) != 3 {
		t.Errorf("tripoints: %v", recorded)
	}
	for name, r := range recorded {
		v, err := d.store.Tripoint(ctx, r.ID)
		if d.must(err); v.ID != r.ID || v.At != r.At || v.Level != r.Level || len(v.Divisions) != len(r.Divisions) || len(v.Lines) != len(r.Lines) ||
			v.ValidFrom != nil || v.ValidTo != nil || len(v.Versions) != 1 || len(v.Later) != 0 {
			t.Errorf("%s is read as %+v", name, v)
		}
	}
	_, err := d.store.Tripoint(ctx, uuid.New())
	d.wantKind(err, fault.NotFound, "where there is none")

	_, err = d.db.Super.Exec(ctx, `delete from node_version; delete from node`)
	d.must(err)
	d.must(d.store.FormNodes(ctx, today))
	d.must(d.store.FormNodes(ctx, today))
	formed := d.tripoints()
	for name, r := range recorded {
		if formed[name].At != r.At || len(formed[name].Lines) != len(r.Lines) {
			t.Errorf("%s was %+v, and is formed as %+v", name, r, formed[name])
		}
	}
}

// TestNodesFollowAChangeOfDivisions: where a district passes into another, the tripoint ends with it and another begins at its place.
func TestNodesFollowAChangeOfDivisions(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	before := d.tripoints()
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	_, err = d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	const changedOn = "2025-11-06"
	ended := 0
	for name, r := range before {
		v, err := d.store.Tripoint(ctx, r.ID)
		if d.must(err); v.ValidTo == nil {
			continue
		}
		ended++
		if *v.ValidTo != changedOn || v.At != r.At || len(v.Lines) != len(r.Lines) {
			t.Errorf("%s ended as %+v", name, v)
		}
		for _, later := range v.Later {
			w, err := d.store.Tripoint(ctx, later.ID)
			if d.must(err); *w.ValidFrom != *v.ValidTo || w.At != v.At {
				t.Errorf("%s goes on as %+v", name, w)
			}
		}
	}
	if ended == 0 {
		t.Errorf("no tripoint ended: %v", before)
	}
	d.endsAreNodes()
}

// endsAreNodes checks that every end of a line that stands is that of a node that stands, with its line and its divisions.
func (d *desk) endsAreNodes() {
	d.t.Helper()
	var loose int
	d.must(d.db.Super.QueryRow(context.Background(), `
		select count(*) from section s join line_version v on v.id = s.line_version_id and upper_inf(v.valid),
		     st_dump(s.geom) p, lateral (values (st_startpoint(p.geom)), (st_endpoint(p.geom))) e (at)
		where not st_isclosed(p.geom) and not exists (
		    select from node_version n join node_line l on l.node_version_id = n.id join node_division a on a.node_version_id = n.id
		    where upper_inf(n.valid) and n.geom = e.at and l.line_id = s.line_id and a.division_id = s.division_a)`).Scan(&loose))
	if loose != 0 {
		d.t.Errorf("%d ends of lines are no nodes", loose)
	}
}

// TestANodeMovesWithItsOnlyLine: nobody else is there, so the agreement of a line moves its end; the node keeps its identity.
func TestANodeMovesWithItsOnlyLine(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	course := bent.Clone()
	course[0][0][0] += 0.0002
	d.steps(d.city, d.signedAgreement(course), "approve")
	var versions, nodes int
	d.must(d.db.Super.QueryRow(ctx, `select count(*), count(distinct node_id) from node_version`).Scan(&versions, &nodes))
	if versions != 3 || nodes != 2 {
		t.Errorf("%d versions of %d nodes", versions, nodes)
	}
	d.endsAreNodes()
}
