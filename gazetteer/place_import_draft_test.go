package gazetteer

import (
	"testing"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

func TestWhoActsOnAnImport(t *testing.T) {
	of := func(roles ...Role) Actor {
		return Actor{AccountID: uuid.New(), OfficeKind: "civil-affairs", Jurisdiction: uuid.New(), Roles: roles}
	}
	clerk, approver, auditor := of(Clerk), of(Approver), of(Auditor)
	township, nowhere := of(Clerk), of(Clerk)
	township.OfficeKind, nowhere.Jurisdiction = "township-government", uuid.Nil
	rows := func(same, changed, fresh, twin, refused int) map[ImportVerdict]int {
		return map[ImportVerdict]int{ImportSame: same, ImportChanged: changed, ImportNew: fresh, ImportTwin: twin, ImportRefused: refused}
	}
	judged := ImportFigures{State: ImportJudged, Rows: rows(1, 1, 1, 0, 0)}
	with := func(f ImportFigures, change func(*ImportFigures)) ImportFigures {
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		who    Actor
		f      ImportFigures
		action string
		want   string
	}{
		"the approver commits":            {approver, judged, "commit", ""},
		"the clerk does not":              {clerk, judged, "commit", "approver-needed"},
		"the auditor reads":               {auditor, judged, "judge", "not-yours"},
		"a township does not":             {township, judged, "judge", "not-yours"},
		"nor who keeps no division":       {nowhere, judged, "judge", "not-yours"},
		"the clerk judges":                {clerk, judged, "judge", ""},
		"and judges what was not yet":     {clerk, ImportFigures{State: ImportOpen}, "judge", ""},
		"not while it is judged":          {clerk, ImportFigures{State: ImportJudging}, "judge", "import-under-way"},
		"but abandons then":               {clerk, ImportFigures{State: ImportCommitting}, "abandon", ""},
		"an end is one":                   {clerk, ImportFigures{State: ImportCommitted}, "abandon", "import-ended"},
		"another action":                  {clerk, judged, "publish", "action-unknown"},
		"nothing is committed unseen":     {approver, ImportFigures{State: ImportOpen}, "commit", "not-judged"},
		"nor with decisions unseen":       {approver, with(judged, func(f *ImportFigures) { f.Pending = 1 }), "commit", "decisions-pending"},
		"nor with doubtful rows":          {approver, with(judged, func(f *ImportFigures) { f.Rows = rows(1, 1, 1, 1, 0) }), "commit", "twins-undecided"},
		"nor with bad rows":               {approver, with(judged, func(f *ImportFigures) { f.Rows = rows(1, 1, 1, 0, 1) }), "commit", "rows-refused"},
		"but where they are to be left":   {approver, with(judged, func(f *ImportFigures) { f.Rows, f.Partial = rows(1, 1, 1, 0, 1), true }), "commit", ""},
		"where there is nothing to write": {approver, with(judged, func(f *ImportFigures) { f.Rows = rows(3, 0, 0, 0, 0) }), "commit", "nothing-to-import"},
	} {
		err := CheckImportAction(c.who, c.f, c.action)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if open := ImportActions(approver, judged); len(open) != 3 || open[1].Needs[0] != Confirmation {
		t.Errorf("the approver can %v", open)
	}
}

func TestDecisionsFit(t *testing.T) {
	place := uuid.New()
	doubtful := ImportRow{Row: 1, Verdict: ImportTwin, Twins: []TwinSuspect{{ID: place.String()}, {Row: 7}}}
	for name, c := range map[string]struct {
		row     ImportRow
		decided bool
		as      string
		place   uuid.UUID
		want    string
	}{
		"the place it looks like":  {doubtful, false, "same", place, ""},
		"another place":            {doubtful, false, "same", uuid.New(), "not-a-suspect"},
		"a new one":                {doubtful, false, "new", uuid.Nil, ""},
		"one that all are":         {ImportRow{Row: 1, Verdict: ImportNew, Twins: doubtful.Twins}, false, "aside", uuid.Nil, ""},
		"one decided before":       {ImportRow{Row: 1, Verdict: ImportSame}, true, "undecided", uuid.Nil, ""},
		"one that is not doubtful": {ImportRow{Row: 1, Verdict: ImportNew}, false, "aside", uuid.Nil, "row-not-doubtful"},
	} {
		err := ImportDecision{Rows: []int{1}, As: c.as, Place: c.place}.Fits(c.row, c.decided)
		if c.want == "" && err != nil || c.want != "" && !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []ImportDecision{{Rows: []int{1}, As: "x"}, {Rows: []int{1}, As: "same"}, {Rows: []int{1}, As: "new", Place: place}, {As: "new"}, {Rows: []int{1, 2, 1}, As: "new"}, {Rows: make([]int, 1001), As: "new"}} {
		if err := bad.Check(); !fault.Is(err, "bad-decision") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestARowIsKeptWithinTheJurisdiction(t *testing.T) {
	here, there := uuid.New(), uuid.New()
	ours := func(division uuid.UUID) bool { return division == here }
	for division, want := range map[uuid.UUID]ImportVerdict{here: ImportChanged, there: ImportRefused} {
		j := PlaceJudgement{Verdict: ImportChanged, Standing: &StandingPlace{Division: division}, Changes: []PlaceChange{{Field: "position"}}}
		j.KeepWithin(ours)
		if j.Verdict != want || (len(j.Changes) == 0) != (want == ImportRefused) {
			t.Errorf("%+v, wanted %s", j, want)
		}
	}
	same := PlaceJudgement{Verdict: ImportSame, Standing: &StandingPlace{Division: there}}
	if same.KeepWithin(ours); same.Verdict != ImportSame {
		t.Errorf("a place of others that stays as it is: %s", same.Verdict)
	}
}

// TestImportKeysTellChangesApart holds keys against what would be written.
func TestImportKeysTellChangesApart(t *testing.T) {
	p := StandingPlace{ID: uuid.New(), Version: 3}
	base := PlaceJudgement{Verdict: ImportChanged, Standing: &p, Changes: []PlaceChange{{"position", "1", "2"}}}
	base.Row = 7
	moved, older := base, base
	moved.Changes = []PlaceChange{{"position", "1", "3"}}
	standing := p
	standing.Version = 4
	older.Standing = &standing
	keys := map[string]bool{}
	for _, j := range []PlaceJudgement{base, moved, older, {Verdict: ImportNew}} {
		keys[ImportKey(j)] = true
	}
	if len(keys) != 4 || !keys[ImportKey(base)] {
		t.Errorf("got %v", keys)
	}
	same, grown := PlaceJudgement{Verdict: ImportSame, Standing: &p}, PlaceJudgement{Verdict: ImportSame, Standing: &standing}
	if ImportKey(same) != ImportKey(grown) {
		t.Error("what is left as it is counts its versions")
	}
}
