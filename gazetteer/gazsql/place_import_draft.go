package gazsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// The limits of a file that is handed in to be reviewed; what is larger is imported from the command line.
const (
	MaxImportBytes = 64 << 20
	MaxImportRows  = 100_000
	maxImportText  = 256 << 20 // bytes of the file unpacked
	maxFileName    = 200
	maxUnderWay    = 20       // imports of an office
	maxHandedIn    = 10 << 30 // bytes of all files that an office handed in; they are kept
	importSamples  = 3        // values of each column that are shown
	sampleLength   = 40       // characters of each
	importSampled  = 200      // records in which they are looked for
)

// PlaceImport is an import of places that is reviewed before it is committed.
type PlaceImport struct {
	ID       uuid.UUID `json:"id"`
	OfficeID uuid.UUID `json:"-"`
	FileName string    `json:"fileName"`
	SHA256   string    `json:"sha256" db:"sha256"`
	Size     int64     `json:"size"`
	gazetteer.ImportSource
	Fields    []string                 `json:"fields" db:"-"`
	Frame     string                   `json:"frame"` // in which the rows were judged
	Findings  []fault.Finding          `json:"findings"`
	State     gazetteer.ImportState    `json:"state"`
	Step      int                      `json:"step"` // how many rows are read
	Version   int                      `json:"version"`
	AskedBy   string                   `json:"askedBy"` // the post
	AskedAt   time.Time                `json:"askedAt"`
	JudgedAt  *time.Time               `json:"judgedAt"`
	EndedBy   string                   `json:"endedBy"` // the post
	EndedAt   *time.Time               `json:"endedAt"`
	Settings  gazetteer.ImportSettings `json:"settings"`
	Counts    []ImportCount            `json:"counts" db:"-"`
	Undecided int                      `json:"undecided"`
	Pending   int                      `json:"pending"`
	Problem   *fault.Finding           `json:"problem"`
	Actions   []gazetteer.OpenAction   `json:"actions" db:"-"`
}

// ImportCount is how many rows of an import are of a verdict.
type ImportCount struct {
	Verdict gazetteer.ImportVerdict `json:"verdict"`
	Rows    int                     `json:"rows"`
}

// ImportedRow is a row of an import with what a person decided of it and the place it became.
type ImportedRow struct {
	gazetteer.ImportRow
	Place    *uuid.UUID       `json:"placeId"`
	Decision *ImportedDecided `json:"decision"`
}

// ImportedDecided is what a person decided of a doubtful row.
type ImportedDecided struct {
	As    string     `json:"as"`
	Place *uuid.UUID `json:"placeId"`
	By    string     `json:"by"` // the post
	At    time.Time  `json:"at"`
}

// RowsWanted says which rows of an import to list; no verdict is all.
type RowsWanted struct {
	Verdict gazetteer.ImportVerdict
	After   int // the row of the last one of the page before
	Limit   int // 0: all
}

// HandInImport keeps a file of places to be judged. The same bytes, as long as their import is under way in the office, are
// that import: made is false.
//
// Errors: Forbidden "not-yours"; those of vault.Put and feature.Open; Malformed "bad-file-name"; Refused "no-rows",
// "too-many-rows", "too-many-imports".
func (s *Store) HandInImport(ctx context.Context, actor gazetteer.Actor, now time.Time, name string, body io.Reader) (p PlaceImport, made bool, err error) {
	if err := gazetteer.MayImport(actor); err != nil && !s.open {
		return p, false, err
	}
	if name = filepath.Base(name); name == "." || name == ".." || name == "/" || utf8.RuneCountInString(name) > maxFileName {
		return p, false, fault.New(fault.Malformed, "bad-file-name", "文件名应有 1 到 %d 个字，并带扩展名，例如 地名.csv", maxFileName)
	}
	kept, err := s.Files.Put(ctx, body, MaxImportBytes)
	if err != nil {
		return p, false, err
	}
	source, err := s.importSource(kept.SHA256, name)
	if err != nil {
		return p, false, err
	}
	about, err := surveyImport(source)
	if err != nil {
		return p, false, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		p = PlaceImport{FileName: name, SHA256: kept.SHA256, Size: kept.Size, ImportSource: about, Findings: source.Findings}
		if made, err = insertImport(ctx, tx, actor, now, &p); err != nil {
			return err
		}
		p, err = s.over(tx).placeImport(ctx, actor, p.ID)
		return err
	})
	return p, made, err
}

// importSource opens a file of the vault under its own name.
func (s *Store) importSource(sha256, name string) (*feature.Source, error) {
	f, err := s.Files.Descriptor(sha256)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	source, err := feature.OpenAs(f.Name(), name, maxImportText)
	if err == nil && source.SHA256 != sha256 {
		err = fault.New(fault.Internal, "evidence-damaged", "原件 %s 已损坏：请重新交来这个文件", name)
	}
	return source, err
}

// surveyImport tells what a file holds, with the first values of its columns.
func surveyImport(source *feature.Source) (about gazetteer.ImportSource, err error) {
	if err := checkRows(source); err != nil {
		return about, err
	}
	if source.Rows > MaxImportRows {
		return about, fault.New(fault.Refused, "too-many-rows", "文件 %s 有 %d 条记录，一次最多 %d 条：请分成几个文件，或用命令行导入", source.Name, source.Rows, MaxImportRows)
	}
	about = gazetteer.ImportSource{Format: source.Format, Rows: source.Rows, DeclaredFrame: source.DeclaredFrame, Headings: []gazetteer.ImportHeading{}}
	guess := source.Guess(placeColumns)
	at := map[string]int{}
	for _, heading := range source.Headings {
		field, column := guess[heading]
		if !column {
			continue // the geometry
		}
		at[heading] = len(about.Headings)
		about.Headings = append(about.Headings, gazetteer.ImportHeading{Name: heading, Field: field, Samples: []string{}})
	}
	n := 0
	for rec, err := range source.Records() {
		if n++; n > importSampled {
			break
		}
		if err != nil {
			continue // the judging says so
		}
		for heading, value := range rec.Fields {
			if i, column := at[heading]; column && value != "" && len(about.Headings[i].Samples) < importSamples {
				about.Headings[i].Samples = append(about.Headings[i].Samples, shortened(value, sampleLength))
			}
		}
	}
	return about, nil
}

// shortened is a text of at most so many characters.
func shortened(value string, room int) string {
	if runes := []rune(value); len(runes) > room {
		return string(runes[:room]) + "…"
	}
	return value
}

// insertImport records an import, or finds the one under way of the same bytes.
func insertImport(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p *PlaceImport) (made bool, err error) {
	var underWay int
	var bytes int64
	err = tx.QueryRow(ctx, `
		select count(*) filter (where ended_at is null), coalesce(sum(size), 0) from place_import where sha256 <> $1 and office_id = $2`, p.SHA256, actor.OfficeID).Scan(&underWay, &bytes)
	if err != nil {
		return false, fmt.Errorf("count the imports of the office: %w", err)
	}
	if bytes+p.Size > maxHandedIn {
		return false, fault.New(fault.Exceeded, "quota", "本单位交来的导入文件已有 %d MB，达到上限 %d MB：大批的，请由系统管理员用命令行导入", bytes>>20, maxHandedIn>>20)
	}
	if underWay >= maxUnderWay {
		return false, fault.New(fault.Refused, "too-many-imports", "本单位还有 %d 次导入没有结束：请先写入或放弃其中几次", underWay)
	}
	p.ID = NewID()
	tag, err := tx.Exec(ctx, `
		insert into place_import (id, office_id, account_id, file_name, sha256, size, source, findings, asked_at)
		values (@id, @office, @account, @name, @sha256, @size, @source, @findings, @now)
		on conflict (office_id, sha256) where ended_at is null do nothing`,
		pgx.StrictNamedArgs{
			"id": p.ID, "office": actor.OfficeID, "account": actor.AccountID, "name": p.FileName, "sha256": p.SHA256, "size": p.Size,
			"source": p.ImportSource, "findings": findingsOf(p.Findings), "now": now,
		})
	if err != nil {
		return false, fmt.Errorf("record the import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, tx.QueryRow(ctx, `select id from place_import where sha256 = $1 and office_id = $2 and ended_at is null`, p.SHA256, actor.OfficeID).Scan(&p.ID)
	}
	return true, recordOfImport(ctx, tx, actor, now, p.ID, "hand-in", map[string]any{"file": p.FileName, "sha256": p.SHA256, "rows": p.Rows})
}

// findingsOf writes findings, none as an empty list.
func findingsOf(found []fault.Finding) []fault.Finding {
	if found == nil {
		return []fault.Finding{}
	}
	return found
}

func recordOfImport(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, after map[string]any) error {
	return Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "place-import/" + id.String(), Verb: verb, After: after})
}

// placeImportSQL is an import as people read it.
const placeImportSQL = `
	select i.id, i.office_id, i.file_name, i.sha256, i.size, i.source, i.frame, i.findings, i.state, i.step, i.version, a.name as asked_by, i.asked_at,
	       i.judged_at, coalesce(e.name, '') as ended_by, i.ended_at, i.settings, i.problem, i.counts,
	       (select count(*) from place_import_row r where r.import_id = i.id and r.verdict = 'twin'
	        and coalesce((select d.decision from place_import_decision d where d.import_id = i.id and d.row = r.row order by d.id desc limit 1), 'undecided') = 'undecided') as undecided, i.pending
	from place_import i join account a on a.id = i.account_id left join account e on e.id = i.ended_by`

func scanImport(row pgx.CollectableRow) (p PlaceImport, err error) {
	counts := map[gazetteer.ImportVerdict]int{}
	err = row.Scan(&p.ID, &p.OfficeID, &p.FileName, &p.SHA256, &p.Size, &p.ImportSource, &p.Frame, &p.Findings, &p.State, &p.Step, &p.Version, &p.AskedBy, &p.AskedAt,
		&p.JudgedAt, &p.EndedBy, &p.EndedAt, &p.Settings, &p.Problem, &counts, &p.Undecided, &p.Pending)
	p.Counts = []ImportCount{}
	for _, v := range gazetteer.ImportVerdicts {
		if p.JudgedAt != nil {
			p.Counts = append(p.Counts, ImportCount{v, counts[v]})
		}
	}
	return p, err
}

// PlaceImports lists the imports of the actor's office and of those below it, the latest first, from before the one named (nil: the latest).
//
// Errors: Forbidden "not-yours".
func (s *Store) PlaceImports(ctx context.Context, actor gazetteer.Actor, before uuid.UUID, limit int) (list []PlaceImport, err error) {
	if err := gazetteer.MayReadImports(actor); err != nil && !s.open {
		return nil, err
	}
	list = []PlaceImport{}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, placeImportSQL+` where $1::uuid is null or i.id < $1 order by i.id desc limit $2`, nilID(before), limit)
		if err != nil {
			return err
		}
		if list, err = pgx.CollectRows(rows, scanImport); err != nil {
			return fmt.Errorf("list imports: %w", err)
		}
		for i := range list {
			list[i].tell(actor)
		}
		return nil
	})
	return list, err
}

// PlaceImport returns an import of the actor's office, or of one below it.
//
// Errors: Forbidden "not-yours"; NotFound "import-unknown".
func (s *Store) PlaceImport(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (p PlaceImport, err error) {
	if err := gazetteer.MayReadImports(actor); err != nil && !s.open {
		return p, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		p, err = s.over(tx).placeImport(ctx, actor, id)
		return err
	})
	return p, err
}

func (s *Store) placeImport(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (p PlaceImport, err error) {
	rows, err := s.db.Query(ctx, placeImportSQL+` where i.id = $1`, id)
	if err != nil {
		return p, err
	}
	if p, err = pgx.CollectExactlyOneRow(rows, scanImport); err != nil {
		return p, notFound(err, "import-unknown", "没有这次导入")
	}
	p.tell(actor)
	return p, nil
}

// tell adds what a column can be and what the actor can do.
func (p *PlaceImport) tell(actor gazetteer.Actor) {
	p.Fields = placeColumns.Names()
	if p.Settings.Mapping == nil {
		p.Settings.Mapping = map[string]string{}
	}
	p.Actions = gazetteer.ImportActions(actor, p.figures())
}

// figures are what the import may be acted on by.
func (p PlaceImport) figures() gazetteer.ImportFigures {
	f := gazetteer.ImportFigures{State: p.State, Rows: map[gazetteer.ImportVerdict]int{}, Pending: p.Pending, Partial: p.Settings.Partial}
	for _, c := range p.Counts {
		f.Rows[c.Verdict] = c.Rows
	}
	return f
}

// onImport does something to an import of the actor's office, or of one below it, as it stands at the version given, and returns it as it is
// afterwards.
//
// Errors: Forbidden "not-yours"; NotFound "import-unknown"; Stale "stale"; those of do.
func (s *Store) onImport(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, version int, do func(t *Store, tx pgx.Tx, p PlaceImport) error) (p PlaceImport, err error) {
	if err := gazetteer.MayImport(actor); err != nil && !s.open {
		return p, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := tx.Exec(ctx, `select from place_import where id = $1 for update`, id); err != nil {
			return err
		}
		if p, err = t.placeImport(ctx, actor, id); err != nil {
			return err
		}
		if p.Version != version {
			return fault.New(fault.Stale, "stale", "这次导入已有变化：请刷新后再试")
		}
		if err := do(t, tx, p); err != nil {
			return err
		}
		p, err = t.placeImport(ctx, actor, id)
		return err
	})
	return p, err
}

// SetImport says how the file of an import is to be read, and has its rows judged. What cannot be read so is refused before.
//
// Errors: those of onImport, gazetteer.CheckImportSetting, ImportSettings.Check and Import.Begin; Malformed "bad-day".
func (s *Store) SetImport(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.ImportSettings) (PlaceImport, error) {
	return s.onImport(ctx, actor, id, version, func(t *Store, tx pgx.Tx, p PlaceImport) error {
		if err := gazetteer.CheckImportSetting(actor, p.figures()); err != nil {
			return err
		}
		p.Settings = in
		run, err := t.importing(p)
		if err != nil {
			return err
		}
		if _, err := run.Begin("places", placeColumns); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update place_import set settings = $2 where id = $1`, id, in); err != nil {
			return fmt.Errorf("set the import: %w", err)
		}
		return t.haveImport(ctx, tx, actor, now, p, gazetteer.ImportJudging)
	})
}

// importing is the import that the settings describe.
func (s *Store) importing(p PlaceImport) (in Import, err error) {
	set := p.Settings
	if err := set.Check(); err != nil {
		return in, err
	}
	in = Import{Map: set.Mapping, ConfirmFrame: set.ConfirmFrame, Partial: set.Partial, TwinM: set.TwinM}
	in.Document = gazetteer.Document{Title: set.Document.Title, Number: set.Document.Number, IssuedBy: set.Document.IssuedBy}
	if set.Twins != "" {
		in.Twins = &gazetteer.TwinDecision{New: set.Twins == "new"}
	}
	if set.Frame != "" {
		if in.Frame, err = geo.ParseFrame(set.Frame); err != nil {
			return in, err
		}
	}
	if set.ValidFrom != "" {
		if in.ValidFrom, err = ParseDay("启用日期", set.ValidFrom); err != nil {
			return in, err
		}
	}
	if set.Document.IssuedOn != "" {
		if in.Document.IssuedOn, err = ParseDay("文件日期", set.Document.IssuedOn); err != nil {
			return in, err
		}
	}
	in.Source, err = s.importSource(p.SHA256, p.FileName)
	return in, err
}

// ActOnImport has the rows of an import judged again, commits or abandons it. To commit the actor must be confirmed.
//
// Errors: those of onImport, gazetteer.CheckImportAction and Actor.Confirmed.
func (s *Store) ActOnImport(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, action string) (PlaceImport, error) {
	return s.onImport(ctx, actor, id, version, func(t *Store, tx pgx.Tx, p PlaceImport) error {
		if err := gazetteer.CheckImportAction(actor, p.figures(), action); err != nil {
			return err
		}
		switch action {
		case "judge":
			return t.haveImport(ctx, tx, actor, now, p, gazetteer.ImportJudging)
		case "commit":
			if err := actor.Confirmed(now); err != nil {
				return err
			}
			return t.haveImport(ctx, tx, actor, now, p, gazetteer.ImportCommitting)
		}
		_, err := tx.Exec(ctx, `update place_import set state = 'abandoned', ended_at = $2, ended_by = $3, version = version + 1 where id = $1`, id, now, actor.AccountID)
		if err != nil {
			return fmt.Errorf("abandon the import: %w", err)
		}
		return recordOfImport(ctx, tx, actor, now, id, "abandon", nil)
	})
}

// haveImport puts the judging or committing of an import off to a job.
func (s *Store) haveImport(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p PlaceImport, state gazetteer.ImportState) error {
	_, err := tx.Exec(ctx, `
		update place_import set state = $2, began_at = $3, step = 0, problem = null, version = version + 1 where id = $1`, p.ID, state, now)
	if err != nil {
		return fmt.Errorf("begin with the import: %w", err)
	}
	within := actor.Jurisdiction
	if !actor.IsOf(p.OfficeID) {
		if err := tx.QueryRow(ctx, `select division_id from office where id = $1`, p.OfficeID).Scan(&within); err != nil {
			return fmt.Errorf("find the jurisdiction of the import: %w", err)
		}
	}
	args := placeImportArgs{ImportID: p.ID, Version: p.Version + 1, OfficeID: actor.OfficeID, AccountID: actor.AccountID, Within: within}
	if err := s.Later(ctx, tx, args); err != nil {
		return err
	}
	verb := map[gazetteer.ImportState]string{gazetteer.ImportJudging: "judge", gazetteer.ImportCommitting: "commit"}[state]
	return recordOfImport(ctx, tx, actor, now, p.ID, verb, nil)
}

// DecideImport records what a person decided of doubtful rows. It counts when the rows are judged again.
//
// Errors: those of onImport, gazetteer.CheckImportSetting, ImportDecision.Check and Fits; NotFound "row-unknown".
func (s *Store) DecideImport(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.ImportDecision) (PlaceImport, error) {
	return s.onImport(ctx, actor, id, version, func(t *Store, tx pgx.Tx, p PlaceImport) error {
		if err := gazetteer.CheckImportSetting(actor, p.figures()); err != nil {
			return err
		}
		if err := in.Check(); err != nil {
			return err
		}
		for _, n := range in.Rows {
			row, err := t.importRow(ctx, p, n)
			if err != nil {
				return err
			}
			if err := in.Fits(row.ImportRow, row.Decision != nil); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `
				insert into place_import_decision (id, import_id, row, decision, place_id, decided_at, decided_by) values ($1, $2, $3, $4, $5, $6, $7)`,
				NewID(), id, n, in.As, nilID(in.Place), now, actor.AccountID)
			if err != nil {
				return fmt.Errorf("decide row %d: %w", n, err)
			}
		}
		if _, err := tx.Exec(ctx, `update place_import set pending = pending + $2, version = version + 1 where id = $1`, id, len(in.Rows)); err != nil {
			return fmt.Errorf("decide rows: %w", err)
		}
		return recordOfImport(ctx, tx, actor, now, id, "decide", map[string]any{"rows": len(in.Rows)})
	})
}

func (s *Store) importRow(ctx context.Context, p PlaceImport, n int) (row ImportedRow, err error) {
	found := false
	if n < 1 || n > MaxImportRows {
		return row, fault.New(fault.NotFound, "row-unknown", "这次导入没有第 %d 条", n)
	}
	err = s.eachImportedRow(ctx, p.ID, RowsWanted{After: n - 1, Limit: 1}, func(r ImportedRow) error {
		row, found = r, r.Row == n
		return nil
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "row-unknown", "这次导入没有第 %d 条", n)
	}
	return row, err
}

// EachImportedRow calls do for the rows of an import that is the actor's to read that are wanted, in their order.
//
// Errors: Forbidden "not-yours"; NotFound "import-unknown".
func (s *Store) EachImportedRow(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, want RowsWanted, do func(ImportedRow) error) error {
	if err := gazetteer.MayReadImports(actor); err != nil && !s.open {
		return err
	}
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := t.placeImport(ctx, actor, id); err != nil {
			return err
		}
		return t.eachImportedRow(ctx, id, want, do)
	})
}

func (s *Store) eachImportedRow(ctx context.Context, id uuid.UUID, want RowsWanted, do func(ImportedRow) error) error {
	rows, err := s.db.Query(ctx, `
		select r.told, r.place_id, d.decision, d.place_id, a.name, d.decided_at
		from place_import_row r
		left join lateral (
		    select * from place_import_decision d where d.import_id = r.import_id and d.row = r.row order by d.id desc limit 1) d on d.decision <> 'undecided'
		left join account a on a.id = d.decided_by
		where r.import_id in (select id from place_import where id = @id and judged_at is not null) and r.row > @after and (@verdict = '' or r.verdict = @verdict)
		order by r.row limit nullif(@limit, 0)`,
		pgx.StrictNamedArgs{"id": id, "after": want.After, "verdict": string(want.Verdict), "limit": want.Limit})
	if err != nil {
		return err
	}
	var told []byte
	var place, decidedPlace *uuid.UUID
	var as, by *string
	var at *time.Time
	_, err = pgx.ForEachRow(rows, []any{&told, &place, &as, &decidedPlace, &by, &at}, func() error {
		r := ImportedRow{Place: place}
		if err := json.Unmarshal(told, &r.ImportRow); err != nil {
			return fmt.Errorf("read a row of the import: %w", err)
		}
		if as != nil {
			r.Decision = &ImportedDecided{As: *as, Place: decidedPlace, By: *by, At: *at}
		}
		return do(r)
	})
	return err
}

// ImportFile opens the file of an import that is the actor's to read as it was handed in.
//
// Errors: Forbidden "not-yours"; NotFound "import-unknown"; those of vault.Open.
func (s *Store) ImportFile(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (name string, f fs.File, err error) {
	p, err := s.PlaceImport(ctx, actor, id)
	if err != nil {
		return "", nil, err
	}
	file, err := s.Files.Open(p.SHA256)
	return p.FileName, file, err
}

// errImportOver says that an import was ended or begun anew by somebody else.
var errImportOver = errors.New("the import is over")
