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
	"fangyu/internal/fault"
)

// Paper names a document that was filed.
type Paper struct {
	Title    string `json:"title"`
	Number   string `json:"number"`
	IssuedBy string `json:"issuedBy"`
	IssuedOn string `json:"issuedOn"` // a day, "" where not known
}

// Agreement is an agreement on a line as one who may see it reads it.
type Agreement struct {
	ID      uuid.UUID               `json:"id"`
	State   boundary.AgreementState `json:"state"`
	Version int                     `json:"version"`
	Office  boundary.OfficeRef      `json:"office"` // that wrote it
	Line    LineRef                 `json:"line"`
	PartyA  DivisionRef             `json:"partyA"`
	PartyB  DivisionRef             `json:"partyB"`
	Party   uuid.UUID               `json:"party"` // the side that office speaks for
	boundary.AgreementContent
	GeometryGiven bool                             `json:"geometryGiven"` // false: its geometry is that of the version it was made over
	Snapped       []boundary.SnappedEnd            `json:"snapped"`       // ends that were put on what they meet
	LengthM       float64                          `json:"lengthM"`
	DepartsM      float64                          `json:"departsM"`
	LineChanged   bool                             `json:"lineChanged"` // the line got another version since
	ContentSHA256 string                           `json:"contentSha256"`
	Confirmations []boundary.AgreementConfirmation `json:"confirmations"`
	Agreed        *Paper                           `json:"agreed"` // the signed agreement
	Approval      *Paper                           `json:"approval"`
	Publication   *Paper                           `json:"publication"`
	ValidFrom     *string                          `json:"validFrom"` // of the version that it made
	Editable      bool                             `json:"editable"`
	CreatedAt     time.Time                        `json:"createdAt"`
	Actions       []gazetteer.OpenAction           `json:"actions"`
}

// agreementRow is an agreement with what its state machine needs.
type agreementRow struct {
	Agreement
	agreement boundary.Agreement
	seat      boundary.Seat
	over      uuid.UUID // the version it was made over
	document  *uuid.UUID
}

// paperSQL is a document as a Paper; null where there is none.
func paperSQL(alias string) string {
	return `case when ` + alias + `.id is not null then jsonb_build_object('title', ` + alias + `.title, 'number', coalesce(` + alias + `.number, ''),
		'issuedBy', coalesce(` + alias + `.issued_by, ''), 'issuedOn', coalesce(` + alias + `.issued_on::text, '')) end`
}

// agreementSQL reads agreements; geom is the expression of their geometry, which lists do without.
func agreementSQL(geom string) string {
	return `
	select a.id, a.state, a.version, a.office_id, o.name, a.line_id, l.name, l.party_a, ` + nameSQL("l.party_a") + `, l.party_b, ` + nameSQL("l.party_b") + `, a.party,
	       ` + geom + `, a.departs_at_most_m, a.course, a.published_length_m, a.published_source, coalesce(a.original_datum, ''), a.original_projection,
	       a.original_coordinates, a.segments, a.snapped, a.moves_nodes, a.settles, a.geometry_given, a.length_m, a.departs_m, a.over_version,
	       not exists (select from line_version v where v.id = a.over_version and upper_inf(v.valid)) and a.state <> 'in-force',
	       not exists (select from line_version v where v.line_id = a.line_id and upper_inf(v.valid)),
	       a.content_sha256, a.document_id, ` + paperSQL("d") + `, ` + paperSQL("p") + `, ` + paperSQL("n") + `, lower(v.valid)::text, a.created_at,
	       coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'party', c.party, 'office', co.name, 'name', ca.name, 'contentSha256', c.content_sha256,
	                                  'confirmedAt', c.confirmed_at, 'voidedAt', c.voided_at, 'voidReason', c.void_reason) order by c.confirmed_at, c.id)
	                 from agreement_confirmation c join office co on co.id = c.office_id join account ca on ca.id = c.account_id
	                 where c.agreement_id = a.id), '[]')
	from agreement a
	join office o on o.id = a.office_id
	join line l on l.id = a.line_id
	left join line_version v on v.agreed_in = a.id
	left join document d on d.id = a.document_id
	left join document p on p.id = v.approval_id
	left join document n on n.id = v.publication_id`
}

func scanAgreement(row pgx.CollectableRow) (r agreementRow, err error) {
	var course *orb.MultiLineString
	var ended bool
	var confirmations []struct {
		boundary.AgreementConfirmation
		ID uuid.UUID `json:"id"`
	}
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Office.ID, &r.Office.Name, &r.Line.ID, &r.Line.Name, &r.PartyA.ID, &r.PartyA.Name, &r.PartyB.ID, &r.PartyB.Name, &r.Party,
		&course, &r.DepartsAtMostM, &r.Course, &r.PublishedLengthM, &r.PublishedSource, &r.OriginalDatum, &r.OriginalProjection,
		&r.OriginalCoordinates, &r.Segments, &r.Snapped, &r.MovesNodes, &r.Settles, &r.GeometryGiven, &r.LengthM, &r.DepartsM, &r.over, &r.LineChanged, &ended,
		&r.ContentSHA256, &r.document, &r.Agreed, &r.Approval, &r.Publication, &r.ValidFrom, &r.CreatedAt, &confirmations)
	if course != nil {
		r.Geometry = *course
	}
	r.Confirmations = []boundary.AgreementConfirmation{}
	for _, c := range confirmations {
		c.AgreementConfirmation.ID = c.ID
		r.Confirmations = append(r.Confirmations, c.AgreementConfirmation)
	}
	r.agreement = boundary.Agreement{
		State: r.State, Version: r.Version, OfficeID: r.Office.ID, Party: r.Party, ContentSHA256: r.ContentSHA256, Confirmations: r.Confirmations,
		LineEnded: ended,
	}
	return r, err
}

// agreements reads those that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) agreements(ctx context.Context, actor gazetteer.Actor, now time.Time, geom, where string, args ...any) (seen []agreementRow, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, agreementSQL(geom)+where, args...)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanAgreement)
		if err != nil {
			return fmt.Errorf("read agreements: %w", err)
		}
		var parties []uuid.UUID
		for _, r := range all {
			parties = append(parties, r.PartyA.ID, r.PartyB.ID)
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, parties...)
		if err != nil {
			return err
		}
		for _, r := range all {
			r.seat = boundary.SeatOf(actor, lineage, r.PartyA.ID, r.PartyB.ID)
			if s.open || r.agreement.ReadBy(actor, r.seat) {
				r.Actions, r.Editable = r.agreement.OpenActions(actor, r.seat), r.agreement.Editable(actor) == nil
				seen = append(seen, r)
			}
		}
		return nil
	})
	return seen, err
}

// AgreementFilter narrows a list of agreements; zero values do not.
type AgreementFilter struct {
	Line  uuid.UUID
	State boundary.AgreementState
}

// Agreements lists those the actor may read, newest first, from before the one named, without their geometry.
func (s *Store) Agreements(ctx context.Context, actor gazetteer.Actor, now time.Time, f AgreementFilter, before uuid.UUID, limit int) ([]Agreement, error) {
	found, err := s.agreements(ctx, actor, now, `null::geometry`, `
		where ($1::uuid is null or a.line_id = $1) and ($2 = '' or a.state = $2) and ($3::uuid is null or a.id < $3) order by a.id desc limit $4`,
		nilID(f.Line), string(f.State), nilID(before), limit)
	out := []Agreement{}
	for _, r := range found {
		out = append(out, r.Agreement)
	}
	return out, err
}

// Agreement returns an agreement with its geometry to whoever may read it, else NotFound "agreement-unknown".
func (s *Store) Agreement(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Agreement, error) {
	r, err := s.agreementOf(ctx, actor, now, id)
	return r.Agreement, err
}

func (s *Store) agreementOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (agreementRow, error) {
	found, err := s.agreements(ctx, actor, now, `a.geom`, ` where a.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "agreement-unknown", "没有这份协议书")
	}
	if err != nil {
		return agreementRow{}, err
	}
	return found[0], nil
}
