package boundsql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
)

// merged is a change that makes one district of two, a year after the first, with all that lies in them.
func (d *desk) merged() gazetteer.DivisionChange {
	d.t.Helper()
	rows, err := d.db.Super.Query(context.Background(), `
		select c.code, v.name from division_version v
		join division_code c on c.division_id = v.division_id and c.system = 'gbt10114' and c.valid @> date '2026-06-30'
		join division_code p on p.division_id = v.parent_id and p.code in ('500157', '500103') and p.valid @> date '2026-06-30'
		where v.valid @> date '2026-06-30' order by c.code`)
	d.must(err)
	defer rows.Close()
	event := gazetteer.DivisionEvent{
		Kind: gazetteer.Merge,
		From: []gazetteer.DivisionPart{{Code: "500157", Name: "两江新区", Share: gazetteer.Whole}, {Code: "500103", Name: "渝中区", Share: gazetteer.Whole}},
		To:   []gazetteer.DivisionDraft{{Code: "500158", Name: "江城区", Level: gazetteer.County, Kind: "district", Parent: "500000", Seat: "解放碑街道"}},
	}
	for n := 1; rows.Next(); n++ {
		var code, name string
		d.must(rows.Scan(&code, &name))
		event.Moves = append(event.Moves, gazetteer.DivisionMove{Code: gazetteer.DivisionCode(code), Name: name, NewCode: gazetteer.DivisionCode(fmt.Sprintf("500158%03d", n))})
	}
	if len(event.Moves) < 20 {
		d.t.Fatalf("%d divisions lie in them", len(event.Moves))
	}
	day := gazetteer.Day{Time: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}
	return gazetteer.DivisionChange{
		ID: "2026-test", Title: "合并两江新区、渝中区", Basis: "document", Sources: []string{"批复"},
		Approval: gazetteer.Approval{Title: "关于调整行政区划的批复", Number: "〔2026〕9号", ApprovedBy: "国务院", ApprovedOn: day, AnnouncedOn: day, EffectiveOn: day},
		Events:   []gazetteer.DivisionEvent{event},
	}
}

// TestTwoChangesInAChain: what passed in November 2025 passes once more. Lines keep their way from the first to the last, markers
// too, and every past day reads as it was.
func TestTwoChangesInAChain(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	_, err := d.db.Super.Exec(ctx, `
		set session_replication_role = replica;
		update line_version v set course = '沿山脊', original_datum = 'xian80', original_projection = '三度带' from line l where l.id = v.line_id and l.name = '渝川线';
		insert into line_segment select v.id, 1, 0, v.length_m, 'ridge', '华蓥山', 5, '分水岭' from line_version v join line l on l.id = v.line_id and l.name = '渝川线';
		set session_replication_role = origin`)
	d.must(err)
	first, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	_, err = d.store.ChangeDivisions(ctx, importer, today, first, false)
	d.must(err)
	before, between := d.linesOn("2025-11-05"), d.linesOn("2026-06-30")
	done, err := d.store.ChangeDivisions(ctx, importer, today, d.merged(), false)
	d.must(err)
	if !done.Recorded {
		t.Fatalf("%+v", done.Plan.Findings)
	}
	after := strings.Join(d.linesOn("2026-07-01"), "\n")
	if want := "北碚区—江城区线 in-demarcation 12097 北碚区—江城区\n渝川线 under-change 17347 江城区—邻水县"; after != want {
		t.Errorf("after both:\n%s\nwanted\n%s", after, want)
	}
	if now := d.linesOn("2025-11-05"); !cmp.Equal(before, now) {
		t.Errorf("before both:\n%s", cmp.Diff(before, now))
	}
	for i := range between { // all that may come to a version that was law
		between[i] = strings.Replace(between[i], "under-change", "superseded", 1)
	}
	if now := d.linesOn("2026-06-30"); !cmp.Equal(between, now) {
		t.Errorf("between them:\n%s", cmp.Diff(between, now))
	}

	var names []string
	lines, err := d.store.Lines(ctx, boundsql.LineFilter{ToSettle: true}, [16]byte{}, 10)
	d.must(err)
	for _, l := range lines {
		if l.Name != "北碚区—江城区线" {
			continue
		}
		if l.ToSettle == nil || l.ToSettle.Due.String() != "2026-11-06" { // the term of the first change runs on
			t.Errorf("to settle: %+v", l.ToSettle)
		}
		for at := l.ID; ; {
			v, err := d.store.Line(ctx, at)
			d.must(err)
			names = append(names, v.Name)
			if len(v.Before) == 0 {
				break
			}
			at = v.Before[0].ID
		}
	}
	if got := strings.Join(names, " "); got != "北碚区—江城区线 北碚区—两江新区线 北碚区—渝北区线" {
		t.Errorf("its way back: %s", got)
	}
	if n := d.count(`line_version v join line l on l.id = v.line_id and l.name = '渝川线' join line_segment g on g.line_version_id = v.id
		where v.course = '沿山脊' and v.original_datum = 'xian80' and v.original_projection = '三度带' and g.mark_kind = 'ridge' and g.follows_feature = '华蓥山' and g.accuracy_m = 5`); n != 3 {
		t.Errorf("%d versions of the line that went on twice say how it runs", n)
	}
}
