package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/ledger"
)

// checkpoint fetches and checks the latest checkpoint as an office would that keeps it.
func (w *world) checkpoint(t *testing.T) ledger.Checkpoint {
	t.Helper()
	res, key := w.get(t, "/api/ledger/key")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the key: %d %s", res.StatusCode, key)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(t, err)
	res, signed := w.get(t, "/api/ledger/checkpoint")
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the checkpoint: %d %s", res.StatusCode, signed)
	}
	c, err := ledger.OpenCheckpoint(string(signed), verifier)
	must(t, err)
	return c
}

// linked waits until nothing in the journal waits for the ledger, and returns the latest sequence number.
func (w *world) linked(t *testing.T) (seq int64) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var waiting, signed int
		must(t, w.db.Super.QueryRow(t.Context(), `
			select (select count(*)::int from journal j where not exists (select from ledger_entry e where e.seq = j.seq)), (select count(*)::int from checkpoint)`).Scan(&waiting, &signed))
		if waiting == 0 && signed > 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%d entries wait for the ledger", waiting)
		}
	}
	must(t, w.db.Super.QueryRow(t.Context(), `select max(seq) from journal`).Scan(&seq))
	return seq
}

func TestProofsOfTheJournalHoldElsewhere(t *testing.T) {
	w := newWorld(t)
	clerk := w.as(t, "clerk")
	w.linked(t)
	older := w.checkpoint(t)
	w.account(t, "another", "某局", nil)
	seq := w.linked(t)
	path := fmt.Sprintf("/api/ledger/entries/%d/proof", seq)
	w.visitor(t).want(t, 401, "GET", path, nil, nil)
	proof := clerk.want(t, 200, "GET", path, nil, nil)
	newer := w.checkpoint(t)
	if proof.text("checkpoint") != newer.Note || int64(proof["treeSize"].(float64)) != newer.Size {
		t.Fatalf("the proof leads to another checkpoint: %v", proof)
	}
	leaf, err := tlog.ParseHash(proof.text("leafHash"))
	must(t, err)
	if err := tlog.CheckRecord(hashes(t, proof), newer.Size, newer.Root, int64(proof["index"].(float64)), leaf); err != nil {
		t.Error(err)
	}
	grown := w.visitor(t).want(t, 200, "GET", fmt.Sprintf("/api/ledger/consistency?from=%d&to=%d", older.Size, newer.Size), nil, nil)
	if err := tlog.CheckTree(hashes(t, grown), newer.Size, newer.Root, older.Size, older.Root); err != nil {
		t.Error(err)
	}
	for _, sc := range []scenario{
		{name: "no size", path: "/api/ledger/consistency?from=0", status: 400, must: []string{"ledger-sizes"}},
		{name: "a size to come", path: "/api/ledger/consistency?from=1&to=99999", status: 400, must: []string{"ledger-sizes"}},
		{name: "backwards", path: "/api/ledger/consistency?from=2&to=1", status: 400, must: []string{"ledger-sizes"}},
		{name: "no number", path: "/api/ledger/consistency?from=x", status: 400, must: []string{"from"}},
		{name: "no such entry", path: "/api/ledger/entries/99999/proof", status: 404, must: []string{"entry-unknown"}},
		{name: "no entry at all", path: "/api/ledger/entries/x/proof", status: 404, must: []string{"entry-unknown"}},
	} {
		t.Run(sc.name, func(t *testing.T) { sc.run(t, clerk) })
	}
}

func hashes(t *testing.T, o object) []tlog.Hash {
	t.Helper()
	var out []tlog.Hash
	for _, text := range o["proof"].([]any) {
		h, err := tlog.ParseHash(text.(string))
		must(t, err)
		out = append(out, h)
	}
	return out
}

// TestFeedGivesLateEntriesLate: an entry whose transaction ends after that of a later one comes after it, and going on
// from the later one finds it.
func TestFeedGivesLateEntriesLate(t *testing.T) {
	w := newWorld(t)
	last := w.linked(t)
	const insert = `insert into journal (at, actor, subject, verb) values (now(), 'system:test', $1, 'name') returning seq`
	late, err := w.db.Pool.Begin(t.Context())
	must(t, err)
	var lateSeq, soonSeq int64
	must(t, late.QueryRow(t.Context(), insert, "place/late").Scan(&lateSeq))
	must(t, w.db.Pool.QueryRow(t.Context(), insert, "place/soon").Scan(&soonSeq))
	w.linked(t)
	v := w.visitor(t)
	after := func(seq int64) (subjects string) {
		for _, item := range v.want(t, 200, "GET", fmt.Sprintf("/api/changes?after=%d", seq), nil, nil).list("items") {
			subjects += " " + item.text("subject")
		}
		return subjects
	}
	if got := after(last); got != " place/soon" {
		t.Errorf("at first: %s", got)
	}
	must(t, late.Commit(t.Context()))
	w.linked(t)
	if got := after(soonSeq); got != " place/late" {
		t.Errorf("after the soon one: %s", got)
	}
	if got := after(last); got != " place/soon place/late" {
		t.Errorf("in order: %s", got)
	}
	if got := after(lateSeq); got != "" {
		t.Errorf("at the end: %s", got)
	}
	if got := after(1 << 40); got != "" {
		t.Errorf("beyond: %s", got)
	}
}
