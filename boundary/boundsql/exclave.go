package boundsql

import (
	"context"
	"fmt"
	"slices"
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

// ExclaveRecord is an exclave on record. Days are those of UTC+8, the last one left out.
type ExclaveRecord struct {
	ID          uuid.UUID  `json:"id"`
	Of          FabricRef  `json:"of"`
	Within      *FabricRef `json:"within"` // nil for none on record
	At          orb.Point  `json:"at"`     // a place in that part, CGCS2000
	Document    Paper      `json:"document"`
	ValidFrom   *string    `json:"validFrom"`   // nil: as long as known
	ValidTo     *string    `json:"validTo"`     // nil: it holds
	EndDocument *Paper     `json:"endDocument"` // by which it ended
}

// exclaveSQL reads exclaves on record, e, as long as they hold.
var exclaveSQL = `
	select e.id, jsonb_build_object('kind', 'division', 'id', e.division_id, 'name', ` + nameSQL("e.division_id") + `) as of,
	       case when e.host_id is not null then jsonb_build_object('kind', 'division', 'id', e.host_id, 'name', ` + nameSQL("e.host_id") + `) end as within,
	       e.geom as at, lower(e.valid)::text as valid_from, upper(e.valid)::text as valid_to, ` + paperSQL("d") + ` as document, ` + paperSQL("x") + ` as end_document
	from exclave_span e join document d on d.id = e.document_id left join document x on x.id = e.end_document_id`

// exclavesOn are the exclaves on record on a day.
func exclavesOn(ctx context.Context, db postgis.Conn, on time.Time) ([]ExclaveRecord, error) {
	return collect[ExclaveRecord](ctx, db, exclaveSQL+` where e.valid @> $1::text::date order by e.id`, on.Format(time.DateOnly))
}

// ListedExclave is an exclave on record with what the actor may do about it.
type ListedExclave struct {
	ExclaveRecord
	Actions []string `json:"actions"` // end
}

// ExclaveFilter chooses exclaves on record.
type ExclaveFilter struct {
	Division uuid.UUID // whose they are, or in which they lie; uuid.Nil: any
	On       time.Time // a day on which they hold; zero: also those that ended
}

// Exclaves lists exclaves on record, the latest record first, from those before an id on.
func (s *Store) Exclaves(ctx context.Context, actor gazetteer.Actor, now time.Time, f ExclaveFilter, before uuid.UUID, limit int) ([]ListedExclave, error) {
	on := ""
	if !f.On.IsZero() {
		on = f.On.Format(time.DateOnly)
	}
	known, err := collect[ExclaveRecord](ctx, s.db, exclaveSQL+`
		where ($1::uuid is null or $1 in (e.division_id, e.host_id)) and ($2 = '' or e.valid @> nullif($2, '')::date) and ($3::uuid is null or e.id < $3)
		order by e.id desc limit $4`, nilID(f.Division), on, nilID(before), limit)
	if err != nil {
		return nil, fmt.Errorf("list exclaves: %w", err)
	}
	divisions := make([]uuid.UUID, len(known))
	for i, r := range known {
		divisions[i] = r.Of.ID
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, divisions...)
	if err != nil {
		return nil, err
	}
	listed := make([]ListedExclave, len(known))
	for i, r := range known {
		listed[i] = ListedExclave{r, []string{}}
		if r.ValidTo == nil && isBureauAbove(actor, lineage, r.Of.ID) {
			listed[i].Actions = append(listed[i].Actions, "end")
		}
	}
	return listed, nil
}

// exclave is a record of an id, pgx.ErrNoRows for none.
func exclave(ctx context.Context, db postgis.Conn, id uuid.UUID) (ExclaveRecord, error) {
	rows, err := db.Query(ctx, exclaveSQL+` where e.id = $1`, id)
	if err != nil {
		return ExclaveRecord{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ExclaveRecord])
}

// RecordExclave records an exclave by its document, for the bureau above the division. One part of a division has one record at a time;
// a record of the same id is that record.
//
// Errors: NotFound "division-unknown"; Forbidden "not-yours"; Refused "exclave-wrong" with all findings.
func (s *Store) RecordExclave(ctx context.Context, actor gazetteer.Actor, now time.Time, in ExclaveInput) (record ExclaveRecord, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if err := mayKeepExclaves(ctx, tx, actor, now, in.DivisionID); err != nil {
			return err
		}
		if err := turnAtExclaves(ctx, tx, in.DivisionID); err != nil {
			return err
		}
		if record, err = exclave(ctx, tx, in.ID); !isNoRows(err) {
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
			values (@id, @division, @host, @at, @document, @valid, @now)`,
			pgx.StrictNamedArgs{
				"id": in.ID, "division": in.DivisionID, "host": nilID(in.HostID), "at": in.At, "document": document,
				"valid": gazsql.Span(in.ValidFrom, time.Time{}), "now": now,
			})
		if err != nil {
			return fmt.Errorf("record the exclave: %w", err)
		}
		if record, err = exclave(ctx, tx, in.ID); err != nil {
			return err
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "division/" + in.DivisionID.String(), Verb: "record-exclave", Cites: []uuid.UUID{document},
			After: map[string]any{"id": in.ID},
		})
	})
	return record, err
}

// turnAtExclaves makes those who record exclaves of one division wait for each other until the transaction ends.
func turnAtExclaves(ctx context.Context, tx pgx.Tx, division uuid.UUID) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.exclave'), hashtext($1))`, division.String())
	return err
}

// ExclaveEnd is that an exclave on record is none any more.
type ExclaveEnd struct {
	Document gazetteer.Document
	On       time.Time // the first day on which it is none
}

// EndExclave closes the record of an exclave by a document, for the bureau above its division. What the record says stays.
//
// Errors: NotFound "exclave-unknown"; Forbidden "not-yours"; Refused "exclave-wrong" with all findings; Conflict "exclave-ended".
func (s *Store) EndExclave(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, in ExclaveEnd) (record ExclaveRecord, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if record, err = exclave(ctx, tx, id); err != nil {
			return notFound(err, "exclave-unknown", "没有这条飞地登记")
		}
		if err := mayKeepExclaves(ctx, tx, actor, now, record.Of.ID); err != nil {
			return err
		}
		if err := turnAtExclaves(ctx, tx, record.Of.ID); err != nil {
			return err
		}
		if record, err = exclave(ctx, tx, id); err != nil { // as it is when it is our turn
			return err
		}
		if record.ValidTo != nil {
			return fault.New(fault.Conflict, "exclave-ended", "这条飞地登记已自 %s 起终止", *record.ValidTo)
		}
		if found := in.check(record); len(found) > 0 {
			return fault.Refuse("exclave-wrong", "飞地登记的终止有误", found)
		}
		in.Document.Kind = "approval"
		document, err := gazsql.FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		day := in.On.Format(time.DateOnly)
		_, err = tx.Exec(ctx, `insert into exclave_end (exclave_id, ended_on, document_id, recorded_at) values ($1, $2::text::date, $3, $4)`, id, day, document, now)
		if err != nil {
			return fmt.Errorf("end the exclave: %w", err)
		}
		if record, err = exclave(ctx, tx, id); err != nil {
			return err
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "division/" + record.Of.ID.String(), Verb: "end-exclave", Cites: []uuid.UUID{document},
			After: map[string]any{"id": id, "validTo": day},
		})
	})
	return record, err
}

// check finds what is wrong with the end of a record.
func (in ExclaveEnd) check(of ExclaveRecord) (found []fault.Finding) {
	if strings.TrimSpace(in.Document.Title) == "" {
		found = append(found, fault.Blocking("document-missing", "/document/title", "请写明依据的文件：飞地的终止须有批准或协议的记载"))
	}
	switch {
	case in.On.IsZero():
		found = append(found, fault.Blocking("day-missing", "/endedOn", "请写明自何日起不再是飞地"))
	case of.ValidFrom != nil && in.On.Format(time.DateOnly) <= *of.ValidFrom:
		found = append(found, fault.Blocking("ends-before-begin", "/endedOn", "终止的日期应在登记的起始日期 %s 之后", *of.ValidFrom))
	}
	return found
}

// isBureauAbove reports whether the actor speaks for the bureau above a division.
func isBureauAbove(actor gazetteer.Actor, lineage gazetteer.Lineage, division uuid.UUID) bool {
	return actor.Has(gazetteer.Superior) && boundary.StandingOf(actor, lineage, division, division) == boundary.Above
}

// mayKeepExclaves lets only the bureau above a division say what belongs to it.
func mayKeepExclaves(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, division uuid.UUID) error {
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
	if !isBureauAbove(actor, lineage, division) {
		return fault.New(fault.Forbidden, "not-yours", "飞地由行政区划的上级民政部门登记和终止")
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
	if err != nil && !isNoRows(err) {
		return nil, err
	}
	if shape != nil && !planar.MultiPolygonContains(shape, in.At) {
		return append(found, fault.Blocking("not-there", "/at", "位置 %.6f, %.6f 不在这个区划的图形里：请点在飞地上", in.At[0], in.At[1])), nil
	}
	there, err := in.recorded(ctx, tx, shape)
	if there != nil {
		found = append(found, fault.Blocking("recorded-already", "/at", "这一块飞地已有登记，依据“%s”：先终止那一条，或把起始日期写在它终止以后", there.Document.Title))
	}
	return found, err
}

// recorded is a record of the same part of the shape, or without one of the same place, that holds on a day on which this one would.
func (in ExclaveInput) recorded(ctx context.Context, tx pgx.Tx, shape orb.MultiPolygon) (*ExclaveRecord, error) {
	known, err := collect[ExclaveRecord](ctx, tx, exclaveSQL+` where e.division_id = $1 and e.valid && $2`, in.DivisionID, gazsql.Span(in.ValidFrom, time.Time{}))
	if err != nil {
		return nil, fmt.Errorf("find the exclaves on record: %w", err)
	}
	i := slices.IndexFunc(known, func(r ExclaveRecord) bool { return r.At == in.At || samePart(shape, r.At, in.At) })
	if i < 0 {
		return nil, nil
	}
	return &known[i], nil
}

// samePart reports whether two places lie in one part of a shape.
func samePart(shape orb.MultiPolygon, a, b orb.Point) bool {
	return slices.ContainsFunc(shape, func(p orb.Polygon) bool { return planar.PolygonContains(p, a) && planar.PolygonContains(p, b) })
}

// ExclaveCount is how many records of exclaves and of their ends there are: none is altered, so what rests on them holds as long as it
// is the same.
func (s *Store) ExclaveCount(ctx context.Context) (n int, err error) {
	err = s.db.QueryRow(ctx, `select (select count(*) from exclave) + (select count(*) from exclave_end)`).Scan(&n)
	return n, err
}
