package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// drafts tries to write an agreement and tells the codes of what was found.
func (d *desk) drafts(course orb.MultiLineString, snap bool) (boundsql.Agreement, []string) {
	d.t.Helper()
	content := agreedOn(course)
	content.SnapEnds = snap
	g, err := d.store.CreateAgreement(context.Background(), d.lead, today, boundsql.AgreementInput{LineID: d.line, AgreementContent: content})
	var f *fault.Error
	if !errors.As(err, &f) {
		d.must(err)
		return g, nil
	}
	var codes []string
	for _, finding := range f.Findings {
		codes = append(codes, finding.Code)
	}
	return g, codes
}

// TestAnEndIsPutOnTheTripoint: the course begins 6 m from the tripoint of three lines; both sides confirm where it was put, and the
// line that becomes law ends exactly there.
func TestAnEndIsPutOnTheTripoint(t *testing.T) {
	d := newDesk(t)
	d.townships()
	d.neighbours()
	at := bent[0][0]
	off := func(m float64) orb.MultiLineString {
		course := bent.Clone()
		course[0][0] = geo.Direct(at, 140, m)
		return course
	}
	if _, codes := d.drafts(off(6), false); len(codes) != 1 || codes[0] != "end-off" {
		t.Errorf("6 m off: %v", codes)
	}
	if _, codes := d.drafts(off(40), true); len(codes) != 1 || codes[0] != "node-moved" {
		t.Errorf("40 m off: %v", codes)
	}
	g, codes := d.drafts(off(6), true)
	if len(codes) > 0 || len(g.Snapped) != 1 || g.Snapped[0].To != at || g.Geometry[0][0] != at || g.Snapped[0].DistanceM < 5.9 || g.Snapped[0].DistanceM > 6.1 {
		t.Fatalf("put there: %v, %+v", codes, g.Snapped)
	}
	g = d.steps(d.lead, g, "propose")
	if d.changesAs(d.lead, `update agreement set snapped = '[]'`) {
		t.Error("what was confirmed was changed")
	}
	g = d.steps(d.lead, d.steps(d.other, d.steps(d.lead, g, "confirm"), "confirm"), "sign")
	before := d.tripoints()
	d.steps(d.city, g, "approve")
	for name, r := range d.tripoints() {
		if was := before[name]; was.ID != r.ID || was.At != r.At {
			t.Errorf("%s was %+v and is %+v", name, was, r)
		}
	}
	d.endsAreNodes()
}

// townshipLine is a line of two townships of 渝北区 that begins away from the county line and ends so far short of a place on it.
func (d *desk) townshipLine(shortM float64) (township boundsql.LineRow, on, away orb.Point) {
	d.t.Helper()
	ctx := context.Background()
	_, err := gazsql.New(d.db.Pool).ImportDivisions(ctx, importer, today, gazsql.Import{Source: d.csv("code,name,parentCode\n500112001,甲镇,500112\n500112002,乙镇,500112\n")})
	d.must(err)
	a, b := bent[0][0], orb.Point{106.566334868, 29.569093202} // the first edge of the county line, which runs at 40°
	on = orb.Point{a[0] + 0.4*(b[0]-a[0]), a[1] + 0.4*(b[1]-a[1])}
	away = geo.Direct(on, 310, 900) // on the side of 渝北区
	short := geo.Direct(on, 310, shortM)
	_, err = d.store.ImportLines(ctx, importer, today, gazsql.Import{Source: lineFile(d.t, `{"left":"500112001","right":"500112002"}`, fmt.Sprintf("[[%v,%v],[%v,%v]]", away[0], away[1], short[0], short[1]))})
	d.must(err)
	d.must(d.store.EachLine(ctx, func(r boundsql.LineRow) error {
		if r.Level == string(boundary.TownshipLine) {
			township = r
		}
		return nil
	}))
	return township, on, away
}

// TestATownshipLineIsPutOnTheCountyLine, which stays vertex for vertex.
func TestATownshipLineIsPutOnTheCountyLine(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	township, on, _ := d.townshipLine(6)
	county, err := d.store.Line(ctx, d.line)
	d.must(err)
	d.lead = d.account("yb-town", "渝北区镇级界线办", "500112001", gazetteer.PartyOfficer)
	content := boundary.AgreementContent{Course: "沿山脊", SnapEnds: true, Segments: []boundary.LineSegment{{MarkKind: "ridge"}}}
	draft := func() (boundsql.Agreement, error) {
		return d.store.CreateAgreement(ctx, d.lead, today, boundsql.AgreementInput{LineID: township.ID, AgreementContent: content})
	}
	if _, err := draft(); !says(err, "end-dangles", "6.0") {
		t.Errorf("6 m short, exact to 1 m: %v", err)
	}
	accuracy := 2.5
	content.Segments[0].AccuracyM = &accuracy
	g, err := draft()
	d.must(err)
	if len(g.Snapped) != 1 || geo.DistanceM(g.Snapped[0].To, on) > 0.3 {
		t.Errorf("put on the county line: %+v", g.Snapped)
	}
	after, err := d.store.Line(ctx, d.line)
	if d.must(err); !orb.Equal(after.Geometry, county.Geometry) {
		t.Error("the county line moved")
	}
}

// TestNobodyMovesWhatAnEndIsBeingPutOn: while a township line is approved that ends on the county line, another course of the county line
// is. The one that comes second is refused, and no end hangs in the air.
func TestNobodyMovesWhatAnEndIsBeingPutOn(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	township, on, away := d.townshipLine(300)
	county := d.signedAgreement(bent)
	one, other := d.account("jia", "甲镇界线办", "500112001", gazetteer.PartyOfficer), d.account("yi", "乙镇界线办", "500112002", gazetteer.PartyOfficer)
	far := 2000.0
	g, err := d.store.CreateAgreement(ctx, one, today, boundsql.AgreementInput{LineID: township.ID, AgreementContent: boundary.AgreementContent{
		Geometry: orb.MultiLineString{{away, on}}, Course: "沿山脊至区界", DepartsAtMostM: &far, Segments: []boundary.LineSegment{{MarkKind: "ridge"}},
	}})
	d.must(err)
	g = d.steps(one, g, "propose")
	g = d.steps(one, d.steps(other, d.steps(one, g, "confirm"), "confirm"), "sign")

	holding, err := d.db.Super.Begin(ctx)
	d.must(err)
	defer func() { _ = holding.Rollback(ctx) }()
	_, err = holding.Exec(ctx, `lock table node_version in exclusive mode`) // nodes are read, and recorded last
	d.must(err)
	approved := make(chan error, 2)
	approve := func(g boundsql.Agreement) {
		_, err := d.store.ActOnAgreement(ctx, d.city, today, g.ID, g.Version, d.step("approve", g))
		approved <- err
	}
	waiting := func(n int) {
		for waits := 0; waits < n && len(approved) == 0; time.Sleep(5 * time.Millisecond) {
			d.must(d.db.Super.QueryRow(ctx, `select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`).Scan(&waits))
		}
	}
	go approve(g)
	waiting(1)
	go approve(county)
	waiting(2)
	d.must(holding.Rollback(ctx))
	first, second := <-approved, <-approved
	if done, refused := first == nil, second == nil; done == refused || !fault.Is(errors.Join(first, second), "ends-moved") {
		t.Errorf("approved: %v, and %v", first, second)
	}
	d.endsAreNodes()
}

// says reports whether a refusal has a finding of the code that says something.
func says(err error, code, text string) bool {
	var f *fault.Error
	return errors.As(err, &f) && len(f.Findings) == 1 && f.Findings[0].Code == code && strings.Contains(f.Findings[0].Detail, text)
}
