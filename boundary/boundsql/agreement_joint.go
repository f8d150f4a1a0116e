package boundsql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// lockTogether locks agreements that are acted on together, in an order that two who do so share, and returns them as they were named.
func (s *Store) lockTogether(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, named []boundary.AgreementRef) ([]agreementRow, error) {
	refs := slices.SortedFunc(slices.Values(named), func(a, b boundary.AgreementRef) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	rows := make([]agreementRow, len(named))
	for i, ref := range refs {
		if i > 0 && ref.ID == refs[i-1].ID {
			return nil, fault.New(fault.Malformed, "agreement-twice", "同一份协议书写了两次：together 只写一并批准的其他协议书")
		}
		r, err := s.lockAgreement(ctx, tx, actor, now, ref.ID, ref.Version)
		if err != nil {
			return nil, r.named(err, named[0].ID)
		}
		rows[slices.Index(named, ref)] = r
	}
	return rows, nil
}

// named says of which line an error is, where it is not that of the agreement that was asked for.
func (r agreementRow) named(err error, asked uuid.UUID) error {
	var f *fault.Error
	if r.ID == asked || r.Line.Name == "" || !errors.As(err, &f) {
		return err
	}
	told := *f
	told.Detail = "一并批准的“" + r.Line.Name + "”：" + f.Detail
	return &told
}

// movesOf gathers the nodes that agreements move, and refuses where not every line that meets one is among them.
func movesOf(ctx context.Context, db postgis.Conn, rows []agreementRow) ([]boundary.NodeMove, error) {
	var agreements []boundary.JointAgreement
	to := map[uuid.UUID]orb.Point{}
	for _, r := range rows {
		agreements = append(agreements, boundary.JointAgreement{Line: r.Line.ID, Name: r.Line.Name, Moves: r.MovesNodes})
		for _, m := range r.MovesNodes {
			to[m.NodeID] = m.To
		}
	}
	if len(to) == 0 {
		return nil, nil
	}
	nodes, err := collect[boundary.SharedNode](ctx, db, sharedNodeSQL+` and n.node_id = any ($1) order by n.node_id`, slices.Collect(maps.Keys(to)))
	if err != nil {
		return nil, fmt.Errorf("gather the nodes that are moved: %w", err)
	}
	var moves []boundary.NodeMove
	for _, n := range nodes { // one that is gone is found by stillMeets
		moves = append(moves, boundary.NodeMove{From: n.At, To: to[n.ID]})
	}
	if found := boundary.CheckJoint(agreements, nodes); len(found) > 0 {
		return nil, fault.Refuse("node-shared", "协议书移动的结点为几条界线所共有，要一并批准", found)
	}
	return moves, nil
}

// sharedNodeSQL reads nodes as they stand, with the lines that meet there.
var sharedNodeSQL = `
	select n.node_id as id, n.kind, n.geom as at,
	       (select string_agg(` + nameSQL("d.division_id") + `, '—' order by d.n) from node_division d where d.node_version_id = n.id) as name,
	       (select jsonb_agg(jsonb_build_object('id', l.id, 'name', l.name) order by l.name) from node_line k join line l on l.id = k.line_id where k.node_version_id = n.id) as lines
	from node_version n where upper_inf(n.valid)`

// LineNode is a node that a line meets, with the agreements under way that move it, as far as the actor reads them.
type LineNode struct {
	boundary.SharedNode
	Moving []MovingAgreement `json:"moving"`
}

// MovingAgreement is an agreement on a line that moves a node.
type MovingAgreement struct {
	boundary.AgreementRef
	State  boundary.AgreementState `json:"state"`
	LineID uuid.UUID               `json:"lineId"`
	To     orb.Point               `json:"to"`
}

// LineNodes lists the nodes that a line meets today, from west to east. Error: NotFound "line-unknown".
func (s *Store) LineNodes(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) ([]LineNode, error) {
	if _, err := openVersion(ctx, s.db, line, ""); err != nil {
		return nil, err
	}
	shared, err := collect[boundary.SharedNode](ctx, s.db, sharedNodeSQL+`
		and exists (select from node_line k where k.node_version_id = n.id and k.line_id = $1) order by st_x(n.geom), st_y(n.geom) desc`, line)
	if err != nil {
		return nil, fmt.Errorf("gather the nodes of the line: %w", err)
	}
	ids := make([]uuid.UUID, len(shared))
	for i, n := range shared {
		ids[i] = n.ID
	}
	under, err := s.agreements(ctx, actor, now, `null::geometry`, `
		where a.state not in ('in-force', 'withdrawn')
		  and exists (select from jsonb_array_elements(a.moves_nodes) m where (m ->> 'nodeId')::uuid = any ($1)) order by a.id`, ids)
	if err != nil {
		return nil, err
	}
	nodes := make([]LineNode, len(shared))
	for i, n := range shared {
		nodes[i] = LineNode{n, []MovingAgreement{}}
		for _, r := range under {
			for _, m := range r.MovesNodes {
				if m.NodeID == n.ID {
					nodes[i].Moving = append(nodes[i].Moving, MovingAgreement{boundary.AgreementRef{ID: r.ID, Version: r.Version}, r.State, r.Line.ID, m.To})
				}
			}
		}
	}
	return nodes, nil
}
