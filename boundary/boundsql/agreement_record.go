package boundsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// AgreementInput is an agreement to draft.
type AgreementInput struct {
	ID     uuid.UUID // its identity; made when none is given
	LineID uuid.UUID
	boundary.AgreementContent
}

// lineUnderAgreement is a line as it stands today, under an agreement.
type lineUnderAgreement struct {
	ID             uuid.UUID
	PartyA, PartyB uuid.UUID
	Version        uuid.UUID
	LegalStatus    boundary.LegalStatus
	Since          *time.Time // the first day of that version; nil when open
	Geometry       orb.MultiLineString
}

// openVersion reads the version of a line that stands today and locks it when it is to be replaced.
func openVersion(ctx context.Context, db postgis.Conn, line uuid.UUID, lock string) (l lineUnderAgreement, err error) {
	rows, err := db.Query(ctx, `
		select l.id, l.party_a, l.party_b, v.id as version, v.legal_status, lower(v.valid) as since, v.geom as geometry
		from line l join line_version v on v.line_id = l.id and upper_inf(v.valid)
		where l.id = $1 `+lock, line)
	if err != nil {
		return l, err
	}
	l, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[lineUnderAgreement])
	return l, notFound(err, "line-unknown", "没有这条界线，或它已经终止")
}

// CreateAgreement writes a draft for the actor's side of a line.
//
// Errors: NotFound "line-unknown"; Forbidden "not-yours" for whoever keeps neither side's lines; Refused "agreement-wrong" with all findings of
// boundary.AgreementContent.Settle; Conflict "agreement-there" when the side has one under way at the line.
func (s *Store) CreateAgreement(ctx context.Context, actor gazetteer.Actor, now time.Time, in AgreementInput) (Agreement, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Agreement(ctx, actor, now, id); !fault.Is(err, "agreement-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		line, err := openVersion(ctx, tx, in.LineID, "")
		if err != nil {
			return err
		}
		lineage, err := gazsql.LineageOf(ctx, tx, now, line.PartyA, line.PartyB)
		if err != nil {
			return err
		}
		seat := boundary.SeatOf(actor, lineage, line.PartyA, line.PartyB)
		if seat.Side == uuid.Nil || !boundary.MayCommission(actor, seat.Standing) {
			return fault.New(fault.Forbidden, "not-yours", "只有界线一方的经办或负责人可以起草协议书")
		}
		args, err := s.over(tx).settled(ctx, actor, now, in.AgreementContent, line)
		if err != nil {
			return err
		}
		args["id"], args["office"], args["line"], args["party"], args["by"], args["now"] = id, actor.OfficeID, line.ID, seat.Side, actor.AccountID, now
		_, err = tx.Exec(ctx, `
			insert into agreement (id, office_id, line_id, party, over_version, geom, geometry_given, length_m, departs_m, departs_at_most_m, course, published_length_m,
			    published_source, original_datum, original_projection, original_coordinates, segments, snapped, moves_nodes, settles, content_sha256, state, written_by, created_at)
			values (@id, @office, @line, @party, @over, @geom, @given, @length, @departs, @most, @course, @published,
			    @source, @datum, @projection, @coordinates, @segments, @snapped, @moves, @settles, @sha256, 'draft', @by, @now)`, args)
		if err != nil {
			return agreementThere(err)
		}
		return recordAgreement(ctx, tx, actor, now, id, "create", nil, map[string]any{"state": boundary.AgreementDraft, "contentSha256": args["sha256"]})
	})
	if err != nil {
		return Agreement{}, err
	}
	return s.Agreement(ctx, actor, now, id)
}

// agreementThere tells that another agreement is under way, and that the office speaks no more for its side, which ended, from
// everything else that can go wrong in writing one.
func agreementThere(err error) error {
	const insufficientPrivilege = "42501"
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if pg.Code == insufficientPrivilege {
			return fault.Wrap(err, fault.Forbidden, "not-yours", "本单位不再代表这一方：区划已经变更的，请登记单位的承继，由承继的单位办理")
		}
		switch pg.ConstraintName {
		case "agreement_of_side":
			return fault.Wrap(err, fault.Conflict, "agreement-there", "本方在这条界线上已有一份办理中的协议书：请改那一份，或先撤回")
		case "agreement_under_way":
			return fault.Wrap(err, fault.Conflict, "agreement-there", "这条界线上已有一份提交了的协议书：请先就那一份确认或提出异议")
		}
	}
	return fmt.Errorf("write the agreement: %w", err)
}

// settled is what an agreement says, checked against the line as it stands, as the columns take it.
func (s *Store) settled(ctx context.Context, actor gazetteer.Actor, now time.Time, content boundary.AgreementContent, line lineUnderAgreement) (pgx.StrictNamedArgs, error) {
	course := content.Geometry
	if course == nil {
		course = line.Geometry
	}
	meetings, err := s.meetingsOf(ctx, line.ID, course)
	if err != nil {
		return nil, err
	}
	c, found := content.Settle(line.Geometry, meetings)
	unknown, err := s.unknownDisputes(ctx, actor, now, line.ID, c.Settles)
	if err != nil {
		return nil, err
	}
	found = append(found, unknown...)
	if len(found) > 0 {
		return nil, fault.Refuse("agreement-wrong", "协议书的内容有误", found)
	}
	sha256, err := c.Digest(line.ID, line.Version)
	return pgx.StrictNamedArgs{
		"over": line.Version, "geom": c.Geometry, "given": c.Given, "length": c.LengthM, "departs": c.DepartsM, "most": c.DepartsAtMostM,
		"course": c.Course, "published": c.PublishedLengthM, "source": c.PublishedSource, "datum": nilText(c.OriginalDatum),
		"projection": c.OriginalProjection, "coordinates": c.OriginalCoordinates, "segments": c.Segments, "snapped": c.Snapped,
		"moves": append([]boundary.MovedNode{}, c.MovesNodes...), "settles": append([]uuid.UUID{}, c.Settles...), "sha256": sha256,
	}, err
}

func recordAgreement(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after any, cites ...uuid.UUID) error {
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "agreement/" + id.String(), Verb: verb, Before: before, After: after, Cites: cites,
	})
}

// lockAgreement locks an agreement the actor may read and checks the version.
func (s *Store) lockAgreement(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (agreementRow, error) {
	if _, err := tx.Exec(ctx, `select from agreement where id = $1 for update`, id); err != nil {
		return agreementRow{}, err
	}
	r, err := s.agreementOf(ctx, actor, now, id)
	if err == nil && r.Version != version {
		err = fault.New(fault.Stale, "stale", "协议书已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", r.Version, r.State.Label(), version)
	}
	return r, err
}

// EditAgreement writes a draft anew, against the version given and over the line as it stands today. The line stays.
//
// Errors: NotFound "agreement-unknown"; Stale "stale"; those of boundary.Agreement.Editable; Refused "agreement-wrong".
func (s *Store) EditAgreement(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, content boundary.AgreementContent) (Agreement, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		r, err := s.over(tx).lockAgreement(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		if err := r.agreement.Editable(actor); err != nil {
			return err
		}
		line, err := openVersion(ctx, tx, r.Line.ID, "")
		if err != nil {
			return err
		}
		args, err := s.over(tx).settled(ctx, actor, now, content, line)
		if err != nil {
			return err
		}
		args["id"], args["version"] = id, version
		_, err = tx.Exec(ctx, `
			update agreement set over_version = @over, geom = @geom, geometry_given = @given, length_m = @length, departs_m = @departs, departs_at_most_m = @most,
			    course = @course, published_length_m = @published, published_source = @source, original_datum = @datum, original_projection = @projection,
			    original_coordinates = @coordinates, segments = @segments, snapped = @snapped, moves_nodes = @moves, settles = @settles, content_sha256 = @sha256, version = version + 1
			where id = @id and version = @version`, args)
		if err != nil {
			return agreementThere(err)
		}
		return recordAgreement(ctx, tx, actor, now, id, "edit", nil, map[string]any{"contentSha256": args["sha256"]})
	})
	if err != nil {
		return Agreement{}, err
	}
	return s.Agreement(ctx, actor, now, id)
}

// ActOnAgreement takes an action on the agreement as it stood at the version given, approve on those that go together with it too. approve
// makes new versions of the lines in force; see enact. Who hands a draft back to its side is told what became of it, and does not read it again.
//
// Errors: NotFound "agreement-unknown"; Stale "stale"; Malformed "agreement-twice"; Conflict "agreement-there" when the other side's is under way; Forbidden
// "not-yours" for an office whose division ended, until another succeeds it; those of
// boundary.Agreement.Apply and of enact.
func (s *Store) ActOnAgreement(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.AgreementAction) (out Agreement, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		rows, err := t.lockTogether(ctx, tx, actor, now, append([]boundary.AgreementRef{{ID: id, Version: version}}, in.Together...))
		if err != nil {
			return err
		}
		next := make([]boundary.Agreement, len(rows))
		for i, r := range rows {
			if next[i], err = r.agreement.Apply(in, actor, r.seat, now, beijing.Day(now)); err != nil {
				return r.named(err, id)
			}
		}
		cites, err := filePapers(ctx, tx, now, in)
		if err != nil {
			return err
		}
		if next[0].State == boundary.AgreementInForce {
			if err := t.enact(ctx, tx, actor, now, rows, in.ValidFrom, cites); err != nil {
				return err
			}
		}
		for i, r := range rows {
			if err := r.take(ctx, tx, actor, now, next[i], in, cites); err != nil {
				return err
			}
		}
		if out, err = t.Agreement(ctx, actor, now, id); fault.Is(err, "agreement-unknown") {
			out, err = rows[0].handedBack(next[0]), nil
		}
		return err
	})
	return out, err
}

// take moves an agreement on and journals the action.
func (r agreementRow) take(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, next boundary.Agreement, in boundary.AgreementAction, cites []uuid.UUID) error {
	if err := r.move(ctx, tx, actor, next, in, cites); err != nil {
		return err
	}
	after := map[string]any{"state": next.State}
	if in.Reason != "" {
		after["reason"] = in.Reason
	}
	if in.Name == "confirm" {
		after["contentSha256"] = in.ContentSHA256
	}
	return recordAgreement(ctx, tx, actor, now, r.ID, in.Name, map[string]any{"state": r.State}, after, cites...)
}

// filePapers files the papers of an action: the one it rests on, and the publication.
func filePapers(ctx context.Context, tx pgx.Tx, now time.Time, in boundary.AgreementAction) (cites []uuid.UUID, err error) {
	kind := map[string]string{"sign": "agreement", "approve": "approval"}[in.Name]
	if kind == "" {
		kind = "other"
	}
	for _, p := range []struct {
		kind  string
		paper *gazetteer.Document
	}{{kind, in.Document}, {"publication", in.Publication}} {
		if p.paper == nil {
			continue
		}
		p.paper.Kind = p.kind
		id, err := gazsql.FileDocument(ctx, tx, now, *p.paper)
		if err != nil {
			return nil, err
		}
		cites = append(cites, id)
	}
	return cites, nil
}

// agreementKeeper is the system actor that hands a draft back to its side: who objected or returned it may not see it then.
var agreementKeeper = gazetteer.Actor{System: "agreement"}

// move records what became of an agreement: its state, its confirmations and the signed paper.
func (r agreementRow) move(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, next boundary.Agreement, in boundary.AgreementAction, cites []uuid.UUID) error {
	document := r.document
	switch {
	case in.Name == "sign":
		document = &cites[0]
	case next.State == boundary.AgreementDraft:
		document = nil
	}
	as := actor
	if next.State == boundary.AgreementDraft && !actor.IsOf(r.Office.ID) {
		as = agreementKeeper
	}
	return gazsql.As(ctx, tx, as, func(tx pgx.Tx) error {
		for _, c := range next.Confirmations { // before the step, which counts them
			if err := r.writeConfirmation(ctx, tx, actor, c); err != nil {
				return agreementThere(err)
			}
		}
		_, err := tx.Exec(ctx, `update agreement set state = @state, version = @to, document_id = @document where id = @id and version = @from`,
			pgx.StrictNamedArgs{"state": string(next.State), "to": next.Version, "document": document, "id": r.ID, "from": r.Version})
		if err != nil {
			return agreementThere(err)
		}
		for _, c := range next.Confirmations { // after the step back, without which none is void
			if err := voidConfirmation(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeConfirmation writes a new confirmation.
func (r agreementRow) writeConfirmation(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, c boundary.AgreementConfirmation) error {
	if c.ID != uuid.Nil {
		return nil
	}
	_, err := tx.Exec(ctx, `
		insert into agreement_confirmation (id, agreement_id, party, office_id, account_id, content_sha256, confirmed_at)
		values (@id, @agreement, @party, @office, @account, @content, @at)`,
		pgx.StrictNamedArgs{
			"id": gazsql.NewID(), "agreement": r.ID, "party": c.Party, "office": actor.OfficeID, "account": c.AccountID,
			"content": c.ContentSHA256, "at": c.ConfirmedAt,
		})
	if err != nil {
		return fmt.Errorf("record the confirmation: %w", err)
	}
	return nil
}

// voidConfirmation writes that a confirmation is void.
func voidConfirmation(ctx context.Context, tx pgx.Tx, c boundary.AgreementConfirmation) error {
	if c.VoidedAt == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `update agreement_confirmation set voided_at = $2, void_reason = $3 where id = $1 and voided_at is null`, c.ID, c.VoidedAt, c.VoidReason)
	if err != nil {
		return fmt.Errorf("void the confirmation: %w", err)
	}
	return nil
}

// handedBack is the agreement as whoever handed it back is told of it: its new state, and nothing he has not read.
func (r agreementRow) handedBack(next boundary.Agreement) Agreement {
	out := r.Agreement
	out.State, out.Version, out.Confirmations, out.Agreed = next.State, next.Version, next.Confirmations, nil
	out.Editable, out.Actions = false, []gazetteer.OpenAction{}
	return out
}
