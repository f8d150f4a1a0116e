package boundsql_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// meeting are three lines that begin where 渝中, 江北, 北碚 and 渝北 meet, each with an account of either side.
type meeting struct {
	*desk
	node  boundsql.TripointRow
	lines []uuid.UUID
	sides map[uuid.UUID][2]gazetteer.Actor
}

func newMeeting(t *testing.T) *meeting {
	t.Helper()
	m := &meeting{desk: newDesk(t), sides: map[uuid.UUID][2]gazetteer.Actor{}}
	m.townships()
	m.neighbours()
	for _, r := range m.tripoints() {
		if r.At == bent[0][0] {
			m.node = r
		}
	}
	yuzhong, beibei := m.account("yz", "渝中区界线办", "500103", gazetteer.PartyOfficer), m.account("bb", "北碚区界线办", "500109", gazetteer.PartyOfficer)
	for _, l := range m.node.Lines {
		m.lines = append(m.lines, l.ID)
		switch l.Name {
		case "渝中区—江北区线":
			m.sides[l.ID] = [2]gazetteer.Actor{m.other, yuzhong}
		case "北碚区—渝北区线":
			m.sides[l.ID] = [2]gazetteer.Actor{m.lead, beibei}
		default:
			m.sides[l.ID] = [2]gazetteer.Actor{m.lead, m.other}
		}
	}
	if len(m.lines) != 3 {
		t.Fatalf("%d lines meet: %+v", len(m.lines), m.node)
	}
	return m
}

// signedMove is a signed agreement on a line that moves the node they share.
func (m *meeting) signedMove(line uuid.UUID, to orb.Point) boundsql.Agreement {
	m.t.Helper()
	ctx := context.Background()
	r, err := m.store.Line(ctx, line)
	m.must(err)
	course := r.Geometry.Clone()
	for _, part := range course {
		for _, i := range []int{0, len(part) - 1} {
			if part[i] == m.node.At {
				part[i] = to
			}
		}
	}
	content := boundary.AgreementContent{
		Geometry: course, Course: "自新的三交点起", Segments: []boundary.LineSegment{{MarkKind: "ridge"}},
		MovesNodes: []boundary.MovedNode{{NodeID: m.node.ID, To: to}},
	}
	by := m.sides[line]
	g, err := m.store.CreateAgreement(ctx, by[0], today, boundsql.AgreementInput{LineID: line, AgreementContent: content})
	m.must(err)
	g = m.steps(by[0], g, "propose")
	return m.steps(by[0], m.steps(by[1], m.steps(by[0], g, "confirm"), "confirm"), "sign")
}

func (m *meeting) approve(of []boundsql.Agreement) error {
	in := m.step("approve", of[0])
	for _, g := range of[1:] {
		in.Together = append(in.Together, boundary.AgreementRef{ID: g.ID, Version: g.Version})
	}
	_, err := m.store.ActOnAgreement(context.Background(), m.city, today, of[0].ID, of[0].Version, in)
	return err
}

// TestATripointMovesWithAllOfItsLines: none of the three agreements can be approved without the others; together they move it.
func TestATripointMovesWithAllOfItsLines(t *testing.T) {
	ctx, m := context.Background(), newMeeting(t)
	to := geo.Direct(m.node.At, 200, 30)
	var signed []boundsql.Agreement
	for _, line := range m.lines {
		signed = append(signed, m.signedMove(line, to))
	}
	if moved := signed[0].MovesNodes; len(moved) != 1 || moved[0].From != m.node.At || !strings.Contains(moved[0].Name, "渝北区") {
		t.Errorf("the agreement says %+v", moved)
	}
	if m.changesAs(m.lead, `update agreement set moves_nodes = '[]'`) {
		t.Error("what was confirmed was changed")
	}
	nodes, err := m.store.LineNodes(ctx, m.city, today, m.lines[0])
	m.must(err)
	seen := 0
	for _, n := range nodes {
		if n.ID == m.node.ID {
			seen = len(n.Moving)
		}
	}
	if seen != 3 {
		t.Errorf("the bureau above sees %d agreements that move it: %+v", seen, nodes)
	}
	for _, few := range [][]boundsql.Agreement{signed[:1], signed[:2], {signed[2], signed[0]}} {
		var f *fault.Error
		if err := m.approve(few); !errors.As(err, &f) || f.Code != "node-shared" || len(f.Findings) != 1 {
			t.Errorf("%d of three: %v", len(few), err)
		}
	}
	m.wantKind(m.approve(append(signed, signed[1])), fault.Malformed, "the same one twice")
	stale := []boundsql.Agreement{signed[0], signed[1], signed[2]}
	stale[2].Version--
	if err := m.approve(stale); fault.KindOf(err) != fault.Stale || !strings.Contains(err.Error(), signed[2].Line.Name) {
		t.Errorf("one of them stale: %v", err)
	}
	if was := m.tripoints(); len(was) != 3 || m.stands(m.node.ID) != m.node.At {
		t.Errorf("something moved: %+v", was)
	}
	m.must(m.approve(signed))
	if at := m.stands(m.node.ID); at != to {
		t.Errorf("the tripoint is at %v, agreed was %v", at, to)
	}
	v, err := m.store.Tripoint(ctx, m.node.ID)
	if m.must(err); len(v.Versions) != 2 || len(v.Lines) != 3 || *v.ValidFrom != "2026-11-20" {
		t.Errorf("it is %+v", v)
	}
	for _, g := range signed {
		after, err := m.store.Agreement(ctx, m.city, today, g.ID)
		if m.must(err); after.State != boundary.AgreementInForce || after.ValidFrom == nil || *after.ValidFrom != "2026-11-20" {
			t.Errorf("%s is %s", g.Line.Name, after.State)
		}
	}
	m.endsAreNodes()
}

// TestATripointDoesNotFallApart: one of the three agreements moves it to a place a millimetre off, and nothing is approved.
func TestATripointDoesNotFallApart(t *testing.T) {
	m := newMeeting(t)
	to := geo.Direct(m.node.At, 200, 30)
	var signed []boundsql.Agreement
	for i, line := range m.lines {
		signed = append(signed, m.signedMove(line, geo.Direct(to, 90, 0.001*float64(i%2))))
	}
	var f *fault.Error
	if err := m.approve(signed); !errors.As(err, &f) || f.Code != "node-shared" || f.Findings[0].Code != "node-places-differ" {
		t.Errorf("got %v", err)
	}
	if was := m.tripoints(); len(was) != 3 || m.stands(m.node.ID) != m.node.At {
		t.Errorf("something moved: %+v", was)
	}
	m.endsAreNodes()
}

// stands is where a tripoint is today.
func (m *meeting) stands(id uuid.UUID) (at orb.Point) {
	m.t.Helper()
	m.must(m.db.Super.QueryRow(context.Background(), `select geom from node_version where node_id = $1 and upper_inf(valid)`, id).Scan(&at))
	return at
}

// TestTwoApproveThreeAtOnce, each beginning with another agreement: one of them does it, the other is told.
func TestTwoApproveThreeAtOnce(t *testing.T) {
	m := newMeeting(t)
	to := geo.Direct(m.node.At, 200, 30)
	var signed []boundsql.Agreement
	for _, line := range m.lines {
		signed = append(signed, m.signedMove(line, to))
	}
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		wg.Go(func() { errs[i] = m.approve(append(append([]boundsql.Agreement{}, signed[i:]...), signed[:i]...)) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if fault.KindOf(err) != fault.Stale {
			t.Errorf("got %v", err)
		}
	}
	if done != 1 || m.stands(m.node.ID) != to {
		t.Errorf("%d did it", done)
	}
}
