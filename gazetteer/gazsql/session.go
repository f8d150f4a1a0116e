package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Session is an open session as its owner and the administrator see it; the token that opens it is nobody's to see.
type Session struct {
	ID        uuid.UUID `json:"id"`
	AccountID uuid.UUID `json:"accountId"`
	Login     string    `json:"account"`
	Name      string    `json:"name"`
	BeganAt   time.Time `json:"beganAt"`
	SeenAt    time.Time `json:"seenAt"`
	ExpiresAt time.Time `json:"expiresAt"` // if nothing more is asked
	Peer      string    `json:"peer"`
	Agent     string    `json:"agent"`
}

const sessionSQL = `
	select s.id, a.id as account_id, a.login, a.name, s.began_at, s.seen_at, s.expiry as expires_at,
	       coalesce(s.peer, '') as peer, coalesce(s.agent, '') as agent
	from session s join account a on a.id = s.account_id join office o on o.id = a.office_id
	where s.ended_at is null and s.expiry > now()`

// OwnSessions lists the open sessions of the actor, newest first.
func (s *Store) OwnSessions(ctx context.Context, actor gazetteer.Actor) ([]Session, error) {
	rows, err := s.db.Query(ctx, sessionSQL+` and a.id = $1 order by s.id desc`, actor.AccountID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Session])
}

// Sessions lists the open sessions of the accounts the administrator keeps, or of one of them, newest first, from before
// the one named (nil: from the newest).
func (s *Store) Sessions(ctx context.Context, actor gazetteer.Actor, account, before uuid.UUID, limit int) ([]Session, error) {
	if err := mayAdminister(actor); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, sessionSQL+` and `+administersSQL+`
		and (@account::uuid is null or a.id = @account) and (@before::uuid is null or s.id < @before) order by s.id desc limit @limit`,
		withScope(actor, pgx.StrictNamedArgs{"account": nilID(account), "before": nilID(before), "limit": limit}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Session])
}

// EndOwnSession ends a session of the actor's account; NotFound "session-unknown" for any other.
func (s *Store) EndOwnSession(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	return s.endSession(ctx, actor, now, id, `a.id = @account`, pgx.StrictNamedArgs{"account": actor.AccountID})
}

// EndSession ends a session of an account the administrator keeps; NotFound "session-unknown" for any other.
func (s *Store) EndSession(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	if err := mayAdminister(actor); err != nil {
		return err
	}
	return s.endSession(ctx, actor, now, id, administersSQL, withScope(actor, pgx.StrictNamedArgs{}))
}

func (s *Store) endSession(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, whose string, args pgx.StrictNamedArgs) error {
	args["id"] = id
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		var account uuid.UUID
		err := tx.QueryRow(ctx, `
			update session s set ended_at = now(), data = '' from account a, office o
			where s.id = @id and s.ended_at is null and a.id = s.account_id and o.id = a.office_id and `+whose+`
			returning a.id`, args).Scan(&account)
		if err != nil {
			return notFound(err, "session-unknown", "没有这次登录，或它已经结束")
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + account.String(), Verb: "end-session", Before: map[string]any{"session": id},
		})
	})
}

// EndOtherSessions ends every session of the actor's account but the one named.
func (s *Store) EndOtherSessions(ctx context.Context, actor gazetteer.Actor, now time.Time, but uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			update session set ended_at = now(), data = '' where account_id = $1 and ended_at is null and id <> $2`, actor.AccountID, but)
		if err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + actor.AccountID.String(), Verb: "end-other-sessions",
		})
	})
}

// endSessions ends every session of an account. The rows stay until they would have expired, so that a request that is
// still running cannot write its session back.
func endSessions(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	_, err := tx.Exec(ctx, `update session set ended_at = now(), data = '' where account_id = $1 and ended_at is null`, account)
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// RecordSignIn writes a sign-in, and how it was made, to the journal.
func (s *Store) RecordSignIn(ctx context.Context, actor gazetteer.Actor, now time.Time, way, peer string) error {
	if actor.AccountID == uuid.Nil {
		return fault.New(fault.Anonymous, "signed-out", "请先登录")
	}
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "account/" + actor.AccountID.String(), Verb: "sign-in", After: map[string]any{"way": way, "peer": peer},
		})
	})
}
