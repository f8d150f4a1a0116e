package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// LineEvent is what a change of divisions made of a line, for people.
type LineEvent struct {
	Kind     string        `json:"kind"` // begin, go-on, pass, end, stay, inherit
	On       gazetteer.Day `json:"on"`
	Title    string        `json:"title"` // of the change
	Change   string        `json:"changeId"`
	ToSettle *Settling     `json:"toSettle"` // nil where nothing is left to be settled
}

// Settling says until when a line is to be demarcated anew after a change of divisions (《行政区划管理条例》第十五条).
type Settling struct {
	Since      gazetteer.Day `json:"since"`
	Due        gazetteer.Day `json:"due"`        // zero where no term ran yet
	ExtendedTo gazetteer.Day `json:"extendedTo"` // the latest day if it is extended
	Clause     string        `json:"clause"`
}

// LinePast is what came before a line and after it.
type LinePast struct {
	EndedOn gazetteer.Day `json:"endedOn"` // the first day without it; zero while it is there
	Before  []LineRef     `json:"before"`
	After   []LineRef     `json:"after"`
	Events  []LineEvent   `json:"events"` // the latest first
}

// unsettled holds for events e of lines that are there and have no version in force since.
const unsettled = `e.to_settle and e.kind <> 'end' and not exists (
	select from line_version f where f.line_id = e.line_id and f.legal_status = 'in-force' and lower(f.valid) > e.on_day and f.recorded_at > e.recorded_at)`

// eventRow is an event with the days its clock runs from.
type eventRow struct {
	Line        uuid.UUID
	Kind        string
	OnDay       time.Time
	Title       string
	Change      string
	ToSettle    bool
	ApprovedOn  *time.Time
	AnnouncedOn *time.Time
	EffectiveOn time.Time
}

const eventSQL = `
	select e.line_id as line, e.kind, e.on_day, a.title, a.change, ` + unsettled + ` as to_settle, a.approved_on, a.announced_on, a.effective_on
	from line_event e join division_approval a on a.id = e.approval_id`

// settling counts the term in which a line is to be settled.
func (r eventRow) settling() *Settling {
	if !r.ToSettle {
		return nil
	}
	s := Settling{Since: gazetteer.Day{Time: r.OnDay}}
	a := gazetteer.Approval{EffectiveOn: gazetteer.Day{Time: r.EffectiveOn}}
	if r.ApprovedOn != nil {
		a.ApprovedOn.Time = *r.ApprovedOn
	}
	if r.AnnouncedOn != nil {
		a.AnnouncedOn.Time = *r.AnnouncedOn
	}
	for _, c := range a.Clocks(false) {
		if c.ID == "completion" {
			s.Due, s.ExtendedTo, s.Clause = c.Due, c.ExtendedTo, c.Clause
		}
	}
	return &s
}

// past gathers what came before a line and after it.
func (s *Store) past(ctx context.Context, id uuid.UUID, valid gazsql.Valid) (p LinePast, err error) {
	p.Events = []LineEvent{}
	if valid.UpperType == pgtype.Exclusive {
		p.EndedOn.Time = valid.Upper.Time
	}
	linked := func(one, other string) ([]LineRef, error) {
		return collect[LineRef](ctx, s.db, `select distinct l.id, l.name from line_link k join line l on l.id = k.`+other+` where k.`+one+` = $1 order by l.name, l.id`, id)
	}
	if p.Before, err = linked("successor_id", "predecessor_id"); err != nil {
		return p, fmt.Errorf("gather what came before the line: %w", err)
	}
	if p.After, err = linked("predecessor_id", "successor_id"); err != nil {
		return p, fmt.Errorf("gather what came after the line: %w", err)
	}
	err = each(ctx, s.db, eventSQL+` where e.line_id = $1 order by e.on_day desc, e.id desc`, func(r eventRow) error {
		p.Events = append(p.Events, LineEvent{Kind: r.Kind, On: gazetteer.Day{Time: r.OnDay}, Title: r.Title, Change: r.Change, ToSettle: r.settling()})
		return nil
	}, id)
	return p, err
}

// toSettle tells of lines until when they are to be settled; those that are settled are left out.
func (s *Store) toSettle(ctx context.Context, lines []uuid.UUID) (map[uuid.UUID]*Settling, error) {
	all := map[uuid.UUID]*Settling{}
	err := each(ctx, s.db, eventSQL+` where e.line_id = any ($1) and `+unsettled+` order by e.on_day, e.id`, func(r eventRow) error {
		if all[r.Line] == nil { // the oldest runs out first
			all[r.Line] = r.settling()
		}
		return nil
	}, lines)
	if err != nil {
		return nil, fmt.Errorf("gather what is to be settled: %w", err)
	}
	return all, nil
}
