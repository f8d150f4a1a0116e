package gazsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// Audit is a quality audit of a division, asked for by an office.
type Audit struct {
	ID           uuid.UUID  `json:"id"`
	DivisionID   uuid.UUID  `json:"divisionId"`
	DivisionName string     `json:"divisionName"`
	State        string     `json:"state"`
	Step         int        `json:"step"` // of Steps, how many are done
	Steps        int        `json:"steps" db:"-"`
	NamesDone    int        `json:"namesDone"`  // of NamesTotal, how many were judged in the step at hand
	NamesTotal   int        `json:"namesTotal"` // 0 where the step does not go name by name
	Pack         string     `json:"pack"`       // by which names are judged; "" where none was in force
	PackTitle    string     `json:"packTitle"`
	AskedBy      string     `json:"askedBy"` // the post
	AskedAt      time.Time  `json:"askedAt"`
	EndedAt      *time.Time `json:"endedAt"`
	Version      int        `json:"version"`

	Counts  []AuditCount           `json:"counts" db:"-"`
	Rules   []AuditRule            `json:"rules" db:"-"`
	Actions []gazetteer.OpenAction `json:"actions" db:"-"`
}

// AuditCount is how many findings of a kind an audit has, and how many of these were looked at.
type AuditCount struct {
	Family   string `json:"family"`
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Open     int    `json:"open"`
	Looked   int    `json:"looked"`
}

// AuditRule is how many findings a rule has, and how many of these were looked at.
type AuditRule struct {
	Rule   string `json:"rule"`
	Pack   string `json:"pack"` // of which it is
	Title  string `json:"title"`
	Clause string `json:"clause"`
	Open   int    `json:"open"`
	Looked int    `json:"looked"`
}

// AuditFinding is a finding of an audit as an officer reads it.
type AuditFinding struct {
	N int `json:"n"` // its place in the audit, from 1
	gazetteer.AuditFinding
	Looked  *AuditLook             `json:"looked"` // nil: nobody set it aside
	Actions []gazetteer.OpenAction `json:"actions"`
}

// AuditLook says who set a finding aside, when and why.
type AuditLook struct {
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// FindingsWanted says which findings of an audit to list; what is empty takes all.
type FindingsWanted struct {
	Code, Severity, Rule string
	Looked               *bool
	After                int // the place of the last one of the page before
	Limit                int
}

// auditSteps is the gathering and the families of findings.
var auditSteps = len(gazetteer.AuditFamilies) + 1

// GazetteerCheck says what to audit, and by what.
type GazetteerCheck struct {
	Division uuid.UUID // uuid.Nil: everything
	Pack     string    // "": the one in force in the division
}

// AuditProgress is how far an audit is.
type AuditProgress struct {
	Step, Steps           int
	NamesDone, NamesTotal int // in the step at hand; 0 where it does not go name by name
}

// Part is how much of an audit is done, of how much: a hundred for each of its steps.
func (p AuditProgress) Part() (done, total int) {
	const step = 100
	done = step * p.Step
	if p.NamesTotal > 0 {
		done += step * p.NamesDone / p.NamesTotal
	}
	return done, step * p.Steps
}

// CheckGazetteer audits a division as it stands today, as far as the actor may know it, and keeps nothing. It returns what it found, and
// the pack by which names were judged, one without rules where none is in force. tell is told how far it is; an error of its ends the
// audit.
//
// Error: NotFound "pack-unknown" for one that was asked for.
func (s *Store) CheckGazetteer(ctx context.Context, actor gazetteer.Actor, now time.Time, in GazetteerCheck, tell func(AuditProgress) error) ([]gazetteer.AuditFinding, gazetteer.Pack, error) {
	if err := tell(AuditProgress{Steps: auditSteps}); err != nil {
		return nil, gazetteer.Pack{}, err
	}
	record, err := s.audited(ctx, actor, now, in, gazetteer.DefaultAuditLimits)
	if err != nil {
		return nil, gazetteer.Pack{}, err
	}
	found, err := gazetteer.Audit(record, func(p gazetteer.AuditProgress) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return tell(AuditProgress{p.Families + 1, auditSteps, p.Done, p.Of})
	})
	if err != nil {
		return nil, record.Pack, err
	}
	return found, record.Pack, tell(AuditProgress{Step: auditSteps, Steps: auditSteps})
}

// auditPack is the pack by which the names of a division are judged: the one asked for, or the one in force there on the day; one
// without an id where none is.
//
// Error: NotFound "pack-unknown" for one that was asked for.
func (s *Store) auditPack(ctx context.Context, day, asked string, division uuid.UUID) (gazetteer.Pack, error) {
	code := ""
	if division != uuid.Nil {
		at, err := s.chainOf(ctx, division.String())
		if err != nil {
			return gazetteer.Pack{}, err
		}
		code = at.code
	}
	pack, err := s.packOn(ctx, day, asked, code)
	if asked == "" && fault.KindOf(err) == fault.NotFound {
		return gazetteer.Pack{}, nil
	}
	return pack, err
}

// overdue is how long after it was asked for or began an audit is given up that nobody works on any more.
const overdue = 15 * time.Minute

// AskAudit asks for an audit of a division by id or code, or of the office's own where none is named, by a pack, or by the one in force
// there where none is named; a job does it.
//
// Errors: Forbidden "not-yours"; NotFound "division-unknown", "pack-unknown"; Malformed "bad-code"; Conflict "audit-under-way".
func (s *Store) AskAudit(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, division, pack string) (a Audit, err error) {
	if err := gazetteer.MayAudit(actor); err != nil && !s.open {
		return a, err
	}
	if division == "" {
		division = actor.Jurisdiction.String()
	}
	at, err := s.chainOf(ctx, division)
	if err != nil {
		return a, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		lineage, err := LineageOf(ctx, tx, now, at.id)
		if err != nil {
			return err
		}
		if !s.open && !gazetteer.AuditsIn(actor, lineage, at.id) {
			return fault.New(fault.Forbidden, "not-yours", "只能检查本单位辖区之内的行政区划")
		}
		by, err := t.auditPack(ctx, beijing.Day(now), pack, at.id)
		if err != nil {
			return err
		}
		if err := insertAudit(ctx, tx, actor, now, id, at.id, by.ID); err != nil {
			return err
		}
		if err := s.Later(ctx, tx, auditArgs{AuditID: id, OfficeID: actor.OfficeID, AccountID: actor.AccountID}); err != nil {
			return err
		}
		err = Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "audit/" + id.String(), Verb: "ask", After: map[string]any{"name": at.name, "pack": nilText(by.Title)}})
		if err != nil {
			return err
		}
		a, err = t.audit(ctx, actor, id)
		return err
	})
	return a, err
}

func insertAudit(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id, division uuid.UUID, pack string) error {
	_, err := tx.Exec(ctx, `
		update audit set state = 'failed', ended_at = $2, version = version + 1
		where office_id = $1 and ended_at is null and coalesce(began_at, asked_at) < $3`, actor.OfficeID, now, now.Add(-overdue))
	if err != nil {
		return fmt.Errorf("give up an overdue audit: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into audit (id, office_id, account_id, division_id, asked_at, pack_id) values ($1, $2, $3, $4, $5, $6)`,
		id, actor.OfficeID, actor.AccountID, division, now, nilText(pack))
	if violates(err, "audit_under_way") {
		return fault.New(fault.Conflict, "audit-under-way", "本单位的一次检查正在进行：请等它完成，或先停止它")
	}
	if err != nil {
		return fmt.Errorf("ask for an audit: %w", err)
	}
	return nil
}

const auditSQL = `
	select a.id, a.division_id, coalesce(v.name, '') as division_name, a.state, a.step, a.names_done, a.names_total,
	       coalesce(k.id, '') as pack, coalesce(k.title, '') as pack_title, p.name as asked_by, a.asked_at, a.ended_at, a.version
	from audit a join account p on p.id = a.account_id left join rule_pack k on k.id = a.pack_id
	left join lateral (select name from division_version v where v.division_id = a.division_id order by upper(v.valid) desc nulls first limit 1) v on true`

// Audits lists the audits of the actor's office, the latest first, from after the one named (nil: from the first).
//
// Errors: Forbidden "not-yours".
func (s *Store) Audits(ctx context.Context, actor gazetteer.Actor, before uuid.UUID, limit int) (list []Audit, err error) {
	if err := gazetteer.MayReadAudits(actor); err != nil && !s.open {
		return nil, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if list, err = listOf[Audit](ctx, t, auditSQL+` where $1::uuid is null or a.id < $1 order by a.id desc limit $2`, nilID(before), limit); err != nil {
			return err
		}
		for i := range list {
			if err := t.tellOfAudit(ctx, actor, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Audit returns an audit of the actor's office with the counts of what it found.
//
// Errors: Forbidden "not-yours"; NotFound "audit-unknown".
func (s *Store) Audit(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (a Audit, err error) {
	if err := gazetteer.MayReadAudits(actor); err != nil && !s.open {
		return a, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		a, err = s.over(tx).audit(ctx, actor, id)
		return err
	})
	return a, err
}

func (s *Store) audit(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (Audit, error) {
	rows, err := s.db.Query(ctx, auditSQL+` where a.id = $1`, id)
	if err != nil {
		return Audit{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Audit])
	if err != nil {
		return a, notFound(err, "audit-unknown", "没有这次检查")
	}
	return a, s.tellOfAudit(ctx, actor, &a)
}

// tellOfAudit adds what was found and what the actor can do.
func (s *Store) tellOfAudit(ctx context.Context, actor gazetteer.Actor, a *Audit) (err error) {
	a.Steps, a.Actions = auditSteps, gazetteer.AuditActions(actor, a.State)
	a.Counts, err = listOf[AuditCount](ctx, s, `
		select f.family, f.code, f.severity, count(*) filter (where l.key is null) as open, count(l.key) as looked
		from audit_finding f left join audit_look l on l.key = f.key and l.ended_at is null
		where f.audit_id = $1
		group by 1, 2, 3 order by min(f.n)`, a.ID)
	if err != nil {
		return err
	}
	a.Rules, err = listOf[AuditRule](ctx, s, `
		select f.rule, f.pack, coalesce(max(f.finding ->> 'ruleTitle'), f.rule) as title, coalesce(max(f.finding ->> 'clause'), '') as clause,
		       count(*) filter (where l.key is null) as open, count(l.key) as looked
		from audit_finding f left join audit_look l on l.key = f.key and l.ended_at is null
		where f.audit_id = $1 and f.rule <> ''
		group by 1, 2 order by count(*) desc, f.rule`, a.ID)
	a.Counts, a.Rules = orNone(a.Counts), orNone(a.Rules)
	return err
}

// orNone is a list that is never null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// AuditFindings lists findings of an audit of the actor's office in their order. What names a place that was withheld
// since, and is not the office's to know of, is left out.
//
// Errors: Forbidden "not-yours"; NotFound "audit-unknown".
func (s *Store) AuditFindings(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, want FindingsWanted) (list []AuditFinding, err error) {
	list = []AuditFinding{}
	err = s.EachAuditFinding(ctx, actor, id, want, func(f AuditFinding) error {
		list = append(list, f)
		return nil
	})
	return list, err
}

// EachAuditFinding is AuditFindings one by one; with a limit of 0 it is all of them.
func (s *Store) EachAuditFinding(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, want FindingsWanted, do func(AuditFinding) error) error {
	if err := gazetteer.MayReadAudits(actor); err != nil && !s.open {
		return err
	}
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `select exists (select from audit where id = $1)`, id).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fault.New(fault.NotFound, "audit-unknown", "没有这次检查")
		}
		return eachFinding(ctx, tx, actor, id, want, do)
	})
}

func eachFinding(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, id uuid.UUID, want FindingsWanted, do func(AuditFinding) error) error {
	rows, err := tx.Query(ctx, `
		select f.n, f.finding, l.reason, p.name, l.looked_at
		from audit_finding f
		left join audit_look l on l.key = f.key and l.ended_at is null
		left join account p on p.id = l.looked_by
		where f.audit_id = @id and f.n > @after and (@code = '' or f.code = @code) and (@severity = '' or f.severity = @severity)
		  and (@rule = '' or f.rule = @rule)
		  and (@looked::bool is null or (l.key is not null) = @looked)
		order by f.n limit nullif(@limit, 0)`,
		pgx.StrictNamedArgs{
			"id": id, "after": want.After, "code": want.Code, "severity": want.Severity, "rule": want.Rule, "looked": want.Looked, "limit": want.Limit,
		})
	if err != nil {
		return err
	}
	var n int
	var text []byte
	var reason, by *string
	var at *time.Time
	_, err = pgx.ForEachRow(rows, []any{&n, &text, &reason, &by, &at}, func() error {
		f := AuditFinding{N: n, Actions: gazetteer.FindingActions(actor, reason != nil)}
		if err := json.Unmarshal(text, &f.AuditFinding); err != nil {
			return fmt.Errorf("read finding %d of the audit: %w", n, err)
		}
		if reason != nil {
			f.Looked = &AuditLook{Reason: *reason, By: *by, At: *at}
		}
		return do(f)
	})
	return err
}

// CancelAudit stops an audit of the actor's office as it stood at the version given.
//
// Errors: Forbidden "not-yours"; NotFound "audit-unknown"; Stale "stale"; Conflict "audit-ended"; Malformed "action-unknown".
func (s *Store) CancelAudit(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, action string) (a Audit, err error) {
	if err := gazetteer.MayAudit(actor); err != nil && !s.open {
		return a, err
	}
	if action != "cancel" {
		return a, fault.New(fault.Malformed, "action-unknown", "没有“%s”这个动作：可用 cancel（停止检查）", action)
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := tx.Exec(ctx, `select from audit where id = $1 for update`, id); err != nil {
			return err
		}
		if a, err = t.audit(ctx, actor, id); err != nil {
			return err
		}
		switch {
		case a.EndedAt != nil:
			return fault.New(fault.Conflict, "audit-ended", "这次检查已经结束")
		case a.Version != version:
			return fault.New(fault.Stale, "stale", "这次检查已有变化：请刷新后再试")
		}
		if err := endAudit(ctx, tx, id, gazetteer.AuditCancelled, now); err != nil {
			return err
		}
		err = Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "audit/" + id.String(), Verb: "cancel"})
		if err != nil {
			return err
		}
		a, err = t.audit(ctx, actor, id)
		return err
	})
	return a, err
}

// endAudit ends an audit that is under way; errAuditOver when it is none.
func endAudit(ctx context.Context, tx pgx.Tx, id uuid.UUID, state string, now time.Time) error {
	tag, err := tx.Exec(ctx, `update audit set state = $2, ended_at = $3, version = version + 1 where id = $1 and ended_at is null`, id, state, now)
	switch {
	case err != nil:
		return fmt.Errorf("end the audit: %w", err)
	case tag.RowsAffected() == 0:
		return errAuditOver
	}
	return nil
}

// errAuditOver says that an audit was ended by somebody else.
var errAuditOver = errors.New("the audit is over")

// ActOnFinding sets a finding of an audit aside with a reason, or brings it back. Both hold for every audit of the office
// in which the same is found about the same things as they stand.
//
// Errors: Forbidden "not-yours"; NotFound "finding-unknown"; those of gazetteer.CheckFindingAction.
func (s *Store) ActOnFinding(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, n int, action, reason string) (found AuditFinding, err error) {
	if err := gazetteer.MayAudit(actor); err != nil && !s.open {
		return found, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		f, err := oneFinding(ctx, tx, actor, id, n)
		if err != nil {
			return err
		}
		if err := gazetteer.CheckFindingAction(action, reason, f.Looked != nil); err != nil {
			return err
		}
		if err := look(ctx, tx, actor, now, id, f, action, strings.TrimSpace(reason)); err != nil {
			return err
		}
		found, err = oneFinding(ctx, tx, actor, id, n)
		return err
	})
	return found, err
}

func oneFinding(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, id uuid.UUID, n int) (found AuditFinding, err error) {
	err = eachFinding(ctx, tx, actor, id, FindingsWanted{After: n - 1, Limit: 1}, func(f AuditFinding) error {
		found = f
		return nil
	})
	if err == nil && (found.N != n || n < 1) {
		err = fault.New(fault.NotFound, "finding-unknown", "没有这一条检查结果")
	}
	return found, err
}

func look(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, f AuditFinding, action, reason string) error {
	var err error
	if action == "set-aside" {
		_, err = tx.Exec(ctx, `
			insert into audit_look (id, office_id, key, code, places, reason, looked_at, looked_by)
			select $1, $2, key, code, places, $3, $4, $5 from audit_finding where audit_id = $6 and n = $7`,
			NewID(), actor.OfficeID, reason, now, actor.AccountID, id, f.N)
		if violates(err, "audit_look_once") {
			return fault.New(fault.Conflict, "finding-looked-at", "这一条已经有人看过：请刷新")
		}
	} else {
		_, err = tx.Exec(ctx, `update audit_look set ended_at = $2, ended_by = $3 where key = $1 and ended_at is null`, f.Key, now, actor.AccountID)
	}
	if err != nil {
		return fmt.Errorf("look at a finding: %w", err)
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "audit/" + id.String(), Verb: action, After: map[string]any{"event": f.Code, "reason": nilText(reason)},
	})
}
