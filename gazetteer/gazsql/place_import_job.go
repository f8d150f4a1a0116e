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
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// placeImportArgs ask for the rows of an import to be judged or committed, as its state says, for who asked.
type placeImportArgs struct {
	ImportID  uuid.UUID `json:"importId"`
	Version   int       `json:"version"` // of the import for which the job was made
	OfficeID  uuid.UUID `json:"officeId"`
	AccountID uuid.UUID `json:"accountId"`
	Within    uuid.UUID `json:"within"` // the jurisdiction of the office whose import it is
}

// PlaceImportJob names the job that judges and commits imports of places.
const PlaceImportJob = "gazetteer.place-import"

// Kind names the job.
func (placeImportArgs) Kind() string { return PlaceImportJob }

// InsertOpts lets those who wait for a file not wait for audits and imports.
func (placeImportArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: LongQueue} }

func (in placeImportArgs) actor() gazetteer.Actor {
	return gazetteer.Actor{AccountID: in.AccountID, OfficeID: in.OfficeID}
}

type placeImportWorker struct {
	river.WorkerDefaults[placeImportArgs]
	store *Store
}

// AddPlaceImportWorker lets jobs that judge and commit imports be worked over the pool, with the files of the vault.
func AddPlaceImportWorker(workers *river.Workers, pool *pgxpool.Pool, files *vault.Vault) {
	store := New(pool)
	store.Files = files
	river.AddWorker(workers, &placeImportWorker{store: store})
}

// Work judges or commits an import. What cannot be done the import says as its problem; when the last try fails for another
// reason, it says that too, and the job stays with its errors.
func (w *placeImportWorker) Work(ctx context.Context, job *river.Job[placeImportArgs]) error {
	err := w.store.workImport(ctx, job.Args)
	var refused *fault.Error
	switch {
	case err == nil, errors.Is(err, errImportOver):
		return nil
	case ctx.Err() != nil:
		return err // the server stops: again at the next start
	case errors.As(err, &refused) && refused.Kind != fault.Internal && refused.Kind != fault.Busy:
		return w.store.failImport(ctx, job.Args, refused)
	case job.Attempt >= job.MaxAttempts:
		return errors.Join(err, w.store.failImport(ctx, job.Args, importFailed()))
	}
	return err
}

func importFailed() *fault.Error {
	return fault.New(fault.Internal, "import-failed", "处理时出了错，没有写入任何内容：请重新核对；一再如此的，请告知系统管理人员")
}

// workImport does what the state of an import says. One that was ended or begun anew since is left as it is.
func (s *Store) workImport(ctx context.Context, in placeImportArgs) error {
	var p PlaceImport
	err := As(ctx, s.db, in.actor(), func(tx pgx.Tx) (err error) {
		p, err = s.over(tx).placeImport(ctx, in.actor(), in.ImportID)
		return err
	})
	if err != nil {
		return err
	}
	commits := p.State == gazetteer.ImportCommitting
	if p.Version != in.Version || !commits && p.State != gazetteer.ImportJudging {
		return errImportOver
	}
	set, err := s.importing(p)
	if err != nil {
		return err
	}
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	set.Within, set.DryRun = in.Within, !commits
	set.Progress = s.importProgress(ctx, in, func() { stop(errImportOver) })
	if commits {
		err = s.commitImport(working, in, set)
	} else {
		err = s.judgeImport(working, in, set)
	}
	if errors.Is(context.Cause(working), errImportOver) {
		return errImportOver
	}
	return err
}

// importProgress notes how far an import is as a part of its rows, at most some times a second, and calls over when it was
// ended meanwhile.
func (s *Store) importProgress(ctx context.Context, in placeImportArgs, over func()) func(done, total int) {
	var last time.Time
	return func(done, total int) {
		if time.Since(last) < 300*time.Millisecond && done < total {
			return
		}
		last = time.Now()
		_ = As(ctx, s.db, in.actor(), func(tx pgx.Tx) error { // a step that is not noted is no reason to stop
			tag, err := tx.Exec(ctx, `update place_import set step = (source ->> 'rows')::bigint * $2 / $4 where id = $1 and version = $3`, in.ImportID, done, in.Version, max(total, 1))
			if err == nil && tag.RowsAffected() == 0 {
				over()
			}
			return err
		})
	}
}

// judgeImport judges the rows of an import and keeps what they are, in place of what they were before.
func (s *Store) judgeImport(ctx context.Context, in placeImportArgs, set Import) error {
	return As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
		t := s.over(tx)
		run, places, err := t.judged(ctx, in, set)
		if err != nil {
			return err
		}
		return t.keepRows(ctx, in, run, places)
	})
}

// judged judges the rows with what people decided of them.
func (s *Store) judged(ctx context.Context, in placeImportArgs, set Import) (*Run, judgedPlaces, error) {
	var err error
	if set.Decisions, err = s.importDecisions(ctx, in.ImportID); err != nil {
		return nil, judgedPlaces{}, err
	}
	run, err := set.Begin("places", placeColumns)
	if err != nil {
		return nil, judgedPlaces{}, err
	}
	places, err := s.judgePlaces(ctx, in.actor(), time.Now(), run)
	return run, places, err
}

// importDecisions are the decisions that count.
func (s *Store) importDecisions(ctx context.Context, id uuid.UUID) (map[int]gazetteer.TwinDecision, error) {
	decisions := map[int]gazetteer.TwinDecision{}
	rows, err := s.db.Query(ctx, `
		select distinct on (row) row, decision, place_id from place_import_decision where import_id = $1 order by row, id desc`, id)
	if err != nil {
		return nil, err
	}
	var row int
	var as string
	var place *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&row, &as, &place}, func() error {
		switch {
		case as == "same" && place != nil:
			decisions[row] = gazetteer.TwinDecision{Place: *place}
		case as == "new", as == "aside":
			decisions[row] = gazetteer.TwinDecision{New: as == "new"}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather the decisions: %w", err)
	}
	return decisions, nil
}

// importRows are the rows as they are told: those that were judged, and those that cannot be taken.
func importRows(run *Run, places judgedPlaces) (rows []gazetteer.ImportRow, keys []string) {
	add := func(j gazetteer.PlaceJudgement) {
		rows, keys = append(rows, gazetteer.ImportRowOf(j, run.found[j.Row])), append(keys, gazetteer.ImportKey(j))
	}
	for _, j := range places.judged {
		add(j)
	}
	for _, row := range places.bad {
		add(gazetteer.PlaceJudgement{ImportedPlace: row, Verdict: gazetteer.ImportRefused})
	}
	return rows, keys
}

// keepRows keeps judged rows. COPY does not go with row-level security.
func (s *Store) keepRows(ctx context.Context, in placeImportArgs, run *Run, places judgedPlaces) error {
	rows, keys := importRows(run, places)
	told, counts := make([]json.RawMessage, len(rows)), map[gazetteer.ImportVerdict]int{}
	for i, r := range rows {
		counts[r.Verdict]++
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		told[i] = text
	}
	tag, err := s.db.Exec(ctx, `
		update place_import set state = 'judged', judged_at = $3, pending = 0, step = (source ->> 'rows')::int, frame = $4, findings = $5, counts = $6, version = version + 1
		where id = $1 and version = $2 and state = 'judging'`, in.ImportID, in.Version, time.Now(), run.Report.Frame, findingsOf(run.found[0]), counts)
	if err == nil && tag.RowsAffected() == 0 {
		err = errImportOver
	}
	if err != nil {
		return err
	}
	if err := s.clearRows(ctx, in); err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `
		insert into place_import_row (import_id, row, verdict, key, places, told)
		select $1, (r ->> 'row')::int, r ->> 'verdict', key,
		       array(select p::uuid from (select r ->> 'standingId' union select t ->> 'id' from jsonb_array_elements(r -> 'twins') t) named (p) where p <> ''), r
		from unnest($2::jsonb[], $3::text[]) x (r, key)`, in.ImportID, told, keys)
	if err != nil {
		return fmt.Errorf("keep the rows of an import: %w", err)
	}
	return nil
}

// clearRows takes the rows of the last judging away, those too that name a place withheld since, which nobody is shown.
func (s *Store) clearRows(ctx context.Context, in placeImportArgs) error {
	clearing := postgis.Acting{Account: in.AccountID, Office: in.OfficeID, System: "import.clear"}
	return postgis.As(ctx, s.db, clearing, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from place_import_row where import_id = $1`, in.ImportID); err != nil {
			return fmt.Errorf("clear the rows of an import: %w", err)
		}
		return nil
	})
}

// commitImport judges the rows once more, and writes what people looked at, all of it or nothing.
//
// Errors: Refused "import-stale" where a row is no longer what it was; those of Run.Commit.
func (s *Store) commitImport(ctx context.Context, in placeImportArgs, set Import) error {
	return As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
		if err := lockNames(ctx, tx); err != nil {
			return err
		}
		t := s.over(tx)
		run, places, err := t.judged(ctx, in, set)
		if err != nil {
			return err
		}
		if err := t.checkRowsStand(ctx, in.ImportID, run, places); err != nil {
			return err
		}
		now := time.Now()
		_, err = run.Commit(ctx, t, in.actor(), now, func(tx pgx.Tx, document uuid.UUID) error {
			return run.writePlaces(ctx, tx, in.actor(), now, places, document)
		})
		if err != nil {
			return err
		}
		if err := formDueTelling(ctx, tx, run.written); err != nil {
			return err
		}
		return endCommitted(ctx, tx, in, now, places) // last: it takes the row in which progress is noted
	})
}

// maxStale bounds the rows that are named as having changed.
const maxStale = 5

// checkRowsStand refuses to commit rows that are not what they were when they were judged.
func (s *Store) checkRowsStand(ctx context.Context, id uuid.UUID, run *Run, places judgedPlaces) error {
	rows, keys := importRows(run, places)
	was := map[int]string{}
	kept, err := s.db.Query(ctx, `select row, key from place_import_row where import_id = $1`, id)
	if err != nil {
		return err
	}
	var n int
	var key string
	if _, err := pgx.ForEachRow(kept, []any{&n, &key}, func() error { was[n] = key; return nil }); err != nil {
		return fmt.Errorf("gather the rows as they were judged: %w", err)
	}
	var changed []string
	for i, r := range rows {
		if was[r.Row] != keys[i] {
			changed = append(changed, fmt.Sprintf("第 %d 行“%s”", r.Line, r.Name))
		}
	}
	if len(changed) == 0 {
		return nil
	}
	named := strings.Join(changed[:min(len(changed), maxStale)], "、")
	return fault.New(fault.Refused, "import-stale", "核对之后地名库有了变化，没有写入任何内容：%s等 %d 行与核对时不同，请重新核对", named, len(changed))
}

// endCommitted ends an import whose rows are written, and notes which place each became.
func endCommitted(ctx context.Context, tx pgx.Tx, in placeImportArgs, now time.Time, places judgedPlaces) error {
	tag, err := tx.Exec(ctx, `
		update place_import set state = 'committed', ended_at = $3, ended_by = $4, version = version + 1
		where id = $1 and version = $2 and state = 'committing'`, in.ImportID, in.Version, now, in.AccountID)
	if err == nil && tag.RowsAffected() == 0 {
		err = errImportOver
	}
	if err != nil {
		return err
	}
	var rows []int
	var made []uuid.UUID
	for i, j := range places.judged {
		switch {
		case j.Verdict == gazetteer.ImportNew:
			rows, made = append(rows, j.Row), append(made, places.rows[i].made)
		case j.Verdict == gazetteer.ImportChanged:
			rows, made = append(rows, j.Row), append(made, j.Standing.ID)
		}
	}
	_, err = tx.Exec(ctx, `
		update place_import_row r set place_id = x.made, places = array(select distinct p from unnest(r.places || x.made) p)
		from unnest($2::int[], $3::uuid[]) x (row, made) where r.import_id = $1 and r.row = x.row`, in.ImportID, rows, made)
	if err != nil {
		return fmt.Errorf("note what the rows became: %w", err)
	}
	return recordOfImport(ctx, tx, in.actor(), now, in.ImportID, "committed", nil)
}

// failImport takes an import back to where people can mend it, and says why it came to nothing.
func (s *Store) failImport(ctx context.Context, in placeImportArgs, why *fault.Error) error {
	problem := fault.Finding{Code: why.Code, Severity: fault.Block, Detail: why.Detail}
	return As(ctx, s.db, in.actor(), func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, importFailsSQL+` and id = $2 and version = $3`, problem, in.ImportID, in.Version)
		if err != nil {
			return fmt.Errorf("say why the import came to nothing: %w", err)
		}
		return nil
	})
}

// importFailsSQL takes imports under way back to where they stood, with the problem $1.
const importFailsSQL = `
	update place_import set state = case state when 'committing' then 'judged' else 'open' end,
	    judged_at = case state when 'committing' then judged_at end, problem = $1, version = version + 1
	where state in ('judging', 'committing')`

// GiveUpForgottenImports takes imports back that wait for a job and have none that could still work: the queue gave it up, for
// having run too long or for having been there whenever the server was killed.
func (s *Store) GiveUpForgottenImports(ctx context.Context, now time.Time) error {
	why := importFailed()
	problem := fault.Finding{Code: why.Code, Severity: fault.Block, Detail: why.Detail}
	return As(ctx, s.db, gazetteer.Actor{System: "import.tidy"}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, importFailsSQL+` and began_at < $2 and not exists (
			select from `+postgis.JobSchema+`.river_job j where j.kind = $3 and j.finalized_at is null and j.args ->> 'importId' = place_import.id::text)`,
			problem, now.Add(-time.Minute), PlaceImportJob)
		if err != nil {
			return fmt.Errorf("give up forgotten imports: %w", err)
		}
		return nil
	})
}
