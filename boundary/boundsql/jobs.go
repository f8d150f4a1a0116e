package boundsql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// Jobs runs what was put off: reading and matching tracks, reading photos. Jobs are made in the transaction that needs them, so that
// there is never a track without its job nor a job without its track.
type Jobs struct {
	client *river.Client[pgx.Tx]
	store  *Store
}

// jobTries is how often a job is tried before it is left as failed, where people can see it.
const jobTries = 3

// jobTimeout bounds one try; a job that runs for rescueAfter belonged to a node that was killed, and another node takes it.
const (
	jobTimeout  = 10 * time.Minute
	rescueAfter = jobTimeout + time.Minute
)

// lostTries is how often a job is taken up again after its server was killed: beyond that it may be what killed it.
const lostTries = 5

// retryDelays are the waits after the first failures of a job; the last one repeats.
var retryDelays = []time.Duration{200 * time.Millisecond, 2 * time.Second}

// NewJobs returns the jobs over a pool. Until Start they are only taken in.
func NewJobs(pool *pgxpool.Pool, v *vault.Vault) (*Jobs, error) {
	workers, store := river.NewWorkers(), New(pool, v, nil)
	river.AddWorker(workers, &readTrackWorker{store: store})
	river.AddWorker(workers, &readPhotoWorker{store: store})
	gazsql.AddAuditWorker(workers, pool)
	gazsql.AddPlaceImportWorker(workers, pool, v)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema:  postgis.JobSchema,
		Workers: workers,
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, gazsql.LongQueue: {MaxWorkers: 1}},
		// The defaults let a burst of jobs wait up to a second.
		FetchPollInterval: 150 * time.Millisecond,
		FetchCooldown:     10 * time.Millisecond,
		MaxAttempts:       jobTries,
		RetryPolicy:       retryPolicy{},
		JobTimeout:        jobTimeout,
		Logger:            slog.New(quietHandler{slog.Default().Handler()}),
		// The default is an hour more than JobTimeout.
		RescueStuckJobsAfter: rescueAfter,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare jobs: %w", err)
	}
	store.jobs = &Jobs{client: client, store: store} // what was read makes jobs too
	return store.jobs, nil
}

// ReadBy lets files be read by reader, which does DoReading elsewhere, instead of in this process. Call it before Start.
func (j *Jobs) ReadBy(reader func(ctx context.Context, words []byte, file *os.File) ([]byte, error)) {
	j.store.reader = reader
}

// Start begins to work jobs until Stop or the end of ctx, first those that a killed server left behind.
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.takeUpLost(ctx); err != nil {
		return fmt.Errorf("take up lost jobs: %w", err)
	}
	if err := j.client.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// GiveUpForgotten marks tracks and photos as failed that wait to be read and have no job that could still do it: the queue
// gave theirs up on its own, for having run too long. People can have them read again.
func (s *Store) GiveUpForgotten(ctx context.Context, now time.Time) error {
	cause := fault.New(fault.Internal, "reading-lost", "读取一再超时或中断")
	for _, of := range []struct {
		table, kind string
		fail        func(context.Context, time.Time, uuid.UUID, error) error
	}{{"track", readTrackArgs{}.Kind(), s.failTrack}, {"photo", readPhotoArgs{}.Kind(), s.failPhoto}} {
		var ids []uuid.UUID
		err := gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, `
				select w.id from `+of.table+` w where w.state in ('received', 'reading') and not exists (
				    select from `+postgis.JobSchema+`.river_job j where j.kind = $1 and j.finalized_at is null
				    and coalesce(j.args->>'trackId', j.args->>'photoId') = w.id::text)`, of.kind)
			if err == nil {
				ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			}
			return err
		})
		for _, id := range ids {
			err = errors.Join(err, of.fail(ctx, now, id, cause))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeUpLost makes jobs that still count as running available again. One that runs on another node at this moment runs
// twice, which neither of them minds. A job lost too often is given up, and its track or photo says so; an audit is given up
// by who asks for the next one, an import by housekeeping.
func (j *Jobs) takeUpLost(ctx context.Context) error {
	rows, err := j.store.db.Query(ctx, `
		with lost as (
		    update `+postgis.JobSchema+`.river_job set max_attempts = greatest(max_attempts, attempt + 1),
		        state = case when attempt < $2 then 'available' else 'discarded' end::`+postgis.JobSchema+`.river_job_state,
		        finalized_at = case when attempt < $2 then null else now() end
		    where state = 'running' and kind in ($1, $3, $4, $5)
		    returning kind, (coalesce(args->>'trackId', args->>'photoId'))::uuid as id, state)
		select kind, id from lost where state = 'discarded' and kind in ($1, $3)`,
		readTrackArgs{}.Kind(), lostTries, readPhotoArgs{}.Kind(), gazsql.AuditJob, gazsql.PlaceImportJob)
	if err != nil {
		return err
	}
	givenUp, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Kind string
		ID   uuid.UUID
	}])
	cause := fault.New(fault.Internal, "reading-lost", "读取时服务器一再中断")
	for _, lost := range givenUp {
		fail := j.store.failTrack
		if lost.Kind == (readPhotoArgs{}).Kind() {
			fail = j.store.failPhoto
		}
		err = errors.Join(err, fail(ctx, time.Now(), lost.ID, cause))
	}
	return err
}

// stopWait is how long Stop lets jobs under way come to their end before it cancels them.
const stopWait = 5 * time.Second

// Stop takes no more jobs, waits for those under way, and cancels what takes longer than stopWait: such a job runs again
// at the next start. Stopping what was not started, or twice, is fine.
func (j *Jobs) Stop(ctx context.Context) error {
	soft, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	err := j.client.Stop(soft)
	if errors.Is(err, context.DeadlineExceeded) {
		err = j.client.StopAndCancel(ctx)
	}
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// readTrackArgs ask for a track to be read and matched.
type readTrackArgs struct {
	TrackID uuid.UUID `json:"trackId"`
}

// Kind names the job.
func (readTrackArgs) Kind() string { return "track.read" }

// Later makes a job in the transaction.
func (j *Jobs) Later(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
	if _, err := j.client.InsertTx(ctx, tx, args, nil); err != nil {
		return fmt.Errorf("make job %s: %w", args.Kind(), err)
	}
	return nil
}

// readPhotoArgs ask for a photo to be read.
type readPhotoArgs struct {
	PhotoID uuid.UUID `json:"photoId"`
}

// Kind names the job.
func (readPhotoArgs) Kind() string { return "photo.read" }

// InsertOpts lets tracks go before: two hundred photos of a day hold up nobody who waits for what he walked.
func (readPhotoArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Priority: 2} }

type readTrackWorker struct {
	river.WorkerDefaults[readTrackArgs]
	store *Store
}

// Work reads and matches a track. When the last try fails, the track says so; the job stays with its errors.
func (w *readTrackWorker) Work(ctx context.Context, job *river.Job[readTrackArgs]) error {
	err := w.store.ReadTrack(ctx, time.Now(), job.Args.TrackID)
	if err != nil && job.Attempt >= job.MaxAttempts && ctx.Err() == nil {
		err = errors.Join(err, w.store.failTrack(ctx, time.Now(), job.Args.TrackID, err))
	}
	return err
}

type readPhotoWorker struct {
	river.WorkerDefaults[readPhotoArgs]
	store *Store
}

// Work reads a photo. When the last try fails, the photo says so; the job stays with its errors.
func (w *readPhotoWorker) Work(ctx context.Context, job *river.Job[readPhotoArgs]) error {
	err := w.store.ReadPhoto(ctx, time.Now(), job.Args.PhotoID)
	if err != nil && job.Attempt >= job.MaxAttempts && ctx.Err() == nil {
		err = errors.Join(err, w.store.failPhoto(ctx, time.Now(), job.Args.PhotoID, err))
	}
	return err
}

// retryPolicy tries again soon: what fails here is the database or the disk for a moment, or for good.
type retryPolicy struct{}

func (retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	n := max(0, min(len(job.Errors), len(retryDelays)-1))
	return time.Now().Add(retryDelays[n])
}

// quietHandler keeps the queue's chatter out of the log: only warnings and errors pass.
type quietHandler struct{ slog.Handler }

// Enabled reports whether a record of the level is written.
func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the quiet.
func (h quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the quiet.
func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{h.Handler.WithGroup(name)}
}
