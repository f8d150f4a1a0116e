package boundsql

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// Quota is what one office may have of tracks; zero is no limit.
type Quota struct {
	Bytes  int64 // of original files
	Files  int64
	Points int64 // recorded in them
	Jobs   int64 // files that wait to be read
}

// UsualQuota is far more than a bureau uploads in a round, and little enough that no office fills the disk of all.
var UsualQuota = Quota{Bytes: 50 << 30, Files: 100_000, Points: 1_000_000_000, Jobs: 1000}

// limits is the table of what is counted.
func (q *Quota) limits() []quotaLimit {
	return []quotaLimit{
		{"bytes", "原件", "字节", &q.Bytes},
		{"files", "轨迹文件", "件", &q.Files},
		{"points", "轨迹点", "个", &q.Points},
		{"jobs", "待读取的文件", "件", &q.Jobs},
	}
}

type quotaLimit struct {
	name, what, unit string
	most             *int64
}

// Set sets one limit by its name: bytes, files, points or jobs. It reports whether there is such a limit.
func (q *Quota) Set(name string, most int64) bool {
	for _, l := range q.limits() {
		if l.name == name && most >= 0 {
			*l.most = most
			return true
		}
	}
	return false
}

// of is the quota with what was set for one office.
func (q Quota) of(set gazsql.Quota) Quota {
	for i, most := range []*int64{set.Bytes, set.Files, set.Points, set.Jobs} {
		if most != nil {
			*q.limits()[i].most = *most
		}
	}
	return q
}

// underWay are the files that were declared and have not all come, which count as if they had, and photos.
const underWay = `upload u join submission s on s.account_id = u.account_id and s.id = u.submission_id where s.office_id = $1 and u.track_id is null`

// withinQuota refuses more tracks of an office that has used up a limit: Exceeded "quota". Uploads at the same time may
// each be the last one.
func (s *Store) withinQuota(ctx context.Context, office uuid.UUID) error {
	set, err := gazsql.New(s.db).QuotaOf(ctx, office)
	if err != nil {
		return fmt.Errorf("read the quota of the office: %w", err)
	}
	quota := s.Quota.of(set)
	if quota == (Quota{}) {
		return nil
	}
	var used Quota
	err = gazsql.As(ctx, s.db, matcher, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			select coalesce(sum(e.size), 0)::bigint + (select coalesce(sum(u.size), 0) from `+underWay+`)::bigint,
			       count(*) + (select count(*) from `+underWay+`), coalesce(sum((t.reading ->> 'points')::bigint), 0)::bigint,
			       count(*) filter (where t.state in ('received', 'reading'))
			           + (select count(*) from photo where office_id = $1 and state in ('received', 'reading'))
			from track t join evidence e on e.sha256 = t.sha256 where t.office_id = $1`, office).Scan(&used.Bytes, &used.Files, &used.Points, &used.Jobs)
	})
	if err != nil {
		return fmt.Errorf("count what the office has: %w", err)
	}
	limits := quota.limits()
	for i, have := range used.limits() {
		if most := *limits[i].most; most > 0 && *have.most >= most {
			return fault.New(fault.Exceeded, "quota", "单位的%s已有 %d %s，达到上限 %d：请联系系统管理员，或待读取完毕后再传",
				have.what, *have.most, have.unit, most)
		}
	}
	return nil
}
