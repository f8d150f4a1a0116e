package gazsql

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

// OfficeKey is a public key with which an office co-signs the ledger's checkpoints.
type OfficeKey struct {
	ID           uuid.UUID  `json:"id"`
	OfficeID     uuid.UUID  `json:"officeId"`
	OfficeName   string     `json:"officeName"`
	Key          string     `json:"key"`
	Algorithm    string     `json:"algorithm"`
	RegisteredAt time.Time  `json:"registeredAt"`
	RevokedAt    *time.Time `json:"revokedAt"`
}

const officeKeySQL = `
	select k.id, k.office_id, o.name as office_name, k.key, k.algorithm, k.registered_at, k.revoked_at
	from office_key k join office o on o.id = k.office_id`

// OfficeKeys lists the keys of every office, newest first, from before the one named (nil: from the newest). Anybody may
// read them.
func (s *Store) OfficeKeys(ctx context.Context, before uuid.UUID, limit int) ([]OfficeKey, error) {
	rows, err := s.db.Query(ctx, officeKeySQL+` where @before::uuid is null or k.id < @before order by k.id desc limit @limit`,
		pgx.StrictNamedArgs{"before": nilID(before), "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[OfficeKey])
}

// RegisterOfficeKey registers a public key of the administrator's own office. It is no other office's to speak for: a
// bureau does not register keys of the offices below. The key bears the office's name, so that a signature does too.
//
// Errors: Forbidden "not-yours", also for an office that is no authority, "confirm-identity"; those of
// ledger.ParseOfficeKey; Refused "office-key-name"; Conflict "office-key-taken".
func (s *Store) RegisterOfficeKey(ctx context.Context, actor gazetteer.Actor, now time.Time, text string) (OfficeKey, error) {
	if err := s.mayHoldKeys(actor); err != nil {
		return OfficeKey{}, err
	}
	if !s.open && !slices.Contains(witnesses, actor.OfficeKind) {
		return OfficeKey{}, fault.New(fault.Forbidden, "not-yours", "会签公钥只由民政部门、主管部门和乡镇政府登记")
	}
	if err := actor.Confirmed(now); err != nil {
		return OfficeKey{}, err
	}
	key, err := ledger.ParseOfficeKey(text)
	if err != nil {
		return OfficeKey{}, err
	}
	if key.Name() != actor.OfficeName {
		return OfficeKey{}, fault.New(fault.Refused, "office-key-name",
			"会签公钥的名称是“%s”，与本单位的名称“%s”不同：请用 fangyu ledger cosign --new-key '%[2]s' 另建一个", key.Name(), actor.OfficeName)
	}
	made := OfficeKey{
		ID: NewID(), OfficeID: actor.OfficeID, OfficeName: actor.OfficeName, Key: key.Text, Algorithm: key.Algorithm, RegisteredAt: now,
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into office_key (id, office_id, key, algorithm, registered_at, registered_by)
			values (@id, @office, @key, @algorithm, @now, @account)`,
			pgx.StrictNamedArgs{
				"id": made.ID, "office": actor.OfficeID, "key": key.Text, "algorithm": key.Algorithm, "now": now, "account": actor.AccountID,
			})
		if violates(err, "office_key_once") {
			return fault.New(fault.Conflict, "office-key-taken", "名称和散列与它相同的公钥已经登记：请另建一个密钥")
		}
		if err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "office/" + actor.OfficeID.String(), Verb: "register-key", After: map[string]any{"key": key.Text},
		})
	})
	return made, err
}

// RevokeOfficeKey revokes a key of the administrator's own office, or of one whose place it took, from the next request on.
// What it signed stays signed.
//
// Errors: Forbidden "not-yours"; NotFound "office-key-unknown" for any other and for one revoked before.
func (s *Store) RevokeOfficeKey(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) error {
	if err := s.mayHoldKeys(actor); err != nil {
		return err
	}
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		var office uuid.UUID
		var key string
		err := tx.QueryRow(ctx, `
			update office_key set revoked_at = @now, revoked_by = @account
			where id = @id and revoked_at is null and (@open or office_id = any (@offices)) returning office_id, key`,
			pgx.StrictNamedArgs{
				"now": now, "account": actor.AccountID, "id": id, "open": s.open, "offices": append([]uuid.UUID{actor.OfficeID}, actor.Succeeds...),
			}).Scan(&office, &key)
		if err != nil {
			return notFound(err, "office-key-unknown", "没有这个会签公钥，或它已经撤销")
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "office/" + office.String(), Verb: "revoke-key", Before: map[string]any{"key": key},
		})
	})
}

// witnesses are the kinds of offices that register keys.
var witnesses = []string{"civil-affairs", "competent-department", "township-government"}

// mayHoldKeys refuses whoever is no administrator of an office.
func (s *Store) mayHoldKeys(actor gazetteer.Actor) error {
	if !s.open && (!actor.Has(gazetteer.Administrator) || actor.OfficeID == uuid.Nil) {
		return fault.New(fault.Forbidden, "not-yours", "只有本单位的系统管理员可以登记和撤销会签公钥")
	}
	return nil
}
