package gazetteer

import "time"

// ClockPack is a dated set of the terms in which a change of divisions is to be carried out.
type ClockPack struct {
	ID        string
	Title     string
	ValidFrom time.Time
	Terms     []ClockTerm
}

// ClockTerm is one term, in months from the day of approval.
type ClockTerm struct {
	ID        string
	Label     [2]string // in Chinese and English
	Clause    string
	Months    int
	Extension int // months by which it can be extended; 0: not at all
}

// clockPacks are the packs, the newest first. The text of 《行政区划管理条例》 was read (国务院令第704号, 2018-10-10, in
// force 2019-01-01).
var clockPacks = []ClockPack{{
	ID: "order-704", Title: "行政区划管理条例（国务院令第704号）", ValidFrom: day(2019, 1, 1),
	Terms: []ClockTerm{
		{ID: "completion", Label: [2]string{"变更实施完毕", "Change carried out"}, Clause: "《行政区划管理条例》第十五条", Months: 12, Extension: 6},
		{ID: "codes", Label: [2]string{"确定并公布代码", "Codes fixed and published"}, Clause: "《行政区划管理条例》第十七条", Months: 1},
	},
}}

// Clock is a term of a change, counted.
type Clock struct {
	ID         string `json:"id"`
	Label      string `json:"label"`
	Clause     string `json:"clause"`
	Pack       string `json:"pack"`
	From       Day    `json:"from"`
	FromIs     string `json:"fromIs"` // approved; announced or effective where the day of approval is not known
	Due        Day    `json:"due"`
	ExtendedTo Day    `json:"extendedTo"` // the latest day if it is extended
}

// Clocks are the terms that run for an approval, by the pack in force on the day they are counted from. None run for an
// approval before the first pack.
func (a Approval) Clocks(english bool) []Clock {
	from, is := a.ApprovedOn, "approved"
	if from.IsZero() {
		from, is = a.AnnouncedOn, "announced"
	}
	if from.IsZero() {
		from, is = a.EffectiveOn, "effective"
	}
	clocks := []Clock{}
	for _, p := range clockPacks {
		if from.Before(p.ValidFrom) {
			continue
		}
		for _, t := range p.Terms {
			c := Clock{ID: t.ID, Label: word(t.Label).in(english), Clause: t.Clause, Pack: p.ID, From: from, FromIs: is, Due: from.after(t.Months)}
			if t.Extension > 0 {
				c.ExtendedTo = from.after(t.Months + t.Extension)
			}
			clocks = append(clocks, c)
		}
		break
	}
	return clocks
}

// after is the same day so many months later; where that month is shorter, its last day.
func (d Day) after(months int) Day {
	first := day(d.Year(), d.Month()+time.Month(months), 1)
	last := first.AddDate(0, 1, -1).Day()
	return Day{first.AddDate(0, 0, min(d.Day(), last)-1)}
}
