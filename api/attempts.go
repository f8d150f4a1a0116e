package api

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// attemptWindow is how long a failure counts.
const attemptWindow = 15 * time.Minute

// AttemptLimit is how many failures of a password are taken within 15 minutes: of one account, and from one network. A
// failure from a network is forgotten once the same account gets in from there, so that an office behind one address is
// not shut out by people who mistype; who tries many accounts is.
type AttemptLimit struct{ Account, Network int }

// Set sets one limit by its name: account or network. It reports whether there is such a limit.
func (l *AttemptLimit) Set(name string, most int) bool {
	of, there := map[string]*int{"account": &l.Account, "network": &l.Network}[name]
	if !there || most <= 0 {
		return false
	}
	*of = most
	return true
}

// UsualAttempts is what holds without configuration.
var UsualAttempts = AttemptLimit{Account: 5, Network: 5}

// signingIn tries a password of a login that somebody not yet known gives, and counts failures of the account and of the
// network it is tried from. Who tries from one network, and who tries one account, waits for the one before: else who
// guesses in parallel is counted too late.
//
// Errors: Exceeded "too-many-attempts"; those of try.
func (s *Server) signingIn(c *gin.Context, login string, try func() (gazetteer.Actor, error)) (gazetteer.Actor, error) {
	if len(login) > gazsql.MaxLogin {
		login = "" // nobody's; what is kept of it is short
	}
	from, account := "network "+network(c.ClientIP()), "account "+login
	defer s.attempts.networks.lock(from)()
	defer s.attempts.accounts.lock(account)()
	a, err := s.guarded(map[string]int{account: s.Attempts.Account, from: s.Attempts.Network}, login, try)
	if err == nil {
		s.attempts.forgive(from, login)
	}
	return a, err
}

// confirming tries the password of an account that is signed in. Failures count by themselves: those of strangers who try
// to sign in do not keep an officer from signing, and his own do not keep his office out.
//
// Errors: Exceeded "too-many-attempts"; those of try.
func (s *Server) confirming(who gazetteer.Actor, try func() (gazetteer.Actor, error)) (gazetteer.Actor, error) {
	key := "confirm " + who.AccountID.String()
	defer s.attempts.accounts.lock(key)()
	a, err := s.guarded(map[string]int{key: s.Attempts.Account}, who.Login, try)
	if err == nil {
		s.attempts.forgive(key, who.Login)
	}
	return a, err
}

// guarded tries a password unless there were too many failures under one of the keys, and counts a failure under each.
func (s *Server) guarded(keys map[string]int, who string, try func() (gazetteer.Actor, error)) (gazetteer.Actor, error) {
	for key, most := range keys {
		if s.attempts.count(key, s.Now()) >= most {
			return gazetteer.Actor{}, fault.New(fault.Exceeded, "too-many-attempts", "登录失败次数过多，请 15 分钟后再试")
		}
	}
	a, err := try()
	if fault.Is(err, "sign-in-failed") || fault.Is(err, "password-wrong") {
		for key := range keys {
			s.attempts.add(key, who, s.Now())
		}
	}
	return a, err
}

// network is what counts as one caller: an IPv4 address, or the /64 that one subscriber of IPv6 has.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if addr = addr.Unmap(); addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}

// attempts remembers what was done within the window, by whom.
type attempts struct {
	mu                 sync.Mutex
	byKey              map[string][]attempt
	networks, accounts turns
}

// turns are locks of keys, a few for all: one after the other, so that each sees the failures before it.
type turns [64]sync.Mutex

// lock waits for the turn of a key and returns what ends it.
func (t *turns) lock(key string) (unlock func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	turn := &t[h.Sum32()%uint32(len(t))]
	turn.Lock()
	return turn.Unlock
}

type attempt struct {
	at    time.Time
	who   string
	count int
}

func (a *attempts) count(key string, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sum(key, now)
}

func (a *attempts) sum(key string, now time.Time) (sum int) {
	for _, of := range a.recent(key, now) {
		sum += of.count
	}
	return sum
}

func (a *attempts) add(key, who string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put(key, attempt{now, who, 1})
}

// take adds n and reports true, unless that makes more than most.
func (a *attempts) take(key string, now time.Time, n, most int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sum(key, now)+n > most {
		return false
	}
	a.put(key, attempt{now, "", n})
	return true
}

func (a *attempts) put(key string, of attempt) {
	if len(a.byKey) > 10_000 { // somebody tries names at random: forget those whose window is over
		for k := range a.byKey {
			a.recent(k, of.at)
		}
	}
	if a.byKey == nil {
		a.byKey = map[string][]attempt{}
	}
	a.byKey[key] = append(a.recent(key, of.at), of)
}

// forgive forgets what one did.
func (a *attempts) forgive(key, who string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rest := slices.DeleteFunc(a.byKey[key], func(of attempt) bool { return of.who == who })
	if len(rest) == 0 {
		delete(a.byKey, key)
		return
	}
	a.byKey[key] = rest
}

// recent drops what is older than the window.
func (a *attempts) recent(key string, now time.Time) []attempt {
	times := a.byKey[key]
	for len(times) > 0 && now.Sub(times[0].at) > attemptWindow {
		times = times[1:]
	}
	if len(times) == 0 {
		delete(a.byKey, key)
		return nil
	}
	a.byKey[key] = times
	return times
}
