package gazsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"fangyu/gazetteer"
)

// auditArgs ask for an audit to be made. It works for the office that asked, and sees what that may see.
type auditArgs struct {
	AuditID   uuid.UUID `json:"auditId"`
	OfficeID  uuid.UUID `json:"officeId"`
	AccountID uuid.UUID `json:"accountId"`
}

// LongQueue is the queue of what takes up to minutes: audits and imports, one after the other.
const LongQueue = "long"

// AuditJob names the job that makes an audit.
const AuditJob = "gazetteer.audit"

// Kind names the job.
func (auditArgs) Kind() string { return AuditJob }

// InsertOpts lets those who wait for a file not wait for audits and imports.
func (auditArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: LongQueue} }

type auditWorker struct {
	river.WorkerDefaults[auditArgs]
	store *Store
}

// AddAuditWorker lets jobs that make audits be worked over the pool.
func AddAuditWorker(workers *river.Workers, pool *pgxpool.Pool) {
	river.AddWorker(workers, &auditWorker{store: New(pool)})
}

// Work makes an audit. When the last try fails, the audit says so; the job stays with its errors.
func (w *auditWorker) Work(ctx context.Context, job *river.Job[auditArgs]) error {
	err := w.store.makeAudit(ctx, time.Now(), job.Args, w.store.progressOf(ctx, job.Args, notedEvery))
	if err != nil && job.Attempt >= job.MaxAttempts && ctx.Err() == nil {
		err = errors.Join(err, w.store.failAudit(ctx, time.Now(), job.Args))
	}
	return err
}

func (in auditArgs) actor() gazetteer.Actor {
	return gazetteer.Actor{AccountID: in.AccountID, OfficeID: in.OfficeID}
}

// makeAudit makes an audit and keeps what it found, in place of what an earlier try kept. One that was cancelled in the
// meantime is left as it is; tell notes how far it is.
func (s *Store) makeAudit(ctx context.Context, now time.Time, in auditArgs, tell func(AuditProgress) error) error {
	var check GazetteerCheck
	err := As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			update audit set state = 'running', began_at = $2, step = 0, names_done = 0, names_total = 0
			where id = $1 and ended_at is null returning division_id, coalesce(pack_id, '')`, in.AuditID, now).
			Scan(&check.Division, &check.Pack)
	})
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin the audit: %w", err)
	}
	found, _, err := s.CheckGazetteer(ctx, in.actor(), now, check, tell)
	if err == nil {
		err = s.keepAudit(ctx, in, found)
	}
	if errors.Is(err, errAuditOver) {
		return nil
	}
	return err
}

// notedEvery is how often the progress within a step is noted: as often as people look.
const notedEvery = 250 * time.Millisecond

// progressOf notes how far an audit is: every step, and within one no more often than said; errAuditOver when it was cancelled.
func (s *Store) progressOf(ctx context.Context, in auditArgs, every time.Duration) func(AuditProgress) error {
	var noted time.Time
	return func(p AuditProgress) error {
		if p.NamesDone > 0 && time.Since(noted) < every {
			return nil
		}
		noted = time.Now()
		return As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `update audit set step = $2, names_done = $3, names_total = $4 where id = $1 and ended_at is null`,
				in.AuditID, p.Step, p.NamesDone, p.NamesTotal)
			if err == nil && tag.RowsAffected() == 0 {
				err = errAuditOver
			}
			return err
		})
	}
}

// keepAudit keeps what was found and ends the audit, both or neither. COPY does not go with row-level security.
func (s *Store) keepAudit(ctx context.Context, in auditArgs, found []gazetteer.AuditFinding) error {
	texts := make([]json.RawMessage, len(found))
	for i, f := range found {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		texts[i] = text
	}
	return As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
		if err := endAudit(ctx, tx, in.AuditID, gazetteer.AuditDone, time.Now()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from audit_finding where audit_id = $1`, in.AuditID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			insert into audit_finding (audit_id, n, family, code, severity, rule, pack, key, places, finding)
			select $1, n, f ->> 'family', f ->> 'code', f ->> 'severity', coalesce(f ->> 'rule', ''), coalesce(f ->> 'pack', ''), f ->> 'key',
			       array(select (e ->> 'id')::uuid from jsonb_array_elements(coalesce(f -> 'evidence', '[]')) e where e ->> 'kind' = 'place'), f
			from unnest($2::jsonb[]) with ordinality x (f, n)`, in.AuditID, texts)
		if err != nil {
			return fmt.Errorf("keep the findings: %w", err)
		}
		return nil
	})
}

func (s *Store) failAudit(ctx context.Context, now time.Time, in auditArgs) error {
	err := As(ctx, s.db, in.actor(), func(tx pgx.Tx) error { return endAudit(ctx, tx, in.AuditID, gazetteer.AuditFailed, now) })
	if errors.Is(err, errAuditOver) {
		return nil
	}
	return err
}
