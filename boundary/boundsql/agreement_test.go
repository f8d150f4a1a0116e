package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// bent is the fixture line F with its bend 30 m further out.
var bent = orb.MultiLineString{{{106.5, 29.5}, {106.566234868, 29.569343202}, {106.617146411, 29.561250565}}}

func agreedOn(course orb.MultiLineString) boundary.AgreementContent {
	accuracy := 5.0
	return boundary.AgreementContent{
		Geometry: course, Course: "自起点沿铁山坪山脊向东北，再沿公路向东", OriginalDatum: "beijing54", OriginalProjection: "六度带，中央经线 105°",
		OriginalCoordinates: "界点 1  X=3265012.4  Y=18648201.7",
		Segments:            []boundary.LineSegment{{ToM: 9000, MarkKind: "ridge", FollowsFeature: "铁山坪", AccuracyM: &accuracy}, {FromM: 9000, MarkKind: "road"}},
	}
}

func aPaper(title string) *gazetteer.Document {
	return &gazetteer.Document{Title: title, Number: "渝府〔2026〕1号", IssuedBy: "重庆市人民政府", IssuedOn: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
}

func (d *desk) agreement(actor gazetteer.Actor, content boundary.AgreementContent) boundsql.Agreement {
	d.t.Helper()
	got, err := d.store.CreateAgreement(context.Background(), actor, today, boundsql.AgreementInput{LineID: d.line, AgreementContent: content})
	d.must(err)
	return got
}

// step is an action with everything it may need.
func (d *desk) step(action string, g boundsql.Agreement) boundary.AgreementAction {
	return boundary.AgreementAction{
		Name: action, Reason: "补充", ContentSHA256: g.ContentSHA256, Document: aPaper("江渝线" + action), Publication: aPaper("江渝线通告"),
		ValidFrom: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
	}
}

func (d *desk) steps(actor gazetteer.Actor, g boundsql.Agreement, action string) boundsql.Agreement {
	d.t.Helper()
	got, err := d.store.ActOnAgreement(context.Background(), actor, today, g.ID, g.Version, d.step(action, g))
	d.must(err)
	return got
}

// signed is an agreement that both sides have confirmed and signed.
func (d *desk) signedAgreement(course orb.MultiLineString) boundsql.Agreement {
	d.t.Helper()
	return d.signedBoth(agreedOn(course))
}

func (d *desk) readsAgreements(actor gazetteer.Actor) int {
	d.t.Helper()
	list, err := d.store.Agreements(context.Background(), actor, today, boundsql.AgreementFilter{Line: d.line}, uuid.Nil, 10)
	d.must(err)
	return len(list)
}

// versions are the versions of the line as the actor reads them, the latest first.
func (d *desk) versions(actor gazetteer.Actor) []boundsql.LineVersion {
	d.t.Helper()
	got, err := d.store.LineVersions(context.Background(), actor, today, d.line)
	d.must(err)
	return got
}

func TestAnAgreementBecomesLaw(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	before := d.versions(d.city)
	round := d.confirmed()
	withheld := d.markers[1]
	_, err := d.store.GradeMarker(ctx, d.city, today, withheld.ID, 1, gazetteer.Grading{
		Grade: "secret", Reason: "军事禁区附近", Document: gazetteer.Document{Title: "定密决定", Number: "1"},
	})
	d.must(err)

	g := d.agreement(d.lead, agreedOn(bent))
	seenBy := func(state string, own, other, above, stranger int) {
		t.Helper()
		got := []int{d.readsAgreements(d.lead), d.readsAgreements(d.other), d.readsAgreements(d.city), d.readsAgreements(d.stranger)}
		if want := []int{own, other, above, stranger}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: read by %v, wanted %v", state, got, want)
		}
	}
	seenBy("draft", 1, 0, 0, 0)
	if math.Abs(g.DepartsM-29.4) > 1 || !g.GeometryGiven || g.Party == g.PartyA.ID == (g.Party == g.PartyB.ID) {
		t.Errorf("drafted: %+v", g)
	}
	g = d.steps(d.lead, g, "propose")
	seenBy("proposed", 1, 1, 1, 0)
	g = d.steps(d.lead, g, "confirm")
	back := d.steps(d.other, g, "object")
	if back.State != boundary.AgreementDraft || back.Confirmations[0].VoidedAt == nil || len(back.Actions) != 0 {
		t.Errorf("objected: %+v", back)
	}
	seenBy("objected", 1, 0, 0, 0)
	g, err = d.store.EditAgreement(ctx, d.lead, today, g.ID, back.Version, agreedOn(bent))
	d.must(err)
	g = d.steps(d.lead, g, "propose")
	g = d.steps(d.other, d.steps(d.lead, g, "confirm"), "confirm")
	if g.State != boundary.AgreementConfirmed || len(g.Confirmations) != 3 {
		t.Errorf("confirmed: %s, %+v", g.State, g.Confirmations)
	}
	_, err = d.store.EditAgreement(ctx, d.lead, today, g.ID, g.Version, agreedOn(bent))
	if !fault.Is(err, "agreement-fixed") {
		t.Errorf("editing what was confirmed: %v", err)
	}
	g = d.steps(d.other, g, "sign")
	if g.Agreed == nil || g.Agreed.Number == "" {
		t.Errorf("signed: %+v", g.Agreed)
	}
	g = d.steps(d.city, g, "approve")
	seenBy("in force", 1, 1, 1, 0)
	if g.State != boundary.AgreementInForce || g.Approval == nil || g.Publication == nil || *g.ValidFrom != "2026-11-20" || g.LineChanged || len(g.Actions) != 0 {
		t.Errorf("in force: %+v", g)
	}

	now := d.versions(d.city)
	if len(now) != 2 || now[0].LegalStatus != "in-force" || now[0].ValidTo != nil || len(now[0].Segments) != 2 || now[0].Segments[0].FollowsFeature != "铁山坪" ||
		now[0].Course == "" || now[0].Agreement == nil || now[0].Sections != 1 || now[0].OriginalCoordinates == nil || *now[0].AgreementID != g.ID {
		t.Errorf("the version: %+v", now[0])
	}
	former := now[1]
	if *former.ValidTo != "2026-11-20" {
		t.Errorf("the former one ends on %v", former.ValidTo)
	}
	if former.ValidTo = nil; fmt.Sprintf("%+v", former) != fmt.Sprintf("%+v", before[0]) {
		t.Errorf("the former one was %+v and is %+v", before[0], former)
	}
	for name, actor := range map[string]gazetteer.Actor{"nobody": {}, "stranger": d.stranger} {
		if v := d.versions(actor)[0]; v.AgreementID != nil || v.OriginalCoordinates != nil || v.Approval == nil || *v.OriginalDatum != "beijing54" {
			t.Errorf("%s reads %+v", name, v)
		}
	}
	line, err := d.store.Line(ctx, d.line)
	if err != nil || line.LegalStatus != "in-force" || !orb.Equal(line.Geometry, bent) || math.Abs(line.Sections[0].LengthM-line.LengthM) > 0.001 {
		t.Errorf("the line: %+v, %v", line, err)
	}
	d.markersLieAlong(bent)
	voided, err := d.store.Inspection(ctx, d.lead, today, round.ID)
	if err != nil || voided.State != boundary.InspectionCompile {
		t.Errorf("the round under way: %s, %v", voided.State, err)
	}
	var entries, papers int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int, max(cardinality(cites)) from journal where subject = 'line/' || $1 and verb = 'enact'`, d.line).Scan(&entries, &papers))
	if entries != 1 || papers != 3 {
		t.Errorf("%d entries of the line with %d papers", entries, papers)
	}
	d.inForceStays()
}

// markersLieAlong checks that every marker, the withheld ones too, has the chainage and offset of where it is registered.
func (d *desk) markersLieAlong(course orb.MultiLineString) {
	d.t.Helper()
	chain, err := geo.NewChain(course)
	d.must(err)
	for _, was := range d.markers {
		m, err := d.store.Marker(context.Background(), d.city, today, was.ID)
		d.must(err)
		chainage, offset := chain.Project(orb.Point{was.Lon, was.Lat})
		if m.Lon != was.Lon || m.Lat != was.Lat || math.Abs(m.ChainageM-chainage) > 1e-6 || math.Abs(m.OffsetM-offset) > 1e-6 {
			d.t.Errorf("%s %s lies at %v, %v on the line, wanted %v, %v", m.Grade, m.Number, m.ChainageM, m.OffsetM, chainage, offset)
		}
	}
}

// inForceStays tries to change what was approved as the application, whoever it works for.
func (d *desk) inForceStays() {
	d.t.Helper()
	ctx := context.Background()
	for _, sql := range []string{
		`update line_version set course = 'x' where legal_status = 'in-force'`, `update line_version set original_datum = null where legal_status = 'in-force'`,
		`update line_version set original_projection = 'x' where legal_status = 'in-force'`, `update line_version set agreed_in = null where legal_status = 'in-force'`,
		`update line_version set published_length_m = 1 where legal_status = 'in-force'`, `update line_version set document_id = approval_id where legal_status = 'in-force'`,
		`update line_version set geom = st_reverse(geom) where legal_status = 'in-force'`, `update line_version set length_m = 1 where legal_status = 'in-force'`,
		`update line_version set valid = daterange('2026-11-21', null) where legal_status = 'in-force'`, `update line_version set legal_status = 'signed' where legal_status = 'in-force'`,
		`update line_version set legal_status = 'reference' where legal_status = 'in-force'`, `delete from line_version where legal_status = 'in-force'`,
		`delete from section where line_version_id in (select id from line_version where legal_status = 'in-force')`,
		`update section set length_m = 1 where line_version_id in (select id from line_version where legal_status = 'in-force')`,
		`insert into section select gen_random_uuid(), line_id, line_version_id, division_b, division_a, geom, length_m from section where line_version_id in (select id from line_version where legal_status = 'in-force')`,
		`update section set line_version_id = (select id from line_version where legal_status = 'in-force'), division_a = division_b, division_b = division_a where line_version_id in (select id from line_version where legal_status <> 'in-force')`,
		`update line_segment set description = 'x'`, `delete from line_segment`,
		`insert into line_segment select line_version_id, n + 2, from_m, to_m, mark_kind, follows_feature, accuracy_m, description from line_segment`,
	} {
		for _, actor := range []gazetteer.Actor{d.lead, d.city, {System: "agreement"}, {System: "import"}} {
			err := gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, sql)
				return err
			})
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "23000" && pg.Code != "42501" {
				d.t.Errorf("%s: got %v", sql, err)
			}
		}
	}
	for _, sql := range []string{ // and the database's own superuser by no trigger's leave
		`delete from section where line_version_id in (select id from line_version where legal_status = 'in-force')`, `update line_segment set to_m = to_m + 1`,
	} {
		if _, err := d.db.Super.Exec(ctx, sql); err == nil {
			d.t.Errorf("done: %s", sql)
		}
	}
}

func TestTheNextAgreementSupersedesTheLaw(t *testing.T) {
	d := newDesk(t)
	d.steps(d.city, d.signedAgreement(nil), "approve")
	next := d.signedAgreement(bent)
	early := d.step("approve", next)
	_, err := d.store.ActOnAgreement(context.Background(), d.city, today, next.ID, next.Version, early)
	if !fault.Is(err, "valid-from-wrong") {
		t.Errorf("on the day the former one began: %v", err)
	}
	later := early
	later.ValidFrom = later.ValidFrom.AddDate(0, 0, 2)
	_, err = d.store.ActOnAgreement(context.Background(), d.city, today, next.ID, next.Version, later)
	d.must(err)
	v := d.versions(d.city)
	if len(v) != 3 || v[0].LegalStatus != "in-force" || v[1].LegalStatus != "superseded" || *v[1].ValidTo != "2026-11-22" || v[2].LegalStatus != "reference" || len(v[1].Segments) != 2 {
		t.Errorf("versions: %+v", v)
	}
}

func TestALineThatChangedMeanwhileIsNotApproved(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	g := d.signedAgreement(bent)
	_, err := d.store.ImportLines(ctx, importer, today, gazsql.Import{
		ValidFrom: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Source: lineFile(t, `{"left":"500105","right":"500112"}`, `[[106.5,29.5],[106.566334868,29.569],[106.617146411,29.561250565]]`),
	})
	d.must(err)
	_, err = d.store.ActOnAgreement(ctx, d.city, today, g.ID, g.Version, d.step("approve", g))
	if !fault.Is(err, "line-changed") || d.versions(d.city)[0].LegalStatus != "reference" {
		t.Errorf("approved over another version: %v", err)
	}
	back := d.steps(d.city, g, "return")
	g, err = d.store.EditAgreement(ctx, d.lead, today, g.ID, back.Version, agreedOn(bent))
	if err != nil || g.LineChanged || g.Agreed != nil || len(g.Confirmations) != 2 || g.Confirmations[0].VoidedAt == nil {
		t.Errorf("written over today's: %+v, %v", g, err)
	}
}

func TestOneAgreementIsUnderWay(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	north := d.agreement(d.lead, agreedOn(nil))
	south := d.agreement(d.other, agreedOn(bent)) // nothing tells it of the other side's draft
	for name, c := range map[string]struct {
		actor gazetteer.Actor
		code  string
		in    boundsql.AgreementInput
	}{
		"a second one":   {d.lead, "agreement-there", boundsql.AgreementInput{LineID: d.line, AgreementContent: agreedOn(nil)}},
		"from above":     {d.city, "not-yours", boundsql.AgreementInput{LineID: d.line, AgreementContent: agreedOn(nil)}},
		"from elsewhere": {d.stranger, "not-yours", boundsql.AgreementInput{LineID: d.line, AgreementContent: agreedOn(nil)}},
		"on no line":     {d.lead, "line-unknown", boundsql.AgreementInput{AgreementContent: agreedOn(nil)}},
		"of nothing":     {d.stranger, "not-yours", boundsql.AgreementInput{LineID: d.line}},
	} {
		if _, err := d.store.CreateAgreement(ctx, c.actor, today, c.in); !fault.Is(err, c.code) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	north = d.steps(d.lead, north, "propose")
	_, err := d.store.ActOnAgreement(ctx, d.other, today, south.ID, south.Version, d.step("propose", south))
	if !fault.Is(err, "agreement-there") {
		t.Errorf("both proposed: %v", err)
	}
	d.steps(d.lead, north, "withdraw")
	d.steps(d.other, south, "propose")
}

func TestTwoApproveAtOnce(t *testing.T) {
	d := newDesk(t)
	g := d.signedAgreement(bent)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = d.store.ActOnAgreement(context.Background(), d.city, today, g.ID, g.Version, d.step("approve", g))
		})
	}
	wg.Wait()
	approved := 0
	for _, err := range errs {
		if err == nil {
			approved++
		} else if fault.KindOf(err) != fault.Stale {
			t.Errorf("got %v", err)
		}
	}
	if v := d.versions(d.city); approved != 1 || len(v) != 2 {
		t.Errorf("%d approved, %d versions", approved, len(v))
	}
}

// TestAnAgreementOfASideThatEnded: the change of November 2025 ends the line and its sides; nothing becomes law, and the office of
// a side that is no more is told why it goes no further.
func TestAnAgreementOfASideThatEnded(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	g := d.signedAgreement(bent)
	_, err = d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	if _, err := d.store.ActOnAgreement(ctx, d.city, today, g.ID, g.Version, d.step("approve", g)); !fault.Is(err, "line-ended") {
		t.Errorf("approved for a line that ended: %v", err)
	}
	g = d.steps(d.city, g, "return")
	_, edited := d.store.EditAgreement(ctx, d.lead, today, g.ID, g.Version, agreedOn(bent))
	if !fault.Is(edited, "line-unknown") {
		t.Errorf("edited for a line that ended: %v", edited)
	}
	if _, err := d.store.ActOnAgreement(ctx, d.lead, today, g.ID, g.Version, d.step("withdraw", g)); !fault.Is(err, "not-yours") {
		t.Errorf("withdrawn by who is no more: %v", err)
	}
}

// TestTheSecondWallKeepsAgreements takes the first wall down.
func TestTheSecondWallKeepsAgreements(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	open := d.store.WithoutFirstWall()
	g := d.agreement(d.lead, agreedOn(bent))
	everybody := map[string]gazetteer.Actor{"own": d.lead, "other": d.other, "above": d.city, "stranger": d.stranger, "nobody": {}}
	read := func(state string, by ...string) {
		t.Helper()
		for name, actor := range everybody {
			_, err := open.Agreement(ctx, actor, today, g.ID)
			want := false
			for _, b := range by {
				want = want || b == name
			}
			if (err == nil) != want {
				t.Errorf("%s: %s reads it: %v", state, name, err)
			}
		}
	}
	unchanged := func(state string, sqls ...string) {
		t.Helper()
		for name, actor := range everybody {
			for _, sql := range append(sqls, `delete from agreement`, `delete from agreement_confirmation`, `update agreement set state = 'in-force'`,
				`update agreement set office_id = (select id from office where id <> agreement.office_id limit 1)`) {
				if d.changesAs(actor, sql) {
					t.Errorf("%s: %s did: %s", state, name, sql)
				}
			}
		}
	}
	read("draft", "own")
	forged := `insert into agreement_confirmation (id, agreement_id, party, office_id, account_id, content_sha256, confirmed_at)
		select gen_random_uuid(), a.id, %s, acting_office(), acting_account(), %s, now() from agreement a join line l on l.id = a.line_id`
	unchanged("draft", `update agreement set state = 'signed'`, `update agreement set state = 'confirmed'`, fmt.Sprintf(forged, "party", "content_sha256"))
	if d.changesAs(d.other, `update agreement set course = 'x'`) {
		t.Error("the other side changed a draft")
	}
	g = d.steps(d.lead, g, "propose")
	g = d.steps(d.lead, d.steps(d.other, g, "confirm"), "take-back")
	g = d.steps(d.lead, g, "propose")
	read("proposed", "own", "other", "above")
	unchanged("proposed", `update agreement_confirmation set voided_at = null, void_reason = null`,
		`update agreement set course = 'x'`, `update agreement set content_sha256 = repeat('a', 64)`, `update agreement set geom = st_reverse(geom)`,
		`update agreement set state = 'confirmed'`, `update agreement set document_id = (select id from document limit 1)`,
		fmt.Sprintf(forged, "party", "repeat('a', 64)"))
	for name, party := range map[string]string{"own": "case when party = l.party_a then l.party_b else l.party_a end", "other": "party", "above": "party"} {
		if d.changesAs(everybody[name], fmt.Sprintf(forged, party, "content_sha256")) {
			t.Errorf("%s confirmed for another", name)
		}
	}
	g = d.steps(d.other, d.steps(d.lead, g, "confirm"), "confirm")
	g = d.steps(d.lead, d.steps(d.other, g, "object"), "propose") // a mistake found before signing
	if len(g.Confirmations) != 3 || g.Confirmations[1].VoidedAt == nil || g.Confirmations[2].VoidedAt == nil {
		t.Errorf("objected to what was confirmed: %+v", g.Confirmations)
	}
	g = d.steps(d.other, d.steps(d.lead, g, "confirm"), "confirm")
	unchanged("confirmed", `update agreement_confirmation set voided_at = now(), void_reason = 'x'`, `update agreement_confirmation set content_sha256 = repeat('a', 64)`, `update agreement_confirmation set confirmed_at = now()`)
	if d.countAs(d.stranger, `journal where subject ~ '^agreement/'`) != 0 || d.countAs(d.other, `journal where subject ~ '^agreement/'`) != 11 {
		t.Error("the history is not for who reads the agreement")
	}
	read("confirmed", "own", "other", "above")
	d.steps(d.lead, g, "sign")
	for name, actor := range everybody {
		if d.changesAs(actor, `update agreement_confirmation set voided_at = now(), void_reason = 'x'`) || d.changesAs(actor, `update agreement set course = 'x'`) {
			t.Errorf("%s changed what was signed", name)
		}
	}
}

// TestSectionsOfAProvincialLineAreCutAnew takes the real line that has the most sections and moves it by 40 m.
func TestSectionsOfAProvincialLineAreCutAnew(t *testing.T) {
	ctx := context.Background()
	db := withLines(t)
	var line uuid.UUID
	var geometry orb.MultiLineString
	var wanted int
	if err := db.Super.QueryRow(ctx, `
		select l.id, v.geom, (select count(*)::int from section s where s.line_version_id = v.id) from line l join line_version v on v.line_id = l.id
		where l.level = 'province' order by 3 desc, 1 limit 1`).Scan(&line, &geometry, &wanted); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Super.Query(ctx, `select division_a::text, geom from section where line_id = $1 order by id`, line)
	if err != nil {
		t.Fatal(err)
	}
	sections, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s boundary.SectionShape, err error) {
		return s, row.Scan(&s.Name, &s.Parts)
	})
	if err != nil {
		t.Fatal(err)
	}
	course := geometry.Clone()
	for _, part := range course {
		for i := range part {
			part[i] = geo.Direct(part[i], 45, 40)
		}
	}
	parts, found, err := boundary.CutSections(geometry, sections, course)
	if err != nil || len(found) > 0 || len(parts) != wanted || wanted < 5 {
		t.Fatalf("%d of %d sections, %v, %v", len(parts), wanted, found, err)
	}
	total := 0.0
	for i, p := range parts {
		total += geo.LengthM(p)
		if len(p) != len(sections[i].Parts) {
			t.Fatalf("section %d was in %d parts and is in %d", i, len(sections[i].Parts), len(p))
		}
		for j, was := range sections[i].Parts {
			if a, b := geo.DistanceM(was[0], p[j][0]), geo.DistanceM(was[len(was)-1], p[j][len(p[j])-1]); a > 41 || b > 41 {
				t.Errorf("part %d of section %d begins %.0f m and ends %.0f m from where it did", j, i, a, b)
			}
		}
	}
	if math.Abs(total-geo.LengthM(course)) > 0.01 {
		t.Errorf("sections sum to %v of %v", total, geo.LengthM(course))
	}
}
