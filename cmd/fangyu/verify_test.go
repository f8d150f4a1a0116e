package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/ledger"
	"fangyu/internal/postgis/cluster"
)

// asSuperuser runs SQL in a data folder's database behind the program's back.
func asSuperuser(t *testing.T, data, sql string) {
	t.Helper()
	behind(t, data, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `set session_replication_role = replica;`+sql)
		return err
	})
}

// behind has a superuser at a data folder's database do something.
func behind(t *testing.T, data string, do func(ctx context.Context, conn *pgx.Conn) error) {
	t.Helper()
	ctx := context.Background()
	c, err := cluster.Join(ctx, cluster.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	conn, err := pgx.Connect(ctx, c.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := do(ctx, conn); err != nil {
		t.Fatal(err)
	}
}

func TestTheServerLinksAndVerifyFindsWhatWasChanged(t *testing.T) {
	data := dataDir(t)
	if out, errs, code := fangyu(t, data, "migrate"); code != 0 {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	asSuperuser(t, data, `set session_replication_role = origin;
		insert into journal (at, actor, subject, verb) select now() - interval '5 minutes', 'system:test', 'thing/' || i, 'note' from generate_series(1, 3) i`)
	out, errs, code := fangyu(t, data, "verify", "ledger") // nobody linked them yet, and nobody is to blame
	if code != 0 || !strings.Contains(out, "ledger-waiting") || !strings.Contains(out, "账本完好") {
		t.Errorf("entries that wait: exit code %d: %s%s", code, out, errs)
	}
	s := serve(t, data)
	c := &client{t: t, url: s.url, http: &http.Client{}}
	var note []byte
	waitFor(t, "a checkpoint", func() bool {
		status, body := c.send("GET", "/api/ledger/checkpoint", nil, nil)
		note = body
		return status == 200
	})
	kept := filepath.Join(t.TempDir(), "kept.txt")
	if err := os.WriteFile(kept, note, 0o600); err != nil {
		t.Fatal(err)
	}
	office := filepath.Join(t.TempDir(), "office")
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office); code != 1 || !strings.Contains(errs, "--new-key") {
		t.Errorf("without a key: exit code %d: %s%s", code, out, errs)
	}
	out, errs, code = fangyu(t, data, "ledger", "cosign", "--key", office, "--new-key", "yubei.example/witness")
	if code != 0 || !strings.HasPrefix(out, "yubei.example/witness+") {
		t.Fatalf("a new key: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office, kept); code != 2 || !strings.Contains(errs, "/api/ledger/key") {
		t.Errorf("without the ledger's key: exit code %d: %s%s", code, out, errs)
	}
	_, key := c.send("GET", "/api/ledger/key", nil, nil)
	if err := os.WriteFile(office+".ledger", key, 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code = fangyu(t, data, "ledger", "cosign", "--key", office, kept)
	if code != 0 || !strings.HasPrefix(out, string(note)) || !strings.Contains(out, "\n— yubei.example/witness ") {
		t.Fatalf("co-signed: exit code %d: %s%s", code, out, errs)
	}
	asSuperuser(t, data, `set session_replication_role = origin;
		insert into journal (at, actor, subject, verb) values (now(), 'system:test', 'proposal/1', 'approve')`)
	newer := filepath.Join(t.TempDir(), "newer.txt")
	waitFor(t, "a newer checkpoint", func() bool {
		_, body := c.send("GET", "/api/ledger/checkpoint", nil, nil)
		return !bytes.Equal(body, note) && os.WriteFile(newer, body, 0o600) == nil
	})
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office, newer); code != 2 || !strings.Contains(errs, "--server") {
		t.Errorf("without proof: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office, "--proof", newer, newer); code != 1 || !strings.Contains(errs, "proof-unreadable") {
		t.Errorf("with another file for a proof: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office, "--server", s.url, newer); code != 0 {
		t.Errorf("with proof: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code := fangyu(t, data, "ledger", "cosign", "--key", office, "--server", s.url, kept); code != 1 || !strings.Contains(errs, "cosign-older") {
		t.Errorf("going back: exit code %d: %s%s", code, out, errs)
	}
	s.stop()
	for _, private := range []string{"keys", "keys/signer"} {
		if info, err := os.Stat(filepath.Join(data, private)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", private, info, err)
		}
	}
	out, errs, code = fangyu(t, data, "verify", "ledger", "--checkpoint", kept, "--json")
	var sound ledger.Report
	if err := json.Unmarshal([]byte(out), &sound); err != nil || code != 0 || sound.Entries == 0 || len(sound.Findings) > 0 {
		t.Fatalf("exit code %d, %v: %s%s", code, err, out, errs)
	}
	signed := []string{"verify", "ledger", "--checkpoint", office + ".checkpoints", "--office-key", office + ".pub"}
	if out, errs, code = fangyu(t, data, signed...); code != 0 || !strings.Contains(out, "账本完好") {
		t.Errorf("by what the office keeps: exit code %d: %s%s", code, out, errs)
	}
	asSuperuser(t, data, `update journal set actor = 'system:nobody' where seq = 1`)
	out, _, code = fangyu(t, data, "verify", "ledger")
	if code != 1 || !strings.Contains(out, "ledger-edited") || !strings.Contains(out, "第 0 条") {
		t.Errorf("edited: exit code %d: %s", code, out)
	}
	asSuperuser(t, data, `delete from journal; delete from ledger_entry; delete from checkpoint`)
	out, _, code = fangyu(t, data, "verify", "ledger", "--checkpoint", kept)
	if code != 1 || !strings.Contains(out, "ledger-truncated") {
		t.Errorf("emptied: exit code %d: %s", code, out)
	}
	if out, _, code = fangyu(t, data, signed...); code != 1 || !strings.Contains(out, office+".checkpoints") {
		t.Errorf("emptied, by what the office keeps: exit code %d: %s", code, out)
	}
	if out, errs, code = fangyu(t, data, "ledger", "restored"); code != 0 || !strings.Contains(out, "账本有 0 条") || !strings.Contains(out, "--yes") {
		t.Errorf("asked what is gone: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code = fangyu(t, data, "ledger", "restored", "--yes"); code != 0 || !strings.Contains(out, "已记入日志") {
		t.Errorf("confirmed: exit code %d: %s%s", code, out, errs)
	}
	if out, errs, code = fangyu(t, data, "verify", "ledger"); code != 0 {
		t.Errorf("after that: exit code %d: %s%s", code, out, errs)
	}
}

func TestVerifyAnswersWrongFilesInWords(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sc := range []struct {
		name, want string
		args       []string
	}{
		{"no file", "读不出检查点文件", []string{"--checkpoint", "/nowhere"}},
		{"an empty file", "没有检查点", []string{"--checkpoint", empty}},
		{"no key file", "读不出公钥文件", []string{"--checkpoint", empty, "--office-key", "/nowhere"}},
		{"no key", "不是公钥文件", []string{"--checkpoint", empty, "--office-key", empty}},
		{"a key for nothing", "须与 --checkpoint 同用", []string{"--office-key", empty}},
		{"no time", "须大于零", []string{"--unlinked-after", "0s"}},
	} {
		t.Run(sc.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(append([]string{"verify", "ledger"}, sc.args...), nil, &out, &errs)
			if code != 2 || !strings.Contains(errs.String(), sc.want) {
				t.Errorf("exit code %d: %s", code, errs.String())
			}
		})
	}
}

func TestDecisionsAreTold(t *testing.T) {
	for subject, verb := range map[string]string{"place/1": "rename", "proposal/1": "approve", "inspection/1": "sign"} {
		if !isDecision(subject, verb) {
			t.Errorf("%s %s is no decision", subject, verb)
		}
	}
	for subject, verb := range map[string]string{"proposal/1": "vote", "track/1": "receive", "line/1": "register", "rename": "rename"} {
		if isDecision(subject, verb) {
			t.Errorf("%s %s is a decision", subject, verb)
		}
	}
}

// queryAsSuperuser asks a data folder's database one text behind the program's back.
func queryAsSuperuser(t *testing.T, data, sql string) (text string) {
	t.Helper()
	behind(t, data, func(ctx context.Context, conn *pgx.Conn) error { return conn.QueryRow(ctx, sql).Scan(&text) })
	return text
}
