package gazsql

import (
	"context"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
)

// BuiltUpAreaRow is a built-up area (建成区) for the read model.
type BuiltUpAreaRow struct {
	ID        uuid.UUID
	Name      string
	Valid     Valid
	Synthetic bool
	Source    string
	Geom      orb.Geometry
}

// EachBuiltUpArea calls do for every built-up area, for the read model.
func (s *Store) EachBuiltUpArea(ctx context.Context, do func(BuiltUpAreaRow) error) error {
	return each(ctx, s, `
		select a.id, a.name, a.valid, a.synthetic, d.title as source, a.geom
		from built_up_area a join document d on d.id = a.document_id`, do)
}
