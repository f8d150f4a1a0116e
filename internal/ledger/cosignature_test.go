package ledger_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

// office is an office with a witness, whose key is registered.
type office struct {
	*ledger.Witness
	path string
}

func (h *house) office(t testing.TB, name string) office {
	t.Helper()
	o := office{path: filepath.Join(t.TempDir(), "witness")}
	var err error
	o.Witness, err = ledger.NewWitness(o.path, name+".example/witness")
	must(t, err)
	key, err := o.PublicKey()
	must(t, err)
	_, err = h.Super.Exec(context.Background(), `
		with o as (insert into office (id, name, kind) values (gen_random_uuid(), $1::text, 'civil-affairs') returning id),
		a as (insert into account (id, login, name, office_id, password_hash) select gen_random_uuid(), $1, $1, id, 'x' from o returning id, office_id)
		insert into office_key (id, office_id, key, algorithm, registered_at, registered_by) select gen_random_uuid(), office_id, $2, 'ed25519', now(), id from a`, name, key)
	must(t, err)
	return o
}

func (o office) verifiers(t testing.TB) []note.Verifier {
	t.Helper()
	v, err := ledger.ReadVerifiers(o.path + ".pub")
	must(t, err)
	return v
}

// cosigns signs the latest checkpoint, keeps it outside and hands it in.
func (o office) cosigns(t testing.TB, h *house) ledger.Checkpoint {
	t.Helper()
	book := &ledger.Book{DB: h.Pool}
	c, err := book.Latest(context.Background())
	must(t, err)
	signed, err := o.Cosign(c.Note, h.keys.Verifiers(), h.prove)
	must(t, err)
	c, lines, err := ledger.OpenCosigned(signed, o.verifiers(t)...)
	must(t, err)
	_, err = h.Super.Exec(context.Background(), `
		insert into cosignature (id, size, key_id, line, account_id, at)
		select gen_random_uuid(), $1, id, $2, registered_by, now() from office_key where signer = $3`, c.Size, lines[0].Line, lines[0].Signer)
	must(t, err)
	return c
}

func (h *house) prove(from, to int64) (tlog.TreeProof, error) {
	p, err := (&ledger.Book{DB: h.Pool}).Continue(context.Background(), from, to)
	return p.Proof, err
}

// outside are the checkpoints the office keeps, to be held against its own key.
func (o office) outside(t testing.TB) (known []ledger.Known) {
	t.Helper()
	text, err := os.ReadFile(o.path + ".checkpoints")
	must(t, err)
	for _, n := range ledger.SplitCheckpoints(string(text)) {
		known = append(known, ledger.Known{Name: "渝北", Note: n, Office: o.verifiers(t)})
	}
	return known
}

func TestServedCheckpointsCarryTheSignaturesOfOffices(t *testing.T) {
	h := newHouse(t)
	h.write(t, 3, "note")
	h.drain(t)
	a, b := h.office(t, "yubei"), h.office(t, "jiangbei")
	first := a.cosigns(t, h)
	b.cosigns(t, h)
	h.write(t, 3, "note")
	h.drain(t)
	second := a.cosigns(t, h)
	book := &ledger.Book{DB: h.Pool}
	for size, offices := range map[int64][]office{first.Size: {a, b}, second.Size: {a}} {
		c, err := book.At(t.Context(), size)
		must(t, err)
		if _, err := ledger.OpenCheckpoint(c.Note, h.keys.Verifiers()...); err != nil {
			t.Error(err)
		}
		for _, o := range offices {
			if _, _, err := ledger.OpenCosigned(c.Note, o.verifiers(t)...); err != nil {
				t.Errorf("at %d: %v", size, err)
			}
		}
	}
	if _, err := book.At(t.Context(), 2); !fault.Is(err, "checkpoint-unknown") {
		t.Errorf("where there is none: %v", err)
	}
	if r := h.sound(t, 6); r.Cosigned != 3 {
		t.Errorf("%d signatures of offices", r.Cosigned)
	}
}

func TestStoredCosignaturesAreVerified(t *testing.T) {
	h := newHouse(t)
	h.write(t, 3, "note")
	h.drain(t)
	a, b := h.office(t, "yubei"), h.office(t, "jiangbei")
	a.cosigns(t, h)
	h.write(t, 3, "note")
	h.drain(t)
	a.cosigns(t, h)
	b.cosigns(t, h)
	revoke := `update office_key set revoked_at = now(), revoked_by = registered_by`
	tamper(t, h, revoke)
	h.sound(t, 6) // what was signed stays signed
	for _, sc := range []struct{ name, sql, undo, code, at string }{
		{"another line", `update cosignature set line = (select line from cosignature where size = 3) where size = 6 and line like '— yubei%'`, `update cosignature set line = $1 where size = 6 and line like '— yubei%'`, ledger.CosignWrong, "第 6 条"},
		{
			"another office's key", `update cosignature set key_id = (select id from office_key where signer like 'jiangbei%') where size = 3`,
			`update cosignature set key_id = (select id from office_key where signer like 'yubei%') where size = 3`, ledger.CosignWrong, "jiangbei",
		},
		{
			"a key that is gone", `update cosignature set key_id = gen_random_uuid() where size = 3`,
			`update cosignature set key_id = (select id from office_key where signer like 'yubei%') where size = 3`, ledger.CosignWrong, "没有登记",
		},
		{
			"a checkpoint that is gone", `create table kept as select * from checkpoint where size = 3; delete from checkpoint where size = 3`,
			`insert into checkpoint select * from kept`, ledger.CheckpointGone, "yubei",
		},
	} {
		t.Run(sc.name, func(t *testing.T) {
			var line string
			must(t, h.Super.QueryRow(t.Context(), `select line from cosignature where size = 6 and line like '— yubei%'`).Scan(&line))
			tamper(t, h, sc.sql)
			r, err := ledger.Verify(t.Context(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers()})
			must(t, err)
			if len(r.Findings) != 1 || r.Findings[0].Code != sc.code || !strings.Contains(r.Findings[0].Detail, sc.at) {
				t.Errorf("found %v", r.Findings)
			}
			tamper(t, h, strings.ReplaceAll(sc.undo, "$1", "'"+line+"'"))
			h.sound(t, 6)
		})
	}
}

// TestACosignedCheckpointExposesARewrittenTail: whoever has the database and the ledger's key edits an entry, recomputes
// and signs everything after it again, in the folder of the keys too. Without a witness nothing shows.
func TestACosignedCheckpointExposesARewrittenTail(t *testing.T) {
	h := newHouse(t)
	h.write(t, 6, "note")
	h.drain(t)
	o := h.office(t, "yubei")
	cosigned := o.cosigns(t, h)
	h.write(t, 2, "note")
	h.drain(t)
	tamper(t, h, `update journal set actor = 'system:nobody' where seq = `+seqOf(4)+`;
		update ledger_progress set settled = 0; delete from ledger_entry where n >= 4; delete from checkpoint`)
	for _, name := range []string{"checkpoints", "head"} {
		if err := os.Remove(filepath.Join(h.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	h.drain(t)
	check := func(known ...ledger.Known) []ledger.Finding {
		t.Helper()
		r, err := ledger.Verify(t.Context(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: append(h.known(t), known...)})
		must(t, err)
		return r.Findings
	}
	if f := check(); len(f) != 1 || f[0].Code != ledger.CheckpointGone || *f[0].N != 5 || !strings.Contains(f[0].Detail, "yubei") {
		t.Errorf("by the signatures in the database: %v", f)
	}
	tamper(t, h, `insert into checkpoint select `+fmt.Sprint(cosigned.Size)+`, root, algorithm, note, reason, at from checkpoint limit 1`)
	if f := check(); len(f) != 2 || f[1].Code != ledger.CosignWrong && f[0].Code != ledger.CosignWrong {
		t.Errorf("with another checkpoint in its place: %v", f)
	}
	tamper(t, h, `delete from cosignature; delete from office_key; delete from checkpoint where size = `+fmt.Sprint(cosigned.Size))
	if f := check(); len(f) != 0 {
		t.Fatalf("with the signatures deleted too something is left to find without the office: %v", f)
	}
	f := check(o.outside(t)...)
	if len(f) != 2 || f[0].Code != ledger.CheckpointGone || f[1].Code != ledger.CheckpointWrong || *f[1].N != cosigned.Size-1 || !strings.Contains(f[1].Detail, "改写") {
		t.Errorf("by what the office kept: %v", f)
	}
	now, err := (&ledger.Book{DB: h.Pool}).Latest(t.Context())
	must(t, err)
	if _, err := o.Cosign(now.Note, h.keys.Verifiers(), h.prove); !fault.Is(err, "cosign-diverged") {
		t.Errorf("the office signs what was rewritten: %v", err)
	}
}

// TestWhatAnOfficeKeptNeedsNoKeyOfTheLedger: when the ledger's key was exchanged as well, the office's own signature holds
// and those of others do not.
func TestWhatAnOfficeKeptNeedsNoKeyOfTheLedger(t *testing.T) {
	h := newHouse(t)
	h.write(t, 3, "note")
	h.drain(t)
	o, other := h.office(t, "yubei"), h.office(t, "jiangbei")
	o.cosigns(t, h)
	known := o.outside(t)
	if r, err := ledger.Verify(t.Context(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: known}); err != nil || len(r.Findings) > 0 || r.Known != 1 {
		t.Errorf("sound: %v, %v", r, err)
	}
	for name, k := range map[string]ledger.Known{
		"another office's key": {Note: known[0].Note, Office: other.verifiers(t)},
		"altered":              {Note: strings.Replace(known[0].Note, "\nreason ", "\nreason x", 1), Office: o.verifiers(t)},
		"only the ledger's":    {Note: h.known(t)[0].Note, Office: o.verifiers(t)},
	} {
		r, err := ledger.Verify(t.Context(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: []ledger.Known{k}})
		if err != nil || len(r.Findings) != 1 || r.Findings[0].Code != ledger.CheckpointWrong {
			t.Errorf("%s: %v, %v", name, r.Findings, err)
		}
	}
	tamper(t, h, `update journal set actor = 'system:nobody'; update ledger_progress set settled = 0; delete from ledger_entry; delete from checkpoint; delete from cosignature`)
	forged := *h
	var err error
	forged.keys, err = ledger.OpenKeys(t.TempDir())
	must(t, err)
	forged.drain(t)
	r, err := ledger.Verify(t.Context(), h.Pool, ledger.Check{Verifiers: forged.keys.Verifiers(), Known: known})
	must(t, err)
	if len(r.Findings) != 2 || r.Findings[1].Code != ledger.CheckpointWrong || *r.Findings[1].N != 2 {
		t.Errorf("with another key of the ledger: %v", r.Findings)
	}
}

func TestAWitnessSignsOnlyWhatContinues(t *testing.T) {
	h := newHouse(t)
	book := &ledger.Book{DB: h.Pool}
	latest := func() string {
		t.Helper()
		h.write(t, 2, "note")
		h.drain(t)
		c, err := book.Latest(t.Context())
		must(t, err)
		return c.Note
	}
	w, err := ledger.NewWitness(filepath.Join(t.TempDir(), "witness"), "yubei.example/witness")
	must(t, err)
	none := func(from, to int64) (tlog.TreeProof, error) { return nil, nil }
	one, two, three := latest(), latest(), latest()
	sign := func(signed string, prove func(from, to int64) (tlog.TreeProof, error)) string {
		_, err := w.Cosign(signed, h.keys.Verifiers(), prove)
		var f *fault.Error
		if errors.As(err, &f) {
			return f.Code
		}
		must(t, err)
		return ""
	}
	other, err := ledger.OpenKeys(t.TempDir())
	must(t, err)
	if _, err := w.Cosign(one, other.Verifiers(), none); !fault.Is(err, "checkpoint-unsigned") {
		t.Errorf("another ledger's: %v", err)
	}
	for _, step := range []struct {
		name, note, want string
		prove            func(from, to int64) (tlog.TreeProof, error)
	}{
		{"no checkpoint", "x", "checkpoint-unreadable", none},
		{"the first", two, "", none},
		{"the same again", two, "", none},
		{"an older one", one, "cosign-older", h.prove},
		{"without proof", three, "cosign-diverged", none},
		{"with a proof of something else", three, "cosign-diverged", func(_, to int64) (tlog.TreeProof, error) { return h.prove(1, to) }},
		{"with its proof", three, "", h.prove},
	} {
		if got := sign(step.note, step.prove); got != step.want {
			t.Errorf("%s: %q, wanted %q", step.name, got, step.want)
		}
	}
}

func TestWhatAWitnessSignedIsKeptAndMended(t *testing.T) {
	h := newHouse(t)
	h.write(t, 2, "note")
	h.drain(t)
	o := h.office(t, "yubei")
	o.cosigns(t, h)
	kept := o.outside(t)
	f, err := os.OpenFile(o.path+".checkpoints", os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString("fangyu.ledger/x\n7\nhalf of")
	must(t, errors.Join(err, f.Close()))
	h.write(t, 2, "note")
	h.drain(t)
	o.cosigns(t, h)
	now := o.outside(t)
	if len(now) != 2 || now[0].Note != kept[0].Note {
		t.Errorf("kept %v", now)
	}
	if info, err := os.Stat(o.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key: %v, %v", info.Mode(), err)
	}
	again, err := ledger.NewWitness(o.path, "another")
	must(t, err)
	a, err := again.PublicKey()
	must(t, err)
	if b, _ := o.PublicKey(); a != b {
		t.Error("a key that was there was made anew")
	}
	if _, err := ledger.OpenWitness(filepath.Join(t.TempDir(), "none")); !fault.Is(err, "witness-key-none") {
		t.Errorf("without a key: %v", err)
	}
	if _, err := ledger.NewWitness(filepath.Join(t.TempDir(), "none"), "two words"); !fault.Is(err, "witness-name") {
		t.Errorf("a bad name: %v", err)
	}
}

func TestOfficeKeysHaveOneSpelling(t *testing.T) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	key := func(name string) string {
		text, err := note.NewEd25519VerifierKey(name, public)
		must(t, err)
		return text
	}
	good := key("yubei.example/witness")
	k, err := ledger.ParseOfficeKey(good)
	if err != nil || k.Algorithm != "ed25519" || k.Text != good {
		t.Errorf("got %+v, %v", k, err)
	}
	name, rest, _ := strings.Cut(good, "+")
	hash, _, _ := strings.Cut(rest, "+")
	otherAlgorithm := base64.StdEncoding.EncodeToString(append([]byte{4}, public...))
	for code, texts := range map[string][]string{
		"office-key-unreadable": {"", "x", good + "=", good[:len(good)-4], name + "+00000000+" + good[len(name)+10:], "a b" + good, name + "+" + hash + "+", strings.Repeat("x", 500) + good},
		"office-key-algorithm":  {name + "+" + hash + "+" + otherAlgorithm},
		"office-key-reserved":   {key("fangyu.ledger/0123")},
	} {
		for _, text := range texts {
			if _, err := ledger.ParseOfficeKey(text); !fault.Is(err, code) {
				t.Errorf("%q: %v, wanted %s", text, err, code)
			}
		}
	}
	upper := name + "+" + strings.ToUpper(hash) + good[len(name)+1+len(hash):]
	if _, err := ledger.ParseOfficeKey(upper); upper != good && !fault.Is(err, "office-key-unreadable") {
		t.Errorf("another spelling: %v", err)
	}
}
