package boundary

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// A node belongs to every line that meets there, so no agreement on one of them moves it alone: each line's agreement says that it
// moves the node, and all of them are approved together (《行政区域界线管理条例》第二条；三交点的协议由各方共同订立).

// MovedNode is a node that an agreement moves, together with those on the other lines that meet it.
type MovedNode struct {
	NodeID    uuid.UUID `json:"nodeId"`
	Name      string    `json:"name"` // the divisions that meet, when the agreement was settled; so From
	From      orb.Point `json:"from"` // longitude and latitude, CGCS2000
	To        orb.Point `json:"to"`
	DistanceM float64   `json:"distanceM"` // on the ellipsoid
}

// maxMovedNodes bounds them: a line has few ends, and few lines end on it.
const maxMovedNodes = 100

// checkMoves finds what is wrong with the nodes that are to be moved, over those the line meets.
func (c AgreementContent) checkMoves(nodes []MeetingNode) (found []fault.Finding) {
	if len(c.MovesNodes) > maxMovedNodes {
		return []fault.Finding{fault.Blocking("too-many-nodes", "/movesNodes", "移动 %d 个结点，最多 %d 个", len(c.MovesNodes), maxMovedNodes)}
	}
	seen := map[uuid.UUID]bool{}
	for i, m := range c.MovesNodes {
		wrong := func(code, field, format string, args ...any) {
			found = append(found, fault.Blocking(code, fmt.Sprintf("/movesNodes/%d/%s", i, field), format, args...))
		}
		n := nodeOf(nodes, m.NodeID)
		switch err := geo.CheckLonLat(m.To); {
		case seen[m.NodeID]:
			wrong("node-twice", "nodeId", "同一个结点写了两次：一个结点只有一个新位置")
		case n == nil:
			wrong("node-unknown", "nodeId", "这条界线今天没有这个结点：请在它的结点中选")
		case err != nil:
			wrong("bad-position", "to", "新位置须是经纬度（CGCS2000）：%s", detailOf(err))
		case geo.DistanceM(n.At, m.To) <= throughM:
			wrong("node-stays", "to", "结点 %s 的新位置就是它现在的位置：不移动的不用写", n)
		}
		if other := besideNode(nodes, m); other != nil {
			wrong("node-beside", "to", "结点的新位置离结点 %s 不到 %d 毫米而不是同一个位置：移到那个结点上的，请写它的坐标 %v, %v", other.Name, int(throughM*1000), other.At[0], other.At[1])
		}
		seen[m.NodeID] = true
	}
	return found
}

// besideNode is a node that the new place of another cannot be told from and that it is not; nil for none.
func besideNode(nodes []MeetingNode, m MovedNode) *MeetingNode {
	for i, n := range nodes {
		if n.ID != m.NodeID && n.At != m.To && geo.DistanceM(n.At, m.To) <= throughM {
			return &nodes[i]
		}
	}
	return nil
}

// nodeOf is the node the line itself meets of that identity, nil for none.
func nodeOf(nodes []MeetingNode, id uuid.UUID) *MeetingNode {
	for i := range nodes {
		if nodes[i].ID == id && nodes[i].Own {
			return &nodes[i]
		}
	}
	return nil
}

// settledMoves are the nodes that are moved, with what they are called and where they are today.
func (c AgreementContent) settledMoves(nodes []MeetingNode) (moves []MovedNode) {
	for _, m := range c.MovesNodes {
		if n := nodeOf(nodes, m.NodeID); n != nil {
			moves = append(moves, MovedNode{m.NodeID, n.Name, n.At, m.To, geo.DistanceM(n.At, m.To)})
		}
	}
	return moves
}

// moved is a node where the agreement has it.
func (c AgreementContent) moved(n MeetingNode) MeetingNode {
	for _, m := range c.MovesNodes {
		if n.Own && m.NodeID == n.ID {
			n.At, n.moved = m.To, true
		}
	}
	return n
}

// JointAgreement is one of several agreements that are approved together, as far as the nodes go that they move.
type JointAgreement struct {
	Line  uuid.UUID
	Name  string // of the line
	Moves []MovedNode
}

// SharedNode is a node with every line that meets there today.
type SharedNode struct {
	ID    uuid.UUID  `json:"id"`
	Kind  NodeKind   `json:"kind"`
	Name  string     `json:"name"` // the divisions that meet
	At    orb.Point  `json:"at"`   // longitude and latitude, CGCS2000
	Lines []NodeLine `json:"lines"`
}

// NodeLine is a line that meets a node.
type NodeLine struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// CheckJoint finds what agreements approved together lack: every line that meets a node they move has to be among them, and move
// it to the same place.
func CheckJoint(agreements []JointAgreement, nodes []SharedNode) (found []fault.Finding) {
	byLine := map[uuid.UUID]JointAgreement{}
	for _, g := range agreements {
		byLine[g.Line] = g
	}
	for _, n := range nodes {
		var to *orb.Point
		var missing []string
		for _, l := range n.Lines {
			switch at := byLine[l.ID].placeOf(n.ID); {
			case at == nil:
				missing = append(missing, l.Name)
			case to == nil:
				to = at
			case *to != *at: // to the last digit: a millimetre apart they would be two nodes
				found = append(found, joint("node-places-differ", "结点 %s：界线“%s”的协议把它移到 %.12f, %.12f，别的协议移到 %.12f, %.12f：请退回，各方议定同一个位置（坐标一字不差）", n.Name, l.Name, at[0], at[1], to[0], to[1]))
			}
		}
		if len(missing) > 0 {
			found = append(found, joint("node-shared", "结点 %s 还为界线“%s”所共有：请把这些界线上移动它的协议书一并批准", n.Name, strings.Join(missing, "”“")))
		}
	}
	return found
}

func joint(code, format string, args ...any) fault.Finding {
	f := fault.Blocking(code, "/together", format, args...)
	f.Clause = clauseOfFixedGround
	return f
}

// placeOf is where the agreement moves a node, nil where it does not.
func (g JointAgreement) placeOf(node uuid.UUID) *orb.Point {
	for i := range g.Moves {
		if g.Moves[i].NodeID == node {
			return &g.Moves[i].To
		}
	}
	return nil
}
