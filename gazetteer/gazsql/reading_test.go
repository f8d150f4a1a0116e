package gazsql_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

func readAs(reading string) gazetteer.ReadingApproval {
	return gazetteer.ReadingApproval{Reading: reading, Reason: "当地都这样读", Document: gazetteer.Document{Title: "地名普查读音调查表"}}
}

func (o office) unread(t *testing.T, login string, after uuid.UUID, limit int) []gazsql.Unread {
	t.Helper()
	list, err := o.store.Unread(context.Background(), o.actor[login], after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAReadingIsApproved(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "朝阳湾")
	if list := o.unread(t, "clerk", uuid.Nil, 100); !slices.ContainsFunc(list, func(u gazsql.Unread) bool {
		return u.PlaceID == id && u.Name == "朝阳湾" && len(u.Candidates) == 1 && u.Candidates[0].Readings[1].Reading == "zhao1" && len(u.Actions) == 0
	}) {
		t.Errorf("it is not listed to the clerk, who cannot approve: %+v", list)
	}
	for who, want := range map[string]string{"clerk": "not-yours", "neighbour": "not-yours", "outsider": "not-yours", "seat-1": "not-yours"} {
		if _, err := o.store.ApproveReading(ctx, o.actor[who], today, id, 1, readAs("zhao1 yang2 wan1")); !fault.Is(err, want) {
			t.Errorf("%s: got %v", who, err)
		}
	}
	for code, in := range map[string]gazetteer.ReadingApproval{"bad-reading": readAs("zhao1 yang2"), "stale": readAs("zhao1 yang2 wan1")} {
		version := map[string]int{"bad-reading": 1, "stale": 7}[code]
		if _, err := o.store.ApproveReading(ctx, o.actor["approver"], today, id, version, in); !fault.Is(err, code) {
			t.Errorf("wanted %s, got %v", code, err)
		}
	}
	before, err := o.store.Place(ctx, o.actor["approver"], today, id)
	if err != nil || before.ReadingStatus != "unverified" || before.Version != 1 || !slices.ContainsFunc(before.Actions, func(a gazetteer.OpenAction) bool { return a.Name == "approve-reading" }) {
		t.Fatalf("a refused approval changed something: %v %+v", err, before)
	}
	known, err := o.store.ApproveReading(ctx, o.actor["approver"], today, id, 1, readAs("zhāo yáng wān"))
	if err != nil {
		t.Fatal(err)
	}
	if known.Romanization != "Zhāoyángwān" || known.Toneless != "zhao yang wan" || known.ReadingStatus != "approved" || known.Version != 2 ||
		known.ReadingApprovedBy != "重庆市民政局" || known.ReadingDocument != "地名普查读音调查表" || known.Names[0].Reading != "approved" ||
		known.Candidates[0].Readings[0].Reading != "zhao1" {
		t.Errorf("got %+v", known)
	}
	if slices.ContainsFunc(o.unread(t, "clerk", uuid.Nil, 100), func(u gazsql.Unread) bool { return u.PlaceID == id }) {
		t.Error("it is still listed")
	}
	if hits, err := o.store.Search(ctx, gazetteer.Search{Text: "zhaoyangwan", Limit: 5}); err != nil || len(hits) != 1 || hits[0].ID != id {
		t.Errorf("it is not found by its new reading: %v %v", hits, err)
	}
	if _, err := o.store.ApproveReading(ctx, o.actor["approver"], today, id, 2, readAs("zhao1 yang2 wan1")); !fault.Is(err, "reading-unchanged") {
		t.Errorf("the same again: %v", err)
	}
	if known, err = o.store.ApproveReading(ctx, o.actor["approver"], today, id, 2, readAs("chao2 yang2 wan1")); err != nil || known.Romanization != "Cháoyángwān" {
		t.Errorf("a correction: %v %+v", err, known)
	}
	items, err := o.store.History(ctx, o.actor["clerk"], "place/"+id.String(), 0, 10, false)
	if err != nil || len(items) != 2 {
		t.Fatalf("history: %v %+v", err, items)
	}
	if h := items[1]; h.VerbLabel != "核定读音" || h.Reason != "当地都这样读" || h.Cites[0].Title != "地名普查读音调查表" ||
		!slices.ContainsFunc(h.Changes, func(c gazetteer.HistoryChange) bool {
			return c.Label == "读音" && slices.Equal(c.Before, []string{"chao2 yang2 wan1"}) && slices.Equal(c.After, []string{"zhao1 yang2 wan1"})
		}) {
		t.Errorf("got %+v", h)
	}
}

func TestAWithheldNameIsNotReadToAnybody(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	id := o.inlet(t, "朝阳湾")
	if _, err := o.store.ApproveReading(ctx, o.actor["approver"], today, id, 1, readAs("zhao1 yang2 wan1")); err != nil {
		t.Fatal(err)
	}
	approved := o.rows(t, id)
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 2, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	_, err := o.store.ApproveReading(ctx, o.actor["approver"], today, id, 3, readAs("chao2 yang2 wan1"))
	if !fault.Is(err, "place-withheld") {
		t.Errorf("for who may know it: %v", err)
	}
	if _, err = o.store.ApproveReading(ctx, o.actor["neighbour"], today, id, 3, readAs("chao2 yang2 wan1")); !fault.Is(err, "place-unknown") {
		t.Errorf("for who may not: %v", err)
	}
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, id, 3, secretly(gazetteer.Public)); err != nil {
		t.Fatal(err)
	}
	if now := o.rows(t, id); now != approved || !strings.Contains(now, "approved") {
		t.Errorf("it came back as\n%s\nwas\n%s", now, approved)
	}
}

// The weightiest come first, and pages follow each other without a gap.
func TestUnreadNamesByImportance(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{"乐湾", "朝阳湾", "柏林湾", "曲湾"} {
		o.inlet(t, name)
	}
	var paged []string
	after := uuid.Nil
	for range 20 {
		page := o.unread(t, "approver", after, 2)
		for _, u := range page {
			paged = append(paged, u.Name)
			after = u.PlaceID
		}
		if len(page) < 2 {
			break
		}
	}
	var whole []string
	for _, u := range o.unread(t, "approver", uuid.Nil, 100) {
		whole = append(whole, u.Name)
	}
	if !slices.Equal(paged, whole) {
		t.Errorf("by pages %v, at once %v", paged, whole)
	}
	if got := strings.Join(whole, " "); !strings.HasSuffix(got, "柏林湾 朝阳湾 乐湾 曲湾") {
		t.Errorf("got %s", got)
	}
	first := o.unread(t, "approver", uuid.Nil, 2)
	if _, err := o.store.ApproveReading(context.Background(), o.actor["approver"], today, first[1].PlaceID, first[1].Version, readAs(first[1].Reading)); err != nil {
		t.Fatal(err)
	}
	if next := o.unread(t, "approver", first[1].PlaceID, 1); len(next) != 1 || next[0].Name != whole[2] {
		t.Errorf("after one that was approved since: %+v, wanted %s", next, whole[2])
	}
	if list := o.unread(t, "neighbour", uuid.Nil, 100); slices.ContainsFunc(list, func(u gazsql.Unread) bool { return u.Name == "乐湾" }) {
		t.Error("the neighbour reads them too")
	}
}
