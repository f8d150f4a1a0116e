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

// Unread is a standard name in force whose reading nobody has settled.
type Unread struct {
	PlaceID      uuid.UUID `json:"placeId"`
	Version      int       `json:"version"` // of the place
	Name         string    `json:"name"`
	Category     string    `json:"category"`
	Level        string    `json:"level"` // of the division it represents, "" for none
	DivisionName string    `json:"divisionName"`
	Code         string    `json:"-"` // of the division it is or lies in
	Romanization string    `json:"romanization"`
	Reading      string    `json:"-"`

	Candidates []gazetteer.Candidate  `json:"candidates" db:"-"`
	Actions    []gazetteer.OpenAction `json:"actions" db:"-"`
}

// unreadSQL looks at the unread names alone, by their index, and at the place that a page goes on from, which may have been
// read since.
const unreadSQL = `
	with recursive below (id) as (
	    select $1::uuid
	    union
	    select v.division_id from below b join division_version v on v.parent_id = b.id and upper_inf(v.valid)),
	named as (
	    select place_id, name, romanization, reading, reading_status, sort_key, toneless from place_name
	    where reading_status = 'unverified' and kind = 'standard' and language = 'zh' and upper_inf(valid)
	    union all
	    select place_id, name, romanization, reading, reading_status, sort_key, toneless from place_name
	    where place_id = $2 and reading_status <> 'unverified' and kind = 'standard' and language = 'zh' and upper_inf(valid)),
	listed as (
	    select n.place_id, n.name, p.category, coalesce(rv.level, '') as level, n.romanization, n.reading, n.reading_status,
	           coalesce(rv.parent_id, p.division_id) as within, p.division_id,
	           coalesce(array_position(array['province', 'prefecture', 'county', 'township', 'village'], rv.level), 6) as rank,
	           array_position(array['division', 'natural', 'village-committee', 'natural-village', 'park', 'street', 'residential-building', 'facility', 'other'], p.category) as class,
	           coalesce(n.sort_key, n.toneless) collate "C" as key
	    from named n
	    join place p on p.id = n.place_id
	    left join division_version rv on rv.division_id = p.represents_division_id and upper_inf(rv.valid)
	    where p.division_id in (select id from below)),
	page as (
	    select * from listed
	    where reading_status = 'unverified'
	      and ($2::uuid is null or (rank, class, key, place_id) > (select a.rank, a.class, a.key, a.place_id from listed a where a.place_id = $2))
	    order by rank, class, key, place_id
	    limit $3)
	select l.place_id, i.version, l.name, l.category, l.level, l.romanization, l.reading,
	       coalesce((select v.name from division_version v where v.division_id = l.within and upper_inf(v.valid)), '') as division_name,
	       coalesce((select c.code from division_code c where c.division_id = l.division_id and upper_inf(c.valid) order by length(c.code), c.system limit 1), '') as code
	from page l join place_identity i on i.id = l.place_id
	order by l.rank, l.class, l.key, l.place_id`

// Unread lists the published names in the actor's jurisdiction whose reading nobody has settled, the weightiest first: by
// the level of the division they stand for, their category, then in the order of a gazetteer; after the place named (nil:
// from the first). Who keeps the affairs of no division gets none.
func (s *Store) Unread(ctx context.Context, actor gazetteer.Actor, after uuid.UUID, limit int) ([]Unread, error) {
	rows, err := s.db.Query(ctx, unreadSQL, actor.Jurisdiction, nilID(after), limit)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Unread])
	if err != nil {
		return nil, fmt.Errorf("list unread names: %w", err)
	}
	actions := gazetteer.ReadingActions(actor)
	for i, u := range list {
		list[i].Candidates = gazetteer.RomanizeIn(u.Name, gazetteer.Category(u.Category), u.Code).Candidates
		list[i].Actions = actions
	}
	return list, nil
}

// candidates are how the characters of the name can be read, what was approved first.
func (r PlaceRow) candidates() []gazetteer.Candidate {
	category := gazetteer.Category(r.Category)
	if r.ReadingStatus == string(gazetteer.ReadingApproved) {
		return gazetteer.RomanizeAs(r.Name, category, strings.Fields(r.Reading)).Candidates
	}
	return gazetteer.RomanizeIn(r.Name, category, r.DivisionCode).Candidates
}

// ApproveReading approves how the standard name in force of a place is read, as the place stood at the version given: its
// romanization, its search and sort keys follow, and it counts as approved from then on. What was approved before can be
// corrected in the same way; the journal keeps what it was.
//
// Errors: NotFound "place-unknown", also for a withheld place that is not the actor's to know; Conflict "place-withheld"
// for one that is; Forbidden "not-yours"; Stale "stale"; Conflict "name-retired", "reading-unchanged"; those of
// gazetteer.ReadingApproval.Check and gazetteer.ParseReading.
func (s *Store) ApproveReading(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in gazetteer.ReadingApproval) (known KnownPlace, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		may := func(l gazetteer.Lineage, division uuid.UUID) bool {
			return s.open || gazetteer.ReadsIn(actor, l, division)
		}
		if _, err := t.heldPlace(ctx, now, place, version, may, "核定读音须由辖区内民政部门的审批人员或上级民政部门办理"); err != nil {
			return err
		}
		if err := takePlace(ctx, tx, place); err != nil {
			return err
		}
		if err := approveReading(ctx, tx, actor, now, place, in); err != nil {
			return err
		}
		known, err = t.place(ctx, actor, now, place)
		return err
	})
	return known, err
}

func approveReading(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, place uuid.UUID, in gazetteer.ReadingApproval) error {
	var id uuid.UUID
	var name, romanization, reading, status string
	var category gazetteer.Category
	err := tx.QueryRow(ctx, `
		select n.id, n.name, p.category, n.romanization, n.reading, n.reading_status
		from place_name n join place p on p.id = n.place_id
		where n.place_id = $1 and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)`, place).
		Scan(&id, &name, &category, &romanization, &reading, &status)
	if isNoRows(err) {
		return fault.New(fault.Conflict, "name-retired", "这个地名已经销名，没有现行的标准地名可以核定读音")
	}
	if err != nil {
		return err
	}
	syllables, err := gazetteer.ParseReading(name, in.Reading)
	if err != nil {
		return err
	}
	approved := strings.Join(syllables, " ")
	if approved == reading && status == string(gazetteer.ReadingApproved) {
		return fault.New(fault.Conflict, "reading-unchanged", "“%s”的读音已经核定为 %s", name, romanization)
	}
	in.Document.Kind = "other"
	document, err := FileDocument(ctx, tx, now, in.Document)
	if err != nil {
		return err
	}
	r := gazetteer.RomanizeAs(name, category, syllables)
	_, err = tx.Exec(ctx, `
		update place_name set romanization = @romanization, reading = @reading, toneless = @toneless, sort_key = @key, reading_status = @status,
		       reading_document_id = @document, reading_approved_by = @office
		where id = @id`,
		pgx.StrictNamedArgs{
			"romanization": r.Spelling, "reading": approved, "toneless": r.Toneless(), "key": r.SortKey(), "status": string(r.Status),
			"document": document, "office": actor.OfficeName, "id": id,
		})
	if err != nil {
		return fmt.Errorf("approve a reading: %w", err)
	}
	if err := formDue(ctx, tx); err != nil {
		return err
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "place/" + place.String(), Verb: "approve-reading",
		Before: map[string]any{"romanization": romanization, "reading": reading},
		After:  map[string]any{"romanization": r.Spelling, "reading": approved, "reason": strings.TrimSpace(in.Reason)},
		Cites:  []uuid.UUID{document},
	})
}
