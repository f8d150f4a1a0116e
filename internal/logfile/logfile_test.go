package logfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fangyu/internal/logfile"
)

func TestADayHasItsFileAndStaysSixMonths(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 1, 15, 0, 0, 0, time.UTC) // 23:00 in China
	l, err := logfile.Open(dir, logfile.UsualKeep, func() time.Time { return now })
	must(t, err)
	write := func(text string) {
		_, err := l.Write([]byte(text + "\n"))
		must(t, err)
	}
	write("first")
	now = now.Add(2 * time.Hour)
	write("second")
	must(t, os.WriteFile(filepath.Join(dir, "notes.log"), nil, 0o600))
	for name, want := range map[string]string{"fangyu-2026-01-01.log": "first\n", "fangyu-2026-01-02.log": "second\n"} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	now = time.Date(2026, 1, 1, 15, 0, 0, 0, time.UTC).AddDate(0, 0, logfile.UsualKeep)
	write("later")
	if got := read(t, dir, "fangyu-2026-01-01.log"); got != "first\n" {
		t.Errorf("after %d days the first file holds %q", logfile.UsualKeep, got)
	}
	now = now.AddDate(0, 0, 1)
	write("later still")
	must(t, l.Close())
	if _, err := os.Stat(filepath.Join(dir, "fangyu-2026-01-01.log")); !os.IsNotExist(err) {
		t.Errorf("the first file is still there: %v", err)
	}
	read(t, dir, "fangyu-2026-01-02.log")
	read(t, dir, "notes.log")
	info, err := os.Stat(filepath.Join(dir, "fangyu-2026-01-02.log"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("everybody reads the log: %v", info.Mode())
	}
}

func TestAShortMemoryIsRefused(t *testing.T) {
	if _, err := logfile.Open(t.TempDir(), 182, time.Now); err == nil || !strings.Contains(err.Error(), "网络安全法") {
		t.Errorf("182 days: %v", err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
