package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo/feature"
)

// PlaceClasses lists the classes a place may have, by code.
func (s *Store) PlaceClasses(ctx context.Context) ([]gazetteer.PlaceClass, error) {
	return listOf[gazetteer.PlaceClass](ctx, s, `
		select code, system, name, coalesce(parent, '') as parent, coalesce(category, '') as category, coalesce(census, '') as census,
		       coalesce(same_as, '') as same_as, verified, source
		from place_class order by system desc, code`)
}

var classColumns = feature.Columns{
	Fields: map[string][]string{
		"code": {"代码", "类别代码", "分类代码"}, "name": {"名称", "类别名称"}, "parent": {"上级", "上级代码"}, "system": {"体系"},
		"category": {"类别"}, "census": {"普查类别"}, "sameAs": {"对应国标"}, "verified": {"已核对"},
	},
}

// ImportPlaceClasses reads classes of places from a table, so that an authority completes and corrects what came with the program
// from the text of the standard it has: a class that is there is written anew, none is removed. Rows that say no system are of
// gb18521; verified is taken as no where nobody said it.
//
// Errors: those of Import.Begin and Run.Commit.
func (s *Store) ImportPlaceClasses(ctx context.Context, actor gazetteer.Actor, now time.Time, in Import) (ImportReport, error) {
	run, err := in.Begin("place-classes", classColumns)
	if err != nil {
		return ImportReport{}, err
	}
	return s.alone(ctx, actor, func(int) {}, func(s *Store) (ImportReport, error) {
		known, err := s.PlaceClasses(ctx)
		if err != nil {
			return run.Report, err
		}
		rows, err := run.placeClasses(ctx, known)
		if err != nil {
			return run.Report, err
		}
		return run.Commit(ctx, s, actor, now, func(tx pgx.Tx, document uuid.UUID) error {
			return writePlaceClasses(ctx, tx, rows, document)
		})
	})
}

// placeClasses reads and judges every row. A class may stand before the one above it.
func (r *Run) placeClasses(ctx context.Context, known []gazetteer.PlaceClass) ([]gazetteer.PlaceClass, error) {
	codes := map[string]gazetteer.PlaceClass{}
	for _, c := range known {
		codes[c.Code] = c
	}
	var rows []gazetteer.PlaceClass
	var lines []int
	err := r.Each(ctx, func(rec feature.Record, _ orb.Geometry) error {
		f := func(name string) string { return strings.TrimSpace(rec.Fields[name]) }
		c := gazetteer.PlaceClass{
			Code: f("code"), Name: f("name"), Parent: f("parent"), System: cmp.Or(f("system"), "gb18521"), Census: f("census"),
			SameAs: f("sameAs"), Verified: isTrue(f("verified")),
		}
		err := c.Check()
		if category := f("category"); err == nil && category != "" {
			c.Category, err = gazetteer.ImportedCategory(category)
		}
		if err != nil {
			r.RowError(rec.Line, err)
			return nil
		}
		if slices.ContainsFunc(rows, func(o gazetteer.PlaceClass) bool { return o.Code == c.Code }) {
			r.Complain(rec.Line, "code-twice", "分类代码 %s 在文件里出现两次", c.Code)
			return nil
		}
		was, there := codes[c.Code]
		was.Source, c.Source = "", ""
		switch {
		case !there:
			r.Report.Created++
		case was == c:
			r.Report.Unchanged++
			return nil
		default:
			r.Report.Changed++
		}
		codes[c.Code], rows, lines = c, append(rows, c), append(lines, rec.Line)
		return nil
	})
	for i, c := range rows {
		for _, other := range []string{c.Parent, c.SameAs} {
			if _, there := codes[other]; other != "" && !there {
				r.Complain(lines[i], "class-unknown", "分类 %s 的上级或对应分类 %s 既不在文件里，也不在库里", c.Code, other)
			}
		}
	}
	return rows, err
}

// writePlaceClasses writes the classes first and what they refer to afterwards, for they refer to one another.
func writePlaceClasses(ctx context.Context, tx pgx.Tx, rows []gazetteer.PlaceClass, document uuid.UUID) error {
	for _, sql := range []string{
		`insert into place_class (code, system, name, category, census, verified, source)
		 select @code, @system, @name, @category, @census, @verified, concat_ws(' ', title, number) from document where id = @document
		 on conflict (code) do update set system = excluded.system, name = excluded.name, category = excluded.category, census = excluded.census,
		     verified = excluded.verified, source = excluded.source`,
		`update place_class set parent = @parent, same_as = @sameAs where code = @code`,
	} {
		for _, c := range rows {
			args := pgx.NamedArgs{
				"code": c.Code, "system": c.System, "name": c.Name, "category": nilText(string(c.Category)), "census": nilText(c.Census), "verified": c.Verified,
				"document": document, "parent": nilText(c.Parent), "sameAs": nilText(c.SameAs),
			}
			if _, err := tx.Exec(ctx, sql, args); err != nil {
				return fmt.Errorf("write the class %s: %w", c.Code, err)
			}
		}
	}
	return nil
}
