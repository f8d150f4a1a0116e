package gazetteer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// ids makes ids that are the same in every run.
func ids() func() uuid.UUID {
	n := uint32(0)
	return func() uuid.UUID {
		n++
		return uuid.UUID{12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
	}
}

// chronicle keeps every version of every division, as the store does.
type chronicle struct {
	versions map[uuid.UUID][]spell
	newID    func() uuid.UUID
}

type spell struct {
	from, to time.Time // zero: open
	gazetteer.DivisionStanding
}

func (s spell) on(day time.Time) bool {
	return !day.Before(s.from) && (s.to.IsZero() || day.Before(s.to))
}

// state is how divisions stand on a day.
func (c *chronicle) state(day time.Time) gazetteer.DivisionState {
	out := gazetteer.DivisionState{}
	for id, versions := range c.versions {
		for _, v := range versions {
			if v.on(day) {
				d := v.DivisionStanding
				d.Later = !v.to.IsZero()
				out[id] = d
			}
		}
	}
	return out
}

// record writes a plan down.
func (c *chronicle) record(p gazetteer.DivisionPlan) {
	end := func(d gazetteer.DivisionStanding) {
		last := &c.versions[d.ID][len(c.versions[d.ID])-1]
		last.to = p.On
	}
	for _, d := range p.Ended {
		end(d)
	}
	for _, d := range p.Changed {
		end(d.Before)
		c.versions[d.After.ID] = append(c.versions[d.After.ID], spell{from: p.On, DivisionStanding: d.After})
	}
	for _, d := range p.Founded {
		c.versions[d.ID] = append(c.versions[d.ID], spell{from: p.On, DivisionStanding: d})
	}
}

func (c *chronicle) add(name string, code gazetteer.DivisionCode, parent uuid.UUID) uuid.UUID {
	id := c.newID()
	canonical, system := gazetteer.Canonical(code, gazetteer.LevelOf(code))
	level := gazetteer.LevelOf(code)
	own, office := gazetteer.OfficialName(level, name)
	c.versions[id] = []spell{{DivisionStanding: gazetteer.DivisionStanding{
		ID: id, Name: own, Office: office, Level: level, Kind: gazetteer.KindOf(level, own), Parent: parent,
		Codes: map[gazetteer.CodeSystem]gazetteer.DivisionCode{system: canonical},
	}}}
	return id
}

func newChronicle() *chronicle { return &chronicle{map[uuid.UUID][]spell{}, ids()} }

// city is a municipality with two districts and their townships.
func city() (*chronicle, map[string]uuid.UUID) {
	c, by := newChronicle(), map[string]uuid.UUID{}
	by["重庆市"] = c.add("重庆市", "500000", uuid.Nil)
	for i, name := range []string{"江北区", "渝北区", "北碚区"} {
		code := gazetteer.DivisionCode(fmt.Sprintf("50010%d", i+1))
		by[name] = c.add(name, code, by["重庆市"])
		for j, kind := range []string{"街道", "镇"} {
			own := string([]rune(name)[:2]) + kind
			by[own] = c.add(own, code+gazetteer.DivisionCode(fmt.Sprintf("00%d", j+1)), by[name])
		}
	}
	return c, by
}

func change(events ...gazetteer.DivisionEvent) gazetteer.DivisionChange {
	on := gazetteer.Day{Time: time.Date(2025, 11, 6, 0, 0, 0, 0, time.UTC)}
	return gazetteer.DivisionChange{
		ID: "a", Title: "甲", Basis: gazetteer.ByPaper, Approval: gazetteer.Approval{Title: "批复", ApprovedOn: on, EffectiveOn: on}, Events: events,
	}
}

func codesOf(findings []fault.Finding) (codes []string) {
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func part(code gazetteer.DivisionCode, name string, share gazetteer.Share) gazetteer.DivisionPart {
	return gazetteer.DivisionPart{Code: code, Name: name, Share: share}
}

func TestWhatIsWrongWithAChangeIsTold(t *testing.T) {
	type event = gazetteer.DivisionEvent
	type draft = gazetteer.DivisionDraft
	merged := []draft{{Code: "500157", Name: "两江新区"}}
	both := []gazetteer.DivisionPart{part("500101", "江北区", "whole"), part("500102", "渝北区", "part")}
	for _, c := range []struct {
		name   string
		events []event
		codes  []string
	}{
		{"two as a whole", []event{{Kind: "merge", From: []gazetteer.DivisionPart{part("500101", "江北区", ""), part("500102", "渝北区", "")}, To: merged}}, []string{"code-stale"}},
		{"a part left without a parent", []event{{Kind: "merge", From: both, To: merged}}, []string{"child-left", "code-stale"}},
		{"a township that is not there", []event{{Kind: "transfer-territory", From: []gazetteer.DivisionPart{part("500101", "江北区", "part")}, To: []draft{{Code: "500102"}}, Moves: []gazetteer.DivisionMove{{Code: "500101009", Name: "鱼嘴镇"}}}}, []string{"township-missing"}},
		{"a township of another", []event{{Kind: "transfer-territory", From: []gazetteer.DivisionPart{part("500101", "江北区", "part")}, To: []draft{{Code: "500103"}}, Moves: []gazetteer.DivisionMove{{Code: "500102001", Name: "渝北街道"}}}}, []string{"not-below"}},
		{"a township with two ways", []event{
			{Kind: "transfer-territory", From: []gazetteer.DivisionPart{part("500101", "江北区", "part")}, To: []draft{{Code: "500103"}}, Moves: []gazetteer.DivisionMove{{Code: "500101001", Name: "江北街道", NewCode: "500103009"}}},
			{Kind: "transfer-territory", From: []gazetteer.DivisionPart{part("500101", "江北区", "part")}, To: []draft{{Code: "500102"}}, Moves: []gazetteer.DivisionMove{{Code: "500101001", Name: "江北街道", NewCode: "500102009"}}},
		}, []string{"moved-twice"}},
		{"a code in use", []event{{Kind: "change-code", From: []gazetteer.DivisionPart{part("500101", "江北区", "")}, To: []draft{{Code: "500102"}}}}, []string{"code-in-use"}},
		{"a code set free by the change", []event{{Kind: "merge", From: []gazetteer.DivisionPart{part("500101", "江北区", ""), part("500102", "渝北区", "")}, To: []draft{{Code: "500101", Name: "綦江区"}}}}, []string{"code-stale"}},
		{"no such code", []event{{Kind: "abolish", From: []gazetteer.DivisionPart{part("500109", "万盛区", "")}}}, []string{"division-unknown"}},
		{"another name", []event{{Kind: "rename", From: []gazetteer.DivisionPart{part("500101", "江南区", "")}, To: []draft{{Name: "江东区"}}}}, []string{"name-differs"}},
		{"below itself", []event{{Kind: "change-superior", From: []gazetteer.DivisionPart{part("500101", "江北区", "")}, To: []draft{{Parent: "500101"}}}}, []string{"cycle"}},
		{"a district below a township", []event{{Kind: "change-superior", From: []gazetteer.DivisionPart{part("500101", "江北区", "")}, To: []draft{{Parent: "500102001"}}}}, []string{"level-order"}},
		{"set up a second time", []event{{Kind: "establish", To: []draft{{Code: "500101", Name: "江北区", Parent: "500000"}}}}, []string{"established-already"}},
		{"abolished with its townships", []event{{Kind: "abolish", From: []gazetteer.DivisionPart{part("500103", "北碚区", "")}}}, []string{"child-left"}},
		{"renamed", []event{{Kind: "rename", From: []gazetteer.DivisionPart{part("500101", "江北区", "")}, To: []draft{{Name: "江东区"}}}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			chronicle, _ := city()
			in := change(c.events...)
			if err := in.Check(); err != nil {
				t.Fatal(err)
			}
			plan := gazetteer.PlanDivisionChange(chronicle.state(time.Date(2025, 11, 5, 0, 0, 0, 0, time.UTC)), in, chronicle.newID)
			if got := codesOf(plan.Findings); !slices.Equal(got, c.codes) {
				t.Errorf("got %v, wanted %v: %v", got, c.codes, plan.Findings)
			}
		})
	}
}

func TestAChangeThatSaysTooLittleIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		`{"id":"a","title":"甲","basis":"document","approval":{"title":"批","effectiveOn":"2025-11-06"},"events":[{"kind":"merge","from":[{"code":"500105"}],"to":[]}]}`: "合并须写明两个以上",
		`{"id":"A b","title":"","basis":"x","approval":{},"events":[]}`: "生效日期",
		`{"id":"a","title":"甲","basis":"document","approval":{"title":"批","effectiveOn":"2025-11-06"},"events":[{"kind":"rename","from":[{"code":"5001"}],"to":[{"name":"乙区"}]}]}`: "5001",
		`{"id":"a","colour":1}`: `没有 "colour" 这一项`,
		`{"id":7}`:              "“id”一项的写法不对",
		`hello`:                 "第 1 个字节处不是 JSON",
		`{"id":"a"`:             "JSON 不完整",
		`{"approval":{"effectiveOn":"2025-13-06"}}`: "2025-13-06",
		`{"id":"a"} {}`: "多余",
	} {
		if _, err := gazetteer.ReadDivisionChange([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, which does not say %q", text, err, says)
		}
	}
	known, err := gazetteer.KnownChanges()
	if err != nil || len(known) == 0 {
		t.Fatalf("%d changes come with the program: %v", len(known), err)
	}
}

// TestAtEveryDayOneVersionOneParentOneCode draws changes one after another and holds the record against what must be true.
func TestAtEveryDayOneVersionOneParentOneCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := city()
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		for n := range rapid.IntRange(1, 6).Draw(t, "changes") {
			day = day.AddDate(0, 0, rapid.IntRange(1, 3).Draw(t, "days"))
			before := c.state(day.AddDate(0, 0, -1))
			was := remembered(c)
			in := drawChange(t, before, n)
			in.Approval.EffectiveOn = gazetteer.Day{Time: day}
			plan := gazetteer.PlanDivisionChange(before, in, c.newID)
			if plan.Refused() {
				continue
			}
			c.record(plan)
			checkChronicle(t, c, day)
			if got := remembered(c); !maps.Equal(until(was, day), until(got, day)) {
				t.Fatalf("what was before %v changed", day)
			}
			linked(t, before, plan)
		}
	})
}

// remembered is what is known of every day so far.
func remembered(c *chronicle) map[string]string {
	out := map[string]string{}
	for d := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2000 && d.YearDay() < 30; d = d.AddDate(0, 0, 1) {
		state := c.state(d)
		for id, s := range state {
			s.Later = false
			b, _ := json.Marshal(s)
			out[d.Format(time.DateOnly)+id.String()] = string(b)
		}
	}
	return out
}

// until keeps what is about days before one.
func until(known map[string]string, day time.Time) map[string]string {
	out := maps.Clone(known)
	maps.DeleteFunc(out, func(k, _ string) bool { return k[:10] >= day.Format(time.DateOnly) })
	return out
}

func checkChronicle(t *rapid.T, c *chronicle, last time.Time) {
	for id, versions := range c.versions {
		for i, v := range versions {
			if i > 0 && v.from.Before(versions[i-1].to) || i < len(versions)-1 && v.to.IsZero() {
				t.Fatalf("%s has two versions on a day: %v", id, versions)
			}
		}
	}
	for day := last.AddDate(0, 0, -2); !day.After(last.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
		state, codes := c.state(day), map[gazetteer.DivisionCode]bool{}
		for id, d := range state {
			if codes[d.Code()] {
				t.Fatalf("%s stands for two on %v", d.Code(), day)
			}
			codes[d.Code()] = true
			if _, up := state[d.Parent]; d.Parent != uuid.Nil && !up {
				t.Fatalf("%s hangs on nothing on %v", id, day)
			}
		}
	}
}

// linked checks that every division that ended or was founded stands in an event: nothing disappears.
func linked(t *rapid.T, before gazetteer.DivisionState, p gazetteer.DivisionPlan) {
	named := map[uuid.UUID]bool{}
	for _, e := range p.Events {
		for _, id := range e.Of {
			named[id] = true
		}
		for _, l := range e.Links {
			named[l.From], named[l.To] = true, true
		}
	}
	for _, d := range append(slices.Clone(p.Ended), p.Founded...) {
		if !named[d.ID] {
			t.Fatalf("no event tells of %s", d.Name)
		}
	}
	if len(p.After) != len(before)-len(p.Ended)+len(p.Founded) {
		t.Fatalf("%d divisions before, %d ended, %d founded, %d after", len(before), len(p.Ended), len(p.Founded), len(p.After))
	}
}

// drawChange draws a change of divisions that are there, sensible or not.
func drawChange(t *rapid.T, state gazetteer.DivisionState, n int) gazetteer.DivisionChange {
	all := slices.SortedFunc(maps.Values(state), func(a, b gazetteer.DivisionStanding) int { return strings.Compare(string(a.Code()), string(b.Code())) })
	one := func(label string) gazetteer.DivisionStanding { return rapid.SampledFrom(all).Draw(t, label) }
	of := func(d gazetteer.DivisionStanding) gazetteer.DivisionPart {
		return part(d.Code(), d.Name, rapid.SampledFrom([]gazetteer.Share{"", "whole", "part"}).Draw(t, "share"))
	}
	fresh := func(i int) gazetteer.DivisionDraft {
		return gazetteer.DivisionDraft{Code: gazetteer.DivisionCode(fmt.Sprintf("50%02d%02d", n+50, i+1)), Name: fmt.Sprintf("新%d%d区", n, i), Parent: "500000"}
	}
	var events []gazetteer.DivisionEvent
	for i := range rapid.IntRange(1, 3).Draw(t, "events") {
		e := gazetteer.DivisionEvent{Kind: rapid.SampledFrom(gazetteer.EventKinds).Draw(t, "kind"), From: []gazetteer.DivisionPart{of(one("from"))}, To: []gazetteer.DivisionDraft{fresh(i)}}
		switch e.Kind {
		case gazetteer.Establish:
			e.From = nil
		case gazetteer.Abolish:
			e.To = nil
		case gazetteer.Merge:
			e.From = append(e.From, of(one("another")))
		case gazetteer.Split:
			e.To = append(e.To, fresh(i+10))
		case gazetteer.TransferTerritory:
			e.To = []gazetteer.DivisionDraft{{Code: one("to").Code()}}
		case gazetteer.ChangeSuperior:
			e.To = []gazetteer.DivisionDraft{{Parent: one("parent").Code()}}
		case gazetteer.RenameDivision:
			e.To = []gazetteer.DivisionDraft{{Name: fmt.Sprintf("改%d区", n)}}
		case gazetteer.MoveSeat:
			e.To = []gazetteer.DivisionDraft{{Seat: "某街道"}}
		}
		for _, m := range all {
			if len(e.From) > 0 && state[m.Parent].Code() == e.From[0].Code && len(e.To) == 1 && rapid.Bool().Draw(t, "moves") {
				e.Moves = append(e.Moves, gazetteer.DivisionMove{Code: m.Code(), Name: m.Name})
			}
		}
		events = append(events, e)
	}
	return change(events...)
}

func TestTheClocksOfOrder704(t *testing.T) {
	day := func(text string) (d gazetteer.Day) {
		if text != "" {
			d.Time, _ = time.Parse(time.DateOnly, text)
		}
		return d
	}
	for _, c := range []struct{ approved, announced, is, due, extended, codes string }{
		{"2025-10-20", "2025-11-06", "approved", "2026-10-20", "2027-04-20", "2025-11-20"},
		{"", "2025-11-06", "announced", "2026-11-06", "2027-05-06", "2025-12-06"},
		{"2024-08-31", "", "approved", "2025-08-31", "2026-02-28", "2024-09-30"},
		{"2011-10-22", "", "", "", "", ""}, // before the regulation
	} {
		clocks := gazetteer.Approval{ApprovedOn: day(c.approved), AnnouncedOn: day(c.announced)}.Clocks(false)
		if c.due == "" {
			if len(clocks) != 0 {
				t.Errorf("%+v: got %v", c, clocks)
			}
			continue
		}
		if len(clocks) != 2 || clocks[0].FromIs != c.is || clocks[0].Due.String() != c.due || clocks[0].ExtendedTo.String() != c.extended ||
			clocks[1].Due.String() != c.codes || !clocks[1].ExtendedTo.IsZero() {
			t.Errorf("%+v: got %+v", c, clocks)
		}
	}
}
