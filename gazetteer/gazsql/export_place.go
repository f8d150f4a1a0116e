package gazsql

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// PlaceExport says which places to export, as they stood on a day. What is zero asks for nothing.
type PlaceExport struct {
	Format   string // for the journal
	On       time.Time
	Division uuid.UUID         // and all below it
	Bound    *orb.Bound        // that the position meets; places without one are left out then
	Equal    map[string]string // by the columns of PlaceColumns
	Limit    int
}

// placeColumn is a column of an export, in SQL.
type placeColumn struct {
	feature.Column
	sql string
}

// exportedPlace are the columns of an export beside the id and the position: what a file that comes in again needs of a
// place, and what people want to read.
var exportedPlace = []placeColumn{
	{feature.Column{Name: "version", Kind: feature.Integer, Title: "记录版本"}, `i.version::text`},
	{feature.Column{Name: "name", Kind: feature.Text, Title: "标准地名"}, `n.name`},
	{feature.Column{Name: "romanization", Kind: feature.Text, Title: "罗马字母拼写"}, `n.romanization`},
	{feature.Column{Name: "readingStatus", Kind: feature.Text, Title: "读音状态"}, `n.reading_status`},
	{feature.Column{Name: "category", Kind: feature.Text, Title: "类别"}, `p.category`},
	{feature.Column{Name: "class", Kind: feature.Text, Title: "分类代码"}, `coalesce(p.class, '')`},
	{feature.Column{Name: "divisionCode", Kind: feature.Text, Title: "所在行政区划代码"}, `coalesce(c.code, '')`},
	{feature.Column{Name: "divisionName", Kind: feature.Text, Title: "所在行政区划"}, `coalesce(dv.name, '')`},
	{feature.Column{Name: "locatedBy", Kind: feature.Text, Title: "定位方式"}, `p.located_by`},
	{feature.Column{Name: "status", Kind: feature.Text, Title: "状态"}, `'standard'`},
	{feature.Column{Name: "validFrom", Kind: feature.Day, Title: "生效日"}, `coalesce(lower(n.valid)::text, '')`},
	{feature.Column{Name: "validTo", Kind: feature.Day, Title: "失效日"}, `coalesce(upper(n.valid)::text, '')`},
	{feature.Column{Name: "synthetic", Kind: feature.Flag, Title: "合成示例"}, `case when p.synthetic then 'true' else 'false' end`},
	{feature.Column{Name: "document", Kind: feature.Text, Title: "批准文件"}, `case when n.proposal_id is null then '' else concat_ws(' ', doc.title, doc.number) end`},
	{feature.Column{Name: "approvedBy", Kind: feature.Text, Title: "批准机关"}, `coalesce(n.approved_by, '')`},
	{feature.Column{Name: "sourceDocument", Kind: feature.Text, Title: "来源"}, `doc.title`},
	{feature.Column{Name: "names", Kind: feature.JSON, Title: "到这一天为止的其他名称（JSON）"}, namesByDay},
}

// namesByDay are the names of a place that had begun by the day, but for the standard one of the row unless more is known of
// it than the other columns say; "" for none.
const namesByDay = `coalesce((
	select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
	    'name', o.name, 'kind', o.kind, 'language', nullif(o.language, 'zh'), 'romanization', case when o.language <> 'zh' then o.romanization end,
	    'validFrom', lower(o.valid), 'validTo', upper(o.valid), 'fromSaid', o.from_said, 'toSaid', o.to_said, 'process', o.process,
	    'meaning', o.meaning, 'origin', o.origin)) order by lower(o.valid) nulls first, o.kind, o.language, o.name)::text
	from place_name o where o.place_id = p.id and (lower_inf(o.valid) or lower(o.valid) <= @on::text::date)
	  and (o.id <> n.id or num_nonnulls(o.process, o.meaning, o.origin, o.from_said, o.to_said) > 0)), '')`

// PlaceColumns are the names of the columns of an export, by each of which it can be filtered.
func PlaceColumns() []string {
	names := make([]string, len(exportedPlace))
	for i, c := range exportedPlace {
		names[i] = c.Name
	}
	return names
}

// belowSQL lists a division and what lies below it on a day, as gazetteer.Lineage has it: by the last version that had begun
// by then, and by succession what had ended by then.
const belowSQL = `(
	with recursive below (id) as (
	    select %[1]s::uuid
	    union
	    select d.id from below b cross join lateral (
	        select v.division_id as id from division_version v
	        where v.parent_id = b.id and (lower_inf(v.valid) or lower(v.valid) <= %[2]s::text::date)
	          and not exists (select from division_version w where w.division_id = v.division_id and lower(w.valid) <= %[2]s::text::date
	                          and (lower_inf(v.valid) or lower(w.valid) > lower(v.valid)))
	        union all
	        select l.predecessor_id from division_link l
	        where l.successor_id = b.id and l.predecessor_id <> b.id and l.kind <> 'transfer-territory' and l.on_day <= %[2]s::text::date
	          and not exists (select from division_version v where v.division_id = l.predecessor_id and v.valid @> %[2]s::text::date)) d)
	select id from below)`

// placesOn is where places stand on the day @on, each under its one standard name of that day. One that represents a division
// lies in the division above it; one whose division had ended lies in its heir.
const placesOn = `
	from place p
	join place_identity i on i.id = p.id
	join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' and n.valid @> @on::text::date
	join document doc on doc.id = n.document_id
	left join division_version rv on rv.division_id = p.represents_division_id and rv.valid @> @on::text::date
	left join lateral (select case when p.represents_division_id = p.division_id then coalesce(rv.parent_id, p.division_id) else p.division_id end as id) ld on true
	left join division_version lv on lv.division_id = ld.id and lv.valid @> @on::text::date
	left join lateral (
	    select v.name, v.level, v.division_id from division_version v
	    where lv.division_id is null and v.valid @> @on::text::date and v.division_id in (
	        with recursive heirs (id) as (
	            select ld.id
	            union
	            select w.successor_id from heirs h join division_link w on w.predecessor_id = h.id and w.role = 'successor' and w.share = 'whole'
	            and w.kind <> 'transfer-territory' and w.on_day <= @on::text::date)
	        select id from heirs)
	    limit 1) hv on true
	left join lateral (
	    select coalesce(lv.name, hv.name) as name, coalesce(lv.level, hv.level) as level, coalesce(lv.division_id, hv.division_id) as division_id) dv on true
	left join lateral (
	    select code from division_code c where c.division_id = dv.division_id and c.valid @> @on::text::date
	    order by (system = case dv.level when 'village' then 'stat12' when 'township' then 'gbt10114' else 'gbt2260' end) desc limit 1) c on true
	where true`

// query reads the id, the geometry and the columns of what is asked for within a jurisdiction (uuid.Nil: everywhere) of the
// day now, in the order in which places were recorded.
func (e PlaceExport) query(jurisdiction uuid.UUID, now time.Time) (sql string, args pgx.StrictNamedArgs) {
	columns := []string{"p.id::text", "p.geom"}
	for _, c := range exportedPlace {
		columns = append(columns, c.sql)
	}
	where, args := e.where(jurisdiction, now)
	sql = "select " + strings.Join(columns, ", ") + placesOn + where + " order by p.id"
	if e.Limit > 0 {
		sql += " limit @limit"
		args["limit"] = e.Limit
	}
	return sql, args
}

// where are the conditions of what is asked for; names of columns come from the list alone.
func (e PlaceExport) where(jurisdiction uuid.UUID, now time.Time) (sql string, args pgx.StrictNamedArgs) {
	args = pgx.StrictNamedArgs{"on": e.On.Format(time.DateOnly)}
	if jurisdiction != uuid.Nil {
		sql += " and p.division_id in " + fmt.Sprintf(belowSQL, "@jurisdiction", "@today")
		args["jurisdiction"], args["today"] = jurisdiction, beijing.Day(now)
	}
	if e.Division != uuid.Nil {
		sql += " and p.division_id in " + fmt.Sprintf(belowSQL, "@division", "@on")
		args["division"] = e.Division
	}
	if e.Bound != nil {
		sql += " and p.geom && ST_MakeEnvelope(@west, @south, @east, @north, 4490)"
		args["west"], args["south"], args["east"], args["north"] = e.Bound.Min[0], e.Bound.Min[1], e.Bound.Max[0], e.Bound.Max[1]
	}
	for _, c := range exportedPlace {
		if value, asked := e.Equal[c.Name]; asked {
			sql += " and " + c.sql + " = @is_" + c.Name
			args["is_"+c.Name] = value
		}
	}
	return sql, args
}

// asked writes the filters as the address of the export has them.
func (e PlaceExport) asked() string {
	v := url.Values{"datetime": {e.On.Format(time.DateOnly)}}
	for _, name := range slices.Sorted(maps.Keys(e.Equal)) {
		v.Set(name, e.Equal[name])
	}
	if e.Division != uuid.Nil {
		v.Set("division", e.Division.String())
	}
	words, err := url.QueryUnescape(v.Encode())
	if err != nil {
		return v.Encode()
	}
	return words
}

// table is how the export is described in its file.
func (e PlaceExport) table(now time.Time, division string) feature.Table {
	t := feature.Table{
		Name: "places", Title: "地名（" + e.On.Format(time.DateOnly) + "）", At: now,
		Notes: []string{
			e.On.Format("2006年1月2日") + "有效的标准地名；坐标为 CGCS2000（EPSG:4490）经纬度，经度在前，未作偏移",
			beijing.Day(now) + " 导出，筛选：" + e.asked(),
		},
	}
	if division != "" {
		t.Title = division + t.Title
	}
	for _, c := range exportedPlace {
		t.Columns = append(t.Columns, c.Column)
	}
	return t
}

// ExportPlaces gives the places asked for to send, row by row as the database has them, at full precision: to an office
// those in its jurisdiction today, to the command line all. Withheld places are not among them. It is written down before
// anything is sent, and how much was sent after; where the limit counts places they are measured before.
//
// Errors: those of MayExport; Forbidden "export-area"; NotFound "division-not-then"; what send says.
func (s *Store) ExportPlaces(ctx context.Context, actor gazetteer.Actor, now time.Time, limit gazetteer.ExportLimit, in PlaceExport,
	send func(feature.Table, iter.Seq2[feature.Row, error]) error,
) error {
	jurisdiction := actor.Jurisdiction
	if actor.System == "" {
		if err := MayExport(actor); err != nil {
			return err
		}
	}
	division := ""
	if in.Division != uuid.Nil {
		d, err := s.DivisionOn(ctx, in.Division, in.On)
		if err != nil {
			return err
		}
		division = d.Name
	}
	sent, err := s.beginExport(ctx, actor, now, limit, in, jurisdiction)
	if err != nil {
		return err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		return send(in.table(now, division), placeRows(ctx, tx, in, jurisdiction, now, &sent.rows))
	})
	return errors.Join(err, s.endExport(context.WithoutCancel(ctx), actor, now, in, sent, err == nil))
}

// sending is an export under way.
type sending struct {
	id       uuid.UUID
	rows     int
	measured bool // it is in the table of exports already
}

// beginExport writes an export down. One that counts is measured first, and refused where it is too much.
func (s *Store) beginExport(ctx context.Context, actor gazetteer.Actor, now time.Time, limit gazetteer.ExportLimit, in PlaceExport, jurisdiction uuid.UUID) (sending, error) {
	sent := sending{id: NewID()}
	if actor.System == "" && limit.Counts("places") {
		e, err := s.measure(ctx, in, jurisdiction, now)
		if err == nil {
			err = s.RecordExport(ctx, actor, now, limit, e)
		}
		sent.measured = true
		return sent, err
	}
	return sent, s.noteExport(ctx, actor, now, sent.id, "export", map[string]any{
		"collection": "places", "format": in.Format, "filter": in.asked(), "bbox": in.box(),
	})
}

// measure tells which cells an export touches.
func (s *Store) measure(ctx context.Context, in PlaceExport, jurisdiction uuid.UUID, now time.Time) (Export, error) {
	e := Export{Collection: "places", BBox: in.box()}
	for row, err := range placeRows(ctx, s.db, in, jurisdiction, now, &e.Features) {
		if err != nil {
			return e, err
		}
		e.Cells = append(e.Cells, geo.Cells(row.Geometry)...)
	}
	slices.Sort(e.Cells)
	e.Cells = slices.Compact(e.Cells)
	return e, nil
}

func (e PlaceExport) box() []float64 {
	if e.Bound == nil {
		return nil
	}
	return []float64{e.Bound.Min[0], e.Bound.Min[1], e.Bound.Max[0], e.Bound.Max[1]}
}

// endExport writes down how much was sent, of an export that was broken off too.
func (s *Store) endExport(ctx context.Context, actor gazetteer.Actor, now time.Time, in PlaceExport, sent sending, whole bool) error {
	if actor.System == "" && !sent.measured {
		err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
			return insertExport(ctx, tx, actor, now, sent.id, Export{Collection: "places", BBox: in.box(), Features: sent.rows})
		})
		if err != nil {
			return err
		}
	}
	verb := "finish"
	if !whole {
		verb = "break-off"
	}
	return s.noteExport(ctx, actor, now, sent.id, verb, map[string]any{"collection": "places", "features": sent.rows})
}

func (s *Store) noteExport(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, after map[string]any) error {
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		return Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "export/" + id.String(), Verb: verb, After: after})
	})
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// placeRows reads the rows as they are asked for, and counts them.
func placeRows(ctx context.Context, db querier, in PlaceExport, jurisdiction uuid.UUID, now time.Time, n *int) iter.Seq2[feature.Row, error] {
	return func(yield func(feature.Row, error) bool) {
		sql, args := in.query(jurisdiction, now)
		rows, err := db.Query(ctx, sql, args)
		if err != nil {
			yield(feature.Row{}, err)
			return
		}
		defer rows.Close()
		row := feature.Row{Values: make([]string, len(exportedPlace))}
		into := []any{&row.ID, &row.Geometry}
		for i := range row.Values {
			into = append(into, &row.Values[i])
		}
		for rows.Next() {
			row.Geometry = nil
			if err := rows.Scan(into...); err != nil {
				yield(feature.Row{}, fmt.Errorf("read a place: %w", err))
				return
			}
			*n++
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(feature.Row{}, err)
		}
	}
}

// ExportFormat finds a format by its name.
//
// Errors: Malformed "bad-format".
func ExportFormat(name string) (feature.Format, error) {
	var names []string
	for _, f := range ExportFormats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return feature.Format{}, fault.New(fault.Malformed, "bad-format", "没有导出格式“%s”：可用 %s", name, strings.Join(names, "、"))
}
