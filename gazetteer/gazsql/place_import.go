package gazsql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

var placeColumns = feature.Columns{
	Fields: map[string][]string{
		"name": {"名称", "标准名称", "地名"}, "category": {"类别"}, "divisionCode": {"所在行政区代码", "行政区划代码", "code"},
		"lon": {"longitude", "经度"}, "lat": {"latitude", "纬度"}, "locatedBy": {"定位方式"},
		"validFrom": {"生效日期"}, "validTo": {"失效日期"}, "sourceDocument": {"来源"}, "id": nil,
	},
	Ignored: []string{"romanization", "readingStatus", "divisionName", "status", "synthetic", "document", "approvedBy", "notice", "source", "asOf", "level", "rank"},
}

type placeRow struct {
	line     int
	id       uuid.UUID // as the file gives it, if so
	name     string
	category gazetteer.Category
	code     gazetteer.DivisionCode // of the division
	division uuid.UUID
	point    orb.Geometry
	given    orb.Geometry
	located  gazetteer.LocatedBy
	from, to time.Time
}

// ImportPlaces reads places with their standard names. A place of the same name and category, in the same division and
// ending on the same day, is taken as the same one and left unchanged; so is the place whose id the file gives, so that
// an export comes in again without doubling anything. An import renames nothing ("renaming-is-a-case").
//
// Errors: those of Import.Begin and Run.Commit.
func (s *Store) ImportPlaces(ctx context.Context, actor gazetteer.Actor, now time.Time, in Import) (ImportReport, error) {
	run, err := in.Begin("places", placeColumns)
	if err != nil {
		return ImportReport{}, err
	}
	return s.alone(ctx, func(s *Store) (ImportReport, error) {
		divisions, err := s.divisionsByCode(ctx)
		if err != nil {
			return run.Report, err
		}
		known, err := s.knownPlaces(ctx)
		if err != nil {
			return run.Report, err
		}
		var rows []placeRow
		areas := divisionAreas{known: divisions, areas: map[gazetteer.DivisionCode]*geo.Area{}}
		err = run.Each(ctx, func(rec feature.Record, given orb.Geometry) error {
			if row, ok := run.placeOf(rec, given, divisions); ok && run.isNewPlace(row, known) {
				if o := areas.outside(row); o.Far() {
					run.Remark(row.line, "outside-division", fault.Warning, "“%s”的%s：请核对经纬度、坐标系和所在行政区划", row.name, o)
				}
				run.remarkCharacters(row.line, row.name)
				rows = append(rows, row)
			}
			return nil
		})
		if err != nil {
			return run.Report, err
		}
		return run.Commit(ctx, s, actor, now, func(tx pgx.Tx, document uuid.UUID) error {
			return run.recordPlaces(ctx, tx, now, rows, document)
		})
	})
}

// remarkCharacters notes what is amiss with the characters of a name that is taken as it comes: a record of what is in use
// is not refused for how it is written, but somebody has to look at it.
func (r *Run) remarkCharacters(line int, name string) {
	for _, f := range gazetteer.CheckCharacters(name) {
		severity := f.Severity
		switch severity {
		case fault.Block:
			severity = fault.Review
		case fault.Warning:
			severity = fault.Info
		}
		r.Remark(line, f.Code, severity, "%s", f.Detail)
	}
}

// divisionAreas are the areas of divisions as far as they were asked for.
type divisionAreas struct {
	known knownDivisions
	areas map[gazetteer.DivisionCode]*geo.Area
}

// outside tells how far the point of a place lies outside its division, or outside its county where the division has no
// shape.
func (a divisionAreas) outside(row placeRow) gazetteer.Outside {
	p, ok := row.point.(orb.Point)
	if !ok {
		return gazetteer.Outside{}
	}
	for _, code := range []gazetteer.DivisionCode{row.code, row.code[:6]} {
		d, _ := a.known.current(code)
		if d.Shape == nil {
			continue
		}
		if a.areas[code] == nil {
			a.areas[code] = geo.NewArea(d.Shape)
		}
		return gazetteer.Outside{DivisionID: d.ID, DivisionName: d.Name, DistanceM: a.areas[code].OutsideM(p)}
	}
	return gazetteer.Outside{}
}

// isNewPlace reports whether the row is a place that is not there, and counts it.
func (r *Run) isNewPlace(row placeRow, known knownPlaces) bool {
	key := placeKey{row.name, row.category, row.division, row.to}
	if known.withheld[row.id] {
		r.Report.Unchanged++
		return false
	}
	if names := known.names[row.id]; len(names) > 0 {
		if !slices.Contains(names, row.name) {
			r.Complain(row.line, "renaming-is-a-case", "地名 %s 在库里是“%s”，文件里是“%s”：更名须经申报、审批，不由导入改写", row.id, names[0], row.name)
			return false
		}
	} else if !known.keys[key] {
		known.keys[key] = true
		r.Report.Created++
		r.Report.Counts[string(row.category)]++
		return true
	}
	r.Report.Unchanged++
	return false
}

func (r *Run) recordPlaces(ctx context.Context, tx pgx.Tx, now time.Time, rows []placeRow, document uuid.UUID) error {
	var places, names [][]any
	for _, row := range rows {
		id := NewID()
		line := r.placeRow(id, row.category, row.division, nil, nil, row.given, document, now)
		line[3], line[4] = row.point, string(row.located)
		places = append(places, line)
		names = append(names, nameRow(id, row.name, row.category, row.code, Span(row.from, row.to), document, now))
	}
	return copyPlaces(ctx, tx, places, names)
}

func (r *Run) placeOf(rec feature.Record, given orb.Geometry, divisions knownDivisions) (placeRow, bool) {
	row := placeRow{line: rec.Line, name: strings.TrimSpace(rec.Fields["name"]), point: rec.Geometry, given: given, located: gazetteer.ByDivision}
	row.id, _ = uuid.Parse(rec.ID)
	if row.name == "" {
		r.Complain(rec.Line, "name-missing", "没有名称")
		return row, false
	}
	err := checkLetters(row.name)
	if err != nil {
		r.RowError(rec.Line, err)
		return row, false
	}
	if row.category, err = gazetteer.ParseCategory(rec.Fields["category"]); err == nil {
		row.from, row.to, err = r.validity(rec)
	}
	var code gazetteer.DivisionCode
	if err == nil {
		code, _, err = gazetteer.ParseCode(rec.Fields["divisionCode"])
	}
	if err != nil {
		r.RowError(rec.Line, err)
		return row, false
	}
	code, _ = gazetteer.Canonical(code, gazetteer.LevelOf(code))
	d, ok := divisions.current(code)
	if !ok {
		r.Complain(rec.Line, "division-missing", "“%s”所在的行政区划 %s 不在库里：请先导入", row.name, code)
		return row, false
	}
	row.code, row.division = code, d.ID
	if row.point != nil {
		row.located = gazetteer.ByMap
	}
	switch by := gazetteer.LocatedBy(rec.Fields["locatedBy"]); {
	case by == "" || by == gazetteer.ByDivision && row.point == nil:
	case (by == gazetteer.BySurvey || by == gazetteer.ByMap) && row.point != nil:
		row.located = by
	default:
		r.Complain(rec.Line, "located-by", "“%s”的定位方式“%s”与有无坐标不符：有坐标写 survey 或 map，没有坐标写 division", row.name, by)
		return row, false
	}
	if row.located == gazetteer.ByDivision {
		r.Remark(rec.Line, "no-position", fault.Info, "“%s”没有坐标，只定位到 %s", row.name, d.Name)
	}
	return row, true
}

// placeKey is what makes two rows the same place under the same name: the name's last day is zero while it is open.
type placeKey struct {
	name     string
	category gazetteer.Category
	division uuid.UUID
	to       time.Time
}

// knownPlaces are the standard names that are there, by what they are called where, and by place.
type knownPlaces struct {
	keys     map[placeKey]bool
	names    map[uuid.UUID][]string
	withheld map[uuid.UUID]bool
}

// knownPlaces gathers every standard name. The place of a division is known in that division, and in the one above it, in
// which lists and our own exports put it.
func (s *Store) knownPlaces(ctx context.Context) (knownPlaces, error) {
	known := knownPlaces{keys: map[placeKey]bool{}, names: map[uuid.UUID][]string{}, withheld: map[uuid.UUID]bool{}}
	rows, err := s.db.Query(ctx, `
		select p.id, n.name, p.category, p.division_id, v.parent_id, upper(n.valid)
		from place p
		join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh'
		left join division_version v on v.division_id = p.represents_division_id and v.valid && n.valid
		order by upper(n.valid) desc nulls first`)
	if err != nil {
		return known, err
	}
	var id uuid.UUID
	var k placeKey
	var above *uuid.UUID
	var to *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &k.name, &k.category, &k.division, &above, &to}, func() error {
		k.to = dayOf(to)
		known.keys[k] = true
		known.names[id] = append(known.names[id], k.name)
		if above != nil {
			k.division = *above
			known.keys[k] = true
		}
		return nil
	})
	if err != nil {
		return known, fmt.Errorf("gather places: %w", err)
	}
	return known, s.knowWithheld(ctx, &known)
}

// knowWithheld adds the places that are withheld: the file they once came from must not publish them again. They count as
// left unchanged, so that the report says nothing of them.
func (s *Store) knowWithheld(ctx context.Context, known *knownPlaces) error {
	return As(ctx, s.db, gazetteer.Actor{System: "import"}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select w.id, n.name, w.rows -> 'place' ->> 'category', w.division_id, upper(n.valid)
			from withheld w cross join lateral jsonb_populate_recordset(null::place_name, w.rows -> 'names') n
			where w.noun = 'place' and n.kind = 'standard' and n.language = 'zh'`)
		if err != nil {
			return err
		}
		var id uuid.UUID
		var k placeKey
		var to *time.Time
		_, err = pgx.ForEachRow(rows, []any{&id, &k.name, &k.category, &k.division, &to}, func() error {
			k.to = dayOf(to)
			known.keys[k], known.withheld[id] = true, true
			return nil
		})
		if err != nil {
			return fmt.Errorf("gather withheld places: %w", err)
		}
		return nil
	})
}

var (
	placeTableColumns = []string{"id", "category", "division_id", "geom", "located_by", "represents_division_id", "as_given", "document_id", "synthetic", "recorded_at"}
	nameTableColumns  = []string{
		"id", "place_id", "name", "kind", "specific", "generic", "romanization", "reading", "toneless", "sort_key", "reading_status", "valid", "document_id", "recorded_at",
	}
)

// placeRow is a row of table place in the order of placeTableColumns.
func (r *Run) placeRow(id uuid.UUID, c gazetteer.Category, in uuid.UUID, represents *uuid.UUID, point *orb.Point, given orb.Geometry, document uuid.UUID, now time.Time) []any {
	var geom orb.Geometry
	located := gazetteer.ByDivision
	if point != nil {
		geom, located = *point, gazetteer.ByMap
	}
	return []any{id, string(c), in, geom, string(located), represents, r.asGiven(given), document, r.Synthetic, now}
}

// nameRow is a standard name, a row of table place_name in the order of nameTableColumns. in is the code of the division
// that the place is or lies in, which its reading may depend on.
func nameRow(place uuid.UUID, name string, c gazetteer.Category, in gazetteer.DivisionCode, valid pgtype.Range[pgtype.Date], document uuid.UUID, now time.Time) []any {
	specific, generic := gazetteer.SplitName(name, c)
	r := gazetteer.RomanizeIn(name, c, string(in))
	return []any{
		NewID(), place, name, "standard", specific, generic, r.Spelling, strings.Join(r.Reading, " "), r.Toneless(), r.SortKey(), string(r.Status), valid, document, now,
	}
}

func copyPlaces(ctx context.Context, tx pgx.Tx, places, names [][]any) error {
	if err := copyRows(ctx, tx, "place", placeTableColumns, places); err != nil {
		return err
	}
	return copyRows(ctx, tx, "place_name", nameTableColumns, names)
}
