package gazsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// Import says what to import and how. The same struct serves every kind.
type Import struct {
	Source       *feature.Source
	Map          map[string]string // their heading → our field, "-" leaves a column aside
	Frame        geo.Frame         // empty: as the file declares
	ConfirmFrame bool              // a person confirms the frame: GCJ-02, BD-09, or one that looks wrong
	DryRun       bool              // judge everything, change nothing
	Partial      bool              // take the good rows when others are bad
	Synthetic    bool
	ValidFrom    time.Time // first day of rows that give none; zero: open
	Document     gazetteer.Document
	Progress     func(done, total int) // of steps: each row is read, where it takes long also judged and written

	// Of places:
	Decisions map[int]gazetteer.TwinDecision // of rows that look like a place that is there, by their number from 1
	Twins     *gazetteer.TwinDecision        // of those nobody decided; nil: somebody has to
	TwinM     float64                        // how far apart two places of one name are looked at; 0: gazetteer.TwinWithinM
	Within    uuid.UUID                      // the division beyond which no row is taken and no record changed; zero: everywhere
}

// ImportReport says what came of an import.
type ImportReport struct {
	Kind      string          `json:"kind"`
	File      string          `json:"file"`
	SHA256    string          `json:"sha256"`
	Frame     string          `json:"frame"`
	Rows      int             `json:"rows"`
	Created   int             `json:"created"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Passed    int             `json:"passed"` // rows that are none of ours to take, such as virtual ones
	Twins     int             `json:"twins"`  // rows that somebody has to decide
	Aside     int             `json:"aside"`  // rows that somebody left aside
	Counts    map[string]int  `json:"counts"`
	NotTaken  []string        `json:"notTaken"` // columns known and left aside
	Findings  []fault.Finding `json:"findings"`
	Committed bool            `json:"committed"`

	Places []gazetteer.PlaceJudgement `json:"-"` // of places: every row that could be read
	All    []fault.Finding            `json:"-"` // Findings without a bound
}

// maxRowFindings bounds the findings of one code; the rest is counted.
const maxRowFindings = 100

// maxDetail bounds what is said of a row in characters: it may quote a cell of millions.
const maxDetail = 2000

// Run is one import under way: the report, and how rows are read, placed and complained about.
type Run struct {
	Import
	Report ImportReport
	Frame  geo.Frame

	mapping feature.Mapping
	perCode map[string]int
	bad     int
	row     int // the present record, from 1
	part    int // of parts that each go through all rows, from 0
	parts   int
	found   map[int][]fault.Finding // of each record
	unread  []unreadRecord
}

// unreadRecord is a record that could not be read, with its name as far as that could.
type unreadRecord struct {
	row, line int
	name      string
}

func newRun(in Import) *Run {
	return &Run{Import: in, perCode: map[string]int{}, found: map[int][]fault.Finding{}}
}

// Begin checks what can be checked before the first row: columns and frame. positions says whether rows of this kind have any.
//
// Errors: Refused "no-rows" for a file of headings only; those of feature.Source.Map; Refused "frame-undeclared" when nothing says which frame the positions are in;
// Refused "frame-held" for GCJ-02 and BD-09 without confirmation; Refused "frame-differs"; those of geo.ParseFrame.
func (in Import) Begin(kind string, columns feature.Columns) (*Run, error) {
	if err := checkRows(in.Source); err != nil {
		return nil, err
	}
	m, err := in.Source.Map(columns, in.Map)
	if err != nil {
		return nil, err
	}
	r := newRun(in)
	r.mapping = m
	r.Report = ImportReport{
		Kind: kind, File: in.Source.Name, SHA256: in.Source.SHA256, Rows: in.Source.Rows,
		Counts: map[string]int{}, NotTaken: m.NotTaken, Findings: append([]fault.Finding{}, in.Source.Findings...),
		All: append([]fault.Finding{}, in.Source.Findings...),
	}
	if r.Report.NotTaken == nil {
		r.Report.NotTaken = []string{}
	}
	if err := in.frameDiffers(); err != nil {
		return nil, err
	}
	if r.Frame = in.Frame; r.Frame == "" && in.Source.DeclaredFrame != "" {
		if r.Frame, err = geo.ParseFrame(in.Source.DeclaredFrame); err != nil {
			return nil, err
		}
	}
	if r.Frame == "" && r.positioned() {
		return nil, fault.New(fault.Refused, "frame-undeclared",
			"文件 %s 有坐标但没有说明坐标系：请给出，4490、4326、gcj02、bd09 或高斯投影的 EPSG 代码", in.Source.Name)
	}
	if r.Frame.NeedsConfirmation() && !in.ConfirmFrame {
		return nil, fault.New(fault.Refused, "frame-held",
			"文件声明为 %s：与 CGCS2000 在重庆相差约 %s，换算是近似的，须由人核对、确认坐标系，原坐标会一并保留",
			r.Frame, map[geo.Frame]string{geo.GCJ02: "480 米（偏东南）", geo.BD09: "1.1 公里（偏东）"}[r.Frame])
	}
	r.Report.Frame = string(r.Frame)
	return r, nil
}

// checkRows refuses a file of headings only.
func checkRows(source *feature.Source) error {
	if source.Rows == 0 {
		return fault.New(fault.Refused, "no-rows", "文件 %s 里没有任何记录，没有可导入的内容：请检查是否只导出了表头", source.Name)
	}
	return nil
}

// positioned reports whether the file carries positions at all.
func (r *Run) positioned() bool {
	if slices.Contains([]string{"geojson", "topojson", "shapefile"}, r.Source.Format) {
		return true
	}
	for _, ours := range r.mapping.Ours {
		if ours == "lon" || ours == "lat" {
			return true
		}
	}
	for _, h := range r.Source.Headings {
		switch h {
		case "longitude", "latitude", "lon", "lat", "lng", "经度", "纬度":
			return true
		}
	}
	return false
}

// Each yields every readable record under our field names with its position converted; what is wrong with a record is
// noted and the record passed over. given is the position as it came, for keeping.
func (r *Run) Each(ctx context.Context, do func(rec feature.Record, given orb.Geometry) error) error {
	done := 0
	for rec, err := range r.Source.Records() {
		done++
		if r.row = done; done%512 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.step(done)
		}
		if err != nil {
			named, _ := r.mapping.Apply(rec) // as far as it was read
			if !r.passOver(named, err) {
				return err
			}
			continue
		}
		rec, err := r.mapping.Apply(rec)
		if err != nil {
			r.passOver(rec, err)
			continue
		}
		given := rec.Geometry
		if given != nil {
			if rec.Geometry, err = r.convert(given); err != nil {
				r.passOver(rec, err)
				continue
			}
		}
		if err := do(rec, given); err != nil {
			return err
		}
	}
	r.row = 0
	r.step(r.Report.Rows)
	return nil
}

// passOver notes a record, under our field names, that cannot be read; it reports false for an error of the file itself.
func (r *Run) passOver(rec feature.Record, err error) bool {
	if !r.RowError(rec.Line, err) {
		return false
	}
	r.unread = append(r.unread, unreadRecord{r.row, rec.Line, shortened(strings.TrimSpace(rec.Fields["name"]), maxName)})
	return true
}

func (r *Run) step(done int) {
	if r.Progress != nil {
		r.Progress(r.part*r.Report.Rows+done, max(r.parts, 1)*r.Report.Rows)
	}
}

// convert brings a geometry into the stored frame. Degrees are looked at before, so that swapped axes are called that.
func (r *Run) convert(given orb.Geometry) (orb.Geometry, error) {
	if r.Frame.Geographic() {
		if err := checkPositions(given); err != nil {
			return nil, err
		}
	}
	g, err := geo.ToCGCS2000(given, r.Frame)
	if err != nil {
		return nil, err
	}
	return g, checkPositions(g)
}

// checkPositions looks at the first position of a geometry for swapped axes and projected metres: one is enough, since
// a geometry is wrong as a whole.
func checkPositions(g orb.Geometry) error {
	switch g := g.(type) {
	case orb.Point:
		return geo.CheckLonLat(g)
	default:
		b := g.Bound()
		if err := geo.CheckLonLat(b.Min); err != nil {
			return err
		}
		return geo.CheckLonLat(b.Max)
	}
}

// RowError notes an error of one row; it reports false for an error of the file itself.
func (r *Run) RowError(line int, err error) bool {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Malformed && f.Kind != fault.Unsupported && f.Kind != fault.Refused {
		return false
	}
	r.Complain(line, f.Code, "%s", f.Detail)
	return true
}

// frameDiffers refuses a frame that contradicts the one the file names itself, unless a person confirmed it. A GeoJSON
// that names none, or longitude and latitude in WGS 84 as the format has it, contradicts nothing.
func (in Import) frameDiffers() error {
	says := in.Source.DeclaredFrame
	if in.Frame == "" || in.ConfirmFrame || says == "" || says == "4326" || says == string(in.Frame) {
		return nil
	}
	return fault.New(fault.Refused, "frame-differs",
		"文件 %s 自称坐标系是 %s，给出的却是 %s：请核对；确是文件写错的，请确认坐标系", in.Source.Name, says, in.Frame)
}

// Complain notes a row that cannot be taken.
func (r *Run) Complain(line int, code, format string, args ...any) {
	r.bad++
	r.note(line, code, fault.Block, format, args...)
}

// Remark notes something worth knowing about a row that is taken.
func (r *Run) Remark(line int, code string, s fault.Severity, format string, args ...any) {
	r.note(line, code, s, format, args...)
}

func (r *Run) note(line int, code string, s fault.Severity, format string, args ...any) {
	f := fault.Finding{Code: code, Severity: s, Detail: shortened(fmt.Sprintf(format, args...), maxDetail)}
	if line > 0 {
		f.Pointer = "line " + strconv.Itoa(line)
	}
	r.Report.All = append(r.Report.All, f)
	r.found[r.row] = append(r.found[r.row], f)
	if r.perCode[code]++; r.perCode[code] > maxRowFindings {
		return
	}
	r.Report.Findings = append(r.Report.Findings, f)
}

// summarise adds how many findings of a code were left out.
func (r *Run) summarise() {
	for code, n := range r.perCode {
		if n > maxRowFindings {
			r.Report.Findings = append(r.Report.Findings, fault.Finding{
				Code: code, Severity: fault.Info, Detail: fmt.Sprintf("“%s”还有 %d 处未逐条列出", code, n-maxRowFindings),
			})
		}
	}
}

// firstDay is the first day that is taken: what is older is a slip of the pen, such as 0216 for 2016.
var firstDay = time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)

var dayWords = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-")

// ParseDay reads a day of a row: 2016-11-24, also as lists write it, 2016年11月24日, 2016/11/24 and 2016.11.24.
//
// Errors: Malformed "bad-day", also for days before the year 1000.
func ParseDay(field, text string) (time.Time, error) {
	day, err := time.Parse("2006-1-2", dayWords.Replace(strings.TrimSpace(text)))
	if err != nil {
		return day, fault.New(fault.Malformed, "bad-day", "%s“%s”不是日期：请写成 2016-11-24", field, text)
	}
	if day.Before(firstDay) {
		return day, fault.New(fault.Malformed, "bad-day", "%s“%s”不对：早于公元 1000 年，请核对年份", field, text)
	}
	return day, nil
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// alone runs an import for the actor in a transaction that no other writer of names runs beside.
// made is told how many search forms are made.
func (s *Store) alone(ctx context.Context, actor gazetteer.Actor, made func(int), do func(*Store) (ImportReport, error)) (report ImportReport, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if err := lockNames(ctx, tx); err != nil {
			return err
		}
		if report, err = do(New(tx)); err != nil {
			return err
		}
		return formDueTelling(ctx, tx, made)
	})
	report.Committed = report.Committed && err == nil
	return report, err
}

// collided turns what the database keeps impossible into a refusal: nothing was changed.
func collided(err error) error {
	var pg *pgconn.PgError
	var said *fault.Error
	if errors.As(err, &said) || !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "23") {
		return err
	}
	return fault.Wrap(err, fault.Refused, "import-collides",
		"文件与库里的记录相抵触（%s），没有导入任何内容：请核对代码、有效期和图形", pg.ConstraintName)
}

// Commit runs record in one transaction with the document filed, unless there are bad rows and Partial was not asked
// for: then nothing is changed and the answer is Refused "import-refused" with the findings. The report is complete in
// every case. What collides with a constraint of the database is Refused "import-collides".
func (r *Run) Commit(ctx context.Context, s *Store, actor gazetteer.Actor, now time.Time,
	record func(tx pgx.Tx, document uuid.UUID) error,
) (ImportReport, error) {
	return r.commit(ctx, s, actor, now, gazetteer.Document{Title: r.Source.Name, SHA256: r.Source.SHA256}, record)
}

// commit is Commit with the file's own document, of which what the Run's document says takes the place.
func (r *Run) commit(ctx context.Context, s *Store, actor gazetteer.Actor, now time.Time, file gazetteer.Document,
	record func(tx pgx.Tx, document uuid.UUID) error,
) (ImportReport, error) {
	r.summarise()
	if r.bad > 0 && !r.Partial {
		return r.Report, fault.Refuse("import-refused",
			fmt.Sprintf("%d 行有问题，没有导入任何内容：请改正后重来，或只导入其余各行", r.bad), r.Report.Findings)
	}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		doc := r.Document
		if doc.Kind == "" {
			doc.Kind = "dataset"
		}
		if doc.Title == "" {
			doc.Title = file.Title
		}
		doc.SHA256 = file.SHA256
		id, err := FileDocument(ctx, tx, now, doc)
		if err != nil {
			return err
		}
		if err := record(tx, id); err != nil {
			return err
		}
		if r.DryRun {
			return errDryRun
		}
		summary := map[string]any{
			"file": r.Report.File, "sha256": r.Report.SHA256, "frame": r.Report.Frame, "frameConfirmed": r.ConfirmFrame,
			"rows": r.Report.Rows, "created": r.Report.Created, "changed": r.Report.Changed, "unchanged": r.Report.Unchanged, "counts": r.Report.Counts,
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "import/" + r.Report.Kind, Verb: "import", After: summary, Cites: []uuid.UUID{id},
		})
	})
	if errors.Is(err, errDryRun) {
		return r.Report, nil
	}
	r.Report.Committed = err == nil
	return r.Report, collided(err)
}

// asGiven keeps a position verbatim with its frame, for the places whose position was converted.
func (r *Run) asGiven(given orb.Geometry) []byte {
	p, ok := given.(orb.Point)
	if !ok || r.Frame == geo.CGCS2000 {
		return nil
	}
	b, err := json.Marshal(map[string]any{"frame": r.Frame, "x": p[0], "y": p[1], "confirmed": r.ConfirmFrame})
	if err != nil {
		return nil
	}
	return b
}
