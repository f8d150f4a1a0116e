package boundsql_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// townships imports the townships of 江北区, 渝北区 and 北碚区 as they were before the change of November 2025, each with a
// village, and a road that lies in 江北区 itself.
func (d *desk) townships() gazetteer.TownshipList {
	d.t.Helper()
	list, err := gazsql.OpenTownshipList(pgtest.SharedData(d.t, "codes/mumuy_cq_townships_2025.zip"))
	d.must(err)
	text := &strings.Builder{}
	fmt.Fprint(text, "code,name,parentCode\n500109,北碚区,500000\n")
	for _, county := range []gazetteer.DivisionCode{"500105", "500109", "500112"} {
		for _, code := range slices.Sorted(maps.Keys(list[county])) {
			fmt.Fprintf(text, "%s,%s,%s\n%s001,%s社区居委会,%s\n", code, list[county][code], county, code, list[county][code], code)
		}
	}
	gaz := gazsql.New(d.db.Pool)
	_, err = gaz.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: d.csv(text.String())})
	d.must(err)
	_, err = gaz.ImportPlaces(context.Background(), importer, today, gazsql.Import{Source: d.csv("name,category,divisionCode\n建新路,street,500105\n")})
	d.must(err)
	return list
}

func (d *desk) csv(text string) *feature.Source {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), "a.csv")
	d.must(os.WriteFile(path, []byte(text), 0o600))
	source, err := feature.Open(path)
	d.must(err)
	return source
}

// at tells the names, codes and superiors on a day: 500109008 水土街道 北碚区.
func (d *desk) at(day string) map[string]bool {
	d.t.Helper()
	rows, err := d.db.Super.Query(context.Background(), `
		select concat_ws(' ', c.code, v.name, p.name)
		from division_version v join division_code c on c.division_id = v.division_id and c.valid @> $1::text::date and c.system <> 'stat12'
		left join division_version p on p.division_id = v.parent_id and p.valid @> $1::text::date
		where v.valid @> $1::text::date`, day)
	d.must(err)
	defer rows.Close()
	all := map[string]bool{}
	for rows.Next() {
		var one string
		d.must(rows.Scan(&one))
		all[one] = true
	}
	return all
}

func (d *desk) count(sql string, args ...any) (n int) {
	d.t.Helper()
	d.must(d.db.Super.QueryRow(context.Background(), `select count(*)::int from `+sql, args...).Scan(&n))
	return n
}

func findingsOf(findings []fault.Finding) map[string]int {
	n := map[string]int{}
	for _, f := range findings {
		n[f.Code]++
	}
	return n
}

// TestNovember2025Replays carries 江北区 + 渝北区 → 两江新区 through everything in one step.
func TestNovember2025Replays(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	list := d.townships()
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	admin := d.account("cq-admin", "重庆市民政局（系统）", "500000", gazetteer.Administrator)
	local := d.account("yb-admin", "渝北区民政局（系统）", "500112", gazetteer.Administrator)
	before, rows := d.at("2025-11-05"), d.count(`journal`)
	for who, actor := range map[string]gazetteer.Actor{"an officer": d.city, "an administrator of one of them": local} {
		_, err := d.store.ChangeDivisions(ctx, actor, today, change, false)
		d.wantKind(err, fault.Forbidden, "by "+who)
	}

	dry, err := d.store.ChangeDivisions(ctx, admin, today, change, true)
	d.must(err)
	if dry.Recorded || d.count(`division_event`) != 0 || d.count(`journal`) != rows || !maps.Equal(d.at("2025-11-06"), before) {
		t.Error("a dry run changed something")
	}
	done, err := d.store.ChangeDivisions(ctx, admin, today, change, false)
	d.must(err)
	if len(done.Plan.Ended) != 2 || len(done.Plan.Founded) != 1 || len(done.Plan.Changed) != 47 || len(dry.Plan.Changed) != 47 {
		t.Errorf("%d ended, %d founded, %d changed; a dry run said %d", len(done.Plan.Ended), len(done.Plan.Founded), len(done.Plan.Changed), len(dry.Plan.Changed))
	}
	// 重庆市 has three districts here and not 37 units; the new shapes are not known, and one line is there.
	want := map[string]int{"approval-day-unknown": 1, "approval-unread": 1, "code-stale": 5, "count-differs": 3, "shape-unknown": 2, "line-between-one": 1, "markers-without-line": 1}
	if got := findingsOf(done.Plan.Findings); !maps.Equal(got, want) {
		t.Errorf("found %v, wanted %v", got, want)
	}
	if !maps.Equal(d.at("2025-11-05"), before) {
		t.Error("what was before the day changed")
	}
	after := d.at("2025-11-06")
	for _, there := range []string{
		"500157 两江新区 重庆市", "500157005 水土街道 两江新区", "500157020 华新街街道 两江新区", "500157007 双龙湖街道 两江新区", "500112135 大湾镇 北碚区",
		"500109 北碚区 重庆市", "500109001 天生街道 北碚区",
	} {
		if !after[there] {
			t.Errorf("%s is not there", there)
		}
	}
	for one := range after {
		if strings.Contains(one, "江北区") || strings.Contains(one, "渝北区") {
			t.Errorf("%s is still there", one)
		}
	}
	d.replayed(done.ID)

	again, err := d.store.ChangeDivisions(ctx, admin, today, change, false)
	if d.must(err); !again.Already || again.Recorded || d.count(`division_approval`) != 1 || !maps.Equal(d.at("2025-11-06"), after) {
		t.Error("a second time changed something")
	}
	change.Note = "别的内容"
	_, err = d.store.ChangeDivisions(ctx, admin, today, change, false)
	d.wantKind(err, fault.Conflict, "another change of the same id")

	// The list of 2026 still has 水土街道 and four others twice, lacks the five towns of 北碚区, and has two districts that ended.
	wantList := map[string]int{"list-twice": 5, "list-missing": 5, "list-county-ended": len(list) - 4}
	if got := findingsOf(list.Against(done.Plan.After)); got["list-twice"] != wantList["list-twice"] || got["list-missing"] != wantList["list-missing"] {
		t.Errorf("the list: %v, wanted %v", got, wantList)
	}
}

// replayed checks what the change did beside the divisions themselves.
func (d *desk) replayed(approval uuid.UUID) {
	d.t.Helper()
	for sql, want := range map[string]int{
		// the names of the two ended and are kept as former ones; the new one has its place
		`place_name where kind = 'standard' and name in ('江北区', '渝北区') and upper(valid) = '2025-11-06'`:                                          2,
		`place_name where kind = 'former' and name in ('江北区', '渝北区') and lower(valid) = '2025-11-06'`:                                            2,
		`place_name n join place p on p.id = n.place_id where n.name = '两江新区' and n.romanization <> '' and p.represents_division_id is not null`: 1,
		// the seats of villages hang on their villages as ever
		`place p join division_version v on v.division_id = p.represents_division_id and v.level = 'village' and v.valid @> date '2025-11-06'`: 59,
		// links: two to the new district, two transfers, 47 townships that go on
		`division_link where kind = 'merge' and role = 'successor'`:                              2,
		`division_link where kind = 'transfer-territory' and role = 'recipient'`:                 2,
		`division_link where kind = 'change-superior' and role = 'itself'`:                       47,
		`division_code where document_id in (select id from document where title like 'mumuy%')`: 43,
		// offices: both bureaus closed, one founded; what happened stands in the journal
		`office where name = '两江新区民政局' and upper_inf(valid)`:                                 1,
		`journal where subject like 'division/%' and verb in ('end', 'establish', 'change')`: 50,
	} {
		if got := d.count(sql); got != want {
			d.t.Errorf("%s: %d, wanted %d", sql, got, want)
		}
	}
	if n := d.count(`journal where subject = 'division-change/' || $1`, approval.String()); n != 1 {
		d.t.Errorf("%d entries about the change", n)
	}
	var in string
	d.must(gazsql.New(d.db.Pool).EachPlace(context.Background(), func(p gazsql.PlaceRow) error {
		if p.Name == "建新路" {
			in = p.DivisionName
		}
		return nil
	}))
	if in != "两江新区" {
		d.t.Errorf("建新路 lies in %s", in)
	}
}

// TestUnitedShapesAreThoseOfTheWholes draws a division that came of two whole ones, and none that came of parts.
func TestUnitedShapesAreThoseOfTheWholes(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	for i, code := range []string{"500105", "500112"} {
		_, err := d.db.Super.Exec(ctx, `
			insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
			select gen_random_uuid(), c.division_id, st_multi(st_makeenvelope(106 + $2::int, 29, 107 + $2::int, 30, 4490)), daterange(null, null), c.document_id, '4490', now()
			from division_code c where c.code = $1`, code, i)
		d.must(err)
	}
	read := func(text string) gazetteer.DivisionChange {
		c, err := gazetteer.ReadDivisionChange([]byte(text))
		d.must(err)
		return c
	}
	done, err := d.store.ChangeDivisions(ctx, importer, today, read(`{"id":"a","title":"甲","basis":"document","approval":{"title":"批复","approvedOn":"2026-01-01","effectiveOn":"2026-02-01"},
		"events":[{"kind":"merge","from":[{"code":"500105","name":"江北区"},{"code":"500112","name":"渝北区"}],"to":[{"code":"500157","name":"两江新区","parent":"500000"}]}]}`), false)
	d.must(err)
	if n := d.count(`division_shape where derived and st_area(geom) = 2 and lower(valid) = '2026-02-01'`); n != 1 || findingsOf(done.Plan.Findings)["shape-unknown"] != 0 {
		t.Errorf("%d united shapes, %v", n, done.Plan.Findings)
	}
	_, err = d.store.ChangeDivisions(ctx, importer, today, read(`{"id":"b","title":"乙","basis":"document","approval":{"title":"批复乙","approvedOn":"2026-01-01","effectiveOn":"2026-01-15"},
		"events":[{"kind":"abolish","from":[{"code":"500105","name":"江北区"}]}]}`), false)
	d.wantKind(err, fault.Refused, "a change before one that is recorded")
	if !fault.Is(err, "change-refused") || !strings.Contains(err.Error(), "changed-later") {
		t.Errorf("got %v", err)
	}
	dry, err := d.store.ChangeDivisions(ctx, importer, today, read(`{"id":"c","title":"丙","basis":"document","approval":{"title":"批复丙","approvedOn":"2026-03-01","effectiveOn":"2026-04-01"},
		"events":[{"kind":"transfer-territory","from":[{"code":"500157","share":"part"}],"to":[{"code":"500103"}]}]}`), true)
	if d.must(err); findingsOf(dry.Plan.Findings)["shape-unknown"] != 2 {
		t.Errorf("got %v", dry.Plan.Findings)
	}
}
