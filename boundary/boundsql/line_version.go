package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// LineVersion is a version of a line with what it rests on. Legal status and edge matching are separate facts.
type LineVersion struct {
	ID                  uuid.UUID              `json:"id"`
	ValidFrom           *string                `json:"validFrom"` // a day; nil: open
	ValidTo             *string                `json:"validTo"`
	LegalStatus         string                 `json:"legalStatus"`
	EdgeMatched         bool                   `json:"edgeMatched"`
	LengthM             float64                `json:"lengthM"`
	PublishedLengthM    *float64               `json:"publishedLengthM"`
	PublishedSource     *string                `json:"publishedSource"`
	Source              Paper                  `json:"source"` // where the geometry comes from
	Agreement           *Paper                 `json:"agreement"`
	Approval            *Paper                 `json:"approval"`
	Publication         *Paper                 `json:"publication"`
	AgreementID         *uuid.UUID             `json:"agreementId"` // for who may read it
	Frame               string                 `json:"frame"`
	Course              string                 `json:"course"`
	OriginalDatum       *string                `json:"originalDatum"`
	OriginalProjection  *string                `json:"originalProjection"`
	OriginalCoordinates *string                `json:"originalCoordinates"` // for the parties and who is above them
	Sections            int                    `json:"sections"`
	Segments            []boundary.LineSegment `json:"segments"`
	RecordedAt          time.Time              `json:"recordedAt"`
}

// LineVersions lists the versions of a line, the latest first. The coordinates of the old agreement are for who may see
// exact positions: the parties and those above them, who read the agreement itself.
//
// Errors: NotFound "line-unknown".
func (s *Store) LineVersions(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (out []LineVersion, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		out, err = collect[LineVersion](ctx, tx, `
			select v.id, lower(v.valid)::text as valid_from, upper(v.valid)::text as valid_to, v.legal_status, v.edge_matched, v.length_m, v.published_length_m,
			       v.published_source, `+paperSQL("d")+` as source, `+paperSQL("a")+` as agreement, `+paperSQL("p")+` as approval, `+paperSQL("n")+` as publication,
			       g.id as agreement_id, v.frame, v.course, v.original_datum, v.original_projection,
			       nullif(g.original_coordinates, '') as original_coordinates,
			       (select count(*)::int from section s where s.line_version_id = v.id) as sections, v.recorded_at,
			       coalesce((select jsonb_agg(jsonb_build_object('fromM', x.from_m, 'toM', x.to_m, 'markKind', x.mark_kind, 'followsFeature', x.follows_feature,
			                                  'accuracyM', x.accuracy_m, 'description', x.description) order by x.n)
			                 from line_segment x where x.line_version_id = v.id), '[]') as segments
			from line_version v
			join document d on d.id = v.document_id
			left join document a on a.id = v.agreement_id
			left join document p on p.id = v.approval_id
			left join document n on n.id = v.publication_id
			left join agreement g on g.id = v.agreed_in
			where v.line_id = $1 order by lower(v.valid) desc nulls last`, line)
		if err != nil {
			return err
		}
		if len(out) == 0 {
			return fault.New(fault.NotFound, "line-unknown", "没有这条界线")
		}
		for i := range out {
			if id := out[i].AgreementID; id != nil && !s.open {
				if _, err := s.over(tx).Agreement(ctx, actor, now, *id); fault.Is(err, "agreement-unknown") {
					out[i].AgreementID, out[i].OriginalCoordinates = nil, nil
				} else if err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// giveStatus says what a version is worth. A new one becomes law when it is whole: the guard lets nothing be added to it then.
func giveStatus(ctx context.Context, tx pgx.Tx, version uuid.UUID, status boundary.LegalStatus) error {
	if _, err := tx.Exec(ctx, `update line_version set legal_status = $2 where id = $1`, version, string(status)); err != nil {
		return fmt.Errorf("give the version its legal status: %w", err)
	}
	return nil
}

// keepCourse gives a version that runs exactly as the former one did its course description, datum and segments.
func keepCourse(ctx context.Context, tx pgx.Tx, former, version uuid.UUID) error {
	kept, err := tx.Exec(ctx, `
		update line_version v set course = f.course, original_datum = f.original_datum, original_projection = f.original_projection
		from line_version f where v.id = $2 and f.id = $1 and st_orderingequals(v.geom, f.geom)`, former, version)
	if err == nil && kept.RowsAffected() > 0 {
		_, err = tx.Exec(ctx, `
			insert into line_segment (line_version_id, n, from_m, to_m, mark_kind, follows_feature, accuracy_m, description)
			select $2, n, from_m, to_m, mark_kind, follows_feature, accuracy_m, description from line_segment where line_version_id = $1`, former, version)
	}
	if err != nil {
		return fmt.Errorf("keep the course of the version: %w", err)
	}
	return nil
}
