package boundary_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// TestEveryStateOfAMarkerWithEveryWork walks the whole product of states, kinds and fits; what is not listed puts a finding on record
// and moves nothing, and refuses what is done.
func TestEveryStateOfAMarkerWithEveryWork(t *testing.T) {
	moves := map[string]boundary.MarkerState{
		"intact damaged within": boundary.Damaged, "intact damaged beyond": boundary.Damaged, "intact damaged ": boundary.Damaged,
		"intact not-found within": boundary.Lost, "intact not-found beyond": boundary.Lost, "intact not-found ": boundary.Lost,
		"damaged not-found within": boundary.Lost, "damaged not-found beyond": boundary.Lost, "damaged not-found ": boundary.Lost,
		"intact deviates beyond":            boundary.SuspectedMoved,
		"suspected-moved remeasured beyond": boundary.Moved, "suspected-moved remeasured within": boundary.Intact,
		"damaged plan within": boundary.AwaitingRestoration, "damaged plan beyond": boundary.AwaitingRestoration, "damaged plan ": boundary.AwaitingRestoration,
		"lost plan within": boundary.AwaitingRestoration, "lost plan beyond": boundary.AwaitingRestoration, "lost plan ": boundary.AwaitingRestoration,
		"moved plan within": boundary.AwaitingRestoration, "moved plan beyond": boundary.AwaitingRestoration, "moved plan ": boundary.AwaitingRestoration,
		"awaiting-restoration restoration within": boundary.Restored,
		"restored intact within":                  boundary.Intact, "restored intact beyond": boundary.Intact, "restored intact ": boundary.Intact,
	}
	walked := 0
	for _, s := range boundary.MarkerStates {
		if s.Label() == "" {
			t.Errorf("%s has no word", s)
		}
		for _, k := range boundary.WorkKinds {
			for _, fit := range []boundary.Fit{boundary.Within, boundary.Beyond, boundary.Unmeasured} {
				want, moving := moves[string(s)+" "+string(k)+" "+string(fit)]
				if !moving {
					want = s
				}
				done := k == boundary.Remeasured || k == boundary.Planned || k == boundary.RestoredHere
				wantOK := moving || s != boundary.Retired && !done
				if to, ok := s.After(k, fit); to != want || ok != wantOK {
					t.Errorf("%s %s %q: got %s, %v, wanted %s, %v", s, k, fit, to, ok, want, wantOK)
				}
				if err := s.Takes(k, fit); (err == nil) != wantOK || err != nil && (!fault.Is(err, "marker-state") || strings.HasSuffix(err.Error(), "：")) {
					t.Errorf("%s %s %q: got %v", s, k, fit, err)
				}
				walked++
			}
		}
	}
	if walked != 8*8*3 {
		t.Errorf("walked %d", walked)
	}
}

// TestLimitsOfPositions are those of the domain research, 5.5, and of its scenarios 14 and 15.
func TestLimitsOfPositions(t *testing.T) {
	for _, c := range []struct{ sigma, registered, limit float64 }{{0.05, 0.05, 0.2121}, {0.05, 1, 3.0037}, {8, 1, 24.187}, {0.05, 5, 15.0007}, {0.05, 0, 15.0007}, {0.05, 10, 30.0004}} {
		if got := boundary.MarkerLimitM(c.sigma, c.registered); got < c.limit-0.001 || got > c.limit+0.001 {
			t.Errorf("%v and %v: got %v, wanted %v", c.sigma, c.registered, got, c.limit)
		}
	}
}

func TestWhatIsWrongWithWork(t *testing.T) {
	a, b := uuid.New(), uuid.New()
	facts := boundary.WorkFacts{Marker: boundary.Intact, Registered: [2]float64{106.5, 29.5}, RegisteredSigmaM: 1, Parties: []uuid.UUID{a, b}}
	sigma := 0.05
	sound := boundary.WorkContent{DoneOn: "2026-11-20", Note: "x", NoPhotos: "无网络", Observed: []float64{106.5, 29.5, 300}, SigmaM: &sigma, Method: "rtk"}
	with := func(k boundary.WorkKind, change func(*boundary.WorkContent)) boundary.WorkContent {
		c := sound
		c.Kind = k
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		in   boundary.WorkContent
		code string // "" for none
	}{
		"intact":                     {with(boundary.FoundIntact, func(*boundary.WorkContent) {}), ""},
		"no such":                    {with("buried", func(*boundary.WorkContent) {}), "work-kind"},
		"tomorrow":                   {with(boundary.FoundIntact, func(c *boundary.WorkContent) { c.DoneOn = "2026-11-25" }), "bad-day"},
		"damaged unsaid":             {with(boundary.FoundDamaged, func(c *boundary.WorkContent) { c.Note = "" }), "note-missing"},
		"not found, not searched":    {with(boundary.FoundNothing, func(c *boundary.WorkContent) { c.Note = "" }), "note-missing"},
		"not found, no photo":        {with(boundary.FoundNothing, func(c *boundary.WorkContent) { c.NoPhotos = "" }), "photos-missing"},
		"a photo of others":          {with(boundary.FoundDamaged, func(c *boundary.WorkContent) { c.Photos = []uuid.UUID{a} }), "photo-unknown"},
		"deviates unmeasured":        {with(boundary.FoundApart, func(c *boundary.WorkContent) { c.Observed = nil }), "observed-missing"},
		"half a position":            {with(boundary.FoundApart, func(c *boundary.WorkContent) { c.Observed = []float64{106.5} }), "bad-observed"},
		"nowhere":                    {with(boundary.FoundApart, func(c *boundary.WorkContent) { c.Observed = []float64{1060, 29.5} }), "bad-observed"},
		"in the next county":         {with(boundary.FoundApart, func(c *boundary.WorkContent) { c.Observed = []float64{106.7, 29.5} }), "observed-far"},
		"without sigma":              {with(boundary.FoundApart, func(c *boundary.WorkContent) { c.SigmaM = nil }), "bad-sigma"},
		"remeasured by phone":        {with(boundary.Remeasured, func(c *boundary.WorkContent) { c.Method = "phone" }), "bad-method"},
		"upkeep of nothing":          {with(boundary.UpkeepDone, func(*boundary.WorkContent) {}), "measures-missing"},
		"clearing":                   {with(boundary.UpkeepDone, func(c *boundary.WorkContent) { c.Measures = []string{"clear", "repaint"} }), ""},
		"repair as upkeep":           {with(boundary.UpkeepDone, func(c *boundary.WorkContent) { c.Measures = []string{"repair"} }), "repair-is-no-upkeep"},
		"righting as upkeep":         {with(boundary.UpkeepDone, func(c *boundary.WorkContent) { c.Measures = []string{"righting"} }), "repair-is-no-upkeep"},
		"a measure of a finding":     {with(boundary.FoundIntact, func(c *boundary.WorkContent) { c.Measures = []string{"clear"} }), "bad-measure"},
		"a plan without its day":     {with(boundary.Planned, func(c *boundary.WorkContent) { c.Measures, c.CustodianID = []string{"repair"}, &a }), "bad-day"},
		"a term of what is no plan":  {with(boundary.FoundIntact, func(c *boundary.WorkContent) { c.DueOn = "明年" }), "plan-only"},
		"a plan without whose it is": {with(boundary.Planned, func(c *boundary.WorkContent) { c.Measures, c.DueOn = []string{"repair"}, "2026-12-31" }), "custodian-missing"},
		"a plan": {with(boundary.Planned, func(c *boundary.WorkContent) {
			c.Measures, c.DueOn, c.CustodianID = []string{"repair"}, "2026-12-31", &b
		}), ""},
	} {
		found := c.in.Check(facts, "2026-11-24")
		if c.code == "" && len(found) > 0 || c.code != "" && !slices.ContainsFunc(found, func(f fault.Finding) bool { return f.Code == c.code }) {
			t.Errorf("%s: got %v, wanted %q", name, found, c.code)
		}
	}
	facts.RightingIsUpkeep = true
	if found := with(boundary.UpkeepDone, func(c *boundary.WorkContent) { c.Measures = []string{"righting"} }).Check(facts, "2026-11-24"); len(found) > 0 {
		t.Errorf("righting where it is upkeep: %v", found)
	}
}

// TestWhoTakesWhichStepOfWork walks states, actions, seats, roles and kinds.
func TestWhoTakesWhichStepOfWork(t *testing.T) {
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	own, other := uuid.New(), uuid.New()
	writer := uuid.New()
	says := strings.Repeat("a", 64)
	actors := map[string]struct {
		gazetteer.Actor
		boundary.Seat
	}{
		"own":      {gazetteer.Actor{AccountID: uuid.New(), OfficeID: own, OfficeKind: "civil-affairs"}, boundary.Seat{Standing: boundary.Party, Side: a}},
		"other":    {gazetteer.Actor{AccountID: uuid.New(), OfficeID: other, OfficeKind: "civil-affairs"}, boundary.Seat{Standing: boundary.Party, Side: b}},
		"third":    {gazetteer.Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs"}, boundary.Seat{Standing: boundary.Party, Side: c}},
		"above":    {gazetteer.Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs"}, boundary.Seat{Standing: boundary.Above}},
		"stranger": {gazetteer.Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs"}, boundary.Seat{}},
		"assigned": {gazetteer.Actor{AccountID: writer, OfficeID: uuid.New(), OfficeKind: "contractor"}, boundary.Seat{}},
	}
	at := time.Now()
	for _, state := range boundary.WorkStates {
		for _, kind := range boundary.WorkKinds {
			w := boundary.MarkerWork{State: state, Kind: kind, OfficeID: own, Party: a, Others: []uuid.UUID{b, c}, WrittenBy: writer, ContentSHA256: says, Marker: boundary.Intact}
			for name, who := range actors {
				for _, role := range gazetteer.Roles {
					actor := who.Actor
					actor.Roles, actor.ConfirmedAt = []gazetteer.Role{role}, at
					ownSide := name == "own" && slices.Contains([]gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}, role) ||
						name == "assigned" && !kind.Together()
					beside := (name == "other" || name == "third") && (role == gazetteer.PartyOfficer || role == gazetteer.PartyLeader)
					open := map[string]bool{
						"submit": state == boundary.WorkDraft && ownSide, "confirm": state == boundary.WorkSubmitted && beside, "refuse": state == boundary.WorkSubmitted && beside,
						"record": state == boundary.WorkSubmitted && ownSide, "withdraw": (state == boundary.WorkDraft || state == boundary.WorkSubmitted) && ownSide,
					}
					offered := map[string]bool{}
					for _, o := range w.OpenActions(actor, who.Seat) {
						offered[o.Name] = true
					}
					for action, want := range open {
						if offered[action] != want {
							t.Fatalf("%s %s: %s as %s is offered %s: %v", state, kind, name, role, action, !want)
						}
						_, err := w.Apply(boundary.WorkAction{Name: action, Reason: "x", ContentSHA256: says}, actor, who.Seat, at, func(uuid.UUID) string { return "乙" })
						if mine := err == nil || fault.Is(err, "marker-state") || fault.Is(err, "witness-missing") || fault.Is(err, "second-missing"); mine != want {
							t.Fatalf("%s %s: %s as %s takes %s: %v", state, kind, name, role, action, err)
						}
					}
					actor.Token = true
					for _, o := range w.OpenActions(actor, who.Seat) {
						if o.Name == "confirm" || kind.Together() && (o.Name == "submit" || o.Name == "record") {
							t.Fatalf("a token may %s %s", o.Name, kind)
						}
					}
				}
			}
		}
	}
}

// TestEverySideOfAStoneOfThreeIsNeeded: no repair is recorded before the third party has confirmed it too.
func TestEverySideOfAStoneOfThreeIsNeeded(t *testing.T) {
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	says, name := strings.Repeat("a", 64), func(p uuid.UUID) string { return map[uuid.UUID]string{b: "乙区", c: "丙区"}[p] }
	w := boundary.MarkerWork{
		State: boundary.WorkSubmitted, Kind: boundary.RestoredHere, Fit: boundary.Within, OfficeID: uuid.New(), Party: a, Others: []uuid.UUID{b, c}, ContentSHA256: says,
		Marker: boundary.AwaitingRestoration,
	}
	own := gazetteer.Actor{AccountID: uuid.New(), OfficeID: w.OfficeID, Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	tried := func() *fault.Error {
		t.Helper()
		_, err := w.Apply(boundary.WorkAction{Name: "record"}, own, boundary.Seat{Standing: boundary.Party, Side: a}, time.Now(), name)
		f, ok := err.(*fault.Error)
		if !ok || f.Code != "witness-missing" {
			t.Fatalf("got %v", err)
		}
		return f
	}
	if f := tried(); len(f.Findings) != 2 || !strings.Contains(f.Findings[0].Clause, "第六条、第十六条") || !strings.Contains(f.Findings[0].Detail, "乙区") {
		t.Errorf("got %+v", f)
	}
	for i, side := range []uuid.UUID{b, c} {
		beside := gazetteer.Actor{AccountID: uuid.New(), OfficeID: uuid.New(), Roles: []gazetteer.Role{gazetteer.PartyLeader}}
		if _, err := w.Apply(boundary.WorkAction{Name: "confirm", ContentSHA256: says}, beside, boundary.Seat{Standing: boundary.Party, Side: side}, time.Now(), name); !fault.Is(err, "confirm-identity") {
			t.Errorf("without the password: %v", err)
		}
		beside.ConfirmedAt = time.Now()
		seat := boundary.Seat{Standing: boundary.Party, Side: side}
		next, err := w.Apply(boundary.WorkAction{Name: "confirm", ContentSHA256: says}, beside, seat, time.Now(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := next.Apply(boundary.WorkAction{Name: "confirm", ContentSHA256: says}, beside, seat, time.Now(), name); err == nil {
			t.Error("confirmed twice")
		}
		if w = next; i == 0 {
			if f := tried(); len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Detail, "丙区") {
				t.Errorf("got %+v", f)
			}
		}
	}
	if w.State != boundary.WorkRecorded || w.Marker != boundary.Restored || len(w.Confirmations) != 2 {
		t.Errorf("got %+v", w)
	}
}
