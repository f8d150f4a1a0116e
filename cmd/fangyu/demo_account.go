package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// demoPassword is that of every demo account.
const demoPassword = "fangyu-demo"

// demoOffices are the offices of the demo: the municipality, two neighbouring counties, a department, a township, and who
// works for them.
var demoOffices = []struct {
	name, kind, division string
	accounts             []demoPost
}{
	{"重庆市民政局", "civil-affairs", "500000", []demoPost{
		{"cq-mzj", "区划地名处", []gazetteer.Role{
			gazetteer.Superior, gazetteer.ApprovalAuthority, gazetteer.Approver, gazetteer.FilingReceiver, gazetteer.Auditor, gazetteer.Administrator,
		}},
		{"cq-superior", "界线管理岗", []gazetteer.Role{gazetteer.Superior}},
		{"cq-authority", "界线批准备案岗", []gazetteer.Role{gazetteer.ApprovalAuthority}},
		{"cq-approver", "地名审批岗", []gazetteer.Role{gazetteer.Approver}},
		{"cq-filing", "地名备案岗", []gazetteer.Role{gazetteer.FilingReceiver}},
		{"cq-editor", "图录典志编纂岗", []gazetteer.Role{gazetteer.Editor}},
		{"cq-archivist", "档案岗", []gazetteer.Role{gazetteer.Archivist}},
		{"cq-auditor", "审计岗", []gazetteer.Role{gazetteer.Auditor}},
		{"cq-admin", "系统管理岗", []gazetteer.Role{gazetteer.Administrator}},
	}},
	{"重庆市住房和城乡建设委员会", "competent-department", "500000", []demoPost{
		{"cq-housing", "住宅区楼宇地名审批岗", []gazetteer.Role{gazetteer.CompetentApprover}},
		{"cq-housing-opinion", "征求意见岗", []gazetteer.Role{gazetteer.ConsultedDepartment}},
	}},
	{"江北区民政局", "civil-affairs", "500105", []demoPost{
		{"jb-mzj", "区划地名科", []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}},
		{"jb-officer", "界线经办岗", []gazetteer.Role{gazetteer.PartyOfficer}},
		{"jb-leader", "界线负责岗", []gazetteer.Role{gazetteer.PartyLeader}},
		{"jb-clerk", "地名经办", []gazetteer.Role{gazetteer.Clerk, gazetteer.Applicant}},
		{"jb-archivist", "档案岗", []gazetteer.Role{gazetteer.Archivist}},
		{"jb-admin", "系统管理岗", []gazetteer.Role{gazetteer.Administrator}},
	}},
	{"渝北区民政局", "civil-affairs", "500112", []demoPost{
		{"yb-mzj", "区划地名科", []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}},
		{"yb-officer", "界线经办岗", []gazetteer.Role{gazetteer.PartyOfficer}},
		{"yb-leader", "界线负责岗", []gazetteer.Role{gazetteer.PartyLeader}},
		{"yb-clerk", "地名经办", []gazetteer.Role{gazetteer.Clerk, gazetteer.Applicant}},
		{"yb-archivist", "档案岗", []gazetteer.Role{gazetteer.Archivist}},
		{"yb-admin", "系统管理岗", []gazetteer.Role{gazetteer.Administrator}},
	}},
	{"江北区地名委员会", "committee", "500105", []demoPost{
		{"jb-seat", "第一席", []gazetteer.Role{gazetteer.CommitteeMember}},
		{"jb-expert", "专家席", []gazetteer.Role{gazetteer.Expert}},
	}},
	{"渝北区地名委员会", "committee", "500112", []demoPost{
		{"seat-1", "第一席", []gazetteer.Role{gazetteer.CommitteeMember}},
		{"seat-2", "第二席", []gazetteer.Role{gazetteer.CommitteeMember}},
		{"seat-3", "第三席", []gazetteer.Role{gazetteer.CommitteeMember}},
		{"yb-expert", "专家席", []gazetteer.Role{gazetteer.Expert}},
	}},
	{"龙兴镇人民政府", "township-government", "500112131", []demoPost{
		{"lx-officer", "民政和社会事务岗", []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.Applicant}},
		{"lx-keeper", "界桩管护员岗", []gazetteer.Role{gazetteer.Keeper}},
	}},
	{"界线测绘队", "contractor", "500112", []demoPost{{"surveyor", "外业岗", []gazetteer.Role{gazetteer.Surveyor}}}},
	{"渝北区开发单位", "applicant", "500112", []demoPost{{"applicant", "申报岗", []gazetteer.Role{gazetteer.Applicant}}}},
}

// demoPost is a post, not a person.
type demoPost struct {
	login, post string
	roles       []gazetteer.Role
}

// accounts makes the offices and accounts, and learns who acts for them in the steps that follow.
func (d *demo) accounts() error {
	for _, o := range demoOffices {
		division, err := d.s.gaz.DivisionByCode(d.ctx, o.division)
		if err != nil {
			return err
		}
		office, err := d.s.gaz.CreateOffice(d.ctx, demoLoader, time.Now(), gazsql.Office{
			Name: o.name, Kind: o.kind, DivisionID: &division, Demo: true,
		})
		if err != nil {
			return err
		}
		for _, p := range o.accounts {
			if err := d.account(office, o.name+" "+p.post, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *demo) account(office uuid.UUID, name string, p demoPost) error {
	id, err := d.s.gaz.CreateAccount(d.ctx, demoLoader, time.Now(), gazsql.NewAccount{
		Login: p.login, Name: name, Password: demoPassword, OfficeID: office, Roles: p.roles, Demo: true,
	})
	if fault.Is(err, "login-taken") {
		d.actor[p.login], err = d.s.gaz.SignIn(d.ctx, p.login, demoPassword)
		return err
	}
	if err != nil {
		return err
	}
	d.actor[p.login], err = d.s.gaz.Actor(d.ctx, id)
	return err
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
	fmt.Fprintf(e.out, "演示账号 Demo accounts（密码 password：%s）\n", demoPassword)
	for _, a := range found {
		fmt.Fprintf(e.out, "  %-18s %s（%s）\n", a.Account, a.Name, strings.Join(a.Roles, ", "))
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
	hits, err := s.gaz.Suggest(e.ctx, gazetteer.Search{Text: "龙兴镇", Limit: 1})
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
