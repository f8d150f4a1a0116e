package gazsql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
		"name": {"名称", "标准名称", "标准地名", "地名", "地名名称"}, "category": {"类别", "地名类别"}, "class": {"分类", "分类代码", "类别代码"}, "divisionCode": {"所在行政区代码", "所在行政区划代码", "区划代码", "行政区划代码", "code"},
		"lon": {"longitude", "lng", "long", "经度", "东经", "x"}, "lat": {"latitude", "纬度", "北纬", "y"}, "locatedBy": {"定位方式"},
		"validFrom": {"生效日期", "生效日", "启用日期", "启用时间", "启用日"}, "validTo": {"失效日期", "失效日", "停用日期", "停用时间", "停用日"}, "sourceDocument": {"来源"}, "id": nil, "version": {"版本", "记录版本"}, "names": nil,
	},
	Ignored: []string{"romanization", "readingStatus", "className", "divisionName", "status", "synthetic", "document", "approvedBy", "notice", "source", "asOf", "level", "rank"},
}

// placeRow is a row that could be read, with what only the writing of it needs.
type placeRow struct {
	gazetteer.ImportedPlace
	reading gazetteer.Romanization
	given   orb.Geometry // as it came, before it was converted
	names   []gazetteer.NameRecord
	made    uuid.UUID // the place that a new row became
}

// judgedPlaces are the rows of an import with what they are, in their order.
type judgedPlaces struct {
	rows   []placeRow
	judged []gazetteer.PlaceJudgement // of the same rows
	bad    []gazetteer.ImportedPlace  // those that cannot be taken, as far as they were read
}

// ImportPlaces reads places with their standard names and holds each against the record: by the id that the file gives,
// else by name, category and division. What the record says is left unchanged, so that an export comes in again without
// doubling anything; what it says otherwise of position, category or end is corrected, with the record's former state in
// the journal; what looks like a place that is there is a twin, for a person to decide. An import renames nothing
// ("renaming-is-a-case") and tells nothing of withheld places.
//
// Errors: those of Import.Begin and Run.Commit; Refused "twins-undecided" with the rows nobody decided.
func (s *Store) ImportPlaces(ctx context.Context, actor gazetteer.Actor, now time.Time, in Import) (ImportReport, error) {
	run, err := in.Begin("places", placeColumns)
	if err != nil {
		return ImportReport{}, err
	}
	return s.alone(ctx, actor, run.written, func(s *Store) (ImportReport, error) {
		places, err := s.judgePlaces(ctx, actor, now, run)
		if err != nil {
			return run.Report, err
		}
		if n := run.Report.Twins; n > 0 && !run.DryRun && (run.bad == 0 || run.Partial) {
			return run.Report, fault.Refuse("twins-undecided",
				fmt.Sprintf("%d 行疑似与已有地名重复，没有导入任何内容：请逐行核对，就是已有地名的在 id 列填上它的编号，其余的说明都是新地名，或都不导入", n),
				run.Report.Findings)
		}
		return run.Commit(ctx, s, actor, now, func(tx pgx.Tx, document uuid.UUID) error {
			return run.writePlaces(ctx, tx, actor, now, places, document)
		})
	})
}

// written tells that so many of the names are written with their search forms, the last of the three parts of an import of
// places.
func (r *Run) written(done int) {
	r.part = 2
	r.step(min(done, r.Report.Rows))
}

// writePlaces writes the rows that are new and those that say otherwise.
func (r *Run) writePlaces(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, places judgedPlaces, document uuid.UUID) error {
	if err := r.recordPlaces(ctx, tx, now, places, document); err != nil {
		return err
	}
	return r.changePlaces(ctx, tx, actor, now, places, document)
}

// judgePlaces reads all rows, gathers what is there of them as far as the actor may know it, and judges each. Everything is
// counted in the report. The caller acts for the actor.
func (s *Store) judgePlaces(ctx context.Context, actor gazetteer.Actor, now time.Time, run *Run) (judgedPlaces, error) {
	run.parts = map[bool]int{true: 2, false: 3}[run.DryRun]
	places, divisions, err := s.readPlaces(ctx, run)
	if err != nil {
		return places, err
	}
	if err = s.keepWithin(ctx, now, run, &places); err != nil {
		return places, err
	}
	standing, err := s.standingPlaces(ctx, places.rows)
	if err != nil {
		return places, err
	}
	if err := s.roundElsewhere(ctx, now, run.Within, standing); err != nil {
		return places, err
	}
	judge := gazetteer.NewPlaceJudge(standing)
	judge.Decisions, judge.All = run.Decisions, run.Twins
	if run.TwinM > 0 {
		judge.TwinM = run.TwinM
	}
	changed := map[uuid.UUID]bool{}
	for _, row := range places.rows {
		judged := judge.Judge(row.ImportedPlace)
		if judged.Verdict == gazetteer.ImportChanged {
			changed[judged.Standing.Division] = true
		}
		places.judged = append(places.judged, judged)
	}
	ours, err := s.within(ctx, now, run.Within, changed)
	if err != nil {
		return places, err
	}
	areas := divisionAreas{known: divisions, areas: map[gazetteer.DivisionCode]*geo.Area{}}
	run.part = 1
	for i := range places.judged {
		if i%512 == 0 {
			run.step(i)
		}
		judged := &places.judged[i]
		judged.KeepWithin(ours)
		judged.KeepSound()
		if err := s.tellSince(ctx, actor, judged); err != nil {
			return places, err
		}
		run.count(*judged, areas)
	}
	run.Report.Places = places.judged
	return places, nil
}

// within tells which of the divisions lie in the one given: nil, everywhere.
func (s *Store) within(ctx context.Context, now time.Time, in uuid.UUID, divisions map[uuid.UUID]bool) (func(uuid.UUID) bool, error) {
	if in == uuid.Nil {
		return nil, nil
	}
	lineage, err := LineageOf(ctx, s.db, now, slices.Collect(maps.Keys(divisions))...)
	ours := map[uuid.UUID]bool{}
	for division := range divisions {
		ours[division] = lineage.Covers(in, division)
	}
	return func(division uuid.UUID) bool { return ours[division] }, err
}

// keepWithin drops the rows of divisions that lie beyond the one to which the run keeps, with a complaint of each.
func (s *Store) keepWithin(ctx context.Context, now time.Time, run *Run, places *judgedPlaces) error {
	named := map[uuid.UUID]bool{}
	for _, row := range places.rows {
		named[row.Division] = true
	}
	ours, err := s.within(ctx, now, run.Within, named)
	if err != nil || ours == nil {
		return err
	}
	defer func() { run.row = 0 }()
	places.rows = slices.DeleteFunc(places.rows, func(row placeRow) bool {
		if ours(row.Division) {
			return false
		}
		run.row = row.Row
		run.Complain(row.Line, "outside-jurisdiction", "“%s”所在的 %s 不在本单位辖区之内：请由当地民政部门导入", row.Name, row.Code)
		places.bad = append(places.bad, row.ImportedPlace)
		return true
	})
	return nil
}

// readPlaces reads all rows that can be read, and the divisions they name.
func (s *Store) readPlaces(ctx context.Context, run *Run) (places judgedPlaces, divisions knownDivisions, err error) {
	if divisions, err = s.divisionsByCode(ctx); err != nil {
		return places, divisions, err
	}
	classes, err := s.PlaceClasses(ctx)
	if err != nil {
		return places, divisions, err
	}
	err = run.Each(ctx, func(rec feature.Record, given orb.Geometry) error {
		row, ok := run.placeOf(rec, given, divisions)
		if !ok {
			places.bad = append(places.bad, row.ImportedPlace)
			return nil
		}
		if code, detail := gazetteer.UnfitClass(row.Class, row.Category, classes); code != "" {
			run.Complain(row.Line, code, "“%s”：%s", row.Name, detail)
			places.bad = append(places.bad, row.ImportedPlace)
			return nil
		}
		places.rows = append(places.rows, row)
		return nil
	})
	for _, u := range run.unread {
		places.bad = append(places.bad, gazetteer.ImportedPlace{Row: u.row, Line: u.line, Name: u.name})
	}
	return places, divisions, err
}

// count enters a judged row in the report, with what is to be said of it.
func (r *Run) count(judged gazetteer.PlaceJudgement, areas divisionAreas) {
	r.row = judged.Row
	defer func() { r.row = 0 }()
	for _, f := range judged.Findings {
		if f.Severity == fault.Block {
			r.Complain(judged.Line, f.Code, "%s", f.Detail)
		} else {
			r.Remark(judged.Line, f.Code, f.Severity, "%s", f.Detail)
		}
	}
	moved := false
	switch judged.Verdict {
	case gazetteer.ImportSame:
		r.Report.Unchanged++
	case gazetteer.ImportChanged:
		r.Report.Changed++
		moved = judged.Changes[0].Field == "position"
	case gazetteer.ImportTwin:
		r.Report.Twins++
	case gazetteer.ImportAside:
		r.Report.Aside++
	case gazetteer.ImportNew:
		r.Report.Created++
		r.Report.Counts[string(judged.Category)]++
		moved = true
		r.remarkCharacters(judged.Line, judged.Name)
	}
	if moved {
		if o := areas.outside(judged.ImportedPlace); o.Far() {
			r.Remark(judged.Line, "outside-division", fault.Warning, "“%s”的%s：请核对经纬度、坐标系和所在行政区划", judged.Name, o)
		}
	}
}

// remarkCharacters notes what is amiss with the characters of a name that is taken as it comes: a record of what is in use
// is not refused for how it is written, but somebody has to look at it.
func (r *Run) remarkCharacters(line int, name string) {
	for _, f := range gazetteer.CheckCharactersInUse(name) {
		r.Remark(line, f.Code, f.Severity, "%s", f.Detail)
	}
}

// divisionAreas are the areas of divisions as far as they were asked for.
type divisionAreas struct {
	known knownDivisions
	areas map[gazetteer.DivisionCode]*geo.Area
}

// outside tells how far the point of a place lies outside its division, or outside its county where the division has no
// shape.
func (a divisionAreas) outside(row gazetteer.ImportedPlace) gazetteer.Outside {
	p, ok := row.Point.(orb.Point)
	if !ok {
		return gazetteer.Outside{}
	}
	for _, code := range []gazetteer.DivisionCode{row.Code, row.Code[:6]} {
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

// recordPlaces writes the rows that are new, formBatch of them at a time, and tells how many are written.
func (r *Run) recordPlaces(ctx context.Context, tx pgx.Tx, now time.Time, all judgedPlaces, document uuid.UUID) error {
	var fresh []*placeRow
	for i := range all.rows {
		if all.judged[i].Verdict == gazetteer.ImportNew {
			all.rows[i].made = NewID()
			fresh = append(fresh, &all.rows[i])
		}
	}
	done := 0
	for rows := range slices.Chunk(fresh, formBatch) {
		if err := r.recordFresh(ctx, tx, now, rows, document); err != nil {
			return err
		}
		done += len(rows)
		r.written(done)
	}
	return knowForms(ctx, tx, done)
}

// recordFresh writes new places with their names and the search forms of these. Places that have more to be told than a
// standard name in use are left to formDue.
func (r *Run) recordFresh(ctx context.Context, tx pgx.Tx, now time.Time, rows []*placeRow, document uuid.UUID) error {
	var places, names [][]any
	var others []namesOfRow
	var due []dueName
	for _, row := range rows {
		line := r.placeRow(row.made, row.Category, row.Division, nil, nil, row.given, document, now)
		line[3], line[4], line[len(line)-1] = row.Point, string(row.Located), nilText(row.Class)
		places = append(places, line)
		valid := Span(row.From, row.To)
		name := spelledNameRow(row.made, row.Name, row.Category, row.reading, valid, document, now)
		names = append(names, name)
		if len(row.names) > 0 {
			others = append(others, namesOfRow{keptPlace{id: row.made, category: row.Category, division: row.Division, code: row.Code}, *row})
		} else if row.To.IsZero() {
			due = append(due, dueName{
				ID: name[0].(uuid.UUID), PlaceID: row.made, Kind: string(gazetteer.StandardName), Name: row.Name, Toneless: row.Toneless,
				Category: string(row.Category), In: row.Division, Valid: valid,
			})
		}
	}
	err := formAtOnce(ctx, tx, due, func() error { return copyPlaces(ctx, tx, places, names) })
	if err != nil {
		return err
	}
	return recordOtherNames(ctx, tx, now, others, document)
}

// placeOf reads a row; what it cannot be is complained of.
func (r *Run) placeOf(rec feature.Record, given orb.Geometry, divisions knownDivisions) (placeRow, bool) {
	row := placeRow{given: given}
	row.Row, row.Line, row.Name, row.Point, row.Located = r.row, rec.Line, strings.TrimSpace(rec.Fields["name"]), rec.Geometry, gazetteer.ByDivision
	row.ID, _ = uuid.Parse(rec.ID)
	row.Class = strings.TrimSpace(rec.Fields["class"])
	if row.Name == "" {
		r.Complain(rec.Line, "name-missing", "没有名称：请补上，或删去这一行")
		return row, false
	}
	d, err := r.whereAndWhen(rec, &row, divisions)
	if err != nil {
		r.RowError(rec.Line, err)
		row.Name = shortened(row.Name, maxName)
		return row, false
	}
	if row.Point != nil {
		row.Located = gazetteer.ByMap
	}
	switch by := gazetteer.ImportedLocatedBy(rec.Fields["locatedBy"]); {
	case by == "" || by == gazetteer.ByDivision && row.Point == nil:
	case (by == gazetteer.BySurvey || by == gazetteer.ByMap) && row.Point != nil:
		row.Located, row.Says = by, true
	default:
		r.Complain(rec.Line, "located-by", "“%s”的定位方式“%s”与有无坐标不符：有坐标写 survey 或 map，没有坐标写 division", row.Name, by)
		return row, false
	}
	if row.Located == gazetteer.ByDivision {
		r.Remark(rec.Line, "no-position", fault.Info, "“%s”没有坐标，只定位到 %s", row.Name, d.Name)
	}
	if row.names, err = gazetteer.ReadNames(strings.TrimSpace(rec.Fields["names"])); err != nil {
		r.RowError(rec.Line, err)
		return row, false
	}
	row.reading = gazetteer.RomanizeIn(row.Name, row.Category, string(row.Code))
	row.Toneless = row.reading.Toneless()
	return row, true
}

// whereAndWhen reads the fields of a row that are checked one by one.
func (r *Run) whereAndWhen(rec feature.Record, row *placeRow, divisions knownDivisions) (d knownDivision, err error) {
	if err = checkLetters(row.Name); err != nil {
		return d, err
	}
	if row.Category, err = gazetteer.ImportedCategory(rec.Fields["category"]); err != nil {
		return d, err
	}
	if row.From, row.To, err = r.validity(rec); err != nil {
		return d, err
	}
	if text := strings.TrimSpace(rec.Fields["version"]); text != "" {
		if row.Version, err = strconv.Atoi(text); err != nil || row.Version < 1 {
			return d, fault.New(fault.Malformed, "bad-version", "记录版本“%s”不是正整数：请照导出文件里的原样，或留空", text)
		}
	}
	code, _, err := gazetteer.ParseCode(rec.Fields["divisionCode"])
	if err != nil {
		return d, err
	}
	row.Code, _ = gazetteer.Canonical(code, gazetteer.LevelOf(code))
	d, ok := divisions.current(row.Code)
	if !ok {
		return d, fault.New(fault.Malformed, "division-missing", "“%s”所在的行政区划 %s 不在库里：请核对代码；新设的，先导入行政区划", row.Name, row.Code)
	}
	row.Division = d.ID
	return d, nil
}

var (
	placeTableColumns = []string{"id", "category", "division_id", "geom", "located_by", "represents_division_id", "as_given", "document_id", "synthetic", "recorded_at", "class"}
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
	return []any{id, string(c), in, geom, string(located), represents, r.asGiven(given), document, r.Synthetic, now, nil}
}

// nameRow is a standard name, a row of table place_name in the order of nameTableColumns. in is the code of the division
// that the place is or lies in, which its reading may depend on.
func nameRow(place uuid.UUID, name string, c gazetteer.Category, in gazetteer.DivisionCode, valid pgtype.Range[pgtype.Date], document uuid.UUID, now time.Time) []any {
	return spelledNameRow(place, name, c, gazetteer.RomanizeIn(name, c, string(in)), valid, document, now)
}

// spelledNameRow is nameRow for a name that was read already.
func spelledNameRow(place uuid.UUID, name string, c gazetteer.Category, r gazetteer.Romanization, valid pgtype.Range[pgtype.Date], document uuid.UUID, now time.Time) []any {
	specific, generic := gazetteer.SplitName(name, c)
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
