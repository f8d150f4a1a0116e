package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// Dispute is the case of a disputed segment as one who may see it reads it.
type Dispute struct {
	ID       uuid.UUID             `json:"id"`
	State    boundary.DisputeState `json:"state"`
	Version  int                   `json:"version"`
	Number   string                `json:"number"`
	Office   boundary.OfficeRef    `json:"office"` // that opened it
	Line     LineRef               `json:"line"`   // on which it lies today
	Text     string                `json:"text"`
	Document *Paper                `json:"document"`
	OpenedOn string                `json:"openedOn"` // a day
	ClosedOn *string               `json:"closedOn"`
	DaysOpen int                   `json:"daysOpen"` // until it was closed, or until today
	PartOf   *uuid.UUID            `json:"partOf"`   // that a change of divisions parted it from
	boundary.DisputedSpan
	Intervals     []DisputeInterval      `json:"intervals"` // as it was registered, then carried to every later version; the last is that above
	Decision      *Paper                 `json:"decision"`
	AgreementID   *uuid.UUID             `json:"agreementId"`
	LineVersionID *uuid.UUID             `json:"lineVersionId"` // that the decision names
	Reason        *string                `json:"reason"`        // why it was withdrawn
	Minutes       []DisputeMinute        `json:"minutes"`
	CreatedAt     time.Time              `json:"createdAt"`
	Actions       []gazetteer.OpenAction `json:"actions"`
	Geometry      orb.MultiLineString    `json:"-"` // CGCS2000; nil in lists of several lines
}

// DisputeInterval is where a case runs on a version of a line.
type DisputeInterval struct {
	boundary.DisputedSpan
	LineVersionID uuid.UUID `json:"lineVersionId"`
	Line          LineRef   `json:"line"`
	ValidFrom     *string   `json:"validFrom"` // of that version; nil: open
}

// DisputeMinute is what was said when both sides met.
type DisputeMinute struct {
	Office     string    `json:"office"`
	Note       string    `json:"note"`
	Document   Paper     `json:"document"`
	RecordedAt time.Time `json:"recordedAt"`
}

// disputeRow is a case with what its state machine needs.
type disputeRow struct {
	Dispute
	dispute        boundary.Dispute
	seat           boundary.Seat
	partyA, partyB uuid.UUID
}

// disputeSQL reads cases; geom is the expression of the course they lie on, which lists of many lines do without.
func disputeSQL(geom string) string {
	return `
	select d.id, d.state, d.version, d.number, d.office_id, o.name, d.line_id, l.name, l.party_a, l.party_b, d.text, ` + paperSQL("p") + `, d.opened_on::text, d.closed_on::text,
	       coalesce(d.closed_on, @today::text::date) - d.opened_on, d.part_of, ` + paperSQL("e") + `, d.agreement_id, d.line_version_id, d.reason, d.created_at,
	       (select jsonb_agg(jsonb_build_object('whole', i.whole, 'fromM', i.from_m, 'toM', i.to_m, 'lineVersionId', v.id,
	                         'line', jsonb_build_object('id', x.id, 'name', x.name), 'validFrom', lower(v.valid)) order by i.n)
	        from dispute_interval i join line_version v on v.id = i.line_version_id join line x on x.id = v.line_id where i.dispute_id = d.id),
	       coalesce((select jsonb_agg(jsonb_build_object('office', mo.name, 'note', m.note, 'document', ` + paperSQL("md") + `, 'recordedAt', m.recorded_at) order by m.recorded_at, m.id)
	                 from dispute_minute m join office mo on mo.id = m.office_id join document md on md.id = m.document_id where m.dispute_id = d.id), '[]'),
	       exists (select from agreement a where a.line_id = d.line_id and a.state = 'signed' and d.id = any (a.settles)), ` + geom + `
	from dispute d join office o on o.id = d.office_id join line l on l.id = d.line_id
	left join document p on p.id = d.document_id
	left join document e on e.id = d.decision_id`
}

// disputedCourse is the course on which a case lies.
const disputedCourse = `(select v.geom from dispute_interval i join line_version v on v.id = i.line_version_id where i.dispute_id = d.id order by i.n desc limit 1)`

func scanDispute(row pgx.CollectableRow) (r disputeRow, err error) {
	var course *orb.MultiLineString
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Number, &r.Office.ID, &r.Office.Name, &r.Line.ID, &r.Line.Name, &r.partyA, &r.partyB, &r.Text, &r.Document,
		&r.OpenedOn, &r.ClosedOn, &r.DaysOpen, &r.PartOf, &r.Decision, &r.AgreementID, &r.LineVersionID, &r.Reason, &r.CreatedAt, &r.Intervals, &r.Minutes,
		&r.dispute.Agreed, &course)
	if err != nil {
		return r, fmt.Errorf("read a dispute: %w", err)
	}
	r.DisputedSpan = r.Intervals[len(r.Intervals)-1].DisputedSpan
	r.dispute.State, r.dispute.Version, r.dispute.OfficeID = r.State, r.Version, r.Office.ID
	if course == nil {
		return r, nil
	}
	chain, err := geo.NewChain(*course)
	if err != nil {
		return r, err
	}
	r.Geometry = chain.Sub(r.FromM, r.ToM)
	return r, nil
}

// disputes reads those that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) disputes(ctx context.Context, actor gazetteer.Actor, now time.Time, geom, where string, args pgx.StrictNamedArgs) (seen []disputeRow, err error) {
	args["today"] = beijing.Day(now)
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, disputeSQL(geom)+where, args)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanDispute)
		if err != nil {
			return err
		}
		var parties []uuid.UUID
		for _, r := range all {
			parties = append(parties, r.partyA, r.partyB)
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, parties...)
		if err != nil {
			return err
		}
		for _, r := range all {
			r.seat = boundary.SeatOf(actor, lineage, r.partyA, r.partyB)
			if s.open || r.dispute.ReadBy(actor, r.seat) {
				r.Actions = r.dispute.OpenActions(actor, r.seat)
				seen = append(seen, r)
			}
		}
		return nil
	})
	return seen, err
}

// DisputeFilter narrows a list of cases; zero values do not.
type DisputeFilter struct {
	Line  uuid.UUID
	State boundary.DisputeState
}

// Disputes lists the cases the actor may read, newest first, from before the one named. Those of one line have their geometry.
func (s *Store) Disputes(ctx context.Context, actor gazetteer.Actor, now time.Time, f DisputeFilter, before uuid.UUID, limit int) ([]Dispute, error) {
	geom := disputedCourse
	if f.Line == uuid.Nil {
		geom = `null::geometry`
	}
	found, err := s.disputes(ctx, actor, now, geom, `
		where (@line::uuid is null or d.line_id = @line) and (@state = '' or d.state = @state) and (@before::uuid is null or d.id < @before) order by d.id desc limit @limit`,
		pgx.StrictNamedArgs{"line": nilID(f.Line), "state": string(f.State), "before": nilID(before), "limit": limit})
	out := []Dispute{}
	for _, r := range found {
		out = append(out, r.Dispute)
	}
	return out, err
}

// Dispute returns a case with its geometry to whoever may know of it, else NotFound "dispute-unknown".
func (s *Store) Dispute(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Dispute, error) {
	r, err := s.disputeOf(ctx, actor, now, id)
	return r.Dispute, err
}

func (s *Store) disputeOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (disputeRow, error) {
	found, err := s.disputes(ctx, actor, now, disputedCourse, ` where d.id = @id`, pgx.StrictNamedArgs{"id": id})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "dispute-unknown", "没有这件争议")
	}
	if err != nil {
		return disputeRow{}, err
	}
	return found[0], nil
}
