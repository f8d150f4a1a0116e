package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

const (
	sessionIdle = 30 * time.Minute
	sessionLife = 12 * time.Hour
)

// What a session keeps.
const (
	sessionID        = "id" // shown in lists; it opens nothing
	sessionAccount   = "account"
	sessionPeer      = "peer"
	sessionAgent     = "agent"
	sessionWay       = "way"       // how its owner came in: password, or oidc
	sessionDuties    = "duties"    // office and roles when it got its token; other ones ask for a new token
	sessionConfirmed = "confirmed" // when its owner was confirmed again, in milliseconds of Unix time
	sessionLeft      = "left"      // the nonce and time with which its owner left for the provider to be confirmed
)

// The ways in.
const (
	wayPassword = "password"
	wayOIDC     = "oidc"
)

const maxAgent = 200 // bytes kept of what a browser says it is

// newSessions prepares the sessions. The struct is filled in here because scs.New starts a store in memory that nobody
// can stop reliably.
func newSessions(pool *pgxpool.Pool, secure bool) *scs.SessionManager {
	return &scs.SessionManager{
		Store: sessionStore{pool}, Codec: scs.GobCodec{}, IdleTimeout: sessionIdle, Lifetime: sessionLife,
		HashTokenInStore: true, // who reads the table cannot sign in with it
		Cookie: scs.SessionCookie{
			Name: "fangyu_session", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, Path: "/", Persist: true,
		},
		ErrorFunc: denySessions,
	}
}

// denySessions answers when sessions cannot be read or written.
func denySessions(w http.ResponseWriter, r *http.Request, err error) {
	slog.WarnContext(r.Context(), "sessions cannot be read or written", "path", r.URL.Path, "err", err)
	for _, name := range []string{"Content-Length", "Content-Encoding", "ETag", "Location"} {
		w.Header().Del(name) // of the answer that this one replaces
	}
	w.Header().Set("Content-Type", problemType)
	w.Header().Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`{"type":"about:blank","title":"系统繁忙","status":503,"code":"sessions","detail":"暂时不能确认登录状态，请稍后再试","instance":"","findings":[]}`))
	if a, ok := w.(*replaceable); ok {
		a.replaced = true
	}
}

// replaceable lets denySessions take the place of an answer: sessions are written when the answer begins, and what scs
// passes on after a failure must not follow the problem.
type replaceable struct {
	http.ResponseWriter
	replaced bool
}

func (w *replaceable) Write(b []byte) (int, error) {
	if w.replaced {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func (w *replaceable) WriteHeader(status int) {
	if !w.replaced {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *replaceable) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withSessions looks sessions up below /api only: every look costs two statements, and what is public asks for none.
func (s *Server) withSessions(next http.Handler) http.Handler {
	known := s.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			known.ServeHTTP(&replaceable{ResponseWriter: w}, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sessionStore keeps sessions in PostgreSQL, so that a restart signs nobody out.
type sessionStore struct{ pool *pgxpool.Pool }

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.pool.QueryRow(ctx, `select data from session where token = $1 and expiry > now() and ended_at is null`, token).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx writes a session, with what lists of sessions show in columns of their own. One that was ended meanwhile
// stays ended.
func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(b)
	if err != nil {
		return err
	}
	column := func(name string) *string {
		if text, ok := values[name].(string); ok {
			return &text
		}
		return nil
	}
	_, err = s.pool.Exec(ctx, `
		insert into session (token, data, expiry, id, account_id, peer, agent, began_at, seen_at)
		values (@token, @data, @expiry, @id::uuid, @account::uuid, @peer, @agent, now(), now())
		on conflict (token) do update set data = excluded.data, expiry = excluded.expiry, seen_at = excluded.seen_at
		where session.ended_at is null`,
		pgx.StrictNamedArgs{
			"token": token, "data": b, "expiry": expiry, "id": column(sessionID), "account": column(sessionAccount),
			"peer": column(sessionPeer), "agent": column(sessionAgent),
		})
	return err
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.pool.Exec(ctx, `update session set ended_at = now(), data = '' where token = $1`, token)
	return err
}

// Find, Commit and Delete are for callers without a context, of which there are none here.
func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

const actorKey = "actor"

// requireActor runs a handler only for somebody known who may call the route at all.
func (s *Server) requireActor(r route) handler {
	return func(c *gin.Context) error {
		a, err := s.identify(c)
		if err != nil {
			return err
		}
		if a.Anonymous() {
			return fault.New(fault.Anonymous, "signed-out", "请先登录")
		}
		if err := r.admits(a); err != nil {
			return err
		}
		c.Set(actorKey, a)
		c.Header("Cache-Control", "private, no-store") // what is for one actor stays with him, unless the route says otherwise
		return r.handle(c)
	}
}

// admits checks what a route asks of whoever calls it, before any use-case does.
//
// Errors: Forbidden "token-not-here" where only a person may, "token-scope" for a token without the route's scope,
// "password-must-change".
func (r route) admits(a gazetteer.Actor) error {
	switch {
	case a.Token && r.access == inPerson:
		return fault.New(fault.Forbidden, "token-not-here", "令牌不能办理这一项：请本人登录办理")
	case !a.Covers(r.scope()) && r.access != arriving:
		return fault.New(fault.Forbidden, "token-scope", "令牌的范围不包括这一项（需要 %s）", r.scope())
	case a.MustChangePassword && r.access != arriving:
		return fault.New(fault.Forbidden, "password-must-change", "请先修改初始密码，再办理其他事项")
	}
	return nil
}

// scope is what a token must be good for to call the route.
func (r route) scope() gazetteer.TokenScope {
	switch {
	case r.method == http.MethodPost && r.path == "/api/tracks", strings.HasPrefix(r.path, "/api/uploads"), strings.HasPrefix(r.path, "/api/submissions"):
		return gazetteer.TokenUpload
	case r.method == http.MethodGet:
		return gazetteer.TokenRead
	default:
		return gazetteer.TokenWork
	}
}

// whoAsks is who asks a route that answers everybody, and those it knows more fully. Whoever would not be let in elsewhere
// to read is the public.
func (s *Server) whoAsks(c *gin.Context) (gazetteer.Actor, error) {
	a, err := s.identify(c)
	if fault.KindOf(err) == fault.Anonymous || a.MustChangePassword || !a.Covers(gazetteer.TokenRead) {
		return gazetteer.Actor{}, nil
	}
	return a, err
}

// forOneOnly sets the version of an answer that depends on who asks, and keeps it out of every cache.
func forOneOnly(c *gin.Context, version int) {
	etag(c, version)
	c.Header("Cache-Control", "private, no-store")
}

// actor is who was identified for this request.
func actor(c *gin.Context) gazetteer.Actor {
	a, _ := c.Get(actorKey)
	who, _ := a.(gazetteer.Actor)
	return who
}

// identify finds out who asks: by token when the request carries one, else by session. Roles are read anew each time,
// so that a right withdrawn is gone with the next request.
func (s *Server) identify(c *gin.Context) (gazetteer.Actor, error) {
	ctx := c.Request.Context()
	if bearer, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok {
		a, err := s.Gaz.ActorByToken(ctx, s.Now(), strings.TrimSpace(bearer))
		a.MustChangePassword = false // a token was made for this account on purpose, and no password is used
		return a, err
	}
	id, err := uuid.Parse(s.sessions.GetString(ctx, sessionAccount))
	if err != nil {
		return gazetteer.Actor{}, nil
	}
	a, err := s.Gaz.Actor(ctx, id)
	if err != nil {
		return a, err
	}
	if s.sessions.GetString(ctx, sessionDuties) != duties(a) {
		if err := s.renew(ctx, a); err != nil {
			return gazetteer.Actor{}, err
		}
	}
	if at := s.sessions.GetInt64(ctx, sessionConfirmed); at != 0 {
		a.ConfirmedAt = time.UnixMilli(at)
	}
	if s.sessions.GetString(ctx, sessionWay) == wayOIDC {
		a.MustChangePassword = false // the password was not used
	}
	return a, nil
}

// duties names the office and roles of an actor.
func duties(a gazetteer.Actor) string {
	return fmt.Sprint(a.OfficeID, a.Jurisdiction, a.Roles)
}

// renew gives a session a new token, because what its owner may do has changed. It ends when it would have ended, and
// whatever was confirmed must be confirmed again.
func (s *Server) renew(ctx context.Context, a gazetteer.Actor) error {
	ends := s.sessions.Deadline(ctx)
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.SetDeadline(ctx, ends)
	s.sessions.Put(ctx, sessionID, gazsql.NewID().String())
	s.sessions.Put(ctx, sessionDuties, duties(a))
	s.sessions.Remove(ctx, sessionConfirmed)
	return nil
}

// begin starts a session of the actor with a new token, whatever the browser brought.
func (s *Server) begin(c *gin.Context, a gazetteer.Actor, way string) error {
	ctx := c.Request.Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	agent := strings.ToValidUTF8(c.Request.UserAgent(), "")
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	for name, value := range map[string]string{
		sessionID: gazsql.NewID().String(), sessionAccount: a.AccountID.String(), sessionPeer: c.ClientIP(),
		sessionAgent: strings.ReplaceAll(agent, "\x00", ""), sessionWay: way, sessionDuties: duties(a),
	} {
		s.sessions.Put(ctx, name, value)
	}
	s.sessions.Remove(ctx, sessionConfirmed)
	return nil
}

type sessionAnswer struct {
	Account            string           `json:"account"`
	Name               string           `json:"name"`
	Office             sessionOffice    `json:"office"`
	Roles              []gazetteer.Role `json:"roles"`
	Demo               bool             `json:"demo"`
	MustChangePassword bool             `json:"mustChangePassword"`
	Exports            bool             `json:"exports"`        // may take the places of its jurisdiction out as files
	ConfirmedUntil     *time.Time       `json:"confirmedUntil"` // null: who it is must be confirmed before signing
	Way                string           `json:"way"`            // how its owner came in: password, oidc, token
}

type sessionOffice struct {
	ID         uuid.UUID  `json:"id"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	DivisionID *uuid.UUID `json:"divisionId"`
}

func (s *Server) answerFor(c *gin.Context, a gazetteer.Actor) sessionAnswer {
	out := sessionAnswer{
		Account: a.Login, Name: a.Name, Roles: a.Roles, Demo: a.Demo, MustChangePassword: a.MustChangePassword,
		Office: sessionOffice{ID: a.OfficeID, Name: a.OfficeName, Kind: a.OfficeKind},
		Way:    "token", Exports: mayTakeOut(a) == nil,
	}
	if !a.Token {
		out.Way = s.sessions.GetString(c.Request.Context(), sessionWay)
	}
	if a.Jurisdiction != uuid.Nil {
		out.Office.DivisionID = &a.Jurisdiction
	}
	if a.Confirmed(s.Now()) == nil {
		until := a.ConfirmedAt.Add(gazetteer.ConfirmedFor).UTC()
		out.ConfirmedUntil = &until
	}
	return out
}

func (s *Server) signIn(c *gin.Context) error {
	var in struct {
		Account  string `json:"account"`
		Password string `json:"password"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx := c.Request.Context()
	a, err := s.signingIn(c, in.Account, func() (gazetteer.Actor, error) { return s.Gaz.SignIn(ctx, in.Account, in.Password) })
	if err != nil {
		return err
	}
	if err := s.begin(c, a, wayPassword); err != nil {
		return err
	}
	if err := s.Gaz.RecordSignIn(ctx, a, s.Now(), wayPassword, c.ClientIP()); err != nil {
		return err
	}
	c.JSON(http.StatusOK, s.answerFor(c, a))
	return nil
}

func (s *Server) session(c *gin.Context) error {
	c.JSON(http.StatusOK, s.answerFor(c, actor(c)))
	return nil
}

func (s *Server) signOut(c *gin.Context) error {
	if err := s.sessions.Destroy(c.Request.Context()); err != nil {
		return err
	}
	return noContent(c)
}

// noContent answers that it is done and there is nothing to say.
func noContent(c *gin.Context) error {
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// confirmSession marks the session as its owner's: the password was given again. Who came in at the provider and never
// chose a password is confirmed there, see beginOIDC: the first password is known to whoever made the account.
//
// Errors: Forbidden "confirm-at-provider"; those of gazsql.Store.Confirm.
func (s *Server) confirmSession(c *gin.Context) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx, who := c.Request.Context(), actor(c)
	account, err := s.Gaz.Actor(ctx, who.AccountID)
	if err != nil {
		return err
	}
	if account.MustChangePassword && !who.MustChangePassword { // see identify
		return fault.New(fault.Forbidden, "confirm-at-provider", "您由统一身份登录，还没有自己的密码：请到统一身份平台再次确认")
	}
	a, err := s.confirming(who, func() (gazetteer.Actor, error) { return s.Gaz.Confirm(ctx, who, s.Now(), in.Password) })
	if err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionConfirmed, a.ConfirmedAt.UnixMilli())
	c.JSON(http.StatusOK, s.answerFor(c, a))
	return nil
}

// changePassword gives the account a new password. Every other session of the account ends; this one gets a new token.
func (s *Server) changePassword(c *gin.Context) error {
	var in struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx, who := c.Request.Context(), actor(c)
	if who.Token {
		return fault.New(fault.Forbidden, "token-not-here", "令牌不能办理这一项：请本人登录办理")
	}
	way := s.sessions.GetString(ctx, sessionWay)
	_, err := s.confirming(who, func() (gazetteer.Actor, error) {
		return who, s.Gaz.ChangePassword(ctx, who, s.Now(), in.Current, in.New)
	})
	if err != nil {
		return err
	}
	a, err := s.Gaz.Actor(ctx, who.AccountID)
	if err != nil {
		return err
	}
	if err := s.begin(c, a, way); err != nil {
		return err
	}
	c.JSON(http.StatusOK, s.answerFor(c, a))
	return nil
}

// ownSessions lists the sessions of the account; the one that asks is marked.
func (s *Server) ownSessions(c *gin.Context) error {
	found, err := s.Gaz.OwnSessions(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	return writeList(s, c, s.marked(c, found), len(found)+1, sessionKey)
}

// listedSession is a session in a list.
type listedSession struct {
	gazsql.Session
	Current bool `json:"current"` // the one that asks
}

func sessionKey(l listedSession) uuid.UUID { return l.ID }

func (s *Server) marked(c *gin.Context, found []gazsql.Session) []listedSession {
	own := s.sessions.GetString(c.Request.Context(), sessionID)
	out := make([]listedSession, len(found))
	for i, f := range found {
		out[i] = listedSession{f, f.ID.String() == own}
	}
	return out
}

// ending serves a use-case that ends what the path names: a session, or a token.
func (s *Server) ending(end func(context.Context, gazetteer.Actor, time.Time, uuid.UUID) error) handler {
	return func(c *gin.Context) error {
		id, err := pathID(c, "id")
		if err != nil {
			return err
		}
		if err := end(c.Request.Context(), actor(c), s.Now(), id); err != nil {
			return err
		}
		return noContent(c)
	}
}

func (s *Server) endOtherSessions(c *gin.Context) error {
	ctx := c.Request.Context()
	own, err := uuid.Parse(s.sessions.GetString(ctx, sessionID))
	if err != nil {
		return err
	}
	if err := s.Gaz.EndOtherSessions(ctx, actor(c), s.Now(), own); err != nil {
		return err
	}
	return noContent(c)
}

// allSessions lists the sessions of the accounts the administrator keeps, or of one.
func (s *Server) allSessions(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	account, err := queryID(c, "account")
	if err != nil {
		return err
	}
	found, err := s.Gaz.Sessions(c.Request.Context(), actor(c), account, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, s.marked(c, found), limit, sessionKey)
}
