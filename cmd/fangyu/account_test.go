package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// with runs the program in this process with a line on its standard input.
func with(t *testing.T, in, data string, args ...string) (out string, code int) {
	t.Helper()
	var said, errs bytes.Buffer
	code = run(append([]string{"--data", data}, args...), strings.NewReader(in), &said, &errs)
	return said.String() + errs.String(), code
}

func TestAccountsAndTokensByCommand(t *testing.T) {
	data := dataDir(t)
	running(t, data) // else every command starts and stops the database
	for _, c := range []struct {
		name, in string
		args     []string
		code     int
		says     string
	}{
		{"add", "first password\n", []string{"user", "add", "clerk-1", "--name", "某局 经办", "--office", "某局", "--role", "clerk"}, 0, "clerk-1"},
		{"add again", "first password\n", []string{"user", "add", "clerk-1", "--name", "某局 经办", "--office", "某局", "--role", "clerk"}, 1, "login-taken"},
		{"the login as password", "clerk-22\n", []string{"user", "add", "clerk-22", "--name", "x", "--office", "某局", "--role", "clerk"}, 1, "weak-password"},
		{"list", "", []string{"user", "list"}, 0, "clerk-1"},
		{"list as JSON", "", []string{"user", "list", "--json"}, 0, `"mustChangePassword": true`},
		{"roles", "", []string{"user", "roles", "clerk-1", "--role", "clerk", "--role", "approver"}, 0, "approver, clerk"},
		{"no such role", "", []string{"user", "roles", "clerk-1", "--role", "king"}, 1, "bad-role"},
		{"identify", "", []string{"user", "identify", "clerk-1", "--issuer", "https://id.example", "--subject", "u-1"}, 0, "u-1"},
		{"token", "", []string{"token", "create", "clerk-1", "--scope", "upload"}, 0, "fangyu_"},
		{"a token for too long", "", []string{"token", "create", "clerk-1", "--life", "9601h"}, 1, "bad-life"},
		{"a token for everything", "", []string{"token", "create", "clerk-1", "--scope", "all"}, 1, "bad-scope"},
		{"tokens", "", []string{"token", "list"}, 0, "upload"},
		{"no such token", "", []string{"token", "revoke", "fangyu_xxxxxx"}, 1, "token-unknown"},
		{"disable", "", []string{"user", "disable", "clerk-1"}, 0, "disabled"},
		{"disable again", "", []string{"user", "disable", "clerk-1"}, 1, "action-not-open"},
		{"tokens are over", "", []string{"token", "list"}, 0, "revoked"},
		{"enable", "", []string{"user", "enable", "clerk-1"}, 0, "active"},
		{"no such account", "", []string{"user", "disable", "nobody"}, 1, "account-unknown"},
	} {
		if out, code := with(t, c.in, data, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, wanted %d with %q: %s", c.name, code, c.code, c.says, out)
		}
	}
	if out, code := with(t, "", data, "user", "reset-password", "clerk-1"); code != 0 || len(strings.TrimSpace(out)) != 20 {
		t.Errorf("the new password is %q, exit %d", out, code)
	}
	token, _ := with(t, "", data, "token", "create", "clerk-1")
	if out, code := with(t, "", data, "token", "revoke", token[:13]); code != 0 || !strings.Contains(out, token[:13]) {
		t.Errorf("revoke: exit %d %s", code, out)
	}
}

func TestWaysInThatAreNone(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--quota", "wishes=1"},
		{"--quota", "files=-1"},
		{"--log-dir", filepath.Join(t.TempDir(), "log"), "--log-keep", "90"},
		{"--trusted-proxy", "everybody"},
		{"--trusted-proxy", "0.0.0.0/0"},
		{"--oidc-client-id", "a"},
		{"--oidc-issuer", "https://id.example", "--oidc-client-id", "a", "--oidc-client-secret", "b"},
		{"--base-url", "https://x", "--oidc-issuer", "http://id.example", "--oidc-client-id", "a", "--oidc-client-secret-file", secret},
		{"--base-url", "https://x", "--oidc-issuer", "https://id.example", "--oidc-client-id", "a", "--oidc-client-secret", "b", "--oidc-client-secret-file", secret},
		{"--base-url", "https://x", "--oidc-issuer", "https://id.example", "--oidc-client-secret-file", secret},
	} {
		if out, code := with(t, "", t.TempDir(), append([]string{"serve"}, args...)...); code != 2 {
			t.Errorf("%v: exit %d %s", args, code, out)
		}
	}
}

func TestOfficesSucceedByCommand(t *testing.T) {
	data := dataDir(t)
	paper := []string{"--document", "批复", "--number", "演示〔2026〕1号"}
	for on, wanted := range map[string]struct {
		code int
		says string
	}{"soon": {2, "--on"}, "2026-11-01": {1, "nothing-succeeded"}} {
		if out, code := with(t, "", data, append([]string{"office", "succeed", "--on", on}, paper...)...); code != wanted.code || !strings.Contains(out, wanted.says) {
			t.Errorf("--on %s: exit %d %s", on, code, out)
		}
	}
}
