package boundsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// Precision is how exactly the positions of a layer on a level are given to the public.
type Precision struct {
	Layer    string `json:"layer"` // markers
	Level    string `json:"level"`
	Decimals *int   `json:"decimals"` // of a degree; nil: as stored
	Document string `json:"document"`
}

// PrecisionLayers are the layers that have a policy.
var PrecisionLayers = []string{"markers"}

// maxDecimals is about a millimetre.
const maxDecimals = 8

// Precisions lists the policies in force.
func (s *Store) Precisions(ctx context.Context) ([]Precision, error) {
	return collect[Precision](ctx, s.db, `
		select p.layer, p.level, p.decimals, concat_ws(' ', d.title, d.number) as document
		from precision_policy p join document d on d.id = p.document_id order by p.layer, array_position(array['province', 'county', 'township'], p.level)`)
}

// SetPrecision sets how exactly a layer is given to the public on a level; nil decimals take the policy away. The parties
// of a line and who is above them go on reading exact positions.
//
// Errors: Forbidden "not-yours" for all but administrators; NotFound "no-such-layer"; Malformed "bad-level",
// "bad-decimals", "document-missing".
func (s *Store) SetPrecision(ctx context.Context, actor gazetteer.Actor, now time.Time, p Precision, document gazetteer.Document) (Precision, error) {
	if !actor.Has(gazetteer.Administrator) {
		return p, fault.New(fault.Forbidden, "not-yours", "公布精度由系统管理员按批准的文件设定")
	}
	if !slices.Contains(PrecisionLayers, p.Layer) {
		return p, fault.New(fault.NotFound, "no-such-layer", "“%s”没有公布精度的规定：可用 markers", p.Layer)
	}
	if _, err := boundary.ParseLevel(p.Level); err != nil {
		return p, err
	}
	if p.Decimals != nil && (*p.Decimals < 0 || *p.Decimals > maxDecimals) {
		return p, fault.New(fault.Malformed, "bad-decimals", "小数位数应为 0 到 %d 的整数，不限精度写 null", maxDecimals)
	}
	if document.Title == "" || document.Number == "" {
		return p, fault.New(fault.Malformed, "document-missing", "设定公布精度须附依据文件的标题和文号")
	}
	document.Kind = "other"
	p.Document = document.Title + " " + document.Number
	return p, pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error { return recordPrecision(ctx, tx, actor, now, p, document) })
}

func recordPrecision(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p Precision, document gazetteer.Document) error {
	id, err := gazsql.FileDocument(ctx, tx, now, document)
	if err != nil {
		return err
	}
	if p.Decimals == nil {
		_, err = tx.Exec(ctx, `delete from precision_policy where layer = $1 and level = $2`, p.Layer, p.Level)
	} else {
		_, err = tx.Exec(ctx, `
			insert into precision_policy (layer, level, decimals, document_id) values (@layer, @level, @decimals, @document)
			on conflict (layer, level) do update set decimals = excluded.decimals, document_id = excluded.document_id`,
			pgx.StrictNamedArgs{"layer": p.Layer, "level": p.Level, "decimals": p.Decimals, "document": id})
	}
	if err != nil {
		return fmt.Errorf("set the precision: %w", err)
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "precision/" + p.Layer + "." + p.Level, Verb: "set",
		After: map[string]any{"decimals": p.Decimals}, Cites: []uuid.UUID{id},
	})
}
