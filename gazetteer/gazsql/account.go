package gazsql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// NewAccount is an account to make. Whoever it is for must change the password, which another has chosen; a demo account
// need not.
type NewAccount struct {
	Login, Name, Password string
	OfficeID              uuid.UUID
	Roles                 []gazetteer.Role
	Demo                  bool
}

// loginForm is what a login looks like; the table says the same.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

func (n NewAccount) check() error {
	if !loginForm.MatchString(n.Login) {
		return fault.New(fault.Malformed, "bad-login", "账号“%s”不合规：2 至 64 个小写字母、数字、点、横线或下划线，以字母或数字开头", n.Login)
	}
	if err := checkPassword(n.Login, n.Password); err != nil {
		return err
	}
	return checkRoles(n.Roles)
}

func checkRoles(roles []gazetteer.Role) error {
	for _, r := range roles {
		if !slices.Contains(gazetteer.Roles, r) {
			return fault.New(fault.Malformed, "bad-role", "不认识的职责“%s”：可用 %s", r, strings.Join(roleTexts(gazetteer.Roles), "、"))
		}
	}
	return nil
}

// CreateAccount makes an account with its roles; the password is stored only as an argon2id hash.
//
// Errors: Forbidden "not-yours"; Malformed "bad-login", "weak-password", "bad-role"; NotFound "office-unknown", also where
// the office is not the administrator's; Conflict "login-taken".
func (s *Store) CreateAccount(ctx context.Context, actor gazetteer.Actor, now time.Time, n NewAccount) (uuid.UUID, error) {
	if err := mayAdminister(actor); err != nil {
		return uuid.Nil, err
	}
	if err := n.check(); err != nil {
		return uuid.Nil, err
	}
	id := NewID()
	roles := roleTexts(n.Roles)
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := administersOffice(ctx, tx, actor, n.OfficeID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			insert into account (id, login, name, office_id, password_hash, demo, must_change_password)
			values (@id, @login, @name, @office, @hash, @demo, not @demo) on conflict (login) do nothing`,
			pgx.StrictNamedArgs{
				"id": id, "login": n.Login, "name": n.Name, "office": n.OfficeID, "hash": s.hashPassword(n.Password), "demo": n.Demo,
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
		if err := giveRoles(ctx, tx, id, roles); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + id.String(), Verb: "create",
			After: map[string]any{"login": n.Login, "name": n.Name, "officeId": n.OfficeID, "roles": roles},
		})
	})
	return id, err
}

// MaxLogin is how long a login can be (see loginForm).
const MaxLogin = 64

// SignIn returns the actor of an account. An unknown account, a wrong password and a disabled account get the same words
// after the same time: Anonymous "sign-in-failed".
func (s *Store) SignIn(ctx context.Context, login, password string) (gazetteer.Actor, error) {
	var id uuid.UUID
	hash := s.nobody()
	if len(login) > MaxLogin {
		login = "" // nobody's
	}
	err := s.db.QueryRow(ctx, `select id, password_hash from account where login = $1 and disabled_at is null`, login).Scan(&id, &hash)
	fits := passwordFits(password, hash)
	if err != nil && !isNoRows(err) {
		return gazetteer.Actor{}, err
	}
	if err != nil || !fits {
		return gazetteer.Actor{}, fault.New(fault.Anonymous, "sign-in-failed", "账号或密码不对")
	}
	return s.Actor(ctx, id)
}

// Actor returns the actor an account is now: its office and roles are read anew for every request.
func (s *Store) Actor(ctx context.Context, account uuid.UUID) (gazetteer.Actor, error) {
	var a gazetteer.Actor
	var jurisdiction *uuid.UUID
	err := s.db.QueryRow(ctx, `
		select a.id, a.login, a.name, o.id, o.name, o.kind, o.division_id, a.demo, a.must_change_password,
		       coalesce((select array_agg(r.role order by r.role) from account_role r where r.account_id = a.id), '{}'),
		       array_remove(offices_of(o.id), o.id)
		from account a join office o on o.id = a.office_id
		where a.id = $1 and a.disabled_at is null and o.valid @> (now() at time zone 'Asia/Shanghai')::date`, account).Scan(
		&a.AccountID, &a.Login, &a.Name, &a.OfficeID, &a.OfficeName, &a.OfficeKind, &jurisdiction, &a.Demo, &a.MustChangePassword, &a.Roles, &a.Succeeds)
	if err != nil {
		if isNoRows(err) {
			return a, fault.New(fault.Anonymous, "signed-out", "账号已停用、单位已撤销或登录已失效，请重新登录")
		}
		return a, err
	}
	open := true
	if a.Demo {
		if open, err = s.demoOpen(ctx); err != nil {
			return gazetteer.Actor{}, err
		}
	}
	if !open {
		return gazetteer.Actor{}, fault.New(fault.Anonymous, "demo-closed", "库里已有正式的账号或数据，演示账号不再能登录：请用正式账号")
	}
	if jurisdiction != nil {
		a.Jurisdiction = *jurisdiction
	}
	return a, nil
}

// Identity is who an account is at an OpenID provider.
type Identity struct {
	ID         uuid.UUID `json:"id"`
	Issuer     string    `json:"issuer"`
	Subject    string    `json:"subject"`
	RecordedAt time.Time `json:"recordedAt"`
}

// Account is an account as its administrator sees it.
type Account struct {
	ID                 uuid.UUID              `json:"id"`
	Login              string                 `json:"account"`
	Name               string                 `json:"name"`
	OfficeID           uuid.UUID              `json:"officeId"`
	OfficeName         string                 `json:"officeName"`
	Roles              []gazetteer.Role       `json:"roles"`
	State              string                 `json:"state"` // active, disabled
	DisabledAt         *time.Time             `json:"disabledAt"`
	MustChangePassword bool                   `json:"mustChangePassword"`
	Demo               bool                   `json:"demo"`
	Version            int                    `json:"version"`
	SeenAt             *time.Time             `json:"seenAt"`   // of the newest session
	Sessions           int                    `json:"sessions"` // open now
	Identities         []Identity             `json:"identities"`
	Actions            []gazetteer.OpenAction `json:"actions"`
}

// AccountChange is an account as it shall be.
type AccountChange struct {
	Name     string           `json:"name"`
	OfficeID uuid.UUID        `json:"officeId"`
	Roles    []gazetteer.Role `json:"roles"`
}

const accountSQL = `
	select a.id, a.login, a.name, a.office_id, o.name as office_name, a.disabled_at, a.must_change_password, a.demo, a.version,
	       case when a.disabled_at is null then 'active' else 'disabled' end as state,
	       coalesce((select array_agg(r.role order by r.role) from account_role r where r.account_id = a.id), '{}') as roles,
	       (select max(s.seen_at) from session s where s.account_id = a.id) as seen_at,
	       (select count(*)::int from session s where s.account_id = a.id and s.ended_at is null and s.expiry > now()) as sessions
	from account a join office o on o.id = a.office_id`

func scanAccount(row pgx.CollectableRow) (a Account, err error) {
	err = row.Scan(&a.ID, &a.Login, &a.Name, &a.OfficeID, &a.OfficeName, &a.DisabledAt, &a.MustChangePassword, &a.Demo, &a.Version,
		&a.State, &a.Roles, &a.SeenAt, &a.Sessions)
	a.Identities, a.Actions = []Identity{}, []gazetteer.OpenAction{}
	return a, err
}

// accountActions are what an administrator may do with an account in a state.
func accountActions(state string) []gazetteer.OpenAction {
	if state == "disabled" {
		return []gazetteer.OpenAction{{Name: "enable", Label: "启用", Needs: []string{}}}
	}
	return []gazetteer.OpenAction{
		{Name: "reset-password", Label: "重设密码", Needs: []string{}},
		{Name: "end-sessions", Label: "结束全部登录", Needs: []string{}},
		{Name: "disable", Label: "停用", Needs: []string{"reason"}},
	}
}

// Accounts lists the accounts of the offices the administrator keeps, or of one of them, newest first, from before the
// one named (nil: from the newest).
func (s *Store) Accounts(ctx context.Context, actor gazetteer.Actor, office, before uuid.UUID, limit int) ([]Account, error) {
	if err := mayAdminister(actor); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, accountSQL+`
		where `+administersSQL+` and (@office::uuid is null or o.id = @office) and (@before::uuid is null or a.id < @before)
		order by a.id desc limit @limit`,
		withScope(actor, pgx.StrictNamedArgs{"office": nilID(office), "before": nilID(before), "limit": limit}))
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	for i := range found {
		found[i].Actions = accountActions(found[i].State)
	}
	return found, nil
}

// Account returns an account with its identities. One of an office that is not the administrator's is NotFound
// "account-unknown", as one that does not exist.
func (s *Store) Account(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (Account, error) {
	if err := mayAdminister(actor); err != nil {
		return Account{}, err
	}
	rows, err := s.db.Query(ctx, accountSQL+` where a.id = @id and `+administersSQL, withScope(actor, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return Account{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if err != nil {
		return Account{}, notFound(err, "account-unknown", "没有这个账号")
	}
	a.Actions = accountActions(a.State)
	rows, err = s.db.Query(ctx, `select id, issuer, subject, recorded_at from account_identity where account_id = $1 order by id`, id)
	if err != nil {
		return Account{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Identity])
	a.Identities = append(a.Identities, found...)
	return a, err
}

// AccountByLogin returns the account of a login, for the command line.
func (s *Store) AccountByLogin(ctx context.Context, actor gazetteer.Actor, login string) (Account, error) {
	var id uuid.UUID
	if err := s.db.QueryRow(ctx, `select id from account where login = $1`, login).Scan(&id); err != nil {
		return Account{}, notFound(err, "account-unknown", "没有账号 %s", login)
	}
	return s.Account(ctx, actor, id)
}

// changeAccount locks an account at the version seen and changes it within one transaction, which raises the version and
// is written to the journal with what change returns.
//
// Errors: NotFound "account-unknown"; Stale "stale".
func (s *Store) changeAccount(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, verb string, change func(tx pgx.Tx, a Account) (before, after any, err error)) (Account, error) {
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from account where id = $1 for update`, id); err != nil {
			return err
		}
		a, err := New(tx).Account(ctx, actor, id)
		if err != nil {
			return err
		}
		if a.Version != version {
			return fault.New(fault.Stale, "stale", "账号已是第 %d 版，您看到的是第 %d 版：请刷新后再试", a.Version, version)
		}
		before, after, err := change(tx, a)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update account set version = version + 1 where id = $1`, id); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + id.String(), Verb: verb, Before: before, After: after,
		})
	})
	if err != nil {
		return Account{}, err
	}
	return s.Account(ctx, actor, id)
}

// ChangeAccount changes name, office and roles of an account as it stood at the version. Roles count from the next
// request on; an account that changes its office loses the tokens of the former one.
//
// Errors: those of changeAccount; Malformed "bad-role", "name-missing"; NotFound "office-unknown"; Conflict "own-account"
// for an administrator who gives up the administration.
func (s *Store) ChangeAccount(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, to AccountChange) (Account, error) {
	if err := checkRoles(to.Roles); err != nil {
		return Account{}, err
	}
	if to.Name == "" {
		return Account{}, fault.New(fault.Malformed, "name-missing", "请写明显示的单位与岗位")
	}
	return s.changeAccount(ctx, actor, now, id, version, "change", func(tx pgx.Tx, a Account) (any, any, error) {
		if a.ID == actor.AccountID && (!slices.Contains(to.Roles, gazetteer.Administrator) || to.OfficeID != a.OfficeID) {
			return nil, nil, fault.New(fault.Conflict, "own-account", "不能取消自己的系统管理职责，也不能把自己调到别的单位：请由另一位系统管理员办理")
		}
		if err := administersOffice(ctx, tx, actor, to.OfficeID); err != nil {
			return nil, nil, err
		}
		_, err := tx.Exec(ctx, `update account set name = @name, office_id = @office where id = @id`,
			pgx.StrictNamedArgs{"name": to.Name, "office": to.OfficeID, "id": id})
		if err != nil {
			return nil, nil, fmt.Errorf("change account %s: %w", a.Login, err)
		}
		if _, err := tx.Exec(ctx, `delete from account_role where account_id = $1`, id); err != nil {
			return nil, nil, err
		}
		return AccountChange{a.Name, a.OfficeID, a.Roles}, to, giveRoles(ctx, tx, id, roleTexts(to.Roles))
	})
}

// AccountAction is an action on an account.
type AccountAction struct {
	Name   string
	Reason string
}

// ActOnAccount disables or enables an account, ends its sessions, or resets its password, as it stood at the version. A
// disabled account is out at its next request, and its sessions and tokens are over for good. reset-password returns the
// new password, which is shown once and must be changed.
//
// Errors: those of changeAccount; Conflict "action-not-open", "own-account"; Malformed "reason-missing".
func (s *Store) ActOnAccount(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in AccountAction) (a Account, password string, err error) {
	a, err = s.changeAccount(ctx, actor, now, id, version, in.Name, func(tx pgx.Tx, a Account) (any, any, error) {
		at := slices.IndexFunc(a.Actions, func(o gazetteer.OpenAction) bool { return o.Name == in.Name })
		switch {
		case at < 0:
			return nil, nil, fault.New(fault.Conflict, "action-not-open", "账号现在不能办理“%s”：请刷新后再试", in.Name)
		case slices.Contains(a.Actions[at].Needs, "reason") && in.Reason == "":
			return nil, nil, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", a.Actions[at].Label)
		case a.ID == actor.AccountID && in.Name != "end-sessions":
			return nil, nil, fault.New(fault.Conflict, "own-account", "不能停用自己的账号；自己的密码请在“我的账号”中修改")
		}
		var err error
		switch in.Name {
		case "disable":
			if _, err = tx.Exec(ctx, `update account set disabled_at = $2 where id = $1`, id, now); err == nil {
				_, err = tx.Exec(ctx, `update api_token set revoked_at = $2 where account_id = $1 and revoked_at is null`, id, now)
			}
		case "enable":
			_, err = tx.Exec(ctx, `update account set disabled_at = null where id = $1`, id)
		case "reset-password":
			password = InitialPassword()
			_, err = tx.Exec(ctx, `update account set password_hash = $2, must_change_password = true where id = $1`, id, s.hashPassword(password))
			if err == nil { // the old password may be in other hands, and with it the tokens made by it
				_, err = tx.Exec(ctx, `update api_token set revoked_at = $2 where account_id = $1 and revoked_at is null`, id, now)
			}
		}
		if err == nil && in.Name != "enable" {
			err = endSessions(ctx, tx, id)
		}
		return nil, map[string]any{"reason": in.Reason}, err
	})
	return a, password, err
}

// AddIdentity records who the account is at an OpenID provider.
//
// Errors: those of changeAccount; Malformed "bad-identity"; Conflict "identity-taken".
func (s *Store) AddIdentity(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, issuer, subject string) (Account, error) {
	if !issuerForm.MatchString(issuer) || subject == "" || len(subject) > 255 {
		return Account{}, fault.New(fault.Malformed, "bad-identity", "请写明提供方地址（https://…）和其中的用户标识（sub）")
	}
	return s.changeAccount(ctx, actor, now, id, version, "add-identity", func(tx pgx.Tx, _ Account) (any, any, error) {
		_, err := tx.Exec(ctx, `insert into account_identity (id, account_id, issuer, subject, recorded_at) values ($1, $2, $3, $4, $5)`,
			NewID(), id, issuer, subject, now)
		if violates(err, "account_identity_once") {
			return nil, nil, fault.New(fault.Conflict, "identity-taken", "这个统一身份已经记在一个账号下")
		}
		return nil, map[string]any{"issuer": issuer, "subject": subject}, err
	})
}

var issuerForm = regexp.MustCompile(`^https?://[^\s]+$`)

// RemoveIdentity takes an identity from an account.
//
// Errors: those of changeAccount; NotFound "identity-unknown".
func (s *Store) RemoveIdentity(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, identity uuid.UUID) (Account, error) {
	return s.changeAccount(ctx, actor, now, id, version, "remove-identity", func(tx pgx.Tx, a Account) (any, any, error) {
		at := slices.IndexFunc(a.Identities, func(i Identity) bool { return i.ID == identity })
		if at < 0 {
			return nil, nil, fault.New(fault.NotFound, "identity-unknown", "账号下没有这个统一身份")
		}
		_, err := tx.Exec(ctx, `delete from account_identity where id = $1`, identity)
		return a.Identities[at], nil, err
	})
}

// ActorByIdentity returns the actor of the account an administrator recorded for the subject of an issuer; nobody
// recorded, or a disabled account, is Anonymous "identity-unknown".
func (s *Store) ActorByIdentity(ctx context.Context, issuer, subject string) (gazetteer.Actor, error) {
	var id uuid.UUID
	err := s.db.QueryRow(ctx, `select account_id from account_identity where issuer = $1 and subject = $2`, issuer, subject).Scan(&id)
	if err == nil {
		var a gazetteer.Actor
		if a, err = s.Actor(ctx, id); err == nil {
			return a, nil
		}
	}
	if isNoRows(err) || fault.KindOf(err) == fault.Anonymous {
		return gazetteer.Actor{}, fault.New(fault.Anonymous, "identity-unknown", "这个统一身份没有对应的账号：请联系本单位的系统管理员登记")
	}
	return gazetteer.Actor{}, err
}

func roleTexts(roles []gazetteer.Role) []string {
	texts := make([]string, len(roles))
	for i, r := range roles {
		texts[i] = string(r)
	}
	return texts
}

func giveRoles(ctx context.Context, tx pgx.Tx, account uuid.UUID, roles []string) error {
	_, err := tx.Exec(ctx, `insert into account_role (account_id, role) select distinct $1::uuid, unnest($2::text[])`, account, roles)
	if err != nil {
		return fmt.Errorf("give roles to %s: %w", account, err)
	}
	return nil
}

// DemoAccount is a demo account as it is shown to whoever tries the demo.
type DemoAccount struct {
	Account string   `json:"account"`
	Name    string   `json:"name"`
	Office  string   `json:"office"`
	Roles   []string `json:"roles"`
}

// DemoAccounts lists the demo accounts, none once they are closed.
func (s *Store) DemoAccounts(ctx context.Context) ([]DemoAccount, error) {
	if open, err := s.demoOpen(ctx); err != nil || !open {
		return []DemoAccount{}, err
	}
	rows, err := s.db.Query(ctx, `
		select a.login as account, a.name, o.name as office,
		       coalesce((select array_agg(r.role order by r.role) from account_role r where r.account_id = a.id), '{}') as roles
		from account a join office o on o.id = a.office_id where a.demo and a.disabled_at is null order by a.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DemoAccount])
}
