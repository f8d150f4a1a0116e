package boundsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// ExclaveInput is that a division has a part apart from the rest of it.
type ExclaveInput struct {
	ID         uuid.UUID
	DivisionID uuid.UUID
	HostID     uuid.UUID // in which it lies; uuid.Nil for none on record
	At         orb.Point // a place in that part, CGCS2000
	Document   gazetteer.Document
	ValidFrom  time.Time // a day; zero: as long as known
}

// ExclaveRecord is an exclave on record.
type ExclaveRecord struct {
	ID        uuid.UUID `json:"id"`
	Document  Paper     `json:"document"`
	ValidFrom *string   `json:"validFrom"`
}

// recordedExclave is a record for the fabric of a day.
type recordedExclave struct {
	ExclaveRecord
	DivisionID uuid.UUID
	At         orb.Point
}

// RecordExclave records an exclave by its document, for the bureau above the division.
//
// Errors: NotFound "division-unknown"; Forbidden "not-yours"; Refused "exclave-wrong" with all findings.
func (s *Store) RecordExclave(ctx context.Context, actor gazetteer.Actor, now time.Time, in ExclaveInput) (ExclaveRecord, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if err := mayRecordExclave(ctx, tx, actor, now, in.DivisionID); err != nil {
			return err
		}
		found, err := in.check(ctx, tx, now)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return fault.Refuse("exclave-wrong", "飞地的登记有误", found)
		}
		in.Document.Kind = "approval"
		document, err := gazsql.FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into exclave (id, division_id, host_id, geom, document_id, valid, recorded_at)
			values (@id, @division, @host, @at, @document, @valid, @now) on conflict (id) do nothing`,
			pgx.StrictNamedArgs{
				"id": in.ID, "division": in.DivisionID, "host": nilID(in.HostID), "at": in.At, "document": document,
				"valid": gazsql.Span(in.ValidFrom, time.Time{}), "now": now,
			})
		if err != nil {
			return fmt.Errorf("record the exclave: %w", err)
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "division/" + in.DivisionID.String(), Verb: "record-exclave", Cites: []uuid.UUID{document},
			After: map[string]any{"id": in.ID},
		})
	})
	if err != nil {
		return ExclaveRecord{}, err
	}
	paper := Paper{Title: in.Document.Title, Number: in.Document.Number, IssuedBy: in.Document.IssuedBy}
	if !in.Document.IssuedOn.IsZero() {
		paper.IssuedOn = in.Document.IssuedOn.Format(time.DateOnly)
	}
	record := ExclaveRecord{ID: in.ID, Document: paper}
	if !in.ValidFrom.IsZero() {
		day := in.ValidFrom.Format(time.DateOnly)
		record.ValidFrom = &day
	}
	return record, nil
}

// mayRecordExclave lets only the bureau above a division say what belongs to it.
func mayRecordExclave(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, division uuid.UUID) error {
	var known bool
	if err := tx.QueryRow(ctx, `select exists (select from division_version where division_id = $1 and level <> 'village')`, division).Scan(&known); err != nil {
		return err
	}
	if !known {
		return fault.New(fault.NotFound, "division-unknown", "没有这个行政区划")
	}
	lineage, err := gazsql.LineageOf(ctx, tx, now, division)
	if err != nil {
		return err
	}
	if !actor.Has(gazetteer.Superior) || boundary.StandingOf(actor, lineage, division, division) != boundary.Above {
		return fault.New(fault.Forbidden, "not-yours", "飞地由行政区划的上级民政部门登记")
	}
	return nil
}

// check finds what is wrong with a record: its document, its place.
func (in ExclaveInput) check(ctx context.Context, tx pgx.Tx, now time.Time) (found []fault.Finding, err error) {
	if strings.TrimSpace(in.Document.Title) == "" {
		found = append(found, fault.Blocking("document-missing", "/document/title", "请写明依据的文件：飞地须有批准或协议的记载"))
	}
	if in.HostID == in.DivisionID {
		found = append(found, fault.Blocking("same-division", "/hostId", "飞地不能在它自己的区划里"))
	} else if in.HostID != uuid.Nil {
		var known bool
		if err := tx.QueryRow(ctx, `select exists (select from division where id = $1)`, in.HostID).Scan(&known); err != nil {
			return nil, err
		}
		if !known {
			found = append(found, fault.Blocking("division-unknown", "/hostId", "没有所在的这个行政区划"))
		}
	}
	if err := geo.CheckLonLat(in.At); err != nil {
		return append(found, fault.Blocking("bad-position", "/at", "位置须是飞地里一点的经纬度（CGCS2000）：%s", err)), nil
	}
	var shape orb.MultiPolygon
	err = tx.QueryRow(ctx, `select geom from division_shape where division_id = $1 and valid @> $2::text::date`, in.DivisionID, beijing.Day(now)).Scan(&shape)
	switch {
	case isNoRows(err):
		return found, nil
	case err != nil:
		return nil, err
	case !planar.MultiPolygonContains(shape, in.At):
		found = append(found, fault.Blocking("not-there", "/at", "位置 %.6f, %.6f 不在这个区划的图形里：请点在飞地上", in.At[0], in.At[1]))
	}
	return found, nil
}

// exclavesOn are the exclaves on record on a day.
func exclavesOn(ctx context.Context, db postgis.Conn, on time.Time) ([]recordedExclave, error) {
	return collect[recordedExclave](ctx, db, `
		select e.id, e.division_id, e.geom as at, lower(e.valid)::text as valid_from, `+paperSQL("d")+` as document
		from exclave e join document d on d.id = e.document_id where e.valid @> $1::text::date order by e.id`, on.Format(time.DateOnly))
}

// ExclaveCount is how many exclaves were ever recorded: none is altered, so what rests on them holds as long as it is the same.
func (s *Store) ExclaveCount(ctx context.Context) (n int, err error) {
	err = s.db.QueryRow(ctx, `select count(*) from exclave`).Scan(&n)
	return n, err
}
