package boundsql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// neighbours adds the lines of 江北区 with 渝中区 and of 渝北区 with 渝中区 and 北碚区, and the section that 渝北区 has of the line of
// law with 邻水县 of Sichuan.
func (d *desk) neighbours() {
	d.t.Helper()
	ctx, gaz := context.Background(), gazsql.New(d.db.Pool)
	_, err := gaz.ImportDivisions(ctx, importer, today, gazsql.Import{Source: d.csv("code,name,parentCode\n510000,四川省,\n511623,邻水县,510000\n")})
	d.must(err)
	for pair, course := range map[string]string{
		`{"left":"500103","right":"500105"}`: `[[106.5,29.5],[106.55,29.49]]`,
		`{"left":"500103","right":"500112"}`: `[[106.55,29.49],[106.617146411,29.561250565]]`,
		`{"left":"500109","right":"500112"}`: `[[106.5,29.5],[106.45,29.6]]`,
		`{"left":"500112","right":"511623"}`: `[[106.617146411,29.561250565],[106.7,29.7]]`,
	} {
		_, err := d.store.ImportLines(ctx, importer, today, gazsql.Import{Source: lineFile(d.t, pair, course)})
		d.must(err)
	}
	_, err = d.db.Super.Exec(ctx, `
		update line_version v set legal_status = 'in-force', agreement_id = document_id, approval_id = document_id, publication_id = document_id
		from line l where l.id = v.line_id and l.name = '渝川线'`)
	d.must(err)
	_, err = d.store.ImportMarkers(ctx, importer, today, gazsql.Import{Frame: "4490", Source: d.csv(
		"number,stone,type,line,lon,lat,custodian\n0001,Q,two-face,渝中区—江北区线,106.52,29.496,500105\n0002,Q,two-face,渝中区—江北区线,106.53,29.494,500103\n")})
	d.must(err)
}

// linesOn tells the lines of a day: name, status, parties, section pairs and markers.
func (d *desk) linesOn(day string) []string {
	d.t.Helper()
	rows, err := d.db.Super.Query(context.Background(), `
		select concat_ws(' ', l.name, v.legal_status, round(v.length_m), (
		    select string_agg(a.name || '—' || b.name, ' ' order by s.id) from section s
		    cross join lateral (select name from division_version x where x.division_id = s.division_a order by x.valid @> $1::text::date desc, upper(x.valid) desc nulls first limit 1) a
		    cross join lateral (select name from division_version x where x.division_id = s.division_b order by x.valid @> $1::text::date desc, upper(x.valid) desc nulls first limit 1) b
		    where s.line_version_id = v.id))
		from line l join line_version v on v.line_id = l.id and v.valid @> $1::text::date order by l.name`, day)
	d.must(err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		d.must(rows.Scan(&one))
		all = append(all, one)
	}
	return all
}

// TestTheChangeOfNovember2025ReachesTheLines: lines end, begin and pass, markers come along, nothing on the ground moves.
func TestTheChangeOfNovember2025ReachesTheLines(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	var secret uuid.UUID
	d.must(d.db.Super.QueryRow(ctx, `select id from marker where number = '0001'`).Scan(&secret))
	held, err := d.store.GradeMarker(ctx, d.city, today, secret, 1, graded(gazetteer.Secret))
	d.must(err)
	before := d.linesOn("2025-11-05")
	for i := range before { // all that comes to it
		before[i] = strings.Replace(before[i], "in-force", "superseded", 1)
	}
	positions := func() (all string) {
		d.must(d.db.Super.QueryRow(ctx, `
			select string_agg(st_astext(g), ' ' order by st_astext(g)) from (select geom from marker union all select geom from withheld where noun = 'marker') m (g)`).Scan(&all))
		return all
	}
	stood := positions()
	done, err := d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	if diff := cmp.Diff(before, d.linesOn("2025-11-05")); diff != "" {
		t.Errorf("what was before the day changed:\n%s", diff)
	}
	want := []string{
		"北碚区—两江新区线 in-demarcation 12097 北碚区—两江新区",
		"渝中区—两江新区线 in-demarcation 15208 渝中区—两江新区",
		"渝川线 under-change 17347 两江新区—邻水县",
	}
	after := d.linesOn("2025-11-06")
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("after the change (-want +got):\n%s", diff)
	}
	codes := findingsOf(done.Plan.Findings)
	for code, n := range map[string]int{"line-side-changed": 3, "line-between-one": 1, "markers-without-line": 1} {
		if codes[code] != n {
			t.Errorf("%d findings %s, wanted %d", codes[code], code, n)
		}
	}
	for sql, n := range map[string]int{
		`line_event where kind = 'begin' and to_settle`: 2, `line_event where kind = 'pass'`: 3, `line_event where kind = 'end'`: 1, `line_event where kind = 'go-on'`: 1,
		`line_link k join line p on p.id = k.predecessor_id join line s on s.id = k.successor_id where s.name = '渝中区—两江新区线' and p.name in ('渝中区—江北区线', '渝中区—渝北区线')`: 2,
		`marker m join line l on l.id = m.line_id where m.number = '0002' and l.name = '渝中区—两江新区线' and m.chainage_m between 2000 and 4000 and abs(m.offset_m) < 20`: 1,
		`withheld w join line l on l.id = w.line_id where w.noun = 'marker' and l.name = '渝中区—两江新区线' and w.rows -> 'marker' ->> 'line_id' = l.id::text`:             1,
		`marker_handover`: 2, `marker m join line l on l.id = m.line_id where l.name = '江北区—渝北区线'`: len(d.markers),
		`line_version where agreement_id is not null and upper_inf(valid)`: 1,
		// no line moved: what there is has the length of what there was, but for the line between what became one
		`(select sum(length_m) filter (where v.valid @> date '2025-11-06') as now, sum(length_m) filter (where v.valid @> date '2025-11-05' and l.name <> '江北区—渝北区线') as before
		  from line_version v join line l on l.id = v.line_id) x where abs(now - before) < 1e-6`: 1,
	} {
		if got := d.count(sql); got != n {
			t.Errorf("%s: %d, wanted %d", sql, got, n)
		}
	}
	d.tellsPast()
	var stoodOn []string
	d.must(d.store.EachMarker(ctx, func(m boundsql.MarkerView) error {
		if m.Number == "0002" && strings.Contains(m.LineName, "渝中区") {
			stoodOn = append(stoodOn, fmt.Sprintf("%s %.0f %s", m.LineName, m.ChainageM, m.Valid.Upper.Time.Format(time.DateOnly)))
		}
		return nil
	}))
	if len(stoodOn) != 2 || !strings.HasPrefix(stoodOn[0], "渝中区—江北区线") || !strings.HasSuffix(stoodOn[0], " 2025-11-06") || !strings.HasPrefix(stoodOn[1], "渝中区—两江新区线") {
		t.Errorf("the marker that was handed over stood on %v", stoodOn)
	}
	if now := positions(); now != stood {
		t.Error("a marker moved")
	}
	published, err := d.store.GradeMarker(ctx, d.city, today, held.ID, held.Version+1, graded(gazetteer.Public))
	d.must(err)
	if published.LineName != "渝中区—两江新区线" || published.ChainageM < 1000 || published.ChainageM > 3000 {
		t.Errorf("published again on %s at %.0f", published.LineName, published.ChainageM)
	}
	again, err := d.store.ChangeDivisions(ctx, importer, today, change, false)
	if d.must(err); !again.Already || !cmp.Equal(after, d.linesOn("2025-11-06")) {
		t.Error("a second time changed something")
	}
}

// TestAWithheldMarkerFollowsAsOthersDo: of two stones side by side on a line that becomes the further part of another, one is withheld.
func TestAWithheldMarkerFollowsAsOthersDo(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	_, err := d.store.ImportMarkers(ctx, importer, today, gazsql.Import{Frame: "4490", Source: d.csv(
		"number,stone,type,line,lon,lat,custodian\n0003,Q,two-face,渝中区—渝北区线,106.58,29.522,500112\n0004,Q,two-face,渝中区—渝北区线,106.58,29.522,500112\n")})
	d.must(err)
	var secret uuid.UUID
	d.must(d.db.Super.QueryRow(ctx, `select id from marker where number = '0003'`).Scan(&secret))
	_, err = d.store.GradeMarker(ctx, d.city, today, secret, 1, graded(gazetteer.Secret))
	d.must(err)
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	_, err = d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	var shown, held string
	d.must(d.db.Super.QueryRow(ctx, `select concat_ws(' ', line_id, round(chainage_m::numeric, 3), round(offset_m::numeric, 3), custodian) from marker where number = '0004'`).Scan(&shown))
	d.must(d.db.Super.QueryRow(ctx, `
		select concat_ws(' ', line_id, round((m ->> 'chainage_m')::numeric, 3), round((m ->> 'offset_m')::numeric, 3), m ->> 'custodian')
		from withheld, lateral (select rows -> 'marker' as m) x where id = $1`, secret).Scan(&held))
	if shown != held {
		t.Errorf("the one that is shown is %s, the one that is withheld is %s", shown, held)
	}
}

// tellsPast reads what the pages tell of the lines: what came before, and until when they are to be demarcated anew, until a
// version is in force.
func (d *desk) tellsPast() {
	d.t.Helper()
	ctx := context.Background()
	open := func() (lines []boundsql.LineSummary) {
		lines, err := d.store.Lines(ctx, boundsql.LineFilter{ToSettle: true}, uuid.Nil, 100)
		d.must(err)
		return lines
	}
	unsettled := open()
	if len(unsettled) != 3 {
		d.t.Fatalf("to settle: %+v", unsettled)
	}
	for _, l := range unsettled {
		if l.ToSettle == nil || l.ToSettle.Due.String() != "2026-11-06" || l.ToSettle.ExtendedTo.String() != "2027-05-06" {
			d.t.Errorf("%s: %+v", l.Name, l.ToSettle)
		}
		if l.Name != "渝中区—两江新区线" {
			continue
		}
		v, err := d.store.Line(ctx, l.ID)
		if d.must(err); len(v.Before) != 2 || len(v.After) != 0 || len(v.Events) != 1 || v.Events[0].Kind != "begin" || !v.EndedOn.IsZero() {
			d.t.Errorf("%+v", v.LinePast)
		}
		was, err := d.store.Line(ctx, v.Before[0].ID)
		if d.must(err); len(was.After) != 1 || was.After[0].ID != l.ID || was.EndedOn.String() != "2025-11-06" || was.Events[0].Kind != "pass" || was.ToSettle != nil {
			d.t.Errorf("%+v", was.LinePast)
		}
	}
	_, err := d.db.Super.Exec(ctx, `
		begin;
		update line_version v set valid = daterange(lower(v.valid), '2026-06-01') from line l where l.id = v.line_id and l.name = '渝川线' and upper_inf(v.valid);
		insert into line_version (id, line_id, legal_status, geom, length_m, document_id, frame, valid, recorded_at, agreement_id, approval_id, publication_id)
		select gen_random_uuid(), v.line_id, 'in-force', v.geom, v.length_m, v.document_id, v.frame, daterange('2026-06-01', null), now(), v.document_id, v.document_id, v.document_id
		from line_version v join line l on l.id = v.line_id and l.name = '渝川线' where upper(v.valid) = '2026-06-01';
		commit`)
	d.must(err)
	if left := open(); len(left) != 2 {
		d.t.Errorf("when one is in force there are left to settle: %+v", left)
	}
}

// TestALineLaterThanTheChangeIsToBeSettled: a version that begins after the day is not touched, and does not settle what the change
// left open.
func TestALineLaterThanTheChangeIsToBeSettled(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	_, err := d.db.Super.Exec(ctx, `
		update line_version set valid = '[2026-01-01,)', legal_status = 'in-force', agreement_id = document_id, approval_id = document_id, publication_id = document_id`)
	d.must(err)
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	done, err := d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	lines, err := d.store.Lines(ctx, boundsql.LineFilter{ToSettle: true}, uuid.Nil, 10)
	d.must(err)
	if len(lines) != 1 || lines[0].LegalStatus != "in-force" || findingsOf(done.Plan.Findings)["line-later"] != 1 {
		t.Errorf("to settle: %+v, found %v", lines, findingsOf(done.Plan.Findings))
	}
}

// TestADryRunMovesNoLine and a refused change neither.
func TestADryRunMovesNoLine(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	count := func() string {
		return fmt.Sprint(strings.Join(d.linesOn("2025-11-06"), "\n"), d.count(`line`), d.count(`line_event`), d.count(`marker_handover`))
	}
	before := count()
	dry, err := d.store.ChangeDivisions(ctx, importer, today, change, true)
	d.must(err)
	if findingsOf(dry.Plan.Findings)["line-side-changed"] != 3 || count() != before {
		t.Errorf("a dry run: %v, and changed something: %v", findingsOf(dry.Plan.Findings), count() != before)
	}
}
