package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPasswordsAreNotPrinted: S29, of the command line's side.
func TestPasswordsAreNotPrinted(t *testing.T) {
	const secret = "canary-in-the-database-address"
	for _, address := range []string{
		"postgres://fangyu_app:" + secret + "@db.example/fangyu",
		"postgres://fangyu_app@db.example/fangyu?password=" + secret,
		"host=db.example user=fangyu_app password=" + secret,
		"postgres://fangyu_app:" + secret + "@db.example:port/fangyu", // cannot be read
	} {
		printed := fmt.Sprint(Config{Database: address, Owner: address}.redacted()...)
		if strings.Contains(printed, secret) {
			t.Errorf("printed: %s", printed)
		}
		if out, _ := with(t, "", t.TempDir(), "--database", address, "--vault", t.TempDir(), "user", "list"); strings.Contains(out, secret) {
			t.Errorf("a failure prints %s", out)
		}
	}
	for _, args := range [][]string{
		{"serve", "--oidc-issuer", "nonsense", "--oidc-client-id", "a", "--oidc-client-secret", secret},
		{"serve", "--oidc-client-secret", secret},
	} {
		if out, _ := with(t, "", t.TempDir(), args...); strings.Contains(out, secret) {
			t.Errorf("%v prints %s", args[:2], out)
		}
	}
}
