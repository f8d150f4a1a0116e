package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fangyu/internal/fault"
)

// install makes a folder that looks like an installed PostgreSQL of the version, with PostGIS or without.
func install(t *testing.T, version string, postgis bool) string {
	t.Helper()
	root := t.TempDir()
	bin, extensions := filepath.Join(root, "bin"), filepath.Join(root, "share", "extension")
	for _, dir := range []string{bin, extensions} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{
		"initdb": "", "pg_ctl": "",
		"postgres":  fmt.Sprintf("echo 'postgres (PostgreSQL) %s'", version),
		"pg_config": "echo " + filepath.Join(root, "share"),
	}
	for name, line := range files {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+line+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if postgis {
		if err := os.WriteFile(filepath.Join(extensions, "postgis.control"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestTheNewestThatServesIsTaken(t *testing.T) {
	t.Parallel()
	old, fifteen, seventeen := install(t, "14.9", true), install(t, "15.3 (Debian)", true), install(t, "17beta1", true)
	bare := install(t, "18.0", false)
	for _, test := range []struct {
		name      string
		installed []string
		made      int
		want      string // a folder, or a code
	}{
		{"nothing installed", nil, 0, "postgresql-missing"},
		{"too old", []string{old}, 0, "postgresql-missing"},
		{"no PostGIS", []string{bare}, 0, "postgis-missing"},
		{"the newest", []string{old, fifteen, seventeen}, 0, seventeen},
		{"the one that made the data", []string{fifteen, seventeen}, 15, fifteen},
		{"the one that made the data is gone", []string{seventeen}, 15, "postgresql-missing"},
	} {
		got, err := pickBinaries(test.installed, test.made)
		if got != test.want && !fault.Is(err, test.want) {
			t.Errorf("%s: got %q, %v", test.name, got, err)
		}
	}
}
