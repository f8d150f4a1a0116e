package api_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// said is what the servers of this test run wrote to their logs.
var said log

// log is a text that many write to.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps what is written.
func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// secrets are those of this test run: passwords, the client secret of the provider, tokens of sessions.
var (
	secrets     = []string{demoPassword, clientSecret}
	secretsLock sync.Mutex
)

// plant adds a secret to those that must be found nowhere.
func plant(secret string) {
	secretsLock.Lock()
	defer secretsLock.Unlock()
	if len(secret) >= 16 {
		secrets = append(secrets, secret)
	}
}

// anyToken is what every device token looks like, whoever made it.
var anyToken = regexp.MustCompile(`fangyu_[A-Za-z0-9_-]{43}`)

// secretIn is the first secret found in the text, "" when there is none.
func secretIn(text string) string {
	secretsLock.Lock()
	defer secretsLock.Unlock()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			return secret
		}
	}
	return anyToken.FindString(text)
}

// TestMain looks at the end through everything that was logged, whichever tests ran.
func TestMain(m *testing.M) {
	code := m.Run()
	if secret := secretIn(said.String()); secret != "" {
		fmt.Fprintf(os.Stderr, "the log of the test run holds the secret %q\n", secret)
		code = 1
	}
	os.Exit(code)
}

// TestSecretsAreFoundNowhere uses every kind of secret and looks through all tables, answers, metrics and the log.
func TestSecretsAreFoundNowhere(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	v.confirm(t)
	bearer := v.want(t, 201, "POST", "/api/account/tokens", object{"name": "外业手机", "days": 1}, nil).text("token")
	const next = "another long password"
	plant(next)
	v.want(t, 200, "PUT", "/api/session/password", object{"current": demoPassword, "new": next}, nil)
	plant(v.cookie(t))
	var answers bytes.Buffer
	for path, body := range map[string]any{
		"/api/session":             object{"account": "yb-leader", "password": next + "x"},
		"/api/session/confirm":     object{"password": demoPassword},
		"/api/account/tokens":      `{"name":"` + next,
		"/api/proposals?q=" + "x":  "{}",
		"/api/inspections/nothing": "{}",
	} {
		_, answer := v.send(t, "POST", path, body, nil)
		answers.Write(answer)
	}
	for _, path := range []string{"/api/session", "/api/account/tokens", "/api/account/sessions", "/metrics", "/api/changes", "/api/config"} {
		_, answer := v.send(t, "GET", path, nil, nil)
		answers.Write(bytes.ReplaceAll(answer, []byte(`"password":"`+demoPassword+`"`), nil)) // shown with the demo accounts
		_, answer = p.visitor(t).send(t, "GET", path, nil, map[string]string{"Authorization": "Bearer " + bearer})
		answers.Write(bytes.ReplaceAll(answer, []byte(`"password":"`+demoPassword+`"`), nil))
	}
	for where, text := range map[string]string{"answers": answers.String(), "the dump": p.dump(t), "the log": said.String()} {
		if secret := secretIn(text); secret != "" {
			t.Errorf("%s hold %q", where, secret)
		}
	}
}

// dump is every row of every table as text.
func (s *site) dump(t *testing.T) string {
	t.Helper()
	ctx, all := context.Background(), strings.Builder{}
	rows, err := s.db.Super.Query(ctx, `select quote_ident(tablename) from pg_tables where schemaname = 'public'`)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	for _, name := range tables {
		var text *string
		must(t, s.db.Super.QueryRow(ctx, `select string_agg(r::text, E'\n') from `+name+` r`).Scan(&text))
		if text != nil {
			all.WriteString(*text)
		}
	}
	if len(tables) < 20 {
		t.Errorf("only %d tables were dumped", len(tables))
	}
	return all.String()
}
