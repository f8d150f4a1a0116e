package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// LineRow is one version of a line for the read model.
type LineRow struct {
	ID               uuid.UUID
	VersionID        uuid.UUID
	Name             string
	Code             string // empty where its scheme is not known
	Level            string
	PartyA           uuid.UUID
	PartyAName       string
	PartyB           uuid.UUID
	PartyBName       string
	RightParty       *uuid.UUID // on the right of the digitised direction
	LegalStatus      string
	LengthM          float64
	PublishedLengthM *float64
	Synthetic        bool
	Source           string
	gazsql.Dated
	Valid    gazsql.Valid
	Geometry orb.MultiLineString
}

// lineSQL names the parties as they were called in the version's span.
const lineSQL = `
	select l.id, v.id as version_id, l.name, coalesce(l.code, '') as code, l.level, l.party_a, a.name as party_a_name,
	       l.party_b, b.name as party_b_name, l.right_party, v.legal_status, v.length_m, v.published_length_m, l.synthetic,
	       d.title as source, d.issued_on, v.recorded_at, v.valid, v.geom as geometry
	from line l
	join line_version v on v.line_id = l.id
	join document d on d.id = v.document_id
	join lateral (select name from division_version x where x.division_id = l.party_a order by (x.valid && v.valid) desc, upper(x.valid) desc nulls first limit 1) a on true
	join lateral (select name from division_version x where x.division_id = l.party_b order by (x.valid && v.valid) desc, upper(x.valid) desc nulls first limit 1) b on true`

// EachLine calls do for every version of every line.
func (s *Store) EachLine(ctx context.Context, do func(LineRow) error) error {
	return each(ctx, s.db, lineSQL+` order by l.id, v.valid`, do)
}

// SectionRow is a section of a version of a line for the read model.
type SectionRow struct {
	ID            uuid.UUID
	LineID        uuid.UUID
	LineName      string
	Level         string
	DivisionA     uuid.UUID
	DivisionAName string
	DivisionB     uuid.UUID
	DivisionBName string
	LegalStatus   string
	LengthM       float64
	Synthetic     bool
	Source        string
	gazsql.Dated
	Valid    gazsql.Valid
	Geometry orb.MultiLineString
}

// Name is how the section is called: both divisions.
func (r SectionRow) Name() string { return boundary.SectionName(r.DivisionAName, r.DivisionBName) }

const sectionSQL = `
	select s.id, s.line_id, l.name as line_name, l.level, s.division_a, a.name as division_a_name, s.division_b, b.name as division_b_name,
	       v.legal_status, s.length_m, l.synthetic, d.title as source, d.issued_on, v.recorded_at, v.valid, s.geom as geometry
	from section s
	join line l on l.id = s.line_id
	join line_version v on v.id = s.line_version_id
	join document d on d.id = v.document_id
	join lateral (select name from division_version x where x.division_id = s.division_a order by (x.valid && v.valid) desc, upper(x.valid) desc nulls first limit 1) a on true
	join lateral (select name from division_version x where x.division_id = s.division_b order by (x.valid && v.valid) desc, upper(x.valid) desc nulls first limit 1) b on true`

// EachSection calls do for every section of every version of every line, along each line.
func (s *Store) EachSection(ctx context.Context, do func(SectionRow) error) error {
	return each(ctx, s.db, sectionSQL+` order by s.line_id, v.valid, s.id`, do)
}

// CoverageRow is a stretch of a line that a track covers, for the read model.
type CoverageRow struct {
	ID        uuid.UUID
	LineID    uuid.UUID
	LineName  string
	TrackID   *uuid.UUID // that walked it; nil for a declared stretch
	StretchID *uuid.UUID
	Class     string
	FromM     float64
	ToM       float64
	WalkedOn  *time.Time // a day
	Synthetic bool
	Geometry  orb.MultiLineString
}

// EachCoverage calls do for every covered stretch.
func (s *Store) EachCoverage(ctx context.Context, do func(CoverageRow) error) error {
	return each(ctx, s.db, `
		select c.id, c.line_id, l.name as line_name, c.track_id, c.stretch_id, c.class, c.from_m, c.to_m, c.walked_on, c.synthetic, c.geom as geometry
		from coverage c join line l on l.id = c.line_id order by c.id`, do)
}

// DivisionRef names a division.
type DivisionRef = LineRef

// LineSummary is a line as it stands today, for lists.
type LineSummary struct {
	ID               uuid.UUID   `json:"id"`
	Name             string      `json:"name"`
	Code             *string     `json:"code"`
	Level            string      `json:"level"`
	PartyA           DivisionRef `json:"partyA"`
	PartyB           DivisionRef `json:"partyB"`
	LegalStatus      string      `json:"legalStatus"`
	LengthM          float64     `json:"lengthM"`
	PublishedLengthM *float64    `json:"publishedLengthM"`
	Synthetic        bool        `json:"synthetic"`
	ToSettle         *Settling   `json:"toSettle"` // after a change of divisions; nil where nothing is
}

// SectionView is a section of a line.
type SectionView struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	DivisionA string    `json:"divisionA"`
	DivisionB string    `json:"divisionB"`
	LengthM   float64   `json:"lengthM"`
	Parts     int       `json:"parts"`
}

// LineView is a line with all that stands on it today.
type LineView struct {
	LineSummary
	LinePast
	RightParty *uuid.UUID             `json:"rightParty"`
	Sections   []SectionView          `json:"sections"`
	Markers    []MarkerView           `json:"markers"`
	BBox       []float64              `json:"bbox"`
	Source     string                 `json:"source"`
	Actions    []gazetteer.OpenAction `json:"actions"`
	Dated      gazsql.Dated           `json:"-"`
	Geometry   orb.MultiLineString    `json:"-"`
}

func (r LineRow) summary() LineSummary {
	return LineSummary{
		ID: r.ID, Name: r.Name, Code: nilText(r.Code), Level: r.Level, PartyA: DivisionRef{r.PartyA, r.PartyAName},
		PartyB: DivisionRef{r.PartyB, r.PartyBName}, LegalStatus: r.LegalStatus, LengthM: r.LengthM,
		PublishedLengthM: r.PublishedLengthM, Synthetic: r.Synthetic,
	}
}

// Sides names the party on the right of the line's direction and the one on the left; both are empty where it is not known.
func (l LineView) Sides() (right, left string) {
	switch {
	case l.RightParty == nil:
		return "", ""
	case *l.RightParty == l.PartyA.ID:
		return l.PartyA.Name, l.PartyB.Name
	}
	return l.PartyB.Name, l.PartyA.Name
}

// Line returns a line with its sections and its markers, as the public reads them, as they stand today or latest.
func (s *Store) Line(ctx context.Context, id uuid.UUID) (LineView, error) {
	row, err := s.lineToday(ctx, id)
	if err != nil {
		return LineView{}, err
	}
	b := row.Geometry.Bound()
	v := LineView{
		LineSummary: row.summary(), RightParty: row.RightParty, Source: row.Source, Dated: row.Dated, Geometry: row.Geometry,
		BBox: []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}, Sections: []SectionView{}, Actions: []gazetteer.OpenAction{},
	}
	err = each(ctx, s.db, sectionSQL+` where s.line_version_id = $1 order by s.id`, func(r SectionRow) error {
		v.Sections = append(v.Sections, SectionView{
			ID: r.ID, Name: r.Name(), DivisionA: r.DivisionAName, DivisionB: r.DivisionBName, LengthM: r.LengthM, Parts: len(r.Geometry),
		})
		return nil
	}, row.VersionID)
	if err != nil {
		return v, err
	}
	if v.LinePast, err = s.past(ctx, id, row.Valid); err != nil {
		return v, err
	}
	for _, e := range v.Events {
		if e.ToSettle != nil {
			v.ToSettle = e.ToSettle // the oldest
		}
	}
	v.Markers, err = s.markers(ctx, "marker", onLine, id)
	for i, m := range v.Markers {
		v.Markers[i] = m.Public()
	}
	return v, err
}

// lineToday reads a line as it stands today or latest, else NotFound "line-unknown".
func (s *Store) lineToday(ctx context.Context, id uuid.UUID) (LineRow, error) {
	rows, err := s.db.Query(ctx, lineSQL+` where l.id = $1 order by upper(v.valid) desc nulls first limit 1`, id)
	if err != nil {
		return LineRow{}, err
	}
	row, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[LineRow])
	return row, notFound(err, "line-unknown", "没有这条界线")
}

// LineFilter narrows a list of lines; zero values do not.
type LineFilter struct {
	Level    string
	Division string // code or id of a party or of a division along the line
	ToSettle bool   // only those to be settled after a change of divisions
}

// Lines lists the lines of today in the order they were registered (by level and code within one file), those after the line named (nil: from the first).
//
// Errors: Malformed "bad-level"; NotFound "division-unknown".
func (s *Store) Lines(ctx context.Context, f LineFilter, after uuid.UUID, limit int) ([]LineSummary, error) {
	if f.Level != "" {
		level, err := boundary.ParseLevel(f.Level)
		if err != nil {
			return nil, err
		}
		f.Level = string(level)
	}
	division := uuid.Nil
	if f.Division != "" {
		known, err := loadDivisions(ctx, s.db)
		if err != nil {
			return nil, err
		}
		d := known.find(f.Division)
		if d == nil {
			return nil, fault.New(fault.NotFound, "division-unknown", "没有行政区划“%s”", f.Division)
		}
		division = d.ID
	}
	rows, err := s.db.Query(ctx, lineSQL+`
		where upper_inf(v.valid) and ($1 = '' or l.level = $1)
		  and ($2::uuid is null or l.party_a = $2 or l.party_b = $2 or exists (
		      select from section s where s.line_version_id = v.id and (s.division_a = $2 or s.division_b = $2)))
		  and ($3::uuid is null or l.id > $3)
		  and (not $5 or exists (select from line_event e where e.line_id = l.id and `+unsettled+`))
		order by l.id limit $4`, f.Level, nilID(division), nilID(after), limit, f.ToSettle)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[LineRow])
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	out, ids := make([]LineSummary, len(found)), make([]uuid.UUID, len(found))
	for i, r := range found {
		out[i], ids[i] = r.summary(), r.ID
	}
	settle, err := s.toSettle(ctx, ids)
	for i := range out {
		out[i].ToSettle = settle[out[i].ID]
	}
	return out, err
}
