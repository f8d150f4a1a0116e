package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// The two counties whose line the demo inspects.
const (
	demoLead        = "江北区"
	demoCooperating = "渝北区"
)

// lines derives the county lines from the polygons' matching edges; what does not match is said.
func (d *demo) lines() error {
	report, err := d.s.bound.DeriveLines(d.ctx, demoLoader, time.Now(), boundsql.Derive{Document: mapDocument, Frame: string(geo.GCJ02)})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.e.err, "  由图形相同的边推得 %d 条界线；另有 %.0f 公里内部边界两侧图形不一致，未成线\n", report.Lines, report.UnmatchedM/1000)
	return nil
}

// inspectedLine is the line of the demo's inspection.
type inspectedLine struct {
	id    uuid.UUID
	name  string
	shape orb.MultiLineString
}

// demoLine finds the line between the two counties.
func (d *demo) demoLine() (inspectedLine, error) {
	var found inspectedLine
	err := d.s.bound.EachLine(d.ctx, func(l boundsql.LineRow) error {
		if l.PartyAName == demoLead && l.PartyBName == demoCooperating || l.PartyAName == demoCooperating && l.PartyBName == demoLead {
			found = inspectedLine{l.ID, l.Name, l.Geometry}
		}
		return nil
	})
	if err == nil && found.id == uuid.Nil {
		err = fault.New(fault.NotFound, "line-unknown", "演示数据里没有 %s 与 %s 之间的界线", demoLead, demoCooperating)
	}
	return found, err
}

// markers makes up a few markers along the line, marked synthetic.
func (d *demo) markers() error {
	line, err := d.demoLine()
	if err != nil {
		return err
	}
	chain, err := geo.NewChain(line.shape)
	if err != nil {
		return err
	}
	path := filepath.Join(d.dir, "markers.csv")
	if err := os.WriteFile(path, boundary.SynthesizeMarkers(chain, line.name, chain.LengthM()/6, 1), 0o600); err != nil {
		return err
	}
	return d.load(path, geo.CGCS2000, syntheticDocument, true, d.s.bound.ImportMarkers)
}

// assignments entrusts the contractor's surveyor with the line and the township's keeper with its first markers, for a year
// from today.
func (d *demo) assignments() error {
	officer := d.actor["yb-mzj"]
	line, err := d.demoLine()
	if err != nil {
		return err
	}
	there, err := d.s.bound.Assignments(d.ctx, officer, time.Now(), line.id, uuid.Nil, 2)
	if err != nil || len(there) == 2 {
		return err
	}
	known, err := d.s.bound.Line(d.ctx, line.id)
	if err != nil {
		return err
	}
	var markers []uuid.UUID
	for _, m := range known.Markers[:min(2, len(known.Markers))] {
		markers = append(markers, m.ID)
	}
	from := time.Now().UTC() // not after the day in China
	days := boundsql.NewAssignment{LineID: line.id, ValidFrom: from.Format(time.DateOnly), ValidTo: from.AddDate(1, 0, 0).Format(time.DateOnly)}
	survey, keep := days, days
	survey.Account, survey.Role, survey.Note = "surveyor", gazetteer.Surveyor, "演示：沿全线实地踏勘，上传轨迹"
	keep.Account, keep.Role, keep.Markers, keep.Note = "lx-keeper", gazetteer.Keeper, markers, "演示：每季度巡查一次"
	for _, task := range []boundsql.NewAssignment{survey, keep} {
		_, err := d.s.bound.CreateAssignment(d.ctx, officer, time.Now(), task)
		if err != nil && !fault.Is(err, "assigned-already") {
			return err
		}
	}
	return nil
}

// inspection walks a round of the line as far as the report that both sides are to sign: a track and the marker forms
// from each side, made up and marked so.
func (d *demo) inspection() error {
	superior := d.actor["cq-mzj"]
	rounds, err := d.s.bound.Inspections(d.ctx, superior, time.Now(), uuid.Nil, 1)
	if err != nil {
		return err
	}
	if len(rounds) > 0 && rounds[0].State != boundary.InspectionPlanned {
		return nil
	}
	line, err := d.demoLine()
	if err != nil {
		return err
	}
	lead, cooperating := d.actor["jb-mzj"], d.actor["yb-mzj"]
	round, err := d.s.bound.CreateInspection(d.ctx, superior, time.Now(), boundsql.NewInspection{
		Programme: "演示：县级界线联合检查", Round: 1, YearFrom: 2026, YearTo: 2026, LineID: line.id, LeadOffice: lead.OfficeID,
		CooperatingOffice: cooperating.OfficeID, Synthetic: true,
	})
	if fault.Is(err, "inspection-exists") {
		round, err = d.s.bound.Inspection(d.ctx, superior, time.Now(), rounds[0].ID)
	}
	if err != nil {
		return err
	}
	act := func(who gazetteer.Actor, action string) {
		if err == nil {
			round, err = d.s.bound.ActOnInspection(d.ctx, who, time.Now(), round.ID, round.Version, boundary.InspectionAction{Name: action})
		}
	}
	act(lead, "start")
	if err != nil {
		return err
	}
	chain, err := geo.NewChain(line.shape)
	if err != nil {
		return err
	}
	for i, side := range []gazetteer.Actor{lead, cooperating} {
		if err := d.fieldWork(&round, side, chain, float64(i)*0.35, 0.65+float64(i)*0.30, uint64(i+1)); err != nil {
			return err
		}
	}
	if round, err = d.s.bound.Inspection(d.ctx, lead, time.Now(), round.ID); err != nil {
		return err
	}
	act(lead, "finish-field")
	act(lead, "compile")
	return err
}

// fieldWork hands in one side's track, over a part of the line, and its marker forms.
func (d *demo) fieldWork(round *boundsql.Inspection, side gazetteer.Actor, chain *geo.Chain, from, to float64, seed uint64) error {
	length := chain.LengthM()
	var dwell []float64
	line, err := d.s.bound.Line(d.ctx, round.Line.ID)
	if err != nil {
		return err
	}
	for _, m := range line.Markers {
		if m.ChainageM >= from*length && m.ChainageM <= to*length {
			dwell = append(dwell, m.ChainageM)
		}
	}
	gpx := boundary.SynthesizeTrack(chain, boundary.Walk{
		Seed: seed, NoiseM: 4, SpacingM: 8, Start: time.Date(2026, 4, 13+int(seed), 1, 0, 0, 0, time.UTC),
		FromM: from * length, ToM: to * length, DwellAtM: dwell,
	})
	track, _, err := d.s.bound.ReceiveTrack(d.ctx, side, time.Now(), boundsql.ReceiveTrack{
		Submission: boundary.Submission{LineID: round.Line.ID, InspectionID: round.ID, Receiver: string(boundary.Handheld)}, FileName: "模拟轨迹-" + side.Login + ".gpx", Body: bytes.NewReader(gpx),
	})
	if err != nil {
		return err
	}
	if err := d.s.bound.ReadTrack(d.ctx, time.Now(), track.ID); err != nil {
		return err
	}
	for _, m := range line.Markers {
		now, err := d.s.bound.Inspection(d.ctx, side, time.Now(), round.ID)
		if err != nil {
			return err
		}
		_, err = d.s.bound.FillMarkerForm(d.ctx, side, time.Now(), round.ID, now.Version, m.ID, boundsql.MarkerFormInput{
			Found: "intact", CheckedOn: "2026-04-14", Note: "演示用模拟记录", Submit: true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// proposal leaves one naming case before the committee.
func (d *demo) proposal() error {
	clerk := d.actor["yb-clerk"]
	there, err := d.s.gaz.Proposals(d.ctx, clerk, time.Now(), uuid.Nil, 1)
	if err != nil || len(there) > 0 {
		return err
	}
	p, err := d.s.gaz.CreateProposal(d.ctx, clerk, time.Now(), gazsql.NewProposal{
		Kind: "new", Name: "云岭路", Category: gazetteer.Street, Division: "500112", Point: &orb.Point{106.631, 29.718},
		Reason: "演示：新建道路，起于新牌坊一路，沿山岭布设，取意云岭",
	})
	if err != nil {
		return err
	}
	_, err = d.s.gaz.ActOnProposal(d.ctx, clerk, time.Now(), p.ID, p.Version, gazetteer.ProposalAction{Name: "accept"})
	return err
}
