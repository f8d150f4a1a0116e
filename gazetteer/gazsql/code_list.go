package gazsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// CodeLists are lists of codes in time to import, all in one file.
type CodeLists struct {
	File     string
	SHA256   string
	Lists    []gazetteer.CodeList // the oldest first
	Days     gazetteer.DatedChanges
	DryRun   bool
	Document gazetteer.Document
}

// ImportCodeLists reads what a series of lists tells about divisions of county level and above in time: each gets its
// versions, codes and former names, and the events between them, marked as told from lists unless a day is known
// otherwise. A division that is there is found by code and name in the same time and not doubled: where its beginning was
// open it is now the one told, and what was before the days of which it was recorded is added. What contradicts what is there is a finding and left as it is.
//
// Errors: Refused "import-collides"; Malformed "no-lists".
func (s *Store) ImportCodeLists(ctx context.Context, actor gazetteer.Actor, now time.Time, in CodeLists) (ImportReport, error) {
	run := newRun(Import{DryRun: in.DryRun, Document: in.Document})
	run.Report = ImportReport{
		Kind: "code-lists", File: in.File, SHA256: in.SHA256, Rows: len(in.Lists), Counts: map[string]int{}, NotTaken: []string{}, Findings: []fault.Finding{},
	}
	if len(in.Lists) == 0 {
		return run.Report, fault.New(fault.Malformed, "no-lists", "文件 %s 里没有代码表：应有 201112.tsv 这样以年月为名的文件", in.File)
	}
	told := gazetteer.ReadCodeLists(in.Lists, in.Days)
	run.Report.Findings = append(run.Report.Findings, told.Findings...)
	return s.alone(ctx, actor, func(int) {}, func(s *Store) (ImportReport, error) {
		known, err := s.divisionsByCode(ctx)
		if err != nil {
			return run.Report, err
		}
		w := listWriter{run: run, told: told, known: known, ids: make([]uuid.UUID, len(told.Divisions)), now: now, days: in.Days, last: in.Lists[len(in.Lists)-1].Day}
		w.meet()
		return run.commit(ctx, s, actor, now, gazetteer.Document{Title: in.File, SHA256: in.SHA256}, func(tx pgx.Tx, document uuid.UUID) error {
			return w.record(ctx, tx, document)
		})
	})
}

// listWriter writes down what lists tell.
type listWriter struct {
	run      *Run
	told     gazetteer.CodeHistory
	days     gazetteer.DatedChanges
	known    knownDivisions
	ids      []uuid.UUID
	met      []bool      // the division was there
	open     []bool      // and its beginning was open
	since    []time.Time // else the first day of which it was recorded
	differs  []bool      // and contradicts the lists
	now      time.Time
	last     time.Time // day of the last list
	document uuid.UUID // the lists
	memory   uuid.UUID // what days are known otherwise
}

// meet finds the divisions that are there already.
func (w *listWriter) meet() {
	n := len(w.ids)
	w.met, w.open, w.since, w.differs = make([]bool, n), make([]bool, n), make([]time.Time, n), make([]bool, n)
	for i, d := range w.told.Divisions {
		for _, spell := range d.Spells {
			for _, k := range w.known[spell.Code] {
				if k.Name == spell.Name && overlap(spell.From, spell.To, k.From, k.To) && !slices.Contains(w.ids, k.ID) {
					w.ids[i], w.met[i] = k.ID, true
				}
				switch {
				case k.ID != w.ids[i]:
				case k.From.IsZero():
					w.open[i] = true
				case w.since[i].IsZero() || k.From.Before(w.since[i]):
					w.since[i] = k.From
				}
			}
		}
		if !w.met[i] {
			w.ids[i] = NewID()
		}
	}
	for i := range w.ids {
		w.compare(i)
	}
}

// missing are the spells of a division before the days of which it was recorded, joined where they are alike.
func (w *listWriter) missing(i int, alike func(a, b gazetteer.ListedSpell) bool) (out []gazetteer.ListedSpell) {
	for _, s := range merged(w.told.Divisions[i].Spells, alike) {
		if since := w.since[i]; !w.open[i] && !since.IsZero() {
			if !s.From.Before(since) {
				continue
			}
			if s.To.IsZero() || s.To.After(since) {
				s.To = since
			}
		}
		out = append(out, s)
	}
	return out
}

// compare holds what is told of a division against what is there under its codes.
func (w *listWriter) compare(i int) {
	for _, spell := range w.told.Divisions[i].Spells {
		for _, k := range w.known[spell.Code] {
			if !overlap(spell.From, spell.To, k.From, k.To) {
				continue
			}
			if !w.fits(i, spell, k) {
				w.differs[i] = true
				w.run.Remark(0, "known-differs", fault.Warning, "代码 %s 的“%s”（%s 至 %s）与库里的“%s”（%s 至 %s）不合：保留库里的记录",
					spell.Code, spell.Name, gazetteer.Day{Time: spell.From}, gazetteer.Day{Time: spell.To}, k.Name, gazetteer.Day{Time: k.From}, gazetteer.Day{Time: k.To})
			}
		}
	}
}

// fits reports whether a spell of a division can stand beside what is there under its code in the same time: the same, or
// its later part; or what was open towards the past and will begin with a later spell.
func (w *listWriter) fits(i int, spell gazetteer.ListedSpell, k knownDivision) bool {
	switch {
	case k.ID != w.ids[i]:
		return k.From.IsZero() && !spell.To.IsZero() && !w.begins(k.ID).Before(spell.To)
	case !k.From.IsZero():
		return k.Name == spell.Name && !k.From.Before(spell.From) && w.sameEnd(spell, k)
	}
	spells := w.told.Divisions[i].Spells
	for _, s := range slices.Backward(spells) {
		if s.Code == spell.Code && s.Name == k.Name && overlap(s.From, s.To, k.From, k.To) {
			return w.sameEnd(s, k)
		}
	}
	return false
}

// sameEnd reports whether both end on the same day, or what is there ends after the last list.
func (w *listWriter) sameEnd(s gazetteer.ListedSpell, k knownDivision) bool {
	return s.To.Equal(k.To) || s.To.IsZero() && k.To.After(w.last)
}

// begins is the first day of a division that is there, as the lists tell it; zero for one that they do not know.
func (w *listWriter) begins(id uuid.UUID) time.Time {
	if i := slices.Index(w.ids, id); i >= 0 {
		return w.told.Divisions[i].Spells[0].From
	}
	return time.Time{}
}

func (w *listWriter) record(ctx context.Context, tx pgx.Tx, document uuid.UUID) (err error) {
	w.document = document
	b, err := json.Marshal(w.days)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	w.memory, err = FileDocument(ctx, tx, w.now, gazetteer.Document{
		Kind: "other", Title: w.days.Title, Number: w.days.ID, Note: w.days.Source, SHA256: hex.EncodeToString(sum[:]),
	})
	for _, do := range []func(context.Context, pgx.Tx) error{w.narrow, w.divisions, w.codes, w.places, w.events} {
		if err == nil {
			err = do(ctx, tx)
		}
	}
	return err
}

// narrow gives divisions that are there, and whose beginning was open, the beginning that the lists tell of their last
// version, code and name.
func (w *listWriter) narrow(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	for i, d := range w.told.Divisions {
		if !w.open[i] || w.differs[i] {
			continue
		}
		for _, s := range slices.Backward(merged(d.Spells, sameVersion)) {
			batch.Queue(`update division_version set valid = daterange($2::date, upper(valid)) where division_id = $1 and name = $3 and lower_inf(valid) and valid @> $2::date`, w.ids[i], s.From, s.Name)
		}
		for _, s := range slices.Backward(merged(d.Spells, sameCode)) {
			batch.Queue(`update division_code set valid = daterange($2::date, upper(valid)) where division_id = $1 and system = 'gbt2260' and code = $3 and lower_inf(valid) and valid @> $2::date`, w.ids[i], s.From, string(s.Code))
		}
		for _, s := range slices.Backward(merged(d.Spells, sameName)) {
			batch.Queue(`
				update place_name n set valid = daterange($2::date, upper(n.valid)) from place p
				where p.represents_division_id = $1 and n.place_id = p.id and n.kind = 'standard' and n.name = $3 and lower_inf(n.valid) and n.valid @> $2::date`,
				w.ids[i], s.From, s.Name)
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("narrow what was open: %w", err)
	}
	return nil
}

// merged joins spells that follow each other and are alike.
func merged(spells []gazetteer.ListedSpell, alike func(a, b gazetteer.ListedSpell) bool) (out []gazetteer.ListedSpell) {
	for _, s := range spells {
		if last := len(out) - 1; last >= 0 && alike(out[last], s) {
			out[last].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

func sameCode(a, b gazetteer.ListedSpell) bool { return a.Code == b.Code }
func sameName(a, b gazetteer.ListedSpell) bool { return a.Name == b.Name }
func sameVersion(a, b gazetteer.ListedSpell) bool {
	return a.Name == b.Name && a.Level == b.Level && a.Kind == b.Kind && a.Parent == b.Parent
}

// divisions writes the divisions and versions that are not there.
func (w *listWriter) divisions(ctx context.Context, tx pgx.Tx) error {
	var made, versions [][]any
	for i, d := range w.told.Divisions {
		level := string(d.Spells[0].Level)
		switch {
		case w.met[i] && w.differs[i]:
			w.run.Report.Unchanged++
			continue
		case !w.met[i] && w.differs[i]:
			w.run.Report.Passed++
			continue
		case w.met[i]:
			w.run.Report.Unchanged++
		default:
			made = append(made, []any{w.ids[i]})
			w.run.Report.Created++
			w.run.Report.Counts[level]++
		}
		for _, s := range w.missing(i, sameVersion) {
			var parent uuid.UUID
			if s.Parent >= 0 && !(w.differs[s.Parent] && !w.met[s.Parent]) {
				parent = w.ids[s.Parent]
			}
			versions = append(versions, []any{
				NewID(), w.ids[i], s.Name, string(s.Level), string(s.Kind), nilID(parent), nil, Span(s.From, s.To), w.document, w.now,
			})
		}
	}
	if err := copyRows(ctx, tx, "division", []string{"id"}, made); err != nil {
		return err
	}
	added, err := copyMissing(ctx, tx, "division_version", versionTableColumns, versions, `
		not exists (select from division_version v where v.division_id = n.division_id and v.valid && n.valid)`)
	w.run.Report.Counts["versions"] = added
	return err
}

func (w *listWriter) codes(ctx context.Context, tx pgx.Tx) error {
	var codes [][]any
	for i := range w.told.Divisions {
		if w.differs[i] {
			continue
		}
		for _, s := range w.missing(i, sameCode) {
			codes = append(codes, []any{w.ids[i], string(gazetteer.GBT2260), string(s.Code), Span(s.From, s.To), w.document})
		}
	}
	added, err := copyMissing(ctx, tx, "division_code", []string{"division_id", "system", "code", "valid", "document_id"}, codes, `
		not exists (select from division_code c where c.division_id = n.division_id and c.system = n.system and c.valid && n.valid)`)
	w.run.Report.Counts["codes"] = added
	return err
}

// places gives every division its place, under each of its names in time.
func (w *listWriter) places(ctx context.Context, tx pgx.Tx) error {
	there := map[uuid.UUID]uuid.UUID{}
	var division, place uuid.UUID
	rows, err := tx.Query(ctx, `select represents_division_id, id from place where represents_division_id = any ($1)`, w.ids)
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&division, &place}, func() error { there[division] = place; return nil }); err != nil {
		return err
	}
	var places, names [][]any
	for i := range w.told.Divisions {
		if w.differs[i] {
			continue
		}
		id, was := there[w.ids[i]]
		if !was {
			id = NewID()
			places = append(places, []any{id, string(gazetteer.DivisionCategory), w.ids[i], nil, string(gazetteer.ByDivision), w.ids[i], nil, w.document, false, w.now})
		}
		for _, s := range w.missing(i, sameName) {
			names = append(names, nameRow(id, s.Name, gazetteer.DivisionCategory, s.Code, Span(s.From, s.To), w.document, w.now))
		}
	}
	if err := copyRows(ctx, tx, "place", placeTableColumns, places); err != nil {
		return err
	}
	added, err := copyMissing(ctx, tx, "place_name", nameTableColumns, names, `
		not exists (select from place_name p where p.place_id = n.place_id and p.kind = 'standard' and p.language = 'zh' and p.valid && n.valid)`)
	w.run.Report.Counts["names"] = added
	return err
}

// events writes what happened, but what is recorded already.
func (w *listWriter) events(ctx context.Context, tx pgx.Tx) error {
	var events, links, of [][]any
	recorded, err := recordedEvents(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range w.told.Events {
		id, document := NewID(), w.document
		if e.Basis != gazetteer.ByLists {
			document = w.memory
		}
		fresh := false
		add := func(from, to uuid.UUID) bool {
			key := eventKey{from, to, string(e.Kind), e.On.Format(time.DateOnly)}
			was := recorded[key]
			recorded[key] = true
			fresh = fresh || !was
			return !was
		}
		for _, l := range e.Links {
			if w.gone(l.From) || w.gone(l.To) {
				continue
			}
			if add(w.ids[l.From], w.ids[l.To]) {
				links = append(links, []any{w.ids[l.From], w.ids[l.To], string(e.Kind), e.On, document, id, string(l.Role), string(l.Share)})
			}
		}
		for _, one := range e.Of {
			if !w.gone(one) && add(w.ids[one], w.ids[one]) {
				of = append(of, []any{id, w.ids[one]})
			}
		}
		if fresh {
			events = append(events, []any{id, string(e.Kind), nilDay(e.After), e.On, string(e.Basis), document, w.now})
			w.run.Report.Counts["events"]++
		}
	}
	err = copyRows(ctx, tx, "division_event", []string{"id", "kind", "after_day", "on_day", "basis", "document_id", "recorded_at"}, events)
	if err == nil {
		err = copyRows(ctx, tx, "division_link", linkColumns, links)
	}
	if err == nil {
		err = copyRows(ctx, tx, "division_event_of", []string{"event_id", "division_id"}, of)
	}
	return err
}

// gone reports whether a division is not recorded, since what is there contradicts it.
func (w *listWriter) gone(i int) bool { return w.differs[i] && !w.met[i] }

// eventKey is by what an event is known again: a link, or twice the division that it is about.
type eventKey struct {
	from, to uuid.UUID
	kind, on string
}

func recordedEvents(ctx context.Context, tx pgx.Tx) (map[eventKey]bool, error) {
	recorded := map[eventKey]bool{}
	rows, err := tx.Query(ctx, `
		select predecessor_id, successor_id, kind, on_day::text from division_link
		union all
		select o.division_id, o.division_id, e.kind, e.on_day::text from division_event e join division_event_of o on o.event_id = e.id`)
	if err != nil {
		return nil, err
	}
	var k eventKey
	_, err = pgx.ForEachRow(rows, []any{&k.from, &k.to, &k.kind, &k.on}, func() error { recorded[k] = true; return nil })
	return recorded, err
}

// copyMissing adds the rows of which the condition holds, as n, and returns how many.
func copyMissing(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any, condition string) (int, error) {
	staged := table + "_listed"
	if _, err := tx.Exec(ctx, `create temporary table `+staged+` (like `+table+` including defaults) on commit drop`); err != nil {
		return 0, fmt.Errorf("stage %s: %w", table, err)
	}
	if err := copyRows(ctx, tx, staged, columns, rows); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `insert into `+table+` select n.* from `+staged+` n where `+condition)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", table, err)
	}
	return int(tag.RowsAffected()), nil
}
