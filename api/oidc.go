package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// OIDC is the OpenID provider people may sign in at as well.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
}

const (
	oidcPath     = "/api/session/oidc"
	oidcCallback = oidcPath + "/callback" // the provider must know it exactly, after BaseURL
	oidcCookie   = "fangyu_oidc"
	oidcLife     = 10 * time.Minute // from leaving for the provider to coming back
	oidcSkew     = time.Minute      // how far the provider's clock may be from ours
	oidcTimeout  = 10 * time.Second
)

// door is the way in through the provider. What the provider says of itself is asked for when somebody first wants in, so
// that a provider that is down does not keep the server from starting.
type door struct {
	OIDC
	redirect string
	client   *http.Client
	mu       sync.Mutex
	provider *oidc.Provider
}

// Check refuses what cannot work or is not safe, before the provider is asked.
func (o OIDC) Check(baseURL string) error {
	at, err := url.Parse(o.Issuer)
	loopback := err == nil && (at.Hostname() == "127.0.0.1" || at.Hostname() == "localhost")
	switch {
	case err != nil || at.Scheme != "https" && !(at.Scheme == "http" && loopback) || at.Host == "":
		return fmt.Errorf("统一身份提供方须是 https:// 地址，不能是“%s”", o.Issuer)
	case o.ClientID == "" || o.ClientSecret == "":
		return fmt.Errorf("统一身份登录缺少客户端标识或密钥")
	case baseURL == "":
		return fmt.Errorf("统一身份登录须有外部地址（--base-url），因为回调地址必须固定")
	}
	return nil
}

// newDoor is nil without a provider.
func newDoor(cfg Config) (*door, error) {
	if cfg.OIDC == nil {
		return nil, nil
	}
	if err := cfg.OIDC.Check(cfg.BaseURL); err != nil {
		return nil, err
	}
	return &door{OIDC: *cfg.OIDC, redirect: strings.TrimSuffix(cfg.BaseURL, "/") + oidcCallback, client: &http.Client{Timeout: oidcTimeout}}, nil
}

// open asks the provider about itself, once.
func (d *door) open() (*oidc.Provider, *oauth2.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider == nil {
		// The provider keeps this context for its keys, so it must not end with the request.
		found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), d.client), d.Issuer)
		if err != nil {
			return nil, nil, err
		}
		d.provider = found
	}
	return d.provider, &oauth2.Config{
		ClientID: d.ClientID, ClientSecret: d.ClientSecret, Endpoint: d.provider.Endpoint(), RedirectURL: d.redirect, Scopes: []string{oidc.ScopeOpenID},
	}, nil
}

// errand is what a browser carries to the provider and back in a cookie of its own: to sign in, or to be confirmed.
type errand struct {
	state, nonce, verifier, to string
	confirm                    bool
}

func (e errand) String() string {
	purpose := "in"
	if e.confirm {
		purpose = "confirm"
	}
	return strings.Join([]string{e.state, e.nonce, e.verifier, base64.RawURLEncoding.EncodeToString([]byte(e.to)), purpose}, ".")
}

func readErrand(text string) (errand, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 5 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return errand{}, false
	}
	to, err := base64.RawURLEncoding.DecodeString(parts[3])
	return errand{parts[0], parts[1], parts[2], ownPath(string(to)), parts[4] == "confirm"}, err == nil
}

// ownPath is a path of our own to go to after signing in: / when it is not one.
func ownPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

func randomText() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// beginOIDC sends the browser to the provider: to sign in, or with confirm=true to have whoever is signed in sign in there
// once more, whether or not the provider still knows him. What the session then waits for is kept on this side.
func (s *Server) beginOIDC(c *gin.Context) error {
	if s.door == nil {
		return fault.New(fault.NotFound, "oidc-off", "没有设置统一身份登录")
	}
	_, config, err := s.door.open()
	if err != nil {
		return s.refuseOIDC(c, "oidc-failed", err)
	}
	e := errand{randomText(), randomText(), oauth2.GenerateVerifier(), ownPath(c.Query("to")), false}
	options := []oauth2.AuthCodeOption{oidc.Nonce(e.nonce), oauth2.S256ChallengeOption(e.verifier)}
	switch c.Query("confirm") {
	case "", "false":
	case "true":
		if s.sessions.GetString(c.Request.Context(), sessionAccount) == "" {
			return fault.New(fault.Anonymous, "signed-out", "请先登录")
		}
		e.confirm = true
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
		s.sessions.Put(c.Request.Context(), sessionLeft, e.nonce+" "+strconv.FormatInt(s.Now().Unix(), 10))
	default:
		return badParameter("confirm", c.Query("confirm"), "true 或 false")
	}
	s.setErrand(c, e.String(), int(oidcLife.Seconds()))
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, config.AuthCodeURL(e.state, options...))
	return nil
}

func (s *Server) setErrand(c *gin.Context, value string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: oidcCookie, Value: value, Path: oidcPath, MaxAge: seconds, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// endOIDC receives the browser from the provider, and signs in whom an administrator recorded for the subject.
func (s *Server) endOIDC(c *gin.Context) error {
	if s.door == nil {
		return fault.New(fault.NotFound, "oidc-off", "没有设置统一身份登录")
	}
	cookie, err := c.Request.Cookie(oidcCookie)
	s.setErrand(c, "", -1) // one return, whatever comes of it
	if err != nil {
		return s.refuseOIDC(c, "oidc-state", err)
	}
	e, ok := readErrand(cookie.Value)
	switch {
	case !ok || !same(c.Query("state"), e.state):
		return s.refuseOIDC(c, "oidc-state", fmt.Errorf("the state is not the one sent"))
	case c.Query("error") != "":
		return s.refuseOIDC(c, "oidc-refused", fmt.Errorf("the provider says %q", c.Query("error")))
	case c.Query("iss") != "" && c.Query("iss") != s.door.Issuer: // RFC 9207
		return s.refuseOIDC(c, "oidc-failed", fmt.Errorf("an answer of another issuer, %q", c.Query("iss")))
	}
	ctx := c.Request.Context()
	subject, signedInAt, err := s.subject(ctx, c.Query("code"), e)
	if err != nil {
		return s.refuseOIDC(c, "oidc-failed", err)
	}
	a, err := s.Gaz.ActorByIdentity(ctx, s.door.Issuer, subject)
	if e.confirm {
		return s.confirmOIDC(c, e, a, signedInAt, err)
	}
	if fault.KindOf(err) == fault.Anonymous {
		return s.refuseOIDC(c, "identity-unknown", err)
	}
	if err != nil {
		return err
	}
	if err := s.begin(c, a, wayOIDC); err != nil {
		return err
	}
	if err := s.Gaz.RecordSignIn(ctx, a, s.Now(), wayOIDC, c.ClientIP()); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, e.to)
	return nil
}

// confirmOIDC marks the session as its owner's when the provider signed the same person in after he left for it from this
// session. known is why the account of the subject was not found, nil when it was.
func (s *Server) confirmOIDC(c *gin.Context, e errand, a gazetteer.Actor, signedInAt time.Time, known error) error {
	ctx := c.Request.Context()
	nonce, since, _ := strings.Cut(s.sessions.PopString(ctx, sessionLeft), " ")
	left, err := strconv.ParseInt(since, 10, 64)
	switch {
	case err != nil || !same(nonce, e.nonce):
		return s.refuseOIDC(c, "oidc-state", fmt.Errorf("this session did not leave to be confirmed"))
	case known != nil && fault.KindOf(known) != fault.Anonymous:
		return known
	case known != nil || a.AccountID.String() != s.sessions.GetString(ctx, sessionAccount):
		return s.refuseOIDC(c, "confirm-other", fmt.Errorf("somebody else signed in to confirm: %v", known))
	case signedInAt.Before(time.Unix(left, 0).Add(-oidcSkew)) || signedInAt.After(s.Now().Add(oidcSkew)):
		return s.refuseOIDC(c, "oidc-failed", fmt.Errorf("signed in at %v, left for it at %v: the provider did not ask again", signedInAt, left))
	}
	s.sessions.Put(ctx, sessionConfirmed, s.Now().UnixMilli())
	c.Redirect(http.StatusSeeOther, e.to)
	return nil
}

// subject exchanges the code and returns who the provider says has signed in, and when, zero where it does not say. Nothing of the answer is believed that is
// not signed by the provider's key with an algorithm fixed here, for us, now, and for this browser's nonce.
func (s *Server) subject(ctx context.Context, code string, e errand) (subject string, at time.Time, err error) {
	provider, config, err := s.door.open()
	if err != nil {
		return "", at, err
	}
	tokens, err := config.Exchange(oidc.ClientContext(ctx, s.door.client), code, oauth2.VerifierOption(e.verifier))
	if err != nil {
		return "", at, fmt.Errorf("exchange the code: %w", err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return "", at, fmt.Errorf("no id_token in the answer")
	}
	now := s.Now()
	verified, err := provider.Verifier(&oidc.Config{
		ClientID: s.door.ClientID, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256},
		Now: func() time.Time { return now.Add(-oidcSkew) },
	}).Verify(oidc.ClientContext(ctx, s.door.client), raw)
	if err != nil {
		return "", at, err
	}
	var claims struct {
		NotBefore       float64 `json:"nbf"`
		AuthorizedParty string  `json:"azp"`
		AuthTime        float64 `json:"auth_time"`
	}
	if err := verified.Claims(&claims); err != nil {
		return "", at, err
	}
	latest := now.Add(oidcSkew)
	switch {
	case !same(verified.Nonce, e.nonce):
		return "", at, fmt.Errorf("the nonce is not the one sent")
	case verified.IssuedAt.After(latest) || time.Unix(int64(claims.NotBefore), 0).After(latest):
		return "", at, fmt.Errorf("issued at %v, not before %v, and it is %v", verified.IssuedAt, claims.NotBefore, now)
	case len(verified.Audience) > 1 && claims.AuthorizedParty != s.door.ClientID || claims.AuthorizedParty != "" && claims.AuthorizedParty != s.door.ClientID:
		return "", at, fmt.Errorf("made for %q among %v", claims.AuthorizedParty, slices.Sorted(slices.Values(verified.Audience)))
	case verified.Subject == "":
		return "", at, fmt.Errorf("no subject")
	}
	if claims.AuthTime > 0 {
		at = time.Unix(int64(claims.AuthTime), 0)
	}
	return verified.Subject, at, nil
}

// refuseOIDC sends the browser back to the sign-in page, which says why; the cause stays in the log.
func (s *Server) refuseOIDC(c *gin.Context, code string, cause error) error {
	s.Log.Warn("sign-in at the provider failed", "id", requestID(c), "code", code, "error", cause, "peer", c.ClientIP())
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, "/sign-in?problem="+url.QueryEscape(code))
	return nil
}
