package boundary_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

var (
	surveyed  = uuid.UUID{20} // a line
	firstMark = uuid.UUID{21}
	nextMark  = uuid.UUID{22}
	hand      = uuid.UUID{23} // an account
)

// task is a surveyor's of the lead office for April.
func task() boundary.Assignment {
	return boundary.Assignment{
		OfficeID: leadOffice, AccountID: hand, LineID: surveyed, Role: gazetteer.Surveyor,
		Ranges: []boundary.Range{{FromM: 1000, ToM: 4000}}, From: "2026-04-01", To: "2026-05-01",
	}
}

func TestAnAssignmentRunsFromItsFirstDayToBeforeItsLast(t *testing.T) {
	for day, want := range map[string]boundary.AssignmentState{
		"2026-03-31": boundary.AssignmentUpcoming, "2026-04-01": boundary.AssignmentRunning,
		"2026-04-30": boundary.AssignmentRunning, "2026-05-01": boundary.AssignmentEnded,
	} {
		if got := task().State(day); got != want {
			t.Errorf("%s: %s, wanted %s", day, got, want)
		}
	}
	ended := task()
	ended.EndedAt = &morning
	if got := ended.State("2026-04-10"); got != boundary.AssignmentEnded {
		t.Errorf("ended before its time: %s", got)
	}
}

func TestAnAssignmentEntrustsOnePersonWithOneLine(t *testing.T) {
	who := gazetteer.Actor{AccountID: hand, OfficeKind: "contractor", Roles: []gazetteer.Role{gazetteer.Surveyor}}
	other, unroled := who, who
	other.AccountID, unroled.Roles = uuid.UUID{9}, []gazetteer.Role{gazetteer.Keeper}
	for name, c := range map[string]struct {
		who  gazetteer.Actor
		line uuid.UUID
		day  string
		want bool
	}{
		"in time":                {who, surveyed, "2026-04-10", true},
		"before":                 {who, surveyed, "2026-03-10", false},
		"after":                  {who, surveyed, "2026-05-01", false},
		"another line":           {who, uuid.UUID{99}, "2026-04-10", false},
		"somebody else":          {other, surveyed, "2026-04-10", false},
		"without the role since": {unroled, surveyed, "2026-04-10", false},
		"nobody":                 {gazetteer.Actor{}, surveyed, "2026-04-10", false},
	} {
		if got := task().Entrusts(c.who, c.line, c.day); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	listed := task()
	listed.Markers = []uuid.UUID{firstMark}
	whole := task()
	whole.Ranges = nil
	for name, c := range map[string]struct {
		task   boundary.Assignment
		marker uuid.UUID
		at     float64
		want   bool
	}{
		"within the stretch": {task(), firstMark, 4000, true}, "beyond the stretch": {task(), firstMark, 4001, false},
		"listed": {listed, firstMark, 9000, true}, "not listed": {listed, nextMark, 2000, false}, "anywhere": {whole, nextMark, 9000, true},
	} {
		if got := c.task.CoversMarker(c.marker, c.at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhoWorksByAssignmentStandsForNoOffice(t *testing.T) {
	division := uuid.UUID{30}
	keeper := gazetteer.Actor{
		AccountID: hand, OfficeID: leadOffice, OfficeKind: "civil-affairs", Jurisdiction: division, Roles: []gazetteer.Role{gazetteer.Keeper},
	}
	officer := keeper
	officer.Roles = append(slices.Clone(keeper.Roles), gazetteer.PartyOfficer)
	contractor := officer
	contractor.OfficeKind = "contractor"
	for name, c := range map[string]struct {
		who  gazetteer.Actor
		by   bool
		want boundary.Standing
	}{
		"a keeper of the bureau":            {keeper, true, boundary.Stranger},
		"an officer who keeps as well":      {officer, false, boundary.Party},
		"a contractor, whatever its duties": {contractor, true, boundary.Stranger},
		"the system":                        {gazetteer.Actor{System: "demo"}, false, boundary.Stranger},
	} {
		if got := boundary.ByAssignment(c.who); got != c.by {
			t.Errorf("%s works by assignment: %v", name, got)
		}
		if got := boundary.StandingOf(c.who, gazetteer.Lineage{}, division, uuid.UUID{31}); got != c.want {
			t.Errorf("%s stands as %q", name, got)
		}
	}
}

func TestAnAssignmentIsCheckedWhole(t *testing.T) {
	surveyor := boundary.Assignee{AccountID: hand, OfficeID: uuid.UUID{40}, OfficeKind: "contractor", Roles: []gazetteer.Role{gazetteer.Surveyor, gazetteer.Keeper}}
	change := func(f func(*boundary.Assignment, *boundary.Assignee)) (boundary.Assignment, boundary.Assignee) {
		a, who := task(), surveyor
		f(&a, &who)
		return a, who
	}
	for name, c := range map[string]struct {
		change func(*boundary.Assignment, *boundary.Assignee)
		want   []string
	}{
		"right": {func(*boundary.Assignment, *boundary.Assignee) {}, nil},
		"a keeper of the own office": {func(a *boundary.Assignment, w *boundary.Assignee) {
			a.Role, a.Markers, w.OfficeID, w.OfficeKind = gazetteer.Keeper, []uuid.UUID{firstMark}, leadOffice, "civil-affairs"
		}, nil},
		"a keeper of a town": {func(a *boundary.Assignment, w *boundary.Assignee) {
			a.Role, a.Markers, w.OfficeKind = gazetteer.Keeper, []uuid.UUID{firstMark}, "township-government"
		}, nil},
		"a keeper of another bureau": {func(a *boundary.Assignment, w *boundary.Assignee) {
			a.Role, a.Markers, w.OfficeKind = gazetteer.Keeper, []uuid.UUID{firstMark}, "civil-affairs"
		}, []string{"not-assignable"}},
		"a surveyor of another bureau": {func(_ *boundary.Assignment, w *boundary.Assignee) { w.OfficeKind = "civil-affairs" }, []string{"not-assignable"}},
		"no surveyor":                  {func(_ *boundary.Assignment, w *boundary.Assignee) { w.Roles = nil }, []string{"role-missing"}},
		"as a leader":                  {func(a *boundary.Assignment, _ *boundary.Assignee) { a.Role = gazetteer.PartyLeader }, []string{"bad-role"}},
		"everything at once": {func(a *boundary.Assignment, w *boundary.Assignee) {
			w.Roles, a.Ranges, a.Markers, a.To = nil, []boundary.Range{{FromM: 5, ToM: 99_999}}, []uuid.UUID{nextMark}, a.From
		}, []string{"role-missing", "bad-range", "marker-unknown", "bad-span"}},
		"a keeper of nothing": {func(a *boundary.Assignment, _ *boundary.Assignee) { a.Role = gazetteer.Keeper }, []string{"markers-missing"}},
		"over already":        {func(a *boundary.Assignment, _ *boundary.Assignee) { a.From, a.To = "2026-01-01", "2026-02-01" }, []string{"bad-span"}},
		"for ever":            {func(a *boundary.Assignment, _ *boundary.Assignee) { a.To = "2099-01-01" }, []string{"bad-span"}},
		"on no day":           {func(a *boundary.Assignment, _ *boundary.Assignee) { a.From = "soon" }, []string{"bad-day"}},
	} {
		a, who := change(c.change)
		var got []string
		for _, f := range a.Check(who, 15_000, []uuid.UUID{firstMark}, "2026-03-15") {
			got = append(got, f.Code)
			if f.Pointer == "" || f.Detail == "" || f.Severity != fault.Block {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, wanted %v", name, got, c.want)
		}
	}
}

// Every role × office: the assignment is ended by those who may commission, and read by the office, the bureau above and
// the one assigned.
func TestWhoReadsAndEndsAnAssignment(t *testing.T) {
	offices := map[string]struct {
		id       uuid.UUID
		kind     string
		standing boundary.Standing
	}{
		"own": {leadOffice, "civil-affairs", boundary.Party}, "other": {otherOffice, "civil-affairs", boundary.Party},
		"above": {cityOffice, "civil-affairs", boundary.Above}, "contractor": {uuid.UUID{40}, "contractor", boundary.Stranger},
	}
	const day = "2026-04-10"
	for name, o := range offices {
		for _, role := range gazetteer.Roles {
			who := gazetteer.Actor{AccountID: uuid.UUID{50}, OfficeID: o.id, OfficeKind: o.kind, Roles: []gazetteer.Role{role}}
			ends := name == "own" && (role == gazetteer.PartyOfficer || role == gazetteer.PartyLeader)
			reads := name == "own" && slices.Contains([]gazetteer.Role{
				gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Superior, gazetteer.ApprovalAuthority, gazetteer.Surveyor, gazetteer.Archivist, gazetteer.Auditor,
			}, role) || name == "above" && (role == gazetteer.Superior || role == gazetteer.Auditor)
			next, err := task().Apply(boundary.AssignmentAction{Name: "end", Reason: "完成"}, who, morning, day)
			if (err == nil) != ends || (len(task().OpenActions(who, day)) == 1) != ends {
				t.Errorf("%s %s ends: %v", name, role, err)
			}
			if ends && next.State(day) != boundary.AssignmentEnded {
				t.Errorf("%s %s: %s", name, role, next.State(day))
			}
			if got := task().ReadBy(who, o.standing, day); got != reads {
				t.Errorf("%s %s reads: %v", name, role, got)
			}
			if boundary.MayCommission(who, o.standing) != (o.standing == boundary.Party && (role == gazetteer.PartyOfficer || role == gazetteer.PartyLeader)) {
				t.Errorf("%s %s commissions", name, role)
			}
		}
	}
	mine := gazetteer.Actor{AccountID: hand, OfficeKind: "contractor", Roles: []gazetteer.Role{gazetteer.Surveyor}}
	if !task().ReadBy(mine, boundary.Stranger, day) || task().ReadBy(mine, boundary.Stranger, "2026-05-01") || len(task().OpenActions(mine, day)) != 0 {
		t.Error("the one assigned reads it until its end, and does not end it")
	}
	officer := gazetteer.Actor{AccountID: uuid.UUID{50}, OfficeID: leadOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	for code, in := range map[string]boundary.AssignmentAction{"reason-missing": {Name: "end"}, "action-not-open": {Name: "sign", Reason: "x"}} {
		if _, err := task().Apply(in, officer, morning, day); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	if _, err := task().Apply(boundary.AssignmentAction{Name: "end", Reason: "x"}, officer, morning, "2026-06-01"); !fault.Is(err, "action-not-open") {
		t.Errorf("ending what has ended: %v", err)
	}
}
