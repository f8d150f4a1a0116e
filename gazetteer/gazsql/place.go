package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/beijing"
)

// PlaceRow is a place under one of its standard names, for the read model.
type PlaceRow struct {
	ID                uuid.UUID
	Name              string
	Romanization      string
	Toneless          string
	Reading           string // syllables with tone numbers, by blanks
	ReadingStatus     string
	ReadingApprovedBy string // the office, where the reading is approved
	ReadingDocument   string
	Category          string
	Class             string // code of its class, "" where nobody said
	ClassName         string
	Level             string     // of the division it represents, "" for none
	DivisionID        *uuid.UUID // in which it lies in the time of the name; nil where none stood then
	DivisionCode      string
	DivisionName      string
	RepresentsID      *uuid.UUID // the division whose place it is
	LocatedBy         string
	Valid             Valid
	Synthetic         bool
	Document          string // the approval, where a case decided the name
	ApprovedBy        string
	Source            string
	Geom              orb.Geometry
	Decimals          *int // to which a public position is rounded; nil: as stored
}

// Public is the place as the public reads it: a position rounded where the policy of its level says so. Of a line or an area
// only where it is remains then, for its vertices, rounded one by one, would tell more than a rounded point does.
func (r PlaceRow) Public() PlaceRow {
	if at := r.Point(); at != nil && r.Decimals != nil {
		r.Geom = geo.RoundDegrees(*at, *r.Decimals)
	}
	return r
}

// Point is where the place is as a whole: its point, or the middle of its line or area; nil where no position is known.
func (r PlaceRow) Point() *orb.Point {
	if r.Geom == nil {
		return nil
	}
	at, _ := planar.CentroidArea(r.Geom)
	return &at
}

// placeSource is where places and their names are read: as published, or as withheld.
type placeSource struct{ places, names string }

var (
	publishedPlaces = placeSource{
		places: `from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh'`,
		names:  `from place_name n`,
	}
	withheldPlaces = placeSource{
		places: `
			from (select p.id, p.category, p.class, p.division_id, p.represents_division_id, p.located_by, p.synthetic, w.geom, w.rows
			      from withheld w cross join lateral jsonb_populate_record(null::place, w.rows -> 'place') p where w.noun = 'place') p
			join lateral jsonb_populate_recordset(null::place_name, p.rows -> 'names') n on n.kind = 'standard' and n.language = 'zh'`,
		names: `from withheld w cross join lateral jsonb_populate_recordset(null::place_name, w.rows -> 'names') n`,
	}
)

// sql reads places of the source that fit the condition under each of their standard names. It joins whole tables and then picks
// what held last in the time of the name, as divisionSQL does.
func (f placeSource) sql(where string) string {
	return `
	select distinct on (n.id) p.id, n.name, n.romanization, n.toneless, n.reading, n.reading_status, coalesce(n.reading_approved_by, '') as reading_approved_by,
	       coalesce(concat_ws(' ', rd.title, rd.number), '') as reading_document, p.category, coalesce(p.class, '') as class, coalesce(k.name, '') as class_name, coalesce(rv.level, '') as level,
	       dv.division_id, coalesce(c.code, '') as division_code, coalesce(dv.name, '') as division_name, p.represents_division_id as represents_id, p.located_by, n.valid, p.synthetic,
	       case when n.proposal_id is null then '' else concat_ws(' ', doc.title, doc.number) end as document,
	       coalesce(n.approved_by, '') as approved_by, doc.title as source, p.geom, pp.decimals ` + f.places + `
	join document doc on doc.id = n.document_id
	left join place_class k on k.code = p.class
	left join document rd on rd.id = n.reading_document_id
	left join division_version rv on rv.division_id = p.represents_division_id and rv.valid && n.valid
	left join (
	    (select id as of, id from division union all
	     select predecessor_id, successor_id from division_link where role = 'successor' and share = 'whole' and kind <> 'transfer-territory') ld
	    join division_version dv on dv.division_id = ld.id)
	  on ld.of = case when p.represents_division_id = p.division_id then coalesce(rv.parent_id, p.division_id) else p.division_id end and dv.valid && n.valid
	left join division_code c on c.division_id = dv.division_id and c.valid && n.valid
	left join precision_policy pp on pp.layer = 'places' and pp.level = ` + levelOfPlaces("dv.level") + ` ` + where + `
	order by n.id, upper(rv.valid) desc nulls first, upper(dv.valid) desc nulls first, ` + usualCode("c", "dv")
}

// latest reads the place of that id, an SQL expression, under the last of its standard names.
func (f placeSource) latest(id string) string {
	return `select * from (` + f.sql(`where p.id = `+id) + `) named order by upper(valid) desc nulls first limit 1`
}

// EachPlace calls do for every standard name every place had, for the read model. A place represents a division in the
// division above it: 龙兴镇 lies in 渝北区. One that lies in a division which ended as a whole lies in its successor.
func (s *Store) EachPlace(ctx context.Context, do func(PlaceRow) error) error {
	return each(ctx, s, publishedPlaces.sql(""), do)
}

// EachPlaceIn calls do for every standard name of the published places in a division and below it, as it stands today.
func (s *Store) EachPlaceIn(ctx context.Context, division uuid.UUID, now time.Time, do func(PlaceRow) error) error {
	return each(ctx, s, publishedPlaces.sql(`where p.division_id in `+fmt.Sprintf(belowSQL, "$1", "$2")), do, division, beijing.Day(now))
}

// NameInTime is one name of a place with its span.
type NameInTime struct {
	ID           uuid.UUID `json:"id"`
	Name         string    `json:"name"`
	Kind         string    `json:"kind"`
	Language     string    `json:"language"`
	Romanization string    `json:"romanization"`
	Reading      string    `json:"readingStatus"`
	Specific     string    `json:"specific"`
	Generic      string    `json:"generic"`
	ValidFrom    string    `json:"validFrom"`
	ValidTo      string    `json:"validTo"`
	FromSaid     string    `json:"fromSaid"` // as the source says it, where that is no day
	ToSaid       string    `json:"toSaid"`
	Process      string    `json:"process"` // the id of a gazetteer.Process, "" where nobody said
	Meaning      string    `json:"meaning"`
	Origin       string    `json:"origin"`
	Document     string    `json:"document"`
	Number       string    `json:"documentNumber"`
	IssuedBy     string    `json:"issuedBy"` // by whom the document is
	ApprovedBy   string    `json:"approvedBy"`
}

// KnownPlace is a place as an actor may know it: its latest standing, all its names, how far it may be known, and the
// grades the actor can give it.
type KnownPlace struct {
	PlaceRow
	Names       []NameInTime
	Events      []NameEvent
	Corrections []NameCorrection
	Revisions   []PlaceCorrection
	Twins       []Twin
	Grade       gazetteer.Grade
	Version     int
	Actions     []gazetteer.OpenAction
	Rounded     *int // decimals of the position; nil when it is exact

	Candidates []gazetteer.Candidate // how its characters can be read
}

// Place returns a published place, or a withheld one to whoever may read it. To everybody else that one is NotFound
// "place-unknown", as a place that never was.
func (s *Store) Place(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (known KnownPlace, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		known, err = s.over(tx).place(ctx, actor, now, id)
		return err
	})
	return known, err
}

func (s *Store) place(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (KnownPlace, error) {
	standing, err := s.graded(ctx, id)
	if err != nil {
		return KnownPlace{}, notFound(err, "place-unknown", "没有这个地名")
	}
	from := publishedPlaces
	if standing.Grade != gazetteer.Public {
		from = withheldPlaces
	}
	rows, err := s.db.Query(ctx, from.latest(`$1`), id)
	if err != nil {
		return KnownPlace{}, err
	}
	k := KnownPlace{Grade: standing.Grade, Version: standing.Version}
	if k.PlaceRow, err = pgx.CollectOneRow(rows, pgx.RowToStructByName[PlaceRow]); err != nil {
		return KnownPlace{}, notFound(err, "place-unknown", "没有这个地名")
	}
	if k.Names, err = s.namesOf(ctx, from, id); err != nil {
		return KnownPlace{}, err
	}
	if err := s.tellOfNames(ctx, id, &k); err != nil {
		return KnownPlace{}, err
	}
	// The public, who is asked most, costs no look at the lineage.
	var lineage gazetteer.Lineage
	if actor.Jurisdiction != uuid.Nil {
		if lineage, err = LineageOf(ctx, s.db, now, standing.Division); err != nil {
			return KnownPlace{}, err
		}
	}
	if standing.Grade == gazetteer.Public && k.Decimals != nil && !keeps(actor, lineage, standing.Division) {
		k.PlaceRow, k.Rounded = k.Public(), k.Decimals
	}
	k.Candidates = k.candidates()
	k.Actions = s.placeActions(actor, lineage, standing, k.Valid)
	return k, nil
}

// placeActions are what the actor can do to a place whose latest standard name has that span: the grades it can give it, and
// of a public one what it can do to its reading and its names.
func (s *Store) placeActions(actor gazetteer.Actor, l gazetteer.Lineage, p placeStanding, valid Valid) []gazetteer.OpenAction {
	open := gazetteer.GradeActions(!p.Represents && s.gradesIn(actor, l, p.Division), p.Grade)
	if p.Grade != gazetteer.Public {
		return open
	}
	if valid.UpperType != pgtype.Exclusive && gazetteer.ReadsIn(actor, l, p.Division) {
		open = append(open, gazetteer.ReadingActions(actor)...)
	}
	return append(open, gazetteer.NameActions(s.keepsNames(actor, l, p.Division))...)
}

// tellOfNames adds what befell the names, how they were corrected, and the other records of the place.
func (s *Store) tellOfNames(ctx context.Context, id uuid.UUID, k *KnownPlace) (err error) {
	if k.Events, err = s.nameEvents(ctx, id); err != nil {
		return err
	}
	if k.Corrections, err = s.corrections(ctx, id); err != nil {
		return err
	}
	if k.Revisions, err = s.placeCorrections(ctx, id); err != nil {
		return err
	}
	k.Twins, err = s.twins(ctx, id)
	return err
}

// namesOf lists the names of a place, the latest first.
func (s *Store) namesOf(ctx context.Context, from placeSource, id uuid.UUID) ([]NameInTime, error) {
	return listOf[NameInTime](ctx, s, `
		select n.id, n.name, n.kind, n.language, n.romanization, n.reading_status as reading, n.specific, n.generic,
		       coalesce(lower(n.valid)::text, '') as valid_from, coalesce(upper(n.valid)::text, '') as valid_to,
		       coalesce(n.from_said, '') as from_said, coalesce(n.to_said, '') as to_said, coalesce(n.process, '') as process,
		       coalesce(n.meaning, '') as meaning, coalesce(n.origin, '') as origin,
		       concat_ws(' ', d.title, d.number) as document, coalesce(d.number, '') as number, coalesce(d.issued_by, '') as issued_by,
		       coalesce(n.approved_by, '') as approved_by
		`+from.names+` join document d on d.id = n.document_id
		where n.place_id = $1 order by lower(n.valid) desc nulls last, n.kind desc, n.recorded_at desc`, id)
}

// keeps reports whether the actor's office keeps the records of a division, and so reads its positions exactly.
func keeps(actor gazetteer.Actor, l gazetteer.Lineage, division uuid.UUID) bool {
	return actor.System != "" || MayExport(actor) == nil && l.Covers(actor.Jurisdiction, division)
}

// Change is one journal entry as the outside reads it.
type Change struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Subject string    `json:"subject"`
	Verb    string    `json:"verb"`
}

// publicSubjects matches the subjects whose entries anybody may follow: what was published, and nothing about cases or accounts.
const publicSubjects = `^(import|place|line|marker)/`

const changesSQL = `
	select j.seq, j.at, j.subject, j.verb
	from ledger_entry e join journal j on j.seq = e.seq
	where e.n > coalesce(
	        (select n from ledger_entry where seq = $1),
	        (select min(n) - 1 from (select n from ledger_entry where seq > $1 order by seq limit 1000) later),
	        (select max(n) from ledger_entry), -1)
	  and j.subject ~ $2
	order by e.n limit $3`

// Changes lists the public entries of the journal that became visible after the one of a sequence number (0: all), in the
// order in which they did: an entry that commits late comes late and is not missed. A number that no entry has stands for
// the place before the first entry with a larger one.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]Change, error) {
	rows, err := s.db.Query(ctx, changesSQL, after, publicSubjects, limit)
	if err != nil {
		return nil, err
	}
	changes, err := pgx.CollectRows(rows, pgx.RowToStructByName[Change])
	if changes == nil {
		changes = []Change{}
	}
	return changes, err
}
