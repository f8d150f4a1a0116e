package gazsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// Precision is how exactly the positions of a layer on a level are given to the public.
type Precision struct {
	Layer    string `json:"layer"`    // markers, places
	Level    string `json:"level"`    // of a marker's line, or of the division a place lies in
	Decimals *int   `json:"decimals"` // of a degree; nil: as stored
	Document string `json:"document"`
	Version  int    `json:"version"` // 0 while nobody has set any
}

// The layers that have a policy, and its levels: prefectures follow provinces, villages townships. Lines, divisions and
// what is derived from them are published from the standard drawing and have none.
var (
	precisionLayers = []string{"markers", "places"}
	precisionLevels = []string{"province", "county", "township"}
)

// levelOfPlaces is the level of the policy for a place in a division of the level given, in SQL.
func levelOfPlaces(level string) string {
	return `case ` + level + ` when 'prefecture' then 'province' when 'village' then 'township' else ` + level + ` end`
}

// maxDecimals is about a millimetre.
const maxDecimals = 8

// Precisions lists the policies, those of which the decimals were taken away too.
func (s *Store) Precisions(ctx context.Context) ([]Precision, error) {
	rows, err := s.db.Query(ctx, `
		select p.layer, p.level, p.decimals, concat_ws(' ', d.title, d.number) as document, p.version
		from precision_policy p join document d on d.id = p.document_id order by p.layer, array_position($1::text[], p.level)`, precisionLevels)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Precision])
	if found == nil {
		found = []Precision{}
	}
	return found, err
}

// SetPrecision sets how exactly a layer is given to the public on a level, as the policy stood at p.Version; nil decimals
// take it away. The parties of a line, and bureaus where their places lie, go on reading exact positions.
//
// Errors: Stale "stale"; Forbidden "not-yours" for all but administrators of a civil-affairs bureau above every other,
// "confirm-identity"; NotFound "no-such-layer"; Malformed "bad-level", "bad-decimals", "document-missing".
func (s *Store) SetPrecision(ctx context.Context, actor gazetteer.Actor, now time.Time, p Precision, document gazetteer.Document) (Precision, error) {
	if err := s.mayPublish(ctx, actor, now); err != nil {
		return p, err
	}
	if !slices.Contains(precisionLayers, p.Layer) {
		return p, fault.New(fault.NotFound, "no-such-layer", "“%s”没有公布精度的规定：可用 markers、places", p.Layer)
	}
	if !slices.Contains(precisionLevels, p.Level) {
		return p, fault.New(fault.Malformed, "bad-level", "不认识的级别“%s”：可用 province、county、township", p.Level)
	}
	if p.Decimals != nil && (*p.Decimals < 0 || *p.Decimals > maxDecimals) {
		return p, fault.New(fault.Malformed, "bad-decimals", "小数位数应为 0 到 %d 的整数，不限精度写 null", maxDecimals)
	}
	if document.Title == "" || document.Number == "" {
		return p, fault.New(fault.Malformed, "document-missing", "设定公布精度须附依据文件的标题和文号")
	}
	document.Kind = "other"
	p.Document = document.Title + " " + document.Number
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error { return recordPrecision(ctx, tx, actor, now, &p, document) })
	return p, err
}

// mayPublish refuses whoever does not administer a civil-affairs bureau whose jurisdiction covers that of every bureau: a
// policy is for the whole country. It binds the person, as a signature does.
func (s *Store) mayPublish(ctx context.Context, actor gazetteer.Actor, now time.Time) error {
	if s.open {
		return nil
	}
	refused := fault.New(fault.Forbidden, "not-yours", "公布精度由辖区覆盖所有单位的民政部门的系统管理员按批准的文件设定")
	if !actor.Has(gazetteer.Administrator) || actor.OfficeKind != "civil-affairs" {
		return refused
	}
	rows, err := s.db.Query(ctx, `
		select distinct division_id from office
		where division_id is not null and kind in ('civil-affairs', 'township-government') and valid @> $1::text::date`,
		beijing.Day(now))
	if err != nil {
		return fmt.Errorf("gather the jurisdictions: %w", err)
	}
	divisions, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("gather the jurisdictions: %w", err)
	}
	lineage, err := LineageOf(ctx, s.db, now, divisions...)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(divisions, func(d uuid.UUID) bool { return !lineage.Covers(actor.Jurisdiction, d) }) {
		return refused
	}
	return actor.Confirmed(now)
}

func recordPrecision(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p *Precision, document gazetteer.Document) error {
	id, err := FileDocument(ctx, tx, now, document)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `
		insert into precision_policy (layer, level, decimals, document_id)
		select @layer, @level, @decimals, @document
		where @version = 0 or exists (select from precision_policy where layer = @layer and level = @level)
		on conflict (layer, level) do update
		set decimals = excluded.decimals, document_id = excluded.document_id, version = precision_policy.version + 1
		where precision_policy.version = @version
		returning version`,
		pgx.StrictNamedArgs{"layer": p.Layer, "level": p.Level, "decimals": p.Decimals, "document": id, "version": p.Version}).Scan(&p.Version)
	if isNoRows(err) {
		return fault.New(fault.Stale, "stale", "公布精度已不是您看到的第 %d 版：请刷新后再试", p.Version)
	}
	if err != nil {
		return fmt.Errorf("set the precision: %w", err)
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "precision/" + p.Layer + "." + p.Level, Verb: "set",
		After: map[string]any{"decimals": p.Decimals}, Cites: []uuid.UUID{id},
	})
}

// decimalsIn tells to how many decimals the public reads positions of places in the divisions on a day, of those where a
// policy says so.
func (s *Store) decimalsIn(ctx context.Context, day string, divisions []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := s.db.Query(ctx, `
		select v.division_id, p.decimals from division_version v join precision_policy p on p.layer = 'places' and p.level = `+levelOfPlaces("v.level")+`
		where v.division_id = any ($1) and v.valid @> $2::text::date and p.decimals is not null`, divisions, day)
	if err != nil {
		return nil, err
	}
	decimals := map[uuid.UUID]int{}
	var id uuid.UUID
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { decimals[id] = n; return nil }); err != nil {
		return nil, fmt.Errorf("gather to how many decimals positions are given: %w", err)
	}
	return decimals, nil
}
