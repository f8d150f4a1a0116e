package gazsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// placeStanding is what a place is graded on, as the acting office may know it.
type placeStanding struct {
	Grade      gazetteer.Grade
	Version    int
	Division   uuid.UUID
	Represents bool
}

// graded tells how a place stands; pgx.ErrNoRows when there is none that the acting office may know of.
func (s *Store) graded(ctx context.Context, id uuid.UUID) (placeStanding, error) {
	rows, err := s.db.Query(ctx, `
		select k.grade, i.version, k.division, k.represents
		from (select 'public' as grade, division_id as division, represents_division_id is not null as represents from place where id = $1
		      union all
		      select grade, division_id, false from withheld where id = $1 and noun = 'place') k
		join place_identity i on i.id = $1`, id)
	if err != nil {
		return placeStanding{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[placeStanding])
}

// gradesIn reports whether the actor grades what lies in a division.
func (s *Store) gradesIn(actor gazetteer.Actor, l gazetteer.Lineage, division uuid.UUID) bool {
	return s.open || gazetteer.GradesIn(actor, l, division)
}

// heldPlace is a place as it stood at the version given, locked until the end of the transaction for an actor who may act on
// it; else it is Forbidden with the sentence, which says who may.
//
// Errors: NotFound "place-unknown", also for a withheld place that is not the actor's to know; Forbidden "not-yours";
// Stale "stale".
func (s *Store) heldPlace(ctx context.Context, now time.Time, id uuid.UUID, version int, may func(gazetteer.Lineage, uuid.UUID) bool, whose string) (placeStanding, error) {
	if _, err := s.db.Exec(ctx, `select version from place_identity where id = $1 for update`, id); err != nil {
		return placeStanding{}, err
	}
	stands, err := s.graded(ctx, id)
	if err != nil {
		return stands, notFound(err, "place-unknown", "没有这个地名")
	}
	lineage, err := LineageOf(ctx, s.db, now, stands.Division)
	switch {
	case err != nil:
		return stands, err
	case !may(lineage, stands.Division):
		return stands, fault.New(fault.Forbidden, "not-yours", "%s", whose)
	case stands.Version != version:
		return stands, fault.New(fault.Stale, "stale", "这个地名已是第 %d 版，您看到的是第 %d 版：请刷新后再试", stands.Version, version)
	}
	return stands, nil
}

// GradePlace grades a place as it stood at the version given. Graded internal or secret it leaves the published tables
// with all its names, in one transaction; graded public again the very rows come back.
//
// Errors: NotFound "place-unknown", also for a withheld place that is not the actor's to know; Forbidden "not-yours";
// Stale "stale"; those of gazetteer.Grading.Apply.
func (s *Store) GradePlace(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.Grading) (known KnownPlace, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		may := func(l gazetteer.Lineage, division uuid.UUID) bool { return s.gradesIn(actor, l, division) }
		stands, err := t.heldPlace(ctx, now, id, version, may, "定密须由辖区内民政部门的审批人员或上级民政部门办理")
		if err != nil {
			return err
		}
		g := gazetteer.Graded{Grade: stands.Grade, Represents: stands.Represents}
		if g.OpenCase, err = t.caseOpen(ctx, id); err != nil {
			return err
		}
		if err := in.Apply(g); err != nil {
			return err
		}
		if err := forgetPlace(ctx, tx, id, in.Grade); err != nil {
			return err
		}
		move := Move{Noun: "place", ID: id, From: stands.Grade, Actor: actor, At: now}
		if err := move.To(ctx, tx, in, withholdPlace); err != nil {
			return err
		}
		known, err = t.place(ctx, actor, now, id)
		return err
	})
	return known, err
}

// caseOpen reports whether a naming case on the place still goes its way.
func (s *Store) caseOpen(ctx context.Context, place uuid.UUID) (open bool, err error) {
	err = s.db.QueryRow(ctx, `
		select exists (select from proposal where place_id = $1 and state in ('submitted', 'voting', 'resolved'))`, place).Scan(&open)
	return open, err
}

// Move is a record on its way between the published tables and withheld.
type Move struct {
	Noun  string
	ID    uuid.UUID
	From  gazetteer.Grade
	Actor gazetteer.Actor
	At    time.Time
}

// WithheldChannel is where every node is told, with the commit, which record left the published tables: place/… or
// marker/…. It is apart from the notifications of changed tables, which wait for loads.
const WithheldChannel = "fangyu_withheld"

// PublishedAgain are those of the subjects that are not withheld now.
func (s *Store) PublishedAgain(ctx context.Context, subjects []string) ([]string, error) {
	rows, err := s.db.Query(ctx, `select s from unnest($1::text[]) s where not subject_is_withheld(s)`, subjects)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Withhold takes a record out of its published tables into withheld; the arguments are those of the row there.
type Withhold func(ctx context.Context, tx pgx.Tx, args pgx.StrictNamedArgs) error

// To gives the record its grade: it files the paper, moves the rows and writes the journal. Names and positions of the
// record stay out of the journal.
func (m Move) To(ctx context.Context, tx pgx.Tx, in gazetteer.Grading, withhold Withhold) error {
	in.Document.Kind = "other"
	document, err := FileDocument(ctx, tx, m.At, in.Document)
	if err != nil {
		return err
	}
	args := pgx.StrictNamedArgs{
		"id": m.ID, "grade": string(in.Grade), "office": m.Actor.OfficeID, "document": document, "now": m.At, "by": m.Actor.AccountID,
		"reason": strings.TrimSpace(in.Reason),
	}
	switch {
	case m.From == gazetteer.Public:
		if err = withhold(ctx, tx, args); err == nil {
			_, err = tx.Exec(ctx, `select pg_notify($1, $2)`, WithheldChannel, m.Noun+"/"+m.ID.String())
		}
	case in.Grade == gazetteer.Public:
		err = publish(ctx, tx, m.ID)
	default:
		_, err = tx.Exec(ctx, `
			update withheld set grade = @grade, office_id = @office, document_id = @document, graded_at = @now, graded_by = @by, reason = @reason
			where id = @id`, args)
	}
	if err != nil {
		return fmt.Errorf("grade the %s: %w", m.Noun, err)
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: m.At, Actor: m.Actor, Subject: m.Noun + "/" + m.ID.String(), Verb: "grade", Before: map[string]any{"grade": m.From},
		After: map[string]any{"grade": in.Grade, "reason": args["reason"]}, Cites: []uuid.UUID{document},
	})
}

// publish brings withheld rows back.
func publish(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	if err := lockNamesSoon(ctx, tx); err != nil {
		return err
	}
	var moved bool
	if err := tx.QueryRow(ctx, `select publish_withheld($1)`, id).Scan(&moved); err != nil {
		return err
	}
	if !moved {
		return fault.New(fault.Forbidden, "not-yours", "这条记录不由本单位解密")
	}
	return formDue(ctx, tx)
}

func withholdPlace(ctx context.Context, tx pgx.Tx, args pgx.StrictNamedArgs) error {
	_, err := tx.Exec(ctx, `
		insert into withheld (id, noun, grade, office_id, division_id, rows, geom, document_id, graded_at, graded_by, reason)
		select p.id, 'place', @grade, @office, p.division_id, jsonb_build_object(
		           'place', to_jsonb(p) - 'geom',
		           'names', (select coalesce(jsonb_agg(to_jsonb(n) order by n.id), '[]') from place_name n where n.place_id = p.id)),
		       p.geom, @document, @now, @by, @reason
		from place p where p.id = @id`, args)
	if err != nil {
		return err
	}
	for _, sql := range []string{`delete from place_name where place_id = $1`, `delete from place where id = $1`} {
		if _, err := tx.Exec(ctx, sql, args["id"]); err != nil {
			return err
		}
	}
	return nil
}

// forgetPlace takes the answers kept for repeated requests that tell of a place about to be withheld: by its id, or one
// of its names in quotation marks as answers and findings write them.
func forgetPlace(ctx context.Context, tx pgx.Tx, id uuid.UUID, to gazetteer.Grade) error {
	if to == gazetteer.Public {
		return nil
	}
	rows, err := tx.Query(ctx, `
		select distinct quoted from place_name n cross join lateral (values ('"' || n.name || '"'), ('“' || n.name || '”')) q (quoted)
		where n.place_id = $1`, id)
	if err != nil {
		return err
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	return ForgetAnswers(ctx, tx, append(words, id.String())...)
}

// answerGone marks an answer that is not given again (HTTP 410).
const answerGone = 410

// ForgetAnswers drops the answers kept under idempotency keys that contain one of the texts. The keys stay, so that what
// was done once is not done again.
func ForgetAnswers(ctx context.Context, tx pgx.Tx, texts ...string) error {
	_, err := tx.Exec(ctx, `
		update idempotency set status = $2, answer = null, headers = null
		where answer is not null and exists (select from unnest($1::text[]) t where position(convert_to(t, 'UTF8') in answer) > 0)`,
		texts, answerGone)
	if err != nil {
		return fmt.Errorf("forget kept answers: %w", err)
	}
	return nil
}

// WithheldRecord is a withheld record as lists show it to those who may read it.
type WithheldRecord struct {
	ID       uuid.UUID       `json:"id"`
	Noun     string          `json:"noun"` // place, marker
	Grade    gazetteer.Grade `json:"grade"`
	Name     string          `json:"name"`   // the standard name, or the number with the letter of the stone
	Within   string          `json:"within"` // the division it lies in, or its line
	Document string          `json:"document"`
	Reason   string          `json:"reason"`
	Office   string          `json:"office"`
	GradedAt time.Time       `json:"gradedAt"`
}

// Withheld lists the withheld records the actor may read, by id from after the one named (nil: from the first).
func (s *Store) Withheld(ctx context.Context, actor gazetteer.Actor, after uuid.UUID, limit int) (list []WithheldRecord, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select w.id, w.noun, w.grade,
			       case w.noun when 'place' then coalesce(
			           (select n.name from jsonb_populate_recordset(null::place_name, w.rows -> 'names') n
			            where n.kind = 'standard' and n.language = 'zh' order by upper(n.valid) desc nulls first limit 1), '')
			       else (w.rows -> 'marker' ->> 'number') || (w.rows -> 'marker' ->> 'stone') end as name,
			       coalesce(l.name, (select v.name from division_version v where v.division_id = w.division_id
			                         order by upper(v.valid) desc nulls first limit 1), '') as within,
			       concat_ws(' ', d.title, d.number) as document, w.reason, o.name as office, w.graded_at
			from withheld w join document d on d.id = w.document_id join office o on o.id = w.office_id left join line l on l.id = w.line_id
			where $1::uuid is null or w.id > $1 order by w.id limit $2`, nilID(after), limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[WithheldRecord])
		return err
	})
	return list, err
}

// hiddenFrom are those of the places that are withheld and not the acting office's to know of.
func hiddenFrom(ctx context.Context, tx pgx.Tx, places []string) ([]string, error) {
	if len(places) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `
		select p from unnest($1::text[]) p
		where subject_is_withheld('place/' || p) and not exists (select from withheld w where w.id::text = p)`, places)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// withoutHidden are the findings as the acting office may read them today: a place that was withheld since is no evidence
// to who may not know of it.
func withoutHidden(ctx context.Context, tx pgx.Tx, findings []gazetteer.NameFinding) ([]gazetteer.NameFinding, error) {
	var places []string
	for _, f := range findings {
		for _, e := range f.Evidence {
			if e.Kind == "place" {
				places = append(places, e.ID)
			}
		}
	}
	hidden, err := hiddenFrom(ctx, tx, places)
	return gazetteer.WithoutEvidence(findings, hidden), err
}
