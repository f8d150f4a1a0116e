package gazsql_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// firms is a pack of a county with an invented firm in a word library, from a day on. What it says of the firm only a person clears.
func firms(id, from, words, severity string) string {
	return `
id: ` + id + `
title: 词库（试）` + from + `
region: "500233"
validFrom: ` + from + `
includes: [national-2022]
libraries: [{id: ` + id + `-firms, title: 企业名称（虚构）, words: [` + words + `]}]
rules:
  - {id: T-firm, kind: word, title: 不以企业名称作地名, clause: 《地名管理条例》第九条第一款第（六）项, strength: shall, severity: ` + severity + `, confirmed: true, params: {library: ` + id + `-firms, statement: true}}
  - {id: T-most, kind: parts, title: 全称一般不超过三个字, clause: 试, strength: should, severity: review, confirmed: true, params: {most: 3}}
`
}

// newCaseOffice is newOffice with the pack of firms, and an expert of the committee.
func newCaseOffice(t *testing.T, packs ...string) office {
	t.Helper()
	o := newOffice(t)
	for _, text := range packs {
		o.seed(t, text)
	}
	ctx := context.Background()
	committee, err := o.store.OfficeByName(ctx, "忠县地名委员会")
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.store.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: "expert", Name: "忠县地名委员会 专家", Password: "a long password", OfficeID: committee, Roles: []gazetteer.Role{gazetteer.Expert}})
	if err != nil {
		t.Fatal(err)
	}
	if o.actor["expert"], err = o.store.Actor(ctx, id); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o office) seed(t *testing.T, text string) {
	t.Helper()
	p, err := gazetteer.ParsePack([]byte(text))
	if err == nil {
		err = o.store.SeedPack(context.Background(), today, p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// say says something on the finding about the firm, and returns the case after it.
func (o office) say(t *testing.T, login string, p gazetteer.Proposal, in gazetteer.ProposalStatement) gazetteer.Proposal {
	t.Helper()
	next, err := o.trySay(login, p, in)
	if err != nil {
		t.Fatalf("%s %+v: %v", login, in, err)
	}
	return next
}

func (o office) trySay(login string, p gazetteer.Proposal, in gazetteer.ProposalStatement) (gazetteer.Proposal, error) {
	in.ID = uuid.New()
	return o.store.SayOnProposal(context.Background(), o.actor[login], today, p.ID, p.Version, in)
}

func clearance(reason string) gazetteer.ProposalStatement {
	return gazetteer.ProposalStatement{Kind: gazetteer.Clearance, Rule: "T-firm", Part: "松翎", Reason: reason}
}

func explanation(reason string) gazetteer.ProposalStatement {
	return gazetteer.ProposalStatement{Kind: gazetteer.Explanation, Rule: "T-firm", Part: "松翎", Reason: reason}
}

// likeTheFirm is a case of the developer for a name with the word of the firm 松翎.
func (o office) likeTheFirm(t *testing.T, said ...gazetteer.Statement) gazetteer.Proposal {
	t.Helper()
	p, err := o.store.CreateProposal(context.Background(), o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "松翎巷", Category: gazetteer.Street, Division: "500233100", Reason: "新建道路", Statements: said,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func onFirm(p gazetteer.Proposal) *gazetteer.NameFinding {
	i := slices.IndexFunc(p.Findings, func(f gazetteer.NameFinding) bool { return f.Rule == "T-firm" })
	if i < 0 {
		return nil
	}
	return &p.Findings[i]
}

func refusal(t *testing.T, err error, code string) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("got %v, wanted %s", err, code)
	}
	return f
}

// TestANameThatNeedsAStatement walks a case whose name has the word of a firm: explained, cleared, cleared anew, withdrawn, approved.
func TestANameThatNeedsAStatement(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	ctx := context.Background()
	p := o.likeTheFirm(t, gazetteer.Statement{Rule: "T-firm", Part: "松翎", Reason: "因当地的松翎得名"})
	f := onFirm(p)
	if p.Pack != "zhong-firms" || f == nil || f.Takes != gazetteer.StatementNeeded || f.Code != "needs-statement" || f.Severity != fault.Review {
		t.Fatalf("by %s: %+v", p.Pack, p.Findings)
	}
	if s := p.Statements; len(s) != 1 || s[0].Kind != gazetteer.Explanation || s[0].Post != "developer" || s[0].OfficeName != "忠县开发公司" || !s[0].At.Equal(today) || !s[0].InForce {
		t.Fatalf("the explanation: %+v", s)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	if seen, err := o.store.Proposal(ctx, o.actor["seat-1"], today, p.ID); err != nil || len(seen.Statements) != 1 || onFirm(seen) == nil {
		t.Errorf("a seat sees %+v, %v", seen.Statements, err)
	}
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	_, err := o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, approval())
	missing := refusal(t, err, "statement-missing")
	if missing.Kind != fault.Refused || len(missing.Findings) != 1+len(p.Findings) || missing.Findings[0].Code != "statement-missing" || missing.Findings[0].Clause == "" ||
		missing.Findings[0].Pointer != "/findings/0" || p.Findings[0].Rule != "T-firm" {
		t.Errorf("what is missing: %+v of %+v", missing.Findings, p.Findings)
	}
	p = o.say(t, "clerk", p, clearance("桥名在前，与企业无关"))
	p = o.say(t, "expert", p, clearance("志书所载，与企业无关"))
	if s := p.Statements; len(s) != 3 || s[1].InForce || !s[2].InForce || s[2].Post != "忠县地名委员会 专家" || !s[0].InForce {
		t.Errorf("the later one counts: %+v", s)
	}
	withdrawn := clearance("弄错了")
	withdrawn.Withdraws = true
	p = o.say(t, "clerk", p, withdrawn)
	if _, err = o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, approval()); !fault.Is(err, "statement-missing") {
		t.Errorf("after it was withdrawn: %v", err)
	}
	if _, err = o.trySay("clerk", p, withdrawn); !fault.Is(err, "nothing-to-withdraw") {
		t.Errorf("withdrawn twice: %v", err)
	}
	p = o.say(t, "approver", p, clearance("桥名早于企业"))
	p = o.act(t, "approver", p, approval())
	for who, reads := range map[string]bool{"seat-1": true, "developer": true, "clerk": true, "expert": true, "neighbour": false, "outsider": false} {
		if n := o.count(t, who, `journal where verb in ('clear', 'explain') and subject = 'proposal/`+p.ID.String()+`'`); n != 4 && reads || n != 0 && !reads {
			t.Errorf("%s reads %d entries of what was said", who, n)
		}
	}
	if p.State != gazetteer.ProposalApproved || len(p.Statements) != 5 {
		t.Errorf("%s with %d statements", p.State, len(p.Statements))
	}
	if _, err := o.trySay("clerk", p, clearance("太晚")); !fault.Is(err, "action-not-open") {
		t.Errorf("after the decision: %v", err)
	}
	for verb, times := range map[string]int{"explain": 1, "clear": 3, "withdraw-clear": 1} {
		var n int
		err := o.db.Super.QueryRow(ctx, `select count(*) from journal where subject = $1 and verb = $2 and after ->> 'reason' <> '' and after ->> 'part' = '松翎'`,
			"proposal/"+p.ID.String(), verb).Scan(&n)
		if err != nil || n != times {
			t.Errorf("%s is in the journal %d times, %v", verb, n, err)
		}
	}
}

// TestAWordThatIsForbiddenWithoutAStatement has a rule that blocks: an explanation lets the name be submitted, and no more.
func TestAWordThatIsForbiddenWithoutAStatement(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "block"))
	ctx := context.Background()
	_, err := o.store.CreateProposal(ctx, o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "松翎巷", Category: gazetteer.Street, Division: "500233100", Reason: "新建道路",
	})
	refusal(t, err, "name-blocked")
	p := o.likeTheFirm(t, gazetteer.Statement{Rule: "T-firm", Part: "松翎", Reason: "因桥得名"})
	if f := onFirm(p); f == nil || f.Severity != fault.Review {
		t.Fatalf("explained: %+v", p.Findings)
	}
	gone := explanation("不再主张")
	gone.Withdraws = true
	if back := o.say(t, "developer", p, gone); onFirm(back).Severity != fault.Block {
		t.Errorf("the explanation withdrawn: %+v", back.Findings)
	} else {
		p = o.say(t, "developer", back, explanation("还是因桥得名"))
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	_, err = o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, approval())
	refusal(t, err, "statement-missing")
	p = o.say(t, "clerk", p, clearance("桥在企业之前"))
	if p = o.act(t, "approver", p, approval()); p.State != gazetteer.ProposalApproved {
		t.Errorf("cleared, it is %s", p.State)
	}
}

// TestAReasonTakesTheWeightFromASoftRule only once who decides finds it good.
func TestAReasonTakesTheWeightFromASoftRule(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 无此词}", "review"))
	ctx := context.Background()
	soft := gazetteer.Statement{Rule: "T-most", Part: "龙兴古渡巷", Reason: "片区成系列"}
	p, err := o.store.CreateProposal(ctx, o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "龙兴古渡巷", Category: gazetteer.Street, Division: "500233100", Reason: "新建", Statements: []gazetteer.Statement{soft},
	})
	weighs := func(p gazetteer.Proposal) (s fault.Severity) {
		for _, f := range p.Findings {
			if f.Rule == "T-most" {
				s = f.Severity
			}
		}
		return s
	}
	if err != nil || weighs(p) != fault.Review {
		t.Fatalf("explained it weighs %q: %v %+v", weighs(p), err, p.Findings)
	}
	p = o.say(t, "clerk", p, gazetteer.ProposalStatement{Kind: gazetteer.Clearance, Rule: soft.Rule, Part: soft.Part, Reason: "确为系列"})
	if weighs(p) != fault.Info {
		t.Errorf("cleared it weighs %q", weighs(p))
	}
}

// TestWhoMaySay asks everybody for either kind in one case: who applied explains, who decides clears, the others do neither.
func TestWhoMaySay(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	p := o.likeTheFirm(t)
	want := map[string][2]string{ // explain, clear
		"developer": {"", "not-yours"}, "clerk": {"not-yours", ""}, "approver": {"not-yours", ""}, "expert": {"not-yours", ""},
		"seat-1": {"not-yours", "not-yours"}, "city-seat": {"not-yours", "not-yours"},
		"outsider": {"proposal-unknown", "proposal-unknown"}, "neighbour": {"proposal-unknown", "proposal-unknown"},
	}
	for login, codes := range want {
		for i, in := range []gazetteer.ProposalStatement{explanation("说明"), clearance("认定")} {
			now, err := o.store.Proposal(context.Background(), o.actor["approver"], today, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			next, err := o.trySay(login, now, in)
			if codes[i] == "" && (err != nil || next.Speaks != in.Kind) || codes[i] != "" && !fault.Is(err, codes[i]) {
				t.Errorf("%s says %s: %q, %v", login, in.Kind, next.Speaks, err)
			}
		}
	}
	own, err := o.store.CreateProposal(context.Background(), o.actor["clerk"], today, gazsql.NewProposal{
		Kind: "new", Name: "松翎弄", Category: gazetteer.Street, Division: "500233100", Reason: "新建道路",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.trySay("clerk", own, clearance("自己认定")); !fault.Is(err, "not-yours") {
		t.Errorf("an office clears its own case: %v", err)
	}
	device := o.actor["clerk"]
	device.Token, device.Scopes = true, gazetteer.TokenScopes
	now, _ := o.store.Proposal(context.Background(), device, today, p.ID)
	if _, err := o.store.SayOnProposal(context.Background(), device, today, p.ID, now.Version, clearance("令牌")); !fault.Is(err, "token-cannot-sign") || now.Speaks != "" {
		t.Errorf("a token clears: %v, speaks %q", err, now.Speaks)
	}
}

func TestAStatementIsRefusedWhereItIsWrong(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	ctx := context.Background()
	p := o.likeTheFirm(t)
	for code, spoil := range map[string]func(*gazetteer.ProposalStatement){
		"bad-statement":       func(s *gazetteer.ProposalStatement) { s.Kind = "approve" },
		"reason-missing":      func(s *gazetteer.ProposalStatement) { s.Reason = " \t" },
		"statement-idle":      func(s *gazetteer.ProposalStatement) { s.Part = "松" },
		"nothing-to-withdraw": func(s *gazetteer.ProposalStatement) { s.Withdraws = true },
	} {
		in := clearance("理由")
		spoil(&in)
		if _, err := o.trySay("clerk", p, in); !fault.Is(err, code) {
			t.Errorf("wanted %s, got %v", code, err)
		}
	}
	stale := p
	stale.Version--
	if _, err := o.trySay("clerk", stale, clearance("理由")); !fault.Is(err, "stale") {
		t.Errorf("at a version that has passed: %v", err)
	}
	_, err := o.store.CreateProposal(ctx, o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "松翎弄", Category: gazetteer.Street, Division: "500233100", Reason: "新建道路",
		Statements: []gazetteer.Statement{{Rule: "T-firm", Part: "松翎", Reason: "因桥得名"}, {Rule: "no-such-rule", Part: "松翎", Reason: "x"}, {Rule: "T-firm", Part: "松翎"}},
	})
	f := refusal(t, err, "statement-idle")
	if len(f.Findings) != 2 || f.Findings[0].Pointer != "/statements/1" || f.Findings[1].Pointer != "/statements/2/reason" {
		t.Errorf("%+v", f.Findings)
	}
	if cases, err := o.store.Proposals(ctx, o.actor["developer"], today, uuid.Nil, 10); err != nil || len(cases) != 1 || len(cases[0].Statements) != 0 || cases[0].Version != p.Version {
		t.Errorf("something was changed: %v %+v", err, cases)
	}
}

// TestOfStatementsAtOnceOneIsFirst has eight people clear the version that all have seen, and one request come twice.
func TestOfStatementsAtOnceOneIsFirst(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	ctx := context.Background()
	p := o.likeTheFirm(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = o.trySay("clerk", p, clearance("同时")) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if fault.KindOf(err) != fault.Stale {
			t.Errorf("a loser got %v", err)
		}
	}
	p, err := o.store.Proposal(ctx, o.actor["clerk"], today, p.ID)
	if err != nil || won != 1 || len(p.Statements) != 1 {
		t.Fatalf("%d won, %d stand, %v", won, len(p.Statements), err)
	}
	again := clearance("同时")
	again.ID = p.Statements[0].ID
	if same, err := o.store.SayOnProposal(ctx, o.actor["clerk"], today, p.ID, p.Version-1, again); err != nil || same.Version != p.Version || len(same.Statements) != 1 {
		t.Errorf("the same request again: %v, %d statements", err, len(same.Statements))
	}
}

// TestStatementsStandBehindTheSecondWall writes them past the use-case.
func TestStatementsStandBehindTheSecondWall(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	p := o.likeTheFirm(t, gazetteer.Statement{Rule: "T-firm", Part: "松翎", Reason: "因桥得名"})
	insert := func(who, kind string) string {
		a := o.actor[who]
		return `insert into proposal_statement (id, proposal_id, n, kind, rule, part, reason, office_id, account_id, at) values (gen_random_uuid(), '` +
			p.ID.String() + `', 1 + (select count(*) from proposal_statement), '` + kind + `', 'T-firm', '松翎', 'x', '` + a.OfficeID.String() + `', '` + a.AccountID.String() + `', now())`
	}
	for _, who := range []string{"neighbour", "outsider"} {
		if o.count(t, who, "proposal_statement") != 0 || o.changes(t, who, insert(who, "clear")) || o.changes(t, who, insert(who, "explain")) {
			t.Errorf("%s reads or writes", who)
		}
	}
	if o.changes(t, "developer", insert("developer", "clear")) || o.changes(t, "clerk", insert("clerk", "explain")) || o.changes(t, "clerk", insert("approver", "clear")) {
		t.Error("somebody said what is not his to say")
	}
	for _, sql := range []string{`update proposal_statement set reason = 'x'`, `delete from proposal_statement`} {
		if o.changes(t, "developer", sql) || o.changes(t, "clerk", sql) {
			t.Errorf("done: %s", sql)
		}
		if _, err := o.db.Super.Exec(context.Background(), sql); err == nil {
			t.Errorf("even the superuser: %s", sql)
		}
	}
	if !o.changes(t, "clerk", insert("clerk", "clear")) || !o.changes(t, "developer", insert("developer", "explain")) {
		t.Error("who may cannot")
	}
	if o.count(t, "seat-1", "proposal_statement") != 3 {
		t.Error("a seat does not read them")
	}
}

// TestACaseIsJudgedByTheDayOfItsAcceptance has a second pack come in force between the application and its acceptance, and a third after.
func TestACaseIsJudgedByTheDayOfItsAcceptance(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-1", "2026-01-01", "{text: 无此词}", "review"), firms("zhong-2", "2026-11-26", "{text: 松翎}", "review"), firms("zhong-3", "2026-12-01", "{text: 巷}, {text: 松}", "block"))
	ctx := context.Background()
	on := func(day string) time.Time {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		return at.Add(4 * time.Hour)
	}
	act := func(login, day string, p gazetteer.Proposal, in gazetteer.ProposalAction) gazetteer.Proposal {
		t.Helper()
		a := o.actor[login]
		a.ConfirmedAt = on(day)
		next, err := o.store.ActOnProposal(ctx, a, on(day), p.ID, p.Version, in)
		if err != nil {
			t.Fatalf("%s %s: %v", login, in.Name, err)
		}
		return next
	}
	judgedAnew := func(p gazetteer.Proposal) (n int, before, after string) {
		t.Helper()
		err := o.db.Super.QueryRow(ctx, `
			select count(*), coalesce(max(before ->> 'verdict' || ' ' || (before ->> 'pack')), ''), coalesce(max(after ->> 'verdict' || ' ' || (after ->> 'pack')), '')
			from journal where subject = $1 and verb = 'judge-anew'`, "proposal/"+p.ID.String()).Scan(&n, &before, &after)
		if err != nil {
			t.Fatal(err)
		}
		return n, before, after
	}
	p := o.likeTheFirm(t)
	if p.Pack != "zhong-1" || onFirm(p) != nil || p.AcceptedOn != "" {
		t.Fatalf("when it was made: %s %+v", p.Pack, p.Findings)
	}
	same := act("clerk", "2026-11-25", o.likeTheFirm(t), gazetteer.ProposalAction{Name: "accept"})
	if n, _, _ := judgedAnew(same); same.Pack != "zhong-1" || same.AcceptedOn != "2026-11-25" || n != 0 {
		t.Errorf("accepted under the same pack: %s, judged anew %d times", same.Pack, n)
	}
	p = act("clerk", "2026-11-27", p, gazetteer.ProposalAction{Name: "accept"})
	if p.Pack != "zhong-2" || onFirm(p) == nil || p.AcceptedOn != "2026-11-27" {
		t.Fatalf("when it was accepted: %s on %s %+v", p.Pack, p.AcceptedOn, p.Findings)
	}
	if n, before, after := judgedAnew(p); n != 1 || before != "info 词库（试）2026-01-01" || after != "review 词库（试）2026-11-26" {
		t.Errorf("judged anew %d times: %s → %s", n, before, after)
	}
	// the word counts no more after that day
	known, err := o.store.Library(ctx, importer, on("2099-11-30"), "zhong-2-firms", "", 0, 1)
	if err == nil {
		_, err = o.store.ChangeWords(ctx, importer, on("2099-11-30"), known.ID, known.Version, gazetteer.WordChange{End: []string{"松翎"}, Day: "2099-12-01"})
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err = o.store.SayOnProposal(ctx, o.actor["clerk"], on("2099-12-02"), p.ID, p.Version, clearance("因桥得名"))
	if f := onFirm(p); err != nil || p.Pack != "zhong-2" || f == nil || f.Part != "松翎" || f.Severity != fault.Review {
		t.Fatalf("said under a third pack: %v %s %+v", err, p.Pack, p.Findings)
	}
	p = act("seat-1", "2099-12-02", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = act("seat-2", "2099-12-02", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = act("approver", "2099-12-03", p, approval())
	if p.State != gazetteer.ProposalApproved || p.Pack != "zhong-2" {
		t.Errorf("%s by %s", p.State, p.Pack)
	}
	tried, err := o.store.TryPack(ctx, o.actor["approver"], on("2099-12-04"), p.ID, "zhong-1")
	for _, f := range slices.Concat(tried.Own.Findings, tried.Other.Findings) {
		if f.Code == "duplicate-name" {
			t.Errorf("an approved name collides with the place that it was given to: %s", f.Detail)
		}
	}
	if err != nil || len(tried.Own.Findings) == 0 {
		t.Errorf("tried after its approval: %v %+v", err, tried)
	}
	if _, err := o.db.Super.Exec(ctx, `update proposal set pack_id = 'zhong-3' where id = $1`, p.ID); err == nil {
		t.Error("an accepted case was given another pack")
	}
	_, err = o.store.CreateProposal(ctx, o.actor["developer"], on("2099-12-03"), gazsql.NewProposal{Kind: "new", Name: "松光巷", Category: gazetteer.Street, Division: "500233100", Reason: "新建"})
	refusal(t, err, "name-blocked") // by the third, which the accepted case knows nothing of
}

// TestAPackIsTriedOnACase compares, and keeps nothing.
func TestAPackIsTriedOnACase(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-1", "2026-01-01", "{text: 松翎}", "review"), firms("zhong-3", "2027-01-01", "{text: 松翎, weighs: warning}, {text: 无此词}", "review"))
	ctx := context.Background()
	p := o.act(t, "clerk", o.likeTheFirm(t), gazetteer.ProposalAction{Name: "accept"})
	later := today.AddDate(0, 0, 3)
	got, err := o.store.TryPack(ctx, o.actor["seat-1"], later, p.ID, "zhong-3")
	if err != nil {
		t.Fatal(err)
	}
	if got.Own.Pack != "zhong-1" || got.OwnDay != "2026-11-24" || got.Other.Pack != "zhong-3" || got.OtherDay != "2027-01-01" {
		t.Errorf("%s on %s and %s on %s", got.Own.Pack, got.OwnDay, got.Other.Pack, got.OtherDay)
	}
	i := slices.IndexFunc(got.Rules, func(c gazetteer.RuleComparison) bool { return c.Rule == "T-firm" })
	if i < 0 || len(got.Rules[i].Same) != 0 || len(got.Rules[i].Own) != 1 || len(got.Rules[i].Other) != 1 || got.Rules[i].Other[0].Severity != fault.Warning {
		t.Errorf("%+v", got.Rules)
	}
	national, err := o.store.TryPack(ctx, o.actor["seat-1"], later, p.ID, "national-2022")
	if err != nil || national.OtherDay != "2026-11-24" {
		t.Errorf("%v, the national one on %s", err, national.OtherDay)
	}
	for _, c := range national.Rules {
		if c.Rule == "T-firm" && (len(c.Own) != 1 || len(c.Other) != 0) || c.Rule == "N9.8-street" && len(c.Same) != 1 {
			t.Errorf("%+v", c)
		}
	}
	if again, err := o.store.Proposal(ctx, o.actor["seat-1"], later, p.ID); err != nil || again.Version != p.Version || again.Pack != p.Pack || len(again.Findings) != len(p.Findings) {
		t.Errorf("something was kept: %v %+v", err, again)
	}
	if _, err := o.store.TryPack(ctx, o.actor["neighbour"], later, p.ID, "zhong-3"); !fault.Is(err, "proposal-unknown") {
		t.Errorf("a neighbour tries: %v", err)
	}
	if _, err := o.store.TryPack(ctx, o.actor["seat-1"], later, p.ID, "no-such-pack"); !fault.Is(err, "pack-unknown") {
		t.Errorf("no such pack: %v", err)
	}
}

// TestSayingTellsNothingOfWhatIsWithheld has a street of that very name withheld, which the bureau knows of and who applied does not.
func TestSayingTellsNothingOfWhatIsWithheld(t *testing.T) {
	o := newCaseOffice(t, firms("zhong-firms", "2026-01-01", "{text: 松翎}", "review"))
	ctx := context.Background()
	const streets = "name,category,divisionCode,lon,lat\n松翎巷,street,500233100,108.001,30.301\n"
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", streets)), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	hits, err := o.store.Search(ctx, gazetteer.Search{Text: "松翎巷", Limit: 1})
	if err != nil || len(hits) != 1 {
		t.Fatal(err, hits)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, hits[0].ID, versionOf(t, o, hits[0].ID), secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	duplicate := func(found []gazetteer.NameFinding) bool {
		return slices.ContainsFunc(found, func(f gazetteer.NameFinding) bool { return f.Code == "duplicate-name" })
	}
	p := o.likeTheFirm(t)
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	p = o.say(t, "clerk", p, clearance("因桥得名"))
	for _, who := range []string{"clerk", "developer", "seat-1"} {
		if seen, err := o.store.Proposal(ctx, o.actor[who], today, p.ID); err != nil || duplicate(seen.Findings) || len(seen.Findings) != len(p.Findings) {
			t.Errorf("%s reads %+v, %v", who, seen.Findings, err)
		}
	}
	for who, knows := range map[string]bool{"clerk": true, "developer": false, "seat-1": false} {
		if tried, err := o.store.TryPack(ctx, o.actor[who], today, p.ID, "national-2022"); err != nil || duplicate(tried.Own.Findings) != knows || duplicate(tried.Other.Findings) != knows {
			t.Errorf("%s tries and knows %v: %v %+v", who, knows, err, tried)
		}
	}
	var told int
	err = o.db.Super.QueryRow(ctx, `select count(*) from journal where subject = $1 and (verb = 'judge-anew' or after::text ~ 'block')`, "proposal/"+p.ID.String()).Scan(&told)
	if err != nil || told != 0 {
		t.Errorf("the journal tells of it %d times, %v", told, err)
	}
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	p = o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	_, err = o.store.ActOnProposal(ctx, o.actor["approver"], today, p.ID, p.Version, approval())
	refusal(t, err, "name-blocked")
}
