package gazsql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// argon2id parameters: 64 MiB, three passes (RFC 9106, second recommended option with more passes).
const (
	argonPasses  = 3
	argonKiB     = 64 * 1024
	argonLanes   = 2
	argonKeyLen  = 32
	argonSaltLen = 16
)

// hashPassword returns the argon2id hash in PHC form.
func hashPassword(password string) string {
	salt := make([]byte, argonSaltLen)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonKiB, argonLanes, argonKeyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonKiB, argonPasses, argonLanes, b64(salt), b64(key))
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
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// nobody is the hash that an unknown account is compared with, so that it takes the same time. No password is known that
// gives it.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonKiB, argonPasses, argonLanes,
	strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonSaltLen)), strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonKeyLen)))

// Office is a body with its jurisdiction.
type Office struct {
	ID         uuid.UUID  `json:"id"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	DivisionID *uuid.UUID `json:"divisionId"`
	Demo       bool       `json:"-"`
}

// NewAccount is an account to make.
type NewAccount struct {
	Login, Name, Password string
	OfficeID              uuid.UUID
	Roles                 []gazetteer.Role
	Demo                  bool
}

// loginForm is what a login looks like; the table says the same.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

// shortestPassword is in characters.
const shortestPassword = 8

func (n NewAccount) check() error {
	if !loginForm.MatchString(n.Login) {
		return fault.New(fault.Malformed, "bad-login", "账号“%s”不合规：2 至 64 个小写字母、数字、点、横线或下划线，以字母或数字开头", n.Login)
	}
	if utf8.RuneCountInString(n.Password) < shortestPassword {
		return fault.New(fault.Malformed, "weak-password", "口令至少 %d 个字符", shortestPassword)
	}
	for _, r := range n.Roles {
		if !slices.Contains(gazetteer.Roles, r) {
			return fault.New(fault.Malformed, "bad-role", "不认识的职责“%s”", r)
		}
	}
	return nil
}

// OfficeKinds are the kinds of offices.
var OfficeKinds = []string{"civil-affairs", "competent-department", "township-government", "committee", "contractor", "applicant"}

// CreateOffice makes an office; one of that name that is there is returned as it is.
func (s *Store) CreateOffice(ctx context.Context, actor gazetteer.Actor, now time.Time, o Office) (uuid.UUID, error) {
	if !actor.Has(gazetteer.Administrator) {
		return uuid.Nil, fault.New(fault.Forbidden, "not-yours", "只有系统管理员可以建立单位")
	}
	if !slices.Contains(OfficeKinds, o.Kind) || o.Name == "" {
		return uuid.Nil, fault.New(fault.Malformed, "bad-office", "单位须有名称，种类为 %s 之一", strings.Join(OfficeKinds, "、"))
	}
	var id uuid.UUID
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select id from office where name = $1`, o.Name).Scan(&id)
		if err == nil || !isNoRows(err) {
			return err
		}
		id = NewID()
		_, err = tx.Exec(ctx, `insert into office (id, name, kind, division_id, demo) values ($1, $2, $3, $4, $5)`,
			id, o.Name, o.Kind, o.DivisionID, o.Demo)
		if err != nil {
			return fmt.Errorf("make office %s: %w", o.Name, err)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "office/" + id.String(), Verb: "create", After: o})
	})
	return id, err
}

// CreateAccount makes an account with its roles; the password is stored only as an argon2id hash.
//
// Errors: Malformed "bad-login", "weak-password", "bad-role"; NotFound "office-unknown"; Conflict "login-taken".
func (s *Store) CreateAccount(ctx context.Context, actor gazetteer.Actor, now time.Time, n NewAccount) (uuid.UUID, error) {
	if !actor.Has(gazetteer.Administrator) {
		return uuid.Nil, fault.New(fault.Forbidden, "not-yours", "只有系统管理员可以建立账号")
	}
	if err := n.check(); err != nil {
		return uuid.Nil, err
	}
	id := NewID()
	roles := make([]string, len(n.Roles))
	for i, r := range n.Roles {
		roles[i] = string(r)
	}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into account (id, login, name, office_id, password_hash, demo)
			values (@id, @login, @name, @office, @hash, @demo) on conflict (login) do nothing`,
			pgx.StrictNamedArgs{
				"id": id, "login": n.Login, "name": n.Name, "office": n.OfficeID, "hash": hashPassword(n.Password), "demo": n.Demo,
			})
		if violates(err, "account_office_id_fkey") {
			return fault.New(fault.NotFound, "office-unknown", "没有这个单位")
		}
		if err != nil {
			return fmt.Errorf("make account %s: %w", n.Login, err)
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "login-taken", "账号 %s 已经存在", n.Login)
		}
		if _, err := tx.Exec(ctx, `insert into account_role (account_id, role) select $1, unnest($2::text[])`, id, roles); err != nil {
			return fmt.Errorf("give roles to %s: %w", n.Login, err)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + id.String(), Verb: "create", After: map[string]any{"login": n.Login, "roles": roles},
		})
	})
	return id, err
}

// SignIn returns the actor of an account. An unknown account, a wrong password and a disabled account get the same words
// after the same time: Anonymous "sign-in-failed".
func (s *Store) SignIn(ctx context.Context, login, password string) (gazetteer.Actor, error) {
	var id uuid.UUID
	hash := nobody
	err := s.db.QueryRow(ctx, `select id, password_hash from account where login = $1 and disabled_at is null`, login).Scan(&id, &hash)
	fits := passwordFits(password, hash)
	if err != nil && !isNoRows(err) {
		return gazetteer.Actor{}, err
	}
	if err != nil || !fits {
		return gazetteer.Actor{}, fault.New(fault.Anonymous, "sign-in-failed", "账号或口令不对")
	}
	return s.Actor(ctx, id)
}

// Actor returns the actor an account is now: its office and roles are read anew for every request.
func (s *Store) Actor(ctx context.Context, account uuid.UUID) (gazetteer.Actor, error) {
	var a gazetteer.Actor
	var jurisdiction *uuid.UUID
	err := s.db.QueryRow(ctx, `
		select a.id, a.login, a.name, o.id, o.name, o.kind, o.division_id, a.demo,
		       coalesce((select array_agg(r.role order by r.role) from account_role r where r.account_id = a.id), '{}')
		from account a join office o on o.id = a.office_id
		where a.id = $1 and a.disabled_at is null`, account).Scan(
		&a.AccountID, &a.Login, &a.Name, &a.OfficeID, &a.OfficeName, &a.OfficeKind, &jurisdiction, &a.Demo, &a.Roles)
	if err != nil {
		if isNoRows(err) {
			return a, fault.New(fault.Anonymous, "signed-out", "账号已停用或不存在，请重新登录")
		}
		return a, err
	}
	if jurisdiction != nil {
		a.Jurisdiction = *jurisdiction
	}
	return a, nil
}

// tokenPrefix marks our tokens, so that a leaked one is recognised for what it is.
const tokenPrefix = "fangyu_"

// CreateToken makes a token of an account for a script or device. The token is returned once and stored as its hash only.
func (s *Store) CreateToken(ctx context.Context, actor gazetteer.Actor, now time.Time, login, name string, life time.Duration) (string, error) {
	if !actor.Has(gazetteer.Administrator) && actor.Login != login {
		return "", fault.New(fault.Forbidden, "not-yours", "只能为自己的账号建立令牌")
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	hash := sha256.Sum256([]byte(token))
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		id := NewID()
		tag, err := tx.Exec(ctx, `
			insert into api_token (id, account_id, name, hash, expires_at)
			select @id, a.id, @name, @hash, @expires from account a where a.login = @login and a.disabled_at is null`,
			pgx.StrictNamedArgs{"id": id, "name": name, "hash": hash[:], "expires": now.Add(life), "login": login})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "account-unknown", "没有账号 %s", login)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "token/" + id.String(), Verb: "create", After: map[string]any{"login": login, "name": name},
		})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ActorByToken returns the actor of a token that has neither expired nor been revoked, else Anonymous "bad-token".
func (s *Store) ActorByToken(ctx context.Context, now time.Time, token string) (gazetteer.Actor, error) {
	hash := sha256.Sum256([]byte(token))
	var account uuid.UUID
	err := s.db.QueryRow(ctx, `
		select account_id from api_token where hash = $1 and expires_at > $2 and revoked_at is null`, hash[:], now).Scan(&account)
	if isNoRows(err) {
		return gazetteer.Actor{}, fault.New(fault.Anonymous, "bad-token", "令牌无效、已过期或已撤销")
	}
	if err != nil {
		return gazetteer.Actor{}, err
	}
	return s.Actor(ctx, account)
}

// DemoAccount is a demo account as it is shown to whoever tries the demo.
type DemoAccount struct {
	Account string   `json:"account"`
	Name    string   `json:"name"`
	Office  string   `json:"office"`
	Roles   []string `json:"roles"`
}

// DemoAccounts lists the demo accounts.
func (s *Store) DemoAccounts(ctx context.Context) ([]DemoAccount, error) {
	rows, err := s.db.Query(ctx, `
		select a.login as account, a.name, o.name as office,
		       coalesce((select array_agg(r.role order by r.role) from account_role r where r.account_id = a.id), '{}') as roles
		from account a join office o on o.id = a.office_id where a.demo and a.disabled_at is null order by a.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DemoAccount])
}
