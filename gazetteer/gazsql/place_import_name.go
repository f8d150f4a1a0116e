package gazsql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// namesOfRow is a new place with the row it came from.
type namesOfRow struct {
	place keptPlace
	row   placeRow
}

// recordOtherNames records the names of new places beside the standard one of their row, and what else is said of that one.
// A place that is there keeps its names: an import does not rewrite them.
func recordOtherNames(ctx context.Context, tx pgx.Tx, now time.Time, all []namesOfRow, document uuid.UUID) error {
	for _, n := range all {
		for _, name := range n.row.names {
			var err error
			if name.Kind == gazetteer.StandardName && name.Name == n.row.Name && name.From == dayOrNone(n.row.From) {
				err = tellOfName(ctx, tx, n.place.id, name)
			} else {
				err = insertName(ctx, tx, n.place, name, document, now)
			}
			if err != nil {
				return nameCollides(err, n.row, name)
			}
		}
	}
	return nil
}

// nameCollides says which name of which row the database keeps impossible: Refused "import-collides".
func nameCollides(err error, row placeRow, name gazetteer.NameRecord) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "23") {
		return err
	}
	return fault.Wrap(err, fault.Refused, "import-collides",
		"第 %d 行“%s”的其他名称“%s”与同一处的另一个名称相抵触，没有导入任何内容：请核对它的类型、语言和起止日期", row.Line, row.Name, name.Name)
}

// tellOfName adds what is said of the standard name of a new place.
func tellOfName(ctx context.Context, tx pgx.Tx, place uuid.UUID, name gazetteer.NameRecord) error {
	_, err := tx.Exec(ctx, `
		update place_name set process = nullif(@process, ''), meaning = @meaning, origin = @origin, from_said = @fromSaid, to_said = @toSaid
		where place_id = @place and kind = 'standard' and language = 'zh' and name = @name`,
		pgx.StrictNamedArgs{
			"place": place, "name": name.Name, "process": name.Process, "meaning": nilText(name.Meaning), "origin": nilText(name.Origin),
			"fromSaid": nilText(name.FromSaid), "toSaid": nilText(name.ToSaid),
		})
	if err != nil {
		return fmt.Errorf("tell of the name: %w", err)
	}
	return nil
}

// dayOrNone writes a day, "" for none.
func dayOrNone(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}
