package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fangyu/internal/pgtest"
)

// program is the built binary, made once for the tests of this package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fangyu-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "fangyu")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// firstDay is a data folder with the private cluster and its schema in which nothing was done yet, made once beside the program.
var firstDay = sync.OnceValues(func() (string, error) {
	path, err := program()
	if err != nil {
		return "", err
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil { // the server's account passes through
		return "", err
	}
	dir := filepath.Join(filepath.Dir(path), "first-day")
	cmd := exec.Command(path, "migrate")
	cmd.Env = append(os.Environ(), "FANGYU_DATA="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("migrate: %w: %s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// fangyu runs the program to its end in a data folder and returns what it printed and its exit code.
func fangyu(t testing.TB, data string, args ...string) (out, errs string, code int) {
	t.Helper()
	cmd := command(t, data, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

func command(t testing.TB, data string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "FANGYU_DATA="+data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// server is a running fangyu serve.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string
	log  *bytes.Buffer
	mu   sync.Mutex
	done chan error
}

// serve starts the program and waits until /readyz answers 200.
func serve(t testing.TB, data string, args ...string) *server {
	t.Helper()
	s := &server{t: t, log: &bytes.Buffer{}, done: make(chan error, 1)}
	s.cmd = command(t, data, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = lockedWriter{&s.mu, s.log}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if url, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
				address <- url
			}
		}
		s.done <- s.cmd.Wait()
	}()
	t.Cleanup(s.stop)
	select {
	case s.url = <-address:
	case err := <-s.done:
		s.done <- err
		t.Fatalf("serve ended: %v\n%s", err, s.said())
	case <-time.After(4 * time.Minute):
		t.Fatalf("serve did not listen:\n%s", s.said())
	}
	waitWithin(t, 5*time.Minute, "ready", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return s
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// stop ends the server as Ctrl-C does, and by force when that takes too long.
func (s *server) stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
		s.t.Errorf("serve did not stop by itself:\n%s", s.said())
	}
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	waitWithin(t, time.Minute, what, ok)
}

func waitWithin(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for: %s", limit, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// client is somebody signed in.
type client struct {
	t    testing.TB
	url  string
	http *http.Client
}

func (s *server) signIn(t testing.TB, account, password string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, url: s.url, http: &http.Client{Jar: jar, Timeout: time.Minute}}
	if status, body := c.send("POST", "/api/session", nil, map[string]string{"account": account, "password": password}); status != 200 {
		t.Fatalf("sign in as %s: %d %s", account, status, body)
	}
	return c
}

// confirm gives the password again, as signing and approving need.
func (c *client) confirm(password string) {
	c.t.Helper()
	if status, body := c.send("POST", "/api/session/confirm", nil, map[string]string{"password": password}); status != 200 {
		c.t.Fatalf("confirm: %d %s", status, body)
	}
}

// send sends JSON and returns the status and the body.
func (c *client) send(method, path string, header map[string]string, body any) (int, []byte) {
	c.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.url+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	return c.do(req)
}

func (c *client) do(req *http.Request) (int, []byte) {
	c.t.Helper()
	answer, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, b
}

// get reads JSON into v and fails on anything but 200.
func (c *client) get(path string, v any) {
	c.t.Helper()
	status, body := c.send("GET", path, nil, nil)
	if status != 200 {
		c.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	if err := json.Unmarshal(body, v); err != nil {
		c.t.Fatalf("GET %s: %v", path, err)
	}
}

// dataDir is a data folder on its first day, which spares making the database. TestTheMainJob makes its own.
func dataDir(t testing.TB) string {
	t.Helper()
	made, err := firstDay()
	if err != nil {
		t.Fatal(err)
	}
	dir := pgtest.OpenDir(t)
	if out, err := exec.Command("cp", "-a", filepath.Join(made, "pg"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the cluster: %v %s", err, out)
	}
	return dir
}
