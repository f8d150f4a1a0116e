package gazsql

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

// Cosignature is an office's signature under a checkpoint of the ledger.
type Cosignature struct {
	ID         uuid.UUID `json:"id"`
	Size       int64     `json:"size"` // of the checkpoint
	OfficeID   uuid.UUID `json:"officeId"`
	OfficeName string    `json:"officeName"`
	KeyID      uuid.UUID `json:"keyId"`
	Line       string    `json:"line"` // as it stands under the note
	At         time.Time `json:"at"`
}

const cosignatureSQL = `
	select s.id, s.size, k.office_id, o.name as office_name, s.key_id, s.line, s.at
	from cosignature s join office_key k on k.id = s.key_id join office o on o.id = k.office_id`

// Cosignatures lists the signatures of offices, newest first, of a checkpoint (0: of all), from before the one named (nil:
// from the newest). Anybody may read them.
func (s *Store) Cosignatures(ctx context.Context, size int64, before uuid.UUID, limit int) ([]Cosignature, error) {
	rows, err := s.db.Query(ctx, cosignatureSQL+`
		where (@size::bigint = 0 or s.size = @size) and (@before::uuid is null or s.id < @before) order by s.id desc limit @limit`,
		pgx.StrictNamedArgs{"size": size, "before": nilID(before), "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Cosignature])
}

// Cosign keeps the signatures that keys of the actor's office put under a checkpoint, and returns them; those kept before
// stay as they are. What counts is the key, not who brings the note. The journal says nothing of it: an entry for each
// would make every checkpoint ask for the next, and the signatures themselves cannot be changed either.
//
// Errors: those of ledger.OpenCosigned; Refused "checkpoint-unknown" for what the ledger did not make.
func (s *Store) Cosign(ctx context.Context, actor gazetteer.Actor, now time.Time, signed string) (found []Cosignature, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		keys, err := s.standingKeys(ctx, tx, actor)
		if err != nil {
			return err
		}
		c, lines, err := ledger.OpenCosigned(signed, keys.verifiers...)
		if err != nil {
			return err
		}
		made, err := (&ledger.Book{DB: tx}).Made(ctx, c)
		if err != nil {
			return err
		}
		if !made {
			return fault.New(fault.Refused, "checkpoint-unknown", "第 %d 条处没有这样的检查点：会签的须是 GET /api/ledger/checkpoint 给出的原文，一字不改", c.Size)
		}
		kept := make([]uuid.UUID, len(lines))
		for i, l := range lines {
			kept[i] = keys.ids[l.Signer]
			_, err := tx.Exec(ctx, `
				insert into cosignature (id, size, key_id, line, account_id, at) values (@id, @size, @key, @line, @account, @now)
				on conflict on constraint cosignature_once do nothing`,
				pgx.StrictNamedArgs{"id": NewID(), "size": c.Size, "key": kept[i], "line": l.Line, "account": actor.AccountID, "now": now})
			if err != nil {
				return err
			}
		}
		rows, err := tx.Query(ctx, cosignatureSQL+` where s.size = $1 and s.key_id = any ($2) order by s.id desc`, c.Size, kept)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowToStructByName[Cosignature])
		return err
	})
	return found, err
}

// officeKeys are keys to check by, with their ids by name+hash.
type officeKeys struct {
	verifiers []note.Verifier
	ids       map[string]uuid.UUID
}

// standingKeys reads the keys of the actor's office that are not revoked, and holds them until the end of the transaction.
func (s *Store) standingKeys(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor) (officeKeys, error) {
	keys := officeKeys{ids: map[string]uuid.UUID{}}
	rows, err := tx.Query(ctx, `
		select id, signer, key from office_key where (@open or office_id = @office) and revoked_at is null for share`,
		pgx.StrictNamedArgs{"open": s.open, "office": actor.OfficeID})
	if err != nil {
		return keys, err
	}
	var id uuid.UUID
	var signer, text string
	_, err = pgx.ForEachRow(rows, []any{&id, &signer, &text}, func() error {
		key, err := ledger.ParseOfficeKey(text)
		keys.verifiers, keys.ids[signer] = append(keys.verifiers, key.Verifier), id
		return err
	})
	return keys, err
}
