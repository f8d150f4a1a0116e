package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/internal/ledger"
)

// TestReceiptsAreCheckedOffline (R31) checks receipts with a public key alone, and finds every changed character.
func TestReceiptsAreCheckedOffline(t *testing.T) {
	dir := t.TempDir()
	keys, err := ledger.OpenKeys(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	receipt := boundary.Receipt{
		SubmissionID: uuid.MustParse("01a22017-5941-7a8f-bc23-bced2aaecd43"), ReceivedAt: time.Date(2026, 11, 28, 1, 2, 3, 4000, time.UTC), Entry: 7,
		Office: boundary.OfficeRef{ID: uuid.New(), Name: "渝北区民政局"}, Leaf: "journal-1-sha256 AAAA",
		Files: []boundary.ReceivedFile{{Name: "巡查 一.gpx", Size: 5, SHA256: strings.Repeat("a", 64)}},
	}
	note, err := keys.Sign(receipt.Text())
	if err != nil {
		t.Fatal(err)
	}
	other, err := keys.Sign("fangyu.something\nelse\n")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, key := write("good.txt", note), write("key.txt", keys.PublicKey()+"\n")
	strange, err := ledger.OpenKeys(filepath.Join(dir, "others"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a key file", []string{"--key", key, good}, 0, "回执属实：渝北区民政局 于北京时间 2026-11-28 09:02:03 交来"},
		{"a folder of keys", []string{"--key", filepath.Join(dir, "keys"), good}, 0, "属实"},
		{"as JSON", []string{"--key", key, "--json", good}, 0, `"holds": true`},
		{"another office's key", []string{"--key", write("strange.txt", strange.PublicKey()), good}, 1, "receipt-unsigned"},
		{"a changed size", []string{"--key", key, good, write("size.txt", strings.Replace(note, " 5 ", " 6 ", 1))}, 1, "receipt-unsigned"},
		{"something else that was signed", []string{"--key", key, write("else.txt", other)}, 1, "receipt-unreadable"},
		{"no receipt", []string{"--key", key, write("none.txt", "hello")}, 1, "receipt-unreadable"},
		{"no such file", []string{"--key", key, "/nowhere"}, 2, "读不出回执文件"},
		{"no such key", []string{"--key", "/nowhere", good}, 2, "--key"},
		{"a key that is none", []string{"--key", good, good}, 2, "不是公钥文件"},
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"verify", "receipt"}, c.args...), nil, &out, &errs)
		if said := out.String() + errs.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit %d, wanted %d with %q: %s", c.name, code, c.code, c.says, said)
		}
	}
	body := strings.Index(note, "\n\n")
	for i := range body {
		changed := []byte(note)
		changed[i] ^= 1
		if found := checkReceipt("x", string(changed), keys.Verifiers()); found.Holds {
			t.Fatalf("byte %d changed, and the receipt holds", i)
		}
	}
}
