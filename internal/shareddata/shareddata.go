package shareddata

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the absolute path of ../shared/data/<path>, seen from the folder that holds go.mod. Where it is absent the
// test is skipped, or fails when the environment variable CI is set.
func Path(t testing.TB, path string) string {
	t.Helper()
	root, err := repository()
	if err != nil {
		t.Fatalf("shared data: %v", err)
	}
	full := filepath.Join(filepath.Dir(root), "shared", "data", filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("shared data %s must be present in CI: %v", path, err)
		}
		t.Skipf("no shared data here: put %s beside the repository under shared/data to run this test", path)
	}
	return full
}

// repository walks up from the working directory, which go test sets to the package, to the folder that holds go.mod.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", os.ErrNotExist
		}
		dir = up
	}
}
