package api_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/gazetteer"
	"fangyu/internal/ledger"
)

// witness is an office's key with its public part.
type witness struct {
	*ledger.Witness
	path, public string
}

func newWitness(t *testing.T, name string) witness {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	w, err := ledger.NewWitness(path, name)
	must(t, err)
	public, err := w.PublicKey()
	must(t, err)
	return witness{w, path, public}
}

// signs signs the latest checkpoint as served, when it continues the one signed before.
func (w witness) signs(t *testing.T, in *world) (ledger.Checkpoint, string) {
	t.Helper()
	c := in.checkpoint(t)
	_, key := in.get(t, "/api/ledger/key")
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(t, err)
	signed, err := w.Cosign(c.Note, []note.Verifier{verifier}, func(from, to int64) (tlog.TreeProof, error) {
		return hashes(t, in.visitor(t).want(t, 200, "GET", fmt.Sprintf("/api/ledger/consistency?from=%d&to=%d", from, to), nil, nil)), nil
	})
	must(t, err)
	return c, signed
}

func TestOfficesCosignCheckpoints(t *testing.T) {
	w := newWorld(t)
	w.account(t, "north-admin", "渝北区民政局", nil, gazetteer.Administrator)
	w.account(t, "city-admin", "重庆市民政局", nil, gazetteer.Administrator)
	north, admin, city, south := w.as(t, "north"), w.as(t, "north-admin"), w.as(t, "city-admin"), w.as(t, "south")
	witness := newWitness(t, "渝北区民政局")
	key := object{"key": witness.public}
	wantCode(t, north.code(t, 403, "POST", "/api/ledger/office-keys", key, nil), "not-yours")
	wantCode(t, admin.code(t, 403, "POST", "/api/ledger/office-keys", key, nil), "confirm-identity")
	admin.confirm(t)
	city.confirm(t)
	wantCode(t, city.code(t, 422, "POST", "/api/ledger/office-keys", key, nil), "office-key-name")
	wantCode(t, admin.code(t, 400, "POST", "/api/ledger/office-keys", object{"key": "x"}, nil), "office-key-unreadable")
	registered := admin.want(t, 201, "POST", "/api/ledger/office-keys", key, nil)
	if registered.text("officeId") != w.offices["north"].String() || registered.text("algorithm") != "ed25519" {
		t.Errorf("registered %v", registered)
	}
	wantCode(t, admin.code(t, 409, "POST", "/api/ledger/office-keys", key, nil), "office-key-taken")
	if got := w.visitor(t).want(t, 200, "GET", "/api/ledger/office-keys", nil, nil).list("items"); len(got) != 1 || got[0].text("key") != witness.public {
		t.Errorf("listed %v", got)
	}
	if got := admin.want(t, 200, "GET", "/api/journal?subject=office/"+w.offices["north"].String(), nil, nil).list("items"); got[0].text("verb") != "register-key" {
		t.Errorf("the journal says %v", got)
	}

	w.linked(t)
	c, signed := witness.signs(t, w)
	_, other := newWitness(t, "jiangbei.example/witness").signs(t, w)
	for _, sc := range []struct {
		name   string
		who    visitor
		status int
		note   string
		code   string
	}{
		{"nobody", w.visitor(t), 401, signed, "signed-out"},
		{"the other office", south, 422, signed, "cosignature-none"},
		{"a key that is not registered", north, 422, other, "cosignature-none"},
		{"without the office's signature", north, 422, c.Note, "cosignature-none"},
		{"altered", north, 422, strings.Replace(signed, "\nreason ", "\nreason x", 1), "cosignature-wrong"},
		{"a line more", north, 400, strings.Replace(signed, "\n\n", "\nmore\n\n", 1), "checkpoint-unreadable"},
		{"no checkpoint", north, 400, "x\n\n" + strings.SplitAfter(signed, "\n\n")[1], "checkpoint-unreadable"},
		{"cut off", north, 400, strings.TrimSuffix(signed, "\n"), "checkpoint-unreadable"},
		{"what the ledger never made", north, 422, witness.forged(t, c), "checkpoint-unknown"},
	} {
		t.Run(sc.name, func(t *testing.T) {
			wantCode(t, sc.who.code(t, sc.status, "POST", "/api/ledger/cosignatures", object{"note": sc.note}, nil), sc.code)
		})
	}
	if got := w.visitor(t).want(t, 200, "GET", "/api/ledger/cosignatures", nil, nil).list("items"); len(got) != 0 {
		t.Errorf("kept what was refused: %v", got)
	}

	first := north.want(t, 200, "POST", "/api/ledger/cosignatures", object{"note": signed}, nil).list("items")
	again := north.want(t, 200, "POST", "/api/ledger/cosignatures", object{"note": signed}, nil).list("items")
	listed := w.visitor(t).want(t, 200, "GET", fmt.Sprintf("/api/ledger/cosignatures?size=%d", c.Size), nil, nil).list("items")
	if len(first) != 1 || len(again) != 1 || len(listed) != 1 || first[0].text("id") != again[0].text("id") || listed[0].text("officeName") != "渝北区民政局" {
		t.Errorf("kept %v, then %v, listed %v", first, again, listed)
	}
	_, body := w.get(t, fmt.Sprintf("/api/ledger/checkpoint?size=%d", c.Size))
	if string(body) != signed {
		t.Errorf("served %s, wanted %s", body, signed)
	}
	wantCode(t, north.code(t, 404, "GET", "/api/ledger/checkpoint?size=1000000", nil, nil), "checkpoint-unknown")
	wantCode(t, north.code(t, 400, "GET", "/api/ledger/checkpoint?size=x", nil, nil), "bad_parameter")

	path := "/api/ledger/office-keys/" + registered.text("id")
	wantCode(t, city.code(t, 404, "DELETE", path, nil, nil), "office-key-unknown")
	wantCode(t, north.code(t, 403, "DELETE", path, nil, nil), "not-yours")
	admin.want(t, 204, "DELETE", path, nil, nil)
	wantCode(t, admin.code(t, 404, "DELETE", path, nil, nil), "office-key-unknown")
	wantCode(t, north.code(t, 422, "POST", "/api/ledger/cosignatures", object{"note": signed}, nil), "cosignature-none")
	if got := w.visitor(t).want(t, 200, "GET", "/api/ledger/office-keys", nil, nil).list("items"); got[0]["revokedAt"] == nil {
		t.Errorf("not revoked: %v", got)
	}
	if got := w.visitor(t).want(t, 200, "GET", "/api/ledger/cosignatures", nil, nil).list("items"); len(got) != 1 {
		t.Errorf("what was signed before went with the key: %v", got)
	}
}

// forged is what the witness's key signed without looking: a checkpoint of that size which the ledger never made.
func (w witness) forged(t *testing.T, c ledger.Checkpoint) string {
	t.Helper()
	secret, err := os.ReadFile(w.path)
	must(t, err)
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	must(t, err)
	text, _, _ := strings.Cut(c.Note, "\n\n")
	signed, err := note.Sign(&note.Note{Text: strings.Replace(text, "\nreason ", "\nreason x", 1) + "\n"}, signer)
	must(t, err)
	return string(signed)
}
