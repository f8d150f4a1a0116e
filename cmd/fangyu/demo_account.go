package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// demoPassword is that of every demo account.
const demoPassword = "fangyu-demo"

// demoAccounts are offices and posts, not persons.
var demoAccounts = []struct {
	login, name, office, kind, division string
	roles                               []gazetteer.Role
}{
	{"cq-mzj", "市民政局 区划地名处", "重庆市民政局", "civil-affairs", "500000", []gazetteer.Role{
		gazetteer.Superior, gazetteer.ApprovalAuthority, gazetteer.Approver, gazetteer.FilingReceiver, gazetteer.Auditor, gazetteer.Administrator,
	}},
	{"jb-mzj", "江北区民政局 区划地名科", "江北区民政局", "civil-affairs", "500105", []gazetteer.Role{
		gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor,
	}},
	{"yb-mzj", "渝北区民政局 区划地名科", "渝北区民政局", "civil-affairs", "500112", []gazetteer.Role{
		gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor,
	}},
	{"yb-clerk", "渝北区民政局 地名经办", "渝北区民政局", "civil-affairs", "500112", []gazetteer.Role{gazetteer.Clerk, gazetteer.Applicant}},
	{"seat-1", "地名委员会 第一席", "渝北区地名委员会", "committee", "500112", []gazetteer.Role{gazetteer.CommitteeMember}},
	{"seat-2", "地名委员会 第二席", "渝北区地名委员会", "committee", "500112", []gazetteer.Role{gazetteer.CommitteeMember}},
	{"seat-3", "地名委员会 第三席", "渝北区地名委员会", "committee", "500112", []gazetteer.Role{gazetteer.CommitteeMember}},
}

// accounts makes the offices and accounts and signs each in, to act for them in the steps that follow.
func (d *demo) accounts() error {
	for _, a := range demoAccounts {
		division, err := d.s.gaz.DivisionByCode(d.ctx, a.division)
		if err != nil {
			return err
		}
		office, err := d.s.gaz.CreateOffice(d.ctx, demoLoader, time.Now(), gazsql.Office{
			Name: a.office, Kind: a.kind, DivisionID: &division, Demo: true,
		})
		if err != nil {
			return err
		}
		_, err = d.s.gaz.CreateAccount(d.ctx, demoLoader, time.Now(), gazsql.NewAccount{
			Login: a.login, Name: a.name, Password: demoPassword, OfficeID: office, Roles: a.roles, Demo: true,
		})
		if err != nil && !fault.Is(err, "login-taken") {
			return err
		}
		if d.actor[a.login], err = d.s.gaz.SignIn(d.ctx, a.login, demoPassword); err != nil {
			return err
		}
	}
	return nil
}

// demoPasswordOf is the demo accounts' password where there are any, else empty.
func demoPasswordOf(ctx context.Context, s *system) (string, error) {
	found, err := s.gaz.DemoAccounts(ctx)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return demoPassword, nil
}

func printDemoAccounts(e *env, s *system) error {
	found, err := s.gaz.DemoAccounts(e.ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	fmt.Fprintf(e.out, "演示账号 Demo accounts（口令 password：%s）\n", demoPassword)
	for _, a := range found {
		fmt.Fprintf(e.out, "  %-9s %s（%s）\n", a.Account, a.Name, strings.Join(a.Roles, ", "))
	}
	return nil
}

// demoAnswer is what fangyu demo --json prints.
type demoAnswer struct {
	Accounts     []demoAccountAnswer `json:"accounts"`
	LineID       string              `json:"lineId"`
	PlaceID      string              `json:"placeId"`
	ProposalID   string              `json:"proposalId"`
	InspectionID string              `json:"inspectionId"`
}

type demoAccountAnswer struct {
	gazsql.DemoAccount
	Password string `json:"password"`
}

func printDemoJSON(e *env, s *system) error {
	found, err := s.gaz.DemoAccounts(e.ctx)
	if err != nil {
		return err
	}
	out := demoAnswer{Accounts: []demoAccountAnswer{}}
	for _, a := range found {
		out.Accounts = append(out.Accounts, demoAccountAnswer{a, demoPassword})
	}
	d := &demo{ctx: e.ctx, s: s}
	line, err := d.demoLine()
	if err != nil {
		return err
	}
	out.LineID = line.id.String()
	hits, err := s.gaz.Search(e.ctx, "龙兴镇", 1)
	if err != nil {
		return err
	}
	if len(hits) > 0 {
		out.PlaceID = hits[0].ID.String()
	}
	everything := gazetteer.Actor{System: "demo"}
	proposals, err := s.gaz.Proposals(e.ctx, everything, time.Now(), [16]byte{}, 1)
	if err != nil {
		return err
	}
	if len(proposals) > 0 {
		out.ProposalID = proposals[0].ID.String()
	}
	rounds, err := s.bound.Inspections(e.ctx, everything, time.Now(), [16]byte{}, 1)
	if err != nil {
		return err
	}
	if len(rounds) > 0 {
		out.InspectionID = rounds[0].ID.String()
	}
	return printJSON(e.out, out)
}
