package boundary_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Every state of stretch and round × action × role × side: an action works exactly when it is among the open ones, else it
// is a fault and nothing changes.
func TestStretchWalksTheWholeProduct(t *testing.T) {
	allowed := map[string]boundary.StretchState{ // state action role side → next
		"declared confirm party-officer other":   "confirmed",
		"declared refuse party-officer other":    "refused",
		"declared withdraw party-officer own":    "withdrawn",
		"confirmed withdraw party-officer own":   "withdrawn",
		"confirmed withdraw party-officer other": "withdrawn",
	}
	for _, role := range gazetteer.Roles { // who belongs to a contractor works by assignment, whatever he holds
		allowed["declared withdraw "+string(role)+" crew"] = "withdrawn"
	}
	sides := map[string]gazetteer.Actor{
		"own":    {AccountID: uuid.UUID{5}, OfficeID: leadOffice, OfficeKind: "civil-affairs"},
		"other":  {AccountID: uuid.UUID{6}, OfficeID: otherOffice, OfficeKind: "civil-affairs"},
		"city":   {AccountID: uuid.UUID{7}, OfficeID: cityOffice, OfficeKind: "civil-affairs"},
		"both":   {AccountID: uuid.UUID{8}, OfficeID: cityOffice, OfficeKind: "civil-affairs", Succeeds: []uuid.UUID{leadOffice, otherOffice}},
		"crew":   {AccountID: uuid.UUID{9}, OfficeID: uuid.UUID{4}, OfficeKind: "contractor"},
		"crew-2": {AccountID: uuid.UUID{10}, OfficeID: uuid.UUID{4}, OfficeKind: "contractor"},
		"system": {System: "demo", OfficeID: otherOffice},
		"nobody": {},
	}
	met := map[string]bool{}
	for _, round := range boundary.InspectionStates {
		for _, state := range boundary.StretchStates {
			for _, role := range gazetteer.Roles {
				for side, a := range sides {
					a.Roles = []gazetteer.Role{role}
					st := boundary.Stretch{State: state, Version: 3, OfficeID: leadOffice, DeclaredBy: sides["crew"].AccountID, Round: readyRound(round)}
					for _, action := range []string{"confirm", "refuse", "withdraw", "sign"} {
						step := fmt.Sprintf("%s %s %s %s", state, action, role, side)
						want, ok := allowed[step]
						ok = ok && st.Round.Editable()
						if ok {
							met[step] = true
						}
						next, err := st.Apply(boundary.StretchAction{Name: action, Reason: "再核"}, a)
						open := slices.ContainsFunc(st.OpenActions(a), func(o gazetteer.OpenAction) bool { return o.Name == action })
						if (err == nil) != ok || open != ok || ok && (next.State != want || next.Version != 4) || !ok && (next.State != state || next.Version != 3) {
							t.Errorf("%s in %s: got %s %d, %v, open %v", step, round, next.State, next.Version, err, open)
						}
						if kind := fault.KindOf(err); err != nil && kind != fault.Forbidden && kind != fault.Conflict {
							t.Errorf("%s: got %v", step, err)
						}
					}
				}
			}
		}
	}
	if len(met) != len(allowed) {
		t.Errorf("met %d of %d steps", len(met), len(allowed))
	}
}

func TestOnlyAReasonTakesAConfirmedStretchBack(t *testing.T) {
	officer := gazetteer.Actor{AccountID: uuid.UUID{6}, OfficeID: otherOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	for state, action := range map[boundary.StretchState]string{boundary.StretchConfirmed: "withdraw", boundary.StretchDeclared: "refuse"} {
		st := boundary.Stretch{State: state, OfficeID: leadOffice, Round: readyRound(boundary.InspectionField)}
		if _, err := st.Apply(boundary.StretchAction{Name: action}, officer); !fault.Is(err, "reason-missing") {
			t.Errorf("%s: got %v", action, err)
		}
	}
	for _, c := range []struct {
		from, to boundary.StretchState
		recounts bool
	}{
		{boundary.StretchDeclared, boundary.StretchConfirmed, true},
		{boundary.StretchConfirmed, boundary.StretchWithdrawn, true},
		{boundary.StretchDeclared, boundary.StretchRefused, false},
		{boundary.StretchDeclared, boundary.StretchWithdrawn, false},
	} {
		if c.from.Recounts(c.to) != c.recounts {
			t.Errorf("%s to %s: what counts changes: %v", c.from, c.to, !c.recounts)
		}
	}
}

func TestWhoDeclaresAStretch(t *testing.T) {
	officer := func(office uuid.UUID, kind string, roles ...gazetteer.Role) gazetteer.Actor {
		return gazetteer.Actor{AccountID: uuid.UUID{6}, OfficeID: office, OfficeKind: kind, Roles: roles}
	}
	crew := officer(uuid.UUID{4}, "contractor", gazetteer.Surveyor)
	task := func(office uuid.UUID, ranges ...boundary.Range) *boundary.Assignment {
		return &boundary.Assignment{OfficeID: office, Role: gazetteer.Surveyor, Ranges: ranges}
	}
	keeper := &boundary.Assignment{OfficeID: leadOffice, Role: gazetteer.Keeper, Markers: []uuid.UUID{{1}}}
	stones := &boundary.Assignment{OfficeID: leadOffice, Role: gazetteer.Surveyor, Markers: []uuid.UUID{{1}}}
	for name, c := range map[string]struct {
		who   gazetteer.Actor
		task  *boundary.Assignment
		state boundary.InspectionState
		side  uuid.UUID
		code  string
	}{
		"the lead's officer":      {who: officer(leadOffice, "civil-affairs", gazetteer.PartyOfficer), side: leadOffice},
		"the other's officer":     {who: officer(otherOffice, "civil-affairs", gazetteer.PartyOfficer), side: otherOffice},
		"after signing":           {who: officer(otherOffice, "civil-affairs", gazetteer.PartyOfficer), state: boundary.InspectionSigned, side: otherOffice},
		"a leader":                {who: officer(leadOffice, "civil-affairs", gazetteer.PartyLeader), code: "not-yours"},
		"from above":              {who: officer(cityOffice, "civil-affairs", gazetteer.PartyOfficer, gazetteer.Superior), code: "not-yours"},
		"the system":              {who: gazetteer.Actor{System: "demo", OfficeID: leadOffice, Roles: []gazetteer.Role{gazetteer.PartyOfficer}}, code: "not-yours"},
		"while planned":           {who: officer(leadOffice, "civil-affairs", gazetteer.PartyOfficer), state: boundary.InspectionPlanned, code: "not-in-field"},
		"when it has ended":       {who: officer(leadOffice, "civil-affairs", gazetteer.PartyOfficer), state: boundary.InspectionEnded, code: "not-in-field"},
		"a crew on the line":      {who: crew, task: task(otherOffice), side: otherOffice},
		"a crew on that part":     {who: crew, task: task(leadOffice, boundary.Range{FromM: 0, ToM: 50}, boundary.Range{FromM: 90, ToM: 300}), side: leadOffice},
		"a crew on a part of it":  {who: crew, task: task(leadOffice, boundary.Range{FromM: 0, ToM: 150}), code: "not-assigned"},
		"a crew for others":       {who: crew, task: task(cityOffice), code: "not-assigned"},
		"a crew without a task":   {who: crew, code: "not-assigned"},
		"a keeper of markers":     {who: officer(leadOffice, "civil-affairs", gazetteer.Keeper), task: keeper, code: "not-assigned"},
		"a surveyor of markers":   {who: crew, task: stones, code: "not-assigned"},
		"a crew while it planned": {who: crew, task: task(otherOffice), state: boundary.InspectionPlanned, code: "not-in-field"},
	} {
		if c.state == "" {
			c.state = boundary.InspectionField
		}
		side, err := readyRound(c.state).DeclaringSide(c.who, c.task, boundary.Declaration{FromM: 100, ToM: 200})
		if side != c.side || c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, %v", name, side, err)
		}
	}
}

func TestWhatADeclarationMustSay(t *testing.T) {
	viewed := boundary.Declaration{Class: boundary.Viewed, FromM: 100, ToM: 400, Reason: "cliff", CheckedOn: "2026-11-24"}
	seen := boundary.Declaration{Class: boundary.Imagery, FromM: 100, ToM: 400, Reason: "river", CheckedOn: "2026-11-23", PictureSource: "正射影像", PictureOn: "2026-11-24"}
	with := func(d boundary.Declaration, change func(*boundary.Declaration)) boundary.Declaration {
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		d        boundary.Declaration
		findings string // code and pointer of each
	}{
		"viewed":               {viewed, ""},
		"imagery of today":     {seen, ""},
		"to the very end":      {with(viewed, func(d *boundary.Declaration) { d.ToM = 1000.0004 }), ""},
		"other, in words":      {with(viewed, func(d *boundary.Declaration) { d.Reason, d.Note = "other", "塌方" }), ""},
		"other, without words": {with(viewed, func(d *boundary.Declaration) { d.Reason = "other" }), "note-missing /note"},
		"no reason":            {with(viewed, func(d *boundary.Declaration) { d.Reason = "" }), "bad-reason /reason"},
		"beyond the end":       {with(viewed, func(d *boundary.Declaration) { d.ToM = 1000.002 }), "bad-range /toM"},
		"before the start":     {with(viewed, func(d *boundary.Declaration) { d.FromM = -1 }), "bad-range /toM"},
		"backwards":            {with(viewed, func(d *boundary.Declaration) { d.FromM = 500 }), "bad-range /toM"},
		"no number":            {with(viewed, func(d *boundary.Declaration) { d.ToM = math.NaN() }), "bad-range /toM"},
		"a step":               {with(viewed, func(d *boundary.Declaration) { d.ToM = 104.9 }), "too-short /toM"},
		"said to be walked":    {with(viewed, func(d *boundary.Declaration) { d.Class = boundary.Walked }), "bad-class /class"},
		"viewed on a picture":  {with(viewed, func(d *boundary.Declaration) { d.PictureOn = "2026-01-01" }), "picture-unasked /pictureSource"},
		"no picture":           {with(seen, func(d *boundary.Declaration) { d.PictureSource, d.PictureOn = "", "" }), "picture-missing /pictureSource bad-day /pictureOn"},
		"checked no day":       {with(viewed, func(d *boundary.Declaration) { d.CheckedOn = "" }), "bad-day /checkedOn"},
		"checked tomorrow":     {with(viewed, func(d *boundary.Declaration) { d.CheckedOn = "2026-11-25" }), "bad-day /checkedOn"},
		"of tomorrow":          {with(seen, func(d *boundary.Declaration) { d.PictureOn = "2026-11-25" }), "bad-day /pictureOn"},
		"of no day":            {with(seen, func(d *boundary.Declaration) { d.PictureOn = "2026-02-30" }), "bad-day /pictureOn"},
		"before photography":   {with(seen, func(d *boundary.Declaration) { d.PictureOn = "1700-01-01" }), "bad-day /pictureOn"},
		"all at once": {
			boundary.Declaration{Class: "x", FromM: 9, ToM: 1, Reason: "x"}, "bad-range /toM bad-reason /reason bad-day /checkedOn bad-class /class",
		},
	} {
		var got []string
		for _, f := range c.d.Check(1000, "2026-11-24") {
			got = append(got, f.Code, f.Pointer)
			if f.Detail == "" || f.Severity != fault.Block {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if strings.Join(got, " ") != c.findings {
			t.Errorf("%s: got %v, wanted %s", name, got, c.findings)
		}
	}
}

// TestClassesPartTheLine holds for any intervals: they part the line without gap or overlap, each place is of the best class
// that anything gives it, and the lengths of the classes add up to that of the line to the millimetre.
func TestClassesPartTheLine(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 29))
		lengthM := r.Float64() * 100_000
		if seed%10 == 0 {
			lengthM = math.Floor(r.Float64()*30) + 1 // whole numbers, so that bounds meet
		}
		var in []boundary.Interval
		for range r.IntN(30) {
			from, to := (r.Float64()*1.2-0.1)*lengthM, (r.Float64()*1.2-0.1)*lengthM
			if seed%10 == 0 {
				from, to = math.Round(from), math.Round(to)
			}
			in = append(in, boundary.Interval{FromM: from, ToM: to, Class: boundary.Classes[r.IntN(len(boundary.Classes))]})
		}
		got := boundary.Union(lengthM, in)
		at, sum := 0.0, 0.0
		for i, v := range got {
			if v.FromM != at || v.ToM <= v.FromM || i > 0 && got[i-1].Class == v.Class {
				t.Fatalf("seed %d: %v does not follow at %v", seed, v, at)
			}
			at = v.ToM
			if m := (v.FromM + v.ToM) / 2; v.ToM-v.FromM > 0.002 && v.Class != bestAt(in, m) {
				t.Fatalf("seed %d: %v at %v, wanted %s", seed, v, m, bestAt(in, m))
			}
		}
		for _, class := range boundary.Classes {
			sum += boundary.LengthOf(got, class)
		}
		if whole := math.Round(lengthM*1000) / 1000; at != whole || math.Abs(sum-whole) > 1e-6 {
			t.Fatalf("seed %d: ends at %v, classes add up to %v, the line is %v", seed, at, sum, whole)
		}
	}
}

// bestAt looks at every interval, the slow way.
func bestAt(in []boundary.Interval, m float64) boundary.Class {
	for _, class := range boundary.Classes {
		if slices.ContainsFunc(in, func(i boundary.Interval) bool { return i.Class == class && i.FromM <= m && m < i.ToM }) {
			return class
		}
	}
	return boundary.NotChecked
}

func TestOnlyWhatBothSidesConfirmedCounts(t *testing.T) {
	facts := factsOfARound() // walked to 900 of 1000 m
	stretch := func(state boundary.StretchState, class boundary.Class, from, to float64) boundary.RoundStretch {
		s := boundary.RoundStretch{
			ID: uuid.UUID{7}, State: state, Office: "甲 <局>", DeclaredOn: "2026-11-20",
			Declaration: boundary.Declaration{Class: class, FromM: from, ToM: to, Reason: "cliff"},
		}
		if state == boundary.StretchConfirmed {
			s.ConfirmedBy, s.ConfirmedOn = "乙", "2026-11-21"
		}
		return s
	}
	facts.Stretches = []boundary.RoundStretch{
		stretch(boundary.StretchConfirmed, boundary.Viewed, 850, 930),
		stretch(boundary.StretchConfirmed, boundary.Imagery, 920, 960),
		stretch(boundary.StretchDeclared, boundary.Viewed, 930, 1000),
	}
	f := boundary.CompileFigures(facts)
	want := []boundary.ClassFigures{
		{Class: boundary.Walked, LengthM: 900, Share: 0.9},
		{Class: boundary.Viewed, LengthM: 30, Share: 0.03},
		{Class: boundary.Imagery, LengthM: 30, Share: 0.03},
		{Class: boundary.NotChecked, LengthM: 40, Share: 0.04},
	}
	if !slices.Equal(f.Classes, want) || f.WalkedM != 900 || f.Coverage != 0.9 {
		t.Errorf("got %+v, walked %v", f.Classes, f.WalkedM)
	}
	if last := f.Intervals[len(f.Intervals)-1]; last != (boundary.Interval{FromM: 960, ToM: 1000, Class: boundary.NotChecked}) {
		t.Errorf("not checked: %v", last)
	}
	if len(f.Stretches) != 2 || f.Stretches[0].CountedM != 30 || f.Stretches[1].CountedM != 30 || f.Stretches[0].ConfirmedBy != "乙" {
		t.Errorf("stretches: %+v", f.Stretches)
	}
	if s := f.Segments[len(f.Segments)-1]; s.WalkedM != 900 || s.ViewedM != 30 || s.ImageryM != 30 {
		t.Errorf("the segment: %+v", s)
	}
	at := slices.IndexFunc(f.Findings, func(x fault.Finding) bool { return x.Code == "stretch-unconfirmed" })
	if at < 0 || f.Findings[at].Severity != fault.Review || !strings.Contains(f.Findings[at].Detail, "930.0 至 1000.0 米") {
		t.Errorf("findings: %v", f.Findings)
	}
	// A track that brings viewed intervals with it, as file-only matching can, proves nothing for the round.
	facts.Stretches, facts.Tracks[0].Match.Intervals[1].Class = nil, boundary.Viewed
	if f := boundary.CompileFigures(facts); f.Classes[1].LengthM != 0 || f.Classes[3].LengthM != 100 {
		t.Errorf("by a track's word: %+v", f.Classes)
	}
}
