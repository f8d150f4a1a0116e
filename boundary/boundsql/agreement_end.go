package boundsql

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/internal/fault"
)

// aroundD is how far around an end it is looked for what it may meet, in degrees: somewhat more than boundary.MeetWithinM.
const aroundD = 0.003

// meetingsOf gathers what stands where the ends of a course are: the nodes of its line and those near, and the lines of its level and
// above near, as they stand today.
func (s *Store) meetingsOf(ctx context.Context, line uuid.UUID, course orb.MultiLineString) (m boundary.Meetings, err error) {
	m.LeastM = s.NodeLeastM
	ends := orb.MultiPoint{}
	for _, part := range course {
		if len(part) > 1 {
			ends = append(ends, part[0], part[len(part)-1])
		}
	}
	if len(ends) == 0 {
		return m, nil
	}
	m.Nodes, err = collect[boundary.MeetingNode](ctx, s.db, `
		select n.node_id as id, n.geom as at, x.name, x.own, x.others, x.law
		from node_version n
		cross join lateral (
		    select (select string_agg(`+nameSQL("d.division_id")+`, '—' order by d.n) from node_division d where d.node_version_id = n.id) as name,
		           bool_or(k.line_id = $1) as own, coalesce(array_agg(l.name order by l.name) filter (where k.line_id <> $1), '{}') as others,
		           bool_or(k.line_id <> $1 and v.legal_status in ('signed', 'in-force', 'under-change')) as law
		    from node_line k join line l on l.id = k.line_id join line_version v on v.line_id = l.id and upper_inf(v.valid)
		    where k.node_version_id = n.id) x
		where upper_inf(n.valid) and x.own is not null
		  and (exists (select from node_line k where k.node_version_id = n.id and k.line_id = $1)
		       or exists (select from st_dump($2) p where n.geom && st_expand(p.geom, $3)))
		order by n.node_id`, line, ends, aroundD)
	if err != nil {
		return m, fmt.Errorf("gather the nodes: %w", err)
	}
	m.Lines, err = collect[boundary.LineNear](ctx, s.db, `
		select l.name, st_multi(st_collectionextract(st_clipbybox2d(v.geom, st_expand(p.geom, $3)::box2d), 2)) as course
		from st_dump($2) p
		join line_version v on upper_inf(v.valid) and v.line_id <> $1 and v.geom && st_expand(p.geom, $3)
		join line l on l.id = v.line_id
		join line own on own.id = $1
		where array_position('{province,county,township}'::text[], l.level) <= array_position('{province,county,township}'::text[], own.level)
		  and st_intersects(v.geom, st_expand(p.geom, $3))
		order by l.id`, line, ends, aroundD)
	if err != nil {
		return m, fmt.Errorf("gather the lines near: %w", err)
	}
	return m, nil
}

// stillMeets refuses an agreement whose ends meet no more what they met when it was written: a line beside it changed meanwhile.
func (s *Store) stillMeets(ctx context.Context, tx pgx.Tx, r agreementRow, today orb.MultiLineString) error {
	meetings, err := s.over(tx).meetingsOf(ctx, r.Line.ID, r.Geometry)
	if err != nil {
		return err
	}
	if found := r.Unmet(today, meetings); len(found) > 0 {
		return fault.Refuse("ends-moved", "协议起草以后，端点所接的结点或界线有了变化：请退回起草一方，按现在的结点改图形", found)
	}
	return nil
}
