package gazsql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

const (
	tokenPrefix   = "fangyu_"            // marks our tokens, so that a leaked one is recognised for what it is
	tokenShown    = len(tokenPrefix) + 6 // characters kept in the clear, to tell tokens by
	tokenLife     = 400 * 24 * time.Hour // the longest
	tokenUsedNote = time.Minute          // how exactly the last use is known
)

// Token is a token as its owner and the administrator see it: never the token itself.
type Token struct {
	ID        uuid.UUID              `json:"id"`
	AccountID uuid.UUID              `json:"accountId"`
	Login     string                 `json:"account"`
	Name      string                 `json:"name"`
	Prefix    string                 `json:"prefix"`
	Scopes    []gazetteer.TokenScope `json:"scopes"`
	CreatedAt time.Time              `json:"createdAt"`
	ExpiresAt time.Time              `json:"expiresAt"`
	UsedAt    *time.Time             `json:"usedAt"` // to the minute
	RevokedAt *time.Time             `json:"revokedAt"`
}

// CreateToken makes a token of an account for a script or device, good in the account's office for the scopes (all when
// none is named). The token is returned once and stored as its hash only.
//
// Errors: Forbidden "not-yours" for another's account; NotFound "account-unknown"; Malformed "bad-scope", "bad-life" when
// it is not for 1 minute to 400 days, "name-missing".
func (s *Store) CreateToken(ctx context.Context, actor gazetteer.Actor, now time.Time, login, name string, life time.Duration, scopes ...gazetteer.TokenScope) (string, error) {
	if actor.System == "" && actor.Login != login {
		return "", fault.New(fault.Forbidden, "not-yours", "只能为自己的账号建立令牌")
	}
	if len(scopes) == 0 {
		scopes = gazetteer.TokenScopes
	}
	if err := checkToken(name, life, scopes); err != nil {
		return "", err
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	hash := sha256.Sum256([]byte(token))
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		id := NewID()
		tag, err := tx.Exec(ctx, `
			insert into api_token (id, account_id, office_id, name, prefix, scopes, hash, created_at, expires_at)
			select @id, a.id, a.office_id, @name, @prefix, @scopes, @hash, @now, @expires
			from account a where a.login = @login and a.disabled_at is null`,
			pgx.StrictNamedArgs{
				"id": id, "name": name, "prefix": token[:tokenShown], "scopes": scopes, "hash": hash[:], "now": now,
				"expires": now.Add(life), "login": login,
			})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "account-unknown", "没有账号 %s", login)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "token/" + id.String(), Verb: "create",
			After: map[string]any{"login": login, "name": name, "scopes": scopes, "expiresAt": now.Add(life)},
		})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func checkToken(name string, life time.Duration, scopes []gazetteer.TokenScope) error {
	if strings.TrimSpace(name) == "" {
		return fault.New(fault.Malformed, "name-missing", "请写明令牌的用途")
	}
	if life < time.Minute || life > tokenLife {
		return fault.New(fault.Malformed, "bad-life", "令牌的有效期须在 1 分钟到 400 天之间")
	}
	for _, scope := range scopes {
		if !slices.Contains(gazetteer.TokenScopes, scope) {
			return fault.New(fault.Malformed, "bad-scope", "不认识的令牌范围“%s”：可用 read（查阅）、upload（上传轨迹）、work（办理）", scope)
		}
	}
	return nil
}

// ActorByToken returns the actor of a token that has neither expired nor been revoked, and whose account still belongs to
// the office the token was made for, else Anonymous "bad-token".
func (s *Store) ActorByToken(ctx context.Context, now time.Time, token string) (gazetteer.Actor, error) {
	hash := sha256.Sum256([]byte(token))
	var id, account, office uuid.UUID
	var scopes []gazetteer.TokenScope
	var used *time.Time
	err := s.db.QueryRow(ctx, `
		select id, account_id, office_id, scopes, used_at from api_token where hash = $1 and expires_at > $2 and revoked_at is null`, hash[:], now).
		Scan(&id, &account, &office, &scopes, &used)
	if isNoRows(err) {
		return gazetteer.Actor{}, badToken()
	}
	if err != nil {
		return gazetteer.Actor{}, err
	}
	a, err := s.Actor(ctx, account)
	if err != nil {
		return a, err
	}
	if a.OfficeID != office {
		return gazetteer.Actor{}, badToken()
	}
	if used == nil || now.Sub(*used) > tokenUsedNote {
		if _, err := s.db.Exec(ctx, `update api_token set used_at = $2 where id = $1`, id, now); err != nil {
			return gazetteer.Actor{}, err
		}
	}
	a.Token, a.Scopes = true, scopes
	return a, nil
}

func badToken() error {
	return fault.New(fault.Anonymous, "bad-token", "令牌无效、已过期或已撤销")
}

const tokenSQL = `
	select t.id, a.id as account_id, a.login, t.name, t.prefix, t.scopes, t.created_at, t.expires_at, t.used_at, t.revoked_at
	from api_token t join account a on a.id = t.account_id join office o on o.id = a.office_id`

// OwnTokens lists the tokens of the actor's account, newest first, revoked and expired ones too.
func (s *Store) OwnTokens(ctx context.Context, actor gazetteer.Actor) ([]Token, error) {
	rows, err := s.db.Query(ctx, tokenSQL+` where a.id = $1 order by t.id desc`, actor.AccountID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

// Tokens lists the tokens of the accounts the administrator keeps, or of one of them, newest first, from before the one
// named (nil: from the newest).
func (s *Store) Tokens(ctx context.Context, actor gazetteer.Actor, account, before uuid.UUID, limit int) ([]Token, error) {
	if err := mayAdminister(actor); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, tokenSQL+` where `+administersSQL+`
		and (@account::uuid is null or a.id = @account) and (@before::uuid is null or t.id < @before) order by t.id desc limit @limit`,
		withScope(actor, pgx.StrictNamedArgs{"account": nilID(account), "before": nilID(before), "limit": limit}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

// Token returns a token of an account the administrator keeps; NotFound "token-unknown" for any other.
func (s *Store) Token(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (Token, error) {
	if err := mayAdminister(actor); err != nil {
		return Token{}, err
	}
	rows, err := s.db.Query(ctx, tokenSQL+` where t.id = @id and `+administersSQL, withScope(actor, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return Token{}, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Token])
	return found, notFound(err, "token-unknown", "没有这个令牌")
}

// RevokeOwnToken revokes a token of the actor's account, from the next request on; NotFound "token-unknown" for any other.
func (s *Store) RevokeOwnToken(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	return s.revokeToken(ctx, actor, now, id, `a.id = @account`, pgx.StrictNamedArgs{"account": actor.AccountID})
}

// RevokeToken revokes a token of an account the administrator keeps; NotFound "token-unknown" for any other.
func (s *Store) RevokeToken(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	if err := mayAdminister(actor); err != nil {
		return err
	}
	return s.revokeToken(ctx, actor, now, id, administersSQL, withScope(actor, pgx.StrictNamedArgs{}))
}

func (s *Store) revokeToken(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, whose string, args pgx.StrictNamedArgs) error {
	args["id"], args["now"] = id, now
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var prefix string
		err := tx.QueryRow(ctx, `
			update api_token t set revoked_at = @now from account a, office o
			where t.id = @id and t.revoked_at is null and a.id = t.account_id and o.id = a.office_id and `+whose+`
			returning t.prefix`, args).Scan(&prefix)
		if err != nil {
			return notFound(err, "token-unknown", "没有这个令牌，或它已经撤销")
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "token/" + id.String(), Verb: "revoke", Before: map[string]any{"prefix": prefix},
		})
	})
}
