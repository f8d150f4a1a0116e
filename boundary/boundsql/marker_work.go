package boundsql

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// MarkerWork is a record of work at a marker as one who may see it reads it.
type MarkerWork struct {
	ID       uuid.UUID          `json:"id"`
	State    boundary.WorkState `json:"state"`
	Version  int                `json:"version"`
	Office   boundary.OfficeRef `json:"office"` // whose record it is
	MarkerID uuid.UUID          `json:"markerId"`
	Number   string             `json:"number"`
	Stone    string             `json:"stone"`
	Line     LineRef            `json:"line"`
	Party    uuid.UUID          `json:"party"`   // the side that office speaks for
	Parties  []DivisionRef      `json:"parties"` // of every line the stone stands on
	boundary.WorkContent
	Custodian     *string                          `json:"custodian"`
	Registered    []float64                        `json:"registered"` // as the marker was registered then
	ApartM        *float64                         `json:"apartM"`     // of the observed from the registered position
	LimitM        *float64                         `json:"limitM"`
	Fit           boundary.Fit                     `json:"fit"`
	ContentSHA256 string                           `json:"contentSha256"`
	Confirmations []boundary.AgreementConfirmation `json:"confirmations"`
	MarkerFrom    *boundary.MarkerState            `json:"markerFrom"` // what its marker was when this was recorded, and became
	MarkerTo      *boundary.MarkerState            `json:"markerTo"`
	Refusal       *string                          `json:"refusal"`
	Editable      bool                             `json:"editable"`
	CreatedAt     time.Time                        `json:"createdAt"`
	SubmittedAt   *time.Time                       `json:"submittedAt"`
	RecordedAt    *time.Time                       `json:"recordedAt"`
	Actions       []gazetteer.OpenAction           `json:"actions"`
}

// workRow is a record with what its state machine needs.
type workRow struct {
	MarkerWork
	work  boundary.MarkerWork
	seat  boundary.Seat
	pairs [][2]uuid.UUID // parties of the lines its stone stands on
}

// partyName is what a side is called.
func (r workRow) partyName(id uuid.UUID) string {
	for _, p := range r.Parties {
		if p.ID == id {
			return p.Name
		}
	}
	return "另一方"
}

// markerWorkSQL reads records of markers that the acting office may know of.
var markerWorkSQL = `
	select w.id, w.state, w.version, w.office_id, o.name, w.marker_id, m.number, m.stone, m.state, w.line_id, l.name, w.party, w.written_by,
	       (select jsonb_agg(jsonb_build_object('id', p, 'name', ` + nameSQL("p") + `) order by p) from unnest(w.parties) p),
	       (select jsonb_agg(jsonb_build_array(t.party_a, t.party_b) order by t.id) from line t where t.id = any (w.lines)),
	       w.kind, w.done_on::text, w.measures, w.observed, w.sigma_m, w.method, w.note, w.photos, w.no_photos, coalesce(w.due_on::text, ''), w.custodian,
	       ` + nameSQL("w.custodian") + `, w.registered, w.apart_m, w.limit_m, w.fit, w.content_sha256, w.marker_from, w.marker_to, w.refusal,
	       w.created_at, w.submitted_at, w.recorded_at,
	       coalesce((select jsonb_agg(jsonb_build_object('party', c.party, 'office', co.name, 'name', ca.name, 'contentSha256', c.content_sha256,
	                                  'confirmedAt', c.confirmed_at) order by c.confirmed_at, c.id)
	                 from marker_work_confirmation c join office co on co.id = c.office_id join account ca on ca.id = c.account_id
	                 where c.work_id = w.id), '[]'),
	       not st_equals(st_force2d(w.registered), st_force2d(m.geom))
	from marker_work w join known_marker m on m.id = w.marker_id join office o on o.id = w.office_id join line l on l.id = w.line_id`

func scanMarkerWork(row pgx.CollectableRow) (r workRow, err error) {
	var observed, registered *geom.Point
	var marker boundary.MarkerState
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Office.ID, &r.Office.Name, &r.MarkerID, &r.Number, &r.Stone, &marker, &r.Line.ID, &r.Line.Name, &r.Party,
		&r.work.WrittenBy, &r.Parties, &r.pairs, &r.Kind, &r.DoneOn, &r.Measures, &observed, &r.SigmaM, &r.Method, &r.Note, &r.Photos, &r.NoPhotos, &r.DueOn,
		&r.CustodianID, &r.Custodian, &registered, &r.ApartM, &r.LimitM, &r.Fit, &r.ContentSHA256, &r.MarkerFrom, &r.MarkerTo, &r.Refusal,
		&r.CreatedAt, &r.SubmittedAt, &r.RecordedAt, &r.Confirmations, &r.work.Relocated)
	if err != nil {
		return r, fmt.Errorf("read a record of work: %w", err)
	}
	r.Observed, r.Registered = lonLatHeight(observed), lonLatHeight(registered)
	w := &r.work
	w.State, w.Version, w.OfficeID, w.Party, w.Kind, w.Fit, w.DoneOn = r.State, r.Version, r.Office.ID, r.Party, r.Kind, r.Fit, r.DoneOn
	w.ContentSHA256, w.Confirmations, w.Marker = r.ContentSHA256, r.Confirmations, marker
	for _, p := range r.Parties {
		if p.ID != r.Party {
			w.Others = append(w.Others, p.ID)
		}
	}
	return r, nil
}

// lonLatHeight is a position as JSON gives it, without a height that is not known; nil for none.
func lonLatHeight(p *geom.Point) []float64 {
	switch {
	case p == nil:
		return nil
	case math.IsNaN(p.Z()):
		return []float64{p.X(), p.Y()}
	}
	return []float64{p.X(), p.Y(), p.Z()}
}

// pointOf is a position as JSON gives it, in the stored frame.
func pointOf(at []float64) *geom.Point {
	if len(at) == 3 {
		return pointZ(at[0], at[1], at[2])
	}
	return pointZ(at[0], at[1], math.NaN())
}

// markerWorks reads those that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) markerWorks(ctx context.Context, actor gazetteer.Actor, now time.Time, where string, args ...any) (seen []workRow, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, markerWorkSQL+where, args...)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanMarkerWork)
		if err != nil {
			return err
		}
		var parties []uuid.UUID
		for _, r := range all {
			for _, p := range r.Parties {
				parties = append(parties, p.ID)
			}
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, parties...)
		if err != nil {
			return err
		}
		for _, r := range all {
			r.seat = boundary.SeatOn(actor, lineage, r.pairs)
			if s.open || r.work.ReadBy(actor, r.seat) {
				r.Actions, r.Editable = r.work.OpenActions(actor, r.seat), r.work.Editable(actor) == nil
				seen = append(seen, r)
			}
		}
		return nil
	})
	return seen, err
}

// MarkerWorkFilter narrows a list of records; zero values do not. A stone of several lines is found under each.
type MarkerWorkFilter struct {
	Line, Marker uuid.UUID
	State        boundary.WorkState
}

// MarkerWorks lists the records the actor may read, newest first, from before the one named.
func (s *Store) MarkerWorks(ctx context.Context, actor gazetteer.Actor, now time.Time, f MarkerWorkFilter, before uuid.UUID, limit int) ([]MarkerWork, error) {
	found, err := s.markerWorks(ctx, actor, now, `
		where ($1::uuid is null or $1 = any (w.lines)) and ($2::uuid is null or w.marker_id = $2) and ($3 = '' or w.state = $3)
		  and ($4::uuid is null or w.id < $4) order by w.id desc limit $5`,
		nilID(f.Line), nilID(f.Marker), string(f.State), nilID(before), limit)
	out := []MarkerWork{}
	for _, r := range found {
		out = append(out, r.MarkerWork)
	}
	return out, err
}

// MarkerWork returns a record to whoever may read it, else NotFound "work-unknown".
func (s *Store) MarkerWork(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (MarkerWork, error) {
	r, err := s.markerWorkOf(ctx, actor, now, id)
	return r.MarkerWork, err
}

func (s *Store) markerWorkOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (workRow, error) {
	found, err := s.markerWorks(ctx, actor, now, ` where w.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "work-unknown", "没有这份界桩维护记录")
	}
	if err != nil {
		return workRow{}, err
	}
	return found[0], nil
}

// WorkAtMarker is what the actor may record at a marker, and what a measure counts as there.
type WorkAtMarker struct {
	State            boundary.MarkerState `json:"state"`
	Kinds            []WorkKindOpen       `json:"kinds"` // that the actor may record now
	Parties          []DivisionRef        `json:"parties"`
	RightingIsUpkeep bool                 `json:"rightingIsUpkeep"`
	RightingSource   string               `json:"rightingSource"`
}

// WorkKindOpen is a kind of work that is open.
type WorkKindOpen struct {
	Kind     boundary.WorkKind `json:"kind"`
	Label    string            `json:"label"`
	Together bool              `json:"together"` // it is recorded when every side stands behind it
}

// stone is a marker with everything that work at it is held against.
type stone struct {
	ID, Line   uuid.UUID
	Lines      []uuid.UUID
	Pairs      [][2]uuid.UUID
	Parties    []DivisionRef
	ChainageM  float64
	registered *geom.Point
	seat       boundary.Seat
	facts      boundary.WorkFacts
	source     string // of the rule about righting
}

// stone gathers a marker the actor may know of, with the rule that is in force on a day: today where it says none.
// Errors: NotFound "marker-unknown".
func (s *Store) stone(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, on string) (m stone, err error) {
	if _, err := time.Parse(time.DateOnly, on); err != nil { // refused where it is checked
		on = beijing.Day(now)
	}
	var counts string
	var sigma *float64
	m.ID = id
	err = s.db.QueryRow(ctx, `
		select m.line_id, x.lines, (select jsonb_agg(jsonb_build_array(t.party_a, t.party_b) order by t.id) from line t where t.id = any (x.lines)),
		       (select jsonb_agg(jsonb_build_object('id', p, 'name', `+nameSQL("p")+`) order by p) from unnest(line_parties(x.lines)) p),
		       m.chainage_m, m.geom, m.sigma_m, m.state, coalesce(r.counts_as, 'repair'), coalesce(r.source, '')
		from known_marker m join line l on l.id = m.line_id cross join lateral (select marker_lines(m.id) as lines) x
		left join lateral (
		    select r.counts_as, r.source from marker_measure_rule r
		    where r.measure = 'righting' and r.level = l.level and coalesce(r.valid_from, '-infinity') <= $2::text::date
		      and (r.division_id is null or division_covers(r.division_id, l.party_a) and division_covers(r.division_id, l.party_b))
		    order by (select count(distinct o.division_id) from marker_measure_rule o where o.division_id is not null and division_covers(o.division_id, r.division_id)) desc,
		             r.division_id is null, r.valid_from desc nulls last limit 1) r on true
		where m.id = $1`, id, on).Scan(&m.Line, &m.Lines, &m.Pairs, &m.Parties, &m.ChainageM, &m.registered, &sigma, &m.facts.Marker, &counts, &m.source)
	if err != nil {
		return m, notFound(err, "marker-unknown", "没有这个界桩")
	}
	m.facts.Registered, m.facts.RightingIsUpkeep = orb.Point{m.registered.X(), m.registered.Y()}, counts == "upkeep"
	if sigma != nil {
		m.facts.RegisteredSigmaM = *sigma
	}
	for _, p := range m.Parties {
		m.facts.Parties = append(m.facts.Parties, p.ID)
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, m.facts.Parties...)
	m.seat = boundary.SeatOn(actor, lineage, m.Pairs)
	return m, err
}

// workSide is the side for which the actor records work of a kind at a stone: that of his office, or of the office for which he
// works by assignment.
//
// Errors: Forbidden "not-yours", "not-assigned".
func (s *Store) workSide(ctx context.Context, actor gazetteer.Actor, now time.Time, m stone, together bool) (office, side uuid.UUID, err error) {
	notYours := fault.New(fault.Forbidden, "not-yours", "只有界线一方的经办、负责人、测绘人员或受托的管护人员可以为本方登记界桩维护")
	if !boundary.ByAssignment(actor) {
		if actor.System != "" || m.seat.Side == uuid.Nil || !actor.Has(boundary.WorkWriters...) {
			return uuid.Nil, uuid.Nil, notYours
		}
		return actor.OfficeID, m.seat.Side, nil
	}
	task, err := s.taskAt(ctx, actor, now, m.Line)
	switch {
	case err != nil:
		return uuid.Nil, uuid.Nil, err
	case task == nil:
		return uuid.Nil, uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "您现在没有这条界线的任务，或任务已经结束")
	case !task.CoversMarker(m.ID, m.ChainageM):
		return uuid.Nil, uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "这个界桩不在您的任务之内")
	case together:
		return uuid.Nil, uuid.Nil, fault.New(fault.Forbidden, "not-yours", "复测、恢复方案和修复由界线双方的经办或负责人登记：受托人员登记查看结果和日常养护")
	}
	var jurisdiction *uuid.UUID
	if err := s.db.QueryRow(ctx, `select division_id from office where id = $1`, task.OfficeID).Scan(&jurisdiction); err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, m.facts.Parties...)
	if err != nil || jurisdiction == nil {
		return uuid.Nil, uuid.Nil, err
	}
	for _, p := range m.facts.Parties {
		if p == *jurisdiction || slices.Contains(lineage.Heirs(p), *jurisdiction) {
			return task.OfficeID, p, nil
		}
	}
	return uuid.Nil, uuid.Nil, notYours
}

// WorkAtMarker says what the actor may record at a marker now; nothing where it is not his.
//
// Errors: NotFound "marker-unknown".
func (s *Store) WorkAtMarker(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (w WorkAtMarker, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		m, err := t.stone(ctx, actor, now, id, "")
		if err != nil {
			return err
		}
		w = WorkAtMarker{
			State: m.facts.Marker, Kinds: []WorkKindOpen{}, Parties: m.Parties, RightingIsUpkeep: m.facts.RightingIsUpkeep, RightingSource: m.source,
		}
		for _, k := range m.facts.Marker.OpenWork() {
			_, _, err := t.workSide(ctx, actor, now, m, k.Together())
			switch {
			case err == nil:
				w.Kinds = append(w.Kinds, WorkKindOpen{Kind: k, Label: k.Label(), Together: k.Together()})
			case fault.KindOf(err) != fault.Forbidden:
				return err
			}
		}
		return nil
	})
	return w, err
}
