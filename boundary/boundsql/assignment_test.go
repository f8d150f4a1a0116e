package boundsql_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// hands are people who work at the line by assignment.
type hands struct {
	surveyor, another, keeper gazetteer.Actor // of a contractor twice, and of the lead's own bureau
}

func (d *desk) hands() hands {
	d.t.Helper()
	contractor := gazsql.Office{Name: "渝测勘察院", Kind: "contractor"}
	return hands{
		surveyor: d.accountIn("yc-1", contractor, gazetteer.Surveyor), another: d.accountIn("yc-2", contractor, gazetteer.Surveyor),
		keeper: d.accountIn("yb-keeper", gazsql.Office{Name: "渝北区民政局", Kind: "civil-affairs"}, gazetteer.Keeper),
	}
}

// accountIn makes an account in an office, which is made when it is not there.
func (d *desk) accountIn(login string, office gazsql.Office, roles ...gazetteer.Role) gazetteer.Actor {
	d.t.Helper()
	ctx := context.Background()
	gaz := gazsql.New(d.db.Pool).WithPasswordCost(gazsql.PasswordCost{KiB: 64, Passes: 1})
	id, err := gaz.CreateOffice(ctx, importer, today, office)
	d.must(err)
	account, err := gaz.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: login, Name: office.Name + " " + login, Password: "fangyu-demo", OfficeID: id, Roles: roles})
	d.must(err)
	actor, err := gaz.Actor(ctx, account)
	d.must(err)
	return actor
}

// day is today in the database's time and n days on: its policies count by its own clock.
func day(n int) string {
	return time.Now().In(time.FixedZone("UTC+8", 8*60*60)).AddDate(0, 0, n).Format(time.DateOnly)
}

// assign entrusts somebody with the line, or with markers of it, for the next weeks.
func (d *desk) assign(by, to gazetteer.Actor, markers ...uuid.UUID) boundsql.Assignment {
	d.t.Helper()
	got, err := d.store.CreateAssignment(context.Background(), by, today, boundsql.NewAssignment{
		LineID: d.line, Account: to.Login, Role: to.Roles[0], Markers: markers, ValidFrom: "2026-01-01", ValidTo: day(30),
	})
	d.must(err)
	return got
}

func (d *desk) end(by gazetteer.Actor, a boundsql.Assignment) boundsql.Assignment {
	d.t.Helper()
	got, err := d.store.ActOnAssignment(context.Background(), by, today, a.ID, a.Version, boundary.AssignmentAction{Name: "end", Reason: "合同期满"})
	d.must(err)
	return got
}

func (d *desk) tryForm(actor gazetteer.Actor, i boundsql.Inspection, marker int, submit bool) (boundsql.Inspection, error) {
	return d.store.FillMarkerForm(context.Background(), actor, today, i.ID, i.Version, d.markers[marker].ID, boundsql.MarkerFormInput{
		Found: "intact", CheckedOn: "2026-04-01", Submit: submit,
	})
}

func (d *desk) tryUpload(actor gazetteer.Actor, inspection uuid.UUID) error {
	gpx := boundary.SynthesizeTrack(d.chain, boundary.Walk{Seed: 77, SpacingM: 5, ToM: 500, Start: today})
	_, _, err := d.store.ReceiveTrack(context.Background(), actor, today, boundsql.ReceiveTrack{Submission: boundary.Submission{LineID: d.line, InspectionID: inspection}, FileName: "a.gpx", Body: bytes.NewReader(gpx)})
	return err
}

func TestASurveyorWorksForTheBureauThatAssignedHim(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	round := d.confirmed()
	round = d.sign(d.lead, round)
	_, err := d.store.Inspection(ctx, h.surveyor, today, round.ID)
	d.wantKind(err, fault.NotFound, "the round before")
	d.wantKind(d.tryUpload(h.surveyor, uuid.Nil), fault.Forbidden, "an upload before")

	task := d.assign(d.lead, h.surveyor)
	if task.State != boundary.AssignmentRunning || task.Office.ID != d.lead.OfficeID || task.Mine || len(task.Actions) != 1 {
		t.Errorf("assigned: %+v", task)
	}
	seen, err := d.store.Inspection(ctx, h.surveyor, today, round.ID)
	d.must(err)
	if len(seen.Tracks)+len(seen.Forms)+len(seen.Signatures)+len(seen.Actions) != 0 || seen.Figures != nil {
		t.Errorf("of the round he sees %+v", seen)
	}
	sent := d.upload(h.surveyor, round.ID, boundary.Walk{Seed: 31, NoiseM: 2, ToM: 700})
	if sent.OfficeID != d.lead.OfficeID || sent.Receipt == nil {
		t.Errorf("sent: %+v", sent)
	}
	if read := d.read(h.surveyor, sent.ID); read.Match == nil || read.Reading == nil {
		t.Errorf("his own, read: %+v", read)
	}
	if mine, err := d.store.Tracks(ctx, h.surveyor, today, uuid.Nil, 10); err != nil || len(mine) != 1 {
		t.Errorf("he lists %d, %v", len(mine), err)
	}
	if whole, err := d.store.Track(ctx, d.lead, today, sent.ID); err != nil || whole.Reading == nil {
		t.Errorf("the bureau reads %+v, %v", whole, err)
	}
	// What he handed in took the compiled report back, with the lead's signature on it.
	now, err := d.store.Inspection(ctx, d.lead, today, round.ID)
	d.must(err)
	if now.State != boundary.InspectionCompile || now.Signatures[0].VoidedAt == nil {
		t.Errorf("the round is %s, signed %+v", now.State, now.Signatures)
	}
	now = d.act(d.lead, now, boundary.InspectionAction{Name: "compile"})
	now = d.sign(d.lead, now)
	filled, err := d.tryForm(h.surveyor, now, 1, true)
	d.must(err)
	if filled.State != boundary.InspectionCompile || len(filled.Forms) != 1 || filled.Forms[0].OfficeID != d.lead.OfficeID {
		t.Errorf("filled: %+v", filled)
	}
	_, err = d.tryForm(h.surveyor, filled, 0, false) // filled in by the bureau itself
	d.wantKind(err, fault.Conflict, "a form of the bureau")
	_, err = d.store.ActOnInspection(ctx, h.surveyor, today, round.ID, filled.Version, boundary.InspectionAction{Name: "compile"})
	d.wantKind(err, fault.Forbidden, "compiling")
	_, err = d.store.ActOnInspection(ctx, h.surveyor, today, round.ID, filled.Version, boundary.InspectionAction{Name: "sign", ContentSHA256: "x"})
	d.wantKind(err, fault.Conflict, "signing")
	for name, actor := range map[string]gazetteer.Actor{"a colleague": h.another, "the other county": d.other} {
		if list, err := d.store.Assignments(ctx, actor, today, uuid.Nil, uuid.Nil, 10); err != nil || len(list) != 0 {
			t.Errorf("%s lists %d assignments, %v", name, len(list), err)
		}
		_, err := d.store.Assignment(ctx, actor, today, task.ID)
		d.wantKind(err, fault.NotFound, name)
	}
	if above, err := d.store.Assignments(ctx, d.city, today, d.line, uuid.Nil, 10); err != nil || len(above) != 1 || len(above[0].Actions) != 0 {
		t.Errorf("the bureau above lists %+v, %v", above, err)
	}

	ended := d.end(d.lead, task)
	if ended.State != boundary.AssignmentEnded || ended.Version != 2 || *ended.EndReason != "合同期满" {
		t.Errorf("ended: %+v", ended)
	}
	_, err = d.store.Track(ctx, h.surveyor, today, sent.ID)
	d.wantKind(err, fault.NotFound, "his own track, afterwards")
	_, err = d.store.Inspection(ctx, h.surveyor, today, round.ID)
	d.wantKind(err, fault.NotFound, "the round, afterwards")
	_, err = d.store.Assignment(ctx, h.surveyor, today, task.ID)
	d.wantKind(err, fault.NotFound, "the assignment, afterwards")
	d.wantKind(d.tryUpload(h.surveyor, uuid.Nil), fault.Forbidden, "an upload afterwards")
	_, err = d.tryForm(h.surveyor, filled, 1, true)
	d.wantKind(err, fault.NotFound, "a form afterwards")
	_, err = d.store.ActOnAssignment(ctx, d.lead, today, task.ID, task.Version, boundary.AssignmentAction{Name: "end", Reason: "x"})
	d.wantKind(err, fault.Stale, "an older version")
}

// succeeded sets a bureau of the lead's division in the lead's place, and returns somebody of it.
func (d *desk) succeeded() gazetteer.Actor {
	d.t.Helper()
	ctx := context.Background()
	heir := d.account("yb-new", "渝北区民政和社会局", "500112", gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor)
	_, err := d.db.Super.Exec(ctx, `
		insert into office_succession (predecessor_id, successor_id, on_day, document_id) select $1, $2, '2026-02-01', id from document limit 1`,
		d.lead.OfficeID, heir.OfficeID)
	d.must(err)
	confirmed := heir.ConfirmedAt
	heir, err = gazsql.New(d.db.Pool).Actor(ctx, heir.AccountID)
	d.must(err)
	heir.ConfirmedAt = confirmed
	return heir
}

// TestAnAssignmentOfTheSuccessorOpensRoundsOfThePredecessor has the bureau change in the middle of a round: who is
// assigned by the new one works on it, behind both walls; who was assigned by the old one goes on with rounds of the new.
func TestAnAssignmentOfTheSuccessorOpensRoundsOfThePredecessor(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	round := d.inField()
	early := d.assign(d.lead, h.another)
	heir := d.succeeded()
	open := d.store.WithoutFirstWall()
	_, err := open.Inspection(ctx, h.surveyor, today, round.ID)
	d.wantKind(err, fault.NotFound, "the round before")
	task := d.assign(heir, h.surveyor)
	if task.Office.ID != heir.OfficeID {
		t.Fatalf("assigned by %+v", task.Office)
	}
	for name, store := range map[string]*boundsql.Store{"both walls": d.store, "the second wall": open} {
		if _, err := store.Inspection(ctx, h.surveyor, today, round.ID); err != nil {
			t.Errorf("%s keep the round from him: %v", name, err)
		}
	}
	if n := d.countAs(h.surveyor, "inspection"); n != 1 {
		t.Errorf("he reads %d rounds", n)
	}
	d.must(d.tryUpload(h.surveyor, round.ID))
	round, err = d.store.Inspection(ctx, h.surveyor, today, round.ID)
	d.must(err)
	filled, err := d.tryForm(h.surveyor, round, 1, true)
	d.must(err)
	if len(filled.Forms) != 1 || filled.Forms[0].OfficeID != round.Lead.ID || round.Lead.ID != d.lead.OfficeID {
		t.Errorf("the form is of %+v, the round's lead is %v", filled.Forms, round.Lead)
	}
	if list, err := d.store.Tracks(ctx, h.surveyor, today, uuid.Nil, 10); err != nil || len(list) != 1 {
		t.Errorf("he lists %d tracks, %v", len(list), err)
	}
	if got, err := d.store.Inspection(ctx, heir, today, round.ID); err != nil || len(got.Forms) != 1 || len(got.Tracks) != 1 {
		t.Errorf("the bureau reads %+v, %v", got, err)
	}
	_, err = d.store.Inspection(ctx, h.another, today, round.ID)
	d.must(err)
	if _, err := d.store.Assignment(ctx, d.other, today, early.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the other county reads whom the first has hired: %v", err)
	}
	d.end(heir, task)
	d.end(heir, early) // what the old bureau gave out is the new one's to end
	for _, store := range []*boundsql.Store{d.store, open} {
		for _, who := range []gazetteer.Actor{h.surveyor, h.another} {
			_, err = store.Inspection(ctx, who, today, round.ID)
			d.wantKind(err, fault.NotFound, "the round, afterwards")
		}
	}
}

func TestAKeeperSeesAndReportsOnHisMarkersOnly(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	round := d.inField()
	d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	round = d.form(d.lead, round, 2, "damaged", false)
	_, err := d.store.Inspection(ctx, h.keeper, today, round.ID)
	d.wantKind(err, fault.NotFound, "the bureau's round")
	if list, err := d.store.Tracks(ctx, h.keeper, today, uuid.Nil, 10); err != nil || len(list) != 0 {
		t.Errorf("he lists %d tracks of his bureau, %v", len(list), err)
	}
	task := d.assign(d.lead, h.keeper, d.markers[0].ID)
	if len(task.Markers) != 1 || task.Markers[0].Number != d.markers[0].Number {
		t.Errorf("assigned: %+v", task)
	}
	round, err = d.tryForm(h.keeper, round, 0, false)
	d.must(err)
	if len(round.Forms) != 1 || len(round.Tracks) != 0 {
		t.Errorf("he sees %d forms and %d tracks", len(round.Forms), len(round.Tracks))
	}
	_, err = d.tryForm(h.keeper, round, 1, false)
	d.wantKind(err, fault.Forbidden, "another marker")
	_, err = d.store.ActOnInspection(ctx, h.keeper, today, round.ID, round.Version, boundary.InspectionAction{Name: "finish-field"})
	d.wantKind(err, fault.Forbidden, "ending the field work")
}

func TestAssignmentsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	good := boundsql.NewAssignment{LineID: d.line, Account: h.surveyor.Login, Role: gazetteer.Surveyor, ValidFrom: "2026-11-01", ValidTo: "2026-12-31"}
	change := func(f func(*boundsql.NewAssignment)) boundsql.NewAssignment { in := good; f(&in); return in }
	for _, c := range []struct {
		name  string
		actor gazetteer.Actor
		in    boundsql.NewAssignment
		code  string
	}{
		{"from above", d.city, good, "not-yours"},
		{"from elsewhere", d.stranger, good, "not-yours"},
		{"by a contractor", h.another, good, "not-yours"},
		{"by a keeper", h.keeper, good, "not-yours"},
		{"no such line", d.lead, change(func(in *boundsql.NewAssignment) { in.LineID = uuid.New() }), "line-unknown"},
		{"nobody", d.lead, change(func(in *boundsql.NewAssignment) { in.Account = "nobody" }), "account-unknown"},
		{"an officer of the other county", d.lead, change(func(in *boundsql.NewAssignment) { in.Account = d.other.Login }), "assignment-wrong"},
		{"good", d.lead, good, ""},
		{"twice", d.lead, change(func(in *boundsql.NewAssignment) { in.ValidFrom = "2026-12-30"; in.ValidTo = "2027-02-01" }), "assigned-already"},
		{"for the other side as well", d.other, good, "assigned-already"},
		{"afterwards for the other side", d.other, change(func(in *boundsql.NewAssignment) { in.ValidFrom = "2026-12-31"; in.ValidTo = "2027-02-01" }), ""},
	} {
		_, err := d.store.CreateAssignment(ctx, c.actor, today, c.in)
		if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %q", c.name, err, c.code)
		}
	}
}

// TestTheSecondWallKeepsOutWhoIsNotAssigned takes the first wall down: another contractor, a keeper of other markers, and
// after the end the surveyor himself read and change nothing.
func TestTheSecondWallKeepsOutWhoIsNotAssigned(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	round := d.inField()
	task := d.assign(d.lead, h.surveyor)
	d.assign(d.other, h.another) // works for the other side
	sent := d.upload(h.surveyor, round.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	d.read(h.surveyor, sent.ID)
	round, err := d.store.Inspection(ctx, h.surveyor, today, round.ID)
	d.must(err)
	round, err = d.tryForm(h.surveyor, round, 0, true)
	d.must(err)
	round = d.form(d.lead, round, 1, "intact", true)

	tables := []string{"assignment", "inspection", "inspection_signature", "marker_form", "track", "track_result"}
	counts := func(actor gazetteer.Actor) (n [6]int) {
		for i, table := range tables {
			n[i] = d.countAs(actor, table)
		}
		return n
	}
	if got := counts(h.surveyor); got != [6]int{1, 1, 0, 1, 1, 1} {
		t.Errorf("the surveyor reads %v of %v", got, tables)
	}
	if got := counts(h.another); got != [6]int{1, 1, 0, 0, 0, 0} {
		t.Errorf("another contractor reads %v of %v", got, tables)
	}
	if got := counts(h.keeper); got != [6]int{} {
		t.Errorf("a keeper of the bureau without markers reads %v of %v", got, tables)
	}
	if got := counts(d.lead); got != [6]int{1, 1, 0, 2, 1, 1} {
		t.Errorf("the wall keeps out whose it is: %v of %v", got, tables)
	}
	if d.countAs(d.other, `assignment where office_id = '`+d.lead.OfficeID.String()+`'`) != 0 {
		t.Error("the other county reads whom the first has hired")
	}
	open := d.store.WithoutFirstWall()
	for name, actor := range map[string]gazetteer.Actor{"another contractor": h.another, "a keeper": h.keeper} {
		_, err := open.Track(ctx, actor, today, sent.ID)
		d.wantKind(err, fault.NotFound, name)
		_, err = open.Assignment(ctx, actor, today, task.ID)
		d.wantKind(err, fault.NotFound, name)
	}
	writes := []string{
		`update track set file_name = 'x'`, `update track set uploaded_by = acting_account()`, `update track_result set inspection_id = null`,
		`update marker_form set found = 'lost'`, `update inspection set version = version + 1`, `delete from inspection`,
		`update assignment set ended_at = null, end_reason = null`, `update inspection_signature set voided_at = now(), void_reason = 'x'`,
		fmt.Sprintf(`insert into inspection_signature (id, inspection_id, office_id, account_id, content_sha256, signed_at)
			values (gen_random_uuid(), '%s', '%s', acting_account(), repeat('a', 64), now())`, round.ID, d.lead.OfficeID),
		fmt.Sprintf(`insert into marker_form (id, office_id, inspection_id, marker_id, found, checked_on, filled_by)
			values (gen_random_uuid(), '%s', '%s', '%s', 'lost', now(), acting_account())`, d.lead.OfficeID, round.ID, d.markers[2].ID),
		fmt.Sprintf(`insert into track (id, office_id, uploaded_by, line_id, sha256, file_name, receiver, sigma_m, state, receipt, received_at)
			select gen_random_uuid(), '%s', acting_account(), '%s', sha256, 'x', 'phone', 8, 'received', '{}', now() from evidence`, d.lead.OfficeID, d.line),
		fmt.Sprintf(`insert into assignment (id, office_id, account_id, line_id, role, valid, assigned_by, assigned_at)
			values (gen_random_uuid(), '%s', acting_account(), '%s', 'surveyor', daterange('2030-01-01', '2030-02-01'), acting_account(), now())`, d.lead.OfficeID, d.line),
	}
	for name, actor := range map[string]gazetteer.Actor{"another contractor": h.another, "a keeper": h.keeper} {
		for _, sql := range writes {
			if d.changesAs(actor, sql) {
				t.Errorf("%s did: %s", name, sql)
			}
		}
	}
	for _, sql := range []string{writes[4], writes[5], writes[6], writes[7], writes[8], writes[11]} {
		if d.changesAs(h.surveyor, sql) {
			t.Errorf("the surveyor did, while assigned: %s", sql)
		}
	}
	d.end(d.lead, task)
	if got := counts(h.surveyor); got != [6]int{} {
		t.Errorf("after the end the surveyor reads %v of %v", got, tables)
	}
	for _, sql := range writes {
		if d.changesAs(h.surveyor, sql) {
			t.Errorf("after the end the surveyor did: %s", sql)
		}
	}
	_, err = open.Track(ctx, h.surveyor, today, sent.ID)
	d.wantKind(err, fault.NotFound, "his track after the end")
	_, err = open.Inspection(ctx, h.surveyor, today, round.ID)
	d.wantKind(err, fault.NotFound, "the round after the end")
}

// TestBothWallsAgreeOnWhoWorksByAssignment walks office kinds × roles.
func TestBothWallsAgreeOnWhoWorksByAssignment(t *testing.T) {
	d := newDesk(t)
	actor := d.accountIn("anybody", gazsql.Office{Name: "某单位", Kind: "applicant"})
	change := func(sql string, args ...any) {
		_, err := d.db.Super.Exec(context.Background(), sql, args...)
		d.must(err)
	}
	for _, actor.OfficeKind = range gazsql.OfficeKinds {
		change(`update office set kind = $2 where id = $1`, actor.OfficeID, actor.OfficeKind)
		for _, actor.Roles = range append([][]gazetteer.Role{{}}, pairs(gazetteer.Keeper)...) {
			change(`delete from account_role where account_id = $1`, actor.AccountID)
			change(`insert into account_role (account_id, role) select $1, unnest($2::text[])`, actor.AccountID, actor.Roles)
			if sql := d.countAs(actor, `(select) x where acting_by_assignment()`) == 1; sql != boundary.ByAssignment(actor) {
				t.Errorf("%s %v: %v in the database, %v here", actor.OfficeKind, actor.Roles, sql, !sql)
			}
		}
	}
}

// pairs are every role alone, and with the one given.
func pairs(with gazetteer.Role) (out [][]gazetteer.Role) {
	for _, r := range gazetteer.Roles {
		out = append(out, []gazetteer.Role{r})
		if r != with {
			out = append(out, []gazetteer.Role{with, r})
		}
	}
	return out
}

// TestTheJournalIsReadByItsOwn holds the second wall over the journal: who works by assignment reads what he wrote himself,
// and the bureau that commissioned it reads what was done to its tracks and forms.
func TestTheJournalIsReadByItsOwn(t *testing.T) {
	d := newDesk(t)
	round := d.inField()
	h := d.hands()
	d.assign(d.lead, h.surveyor)
	d.must(d.tryUpload(h.surveyor, round.ID))
	_, err := d.tryForm(h.surveyor, round, 0, false)
	d.must(err)
	const his = `journal where subject ~ '^(track|marker-form)/'`
	for name, want := range map[string]struct {
		actor gazetteer.Actor
		n     int
	}{
		"who did it": {h.surveyor, 2}, "his colleague": {h.another, 0}, "a keeper of the bureau": {h.keeper, 0},
		"the bureau that commissioned it": {d.lead, 2}, "the other county": {d.other, 0}, "a stranger": {d.stranger, 0},
	} {
		if n := d.countAs(want.actor, his); n != want.n {
			t.Errorf("%s reads %d entries, wanted %d", name, n, want.n)
		}
	}
	for _, hand := range []gazetteer.Actor{h.surveyor, h.another, h.keeper} {
		if n := d.countAs(hand, `journal where actor <> $1`, hand.AccountID.String()); n != 0 {
			t.Errorf("%s reads %d entries that he did not write", hand.Login, n)
		}
	}
}

func TestAssigneesAreThoseWhoFit(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	abroad := d.accountIn("abroad", gazsql.Office{Name: "渝中测绘队", Kind: "contractor", DivisionID: &d.stranger.Jurisdiction}, gazetteer.Surveyor)
	gaz := gazsql.New(d.db.Pool)
	_, _, err := gaz.ActOnAccount(ctx, importer, today, h.another.AccountID, 1, gazsql.AccountAction{Name: "disable", Reason: "离岗"})
	d.must(err)
	for role, want := range map[gazetteer.Role][]string{gazetteer.Surveyor: {h.surveyor.Login}, gazetteer.Keeper: {h.keeper.Login}} {
		found, err := d.store.Assignees(ctx, d.lead, today, d.line, role)
		d.must(err)
		var logins []string
		for _, a := range found {
			logins = append(logins, a.Account)
		}
		if !slices.Equal(logins, want) {
			t.Errorf("as %s: %v, wanted %v; not %s, who works in another county", role, logins, want, abroad.Login)
		}
	}
	_, err = d.store.Assignees(ctx, d.lead, today, d.line, gazetteer.Clerk)
	d.wantKind(err, fault.Malformed, "another role")
	_, err = d.store.Assignees(ctx, d.stranger, today, d.line, gazetteer.Keeper)
	d.wantKind(err, fault.Forbidden, "a stranger")
	_, err = d.store.Assignees(ctx, d.lead, today, uuid.New(), gazetteer.Keeper)
	d.wantKind(err, fault.NotFound, "no such line")
}

// TestASubmissionOfWhatAColleagueSentEndsWithAReceipt: the bureau has the file once, and who sent it again his receipt, but
// nothing of his colleague's track or photo.
func TestASubmissionOfWhatAColleagueSentEndsWithAReceipt(t *testing.T) {
	d := newDesk(t)
	h := d.hands()
	d.assign(d.lead, h.surveyor)
	d.assign(d.lead, h.another)
	gpx := file{"a.gpx", boundary.SynthesizeTrack(d.chain, boundary.Walk{Seed: 77, SpacingM: 5, ToM: 500, Start: today})}
	picture := file{"a.jpg", d.atMarker(0, today)}
	first, err := d.handIn(h.another, uuid.Nil, gpx, picture)
	d.must(err)
	own := file{"b.gpx", boundary.SynthesizeTrack(d.chain, boundary.Walk{Seed: 77, SpacingM: 5, ToM: 600, Start: today})}
	second, err := d.handIn(h.surveyor, uuid.Nil, gpx, picture, own)
	d.must(err)
	if second.State != "received" || second.Receipt == nil || len(second.Receipt.Files) != 3 || second.Receipt.SubmissionID == first.Receipt.SubmissionID {
		t.Fatalf("%+v", second)
	}
	if u := second.Files; u[0].TrackID != nil || u[1].PhotoID != nil || u[2].TrackID == nil {
		t.Errorf("%+v", u)
	}
	var tracks, photos int
	d.must(d.db.Super.QueryRow(context.Background(), `select (select count(*) from track), (select count(*) from photo)`).Scan(&tracks, &photos))
	if tracks != 2 || photos != 1 {
		t.Errorf("%d tracks, %d photos", tracks, photos)
	}
	d.wantKind(func() error {
		_, err := d.store.Track(context.Background(), h.surveyor, today, *first.Files[0].TrackID)
		return err
	}(), fault.NotFound, "his colleague's track")
}
