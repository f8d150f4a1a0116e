package gazsql_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// town is a small made-up county with the names the cases turn on.
const town = "code,name\n500000,重庆市\n500233,忠县\n500230,丰都县\n500233100,龙兴镇\n500230100,白沙镇\n" +
	"500233100201,新华村委会\n500233100202,龙井村委会\n500230100201,大坪村委会\n"

type office struct {
	db    *pgtest.DB
	store *gazsql.Store
	actor map[string]gazetteer.Actor
}

func newOffice(t testing.TB) office {
	t.Helper()
	return newOfficeAt(t, gazsql.PasswordCost{KiB: 64, Passes: 1})
}

// newOfficeAt is newOffice with passwords of a cost.
func newOfficeAt(t testing.TB, cost gazsql.PasswordCost) office {
	t.Helper()
	ctx := context.Background()
	db := pgtest.New(t)
	s := gazsql.New(db.Pool).WithPasswordCost(cost)
	path := filepath.Join(t.TempDir(), "town.csv")
	if err := os.WriteFile(path, []byte(town), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportDivisions(ctx, importer, today, gazsql.Import{Source: openSource(t, path)}); err != nil {
		t.Fatal(err)
	}
	seedNational(t, s)
	o := office{db: db, store: s, actor: map[string]gazetteer.Actor{}}
	everything := []gazetteer.Role{gazetteer.Applicant, gazetteer.Clerk, gazetteer.Approver, gazetteer.CommitteeMember, gazetteer.Auditor}
	for login, a := range map[string]struct {
		office, kind, division string
		roles                  []gazetteer.Role
	}{
		"clerk":     {"忠县民政局", "civil-affairs", "500233", []gazetteer.Role{gazetteer.Applicant, gazetteer.Clerk}},
		"approver":  {"重庆市民政局", "civil-affairs", "500000", []gazetteer.Role{gazetteer.Approver}},
		"seat-1":    {"忠县地名委员会", "committee", "500233", []gazetteer.Role{gazetteer.CommitteeMember}},
		"seat-2":    {"忠县地名委员会", "committee", "500233", []gazetteer.Role{gazetteer.CommitteeMember}},
		"seat-3":    {"忠县地名委员会", "committee", "500233", []gazetteer.Role{gazetteer.CommitteeMember}},
		"city-seat": {"重庆市地名委员会", "committee", "500000", []gazetteer.Role{gazetteer.CommitteeMember}},
		"outsider":  {"忠县测绘队", "contractor", "500233", []gazetteer.Role{gazetteer.Surveyor}},
		"developer": {"忠县开发公司", "applicant", "500233", []gazetteer.Role{gazetteer.Applicant}},
		"neighbour": {"丰都县民政局", "civil-affairs", "500230", everything},
	} {
		division, err := s.DivisionByCode(ctx, a.division)
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.CreateOffice(ctx, importer, today, gazsql.Office{Name: a.office, Kind: a.kind, DivisionID: &division})
		if err != nil {
			t.Fatal(err)
		}
		account, err := s.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: login, Name: login, Password: "a long password", OfficeID: id, Roles: a.roles})
		if err != nil {
			t.Fatal(err)
		}
		who, err := s.Actor(ctx, account)
		if err != nil {
			t.Fatal(err)
		}
		if o.actor[login], err = s.Confirm(ctx, who, today, "a long password"); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func (o office) act(t *testing.T, login string, p gazetteer.Proposal, in gazetteer.ProposalAction) gazetteer.Proposal {
	t.Helper()
	next, err := o.store.ActOnProposal(context.Background(), o.actor[login], today, p.ID, p.Version, in)
	if err != nil {
		t.Fatalf("%s %s: %v", login, in.Name, err)
	}
	return next
}

func TestNameChecksInTheirScopes(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct {
		name     string
		category gazetteer.Category
		division string
		verdict  string
		code     string
	}{
		{"新华村", gazetteer.VillageCommittee, "500233", "block", "duplicate-name"},
		{"大坪村", gazetteer.VillageCommittee, "500233", "pass", ""}, // only in the other county
		{"龙兴镇", gazetteer.DivisionCategory, "500230", "block", "duplicate-name"},
		{"隆兴镇", gazetteer.DivisionCategory, "500230", "review", "homophone"}, // lóng xīng twice
		{"龙井村", gazetteer.VillageCommittee, "500230100", "pass", ""},
		{"龙景村", gazetteer.VillageCommittee, "500233100", "review", "homophone"},
		{"王家湾", gazetteer.NaturalVillage, "500233", "pass", ""},
		{"李家路", gazetteer.Street, "500233", "info", "scope-approximated"},
	} {
		v, err := o.store.CheckName(context.Background(), gazetteer.Actor{}, today, gazsql.NameCheck{Kind: "new", Name: c.name, Category: c.category, Division: c.division})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if v.Verdict != c.verdict || c.code != "" && (len(v.Findings) == 0 || v.Findings[0].Code != c.code || v.Findings[0].Clause == "") {
			t.Errorf("%s in %s: got %+v, wanted %s %s", c.name, c.division, v, c.verdict, c.code)
		}
	}
}

func TestANameWalksThrough(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	hits, err := o.store.Search(ctx, gazetteer.Search{Text: "龙井", Limit: 5})
	if err != nil || len(hits) != 1 {
		t.Fatalf("search: %v %+v", err, hits)
	}
	place := hits[0].ID
	_, err = o.store.CreateProposal(ctx, o.actor["clerk"], today, gazsql.NewProposal{Kind: "rename", PlaceID: place, Name: "新华村", Reason: "合并"})
	var refused *fault.Error
	if !errors.As(err, &refused) || refused.Kind != fault.Refused || len(refused.Findings) == 0 {
		t.Fatalf("a blocked name: got %v", err)
	}
	p, err := o.store.CreateProposal(ctx, o.actor["clerk"], today, gazsql.NewProposal{Kind: "rename", PlaceID: place, Name: "甘井村", Reason: "名实相符"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.Proposal(ctx, o.actor["outsider"], today, p.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an outsider sees the case: %v", err)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	if _, err := o.store.ActOnProposal(ctx, o.actor["clerk"], today, p.ID, p.Version-1, gazetteer.ProposalAction{Name: "withdraw", Reason: "x"}); fault.KindOf(err) != fault.Stale {
		t.Errorf("a stale version: got %v", err)
	}
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	_, err = o.store.ActOnProposal(ctx, o.actor["seat-1"], today, p.ID, p.Version, gazetteer.ProposalAction{Name: "vote", Approve: true})
	if !fault.Is(err, "voted-already") {
		t.Errorf("a second vote: got %v", err)
	}
	p = o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	if p.State != gazetteer.ProposalResolved {
		t.Fatalf("after two of three: %s", p.State)
	}
	_, err = o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, gazetteer.ProposalAction{Name: "approve"})
	if !fault.Is(err, "document-missing") {
		t.Errorf("without a document: got %v", err)
	}
	p = o.act(t, "approver", p, gazetteer.ProposalAction{Name: "approve", Document: &gazetteer.Document{Title: "关于龙井村更名的批复", Number: "忠民〔2026〕1号"}})
	known, err := o.store.Place(ctx, gazetteer.Actor{}, today, place)
	names := known.Names
	if err != nil || len(names) != 3 {
		t.Fatalf("names: %v %+v", err, names)
	}
	want := map[string][2]string{"甘井村 standard": {"2026-11-24", ""}, "龙井村 former": {"2026-11-24", ""}, "龙井村 standard": {"", "2026-11-24"}}
	for _, n := range names {
		if want[n.Name+" "+n.Kind] != [2]string{n.ValidFrom, n.ValidTo} {
			t.Errorf("got %+v", n)
		}
		if n.Name == "甘井村" && (n.Process != "order-753" || n.Number != "忠民〔2026〕1号" || n.IssuedBy != "重庆市民政局") {
			t.Errorf("on what authority: %+v", n)
		}
	}
	if e := known.Events; len(e) != 1 || e[0].Kind != "renaming" || *e[0].On != "2026-11-24" || e[0].Citation != "忠民〔2026〕1号" || *e[0].NameID != named(names, "甘井村").ID {
		t.Errorf("what befell it: %+v", e)
	}
}

// TestOneOfManyApprovalsWins lets both approvers act at once on the version both have seen.
func TestOneOfManyApprovalsWins(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	p, err := o.store.CreateProposal(ctx, o.actor["clerk"], today, gazsql.NewProposal{
		Kind: "new", Name: "甘井沟", Category: gazetteer.NaturalVillage, Division: "500233100", Reason: "有地无名",
	})
	if err != nil {
		t.Fatal(err)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = o.act(t, "seat-3", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, gazetteer.ProposalAction{
				Name: "approve", Document: &gazetteer.Document{Title: "批复", Number: "1"},
			})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case fault.KindOf(err) != fault.Stale:
			t.Errorf("a loser got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d approvals won", won)
	}
}

// resolved brings a case through the committee.
func (o office) resolved(t *testing.T, in gazsql.NewProposal) gazetteer.Proposal {
	t.Helper()
	p, err := o.store.CreateProposal(context.Background(), o.actor["clerk"], today, in)
	if err != nil {
		t.Fatal(err)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	return o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
}

func approval() gazetteer.ProposalAction {
	return gazetteer.ProposalAction{Name: "approve", Document: &gazetteer.Document{Title: "批复", Number: "忠府〔2026〕1号"}}
}

// TestOfTwoCasesForOneNameOneIsApproved has two offices propose the same street before either is decided.
func TestOfTwoCasesForOneNameOneIsApproved(t *testing.T) {
	o := newOffice(t)
	in := gazsql.NewProposal{Kind: "new", Name: "朝阳路", Category: gazetteer.Street, Division: "500233100", Reason: "新建道路"}
	cases := []gazetteer.Proposal{o.resolved(t, in), o.resolved(t, in)}
	errs := make([]error, len(cases))
	var wg sync.WaitGroup
	for i, p := range cases {
		wg.Go(func() {
			_, errs[i] = o.store.ActOnProposal(context.Background(), o.actor["approver"], today, p.ID, p.Version, approval())
		})
	}
	wg.Wait()
	lost := 0
	for i, err := range errs {
		if err == nil {
			continue
		}
		lost++
		var refused *fault.Error
		if !errors.As(err, &refused) || refused.Code != "name-blocked" || len(refused.Findings) == 0 {
			t.Errorf("the second approval: %v", err)
		}
		p, err := o.store.Proposal(context.Background(), o.actor["approver"], today, cases[i].ID)
		if err != nil || p.State != gazetteer.ProposalResolved {
			t.Errorf("the case that lost: %v %s", err, p.State)
		}
	}
	if lost != 1 {
		t.Errorf("%d approvals lost", lost)
	}
}

func TestANewNameHasItsPlaceAndPaper(t *testing.T) {
	o := newOffice(t)
	at := orb.Point{108.0, 30.3}
	p := o.resolved(t, gazsql.NewProposal{Kind: "new", Name: "甘井沟", Category: gazetteer.Natural, Division: "500233100", Point: &at, Reason: "有地无名"})
	o.act(t, "approver", p, approval())
	var found gazsql.PlaceRow
	err := o.store.EachPlace(context.Background(), func(r gazsql.PlaceRow) error {
		if r.Name == "甘井沟" {
			found = r
		}
		return nil
	})
	if err != nil || found.LocatedBy != "map" || found.Geom != orb.Geometry(at) || found.Document != "批复 忠府〔2026〕1号" ||
		found.ApprovedBy != "重庆市民政局" || found.DivisionName != "龙兴镇" || found.Valid.Lower.Time.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("%v %+v", err, found)
	}
}

func TestARetiredNameEnds(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	hits, err := o.store.Search(ctx, gazetteer.Search{Text: "龙井", Limit: 1})
	if err != nil || len(hits) != 1 {
		t.Fatal(err, hits)
	}
	p := o.resolved(t, gazsql.NewProposal{Kind: "retire", PlaceID: hits[0].ID, Reason: "自然村已不存在"})
	o.act(t, "approver", p, approval())
	known, err := o.store.Place(ctx, gazetteer.Actor{}, today, hits[0].ID)
	names := known.Names
	if err != nil || len(names) != 2 {
		t.Fatalf("%v %+v", err, names)
	}
	for _, n := range names {
		if n.Kind == "standard" && n.ValidTo != "2026-11-24" {
			t.Errorf("the name goes on: %+v", n)
		}
	}
	_, err = o.store.CreateProposal(ctx, o.actor["clerk"], today, gazsql.NewProposal{Kind: "rename", PlaceID: hits[0].ID, Name: "甘井村", Reason: "更名"})
	if !fault.Is(err, "place-unknown") {
		t.Errorf("a retired name is renamed: %v", err)
	}
}

func TestSignInTellsNothing(t *testing.T) {
	o := newOfficeAt(t, gazsql.PasswordCost{})
	ctx := context.Background()
	began := time.Now()
	_, wrong := o.store.SignIn(ctx, "clerk", "not the password")
	tookWrong := time.Since(began)
	began = time.Now()
	_, unknown := o.store.SignIn(ctx, "nobody-here", "not the password")
	tookUnknown := time.Since(began)
	if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() {
		t.Errorf("got %v and %v", wrong, unknown)
	}
	if tookUnknown < tookWrong/3 {
		t.Errorf("an unknown account took %v, a wrong password %v", tookUnknown, tookWrong)
	}
	token, err := o.store.CreateToken(ctx, o.actor["clerk"], today, "clerk", "script", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := o.store.ActorByToken(ctx, today, token); err != nil || a.Login != "clerk" {
		t.Errorf("by token: %v %v", a, err)
	}
	if _, err := o.store.ActorByToken(ctx, today.Add(2*time.Hour), token); fault.KindOf(err) != fault.Anonymous {
		t.Errorf("an expired token: %v", err)
	}
	if _, err := o.store.Actor(ctx, uuid.New()); fault.KindOf(err) != fault.Anonymous {
		t.Errorf("no such account: %v", err)
	}
}
