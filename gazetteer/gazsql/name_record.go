package gazsql

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// keptPlace is a published place whose names the actor keeps, held until the end of the transaction.
type keptPlace struct {
	id       uuid.UUID
	category gazetteer.Category
	division uuid.UUID
	code     gazetteer.DivisionCode // of the division, which a reading may depend on
}

// keptPlace takes a place as it stood at the version given and counts a new one.
//
// Errors: those of heldPlace; Conflict "place-withheld".
func (s *Store) keptPlace(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (keptPlace, error) {
	place := keptPlace{id: id}
	if err := lockNamesSoon(ctx, tx); err != nil {
		return place, err
	}
	may := func(l gazetteer.Lineage, division uuid.UUID) bool { return s.keepsNames(actor, l, division) }
	if _, err := s.heldPlace(ctx, now, id, version, may, "地名记录由辖区内民政部门的地名经办、编纂或审批人员登记"); err != nil {
		return place, err
	}
	if err := takePlace(ctx, tx, id); err != nil {
		return place, err
	}
	err := tx.QueryRow(ctx, `
		select p.category, p.division_id, coalesce((
		    select code from division_code c where c.division_id = p.division_id and upper_inf(c.valid) order by length(code) limit 1), '')
		from place p where p.id = $1`, id).Scan(&place.category, &place.division, &place.code)
	return place, err
}

// keepsNames reports whether the actor keeps the names of what lies in a division.
func (s *Store) keepsNames(actor gazetteer.Actor, l gazetteer.Lineage, division uuid.UUID) bool {
	return s.open || gazetteer.KeepsNames(actor, l, division)
}

// onKept takes a step with a kept place in one transaction and returns the place after it.
func (s *Store) onKept(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, step func(*Store, pgx.Tx, keptPlace) error) (known KnownPlace, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		place, err := t.keptPlace(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		if err := step(t, tx, place); err != nil {
			return err
		}
		if err := formDue(ctx, tx); err != nil {
			return err
		}
		known, err = t.place(ctx, actor, now, id)
		return err
	})
	return known, err
}

// RecordName records another name of a place as it stood at the version given.
//
// Errors: those of keptPlace; Refused "name-wrong" with all findings of gazetteer.NameRecord.Check.
func (s *Store) RecordName(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in gazetteer.NameRecord) (KnownPlace, error) {
	in.Document.Kind = "other"
	return s.onKept(ctx, actor, now, place, version, func(_ *Store, tx pgx.Tx, p keptPlace) error {
		if found := in.Check("", beijing.Day(now)); len(found) > 0 {
			return fault.Refuse("name-wrong", "登记的名称有误", found)
		}
		document, err := FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		if err := insertName(ctx, tx, p, in, document, now); err != nil {
			return err
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "record-name", nil, toldName(in), document)
	})
}

// CorrectName corrects what is recorded of a name of a place as it stood at the version given. The name as it was is kept
// with the reason. A standard name stays one, and its text is judged like a new one.
//
// Errors: those of keptPlace; NotFound "name-unknown"; Forbidden "approver-needed"; Refused "name-wrong", "name-collides";
// Conflict "name-unchanged", "name-taken".
func (s *Store) CorrectName(ctx context.Context, actor gazetteer.Actor, now time.Time, place, name uuid.UUID, version int, in gazetteer.NameRecord) (KnownPlace, error) {
	in.Document.Kind = "other"
	return s.onKept(ctx, actor, now, place, version, func(t *Store, tx pgx.Tx, p keptPlace) error {
		was, err := t.nameRecord(ctx, p.id, name)
		if err != nil {
			return err
		}
		if err := gazetteer.MayCorrect(actor, was.Kind); err != nil {
			return err
		}
		if found := in.Check(was.Kind, beijing.Day(now)); len(found) > 0 {
			return fault.Refuse("name-wrong", "更正的名称有误", found)
		}
		if in.Same(was) {
			return fault.New(fault.Conflict, "name-unchanged", "更正与现有记录相同：没有要改的")
		}
		if in.Kind == gazetteer.StandardName && in.Name != was.Name {
			if err := t.judgeCorrection(ctx, now, p, in.Name); err != nil {
				return err
			}
		}
		document, err := FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		if err := correctName(ctx, tx, actor, now, p, name, was, in, document); err != nil {
			return err
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "correct-name", toldName(was), toldName(in), document)
	})
}

// judgeCorrection judges a standard name whose text is corrected.
func (s *Store) judgeCorrection(ctx context.Context, now time.Time, p keptPlace, name string) error {
	verdict, err := s.checkName(ctx, now, NameCheck{Kind: "rename", Name: name, Category: p.category, Division: p.division.String(), PlaceID: p.id})
	if err != nil {
		return err
	}
	if plain := gazetteer.Plain(verdict.Findings); fault.Worst(plain) == fault.Block {
		return fault.Refuse("name-collides", "更正后的名称与命名规则不符", plain)
	}
	return nil
}

// correctName keeps the name as it was and writes it as it is. How it is split, spelled and read stays as it was settled
// unless what it is made of changes.
func correctName(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p keptPlace, name uuid.UUID, was, in gazetteer.NameRecord, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		with kept as (
		    insert into name_correction (id, place_id, name_id, was, recorded_at, corrected_at, corrected_by, office_id, reason, document_id)
		    select @id, n.place_id, n.id, to_jsonb(n), n.recorded_at, @now, @by, @office, @reason, @document
		    from place_name n where n.id = @name_id)
		update place_name set
		    name = @name, kind = @kind, language = @language, process = @process, meaning = @meaning, origin = @origin,
		    valid = daterange(@from::text::date, @to::text::date), from_said = @fromSaid, to_said = @toSaid, recorded_at = @now
		where id = @name_id`,
		saidOf(in, pgx.StrictNamedArgs{
			"id": NewID(), "name_id": name, "document": document, "now": now, "reason": in.Reason, "by": actor.Key(), "office": nilID(actor.OfficeID),
		}))
	if err == nil && (in.Name != was.Name || in.Language != was.Language || in.Spelling != was.Spelling) {
		_, err = tx.Exec(ctx, `
			update place_name set specific = @specific, generic = @generic, romanization = @romanization, reading = @reading, toneless = @toneless,
			                      sort_key = @sortKey, reading_status = @status, reading_document_id = null, reading_approved_by = null
			where id = @name_id`, spelledOf(in, p, pgx.StrictNamedArgs{"name_id": name}))
	}
	if err != nil {
		return nameTaken(fmt.Errorf("correct the name: %w", err))
	}
	return nil
}

// nameRecord reads what is recorded of a name of a place.
func (s *Store) nameRecord(ctx context.Context, place, name uuid.UUID) (gazetteer.NameRecord, error) {
	rows, err := s.db.Query(ctx, `
		select name, kind, language, case when language = 'zh' then '' else romanization end as spelling, coalesce(process, '') as process,
		       coalesce(lower(valid)::text, '') as "from", coalesce(upper(valid)::text, '') as "to",
		       coalesce(from_said, '') as from_said, coalesce(to_said, '') as to_said, coalesce(meaning, '') as meaning,
		       coalesce(origin, '') as origin
		from place_name where place_id = $1 and id = $2`, place, name)
	if err != nil {
		return gazetteer.NameRecord{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[gazetteer.NameRecord])
	return r, notFound(err, "name-unknown", "这个地名没有这条名称：请刷新后再试")
}

func insertName(ctx context.Context, tx pgx.Tx, p keptPlace, in gazetteer.NameRecord, document uuid.UUID, now time.Time) error {
	args := spelledOf(in, p, saidOf(in, pgx.StrictNamedArgs{"id": NewID(), "place": p.id, "document": document, "now": now}))
	_, err := tx.Exec(ctx, `
		insert into place_name (id, place_id, name, kind, language, specific, generic, romanization, reading, toneless, sort_key, reading_status,
		                        valid, document_id, recorded_at, process, meaning, origin, from_said, to_said)
		values (@id, @place, @name, @kind, @language, @specific, @generic, @romanization, @reading, @toneless, @sortKey, @status,
		        daterange(@from::text::date, @to::text::date), @document, @now, nullif(@process, ''), @meaning, @origin, @fromSaid, @toSaid)`, args)
	if err != nil {
		return fmt.Errorf("record the name: %w", err)
	}
	return nil
}

// saidOf adds the columns of a name that are written as they were said.
func saidOf(in gazetteer.NameRecord, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	maps.Copy(args, pgx.StrictNamedArgs{
		"name": in.Name, "kind": string(in.Kind), "language": in.Language, "process": in.Process, "meaning": nilText(in.Meaning), "origin": nilText(in.Origin),
		"from": nilText(in.From), "to": nilText(in.To), "fromSaid": nilText(in.FromSaid), "toSaid": nilText(in.ToSaid),
	})
	return args
}

// spelledOf adds the columns of a name that follow from it: how it is split, spelled and read. A name of another language is
// spelled as it was given, never by the reading of Chinese characters.
func spelledOf(in gazetteer.NameRecord, p keptPlace, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	if in.Language != "zh" {
		maps.Copy(args, pgx.StrictNamedArgs{
			"specific": in.Name, "generic": "", "romanization": in.Spelling, "reading": "", "toneless": "", "sortKey": nil,
			"status": string(gazetteer.ReadingAudited),
		})
		return args
	}
	r := gazetteer.RomanizeIn(in.Name, p.category, string(p.code))
	specific, generic := gazetteer.SplitName(in.Name, p.category)
	maps.Copy(args, pgx.StrictNamedArgs{
		"specific": specific, "generic": generic, "romanization": r.Spelling, "reading": strings.Join(r.Reading, " "), "toneless": r.Toneless(),
		"sortKey": r.SortKey(), "status": string(r.Status),
	})
	return args
}

// toldName is what the journal says of a name.
func toldName(in gazetteer.NameRecord) map[string]any {
	told := map[string]any{
		"name": in.Name, "nameKind": in.Kind, "language": in.Language, "process": in.Process, "validFrom": in.From, "validTo": in.To,
	}
	for field, text := range map[string]string{
		"spelling": in.Spelling, "fromSaid": in.FromSaid, "toSaid": in.ToSaid, "meaning": in.Meaning, "origin": in.Origin, "reason": in.Reason,
	} {
		if text != "" {
			told[field] = text
		}
	}
	return told
}

func recordOfPlace(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, place uuid.UUID, verb string, before, after map[string]any, cites ...uuid.UUID) error {
	entry := gazetteer.JournalEntry{At: now, Actor: actor, Subject: "place/" + place.String(), Verb: verb, After: after, Cites: cites}
	if before != nil {
		entry.Before = before
	}
	return Record(ctx, tx, entry)
}

// NameCorrection is a name as it was before a correction.
type NameCorrection struct {
	NameID      uuid.UUID `json:"nameId"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	CorrectedAt time.Time `json:"correctedAt"`
	Reason      string    `json:"reason"`
	Document    string    `json:"document"`
}

// corrections lists the corrections of a place's names, newest first.
func (s *Store) corrections(ctx context.Context, place uuid.UUID) ([]NameCorrection, error) {
	return listOf[NameCorrection](ctx, s, `
		select c.name_id, c.was ->> 'name' as name, c.was ->> 'kind' as kind, c.corrected_at, c.reason, concat_ws(' ', d.title, d.number) as document
		from name_correction c join document d on d.id = c.document_id
		where c.place_id = $1 order by c.corrected_at desc, c.id desc`, place)
}
