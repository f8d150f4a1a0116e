package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Quota is what one office may have of tracks where that differs from what all may: nil is as for all, 0 no limit.
type Quota struct {
	Bytes   *int64 `json:"bytes"` // of original files
	Files   *int64 `json:"files"`
	Points  *int64 `json:"points"`  // recorded in them
	Jobs    *int64 `json:"jobs"`    // files that wait to be read
	Version int    `json:"version"` // 0 while nobody has set any
}

func (q Quota) check() error {
	for name, most := range map[string]*int64{"bytes": q.Bytes, "files": q.Files, "points": q.Points, "jobs": q.Jobs} {
		if most != nil && *most < 0 {
			return fault.New(fault.Malformed, "bad-quota", "%s 应为不小于 0 的整数：0 为不限，null 为与各单位相同", name)
		}
	}
	return nil
}

// Quota returns the limits of an office that the administrator keeps.
//
// Errors: those of Office.
func (s *Store) Quota(ctx context.Context, actor gazetteer.Actor, office uuid.UUID) (Quota, error) {
	if _, err := s.Office(ctx, actor, office); err != nil {
		return Quota{}, err
	}
	return s.QuotaOf(ctx, office)
}

// QuotaOf returns the limits of an office, whoever asks.
func (s *Store) QuotaOf(ctx context.Context, office uuid.UUID) (Quota, error) {
	rows, err := s.db.Query(ctx, `select bytes, files, points, jobs, version from office_quota where office_id = $1`, office)
	if err != nil {
		return Quota{}, err
	}
	q, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Quota])
	if isNoRows(err) {
		return Quota{}, nil
	}
	return q, err
}

// SetQuota sets the limits of an office that the administrator keeps, but not of the administrator's own, as they stood at
// the version given.
//
// Errors: Malformed "bad-quota"; Conflict "own-office"; Stale "stale"; those of Office.
func (s *Store) SetQuota(ctx context.Context, actor gazetteer.Actor, now time.Time, office uuid.UUID, version int, to Quota) (Quota, error) {
	if err := to.check(); err != nil {
		return to, err
	}
	before, err := s.Quota(ctx, actor, office)
	if err != nil {
		return to, err
	}
	if office == actor.OfficeID && actor.Jurisdiction != uuid.Nil {
		return to, fault.New(fault.Conflict, "own-office", "不能为自己的单位设定上限：请由上级系统管理员办理")
	}
	err = pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			insert into office_quota (office_id, bytes, files, points, jobs, set_at, set_by)
			select @office, @bytes, @files, @points, @jobs, @now, @by where @version = 0 or exists (select from office_quota where office_id = @office)
			on conflict (office_id) do update
			set bytes = excluded.bytes, files = excluded.files, points = excluded.points, jobs = excluded.jobs, set_at = excluded.set_at,
			    set_by = excluded.set_by, version = office_quota.version + 1
			where office_quota.version = @version
			returning version`,
			pgx.StrictNamedArgs{
				"office": office, "bytes": to.Bytes, "files": to.Files, "points": to.Points, "jobs": to.Jobs, "now": now, "by": actor.AccountID, "version": version,
			}).Scan(&to.Version)
		if isNoRows(err) {
			return fault.New(fault.Stale, "stale", "上限已是第 %d 版，您看到的是第 %d 版：请刷新后再试", before.Version, version)
		}
		if err != nil {
			return fmt.Errorf("set the quota: %w", err)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "office/" + office.String(), Verb: "set-quota", Before: before, After: to,
		})
	})
	return to, err
}
