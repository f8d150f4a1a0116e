package boundsql

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

var markerColumns = feature.Columns{
	Fields: map[string][]string{
		"id": nil, "number": {"界桩号"}, "stone": {"立桩类型"}, "type": {"类型", "界桩类型"}, "material": {"材质"}, "line": {"界线", "界线名称"},
		"lon": {"longitude", "经度"}, "lat": {"latitude", "纬度"}, "elevationM": {"elevation", "高程"}, "sigmaM": {"中误差"},
		"custodian": {"管护方", "管理方"}, "state": {"状态"}, "validFrom": {"生效日期"}, "sourceDocument": {"来源"},
	},
	Ignored: []string{"chainageM", "offsetM", "lineName", "synthetic", "source", "asOf", "asOfIs", "validTo"},
}

// markerTypes are the words for the form of a marker.
var markerTypes = map[string]string{
	"": "two-face", "two-face": "two-face", "双面型": "two-face", "双面": "two-face",
	"three-face": "three-face", "三面型": "three-face", "三面": "three-face",
}

// markerLine is a line that markers stand on.
type markerLine struct {
	id     uuid.UUID
	name   string
	scheme boundary.MarkerScheme // of its level
	chain  *geo.Chain
	stones []boundary.PlacedMarker // that stand on it, registered before or by this file
	rows   map[string]int          // of the file, by number and by number with letter
}

// add notes a stone on the line.
func (l *markerLine) add(n boundary.MarkerNumber, chainageM float64) {
	l.stones = append(l.stones, boundary.PlacedMarker{MarkerNumber: n, ChainageM: chainageM})
}

// markerRow is a marker of a file, judged.
type markerRow struct {
	line int
	boundary.MarkerNumber
	kind               string
	material           string
	on                 *markerLine
	at                 orb.Point
	elevationM         float64
	sigmaM             *float64
	custodian          *uuid.UUID
	state              string
	from               time.Time
	chainageM, offsetM float64
}

// markerRun is an import of markers under way.
type markerRun struct {
	*gazsql.Run
	divisions *divisions
	lines     map[string][]*markerLine // by id, name and code
	known     map[[3]string]orb.Point  // registered positions by line, number and stone
	rows      []markerRow
	seen      map[[3]string]int
}

// ImportMarkers reads registered markers: number (with the letter of the stone, or in the column stone), the line by name,
// code or id, and the position. Numbers are read by the scheme of the level of their line, and judged together with those that
// stand on it already: see boundary.MarkerScheme.Check and boundary.SortAlong. Chainage and offset are computed. A marker farther than boundary.FarMarkerM from its line
// is taken with the warning "far-from-line". One that is there at the same place is left unchanged; another place is
// refused, since a registered marker moves only by an approved change (《行政区域界线管理条例》第六条).
//
// Errors: those of gazsql.Import.Begin and gazsql.Run.Commit. Row codes: those of boundary.MarkerScheme.Read and Check,
// "line-unknown", "line-ambiguous", "position-missing", "bad-type", "bad-state", "bad-number", "custodian-unknown",
// "marker-twice", "marker-moved", "bad-day".
func (s *Store) ImportMarkers(ctx context.Context, actor gazetteer.Actor, now time.Time, in gazsql.Import) (gazsql.ImportReport, error) {
	base, err := in.Begin("markers", markerColumns)
	if err != nil {
		return gazsql.ImportReport{}, err
	}
	r := &markerRun{Run: base, known: map[[3]string]orb.Point{}, seen: map[[3]string]int{}}
	if err := r.gather(ctx, s.db); err != nil {
		return r.Report, err
	}
	err = r.Each(ctx, func(rec feature.Record, _ orb.Geometry) error {
		if row, ok := r.row(rec); ok {
			r.compare(row)
		}
		return nil
	})
	if err != nil {
		return r.Report, err
	}
	r.together()
	return r.Commit(ctx, gazsql.New(s.db), actor, now, func(tx pgx.Tx, document uuid.UUID) error {
		return r.record(ctx, tx, actor, now, document)
	})
}

// gather loads the lines and the markers that are there.
func (r *markerRun) gather(ctx context.Context, db postgis.Conn) error {
	var err error
	if r.divisions, err = loadDivisions(ctx, db); err != nil {
		return err
	}
	r.lines = map[string][]*markerLine{}
	err = each(ctx, db, lineSQL+` where upper_inf(v.valid)`, func(row LineRow) error {
		chain, err := geo.NewChain(row.Geometry)
		if err != nil {
			return err
		}
		l := &markerLine{id: row.ID, name: row.Name, scheme: boundary.MarkerSchemeOf(boundary.Level(row.Level)), chain: chain, rows: map[string]int{}}
		for _, key := range []string{row.ID.String(), row.Name, row.Code} {
			if key != "" {
				r.lines[key] = append(r.lines[key], l)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	type known struct {
		Line, Number, Stone string
		ChainageM           float64
		At                  orb.Point
	}
	return gazsql.As(ctx, db, gazetteer.Actor{System: "import"}, func(tx pgx.Tx) error { // which knows of the withheld ones too
		return each(ctx, tx, `
			select line_id::text as line, number, stone, chainage_m, st_force2d(geom) as at from known_marker where upper_inf(valid)`,
			func(k known) error {
				r.known[[3]string{k.Line, k.Number, k.Stone}] = k.At
				for _, l := range r.lines[k.Line] {
					if n, err := l.scheme.Read(k.Number, k.Stone); err == nil {
						l.add(n, k.ChainageM)
					}
				}
				return nil
			})
	})
}

// row judges one row on its own; false when it cannot be taken.
func (r *markerRun) row(rec feature.Record) (m markerRow, ok bool) {
	m = markerRow{line: rec.Line, material: rec.Fields["material"], elevationM: math.NaN(), state: string(boundary.Intact), from: r.ValidFrom}
	if m.on, m.MarkerNumber, ok = r.numberOf(rec); !ok {
		return m, false
	}
	if m.at, ok = rec.Geometry.(orb.Point); !ok {
		r.Complain(rec.Line, "position-missing", "界桩 %s 没有坐标", m.Full())
		return m, false
	}
	if m.kind, ok = markerTypes[strings.TrimSpace(rec.Fields["type"])]; !ok {
		r.Complain(rec.Line, "bad-type", "界桩类型“%s”不对：可用 two-face（双面型）、three-face（三面型）", rec.Fields["type"])
		return m, false
	}
	if text := rec.Fields["state"]; text != "" {
		m.state = text
	}
	if !slices.Contains(boundary.MarkerStates, boundary.MarkerState(m.state)) {
		r.Complain(rec.Line, "bad-state", "界桩状态“%s”不对：可用 intact、damaged、lost 等", m.state)
		return m, false
	}
	return m, r.numbers(rec, &m) && r.custodian(rec, &m)
}

// numberOf finds the line of a row and reads the number by the scheme of that line.
func (r *markerRun) numberOf(rec feature.Record) (on *markerLine, n boundary.MarkerNumber, ok bool) {
	name := strings.TrimSpace(rec.Fields["line"])
	read := func(s boundary.MarkerScheme) (ok bool) {
		var err error
		var f *fault.Error
		if n, err = s.Read(rec.Fields["number"], rec.Fields["stone"]); asFault(err, &f) {
			r.Complain(rec.Line, f.Code, "%s", f.Detail)
		}
		return err == nil
	}
	if name == "" { // a provincial number begins with the code of its line
		if !read(boundary.MarkerSchemeOf(boundary.ProvinceLine)) {
			return nil, n, false
		}
		name = n.Line
	}
	if on, ok = r.lineOf(rec, name); !ok {
		return nil, n, false
	}
	return on, n, read(on.scheme)
}

// lineOf finds the line that a row names.
func (r *markerRun) lineOf(rec feature.Record, text string) (*markerLine, bool) {
	switch found := r.lines[text]; len(found) {
	case 1:
		return found[0], true
	case 0:
		r.Complain(rec.Line, "line-unknown", "库中没有界线“%s”：请写界线的名称、编码或编号，并先导入界线", text)
	default:
		r.Complain(rec.Line, "line-ambiguous", "有 %d 条界线叫“%s”：请写界线的编号", len(found), text)
	}
	return nil, false
}

// numbers reads height, accuracy and day.
func (r *markerRun) numbers(rec feature.Record, m *markerRow) bool {
	if text := rec.Fields["elevationM"]; text != "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v < -500 || v > 9000 {
			r.Complain(rec.Line, "bad-number", "高程“%s”不是 −500 到 9000 米之间的数", text)
			return false
		}
		m.elevationM = v
	}
	if text := rec.Fields["sigmaM"]; text != "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v > 0) {
			r.Complain(rec.Line, "bad-number", "中误差“%s”不是正数（米）", text)
			return false
		}
		m.sigmaM = &v
	}
	if text := rec.Fields["validFrom"]; text != "" {
		day, err := gazsql.ParseDay("生效日期 validFrom ", text)
		if err != nil {
			r.RowError(rec.Line, err)
			return false
		}
		m.from = day
	}
	return true
}

// custodian finds the managing division and measures the marker along its line.
func (r *markerRun) custodian(rec feature.Record, m *markerRow) bool {
	if text := strings.TrimSpace(rec.Fields["custodian"]); text != "" {
		d := r.divisions.find(text)
		if d == nil {
			r.Complain(rec.Line, "custodian-unknown", "库中没有管护方“%s”：请写行政区划代码", text)
			return false
		}
		m.custodian = &d.ID
	}
	m.chainageM, m.offsetM = m.on.chain.Project(m.at)
	if math.Abs(m.offsetM) > boundary.FarMarkerM {
		r.Remark(rec.Line, "far-from-line", fault.Warning, "界桩 %s 距 %s %.0f 米，超过 %d 米：请核对坐标、坐标系和界线",
			m.Full(), m.on.name, math.Abs(m.offsetM), boundary.FarMarkerM)
	}
	return true
}

// compare keeps a row that is new.
func (r *markerRun) compare(m markerRow) {
	key := [3]string{m.on.id.String(), m.Number, m.Stone}
	if at, twice := r.seen[key]; twice {
		r.Complain(m.line, "marker-twice", "界桩 %s 与第 %d 行重复", m.Full(), at)
		return
	}
	r.seen[key] = m.line
	there, known := r.known[key]
	switch {
	case !known:
		r.Report.Created++
		r.Report.Counts["markers"]++
		r.rows = append(r.rows, m)
		m.on.add(m.MarkerNumber, m.chainageM)
		m.on.rows[m.Full()] = m.line
		if _, there := m.on.rows[m.Number]; !there {
			m.on.rows[m.Number] = m.line
		}
	case geo.DistanceM(there, m.at) < 1e-3:
		r.Report.Unchanged++
	default:
		r.Complain(m.line, "marker-moved", "界桩 %s 登记在别处（相距 %.2f 米）：界桩移位须由双方商定并备案，不能由导入改动（《行政区域界线管理条例》第六条）",
			m.Full(), geo.DistanceM(there, m.at))
	}
}

// together judges the numbers on each line that gets new markers. What is wrong with a number that the file does not bring is not
// the file's.
func (r *markerRun) together() {
	judged := map[*markerLine]bool{}
	for _, m := range r.rows {
		if judged[m.on] {
			continue
		}
		judged[m.on] = true
		numbers := make([]boundary.MarkerNumber, len(m.on.stones))
		for i, s := range m.on.stones {
			numbers[i] = s.MarkerNumber
		}
		for _, f := range append(m.on.scheme.Check(numbers), boundary.SortAlong(m.on.stones)...) {
			switch row, here := m.on.rows[f.Evidence[0].ID]; {
			case !here:
			case f.Severity == fault.Block:
				r.Complain(row, f.Code, "%s", f.Detail)
			default:
				r.Remark(row, f.Code, f.Severity, "%s", f.Detail)
			}
		}
	}
}

func (r *markerRun) record(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, document uuid.UUID) error {
	rows, lines := make([][]any, 0, len(r.rows)), make([]uuid.UUID, 0, len(r.rows))
	for _, m := range r.rows {
		lines = append(lines, m.on.id)
		rows = append(rows, []any{
			gazsql.NewID(), m.on.id, m.Number, m.Stone, m.kind, nilText(m.material), m.state, m.custodian,
			pointZ(m.at[0], m.at[1], m.elevationM), m.sigmaM, m.chainageM, m.offsetM, gazsql.Span(m.from, time.Time{}), document,
			r.Synthetic, now,
		})
	}
	err := copyRows(ctx, tx, "marker", []string{
		"id", "line_id", "number", "stone", "type", "material", "state", "custodian", "geom", "sigma_m", "chainage_m", "offset_m",
		"valid", "document_id", "synthetic", "recorded_at",
	}, rows)
	if err != nil {
		return fmt.Errorf("register markers: %w", err)
	}
	return voidRoundsOf(ctx, tx, actor, now, lines, "界线上登记了新的界桩")
}
