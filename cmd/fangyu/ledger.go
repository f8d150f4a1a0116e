package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"fangyu/internal/ledger"
	"fangyu/internal/postgis/cluster"
)

// keysDir is the folder of the ledger's key: beside what it guards, and shared by the nodes that share a vault.
func (c Config) keysDir(private *cluster.Cluster) string {
	switch {
	case c.Keys != "":
		return c.Keys
	case private != nil:
		return filepath.Join(private.Dir(), "keys")
	default:
		return filepath.Join(c.Vault, "keys")
	}
}

// decisive are the verbs by which an authority decides, by the noun they are said of, those to come included: a verb
// nobody says costs nothing, one forgotten leaves a decision unsigned for an hour.
var decisive = map[string][]string{
	"proposal":    {"approve", "reject", "withdraw", "file", "announce"},
	"place":       {"name", "rename", "retire", "grade"},
	"marker":      {"grade"},
	"inspection":  {"sign", "complete", "file", "archive"},
	"agreement":   {"sign", "approve", "file"},
	"line":        {"approve", "publish", "adopt"},
	"demarcation": {"sign", "approve", "publish"},
	"incident":    {"decide", "close"},
}

// isDecision reports whether an entry of the journal is a decision, which the ledger signs at once.
func isDecision(subject, verb string) bool {
	noun, _, _ := strings.Cut(subject, "/")
	return slices.Contains(decisive[noun], verb)
}

// startLedger links the journal beside the server until stop. A ledger that is not what was signed is left as it is, and
// said; the server serves on.
func startLedger(ctx context.Context, s *system, keys *ledger.Keys) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		err := (&ledger.Sequencer{Pool: s.pool, Keys: keys, Decision: isDecision}).Run(ctx)
		if err != nil {
			slog.Error("the ledger has stopped", "error", err)
		}
		ended <- err
	}()
	return func() error {
		cancel()
		return <-ended
	}
}
