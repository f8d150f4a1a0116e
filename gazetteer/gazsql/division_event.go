package gazsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// PlanDivisionChange decides, within the transaction, what a described change does to the divisions that are there. No
// other writer of divisions and names runs beside it until the transaction ends.
//
// Errors: those of DivisionChange.Check. What is wrong with the change itself stands in the plan's findings.
func PlanDivisionChange(ctx context.Context, tx pgx.Tx, change gazetteer.DivisionChange) (gazetteer.DivisionPlan, error) {
	if err := change.Check(); err != nil {
		return gazetteer.DivisionPlan{}, err
	}
	if err := lockNames(ctx, tx); err != nil {
		return gazetteer.DivisionPlan{}, err
	}
	state, err := divisionState(ctx, tx, change)
	if err != nil {
		return gazetteer.DivisionPlan{}, err
	}
	return gazetteer.PlanDivisionChange(state, change, NewID), nil
}

// divisionState gathers how divisions stand on the day before a change: all of county level and above, and below that
// those that the change names, with what hangs on them.
func divisionState(ctx context.Context, tx pgx.Tx, change gazetteer.DivisionChange) (gazetteer.DivisionState, error) {
	rows, err := tx.Query(ctx, `
		with eve (day) as (select @on::text::date - 1),
		named (id) as (select c.division_id from eve, division_code c where c.code = any (@codes) and c.valid @> eve.day)
		select v.division_id, v.name, v.level, v.kind, v.parent_id, coalesce(v.office_name, ''), coalesce(v.seat, ''),
		       not upper_inf(v.valid) or exists (select from division_code c where c.division_id = v.division_id and lower(c.valid) > eve.day),
		       (select jsonb_object_agg(c.system, c.code) from division_code c where c.division_id = v.division_id and c.valid @> eve.day)
		from eve, division_version v
		where v.valid @> eve.day
		  and (v.level in ('province', 'prefecture', 'county') or v.division_id in (select id from named) or v.parent_id in (select id from named))`,
		pgx.StrictNamedArgs{"on": change.Approval.EffectiveOn.Format(time.DateOnly), "codes": change.Codes()})
	if err != nil {
		return nil, err
	}
	state := gazetteer.DivisionState{}
	var d gazetteer.DivisionStanding
	var parent *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.Name, &d.Level, &d.Kind, &parent, &d.Office, &d.Seat, &d.Later, &d.Codes}, func() error {
		if parent != nil {
			d.Parent = *parent
		}
		state[d.ID] = d
		d = gazetteer.DivisionStanding{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather the divisions: %w", err)
	}
	return state, nil
}

// digest is how a described change is told from another of the same id, in hexadecimal.
func digest(change gazetteer.DivisionChange) (string, error) {
	b, err := json.Marshal(change)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// DivisionChangeRecorded returns the approval under which a change is recorded already, zero when it is not.
//
// Errors: Conflict "change-differs" when another change has the id.
func DivisionChangeRecorded(ctx context.Context, tx pgx.Tx, change gazetteer.DivisionChange) (uuid.UUID, error) {
	sum, err := digest(change)
	if err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	var recorded string
	err = tx.QueryRow(ctx, `select id, sha256 from division_approval where change = $1`, change.ID).Scan(&id, &recorded)
	switch {
	case isNoRows(err):
		return uuid.Nil, nil
	case err != nil:
		return uuid.Nil, err
	case recorded != sum:
		return id, fault.New(fault.Conflict, "change-differs", "编号为“%s”的区划变更已经记录，内容与这份不同：更正请另立编号", change.ID)
	}
	return id, nil
}

// changeRecord is a plan being written down.
type changeRecord struct {
	tx       pgx.Tx
	actor    gazetteer.Actor
	now      time.Time
	change   gazetteer.DivisionChange
	plan     *gazetteer.DivisionPlan
	sum      string // digest of the change
	document uuid.UUID
	codesBy  uuid.UUID // the document of the new codes
}

// RecordDivisionChange writes a plan down within the transaction that made it: the approval, versions, codes, events,
// the places of divisions and their names, and shapes as far as they follow from those that are there; what does not is
// added to the plan's findings. It returns the ids of the approval and of its document.
//
// Errors: Refused "change-refused" when a finding of the plan forbids it; Refused "change-collides" when the database
// keeps it impossible; Conflict "name-not-open".
func RecordDivisionChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, change gazetteer.DivisionChange, plan *gazetteer.DivisionPlan) (approval, document uuid.UUID, err error) {
	if plan.Refused() {
		return approval, document, fault.Refuse("change-refused", "这次区划变更与库里的记录不合，没有记录任何内容：请按所列各项核对", plan.Findings)
	}
	r := changeRecord{tx: tx, actor: actor, now: now, change: change, plan: plan}
	if err := r.documents(ctx); err != nil {
		return approval, document, err
	}
	approval, err = r.approval(ctx)
	for _, do := range []func(context.Context) error{r.versions, r.codes, r.places, r.shapes} {
		if err == nil {
			err = do(ctx)
		}
	}
	if err == nil {
		err = r.events(ctx, approval)
	}
	if err == nil {
		err = r.journal(ctx, approval)
	}
	if err == nil {
		err = formDue(ctx, tx)
	}
	return approval, r.document, changeCollided(err)
}

// changeCollided is collided for changes of divisions.
func changeCollided(err error) error {
	if fault.Is(collided(err), "import-collides") {
		return fault.Wrap(err, fault.Refused, "change-collides", "这次区划变更与库里后来的记录相抵触，没有记录任何内容：请核对代码和日期")
	}
	return err
}

// documentKinds is as what the paper of a change is filed.
var documentKinds = map[gazetteer.Basis]string{
	gazetteer.ByPaper: "approval", gazetteer.ByPress: "publication", gazetteer.ByLists: "dataset", gazetteer.ByMemory: "other",
}

func (r *changeRecord) documents(ctx context.Context) (err error) {
	a, d := r.change.Approval, gazetteer.Document{Kind: documentKinds[r.change.Basis], Title: r.change.Approval.Title, Note: r.change.Note}
	d.Number, d.IssuedBy, d.IssuedOn = a.Number, a.ApprovedBy, a.ApprovedOn.Time
	if d.IssuedOn.IsZero() {
		d.IssuedOn = a.AnnouncedOn.Time
	}
	if r.sum, err = digest(r.change); err != nil {
		return err
	}
	d.SHA256 = r.sum
	if r.document, err = FileDocument(ctx, r.tx, r.now, d); err != nil || r.change.CodesBy == "" {
		r.codesBy = r.document
		return err
	}
	r.codesBy, err = FileDocument(ctx, r.tx, r.now, gazetteer.Document{Kind: "dataset", Title: r.change.CodesBy, SHA256: r.sum})
	return err
}

func (r *changeRecord) approval(ctx context.Context) (uuid.UUID, error) {
	id, a := NewID(), r.change.Approval
	sources := r.change.Sources
	if sources == nil {
		sources = []string{}
	}
	_, err := r.tx.Exec(ctx, `
		insert into division_approval (id, change, sha256, title, basis, document_id, approved_by, approved_on, announced_on, effective_on,
		                               sources, note, recorded_at)
		values (@id, @change, @sum, @title, @basis, @document, nullif(@by, ''), @approved, @announced, @effective, @sources, nullif(@note, ''), @now)`,
		pgx.StrictNamedArgs{
			"id": id, "change": r.change.ID, "sum": r.sum, "title": r.change.Title, "basis": string(r.change.Basis), "document": r.document,
			"by": a.ApprovedBy, "approved": nilDay(a.ApprovedOn.Time), "announced": nilDay(a.AnnouncedOn.Time), "effective": a.EffectiveOn.Time,
			"sources": sources, "note": r.change.Note, "now": r.now,
		})
	if err != nil {
		return id, fmt.Errorf("record the approval: %w", err)
	}
	return id, nil
}

func nilDay(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// versions closes the versions of divisions that ended or changed and opens those that follow.
func (r *changeRecord) versions(ctx context.Context) error {
	var closing []uuid.UUID
	var made, versions [][]any
	for _, d := range r.plan.Ended {
		closing = append(closing, d.ID)
	}
	for _, d := range r.plan.Founded {
		made = append(made, []any{d.ID})
		versions = append(versions, r.version(d))
	}
	for _, c := range r.plan.Changed {
		if c.Before.Same(c.After) {
			continue
		}
		closing = append(closing, c.After.ID)
		versions = append(versions, r.version(c.After))
	}
	_, err := r.tx.Exec(ctx, `
		update division_version set valid = daterange(lower(valid), $2) where division_id = any ($1) and upper_inf(valid)`, closing, r.plan.On)
	if err != nil {
		return fmt.Errorf("close versions: %w", err)
	}
	if err := copyRows(ctx, r.tx, "division", []string{"id"}, made); err != nil {
		return err
	}
	return copyRows(ctx, r.tx, "division_version", append(slices.Clone(versionTableColumns), "seat"), versions)
}

// version is a row of table division_version, in the order of versionTableColumns and the seat.
func (r *changeRecord) version(d gazetteer.DivisionStanding) []any {
	return []any{
		NewID(), d.ID, d.Name, string(d.Level), string(d.Kind), nilID(d.Parent), nilText(d.Office), Span(r.plan.On, time.Time{}), r.document, r.now, nilText(d.Seat),
	}
}

// codes closes codes that were given up and opens those given.
func (r *changeRecord) codes(ctx context.Context) error {
	var given [][]any
	give := func(id uuid.UUID, codes map[gazetteer.CodeSystem]gazetteer.DivisionCode) {
		for system, code := range codes {
			given = append(given, []any{id, string(system), string(code), Span(r.plan.On, time.Time{}), r.codesBy})
		}
	}
	closing := &pgx.Batch{}
	giveUp := func(id uuid.UUID, system gazetteer.CodeSystem) {
		closing.Queue(`update division_code set valid = daterange(lower(valid), $3) where division_id = $1 and system = $2 and upper_inf(valid)`,
			id, string(system), r.plan.On)
	}
	for _, d := range r.plan.Ended {
		for system := range d.Codes {
			giveUp(d.ID, system)
		}
	}
	for _, c := range r.plan.Changed {
		fresh := map[gazetteer.CodeSystem]gazetteer.DivisionCode{}
		for system, code := range c.After.Codes {
			if was, had := c.Before.Codes[system]; had && was != code {
				giveUp(c.After.ID, system)
			}
			if c.Before.Codes[system] != code {
				fresh[system] = code
			}
		}
		give(c.After.ID, fresh)
	}
	for _, d := range r.plan.Founded {
		give(d.ID, d.Codes)
	}
	if err := r.tx.SendBatch(ctx, closing).Close(); err != nil {
		return fmt.Errorf("close codes: %w", err)
	}
	return copyRows(ctx, r.tx, "division_code", []string{"division_id", "system", "code", "valid", "document_id"}, given)
}

// events writes what happened, with the divisions that each event is about.
func (r *changeRecord) events(ctx context.Context, approval uuid.UUID) error {
	var events, links, of [][]any
	for _, e := range r.plan.Events {
		events = append(events, []any{e.ID, approval, string(e.Kind), r.plan.On, string(r.change.Basis), r.document, r.now})
		for _, l := range e.Links {
			links = append(links, []any{l.From, l.To, string(e.Kind), r.plan.On, r.document, e.ID, string(l.Role), string(l.Share)})
		}
		for _, id := range e.Of {
			of = append(of, []any{e.ID, id})
		}
	}
	err := copyRows(ctx, r.tx, "division_event", []string{"id", "approval_id", "kind", "on_day", "basis", "document_id", "recorded_at"}, events)
	if err == nil {
		err = copyRows(ctx, r.tx, "division_link", linkColumns, links)
	}
	if err == nil {
		err = copyRows(ctx, r.tx, "division_event_of", []string{"event_id", "division_id"}, of)
	}
	return err
}

var linkColumns = []string{"predecessor_id", "successor_id", "kind", "on_day", "document_id", "event_id", "role", "share"}

// journal says what became of each division, and of the change as a whole.
func (r *changeRecord) journal(ctx context.Context, approval uuid.UUID) error {
	on := r.plan.On.Format(time.DateOnly)
	note := func(subject, verb string, before, after any) error {
		return Record(ctx, r.tx, gazetteer.JournalEntry{
			At: r.now, Actor: r.actor, Subject: subject, Verb: verb, Before: before, After: after, Cites: []uuid.UUID{r.document},
		})
	}
	standing := func(d gazetteer.DivisionStanding) map[string]any {
		out := map[string]any{"name": d.Name, "kind": d.Kind, "divisionCode": d.Code()}
		if d.Parent != uuid.Nil {
			out["divisionId"] = d.Parent
		}
		return out
	}
	for _, d := range r.plan.Ended {
		if err := note("division/"+d.ID.String(), "end", standing(d), map[string]any{"validTo": on}); err != nil {
			return err
		}
	}
	for _, d := range r.plan.Founded {
		after := standing(d)
		after["validFrom"] = on
		if err := note("division/"+d.ID.String(), "establish", nil, after); err != nil {
			return err
		}
	}
	for _, c := range r.plan.Changed {
		after := standing(c.After)
		after["validFrom"] = on
		if err := note("division/"+c.After.ID.String(), "change", standing(c.Before), after); err != nil {
			return err
		}
	}
	return note("division-change/"+approval.String(), "record", nil, map[string]any{
		"name": r.change.Title, "validFrom": on, "created": len(r.plan.Founded), "ended": len(r.plan.Ended), "changed": len(r.plan.Changed),
	})
}
