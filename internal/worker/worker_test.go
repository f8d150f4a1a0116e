package worker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fangyu/internal/fault"
)

// TestMain makes this test program its own worker, which does what the words say.
func TestMain(m *testing.M) {
	if os.Getenv(limitEnv) == "" {
		os.Exit(m.Run())
	}
	err := Serve(os.Stdin, os.Stdout, func(words []byte, file *os.File) ([]byte, error) {
		switch string(words) {
		case "read":
			return io.ReadAll(file)
		case "environment":
			return []byte(os.Getenv("HOME")), nil
		case "eat":
			eaten := [][]byte{words}
			for len(eaten) > 0 {
				eaten = append(eaten, bytes.Repeat([]byte("x"), 1<<20))
			}
		case "panic":
			panic("a poison file")
		case "recurse":
			return make([]byte, recurse(0)), nil
		case "hang":
			select {}
		case "chatter":
			return make([]byte, 1<<20), nil
		case "write":
			return nil, os.WriteFile(filepath.Join(os.TempDir(), "worker-wrote"), []byte("x"), 0o600)
		}
		return nil, errors.New("unknown work")
	})
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// recurse goes down without end.
func recurse(depth int) int {
	if depth < 0 {
		return 0
	}
	return recurse(depth+1) + 1
}

// TestWhatKillsAWorkerKillsNothingElse (R16) has every kind of poison done, and something sound after each.
func TestWhatKillsAWorkerKillsNothingElse(t *testing.T) {
	p := &Pool{Limits: Limits{MemoryBytes: 192 << 20, Time: 30 * time.Second, AnswerBytes: 1000}}
	p.Start()
	defer p.Close()
	path := filepath.Join(t.TempDir(), "original")
	if err := os.WriteFile(path, []byte("bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(ctx context.Context, words string) ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return p.Do(ctx, []byte(words), f)
	}
	for _, poison := range []struct{ words, code string }{
		{"eat", "worker-memory"},
		{"panic", "worker-died"},
		{"recurse", "worker-memory"},
		{"hang", "worker-time"},
		{"chatter", "worker-answer"},
		{"write", "worker-died"},
		{"nothing known", "worker-died"},
	} {
		if poison.words == "hang" {
			p.Limits.Time = 300 * time.Millisecond
		}
		if answer, err := do(t.Context(), poison.words); !fault.Is(err, poison.code) {
			t.Errorf("%s: %q, %v", poison.words, answer, err)
		}
		p.Limits.Time = 30 * time.Second
		if answer, err := do(t.Context(), "read"); err != nil || string(answer) != "bytes" {
			t.Fatalf("after %s: %q, %v", poison.words, answer, err)
		}
	}
	if answer, err := do(t.Context(), "environment"); err != nil || len(answer) != 0 {
		t.Errorf("the worker has an environment: %q, %v", answer, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := do(ctx, "hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopped: %v", err)
	}
}

// TestStarvedIsKnownByItsWords holds the runtime's words at the end of its memory apart from a fault of the reading.
func TestStarvedIsKnownByItsWords(t *testing.T) {
	for said, want := range map[string]bool{
		"fatal error: runtime: cannot allocate memory\n":                                                                                               true,
		"runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n":                                                       true,
		"SIGSEGV: segmentation violation\nPC=0x4398dd m=6 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x2ad618e09680 m=6 mp=0x2ad619426808 [idle]:\n":         true,
		"panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n": false,
		"panic: a poison file\n": false,
	} {
		if got := starved.MatchString(said); got != want {
			t.Errorf("starved %v: %s", got, said)
		}
	}
}
