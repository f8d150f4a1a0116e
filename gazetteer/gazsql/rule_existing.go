package gazsql

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// onRecord adds to a draft of a name in use what the record says of it: the level of the division it stands for, and how it is read.
func (s *Store) onRecord(ctx context.Context, d *gazetteer.Draft) error {
	if d.PlaceID == uuid.Nil {
		return nil
	}
	var reading string
	err := s.db.QueryRow(ctx, `
		select coalesce(v.level, ''), n.reading, n.reading_status <> 'unverified'
		from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)
		left join division_version v on v.division_id = p.represents_division_id and upper_inf(v.valid)
		where p.id = $1 and n.name = $2 limit 1`, d.PlaceID, d.Name).Scan(&d.Level, &reading, &d.Settled)
	if err != nil && !isNoRows(err) {
		return fmt.Errorf("read the record of a name in use: %w", err)
	}
	d.Reading = strings.Fields(reading)
	return nil
}
