package house

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// goList runs go list at the root of the module.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Fields(string(out))
}

// room is the first part of a package's path within the module, with the store and the internal packages told apart.
func room(pkg string) string {
	pkg = strings.TrimPrefix(pkg, "fangyu/")
	switch {
	case pkg == "gazetteer/gazsql", pkg == "boundary/boundsql":
		return pkg
	case strings.HasPrefix(pkg, "internal/"):
		return pkg
	}
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// may lists which rooms a room may lean on, besides itself; internal packages are open to all but cmd's own business.
var may = map[string][]string{
	"cmd":               {"api", "gazetteer", "gazetteer/gazsql", "boundary", "boundary/boundsql", "geo"},
	"api":               {"gazetteer", "gazetteer/gazsql", "boundary", "boundary/boundsql", "geo"},
	"boundary/boundsql": {"boundary", "gazetteer", "gazetteer/gazsql", "geo"},
	"gazetteer/gazsql":  {"gazetteer", "geo"},
	"boundary":          {"gazetteer", "geo"},
	"gazetteer":         {"geo"},
	"geo":               {},
	"migrations":        {},
}

func TestImportsPointOneWay(t *testing.T) {
	for _, pkg := range goList(t, "./...") {
		from := room(pkg)
		for _, dep := range goList(t, "-deps", pkg) {
			to := room(dep)
			if !strings.HasPrefix(dep, "fangyu/") || to == from {
				continue
			}
			if strings.HasPrefix(from, "internal/") {
				if !strings.HasPrefix(to, "internal/") && to != "migrations" {
					t.Errorf("%s leans on %s: internal is plumbing and knows no domain", pkg, dep)
				}
				continue
			}
			if strings.HasPrefix(to, "internal/") || to == "migrations" && from != "geo" && from != "gazetteer" && from != "boundary" {
				continue
			}
			if !contains(may[from], to) {
				t.Errorf("%s leans on %s", pkg, dep)
			}
		}
	}
}

// TestPureRoomsStayPure: no clock, randomness, database or HTTP where things are decided.
func TestPureRoomsStayPure(t *testing.T) {
	forbidden := regexp.MustCompile(`^(net/http|database/sql$|github\.com/jackc/|github\.com/gin-gonic/|github\.com/riverqueue/)`)
	for _, pkg := range goList(t, "./geo/...", "./gazetteer", "./boundary") {
		for _, dep := range goList(t, "-deps", pkg) {
			if forbidden.MatchString(dep) {
				t.Errorf("%s leans on %s", pkg, dep)
			}
		}
	}
	clock := regexp.MustCompile(`\btime\.(Now|Since|Until)\(|"(crypto|math)/rand"`)
	eachGoFile(t, func(path, text string) {
		for _, pure := range []string{"geo/", "gazetteer/", "boundary/"} {
			if strings.HasPrefix(path, pure) && !strings.Contains(path, "sql/") && !strings.HasSuffix(path, "_test.go") && clock.MatchString(text) {
				t.Errorf("%s reads the clock or rolls dice: pass the time or the seed in", path)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, dir := range goList(t, "-f", "{{.Dir}}", "./...") {
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); err == nil {
			continue
		}
		if !saysWhatItIs(t, dir) {
			t.Errorf("%s has no doc.go", dir)
		}
	}
}

// saysWhatItIs reports whether a small package or a command says what it is at the top of its one file.
func saysWhatItIs(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), "// Package ") || strings.HasPrefix(string(text), "// Command ") {
			return true
		}
	}
	return false
}

const mostLines = 600

func TestFilesStaySmallAndFinished(t *testing.T) {
	unfinished := regexp.MustCompile(`\b(` + "TO" + `DO|FIX` + `ME|XX` + `X)\b`)
	eachGoFile(t, func(path, text string) {
		if strings.HasSuffix(path, ".gen.go") {
			return
		}
		if lines := strings.Count(text, "\n"); lines > mostLines && !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s has %d lines, more than %d", path, lines, mostLines)
		}
		if at := unfinished.FindString(text); at != "" {
			t.Errorf("%s says %s", path, at)
		}
	})
}

// TestShellScriptsAreExecutable: the two commands of the README start with them.
func TestShellScriptsAreExecutable(t *testing.T) {
	for _, path := range []string{".ci/run", "internal/setup/packages.sh"} {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s is not executable", path)
		}
	}
}

func eachGoFile(t *testing.T, do func(path, text string)) {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.go")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		text, err := os.ReadFile(filepath.Join(root, lines.Text()))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		do(lines.Text(), string(text))
	}
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}
