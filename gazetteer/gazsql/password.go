package gazsql

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// PasswordCost is what guessing one password costs: argon2id's memory in KiB and its passes over it. The zero value is
// 64 MiB and three passes (RFC 9106, second recommended option with more passes).
type PasswordCost struct{ KiB, Passes uint32 }

const (
	argonLanes   = 2
	argonKeyLen  = 32
	argonSaltLen = 16
)

func (c PasswordCost) orUsual() PasswordCost {
	if c == (PasswordCost{}) {
		return PasswordCost{KiB: 64 * 1024, Passes: 3}
	}
	return c
}

// WithPasswordCost is the store with another cost of new passwords, for tests about something else.
func (s *Store) WithPasswordCost(c PasswordCost) *Store {
	other := *s
	other.cost = c
	return &other
}

// phc writes a hash in PHC form.
func (c PasswordCost) phc(salt, key string) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.KiB, c.Passes, argonLanes, salt, key)
}

// hashing lets as few hashes be computed at once as there are processors for: each takes 64 MiB, and whoever sends a
// thousand passwords must not take a thousand times that.
var hashing = make(chan struct{}, max(2, runtime.NumCPU()))

func argon(password string, salt []byte, passes, memory uint32, lanes uint8, length uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, length)
}

// hashPassword returns the argon2id hash in PHC form.
func (s *Store) hashPassword(password string) string {
	cost := s.cost.orUsual()
	salt := make([]byte, argonSaltLen)
	rand.Read(salt)
	key := argon(password, salt, cost.Passes, cost.KiB, argonLanes, argonKeyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return cost.phc(b64(salt), b64(key))
}

// nobody is the hash that an unknown account is compared with, so that it takes the same time. No password is known that
// gives it.
func (s *Store) nobody() string {
	blank := func(n int) string { return strings.Repeat("A", base64.RawStdEncoding.EncodedLen(n)) }
	return s.cost.orUsual().phc(blank(argonSaltLen), blank(argonKeyLen))
}

// passwordFits compares a password with a hash in PHC form, in constant time.
func passwordFits(password, phc string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false
	}
	got := argon(password[:min(len(password), longestPassword)], salt, passes, memory, lanes, uint32(len(want)))
	return len(password) <= longestPassword && subtle.ConstantTimeCompare(got, want) == 1
}

// shortestPassword is in characters, longestPassword in bytes: nobody types more, and a hash reads all of it.
const (
	shortestPassword = 8
	longestPassword  = 1024
)

// checkPassword refuses a password that is too short or too long, or is the login.
func checkPassword(login, password string) error {
	if utf8.RuneCountInString(password) < shortestPassword {
		return fault.New(fault.Malformed, "weak-password", "密码至少 %d 个字符", shortestPassword)
	}
	if len(password) > longestPassword {
		return fault.New(fault.Malformed, "weak-password", "密码最多 %d 字节", longestPassword)
	}
	if strings.EqualFold(strings.TrimSpace(password), login) {
		return fault.New(fault.Malformed, "weak-password", "密码不能与账号相同")
	}
	return nil
}

// InitialPassword makes a password for somebody to sign in with once: 20 characters that cannot be mistaken for others.
func InitialPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789" // 31: each says nearly five bits
	raw := make([]byte, 20)
	rand.Read(raw)
	for i, b := range raw {
		raw[i] = letters[int(b)%len(letters)]
	}
	return string(raw)
}

// Confirm checks the actor's password again and returns the actor as confirmed now.
//
// Errors: Forbidden "password-wrong"; Forbidden "token-cannot-sign" for a token.
func (s *Store) Confirm(ctx context.Context, actor gazetteer.Actor, now time.Time, password string) (gazetteer.Actor, error) {
	if actor.Token {
		return actor, fault.New(fault.Forbidden, "token-cannot-sign", "令牌不能签字或批准：请本人登录办理")
	}
	if _, err := s.checkOwn(ctx, s.db, actor.AccountID, password); err != nil {
		return actor, err
	}
	actor.ConfirmedAt = now
	return actor, nil
}

// rower is what checkOwn asks: the pool or a transaction.
type rower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// checkOwn compares the password of an account and returns its login.
func (s *Store) checkOwn(ctx context.Context, db rower, account uuid.UUID, password string) (login string, err error) {
	var hash string
	err = db.QueryRow(ctx, `select login, password_hash from account where id = $1 and disabled_at is null`, account).Scan(&login, &hash)
	if err != nil {
		return "", notFound(err, "account-unknown", "没有这个账号")
	}
	if !passwordFits(password, hash) {
		return "", fault.New(fault.Forbidden, "password-wrong", "密码不对")
	}
	return login, nil
}

// ChangePassword gives the actor's account a new password and ends every session of the account, the caller's own too.
//
// Errors: Forbidden "password-wrong" when current is not the present one; Malformed "weak-password", "same-password".
func (s *Store) ChangePassword(ctx context.Context, actor gazetteer.Actor, now time.Time, current, next string) error {
	login, err := s.checkOwn(ctx, s.db, actor.AccountID, current)
	if err != nil {
		return err
	}
	if err := checkPassword(login, next); err != nil {
		return err
	}
	if next == current {
		return fault.New(fault.Malformed, "same-password", "新密码不能与现密码相同")
	}
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			update account set password_hash = @hash, must_change_password = false, version = version + 1 where id = @id`,
			pgx.StrictNamedArgs{"hash": s.hashPassword(next), "id": actor.AccountID})
		if err != nil {
			return fmt.Errorf("change the password of %s: %w", login, err)
		}
		if err := endSessions(ctx, tx, actor.AccountID); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + actor.AccountID.String(), Verb: "change-password",
		})
	})
}
