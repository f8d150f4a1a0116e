package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// packSeeder writes the packs that come with the program.
var packSeeder = gazetteer.Actor{System: "packs"}

// SeedPacks writes the packs that come with the program and are not there yet; one that is stays as it is.
func (s *Store) SeedPacks(ctx context.Context, now time.Time) error {
	var there []string // asked once: on all starts but the first nothing is missing
	if err := s.db.QueryRow(ctx, `select coalesce(array_agg(id), '{}') from rule_pack where version > 0`).Scan(&there); err != nil {
		return fmt.Errorf("see which packs are there: %w", err)
	}
	for _, p := range gazetteer.ShippedPacks() {
		if slices.Contains(there, p.ID) {
			continue
		}
		if err := s.SeedPack(ctx, now, p); err != nil {
			return fmt.Errorf("seed the pack %s: %w", p.ID, err)
		}
	}
	return nil
}

// SeedPack writes a rule pack as adopted, without asking whether it may be; one that is there stays as it is.
func (s *Store) SeedPack(ctx context.Context, now time.Time, p gazetteer.Pack) error {
	return As(ctx, s.db, packSeeder, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into rule_pack (id, title, region, state) values ($1, $2, $3, 'adopted') on conflict do nothing`, p.ID, p.Title, p.Region)
		if err != nil {
			return err
		}
		var version int
		if err := tx.QueryRow(ctx, `select version from rule_pack where id = $1 for update`, p.ID).Scan(&version); err != nil || version > 0 {
			return err
		}
		if err := writeRevision(ctx, tx, packSeeder, now, p, 1); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update rule_pack set title = $2, region = $3, version = 1 where id = $1`, p.ID, p.Title, p.Region)
		return err
	})
}

// writeRevision writes a state of a pack's text, and the libraries that come with it and are not there yet.
func writeRevision(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p gazetteer.Pack, n int) error {
	for _, l := range p.Libraries {
		if err := seedLibrary(ctx, tx, actor, now, p, l); err != nil {
			return fmt.Errorf("write the library %s: %w", l.ID, err)
		}
	}
	p.Libraries = nil
	text, err := p.YAML()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into rule_pack_revision (pack_id, n, text, account_id, recorded_at) values ($1, $2, $3, $4, $5)`,
		p.ID, n, string(text), nilID(actor.AccountID), now)
	return err
}

// given is a list that is never null.
func given[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// seedLibrary writes a library that is not there yet, its words since the day its pack begins.
func seedLibrary(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p gazetteer.Pack, l gazetteer.Library) error {
	written, err := insertLibrary(ctx, tx, actor, now, l, p.Region)
	if err != nil || !written {
		return err
	}
	return addWords(ctx, tx, actor, now, l.ID, "", p.ValidFrom, l.Words)
}

// PackRow is a pack in a list.
type PackRow struct {
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	Source     string              `json:"source"`
	Region     string              `json:"region"`
	RegionName string              `json:"regionName"` // of the division that has such a code; "" for everywhere
	ValidFrom  string              `json:"validFrom"`
	ValidTo    *string             `json:"validTo"`
	Comparison bool                `json:"comparison"`
	Includes   []string            `json:"includes"`
	Rules      int                 `json:"rules"` // its own
	State      gazetteer.PackState `json:"state"`
	Version    int                 `json:"version"`
}

// PackList is every pack that was not withdrawn: those in force first, then by region and day, drafts last; and whether the actor may draft one, for
// which region.
type PackList struct {
	Items  []PackRow `json:"items"`
	Region *string   `json:"region"` // in which the actor drafts packs and keeps words; null: nowhere
}

// group is where a pack stands in a list: what is in force, then what is for comparison, then drafts.
func (p PackRow) group() int {
	switch {
	case p.State == gazetteer.PackDraft:
		return 2
	case p.Comparison:
		return 1
	}
	return 0
}

// Packs lists the rule packs, drafts to whoever signed in.
func (s *Store) Packs(ctx context.Context, actor gazetteer.Actor) (list PackList, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return list, err
	}
	regions, err := s.regionNames(ctx, book)
	if err != nil {
		return list, err
	}
	list.Items = []PackRow{}
	for _, p := range book.Packs {
		if p.State == gazetteer.PackDraft && actor.Anonymous() {
			continue
		}
		list.Items = append(list.Items, PackRow{
			ID: p.ID, Title: p.Title, Source: p.Source, Region: p.Region, RegionName: regions[p.Region], ValidFrom: p.ValidFrom, ValidTo: nilText(p.ValidTo),
			Comparison: p.Comparison, Includes: given(p.Includes), Rules: len(p.Rules), State: p.State, Version: p.Version,
		})
	}
	slices.SortStableFunc(list.Items, func(a, b PackRow) int {
		return cmp.Or(a.group()-b.group(), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ValidFrom, b.ValidFrom), cmp.Compare(a.ID, b.ID))
	})
	list.Region, err = s.keepsIn(ctx, actor)
	return list, err
}

// regionNames are the divisions whose codes begin as the regions of the book's packs and words, by region.
func (s *Store) regionNames(ctx context.Context, book *gazetteer.RuleBook) (map[string]string, error) {
	names := map[string]string{}
	err := each(ctx, s, `
		select distinct on (r.region) r.region, v.name from unnest($1::text[]) r (region)
		join division_code c on c.code in (rpad(r.region, 6, '0'), rpad(r.region, 9, '0')) and c.system in ('gbt2260', 'gbt10114') and upper_inf(c.valid)
		join division_version v on v.division_id = c.division_id and upper_inf(v.valid) where r.region <> ''`, func(r struct{ Region, Name string }) error {
		names[r.Region] = r.Name
		return nil
	}, book.Regions())
	return names, err
}

// ownRegion is the region of the actor's jurisdiction, "" for none.
func (s *Store) ownRegion(ctx context.Context, actor gazetteer.Actor) (string, error) {
	var code gazetteer.DivisionCode
	err := s.db.QueryRow(ctx, `
		select code from division_code where division_id = $1 and system in ('gbt2260', 'gbt10114') and upper_inf(valid) order by code limit 1`,
		nilID(actor.Jurisdiction)).Scan(&code)
	if isNoRows(err) {
		err = nil
	}
	return gazetteer.RegionOf(code), err
}

// keepsIn is the region in which the actor drafts packs and keeps words, nil for none.
func (s *Store) keepsIn(ctx context.Context, actor gazetteer.Actor) (*string, error) {
	own, err := s.ownRegion(ctx, actor)
	if err != nil || !gazetteer.KeepsRules(actor, own, own) {
		return nil, err
	}
	return &own, nil
}

// KnownPack is a pack whole: with its own rules, the words of the libraries that these name, how it stands and what the actor may do.
type KnownPack struct {
	gazetteer.Pack
	State    gazetteer.PackState    `json:"state"`
	Version  int                    `json:"version"`
	Office   string                 `json:"office"`   // that drafted it; "" for what came with the program
	Document string                 `json:"document"` // the paper it was adopted by
	Findings []fault.Finding        `json:"findings"` // of a draft: what stands in the way of adopting it
	Actions  []gazetteer.OpenAction `json:"actions"`
}

// Pack returns a pack whole; words are those that count in its region on a day. A reference id@n is the text of the pack with which its
// version n came.
//
// Errors: NotFound "pack-unknown".
func (s *Store) Pack(ctx context.Context, actor gazetteer.Actor, now time.Time, reference string) (known KnownPack, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return known, err
	}
	id, n, _ := strings.Cut(reference, "@")
	kept, err := book.Pack(id)
	if err != nil {
		return known, err
	}
	if n != "" {
		if kept.Pack, err = s.revision(ctx, id, n); err != nil {
			return known, err
		}
	}
	day := beijing.Day(now)
	known = KnownPack{Pack: kept.Pack, State: kept.State, Version: kept.Version, Findings: []fault.Finding{}}
	known.Libraries = book.LibrariesOf(kept.Pack, day, kept.Region)
	if kept.State == gazetteer.PackDraft {
		known.Findings = append(known.Findings, kept.ToAdopt(book.Adopted(), day)...)
	}
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return known, err
	}
	known.Actions = kept.Open(actor, own)
	err = s.db.QueryRow(ctx, `
		select coalesce(o.name, ''), concat_ws(' ', d.title, d.number) from rule_pack p
		left join office o on o.id = p.office_id left join document d on d.id = p.document_id where p.id = $1`, id).Scan(&known.Office, &known.Document)
	return known, err
}

// revision reads a state of a pack's text.
func (s *Store) revision(ctx context.Context, id, n string) (p gazetteer.Pack, err error) {
	var text string
	err = s.db.QueryRow(ctx, `select text from rule_pack_revision where pack_id = $1 and n::text = $2`, id, n).Scan(&text)
	if err != nil {
		return p, notFound(err, "pack-unknown", "规则包“%s”没有第 %s 稿", id, n)
	}
	return gazetteer.KeptPackText([]byte(text))
}

// PackRevision is a state of the text of a pack.
type PackRevision struct {
	N          int       `json:"n"`  // the version of the pack with which it came
	By         string    `json:"by"` // the post; "" for whoever runs the system
	RecordedAt time.Time `json:"recordedAt"`
}

// PackRevisions lists the states of the text of a pack, the latest first.
func (s *Store) PackRevisions(ctx context.Context, id string) ([]PackRevision, error) {
	found, err := listOf[PackRevision](ctx, s, `
		select r.n, coalesce(a.name, '') as by, r.recorded_at from rule_pack_revision r left join account a on a.id = r.account_id
		where r.pack_id = $1 order by r.n desc`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "pack-unknown", "没有命名规则包“%s”", id)
	}
	return found, err
}
