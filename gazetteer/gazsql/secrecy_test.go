package gazsql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// secretly is a decision with its paper.
func secretly(g gazetteer.Grade) gazetteer.Grading {
	return gazetteer.Grading{Grade: g, Reason: "附近有涉密单位", Document: gazetteer.Document{Title: "关于定密的通知", Number: "渝民密〔2026〕1号"}}
}

// inlet imports a natural village of a name and returns its id.
func (o office) inlet(t *testing.T, name string) uuid.UUID {
	return o.registered(t, name, gazetteer.NaturalVillage)
}

func (o office) registered(t *testing.T, name string, c gazetteer.Category) uuid.UUID {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "places.csv")
	csv := "name,category,divisionCode,lon,lat\n" + name + "," + string(c) + ",500233100,108.0312345,30.2954321\n"
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, path), Frame: geo.CGCS2000}); err != nil {
		t.Fatal(err)
	}
	return o.find(t, name)
}

func (o office) find(t *testing.T, name string) uuid.UUID {
	t.Helper()
	hits, err := o.store.Search(context.Background(), gazetteer.Search{Text: name, Limit: 5})
	if err != nil || len(hits) == 0 {
		t.Fatalf("%s: %v %v", name, hits, err)
	}
	return hits[0].ID
}

// rows are the published rows of a place as PostgreSQL writes them.
func (o office) rows(t *testing.T, id uuid.UUID) (text string) {
	t.Helper()
	err := o.db.Super.QueryRow(context.Background(), `
		select coalesce((select p::text from place p where id = $1), '') || coalesce((select string_agg(n::text, ' ' order by id) from place_name n where place_id = $1), '')`,
		id).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAWithheldPlaceGoesAndTheVeryRowsComeBack(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	p := o.resolved(t, gazsql.NewProposal{Kind: "rename", PlaceID: id, Name: "蛟龙湾", Reason: "村民要求"})
	_, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret))
	if !fault.Is(err, "case-open") {
		t.Errorf("with an open case: %v", err)
	}
	o.act(t, "approver", p, approval())
	before := o.rows(t, id)
	if !strings.Contains(before, "蛟窟湾") || !strings.Contains(before, "蛟龙湾") {
		t.Fatalf("rows: %s", before)
	}
	for who, want := range map[string]string{"clerk": "not-yours", "neighbour": "not-yours", "outsider": "not-yours", "seat-1": "not-yours"} {
		if _, err := o.store.GradePlace(ctx, o.actor[who], today, id, 2, secretly(gazetteer.Secret)); !fault.Is(err, want) {
			t.Errorf("%s: got %v, wanted %s", who, err, want)
		}
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); !fault.Is(err, "stale") {
		t.Errorf("against an older version: %v", err)
	}
	held, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 2, secretly(gazetteer.Secret))
	if err != nil || held.Grade != gazetteer.Secret || held.Name != "蛟龙湾" || len(held.Names) != 3 || held.Geom == nil || held.Version != 3 || len(held.Actions) != 2 {
		t.Fatalf("withheld: %+v, %v", held, err)
	}
	if got := o.rows(t, id); got != "" {
		t.Errorf("still published: %s", got)
	}
	for who, sees := range map[string]bool{"clerk": true, "approver": true, "neighbour": false, "outsider": false, "developer": false, "": false} {
		_, err := o.store.Place(ctx, o.actor[who], today, id)
		list, listErr := o.store.Withheld(ctx, o.actor[who], uuid.Nil, 10)
		if listErr != nil || (err == nil) != sees || (len(list) == 1) != sees || !sees && !fault.Is(err, "place-unknown") {
			t.Errorf("%q: %v, list %v %v", who, err, list, listErr)
		}
	}
	if hits, _ := o.store.Search(ctx, gazetteer.Search{Text: "蛟", Limit: 5}); len(hits) != 0 {
		t.Errorf("found %v", hits)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["neighbour"], today, id, 3, secretly(gazetteer.Public)); !fault.Is(err, "place-unknown") {
		t.Errorf("a neighbour: %v", err)
	}
	if held, err = o.store.GradePlace(ctx, o.actor["approver"], today, id, 3, secretly(gazetteer.Internal)); err != nil || held.Grade != gazetteer.Internal {
		t.Fatalf("regraded: %+v %v", held, err)
	}
	back, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 4, secretly(gazetteer.Public))
	if err != nil || back.Grade != gazetteer.Public || back.Version != 5 {
		t.Fatalf("published: %+v %v", back, err)
	}
	if after := o.rows(t, id); after != before {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

func TestDivisionsCannotBeWithheld(t *testing.T) {
	o := newOffice(t)
	_, err := o.store.GradePlace(context.Background(), o.actor["approver"], today, o.find(t, "龙兴镇"), 1, secretly(gazetteer.Secret))
	if !fault.Is(err, "division-is-public") {
		t.Errorf("got %v", err)
	}
}

// TestAnImportDoesNotPublishWhatIsWithheld brings the file in again that the place came from.
func TestAnImportDoesNotPublishWhatIsWithheld(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "again.csv")
	csv := "id,name,category,divisionCode\n,蛟窟湾,natural-village,500233100\n" + id.String() + ",别的名字,natural-village,500233100\n"
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, path)})
	if err != nil || report.Created != 0 || report.Unchanged != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestWithheldBehindTheSecondWall takes the first wall down.
func TestWithheldBehindTheSecondWall(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id, other := o.inlet(t, "蛟窟湾"), o.inlet(t, "雁回滩")
	open := o.store.WithoutFirstWall()
	if _, err := open.GradePlace(ctx, o.actor["neighbour"], today, id, 1, secretly(gazetteer.Secret)); err == nil {
		t.Error("a neighbour withheld it")
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"neighbour", "outsider", "developer", "seat-1"} {
		if _, err := open.Place(ctx, o.actor[who], today, id); !fault.Is(err, "place-unknown") {
			t.Errorf("%s reads it: %v", who, err)
		}
		for _, sql := range []string{
			`delete from withheld`, `update withheld set grade = 'internal'`, `update withheld set reason = 'x'`,
			`select from publish_withheld('` + id.String() + `') moved where moved`,
			`insert into withheld select gen_random_uuid(), noun, grade, office_id, division_id, line_id, rows, geom, document_id, graded_at, graded_by, reason from withheld`,
		} {
			if o.changes(t, who, sql) {
				t.Errorf("%s did: %s", who, sql)
			}
		}
	}
	if o.changes(t, "approver", `delete from withheld`) {
		t.Error("deleted without moving back")
	}
	for who, want := range map[string]int{"neighbour": 0, "developer": 0, "clerk": 1, "approver": 1} {
		n := o.count(t, who, `journal where subject = 'place/`+id.String()+`'`)
		if n != want {
			t.Errorf("%s reads %d entries about what is withheld, wanted %d", who, n, want)
		}
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, other, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, other, 2, secretly(gazetteer.Public)); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, "neighbour", `journal where subject = 'place/`+other.String()+`'`); n != 2 {
		t.Errorf("of what is public again the neighbour reads %d entries, wanted 2", n)
	}
	if n := o.count(t, "neighbour", `journal where subject like 'proposal/%' or subject like 'account/%' or subject like 'office/%'`); n != 0 {
		t.Errorf("the neighbour reads %d entries of others", n)
	}
}

// TestEvidenceGoesWithItsPlace: a case elsewhere that was judged by a place tells nothing of it once it is withheld.
func TestEvidenceGoesWithItsPlace(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.registered(t, "蛟窟村", gazetteer.VillageCommittee)
	p, err := o.store.CreateProposal(ctx, o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "交窟村", Category: gazetteer.VillageCommittee, Division: "500233100", Reason: "新建",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Findings) == 0 || !strings.Contains(p.Findings[0].Detail, "蛟窟村") {
		t.Fatalf("findings %+v", p.Findings)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	for who, sees := range map[string]bool{"developer": false, "clerk": true} {
		p, err := o.store.Proposal(ctx, o.actor[who], today, p.ID)
		if err != nil {
			t.Fatal(who, err)
		}
		told := false
		for _, f := range p.Findings {
			told = told || strings.Contains(f.Detail, "蛟窟村") || len(f.Evidence) > 0
		}
		if told != sees {
			t.Errorf("%s reads %+v", who, p.Findings)
		}
	}
}

// TestAWithheldNameIsNotApprovedUnknowingly proposes a name that a secret place has.
func TestAWithheldNameIsNotApprovedUnknowingly(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	o.housing(t)
	id := o.registered(t, "蛟窟村", gazetteer.VillageCommittee)
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	check := func(who, name string) gazetteer.Verdict {
		t.Helper()
		v, err := o.store.CheckName(ctx, o.actor[who], today, gazsql.NameCheck{Kind: "new", Name: name, Category: gazetteer.VillageCommittee, Division: "500233100"})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, who := range []string{"", "developer", "neighbour", "housing", "seat-1"} {
		same, sounds, free := check(who, "蛟窟村"), check(who, "交窟村"), check(who, "鳌沱村")
		if !cmp.Equal(same, free) || !cmp.Equal(sounds, free) {
			t.Errorf("%q is told %+v and %+v, of a free name %+v", who, same, sounds, free)
		}
	}
	for _, who := range []string{"clerk", "approver"} {
		v := check(who, "蛟窟村")
		if v.Verdict != "block" || v.Findings[0].Evidence[0] != (fault.Evidence{Kind: "place", ID: id.String(), Name: "蛟窟村", Within: "龙兴镇", Grade: "secret"}) {
			t.Errorf("%s is told %+v", who, v)
		}
	}
	in := gazsql.NewProposal{Kind: "new", Name: "蛟窟村", Category: gazetteer.VillageCommittee, Division: "500233100", Reason: "新建"}
	if _, err := o.store.CreateProposal(ctx, o.actor["clerk"], today, in); !fault.Is(err, "name-blocked") {
		t.Errorf("who may know of it proposes it: %v", err)
	}
	same, sounds := o.decided(t, in), gazsql.NewProposal{Kind: "new", Name: "交窟村", Category: in.Category, Division: in.Division, Reason: "新建"}
	_, err := o.store.ActOnProposal(ctx, o.actor["housing"], today, same.ID, same.Version, approval())
	var refused *fault.Error
	if !errors.As(err, &refused) || refused.Code != "name-reserved" || len(refused.Findings) != 1 || refused.Findings[0].Evidence != nil {
		t.Fatalf("who may not know of it approves: %v", err)
	}
	for _, trace := range []string{id.String(), "重名", "密", "已有"} {
		if strings.Contains(fmt.Sprint(refused.Detail, refused.Findings), trace) {
			t.Errorf("the refusal tells %s: %+v", trace, refused)
		}
	}
	_, err = o.store.ActOnProposal(ctx, o.actor["approver"], today, same.ID, same.Version, approval())
	if !errors.As(err, &refused) || refused.Code != "name-blocked" || refused.Findings[0].Evidence[0].ID != id.String() {
		t.Errorf("who may know of it approves: %v", err)
	}
	heard := o.decided(t, sounds)
	o.act(t, "approver", heard, approval()) // a homophone is the approver's to weigh
	for _, p := range []gazetteer.Proposal{same, heard} {
		var kept string
		if err := o.db.Super.QueryRow(ctx, `
			select findings::text || (select string_agg(after::text, ' ') from journal where subject = 'proposal/' || p.id) from proposal p where id = $1`, p.ID).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, id.String()) || strings.Contains(kept, "duplicate-name") || strings.Contains(kept, "homophone") {
			t.Errorf("the case keeps %s", kept)
		}
	}
	if got, err := o.store.Proposal(ctx, o.actor["housing"], today, same.ID); err != nil || got.State != gazetteer.ProposalResolved || got.Version != same.Version {
		t.Errorf("the case moved on: %+v %v", got, err)
	}
}

// housing is a department that approves names of its field, and may not know of what the bureau withheld.
func (o office) housing(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	division, err := o.store.DivisionByCode(ctx, "500233")
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.store.CreateOffice(ctx, importer, today, gazsql.Office{Name: "忠县住房城乡建设委员会", Kind: "competent-department", DivisionID: &division})
	if err != nil {
		t.Fatal(err)
	}
	account, err := o.store.CreateAccount(ctx, importer, today, gazsql.NewAccount{
		Login: "housing", Name: "housing", Password: "a long password", OfficeID: id, Roles: []gazetteer.Role{gazetteer.Approver},
	})
	if err != nil {
		t.Fatal(err)
	}
	who, err := o.store.Actor(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	if o.actor["housing"], err = o.store.Confirm(ctx, who, today, "a long password"); err != nil {
		t.Fatal(err)
	}
}

// decided is a case of the developer's, as far as the committee takes it.
func (o office) decided(t *testing.T, in gazsql.NewProposal) gazetteer.Proposal {
	t.Helper()
	p, err := o.store.CreateProposal(context.Background(), o.actor["developer"], today, in)
	if err != nil {
		t.Fatal(err)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	p = o.act(t, "seat-1", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
	return o.act(t, "seat-2", p, gazetteer.ProposalAction{Name: "vote", Approve: true})
}

// TestOnlyAboveAllIsPublicPrecisionSet takes the first wall down: the rows refuse an administrator of a county and of a
// contractor, and whoever administers nothing in the bureau above.
func TestOnlyAboveAllIsPublicPrecisionSet(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	set := func(who string, version int) error {
		decimals := 2
		_, err := o.store.WithoutFirstWall().SetPrecision(ctx, o.actor[who], today,
			gazsql.Precision{Layer: "markers", Level: "county", Decimals: &decimals, Version: version}, gazetteer.Document{Title: "规定", Number: "1"})
		return err
	}
	if err := set("approver", 0); err == nil {
		t.Error("an approver of the city sets a policy")
	}
	for _, who := range []string{"approver", "clerk", "outsider"} {
		if _, err := o.db.Super.Exec(ctx, `insert into account_role (account_id, role) values ($1, 'administrator')`, o.actor[who].AccountID); err != nil {
			t.Fatal(err)
		}
	}
	if err := set("approver", 0); err != nil {
		t.Errorf("the bureau above all: %v", err)
	}
	for _, who := range []string{"clerk", "outsider"} {
		if err := set(who, 1); err == nil {
			t.Errorf("%s sets a policy", who)
		}
	}
}
