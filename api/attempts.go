package api

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
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

// guarded checks a password of an account by try, one try of an account after the other, and counts failures of the
// account and of the network it is tried from. A failure is an Anonymous fault or "password-wrong".
//
// Errors: Exceeded "too-many-attempts"; those of try.
func (s *Server) guarded(c *gin.Context, account string, try func() (gazetteer.Actor, error)) (gazetteer.Actor, error) {
	turn := s.attempts.turn(account)
	turn.Lock() // else who guesses in parallel is counted too late
	defer turn.Unlock()
	from := "network " + network(c.ClientIP())
	keys := map[string]int{"account " + account: s.Attempts.Account, from: s.Attempts.Network}
	for key, most := range keys {
		if s.attempts.count(key, s.Now()) >= most {
			return gazetteer.Actor{}, fault.New(fault.Exceeded, "too-many-attempts", "登录失败次数过多，请 15 分钟后再试")
		}
	}
	a, err := try()
	switch {
	case fault.KindOf(err) == fault.Anonymous || fault.Is(err, "password-wrong"):
		for key := range keys {
			s.attempts.add(key, account, s.Now())
		}
	case err == nil:
		s.attempts.forgive(from, account)
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
	mu    sync.Mutex
	byKey map[string][]attempt
	turns [64]sync.Mutex
}

type attempt struct {
	at    time.Time
	who   string
	count int
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
