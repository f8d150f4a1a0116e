package postgis

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Acting is for whom a transaction works: what the policies of row-level security ask for. The zero value is nobody, who
// sees none of the rows that have an owner.
type Acting struct {
	Account uuid.UUID
	Office  uuid.UUID
	System  string // a system actor such as "track.read"; the others are zero then
}

// The settings that carry Acting; the functions acting_account, acting_office and acting_system of the schema read them.
const (
	accountSetting = "fangyu.account"
	officeSetting  = "fangyu.office"
	systemSetting  = "fangyu.system"
)

// settings are the values of the three, "" for none.
func (a Acting) settings() [3]string {
	text := func(id uuid.UUID) string {
		if id == uuid.Nil {
			return ""
		}
		return id.String()
	}
	return [3]string{text(a.Account), text(a.Office), a.System}
}

// As runs do in a transaction that works for who. The settings are those of this transaction alone: a connection that
// goes back to the pool works for nobody. Over a transaction it is a savepoint, after which the transaction works for
// whom it worked before.
func As(ctx context.Context, db Conn, who Acting, do func(pgx.Tx) error) error {
	_, nested := db.(pgx.Tx)
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		before, err := exchange(ctx, tx, who.settings())
		if err != nil {
			return fmt.Errorf("say for whom: %w", err)
		}
		if err := do(tx); err != nil || !nested {
			return err
		}
		_, err = exchange(ctx, tx, before)
		return err
	})
}

// Act lets a transaction of the caller's own work for who until its end.
func Act(ctx context.Context, tx pgx.Tx, who Acting) error {
	if _, err := exchange(ctx, tx, who.settings()); err != nil {
		return fmt.Errorf("say for whom: %w", err)
	}
	return nil
}

// exchange sets the settings until the end of the transaction and returns what they were.
func exchange(ctx context.Context, tx pgx.Tx, now [3]string) (before [3]string, err error) {
	var batch pgx.Batch
	batch.Queue(`select coalesce(current_setting($1, true), ''), coalesce(current_setting($2, true), ''), coalesce(current_setting($3, true), '')`,
		accountSetting, officeSetting, systemSetting).QueryRow(func(row pgx.Row) error {
		return row.Scan(&before[0], &before[1], &before[2])
	})
	batch.Queue(`select set_config($1, $2, true), set_config($3, $4, true), set_config($5, $6, true)`,
		accountSetting, now[0], officeSetting, now[1], systemSetting, now[2])
	return before, tx.SendBatch(ctx, &batch).Close()
}
