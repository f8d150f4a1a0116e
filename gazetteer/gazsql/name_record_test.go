package gazsql_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

func paper(title string) gazetteer.Document { return gazetteer.Document{Title: title} }

func customary(name string) gazetteer.NameRecord {
	return gazetteer.NameRecord{
		Name: name, Kind: gazetteer.CustomaryName, Language: "zh", Process: "usage", FromSaid: "清末", Reason: "群众惯称", Document: paper("走访记录"),
	}
}

func named(names []gazsql.NameInTime, name string) gazsql.NameInTime {
	for _, n := range names {
		if n.Name == name {
			return n
		}
	}
	return gazsql.NameInTime{}
}

// TestAPlaceHasNamesOverTime records names, corrects one, and reads what was before.
func TestAPlaceHasNamesOverTime(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	for who, want := range map[string]string{"neighbour": "not-yours", "outsider": "not-yours", "seat-1": "not-yours", "": "not-yours"} {
		if _, err := o.store.RecordName(ctx, o.actor[who], today, id, 1, customary("蛟洞")); !fault.Is(err, want) {
			t.Errorf("%q: got %v, wanted %s", who, err, want)
		}
	}
	if _, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, 7, customary("蛟洞")); !fault.Is(err, "stale") {
		t.Errorf("against another version: %v", err)
	}
	if _, err := o.store.RecordName(ctx, o.actor["clerk"], today, uuid.New(), 1, customary("蛟洞")); !fault.Is(err, "place-unknown") {
		t.Errorf("of no place: %v", err)
	}
	bad := customary("")
	if _, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, 1, bad); !fault.Is(err, "name-wrong") {
		t.Errorf("no name: %v", err)
	}
	k, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, 1, customary("蛟洞"))
	n := named(k.Names, "蛟洞")
	if err != nil || k.Version != 2 || n.Kind != "customary" || n.FromSaid != "清末" || n.Romanization != "Jiāodòng" || n.Document != "走访记录" || len(k.Actions) < 3 {
		t.Fatalf("recorded: %+v, %v", k, err)
	}
	minority := gazetteer.NameRecord{
		Name: "གཞིས་ཀ་རྩེ", Kind: gazetteer.MinorityName, Language: "bo", Spelling: "Xigazê", Process: "survey", Reason: "普查", Document: paper("普查表"),
	}
	if k, err = o.store.RecordName(ctx, o.actor["clerk"], today, id, 2, minority); err != nil || named(k.Names, minority.Name).Romanization != "Xigazê" {
		t.Fatalf("a minority form: %+v, %v", k.Names, err)
	}

	taken := customary(minority.Name) // what was taken for Tibetan by mistake gets the reading of its characters
	taken.Name, taken.Reason = "蛟坪", "误作藏文"
	tibetan := named(k.Names, minority.Name).ID
	if k, err = o.store.CorrectName(ctx, o.actor["clerk"], today, id, tibetan, 3, taken); err != nil || named(k.Names, "蛟坪").Romanization != "Jiāopíng" {
		t.Fatalf("corrected to Chinese: %+v, %v", k.Names, err)
	}
	latin := minority
	latin.Name = "蛟坪"
	if k, err = o.store.CorrectName(ctx, o.actor["clerk"], today, id, tibetan, 4, latin); err != nil || named(k.Names, "蛟坪").Romanization != "Xigazê" {
		t.Fatalf("only its language corrected: %+v, %v", k.Names, err)
	}
	if k, err = o.store.CorrectName(ctx, o.actor["clerk"], today, id, tibetan, 5, taken); err != nil || named(k.Names, "蛟坪").Romanization != "Jiāopíng" {
		t.Fatalf("and back: %+v, %v", k.Names, err)
	}

	right := customary("蛟龙洞")
	right.Meaning, right.Reason = "传说有蛟", "走访时听错"
	if _, err := o.store.CorrectName(ctx, o.actor["clerk"], today, id, n.ID, 6, customary("蛟洞")); !fault.Is(err, "name-unchanged") {
		t.Errorf("nothing corrected: %v", err)
	}
	if _, err := o.store.CorrectName(ctx, o.actor["clerk"], today, id, uuid.New(), 6, right); !fault.Is(err, "name-unknown") {
		t.Errorf("of no name: %v", err)
	}
	k, err = o.store.CorrectName(ctx, o.actor["clerk"], today, id, n.ID, 6, right)
	if got := named(k.Names, "蛟龙洞"); err != nil || got.ID != n.ID || got.Romanization != "Jiāolóngdòng" || got.Meaning != "传说有蛟" ||
		len(k.Corrections) != 4 || k.Corrections[0].Name != "蛟洞" || k.Corrections[0].Reason != "走访时听错" {
		t.Fatalf("corrected: %+v, %v", k, err)
	}
	for text, want := range map[string]int{"蛟窟湾": 1, "蛟龙洞": 1, "jiaolongd": 1, "蛟洞": 0} { // found as it is corrected, and no more as it was
		hits, err := o.store.Search(ctx, gazetteer.Search{Text: text, Limit: 5})
		if err != nil || len(hits) != want || want == 1 && (hits[0].ID != id || hits[0].Name != "蛟窟湾") {
			t.Errorf("%s: found %v %v", text, hits, err)
		}
	}
}

// TestAStandardNameIsCorrectedByAnApprover and only as far as the naming rules let it.
func TestAStandardNameIsCorrectedByAnApprover(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.registered(t, "蛟窟村", gazetteer.VillageCommittee)
	o.registered(t, "龙潭村", gazetteer.VillageCommittee)
	k, err := o.store.Place(ctx, o.actor["clerk"], today, id)
	if err != nil {
		t.Fatal(err)
	}
	record := gazetteer.NameRecord{Name: "蛟屈村", Kind: gazetteer.StandardName, Language: "zh", Process: "list", From: k.Names[0].ValidFrom, Reason: "名录误植", Document: paper("更正函")}
	if _, err := o.store.CorrectName(ctx, o.actor["clerk"], today, id, k.Names[0].ID, k.Version, record); !fault.Is(err, "approver-needed") {
		t.Errorf("by a clerk: %v", err)
	}
	record.Name = "龙潭村"
	if _, err := o.store.CorrectName(ctx, o.actor["approver"], today, id, k.Names[0].ID, k.Version, record); !fault.Is(err, "name-collides") {
		t.Errorf("into another's name: %v", err)
	}
	record.Name = "蛟屈村"
	k, err = o.store.CorrectName(ctx, o.actor["approver"], today, id, k.Names[0].ID, k.Version, record)
	if err != nil || k.Name != "蛟屈村" || len(k.Names) != 1 || k.Corrections[0].Name != "蛟窟村" {
		t.Fatalf("corrected: %+v, %v", k, err)
	}
}

// TestWhatBefellANameStays reads events in order, and changes none.
func TestWhatBefellANameStays(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	event := gazetteer.NameEvent{Kind: "mention", Process: "usage", OnSaid: "明嘉靖年间", Citation: "《忠州志》卷三", Document: paper("忠州志")}
	if _, err := o.store.RecordNameEvent(ctx, o.actor["clerk"], today, id, 1, gazetteer.NameEvent{Kind: "naming", Process: "order-753", On: "2026-01-01", Citation: "口头", Document: paper("x")}); !fault.Is(err, "event-wrong") {
		t.Errorf("without a number: %v", err)
	}
	if _, err := o.store.RecordNameEvent(ctx, o.actor["clerk"], today, id, 1, event); err != nil {
		t.Fatal(err)
	}
	event.On, event.OnSaid, event.Kind, event.Process, event.Citation = "1982-05-01", "", "registration", "survey", "第一次地名普查登记表"
	k, err := o.store.RecordNameEvent(ctx, o.actor["clerk"], today, id, 2, event)
	if err != nil || len(k.Events) != 2 || k.Events[0].Kind != "registration" || *k.Events[1].OnSaid != "明嘉靖年间" {
		t.Fatalf("recorded: %+v, %v", k.Events, err)
	}
	for _, sql := range []string{`update name_event set note = 'x'`, `delete from name_event`, `delete from name_correction`, `update place_twin set reason = 'x'`} {
		if _, err := o.db.Pool.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestTwoRecordsOfOnePlaceAreReadAsOne joins them at once from both sides, reads and parts them.
func TestTwoRecordsOfOnePlaceAreReadAsOne(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	village, settlement := o.registered(t, "蛟窟村", gazetteer.VillageCommittee), o.registered(t, "蛟窟", gazetteer.NaturalVillage)
	join := func(from, to uuid.UUID) (gazsql.KnownPlace, error) {
		return o.store.JoinTwin(ctx, o.actor["clerk"], today, from, 1, gazsql.TwinLink{Twin: to, Reason: "同一村落", Document: paper("普查表")})
	}
	if _, err := join(village, village); !fault.Is(err, "twin-self") {
		t.Errorf("with itself: %v", err)
	}
	if _, err := join(village, uuid.New()); !fault.Is(err, "twin-unknown") {
		t.Errorf("with nothing: %v", err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, pair := range [][2]uuid.UUID{{village, settlement}, {settlement, village}} {
		wg.Go(func() { _, errs[i] = join(pair[0], pair[1]) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !fault.Is(errs[0], "twin-there") && !fault.Is(errs[1], "twin-there") {
		t.Fatalf("from both sides at once: %v, %v", errs[0], errs[1])
	}
	for from, to := range map[uuid.UUID]uuid.UUID{village: settlement, settlement: village} {
		k, err := o.store.Place(ctx, gazetteer.Actor{}, today, from)
		if err != nil || len(k.Twins) != 1 || k.Twins[0].ID != to || len(k.Twins[0].Names) != 1 {
			t.Errorf("read: %+v, %v", k.Twins, err)
		}
	}
	// One of them withheld: the other says nothing of it.
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, settlement, versionOf(t, o, settlement), secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	if k, err := o.store.Place(ctx, gazetteer.Actor{}, today, village); err != nil || len(k.Twins) != 0 {
		t.Errorf("a withheld twin: %+v, %v", k.Twins, err)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, settlement, versionOf(t, o, settlement), secretly(gazetteer.Public)); err != nil {
		t.Fatal(err)
	}
	k, err := o.store.PartTwin(ctx, o.actor["clerk"], today, village, versionOf(t, o, village), gazsql.TwinLink{Twin: settlement, Reason: "核实为两处"})
	if err != nil || len(k.Twins) != 0 {
		t.Errorf("parted: %+v, %v", k.Twins, err)
	}
}

func versionOf(t *testing.T, o office, id uuid.UUID) int {
	t.Helper()
	k, err := o.store.Place(context.Background(), o.actor["approver"], today, id)
	if err != nil {
		t.Fatal(err)
	}
	return k.Version
}

// TestWhatIsToldOfAWithheldPlaceGoesWithIt asks for its events and corrections as others.
func TestWhatIsToldOfAWithheldPlaceGoesWithIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "蛟窟湾")
	k, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, 1, customary("蛟洞"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = o.store.CorrectName(ctx, o.actor["clerk"], today, id, named(k.Names, "蛟洞").ID, 2, customary("蛟龙洞")); err != nil {
		t.Fatal(err)
	}
	event := gazetteer.NameEvent{Kind: "mention", Process: "usage", OnSaid: "明", Citation: "《忠州志》", Document: paper("忠州志")}
	if _, err = o.store.RecordNameEvent(ctx, o.actor["clerk"], today, id, 3, event); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 4, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		if err := o.db.Pool.QueryRow(ctx, `select (select count(*) from name_event) + (select count(*) from name_correction)`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 0 {
		t.Errorf("%d rows tell the public of a withheld place", n)
	}
	held, err := o.store.Place(ctx, o.actor["clerk"], today, id)
	if err != nil || len(held.Events) != 1 || len(held.Corrections) != 1 || len(held.Names) != 2 {
		t.Errorf("to whoever may read it: %+v, %v", held, err)
	}
	if _, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, held.Version, customary("蛟")); !fault.Is(err, "place-withheld") {
		t.Errorf("a name of a withheld place: %v", err)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, held.Version, secretly(gazetteer.Public)); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 2 {
		t.Errorf("%d rows came back", n)
	}
}
