package gazsql

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
)

// words gathers the words that count in each division: some do in a region only.
func (g *auditGather) words(ctx context.Context) error {
	if g.Pack.ID == "" {
		return nil
	}
	book, err := g.store.book(ctx)
	if err != nil {
		return err
	}
	g.Words = map[uuid.UUID]map[string]*gazetteer.WordList{}
	byPlace := map[string]map[string]*gazetteer.WordList{}
	for i, d := range g.Divisions {
		code := g.codeOf(i)
		where := book.WordsAt(code)
		if _, known := byPlace[where]; !known {
			there, err := book.On(g.day, g.Pack.ID, code)
			if err != nil {
				return err
			}
			byPlace[where] = there.WordLists()
		}
		g.Words[d.ID] = byPlace[where]
	}
	return nil
}

// codeOf is the code of a division, of county or township level or above, or of the nearest above it that has one: that of chainOf.
func (g *auditGather) codeOf(at int) string {
	for range gazetteer.Levels {
		d := &g.Divisions[at]
		codes := []string{}
		for _, c := range d.Codes {
			if c.Ended == "" && (c.System == gazetteer.GBT2260 || c.System == gazetteer.GBT10114) {
				codes = append(codes, string(c.Code))
			}
		}
		if len(codes) > 0 {
			return slices.Min(codes)
		}
		above, there := g.at[d.Parent]
		if !there {
			break
		}
		at = above
	}
	return ""
}

// beside gathers what the rules ask of besides standard names, as far as it is open to everybody: what an office may not know of leaves no
// trace in a finding that does not name it.
func (g *auditGather) beside(ctx context.Context) error {
	near := g.near()
	for kind, gather := range map[gazetteer.RuleKind]func(context.Context, []uuid.UUID) error{
		gazetteer.NatureRule: g.naturalShapes, gazetteer.BorrowedRule: g.famous, gazetteer.ProtectedRule: g.protected,
	} {
		if !g.asks(kind) {
			continue
		}
		if err := gather(ctx, near); err != nil {
			return err
		}
	}
	return g.otherNames(ctx, near)
}

// asks reports whether the pack has a rule of a kind about names in use.
func (g *auditGather) asks(kind gazetteer.RuleKind) bool {
	return slices.ContainsFunc(g.Pack.Rules, func(r gazetteer.Rule) bool {
		return r.Kind == kind && (len(r.Cases) == 0 || slices.Contains(r.Cases, "existing"))
	})
}

// otherNames gathers the names that places had once, or bear besides the standard one.
func (g *auditGather) otherNames(ctx context.Context, near []uuid.UUID) error {
	return each(ctx, g.store, `
		select distinct n.place_id as place, n.name
		from place_name n join place p on p.id = n.place_id
		where p.division_id = any ($1) and n.language = 'zh'
		  and (n.kind in ('former', 'alternative', 'customary') or n.kind = 'standard' and not n.valid @> $2::text::date)
		order by 1, 2`, func(n gazetteer.AuditedName) error {
		g.Beside.Names = append(g.Beside.Names, n)
		return nil
	}, near, g.day)
}

// naturalShapes gathers the shapes of the natural features that are more than a point.
func (g *auditGather) naturalShapes(ctx context.Context, near []uuid.UUID) error {
	rows, err := g.store.db.Query(ctx, `
		select id, st_force2d(geom) from place where category = 'natural' and st_dimension(geom) > 0 and division_id = any ($1)`, near)
	if err != nil {
		return err
	}
	g.Beside.Shapes = map[uuid.UUID]orb.Geometry{}
	var id uuid.UUID
	var shape orb.Geometry
	_, err = pgx.ForEachRow(rows, []any{&id, &shape}, func() error {
		g.Beside.Shapes[id] = shape
		return nil
	})
	return err
}

// famous gathers the natural features and sites beyond the province that bear the specific of one of its divisions.
func (g *auditGather) famous(ctx context.Context, near []uuid.UUID) error {
	var specifics []string
	for _, d := range g.Divisions {
		if specific, _ := gazetteer.SplitName(d.Name, gazetteer.DivisionCategory); specific != "" && slices.Contains(near, d.ID) {
			specifics = append(specifics, specific)
		}
	}
	records, err := g.store.records(ctx, `
		select p.id, n.name, p.category, n.reading, coalesce(dv.name, '') as division, null::float8 as distance
		from place_name n join place p on p.id = n.place_id
		left join division_version dv on dv.division_id = p.division_id and upper_inf(dv.valid)
		where n.name = any ($1) and n.kind = 'standard' and n.valid @> $3::text::date and p.category in ('natural', 'park') and p.division_id <> all ($2)
		order by p.id`, specifics, near, g.day)
	g.Beside.Famous = records
	return err
}

// protected gathers why standard names should stay: by place, the last that was recorded.
func (g *auditGather) protected(ctx context.Context, near []uuid.UUID) error {
	rows, err := g.store.db.Query(ctx, `
		select distinct on (e.place_id) e.place_id, n.name, p.category, coalesce(d.title, '')
		from name_event e join place p on p.id = e.place_id
		join place_name n on n.place_id = p.id and n.kind = 'standard' and n.valid @> $2::text::date
		left join document d on d.id = e.document_id
		where p.division_id = any ($1) and e.kind = 'protection' order by e.place_id, e.recorded_at desc`, near, g.day)
	if err != nil {
		return err
	}
	g.Beside.Protected = map[uuid.UUID]gazetteer.Protection{}
	var p gazetteer.Protection
	_, err = pgx.ForEachRow(rows, []any{&p.Record.PlaceID, &p.Record.Name, &p.Record.Category, &p.Listed}, func() error {
		g.Beside.Protected[p.Record.PlaceID] = p
		return nil
	})
	return err
}
