package gazsql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// standingPlaces gathers what rows are held against: the places they name by id, those in their divisions and those of
// their names anywhere, under each of their standard names. A place that lies in a division which ended as a whole lies in
// its successor. The place of a division is known in that division and in the one above it, in which lists and our own
// exports put it.
func (s *Store) standingPlaces(ctx context.Context, places []placeRow) ([]gazetteer.StandingPlace, error) {
	ids, divisions, names := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[string]bool{}
	for _, row := range places {
		ids[row.ID], divisions[row.Division], names[row.Name] = true, true, true
	}
	delete(ids, uuid.Nil)
	successors, err := s.wholeSuccessors(ctx)
	if err != nil {
		return nil, err
	}
	for before, after := range successors {
		if divisions[after] {
			divisions[before] = true
		}
	}
	standing, err := s.publishedStanding(ctx, pgx.StrictNamedArgs{
		"ids": slices.Collect(maps.Keys(ids)), "divisions": slices.Collect(maps.Keys(divisions)), "names": slices.Collect(maps.Keys(names)),
	})
	if err != nil {
		return nil, err
	}
	withheld, err := s.withheldStanding(ctx)
	standing = append(standing, withheld...)
	for i, p := range standing {
		if after, ended := successors[p.Division]; ended {
			standing[i].Division = after
		}
	}
	return standing, err
}

// wholeSuccessors are the divisions that ended as a whole, each with the last one that took its place.
func (s *Store) wholeSuccessors(ctx context.Context) (map[uuid.UUID]uuid.UUID, error) {
	next := map[uuid.UUID]uuid.UUID{}
	rows, err := s.db.Query(ctx, `
		select predecessor_id, successor_id from division_link
		where role = 'successor' and share = 'whole' and kind <> 'transfer-territory' and predecessor_id <> successor_id`)
	if err != nil {
		return nil, err
	}
	var before, after uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&before, &after}, func() error { next[before] = after; return nil }); err != nil {
		return nil, fmt.Errorf("gather successors: %w", err)
	}
	for before := range next {
		for range len(next) {
			further, more := next[next[before]]
			if !more {
				break
			}
			next[before] = further
		}
	}
	return next, nil
}

func (s *Store) publishedStanding(ctx context.Context, args pgx.StrictNamedArgs) ([]gazetteer.StandingPlace, error) {
	rows, err := s.db.Query(ctx, `
		with wanted (id) as (
		    select id from place where id = any (@ids)
		    union select id from place where division_id = any (@divisions)
		    union select place_id from place_name where name = any (@names) and kind = 'standard' and language = 'zh'
		    union select p.id from division_version v join place p on p.represents_division_id = v.division_id where v.parent_id = any (@divisions))
		select p.id, i.version, n.id, n.name, n.toneless, p.category, coalesce(p.class, ''), p.division_id,
		       coalesce((select v.name from division_version v where v.division_id = p.division_id order by upper(v.valid) desc nulls first limit 1), ''),
		       (select v.parent_id from division_version v where v.division_id = p.represents_division_id and v.valid && n.valid
		        order by upper(v.valid) desc nulls first limit 1),
		       p.geom, p.located_by, lower(n.valid), upper(n.valid), n.proposal_id is not null
		from wanted join place p using (id)
		join place_identity i on i.id = p.id
		join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh'`, args)
	if err != nil {
		return nil, err
	}
	var all []gazetteer.StandingPlace
	var p gazetteer.StandingPlace
	var above *uuid.UUID
	var from, to *time.Time
	_, err = pgx.ForEachRow(rows, []any{
		&p.ID, &p.Version, &p.NameID, &p.Name, &p.Toneless, &p.Category, &p.Class, &p.Division, &p.DivisionName, &above, &p.Point, &p.Located, &from, &to, &p.Decided,
	}, func() error {
		p.Above = uuid.Nil
		if above != nil {
			p.Above = *above
		}
		p.From, p.To = dayOf(from), dayOf(to)
		all = append(all, p)
		p.Point = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather places: %w", err)
	}
	return all, nil
}

// roundElsewhere rounds the positions of places beyond the division given (uuid.Nil: of none) as the public reads them: how far
// rows lie from a place would tell where it is.
func (s *Store) roundElsewhere(ctx context.Context, now time.Time, in uuid.UUID, standing []gazetteer.StandingPlace) error {
	if in == uuid.Nil {
		return nil
	}
	lies := func(p gazetteer.StandingPlace) uuid.UUID {
		if p.Above != uuid.Nil {
			return p.Above
		}
		return p.Division
	}
	named, levels := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, p := range standing {
		named[p.Division], levels[lies(p)] = true, true
	}
	decimals, err := s.decimalsIn(ctx, beijing.Day(now), slices.Collect(maps.Keys(levels)))
	if err != nil {
		return err
	}
	ours, err := s.within(ctx, now, in, named)
	if err != nil {
		return err
	}
	for i, p := range standing {
		standing[i].Elsewhere = !ours(p.Division)
		if n, rounded := decimals[lies(p)]; rounded && standing[i].Elsewhere {
			standing[i].Point = PlaceRow{Geom: p.Point, Decimals: &n}.Public().Geom
		}
	}
	return nil
}

// withheldStanding are the places that are withheld: the file they once came from must not publish them again. They count as
// left unchanged, so that the report says nothing of them. The second wall shows a bureau those of its jurisdiction: it
// imports no others, so that nobody learns of one that is not his to know of.
func (s *Store) withheldStanding(ctx context.Context) (all []gazetteer.StandingPlace, err error) {
	rows, err := s.db.Query(ctx, `
		select w.id, n.name, w.rows -> 'place' ->> 'category', w.division_id
		from withheld w cross join lateral jsonb_populate_recordset(null::place_name, w.rows -> 'names') n
		where w.noun = 'place' and n.kind = 'standard' and n.language = 'zh'`)
	if err != nil {
		return nil, err
	}
	p := gazetteer.StandingPlace{Withheld: true}
	_, err = pgx.ForEachRow(rows, []any{&p.ID, &p.Name, &p.Category, &p.Division}, func() error {
		all = append(all, p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather withheld places: %w", err)
	}
	return all, nil
}

// maxSince bounds the changes that are told of a record that has moved on.
const maxSince = 5

// tellSince adds to a row that was exported from a former version who changed the record since, when and how.
func (s *Store) tellSince(ctx context.Context, actor gazetteer.Actor, judged *gazetteer.PlaceJudgement) error {
	i := slices.IndexFunc(judged.Findings, func(f fault.Finding) bool { return f.Code == gazetteer.StaleBase })
	if i < 0 {
		return nil
	}
	behind := judged.Standing.Version - judged.Version
	if behind < 1 {
		judged.Findings[i].Detail += "（文件里的版本号比库里的还新：请核对是否改动过“版本”一列）"
		return nil
	}
	items, err := s.History(ctx, actor, "place/"+judged.Standing.ID.String(), 0, min(behind, maxSince), false)
	if err != nil {
		return err
	}
	for _, h := range items {
		judged.Findings[i].Detail += fmt.Sprintf("；%s %s%s", h.At.In(beijing.Zone).Format(time.DateOnly), h.Who, h.VerbLabel)
		for _, c := range h.Changes {
			judged.Findings[i].Detail += fmt.Sprintf("（%s：%s → %s）", c.Label, said(c.Field, c.Before), said(c.Field, c.After))
		}
	}
	return nil
}

func said(field string, values []string) string {
	if len(values) == 0 {
		return "无"
	}
	return gazetteer.Said(field, values[0])
}

// changePlaces corrects the records of the rows that say otherwise: a new version of each with its former state in the
// journal, and where a name ends the name as it was among its corrections.
//
// Errors: Conflict "changed-meanwhile" for a record that has moved on since it was judged.
func (r *Run) changePlaces(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, all judgedPlaces, document uuid.UUID) error {
	for i, j := range all.judged {
		if j.Verdict != gazetteer.ImportChanged {
			continue
		}
		in, was, err := changePlace(ctx, tx, actor, now, j, fmt.Sprintf("导入 %s 第 %d 行", r.Source.Name, j.Line), r.asGiven(all.rows[i].given), document)
		if err != nil {
			return err
		}
		before, after := toldPlace(was), toldPlace(in)
		for _, c := range j.Changes {
			if c.Field != "validTo" {
				continue
			}
			if err := correctEnd(ctx, tx, actor, now, j, in.Reason, document); err != nil {
				return err
			}
			before["validTo"], after["validTo"] = c.Before, c.After
		}
		if err := recordOfPlace(ctx, tx, actor, now, j.Standing.ID, "correct", before, after, document); err != nil {
			return err
		}
	}
	return nil
}

// changePlace makes a new version of a record, and returns it with the one before. A class of the former category that the row does not give goes with
// it, and stays among the corrections.
func changePlace(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, j gazetteer.PlaceJudgement, reason string, given []byte, document uuid.UUID) (in, was gazetteer.PlaceRecord, err error) {
	tag, err := tx.Exec(ctx, `update place_identity set version = version + 1 where id = @id and version = @version`,
		pgx.StrictNamedArgs{"id": j.Standing.ID, "version": j.Standing.Version})
	if err != nil {
		return in, was, fmt.Errorf("take place %s: %w", j.Standing.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return in, was, fault.New(fault.Conflict, "changed-meanwhile", "“%s”在导入期间被改动，没有导入任何内容：请重新导入", j.Standing.Name)
	}
	if was, _, err = placeRecord(ctx, tx, j.Standing.ID); err != nil {
		return in, was, fmt.Errorf("read place %s: %w", j.Standing.ID, err)
	}
	in = was
	in.Reason = reason
	for _, c := range j.Changes {
		switch c.Field {
		case "category":
			in.Category, in.Class = j.Category, j.Class
		case "placeClass":
			in.Class = j.Class
		case "position":
			in.Geometry = j.Point
		case "locatedBy":
			in.LocatedBy = j.Located
		}
	}
	if in.Same(was) {
		return in, was, nil // only a name ends
	}
	return in, was, correctPlace(ctx, tx, actor, now, j.Standing.ID, in, was, given, document)
}

// correctEnd corrects the day on which a name ended, and keeps the name as it was.
func correctEnd(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, j gazetteer.PlaceJudgement, reason string, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		with kept as (
		    insert into name_correction (id, place_id, name_id, was, recorded_at, corrected_at, corrected_by, office_id, reason, document_id)
		    select @id, n.place_id, n.id, to_jsonb(n), n.recorded_at, @now, @by, @office, @reason, @document from place_name n where n.id = @name)
		update place_name set valid = daterange(lower(valid), @to::text::date), recorded_at = @now where id = @name`,
		pgx.StrictNamedArgs{
			"id": NewID(), "name": j.Standing.NameID, "now": now, "by": actor.Key(), "office": nilID(actor.OfficeID), "reason": reason,
			"document": document, "to": j.To.Format(time.DateOnly),
		})
	if err != nil {
		return nameTaken(fmt.Errorf("end the name %s: %w", j.Standing.NameID, err))
	}
	return nil
}
