package boundsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// MarkerChange is the case of a change of a marker as one who may see it reads it.
type MarkerChange struct {
	ID       uuid.UUID            `json:"id"`
	State    boundary.ChangeState `json:"state"`
	Version  int                  `json:"version"`
	Office   boundary.OfficeRef   `json:"office"` // that applied
	MarkerID *uuid.UUID           `json:"markerId"`
	Line     LineRef              `json:"line"`
	Party    uuid.UUID            `json:"party"` // the side that office speaks for
	Parties  []DivisionRef        `json:"parties"`
	boundary.ChangeContent
	Former        []float64                     `json:"former"` // registered position that the case is about; null for an addition
	Survey        *boundary.ChangeSurvey        `json:"survey"`
	ContentSHA256 string                        `json:"contentSha256"`
	SurveySHA256  string                        `json:"surveySha256"`
	Confirmations []boundary.ChangeConfirmation `json:"confirmations"`
	Approval      *Paper                        `json:"approval"`
	Archive       *Paper                        `json:"archive"`
	Filing        *Paper                        `json:"filing"`
	ValidFrom     *string                       `json:"validFrom"`
	Refusal       *string                       `json:"refusal"`
	Editable      bool                          `json:"editable"`
	CreatedAt     time.Time                     `json:"createdAt"`
	MovesM        *float64                      `json:"movesM"`       // from the former to the surveyed position, or the proposed one before it is surveyed
	SurveyApartM  *float64                      `json:"surveyApartM"` // of the surveyed from the proposed position
	Stages        []ChangeStage                 `json:"stages"`
	Actions       []gazetteer.OpenAction        `json:"actions"`
}

// ChangeStage is a stage of a case with the sides it waits for.
type ChangeStage struct {
	Name  string                    `json:"name"`
	State boundary.ChangeStageState `json:"state"`
	By    boundary.ChangeStageBy    `json:"by"`
	Waits []DivisionRef             `json:"waits"`
}

// stages are the stages of the case as its state machine sees them.
func (r changeRow) stages() (out []ChangeStage) {
	for _, s := range r.change.Stages() {
		stage := ChangeStage{Name: s.Name, State: s.State, By: s.By, Waits: []DivisionRef{}}
		for _, p := range r.Parties {
			if slices.Contains(s.Waits, p.ID) {
				stage.Waits = append(stage.Waits, p)
			}
		}
		out = append(out, stage)
	}
	return out
}

// apartM is how far two positions lie apart in metres; nil without both.
func apartM(a, b []float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	m := geo.DistanceM(orb.Point{a[0], a[1]}, orb.Point{b[0], b[1]})
	return &m
}

// changeRow is a case with what its state machine needs.
type changeRow struct {
	MarkerChange
	change                    boundary.MarkerChange
	seat                      boundary.Seat
	pairs                     [][2]uuid.UUID
	lines                     []uuid.UUID
	marker                    uuid.UUID // of an addition the one it will be
	markerState               *boundary.MarkerState
	approval, archive, filing *uuid.UUID
}

// markerChangeSQL reads cases of markers that the acting office may know of.
var markerChangeSQL = `
	select c.id, c.state, c.version, c.office_id, o.name, c.marker_id, m.state, c.line_id, l.name, c.party,
	       (select jsonb_agg(jsonb_build_object('id', p, 'name', ` + nameSQL("p") + `) order by p) from unnest(c.parties) p),
	       (select jsonb_agg(jsonb_build_array(t.party_a, t.party_b) order by t.id) from line t where t.id = any (c.lines)), c.lines,
	       c.kind, c.applicant, c.reason, c.number, c.stone, c.type, c.proposed,
	       (select p.geom from marker_position p
	        where p.marker_id = c.marker_id and c.kind <> 'addition' and p.n < coalesce((select q.n from marker_position q where q.change_id = c.id), 2147483647)
	        order by p.n desc limit 1),
	       c.surveyed, c.sigma_m, c.method, coalesce(c.surveyed_on::text, ''), coalesce(c.survey_sha256, ''), c.objects, c.again, c.content_sha256,
	       c.approval_id, c.archive_id, c.filing_id, ` + paperSQL("a") + `, ` + paperSQL("h") + `, ` + paperSQL("f") + `, c.valid_from::text, c.refusal, c.created_at,
	       coalesce((select jsonb_agg(jsonb_build_object('stage', x.stage, 'voidedAt', x.voided_at, 'voidReason', x.void_reason, 'party', x.party, 'office', co.name, 'name', ca.name, 'contentSha256', x.content_sha256,
	                                  'confirmedAt', x.confirmed_at) order by x.confirmed_at, x.id)
	                 from marker_change_confirmation x join office co on co.id = x.office_id join account ca on ca.id = x.account_id
	                 where x.change_id = c.id), '[]'),
	       not exists (select from line_version v where v.line_id = c.line_id and upper_inf(v.valid)) or coalesce(m.line_id <> c.line_id, false),
	       coalesce(greatest(c.surveyed_on, (select max(p.valid_from) + 1 from marker_position p where p.marker_id = c.marker_id),
	                         (select max(k.valid_from) from marker_record k where k.marker_id = c.marker_id))::text, '')
	from marker_change c join office o on o.id = c.office_id join line l on l.id = c.line_id
	left join known_marker m on m.id = c.marker_id
	left join document a on a.id = c.approval_id
	left join document h on h.id = c.archive_id
	left join document f on f.id = c.filing_id
	where (m.id is not null or c.kind = 'addition' and c.state <> 'filed')`

func scanMarkerChange(row pgx.CollectableRow) (r changeRow, err error) {
	var proposed, former, surveyed *geom.Point
	var survey boundary.ChangeSurvey
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Office.ID, &r.Office.Name, &r.marker, &r.markerState, &r.Line.ID, &r.Line.Name, &r.Party, &r.Parties, &r.pairs, &r.lines,
		&r.Kind, &r.Applicant, &r.Reason, &r.Number, &r.Stone, &r.Type, &proposed, &former, &surveyed, &survey.SigmaM, &survey.Method, &survey.SurveyedOn,
		&r.SurveySHA256, &survey.Objects, &survey.Again, &r.ContentSHA256, &r.approval, &r.archive, &r.filing, &r.Approval, &r.Archive, &r.Filing, &r.ValidFrom, &r.Refusal, &r.CreatedAt,
		&r.Confirmations, &r.change.LineEnded, &r.change.NotBefore)
	if err != nil {
		return r, fmt.Errorf("read a case of a marker: %w", err)
	}
	r.Proposed, r.Former = lonLatHeight(proposed), lonLatHeight(former)
	if surveyed != nil {
		survey.Position = lonLatHeight(surveyed)
		r.Survey = &survey
	}
	if r.markerState != nil {
		r.MarkerID, r.change.Retired = &r.marker, *r.markerState == boundary.Retired
	}
	c := &r.change
	c.State, c.Version, c.Kind, c.OfficeID, c.Party = r.State, r.Version, r.Kind, r.Office.ID, r.Party
	c.ContentSHA256, c.SurveySHA256, c.Confirmations = r.ContentSHA256, r.SurveySHA256, r.Confirmations
	c.Approved, c.Archived = r.approval != nil, r.archive != nil
	for _, p := range r.Parties {
		c.Parties = append(c.Parties, p.ID)
	}
	r.MovesM = apartM(r.Former, r.Proposed)
	if r.Survey != nil {
		r.MovesM, r.SurveyApartM = apartM(r.Former, r.Survey.Position), apartM(r.Proposed, r.Survey.Position)
	}
	r.Stages = r.stages()
	return r, nil
}

// markerChanges reads those that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) markerChanges(ctx context.Context, actor gazetteer.Actor, now time.Time, and string, args ...any) (seen []changeRow, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, markerChangeSQL+and, args...)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanMarkerChange)
		if err != nil {
			return err
		}
		var parties []uuid.UUID
		for _, r := range all {
			parties = append(parties, r.change.Parties...)
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, parties...)
		if err != nil {
			return err
		}
		for _, r := range all {
			r.seat, r.change.OverAll = boundary.SeatOn(actor, lineage, r.pairs), boundary.OverAll(actor, lineage, r.pairs)
			if s.open || r.change.ReadBy(actor, r.seat) {
				r.Actions, r.Editable = r.change.OpenActions(actor, r.seat), r.change.Editable(actor) == nil
				seen = append(seen, r)
			}
		}
		return nil
	})
	return seen, err
}

// MarkerChangeFilter narrows a list of cases; zero values do not.
type MarkerChangeFilter struct {
	Line, Marker uuid.UUID
	State        boundary.ChangeState
}

// MarkerChanges lists the cases the actor may read, newest first, from before the one named.
func (s *Store) MarkerChanges(ctx context.Context, actor gazetteer.Actor, now time.Time, f MarkerChangeFilter, before uuid.UUID, limit int) ([]MarkerChange, error) {
	found, err := s.markerChanges(ctx, actor, now, `
		and ($1::uuid is null or $1 = any (c.lines)) and ($2::uuid is null or c.marker_id = $2) and ($3 = '' or c.state = $3)
		and ($4::uuid is null or c.id < $4) order by c.id desc limit $5`,
		nilID(f.Line), nilID(f.Marker), string(f.State), nilID(before), limit)
	out := []MarkerChange{}
	for _, r := range found {
		out = append(out, r.MarkerChange)
	}
	return out, err
}

// MarkerChange returns a case to whoever may read it, else NotFound "marker-change-unknown".
func (s *Store) MarkerChange(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (MarkerChange, error) {
	r, err := s.markerChangeOf(ctx, actor, now, id)
	return r.MarkerChange, err
}

func (s *Store) markerChangeOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (changeRow, error) {
	found, err := s.markerChanges(ctx, actor, now, ` and c.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "marker-change-unknown", "没有这件界桩变动")
	}
	if err != nil {
		return changeRow{}, err
	}
	return found[0], nil
}
