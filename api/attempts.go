package api

import (
	"hash/fnv"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

const (
	attemptWindow   = 15 * time.Minute
	attemptsAccount = 5  // failures of one account within the window
	attemptsPeer    = 30 // failures from one network: an office behind one address has many people
)

// guarded checks a password of an account by try, one try of an account after the other, and counts failures of the
// account and of the network it is tried from. A failure is an Anonymous fault or "password-wrong".
//
// Errors: Exceeded "too-many-attempts"; those of try.
func (s *Server) guarded(c *gin.Context, account string, try func() (gazetteer.Actor, error)) (gazetteer.Actor, error) {
	turn := s.attempts.turn(account)
	turn.Lock() // else who guesses in parallel is counted too late
	defer turn.Unlock()
	keys := map[string]int{"account " + account: attemptsAccount, "network " + network(c.ClientIP()): attemptsPeer}
	for key, most := range keys {
		if s.attempts.count(key, s.Now()) >= most {
			return gazetteer.Actor{}, fault.New(fault.Exceeded, "too-many-attempts", "登录失败次数过多，请 15 分钟后再试")
		}
	}
	a, err := try()
	if fault.KindOf(err) == fault.Anonymous || fault.Is(err, "password-wrong") {
		for key := range keys {
			s.attempts.add(key, s.Now())
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
