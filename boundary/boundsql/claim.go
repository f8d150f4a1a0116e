package boundsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// ClaimInput is what a claim says.
type ClaimInput struct {
	ID            uuid.UUID       `json:"-"` // its identity; made when none is given
	LineID        uuid.UUID       `json:"lineId"`
	Title         string          `json:"title"`
	Text          string          `json:"text"`
	EvidenceClass string          `json:"evidenceClass"` // basis, reference, inadmissible
	Documents     []ClaimDocument `json:"documents"`
	FromM         float64         `json:"fromM"` // the stretch of the line it is about, by chainage in metres
	ToM           float64         `json:"toM"`
}

// ClaimDocument is a paper a claim rests on. It stays with the claim: others must not learn of it.
type ClaimDocument struct {
	Title    string `json:"title"`
	Number   string `json:"number"`
	IssuedBy string `json:"issuedBy"`
	IssuedOn string `json:"issuedOn"`
}

// Claim is a claim as one who may see it reads it.
type Claim struct {
	ID            uuid.UUID              `json:"id"`
	State         boundary.ClaimState    `json:"state"`
	Version       int                    `json:"version"`
	Office        boundary.OfficeRef     `json:"office"`
	Line          LineRef                `json:"line"`
	Party         uuid.UUID              `json:"party"` // the division it speaks for
	Title         string                 `json:"title"`
	Text          string                 `json:"text"`
	EvidenceClass string                 `json:"evidenceClass"`
	Documents     []ClaimDocument        `json:"documents"`
	FromM         float64                `json:"fromM"`
	ToM           float64                `json:"toM"`
	Editable      bool                   `json:"editable"`
	CreatedAt     time.Time              `json:"createdAt"`
	SentAt        *time.Time             `json:"sentAt"`
	Actions       []gazetteer.OpenAction `json:"actions"`
}

// claimRow is a claim with what its state machine needs.
type claimRow struct {
	Claim
	claim          boundary.Claim
	standing       boundary.Standing
	partyA, partyB uuid.UUID
}

const claimSQL = `
	select c.id, c.state, c.version, c.office_id, o.name, c.line_id, l.name, c.party, c.title, c.text, c.evidence_class, c.documents,
	       c.from_m, c.to_m, c.created_at, c.sent_at, l.party_a, l.party_b,
	       exists (select from claim x where x.line_id = c.line_id and x.party <> c.party and x.state in ('sent', 'exchanged'))
	from claim c join office o on o.id = c.office_id join line l on l.id = c.line_id`

func scanClaim(row pgx.CollectableRow) (r claimRow, err error) {
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Office.ID, &r.Office.Name, &r.Line.ID, &r.Line.Name, &r.Party, &r.Title, &r.Text,
		&r.EvidenceClass, &r.Documents, &r.FromM, &r.ToM, &r.CreatedAt, &r.SentAt, &r.partyA, &r.partyB, &r.claim.OtherSent)
	r.claim.State, r.claim.Version, r.claim.OfficeID = r.State, r.Version, r.Office.ID
	return r, err
}

// claims reads the claims that the condition and the second wall choose, and those of them that the first lets through.
func (s *Store) claims(ctx context.Context, actor gazetteer.Actor, now time.Time, where string, args ...any) (seen []claimRow, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, claimSQL+where, args...)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanClaim)
		if err != nil {
			return fmt.Errorf("read claims: %w", err)
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
			r.standing = boundary.StandingOf(actor, lineage, r.partyA, r.partyB)
			if s.open || r.claim.ReadBy(actor, r.standing) {
				r.Actions, r.Editable = r.claim.OpenActions(actor, r.standing), r.claim.Editable(actor) == nil
				seen = append(seen, r)
			}
		}
		return nil
	})
	return seen, err
}

// Claims lists those the actor may read, newest first, from before the one named: on one line, or on all (uuid.Nil).
func (s *Store) Claims(ctx context.Context, actor gazetteer.Actor, now time.Time, line, before uuid.UUID, limit int) ([]Claim, error) {
	found, err := s.claims(ctx, actor, now, `
		where ($1::uuid is null or c.line_id = $1) and ($2::uuid is null or c.id < $2) order by c.id desc limit $3`, nilID(line), nilID(before), limit)
	out := []Claim{}
	for _, r := range found {
		out = append(out, r.Claim)
	}
	return out, err
}

// Claim returns a claim to whoever may read it, else NotFound "claim-unknown".
func (s *Store) Claim(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Claim, error) {
	r, err := s.claimOf(ctx, actor, now, id)
	return r.Claim, err
}

func (s *Store) claimOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (claimRow, error) {
	found, err := s.claims(ctx, actor, now, ` where c.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "claim-unknown", "没有这份主张")
	}
	if err != nil {
		return claimRow{}, err
	}
	return found[0], nil
}

// CreateClaim writes a draft for the actor's side of a line.
//
// Errors: NotFound "line-unknown"; Forbidden "not-yours" for whoever keeps neither side's lines; Refused "claim-wrong".
func (s *Store) CreateClaim(ctx context.Context, actor gazetteer.Actor, now time.Time, in ClaimInput) (Claim, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Claim(ctx, actor, now, id); !fault.Is(err, "claim-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		party, err := s.over(tx).claimant(ctx, actor, now, in.LineID)
		if err != nil {
			return err
		}
		if err := in.check(ctx, tx, in.LineID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into claim (id, office_id, line_id, party, title, text, evidence_class, documents, from_m, to_m, state, written_by, created_at)
			values (@id, @office, @line, @party, @title, @text, @class, @documents, @from, @to, 'draft', @by, @now)`,
			pgx.StrictNamedArgs{
				"id": id, "office": actor.OfficeID, "line": in.LineID, "party": party, "title": in.Title, "text": in.Text, "class": in.EvidenceClass,
				"documents": in.papers(), "from": in.FromM, "to": in.ToM, "by": actor.AccountID, "now": now,
			})
		if err != nil {
			return fmt.Errorf("write the claim: %w", err)
		}
		return recordClaim(ctx, tx, actor, now, id, "create", nil, map[string]any{"state": boundary.ClaimDraft, "contentSha256": in.digest()})
	})
	if err != nil {
		return Claim{}, err
	}
	return s.Claim(ctx, actor, now, id)
}

// claimant is the side of a line for which the actor writes.
func (s *Store) claimant(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (uuid.UUID, error) {
	var a, b uuid.UUID
	if err := s.db.QueryRow(ctx, `select party_a, party_b from line where id = $1`, line).Scan(&a, &b); err != nil {
		return uuid.Nil, notFound(err, "line-unknown", "没有这条界线")
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, a, b)
	if err != nil {
		return uuid.Nil, err
	}
	if !boundary.MayCommission(actor, boundary.StandingOf(actor, lineage, a, b)) {
		return uuid.Nil, fault.New(fault.Forbidden, "not-yours", "只有界线一方的经办或负责人可以写本方的主张")
	}
	if slices.Contains(lineage.Heirs(a), actor.Jurisdiction) {
		return a, nil
	}
	return b, nil
}

// check finds everything that is wrong with what a claim says.
func (in ClaimInput) check(ctx context.Context, tx pgx.Tx, line uuid.UUID) error {
	var lengthM float64
	err := tx.QueryRow(ctx, `select max(length_m) from line_version where line_id = $1 and upper_inf(valid)`, line).Scan(&lengthM)
	if err != nil {
		return err
	}
	var found []fault.Finding
	wrong := func(code, pointer, detail, clause string) {
		found = append(found, fault.Finding{Code: code, Severity: fault.Block, Pointer: pointer, Detail: detail, Clause: clause})
	}
	if strings.TrimSpace(in.Title) == "" {
		wrong("title-missing", "/title", "请写明标题", "")
	}
	if !slices.Contains(boundary.EvidenceClasses, in.EvidenceClass) {
		wrong("bad-class", "/evidenceClass", "证据的类别应为 basis（依据）、reference（参考）或 inadmissible（不作为依据和参考）",
			"《行政区域边界争议处理条例》第七条至第九条")
	}
	if !(in.FromM >= 0 && in.FromM < in.ToM && in.ToM <= lengthM) {
		wrong("bad-range", "/toM", fmt.Sprintf("里程应起点小于终点，都在界线全长 %.0f 米之内", lengthM), "")
	}
	for i, d := range in.Documents {
		if strings.TrimSpace(d.Title) == "" {
			wrong("title-missing", fmt.Sprintf("/documents/%d/title", i), "请写明文件标题", "")
		}
	}
	if len(found) > 0 {
		return fault.Refuse("claim-wrong", "主张的内容有误", found)
	}
	return nil
}

func (in ClaimInput) papers() []ClaimDocument { return append([]ClaimDocument{}, in.Documents...) }

// digest is of what the claim says. The journal names that and not the words, which others must not read there.
func (in ClaimInput) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %g %g", in.Title, in.Text, in.EvidenceClass, in.Documents, in.FromM, in.ToM))
	return hex.EncodeToString(sum[:])
}

func recordClaim(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after any) error {
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "claim/" + id.String(), Verb: verb, Before: before, After: after})
}

// lockClaim locks a claim the actor may read and checks the version. The superior locks it as well, while it is sent.
func (s *Store) lockClaim(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (claimRow, error) {
	if _, err := tx.Exec(ctx, `select from claim where id = $1 for update`, id); err != nil {
		return claimRow{}, err
	}
	r, err := s.claimOf(ctx, actor, now, id)
	if err == nil && r.Version != version {
		err = fault.New(fault.Stale, "stale", "主张已是第 %d 版，您看到的是第 %d 版：请刷新后再试", r.Version, version)
	}
	return r, err
}

// EditClaim writes a draft anew, against the version given. The line stays.
//
// Errors: NotFound "claim-unknown"; Stale "stale"; those of boundary.Claim.Editable; Refused "claim-wrong".
func (s *Store) EditClaim(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in ClaimInput) (Claim, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		r, err := s.over(tx).lockClaim(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		if err := r.claim.Editable(actor); err != nil {
			return err
		}
		if err := in.check(ctx, tx, r.Line.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update claim set title = @title, text = @text, evidence_class = @class, documents = @documents, from_m = @from, to_m = @to, version = version + 1
			where id = @id and version = @version`,
			pgx.StrictNamedArgs{
				"title": in.Title, "text": in.Text, "class": in.EvidenceClass, "documents": in.papers(), "from": in.FromM, "to": in.ToM, "id": id, "version": version,
			})
		if err != nil {
			return fmt.Errorf("change the claim: %w", err)
		}
		return recordClaim(ctx, tx, actor, now, id, "edit", nil, map[string]any{"contentSha256": in.digest()})
	})
	if err != nil {
		return Claim{}, err
	}
	return s.Claim(ctx, actor, now, id)
}

// ActOnClaim takes an action on the claim as it stood at the version given. exchange shows every claim that either side
// has sent on the line to the other.
//
// Errors: NotFound "claim-unknown"; Stale "stale"; those of boundary.Claim.Apply.
func (s *Store) ActOnClaim(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.ClaimAction) (Claim, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockClaim(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		next, err := r.claim.Apply(in, actor, r.standing)
		if err != nil {
			return err
		}
		all := []claimRow{r}
		if in.Name == "exchange" {
			if all, err = t.claims(ctx, actor, now, ` where c.line_id = $1 and c.state = 'sent' order by c.id`, r.Line.ID); err != nil {
				return err
			}
		}
		for _, one := range all {
			if err := moveClaim(ctx, tx, actor, now, one, next.State, in); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Claim{}, err
	}
	return s.Claim(ctx, actor, now, id)
}

// moveClaim records what became of a claim.
func moveClaim(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r claimRow, to boundary.ClaimState, in boundary.ClaimAction) error {
	_, err := tx.Exec(ctx, `
		update claim set state = @to, version = version + 1, sent_at = case when @to = 'sent' then @now::timestamptz else sent_at end
		where id = @id and version = @version`,
		pgx.StrictNamedArgs{"to": string(to), "now": now, "id": r.ID, "version": r.Version})
	if err != nil {
		return fmt.Errorf("record the claim: %w", err)
	}
	after := map[string]any{"state": to}
	if in.Reason != "" {
		after["reason"] = in.Reason
	}
	return recordClaim(ctx, tx, actor, now, r.ID, in.Name, map[string]any{"state": r.State}, after)
}
