package api

import (
	"context"
	"errors"
	"hash/fnv"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

const (
	sessionIdle     = 30 * time.Minute
	sessionLife     = 12 * time.Hour
	sessionAccount  = "account"
	attemptWindow   = 15 * time.Minute
	attemptsAccount = 5  // failures of one account within the window
	attemptsPeer    = 30 // failures from one address
)

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
func denySessions(w http.ResponseWriter, _ *http.Request, _ error) {
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
	err := s.pool.QueryRow(ctx, `select data from session where token = $1 and expiry > now()`, token).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	_, err := s.pool.Exec(ctx, `
		insert into session (token, data, expiry) values ($1, $2, $3)
		on conflict (token) do update set data = excluded.data, expiry = excluded.expiry`, token, b, expiry)
	return err
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.pool.Exec(ctx, `delete from session where token = $1`, token)
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

// requireActor runs a handler only for somebody known.
func (s *Server) requireActor(h handler) handler {
	return func(c *gin.Context) error {
		a, err := s.identify(c)
		if err != nil {
			return err
		}
		if a.Anonymous() {
			return fault.New(fault.Anonymous, "signed-out", "请先登录")
		}
		c.Set(actorKey, a)
		return h(c)
	}
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
		return s.Gaz.ActorByToken(ctx, s.Now(), strings.TrimSpace(bearer))
	}
	id, err := uuid.Parse(s.sessions.GetString(ctx, sessionAccount))
	if err != nil {
		return gazetteer.Actor{}, nil
	}
	return s.Gaz.Actor(ctx, id)
}

type sessionAnswer struct {
	Account string           `json:"account"`
	Name    string           `json:"name"`
	Office  sessionOffice    `json:"office"`
	Roles   []gazetteer.Role `json:"roles"`
	Demo    bool             `json:"demo"`
}

type sessionOffice struct {
	ID         uuid.UUID  `json:"id"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	DivisionID *uuid.UUID `json:"divisionId"`
}

func answerFor(a gazetteer.Actor) sessionAnswer {
	out := sessionAnswer{
		Account: a.Login, Name: a.Name, Roles: a.Roles, Demo: a.Demo,
		Office: sessionOffice{ID: a.OfficeID, Name: a.OfficeName, Kind: a.OfficeKind},
	}
	if a.Jurisdiction != uuid.Nil {
		out.Office.DivisionID = &a.Jurisdiction
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
	turn := s.attempts.turn(in.Account)
	turn.Lock() // else who guesses in parallel is counted too late
	defer turn.Unlock()
	keys := map[string]int{"account " + in.Account: attemptsAccount, "peer " + c.RemoteIP(): attemptsPeer}
	for key, most := range keys {
		if s.attempts.count(key, s.Now()) >= most {
			return fault.New(fault.Exceeded, "too-many-attempts", "登录失败次数过多，请 15 分钟后再试")
		}
	}
	ctx := c.Request.Context()
	a, err := s.Gaz.SignIn(ctx, in.Account, in.Password)
	if err != nil {
		if fault.KindOf(err) == fault.Anonymous {
			for key := range keys {
				s.attempts.add(key, s.Now())
			}
		}
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionAccount, a.AccountID.String())
	c.JSON(http.StatusOK, answerFor(a))
	return nil
}

func (s *Server) session(c *gin.Context) error {
	c.JSON(http.StatusOK, answerFor(actor(c)))
	return nil
}

func (s *Server) signOut(c *gin.Context) error {
	if err := s.sessions.Destroy(c.Request.Context()); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// attempts remembers failed sign-ins within the window.
type attempts struct {
	mu    sync.Mutex
	byKey map[string][]time.Time
	turns [64]sync.Mutex
}

// turn is the lock of those who sign in to one account: one after the other, so that each sees the failures before it.
func (a *attempts) turn(account string) *sync.Mutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(account))
	return &a.turns[h.Sum32()%uint32(len(a.turns))]
}

func (a *attempts) count(key string, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.recent(key, now))
}

func (a *attempts) add(key string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.byKey) > 10_000 { // somebody tries names at random: forget those whose window is over
		for k := range a.byKey {
			a.recent(k, now)
		}
	}
	a.byKey[key] = append(a.recent(key, now), now)
}

// recent drops what is older than the window.
func (a *attempts) recent(key string, now time.Time) []time.Time {
	times := a.byKey[key]
	for len(times) > 0 && now.Sub(times[0]) > attemptWindow {
		times = times[1:]
	}
	if len(times) == 0 {
		delete(a.byKey, key)
		return nil
	}
	a.byKey[key] = times
	return times
}
