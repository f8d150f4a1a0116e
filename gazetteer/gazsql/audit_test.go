package gazsql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// quietly is told how far an audit is.
func quietly(gazsql.AuditProgress) error { return nil }

// audited asks for an audit of the actor's own division and has it made.
func (o office) audited(t *testing.T, login string) gazsql.Audit {
	t.Helper()
	ctx := context.Background()
	makeIt := o.store.AuditsByHand()
	a, err := o.store.AskAudit(ctx, o.actor[login], today, gazsql.NewID(), "", "")
	if err != nil {
		t.Fatalf("%s: %v", login, err)
	}
	if err := makeIt(ctx, today); err != nil {
		t.Fatalf("%s: %v", login, err)
	}
	if a, err = o.store.Audit(ctx, o.actor[login], a.ID); err != nil || a.State != gazetteer.AuditDone {
		t.Fatalf("%s: %+v, %v", login, a, err)
	}
	return a
}

// ofCode is how many findings of a code are open and how many were looked at.
func ofCode(a gazsql.Audit, code string) [2]int {
	for _, c := range a.Counts {
		if c.Code == code {
			return [2]int{c.Open, c.Looked}
		}
	}
	return [2]int{}
}

// twoInlets imports two natural villages of a name 150 m apart, on either side of the border of two counties, and returns
// the one in 忠县.
func (o office) twoInlets(t *testing.T) uuid.UUID {
	t.Helper()
	path := filepath.Join(t.TempDir(), "places.csv")
	csv := "name,category,divisionCode,lon,lat\n蛟窟湾,natural-village,500230100,108.0328,30.2954\n蛟窟湾,natural-village,500233100,108.0312,30.2954\n" +
		"新华村,village-committee,500233,108.05,30.3\n"
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ImportPlaces(context.Background(), importer, today, gazsql.Import{Source: openSource(t, path), Frame: geo.CGCS2000, Twins: &gazetteer.TwinDecision{New: true}}); err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	err := o.db.Super.QueryRow(context.Background(), `
		select p.id from place p join place_name n on n.place_id = p.id where n.name = '蛟窟湾' and st_x(p.geom) < 108.032`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAnAuditIsMadeAndItsFindingsAreLookedAt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	o.twoInlets(t)
	a := o.audited(t, "clerk")
	if ofCode(a, "duplicate-name") != [2]int{1, 0} || ofCode(a, "twin-suspected") != [2]int{1, 0} || a.Step != a.Steps || a.DivisionName != "忠县" || len(a.Actions) != 0 {
		t.Errorf("got %+v", a)
	}
	list, err := o.store.AuditFindings(ctx, o.actor["clerk"], a.ID, gazsql.FindingsWanted{Code: "twin-suspected", Limit: 10})
	if err != nil || len(list) != 1 || len(list[0].Evidence) != 2 || list[0].Looked != nil {
		t.Fatalf("got %+v, %v", list, err)
	}
	f := list[0]
	if d := f.Evidence[1].DistanceM; d == nil || *d < 150 || *d > 158 {
		t.Errorf("the two are %v apart", d)
	}
	act := func(who, action, reason string) error {
		_, err := o.store.ActOnFinding(ctx, o.actor[who], today, a.ID, f.N, action, reason)
		return err
	}
	for _, c := range []struct{ who, action, reason, want string }{
		{"clerk", "set-aside", " ", "reason-missing"},
		{"clerk", "bring-back", "", "finding-not-looked-at"},
		{"clerk", "forget", "是两处", "action-unknown"},
		{"neighbour", "set-aside", "是两处", "finding-unknown"},
		{"developer", "set-aside", "是两处", "not-yours"},
		{"clerk", "set-aside", "是两处", ""},
		{"clerk", "set-aside", "是两处", "finding-looked-at"},
	} {
		if err := act(c.who, c.action, c.reason); c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if again := o.audited(t, "clerk"); ofCode(again, "twin-suspected") != [2]int{0, 1} {
		t.Errorf("the next audit shows it again: %+v", again.Counts)
	}
	looked := true
	list, err = o.store.AuditFindings(ctx, o.actor["clerk"], a.ID, gazsql.FindingsWanted{Looked: &looked, Limit: 10})
	if err != nil || len(list) != 1 || list[0].Looked == nil || list[0].Looked.Reason != "是两处" || list[0].Looked.By != "clerk" {
		t.Errorf("got %+v, %v", list, err)
	}
	if err := act("clerk", "bring-back", ""); err != nil {
		t.Error(err)
	}
	if _, err := o.db.Super.Exec(ctx, `update place set geom = st_translate(geom, 0.0001, 0) where geom is not null`); err != nil {
		t.Fatal(err)
	}
	if err := act("clerk", "set-aside", "是两处"); err != nil {
		t.Error(err)
	}
	if again := o.audited(t, "clerk"); ofCode(again, "twin-suspected") != [2]int{1, 0} {
		t.Errorf("moved, it is still set aside: %+v", again.Counts)
	}
}

func TestAnAuditIsForItsOfficeAndWithinItsJurisdiction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	o.twoInlets(t)
	a := o.audited(t, "clerk")
	if _, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "500230", ""); !fault.Is(err, "not-yours") {
		t.Errorf("the neighbour's county: %v", err)
	}
	for _, who := range []string{"seat-1", "outsider", "developer"} {
		if _, err := o.store.AskAudit(ctx, o.actor[who], today, gazsql.NewID(), "", ""); !fault.Is(err, "not-yours") {
			t.Errorf("%s: %v", who, err)
		}
		if _, err := o.store.Audits(ctx, o.actor[who], uuid.Nil, 10); !fault.Is(err, "not-yours") {
			t.Errorf("%s: %v", who, err)
		}
	}
	for _, s := range []*gazsql.Store{o.store, o.store.WithoutFirstWall()} {
		if _, err := s.Audit(ctx, o.actor["neighbour"], a.ID); !fault.Is(err, "audit-unknown") {
			t.Errorf("the neighbour: %v", err)
		}
		if _, err := s.AuditFindings(ctx, o.actor["neighbour"], a.ID, gazsql.FindingsWanted{Limit: 1}); !fault.Is(err, "audit-unknown") {
			t.Errorf("the neighbour: %v", err)
		}
		if list, err := s.Audits(ctx, o.actor["neighbour"], uuid.Nil, 10); err != nil || len(list) != 0 {
			t.Errorf("the neighbour: %v, %v", list, err)
		}
	}
	if list, err := o.store.Audits(ctx, o.actor["clerk"], uuid.Nil, 10); err != nil || len(list) != 1 || cmp.Diff(a.Counts, list[0].Counts) != "" {
		t.Errorf("the clerk: %+v, %v", list, err)
	}
}

// TestAnAuditTellsNothingOfAWithheldPlace withholds one of two places that look alike: whoever may not know of it finds
// nothing any more, in the audit made before as in the next, and whoever may finds it as before.
func TestAnAuditTellsNothingOfAWithheldPlace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.twoInlets(t)
	before := o.audited(t, "neighbour")
	if ofCode(before, "twin-suspected") != [2]int{1, 0} {
		t.Fatalf("got %+v", before.Counts)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	before, err := o.store.Audit(ctx, o.actor["neighbour"], before.ID)
	if err != nil || ofCode(before, "twin-suspected") != [2]int{} {
		t.Errorf("what was found before: %+v, %v", before.Counts, err)
	}
	list, err := o.store.AuditFindings(ctx, o.actor["neighbour"], before.ID, gazsql.FindingsWanted{Limit: 1000})
	if err != nil || slices.ContainsFunc(list, func(f gazsql.AuditFinding) bool { return f.Code == "twin-suspected" }) {
		t.Errorf("the list of before: %+v, %v", list, err)
	}
	if a := o.audited(t, "neighbour"); ofCode(a, "twin-suspected") != [2]int{} {
		t.Errorf("the next one: %+v", a.Counts)
	}
	a := o.audited(t, "clerk")
	if ofCode(a, "twin-suspected") != [2]int{1, 0} {
		t.Errorf("to whoever may know: %+v", a.Counts)
	}
	public, _, err := o.store.CheckGazetteer(ctx, gazetteer.Actor{}, today, gazsql.GazetteerCheck{}, quietly)
	if err != nil || slices.ContainsFunc(public, func(f gazetteer.AuditFinding) bool {
		return f.Evidence != nil && f.Evidence[0].Name == "蛟窟湾" && f.Code == "twin-suspected"
	}) {
		t.Errorf("to nobody in particular: %v", err)
	}
}

func TestAnAuditIsStoppedAndMadeTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	o.twoInlets(t)
	makeIt := o.store.AuditsByHand()
	a, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "500233100", "")
	if err != nil || a.State != gazetteer.AuditWaiting || len(a.Actions) != 1 {
		t.Fatalf("got %+v, %v", a, err)
	}
	if _, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "", ""); !fault.Is(err, "audit-under-way") {
		t.Errorf("a second one: %v", err)
	}
	if _, err := o.store.CancelAudit(ctx, o.actor["clerk"], today, a.ID, a.Version+1, "cancel"); !fault.Is(err, "stale") {
		t.Errorf("against another version: %v", err)
	}
	if a, err = o.store.CancelAudit(ctx, o.actor["clerk"], today, a.ID, a.Version, "cancel"); err != nil || a.State != gazetteer.AuditCancelled {
		t.Fatalf("got %+v, %v", a, err)
	}
	if err := makeIt(ctx, today); err != nil {
		t.Error(err)
	}
	if a, err = o.store.Audit(ctx, o.actor["clerk"], a.ID); err != nil || a.State != gazetteer.AuditCancelled || len(a.Counts) > 0 {
		t.Errorf("made although it was stopped: %+v, %v", a, err)
	}
	if _, err := o.store.CancelAudit(ctx, o.actor["clerk"], today, a.ID, a.Version, "cancel"); !fault.Is(err, "audit-ended") {
		t.Errorf("stopped twice: %v", err)
	}

	a = o.audited(t, "clerk")
	if _, err := o.db.Super.Exec(ctx, `update audit set state = 'running', ended_at = null where id = $1`, a.ID); err != nil {
		t.Fatal(err)
	}
	makeIt = o.store.AuditsByHand()
	if _, err := o.store.AskAudit(ctx, o.actor["clerk"], today.Add(time.Hour), a.ID, "", ""); err == nil { // gives up the overdue one, and has no id left
		t.Error("two audits of one id")
	}
	if err := makeIt(ctx, today); err != nil { // the job of the first is lost and taken up again
		t.Error(err)
	}
	again, err := o.store.Audit(ctx, o.actor["clerk"], a.ID)
	if err != nil || cmp.Diff(a.Counts, again.Counts) != "" {
		t.Errorf("made twice: %+v, %v", again, err)
	}
	if _, err := o.db.Super.Exec(ctx, `update audit set state = 'running', ended_at = null, began_at = asked_at where id = $1`, a.ID); err != nil {
		t.Fatal(err)
	}
	o.store.AuditsByHand()
	if _, err := o.store.AskAudit(ctx, o.actor["clerk"], today.Add(time.Hour), gazsql.NewID(), "", ""); err != nil {
		t.Errorf("after one that nobody works on any more: %v", err)
	}
}

// TestTheMunicipalityIsAudited holds what the audit of the real list of 2016 finds against counts made with SQL.
func TestTheMunicipalityIsAudited(t *testing.T) {
	ctx := context.Background()
	s := chongqing(t)
	began := time.Now()
	found, _, err := s.CheckGazetteer(ctx, gazetteer.Actor{}, today, gazsql.GazetteerCheck{}, quietly)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d findings in %s", len(found), time.Since(began))
	counts := map[string]int{}
	for _, f := range found {
		counts[f.Code]++
	}
	for code, sql := range map[string]string{
		"reading-unverified": `select count(*) from place_name where reading_status = 'unverified' and kind = 'standard' and upper_inf(valid)`,
		"outside-division": `
			select count(*) from place p
			join division_version v on v.division_id = p.division_id and upper_inf(v.valid)
			left join division_version u on u.division_id = v.parent_id and upper_inf(u.valid)
			join division_shape s on s.division_id = case when v.level = 'county' then v.division_id when v.level = 'township' then u.division_id else u.parent_id end
			where st_distance(p.geom::geography, s.geom::geography) > 500`,
	} {
		var want int
		if err := s.Conn().QueryRow(ctx, sql).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if counts[code] != want {
			t.Errorf("%s: %d, by SQL %d", code, counts[code], want)
		}
	}
	stop := errors.New("stop")
	if _, _, err := s.CheckGazetteer(ctx, gazetteer.Actor{}, today, gazsql.GazetteerCheck{}, func(p gazsql.AuditProgress) error {
		if p.Step == 3 {
			return stop
		}
		return nil
	}); !errors.Is(err, stop) {
		t.Errorf("told to stop: %v", err)
	}
}

// TestAnAuditJudgesByThePackInForce: of the county where it has one, of another where that is asked for; kept with the audit, and told
// with every finding by a rule.
func TestAnAuditJudgesByThePackInForce(t *testing.T) {
	t.Parallel()
	o, ctx := inZhong(t), context.Background()
	const streets = "name,category,divisionCode,lon,lat\n新嘉陵路,street,500233,108.011,30.311\n丰都小区,residential-building,500233,108.012,30.312\n翠屏站,facility,500233,108.013,30.313\n"
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "b.csv", streets)), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	a := o.audited(t, "clerk")
	if a.Pack != "zhong-test" || a.PackTitle != "忠县试行规则" || ofCode(a, "duplicate-but-prefix") != [2]int{2, 0} || ofCode(a, "wrong-district") != [2]int{1, 0} || ofCode(a, "not-local") != [2]int{} {
		t.Errorf("got %+v", a)
	}
	var of gazsql.AuditRule
	for _, r := range a.Rules {
		if r.Rule == "L-prefix" {
			of = r
		}
	}
	if diff := cmp.Diff(gazsql.AuditRule{Rule: "L-prefix", Pack: "zhong-test", Title: "只差新、大的视为重名", Clause: "试行规则第一条", Open: 2}, of); diff != "" {
		t.Error(diff)
	}
	list, err := o.store.AuditFindings(ctx, o.actor["clerk"], a.ID, gazsql.FindingsWanted{Rule: "L-prefix", Limit: 10})
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v", list, err)
	}
	for _, f := range list {
		if f.Severity != fault.Review || f.Pack != "zhong-test" || f.Category != gazetteer.Street || len(f.Evidence) != 2 || f.Evidence[1].DistanceM == nil {
			t.Errorf("got %+v", f)
		}
	}
	if _, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "", "no-such-pack"); !fault.Is(err, "pack-unknown") {
		t.Errorf("by a pack that is not there: %v", err)
	}
	makeIt := o.store.AuditsByHand()
	b, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "", "national-2022")
	if err != nil || b.Pack != "national-2022" {
		t.Fatalf("got %+v, %v", b, err)
	}
	if err := makeIt(ctx, today); err != nil {
		t.Fatal(err)
	}
	if b, err = o.store.Audit(ctx, o.actor["clerk"], b.ID); err != nil || ofCode(b, "duplicate-but-prefix") != [2]int{} || ofCode(b, "not-local") == [2]int{} {
		t.Errorf("by the national pack: %+v, %v", b, err)
	}
	found, pack, err := o.store.CheckGazetteer(ctx, gazetteer.Actor{}, today, gazsql.GazetteerCheck{}, quietly)
	if err != nil || pack.ID != "national-2022" || len(found) == 0 {
		t.Errorf("everything: %+v, %v", pack, err)
	}
}

// TestAnAuditIsStoppedInTheMiddle of judging names: the next note of how far it is ends it, and nothing is kept.
func TestAnAuditIsStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	o, ctx := inZhong(t), context.Background()
	var csv strings.Builder
	csv.WriteString("name,category,divisionCode\n")
	for i := range 700 {
		fmt.Fprintf(&csv, "第%d路,street,500233\n", i)
	}
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "b.csv", csv.String())), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	var a gazsql.Audit
	var told []gazsql.AuditProgress
	makeIt := o.store.AuditsWatched(func(p gazsql.AuditProgress) {
		told = append(told, p)
		if p.NamesDone != 500 {
			return
		}
		running, err := o.store.Audit(ctx, o.actor["clerk"], a.ID)
		if err != nil || running.State != gazetteer.AuditRunning || running.NamesDone != 500 || running.NamesTotal < 700 {
			t.Errorf("in the middle: %+v, %v", running, err)
		}
		if _, err := o.store.CancelAudit(ctx, o.actor["clerk"], today, a.ID, running.Version, "cancel"); err != nil {
			t.Error(err)
		}
	})
	a, err := o.store.AskAudit(ctx, o.actor["clerk"], today, gazsql.NewID(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := makeIt(ctx, today); err != nil {
		t.Fatal(err)
	}
	if a, err = o.store.Audit(ctx, o.actor["clerk"], a.ID); err != nil || a.State != gazetteer.AuditCancelled || len(a.Counts) > 0 {
		t.Errorf("got %+v, %v", a, err)
	}
	if last := told[len(told)-1]; last.NamesDone != last.NamesTotal || last.NamesTotal == 0 {
		t.Errorf("it went on to %+v", last)
	}
}
