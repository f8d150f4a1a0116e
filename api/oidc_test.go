package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"fangyu/api"
	"fangyu/gazetteer/gazsql"
)

// provider is an OpenID provider: discovery, keys, an authorization endpoint that signs everybody in as one subject, and a
// token endpoint that gives out each code once, to whoever knows the secret and the verifier.
type provider struct {
	url     string
	signer  jose.Signer
	keys    jose.JSONWebKeySet
	mu      sync.Mutex
	codes   map[string]url.Values   // of the authorization request
	subject string                  // who signs in
	change  func(claims object)     // spoils the next tokens; nil: nothing
	encode  func(raw []byte) string // signs in another way; nil: rightly
	deaf    bool                    // does not ask again although asked to
}

const (
	clientID     = "fangyu"
	clientSecret = "between us"
	siteAddress  = "https://fangyu.example"
)

var disable = gazsql.AccountAction{Name: "disable", Reason: "调离"}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	p := &provider{codes: map[string]url.Values{}, subject: "u-1001"}
	p.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	must(t, err)
	p.keys.Keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, 200, object{
			"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256", "none", "HS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, p.keys) })
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != clientID || q.Get("redirect_uri") != siteAddress+"/api/session/oidc/callback" || q.Get("response_type") != "code" ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 || q.Get("scope") != "openid" {
		http.Error(w, "not what is wanted: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	p.mu.Lock()
	asked, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || id != clientID || secret != clientSecret || r.FormValue("redirect_uri") != asked.Get("redirect_uri") ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		writeJSON(w, 400, object{"error": "invalid_grant"})
		return
	}
	claims := object{
		"iss": p.url, "sub": p.subject, "aud": clientID, "nonce": asked.Get("nonce"), "iat": today.Unix(), "exp": today.Add(5 * time.Minute).Unix(),
		"email": "leader@example.cn", "email_verified": true, "auth_time": today.Add(-time.Hour).Unix(),
	}
	if asked.Get("prompt") == "login" && asked.Get("max_age") == "0" && !p.deaf {
		claims["auth_time"] = today.Unix()
	}
	if p.change != nil {
		p.change(claims)
	}
	raw, _ := json.Marshal(claims)
	answer := object{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300}
	if p.encode != nil {
		answer["id_token"] = p.encode(raw)
	} else if signed, err := p.signer.Sign(raw); err == nil {
		answer["id_token"], _ = signed.CompactSerialize()
	}
	writeJSON(w, 200, answer)
}

// leave follows a browser to the provider and returns the way back it is sent on.
func leave(t *testing.T, v visitor) (back string) {
	t.Helper()
	return leaveFor(t, v, "/api/session/oidc?to=/inspections")
}

func leaveFor(t *testing.T, v visitor, address string) (back string) {
	t.Helper()
	res, body := v.send(t, "GET", address, nil, nil)
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("leaving: %d %s", res.StatusCode, body)
	}
	res, err := v.client.Get(res.Header.Get("Location"))
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %d %s", res.StatusCode, readAll(t, res.Body))
	}
	return strings.TrimPrefix(res.Header.Get("Location"), siteAddress)
}

func TestSigningInAtAProvider(t *testing.T) {
	idp := newProvider(t)
	p := newPosts(t, func(c *api.Config) {
		c.BaseURL, c.OIDC = siteAddress, &api.OIDC{Issuer: idp.url, ClientID: clientID, ClientSecret: clientSecret}
	})
	if says := p.visitor(t).want(t, 200, "GET", "/api/config", nil, nil); says["oidc"] != true {
		t.Error("pages are not told of the second way in")
	}
	// arrive comes back from the provider and returns where the browser is sent and who is signed in then, "" for nobody.
	arrive := func(t *testing.T, v visitor, back string) (to, who string) {
		t.Helper()
		res, body := v.send(t, "GET", back, nil, nil)
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("coming back: %d %s", res.StatusCode, body)
		}
		to = res.Header.Get("Location")
		if res, body = v.send(t, "GET", "/api/session", nil, nil); res.StatusCode == 200 {
			var o object
			must(t, json.Unmarshal(body, &o))
			who = o.text("account")
		}
		return to, who
	}
	refused := func(t *testing.T, v visitor, back, code string) {
		t.Helper()
		if to, who := arrive(t, v, back); to != "/sign-in?problem="+code || who != "" {
			t.Errorf("sent to %s as %q, wanted the problem %s", to, who, code)
		}
	}
	v := p.visitor(t)
	refused(t, v, leave(t, v), "identity-unknown") // nobody recorded it, whatever the e-mail address is

	leader, err := p.gaz.AccountByLogin(context.Background(), importer, "yb-leader")
	must(t, err)
	leader, err = p.gaz.AddIdentity(context.Background(), importer, today, leader.ID, leader.Version, idp.url, "u-1001")
	must(t, err)

	back := leave(t, v)
	if to, who := arrive(t, v, back); to != "/inspections" || who != "yb-leader" {
		t.Fatalf("sent to %s as %q", to, who)
	}
	wantCode(t, v.code(t, 403, "POST", "/api/session/confirm", object{"password": "wrong one"}, nil), "password-wrong")
	refused(t, p.visitor(t), back, "oidc-state") // in another browser
	v.want(t, 204, "DELETE", "/api/session", nil, nil)
	refused(t, v, back, "oidc-state") // a second time in the same

	t.Run("a state of another", func(t *testing.T) {
		v := p.visitor(t)
		at, err := url.Parse(leave(t, v))
		must(t, err)
		q := at.Query()
		q.Set("state", rand.Text()+rand.Text())
		refused(t, v, at.Path+"?"+q.Encode(), "oidc-state")
	})
	t.Run("a code used before", func(t *testing.T) {
		thief, v := p.visitor(t), p.visitor(t)
		used, err := url.Parse(leave(t, v))
		must(t, err)
		arrive(t, v, used.String())
		mine, err := url.Parse(leave(t, thief))
		must(t, err)
		q := mine.Query()
		q.Set("code", used.Query().Get("code"))
		refused(t, thief, mine.Path+"?"+q.Encode(), "oidc-failed")
	})
	t.Run("a fresh code of another browser", func(t *testing.T) { // PKCE: the verifier is the other one's
		thief, v := p.visitor(t), p.visitor(t)
		theirs, err := url.Parse(leave(t, v))
		must(t, err)
		mine, err := url.Parse(leave(t, thief))
		must(t, err)
		q := mine.Query()
		q.Set("code", theirs.Query().Get("code"))
		refused(t, thief, mine.Path+"?"+q.Encode(), "oidc-failed")
	})
	t.Run("the provider refuses", func(t *testing.T) {
		v := p.visitor(t)
		at, err := url.Parse(leave(t, v))
		must(t, err)
		refused(t, v, at.Path+"?error=access_denied&state="+at.Query().Get("state"), "oidc-refused")
	})
	t.Run("an answer of another issuer", func(t *testing.T) {
		v := p.visitor(t)
		refused(t, v, leave(t, v)+"&iss=https://other.example", "oidc-failed")
	})

	set := func(name string, value any) func(object) { return func(claims object) { claims[name] = value } }
	for name, change := range map[string]func(object){
		"another nonce":        set("nonce", rand.Text()),
		"no nonce":             func(claims object) { delete(claims, "nonce") },
		"another audience":     set("aud", "somebody-else"),
		"for two, not by us":   func(claims object) { claims["aud"], claims["azp"] = []string{clientID, "other"}, "other" },
		"another issuer":       set("iss", "https://other.example"),
		"expired":              set("exp", today.Add(-61*time.Second).Unix()),
		"issued in the future": set("iat", today.Add(62*time.Second).Unix()),
		"not valid yet":        set("nbf", today.Add(62*time.Second).Unix()),
		"no subject":           set("sub", ""),
	} {
		t.Run(name, func(t *testing.T) {
			idp.change = change
			defer func() { idp.change = nil }()
			v := p.visitor(t)
			refused(t, v, leave(t, v), "oidc-failed")
		})
	}
	for name, change := range map[string]func(object){
		"expired within the skew": set("exp", today.Add(-50*time.Second).Unix()),
		"a clock that is ahead":   set("iat", today.Add(50*time.Second).Unix()),
	} {
		t.Run(name, func(t *testing.T) {
			idp.change = change
			defer func() { idp.change = nil }()
			v := p.visitor(t)
			if to, who := arrive(t, v, leave(t, v)); who != "yb-leader" {
				t.Errorf("sent to %s as %q", to, who)
			}
		})
	}
	t.Run("another subject", func(t *testing.T) {
		idp.subject = "u-1002"
		defer func() { idp.subject = "u-1001" }()
		v := p.visitor(t)
		refused(t, v, leave(t, v), "identity-unknown")
	})
	b64 := base64.RawURLEncoding.EncodeToString
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	sign := func(alg jose.SignatureAlgorithm, key any) func([]byte) string {
		return func(raw []byte) string {
			s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
			must(t, err)
			signed, err := s.Sign(raw)
			must(t, err)
			text, err := signed.CompactSerialize()
			must(t, err)
			return text
		}
	}
	for name, encode := range map[string]func([]byte) string{
		"alg none":            func(raw []byte) string { return b64([]byte(`{"alg":"none"}`)) + "." + b64(raw) + "." },
		"alg HS256":           sign(jose.HS256, []byte(strings.Repeat(clientSecret, 4))),
		"another key":         sign(jose.RS256, other),
		"no token but a text": func([]byte) string { return "hello" },
	} {
		t.Run(name, func(t *testing.T) {
			idp.encode = encode
			defer func() { idp.encode = nil }()
			v := p.visitor(t)
			refused(t, v, leave(t, v), "oidc-failed")
		})
	}
	t.Run("a disabled account", func(t *testing.T) {
		_, _, err := p.gaz.ActOnAccount(context.Background(), importer, today, leader.ID, leader.Version, disable)
		must(t, err)
		v := p.visitor(t)
		refused(t, v, leave(t, v), "identity-unknown")
	})
}

// TestWhoHasNoPasswordIsConfirmedAtTheProvider has somebody sign in at the provider whose account still has its first
// password, which the administrator knows.
func TestWhoHasNoPasswordIsConfirmedAtTheProvider(t *testing.T) {
	idp := newProvider(t)
	p := newPosts(t, func(c *api.Config) {
		c.BaseURL, c.OIDC = siteAddress, &api.OIDC{Issuer: idp.url, ClientID: clientID, ClientSecret: clientSecret}
	})
	ctx := context.Background()
	recorded := func(login, subject string) {
		a, err := p.gaz.AccountByLogin(ctx, importer, login)
		must(t, err)
		_, err = p.gaz.AddIdentity(ctx, importer, today, a.ID, a.Version, idp.url, subject)
		must(t, err)
	}
	recorded("yb-leader", "u-1001")
	recorded("jb-leader", "u-1002")
	_, err := p.db.Super.Exec(ctx, `update account set must_change_password = true where login = 'yb-leader'`)
	must(t, err)
	const again = "/api/session/oidc?confirm=true&to=/inspections/7"
	stranger := p.visitor(t)
	wantCode(t, stranger.code(t, 401, "GET", again, nil, nil), "signed-out")
	v := p.visitor(t)
	v.send(t, "GET", leave(t, v), nil, nil)
	confirmed := func() any {
		t.Helper()
		says := v.want(t, 200, "GET", "/api/session", nil, nil)
		if says.text("way") != "oidc" || says["mustChangePassword"] != false {
			t.Errorf("the session says %v", says)
		}
		return says["confirmedUntil"]
	}
	comes := func(back, want string) {
		t.Helper()
		res, body := v.send(t, "GET", back, nil, nil)
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != want {
			t.Errorf("coming back: %d to %s, wanted %s: %s", res.StatusCode, to, want, body)
		}
	}
	if confirmed() != nil {
		t.Error("signing in at the provider confirmed")
	}
	wantCode(t, v.code(t, 403, "POST", "/api/session/confirm", object{"password": demoPassword}, nil), "confirm-at-provider")
	v.want(t, 400, "GET", "/api/session/oidc?confirm=perhaps", nil, nil)

	refusals := map[string]struct {
		spoil func()
		code  string
	}{
		"the provider does not ask again": {func() { idp.deaf = true }, "oidc-failed"},
		"it does not say when":            {func() { idp.change = func(claims object) { delete(claims, "auth_time") } }, "oidc-failed"},
		"it says tomorrow":                {func() { idp.change = func(claims object) { claims["auth_time"] = today.Add(24 * time.Hour).Unix() } }, "oidc-failed"},
		"a colleague signs in there":      {func() { idp.subject = "u-1002" }, "confirm-other"},
		"somebody nobody knows does":      {func() { idp.subject = "u-9999" }, "confirm-other"},
	}
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			defer func() { idp.deaf, idp.change, idp.subject = false, nil, "u-1001" }()
			c.spoil()
			comes(leaveFor(t, v, again), "/sign-in?problem="+c.code)
			if confirmed() != nil {
				t.Error("confirmed")
			}
		})
	}
	t.Run("an errand to sign in does not confirm", func(t *testing.T) {
		comes(leave(t, v), "/inspections")
		if confirmed() != nil {
			t.Error("confirmed")
		}
	})
	t.Run("an errand of another session", func(t *testing.T) {
		back := leaveFor(t, v, again)
		v.want(t, 204, "DELETE", "/api/session", nil, nil)
		v.send(t, "GET", leave(t, v), nil, nil)
		comes(back, "/sign-in?problem=oidc-state")
	})
	back := leaveFor(t, v, again)
	comes(back, "/inspections/7")
	if confirmed() == nil {
		t.Error("not confirmed")
	}
	comes(back, "/sign-in?problem=oidc-state") // once
	p.at(today.Add(5*time.Minute + time.Second))
	if confirmed() != nil {
		t.Error("confirmed for longer than five minutes")
	}
}

func TestNoSecondWayIn(t *testing.T) {
	p := newPosts(t)
	v := p.visitor(t)
	if says := v.want(t, 200, "GET", "/api/config", nil, nil); says["oidc"] != false {
		t.Error("pages are told of a way in that is none")
	}
	for _, path := range []string{"/api/session/oidc", "/api/session/oidc/callback?code=x&state=y"} {
		wantCode(t, v.code(t, 404, "GET", path, nil, nil), "oidc-off")
	}
	good := api.OIDC{Issuer: "https://id.example", ClientID: "a", ClientSecret: "b"}
	for name, spoil := range map[string]func(*api.Config){
		"plain http":   func(c *api.Config) { c.OIDC.Issuer = "http://id.example" },
		"no secret":    func(c *api.Config) { c.OIDC.ClientSecret = "" },
		"no base":      func(c *api.Config) { c.BaseURL = "" },
		"no address":   func(c *api.Config) { c.OIDC.Issuer = "id.example" },
		"a wild proxy": func(c *api.Config) { c.TrustedProxies = []string{"0.0.0.0/0"} },
	} {
		one := good
		cfg := api.Config{Pool: p.db.Pool, Gaz: p.gaz, Bound: p.bound, BaseURL: siteAddress, OIDC: &one}
		spoil(&cfg)
		if _, err := api.New(cfg); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestComingBackStaysHere(t *testing.T) {
	for to, want := range map[string]string{
		"/inspections": "/inspections", "/names?q=x": "/names?q=x", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/",
	} {
		if got := api.OwnPath(to); got != want {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}
