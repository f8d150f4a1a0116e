package gazsql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Office is a body with its jurisdiction.
type Office struct {
	ID         uuid.UUID  `json:"id"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	DivisionID *uuid.UUID `json:"divisionId"`
	Demo       bool       `json:"-"`
}

// OfficeKinds are the kinds of offices.
var OfficeKinds = []string{"civil-affairs", "competent-department", "township-government", "committee", "contractor", "applicant"}

// mayAdminister refuses whoever is no administrator.
func mayAdminister(actor gazetteer.Actor) error {
	if !actor.Has(gazetteer.Administrator) {
		return fault.New(fault.Forbidden, "not-yours", "只有系统管理员可以管理单位和账号")
	}
	return nil
}

// administersSQL says whether an office o is the administrator's to keep: its own, and where it is a civil-affairs office
// every office of its division and of those below. Its arguments are those of withScope.
const administersSQL = `(@everything or o.id = @ownOffice or division_covers(@jurisdiction::uuid, o.division_id))`

// withScope adds the arguments of administersSQL.
func withScope(actor gazetteer.Actor, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args["everything"], args["ownOffice"], args["jurisdiction"] = actor.System != "", actor.OfficeID, nil
	if actor.OfficeKind == "civil-affairs" {
		args["jurisdiction"] = nilID(actor.Jurisdiction)
	}
	return args
}

// administersOffice returns NotFound "office-unknown" unless the office is the administrator's to keep.
func administersOffice(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, office uuid.UUID) error {
	var found bool
	err := tx.QueryRow(ctx, `select true from office o where o.id = @id and `+administersSQL,
		withScope(actor, pgx.StrictNamedArgs{"id": office})).Scan(&found)
	return notFound(err, "office-unknown", "没有这个单位")
}

// administersDivision returns Forbidden "not-your-division" unless the administrator may make an office there.
func administersDivision(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, division *uuid.UUID) error {
	var ours bool
	err := tx.QueryRow(ctx, `select coalesce(`+administersSQL+`, false) from (select @none::uuid as id, @division::uuid as division_id) o`,
		withScope(actor, pgx.StrictNamedArgs{"none": nil, "division": division})).Scan(&ours)
	if err != nil {
		return err
	}
	if !ours {
		return fault.New(fault.Forbidden, "not-your-division", "只能为本单位所管的行政区划及其下级建立单位：请写明 divisionId")
	}
	return nil
}

func checkOffice(name, kind string) error {
	if !slices.Contains(OfficeKinds, kind) || strings.TrimSpace(name) == "" {
		return fault.New(fault.Malformed, "bad-office", "单位须有名称，种类为 %s 之一", strings.Join(OfficeKinds, "、"))
	}
	return nil
}

// CreateOffice makes an office, with the id it names if it names one; that very office made before is left as it is. For the system, one of that name that is there is returned as it is; for an administrator
// it is Conflict "office-taken".
func (s *Store) CreateOffice(ctx context.Context, actor gazetteer.Actor, now time.Time, o Office) (uuid.UUID, error) {
	if err := mayAdminister(actor); err != nil {
		return uuid.Nil, err
	}
	if err := checkOffice(o.Name, o.Kind); err != nil {
		return uuid.Nil, err
	}
	if o.ID == uuid.Nil {
		o.ID = NewID()
	}
	var id uuid.UUID
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select id from office where name = $1`, o.Name).Scan(&id)
		if err == nil && id != o.ID && actor.System == "" {
			return officeTaken(o.Name)
		}
		if err == nil || !isNoRows(err) {
			return err
		}
		if err := administersDivision(ctx, tx, actor, o.DivisionID); err != nil {
			return err
		}
		id = o.ID
		_, err = tx.Exec(ctx, `insert into office (id, name, kind, division_id, demo) values ($1, $2, $3, $4, $5)`,
			id, o.Name, o.Kind, o.DivisionID, o.Demo)
		if err != nil {
			return fmt.Errorf("make office %s: %w", o.Name, err)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "office/" + id.String(), Verb: "create", After: o})
	})
	if violates(err, "office_division_id_fkey") {
		return uuid.Nil, fault.New(fault.NotFound, "division-unknown", "没有这个行政区划")
	}
	if violates(err, "office_name_key") {
		return uuid.Nil, officeTaken(o.Name)
	}
	return id, err
}

func officeTaken(name string) error {
	return fault.New(fault.Conflict, "office-taken", "单位“%s”已经存在", name)
}

// OfficeView is an office as its administrator sees it.
type OfficeView struct {
	ID           uuid.UUID  `json:"id"`
	Name         string     `json:"name"`
	Kind         string     `json:"kind"`
	DivisionID   *uuid.UUID `json:"divisionId"`
	DivisionName *string    `json:"divisionName"`
	ValidFrom    *string    `json:"validFrom"`
	ValidTo      *string    `json:"validTo"` // the first day it is no more
	Open         bool       `json:"open"`    // today
	Accounts     int        `json:"accounts"`
	Demo         bool       `json:"demo"`
	Version      int        `json:"version"`
}

// OfficeChange is an office as it shall be. Days are days in UTC+8, zero for an open end.
type OfficeChange struct {
	Name       string
	Kind       string
	DivisionID *uuid.UUID
	ValidFrom  time.Time
	ValidTo    time.Time
}

const officeSQL = `
	select o.id, o.name, o.kind, o.division_id, v.name as division_name, lower(o.valid)::text as valid_from, upper(o.valid)::text as valid_to,
	       o.valid @> (now() at time zone 'Asia/Shanghai')::date as open, o.demo, o.version,
	       (select count(*)::int from account a where a.office_id = o.id and a.disabled_at is null) as accounts
	from office o left join division_version v on v.division_id = o.division_id and upper_inf(v.valid)`

// Offices lists the offices the administrator keeps, newest first, from before the one named (nil: from the newest).
func (s *Store) Offices(ctx context.Context, actor gazetteer.Actor, before uuid.UUID, limit int) ([]OfficeView, error) {
	if err := mayAdminister(actor); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, officeSQL+`
		where `+administersSQL+` and (@before::uuid is null or o.id < @before) order by o.id desc limit @limit`,
		withScope(actor, pgx.StrictNamedArgs{"before": nilID(before), "limit": limit}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[OfficeView])
}

// Office returns an office the administrator keeps; any other is NotFound "office-unknown".
func (s *Store) Office(ctx context.Context, actor gazetteer.Actor, id uuid.UUID) (OfficeView, error) {
	if err := mayAdminister(actor); err != nil {
		return OfficeView{}, err
	}
	rows, err := s.db.Query(ctx, officeSQL+` where o.id = @id and `+administersSQL, withScope(actor, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return OfficeView{}, err
	}
	o, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[OfficeView])
	return o, notFound(err, "office-unknown", "没有这个单位")
}

// ChangeOffice changes an office as it stood at the version. One whose days are over is closed: its accounts are out at
// their next request.
//
// Errors: NotFound "office-unknown", "division-unknown"; Stale "stale"; Malformed "bad-office", "bad-span"; Forbidden
// "not-your-division"; Conflict "office-taken", and "own-office" for an administrator who would close or move its own.
func (s *Store) ChangeOffice(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, to OfficeChange) (OfficeView, error) {
	if err := checkOffice(to.Name, to.Kind); err != nil {
		return OfficeView{}, err
	}
	if !to.ValidFrom.IsZero() && !to.ValidTo.IsZero() && !to.ValidFrom.Before(to.ValidTo) {
		return OfficeView{}, fault.New(fault.Malformed, "bad-span", "撤销日期须晚于设立日期")
	}
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from office where id = $1 for update`, id); err != nil {
			return err
		}
		o, err := New(tx).Office(ctx, actor, id)
		if err != nil {
			return err
		}
		if o.Version != version {
			return fault.New(fault.Stale, "stale", "单位已是第 %d 版，您看到的是第 %d 版：请刷新后再试", o.Version, version)
		}
		if id == actor.OfficeID && (!to.ValidTo.IsZero() || to.Kind != o.Kind || differ(to.DivisionID, o.DivisionID)) {
			return fault.New(fault.Conflict, "own-office", "不能撤销自己的单位，也不能改变它的种类和管辖：请由上级系统管理员办理")
		}
		if differ(to.DivisionID, o.DivisionID) {
			if err := administersDivision(ctx, tx, actor, to.DivisionID); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `
			update office set name = @name, kind = @kind, division_id = @division, valid = @valid, version = version + 1 where id = @id`,
			pgx.StrictNamedArgs{"name": to.Name, "kind": to.Kind, "division": to.DivisionID, "valid": Span(to.ValidFrom, to.ValidTo), "id": id})
		switch {
		case violates(err, "office_name_key"):
			return officeTaken(to.Name)
		case violates(err, "office_division_id_fkey"):
			return fault.New(fault.NotFound, "division-unknown", "没有这个行政区划")
		case err != nil:
			return fmt.Errorf("change office %s: %w", id, err)
		}
		after, err := New(tx).Office(ctx, gazetteer.Actor{System: "office"}, id)
		if err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "office/" + id.String(), Verb: "change", Before: o, After: after,
		})
	})
	if err != nil {
		return OfficeView{}, err
	}
	return s.Office(ctx, actor, id)
}

func differ(a, b *uuid.UUID) bool {
	return (a == nil) != (b == nil) || a != nil && *a != *b
}
