package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// divisionTimeline is what is recorded of a division in time.
type divisionTimeline struct {
	Seat     string                  `json:"seat"` // of the last version
	Versions []gazsql.VersionInTime  `json:"versions"`
	Codes    []gazsql.CodeInTime     `json:"codes"`
	Names    []gazsql.NameOfDivision `json:"names"`
	Events   []divisionEvent         `json:"events"`
	Days     []string                `json:"days"` // on which it or what is directly below it changed, the oldest first
}

type divisionEvent struct {
	ID       uuid.UUID           `json:"id"`
	Kind     string              `json:"kind"`
	After    *string             `json:"after"`
	On       string              `json:"on"`
	Basis    string              `json:"basis"`
	Source   string              `json:"source"`
	Number   string              `json:"number"`
	Links    []gazsql.LinkInTime `json:"links"`
	Approval *divisionApproval   `json:"approval"`
}

type divisionApproval struct {
	ID uuid.UUID `json:"id"`
	gazetteer.Approval
	Note    string            `json:"note"`
	Sources []string          `json:"sources"`
	Clocks  []gazetteer.Clock `json:"clocks"`
}

func timelineOf(t gazsql.Timeline, english bool) divisionTimeline {
	out := divisionTimeline{Versions: t.Versions, Codes: t.Codes, Names: t.Names, Events: []divisionEvent{}, Days: []string{}}
	for _, e := range t.Events {
		one := divisionEvent{ID: e.ID, Kind: e.Kind, After: e.After, On: e.On, Basis: e.Basis, Source: e.Source, Number: e.Number, Links: e.Links}
		if a := e.Approval; a != nil {
			one.Approval = &divisionApproval{a.ID, a.Approval, a.Note, append([]string{}, a.Sources...), a.Clocks(english)}
		}
		out.Events, out.Days = append(out.Events, one), append(out.Days, e.On)
	}
	add := func(days ...*string) {
		for _, d := range days {
			if d != nil {
				out.Days = append(out.Days, *d)
			}
		}
	}
	for _, v := range t.Versions {
		out.Seat = v.Seat
		add(v.ValidFrom, v.ValidTo)
	}
	for _, code := range t.Codes {
		add(code.ValidFrom, code.ValidTo)
	}
	for _, shape := range t.Shapes {
		add(daysOf(shape))
	}
	out.Days = append(out.Days, t.Below...)
	slices.Sort(out.Days)
	out.Days = slices.Compact(out.Days)
	return out
}

// divisionChanged says what a change of divisions does, or did.
type divisionChanged struct {
	ID          *uuid.UUID         `json:"id"` // of the approval; null when nothing is recorded
	Recorded    bool               `json:"recorded"`
	Already     bool               `json:"already"`
	Title       string             `json:"title"`
	EffectiveOn string             `json:"effectiveOn"`
	Founded     []divisionStanding `json:"founded"`
	Ended       []divisionStanding `json:"ended"`
	Changed     []standingChange   `json:"changed"`
	Offices     succession         `json:"offices"`
	Clocks      []gazetteer.Clock  `json:"clocks"`
	Findings    []fault.Finding    `json:"findings"`
	Effect      *divisionEffect    `json:"effect"` // null where a finding forbids it
}

type divisionStanding struct {
	ID         uuid.UUID `json:"id"`
	Code       string    `json:"code"`
	Name       string    `json:"name"`
	Level      string    `json:"level"`
	Kind       string    `json:"kind"`
	ParentName string    `json:"parentName"`
	Seat       string    `json:"seat"`
}

type standingChange struct {
	Before divisionStanding `json:"before"`
	After  divisionStanding `json:"after"`
}

func changedOf(done boundsql.DivisionChanged, english bool) divisionChanged {
	p, a := done.Plan, done.Change.Approval
	out := divisionChanged{
		Recorded: done.Recorded, Already: done.Already, Title: done.Change.Title, EffectiveOn: a.EffectiveOn.Format(time.DateOnly),
		Founded: []divisionStanding{}, Ended: []divisionStanding{}, Changed: []standingChange{},
		Offices: successionOf(done.Offices), Clocks: a.Clocks(english), Findings: append([]fault.Finding{}, p.Findings...),
	}
	if done.ID != uuid.Nil {
		out.ID = &done.ID
	}
	if done.Effect != nil {
		out.Effect = divisionEffectOf(*done.Effect)
	}
	if done.Already {
		out.Findings = []fault.Finding{} // they are about carrying it out a second time
		return out
	}
	standing := func(in gazetteer.DivisionState, d gazetteer.DivisionStanding) divisionStanding {
		return divisionStanding{d.ID, string(d.Code()), d.Name, string(d.Level), string(d.Kind), in[d.Parent].Name, d.Seat}
	}
	for _, d := range p.Founded {
		out.Founded = append(out.Founded, standing(p.After, d))
	}
	for _, d := range p.Ended {
		out.Ended = append(out.Ended, standing(p.Before, d))
	}
	for _, d := range p.Changed {
		out.Changed = append(out.Changed, standingChange{standing(p.Before, d.Before), standing(p.After, d.After)})
	}
	return out
}

// changeDivisions carries a described change out, or says what it would do.
func (s *Server) changeDivisions(c *gin.Context) error {
	return s.once(c, func(uuid.UUID) error { // it can be sent again, and makes no one thing
		var in struct {
			Known  string          `json:"known"`
			Change json.RawMessage `json:"change"`
			DryRun bool            `json:"dryRun"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		change, err := gazetteer.KnownChange(in.Known)
		if in.Known == "" {
			change, err = gazetteer.ReadDivisionChange(in.Change)
		}
		if err != nil {
			return err
		}
		if err := checkChangeTexts(&change); err != nil {
			return err
		}
		done, err := s.Bound.ChangeDivisions(c.Request.Context(), actor(c), s.Now(), change, in.DryRun)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, changedOf(done, speaksEnglish(c)))
		return nil
	})
}

// checkChangeTexts refuses novels and signs that mislead in what a change says.
func checkChangeTexts(change *gazetteer.DivisionChange) error {
	texts := map[string]*string{
		"title": &change.Title, "note": &change.Note, "codesBy": &change.CodesBy, "approval/title": &change.Approval.Title,
		"approval/number": &change.Approval.Number, "approval/approvedBy": &change.Approval.ApprovedBy,
	}
	for i := range change.Sources {
		texts["sources/"+strconv.Itoa(i)] = &change.Sources[i]
	}
	for i := range change.Events {
		for j := range change.Events[i].To {
			d, at := &change.Events[i].To[j], "events/"+strconv.Itoa(i)+"/to/"+strconv.Itoa(j)
			texts[at+"/name"], texts[at+"/seat"] = &d.Name, &d.Seat
		}
	}
	return checkText(texts)
}
