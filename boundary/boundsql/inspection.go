package boundsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// NewInspection is a round of one line to open. Programme is its name; it is made when it is not there. A round of that ID
// opened before is the same round; without one it is a new round.
type NewInspection struct {
	ID                uuid.UUID `json:"-"`
	Programme         string    `json:"programme"`
	Round             int       `json:"round"`
	YearFrom          int       `json:"yearFrom"` // 0: this year
	YearTo            int       `json:"yearTo"`   // 0: YearFrom
	LineID            uuid.UUID `json:"lineId"`
	LeadOffice        uuid.UUID `json:"leadOffice"`
	CooperatingOffice uuid.UUID `json:"cooperatingOffice"`
	Synthetic         bool      `json:"-"`
}

// LineRef names a line or a division.
type LineRef struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// InspectionSummary is a round as lists show it.
type InspectionSummary struct {
	ID           uuid.UUID                `json:"id"`
	State        boundary.InspectionState `json:"state"`
	Version      int                      `json:"version"`
	Programme    boundary.ProgrammeRef    `json:"programme"`
	Line         LineRef                  `json:"line"`
	Lead         boundary.OfficeRef       `json:"lead"`
	Cooperating  boundary.OfficeRef       `json:"cooperating"`
	Synthetic    bool                     `json:"synthetic"`
	ReportSHA256 *string                  `json:"reportSha256"`
	CreatedAt    time.Time                `json:"createdAt"`
}

// Inspection is a round as one who takes part in it reads it. Figures are those of the report once it is compiled, else
// what the evidence amounts to now; null while planned.
type Inspection struct {
	InspectionSummary
	Tracks     []Track                `json:"tracks"`
	Forms      []MarkerForm           `json:"forms"`
	Stretches  []Stretch              `json:"stretches"` // by chainage
	Figures    *boundary.Figures      `json:"figures"`
	Signatures []boundary.Signature   `json:"signatures"`
	Actions    []gazetteer.OpenAction `json:"actions"`
}

// inspectionRecord is a round with what its state machine needs.
type inspectionRecord struct {
	InspectionSummary
	round          boundary.Round
	report         []byte
	line           boundary.ReportLine
	partyA, partyB uuid.UUID
}

// Editable reports whether evidence can be handed in.
func (r inspectionRecord) Editable() bool { return r.round.Editable() }

const inspectionSQL = `
	select i.id, i.state, i.version, p.id, p.name, p.round, p.year_from, p.year_to, l.id, l.name, a.id, a.name, b.id, b.name,
	       i.synthetic, i.report_sha256, i.created_at, i.report, coalesce(l.code, ''), l.level, v.id, v.legal_status, v.length_m,
	       l.party_a, l.party_b, p.year_to < extract(year from now() at time zone 'Asia/Shanghai'),
	       (select count(*)::int from known_marker m where m.line_id = l.id and upper_inf(m.valid) and m.state <> 'retired'),
	       (select count(*)::int from track_result t where t.inspection_id = i.id and t.superseded_at is null),
	       (select count(*)::int from track t where t.inspection_id = i.id and t.state = 'held'),
	       (select count(*)::int from marker_form f where f.inspection_id = i.id and f.office_id = a.id and f.submitted_at is not null),
	       (select count(*)::int from marker_form f where f.inspection_id = i.id and f.office_id = b.id and f.submitted_at is not null)
	from inspection i
	join programme p on p.id = i.programme_id
	join line l on l.id = i.line_id
	join office a on a.id = i.lead_office
	join office b on b.id = i.cooperating_office
	join lateral (
	    select id, legal_status, length_m from line_version v where v.line_id = l.id
	    order by upper_inf(v.valid) desc, lower(v.valid) desc nulls last limit 1) v on true`

func scanInspection(row pgx.CollectableRow) (r inspectionRecord, err error) {
	var ofLead, ofCooperating int
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.Programme.ID, &r.Programme.Name, &r.Programme.Round, &r.Programme.YearFrom,
		&r.Programme.YearTo, &r.Line.ID, &r.Line.Name, &r.Lead.ID, &r.Lead.Name, &r.Cooperating.ID, &r.Cooperating.Name,
		&r.Synthetic, &r.ReportSHA256, &r.CreatedAt, &r.report, &r.line.Code, &r.line.Level, &r.line.VersionID, &r.line.LegalStatus,
		&r.line.LengthM, &r.partyA, &r.partyB, &r.round.Over, &r.round.Markers, &r.round.Matched, &r.round.Held, &ofLead, &ofCooperating)
	r.line.ID, r.line.Name = r.Line.ID, r.Line.Name
	r.round.State, r.round.Version, r.round.Lead, r.round.Cooperating = r.State, r.Version, r.Lead.ID, r.Cooperating.ID
	r.round.Forms = map[uuid.UUID]int{r.Lead.ID: ofLead, r.Cooperating.ID: ofCooperating}
	if r.ReportSHA256 != nil {
		r.round.ReportSHA256 = *r.ReportSHA256
	}
	return r, err
}

// roundOf loads a round that the actor may see, else NotFound "inspection-unknown".
func (s *Store) roundOf(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (inspectionRecord, error) {
	unknown := fault.New(fault.NotFound, "inspection-unknown", "没有这次联检")
	r, err := loadRound(ctx, s.db, id)
	if err != nil {
		if isNoRows(err) {
			err = unknown
		}
		return inspectionRecord{}, err
	}
	may, err := s.mayRead(ctx, actor, now, r)
	if err == nil && !may {
		err = unknown
	}
	if err != nil {
		return inspectionRecord{}, err
	}
	return r, nil
}

// mayRead reports whether a round is the actor's to read: of its two sides, of the office above both, of an office that
// was given a party's affairs since, or of one who works at its line for a side.
func (s *Store) mayRead(ctx context.Context, actor gazetteer.Actor, now time.Time, r inspectionRecord) (bool, error) {
	switch {
	case s.open, actor.System != "":
		return true, nil
	case boundary.ByAssignment(actor):
		task, err := s.taskAt(ctx, actor, now, r.Line.ID)
		return task != nil && (task.For(r.Lead.ID) || task.For(r.Cooperating.ID)), err
	case actor.IsOf(r.Lead.ID), actor.IsOf(r.Cooperating.ID):
		return true, nil
	}
	standing, err := s.standing(ctx, actor, now, r.partyA, r.partyB)
	return standing == boundary.Party || standing == boundary.Above && actor.Has(gazetteer.Superior, gazetteer.Auditor), err
}

// loadRound loads a round with its signatures, whoever asks.
func loadRound(ctx context.Context, db postgis.Conn, id uuid.UUID) (inspectionRecord, error) {
	rows, err := db.Query(ctx, inspectionSQL+` where i.id = $1`, id)
	if err != nil {
		return inspectionRecord{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanInspection)
	if err != nil {
		return r, err
	}
	r.round.Signatures, err = collect[boundary.Signature](ctx, db, `
		select s.id, s.office_id, o.name as office, s.account_id, a.name, s.content_sha256, s.signed_at, s.voided_at, s.void_reason
		from inspection_signature s join office o on o.id = s.office_id join account a on a.id = s.account_id
		where s.inspection_id = $1 order by s.signed_at, s.id`, id)
	return r, err
}

// CreateInspection opens the round of a line in a programme. Lead and cooperating office must be the civil-affairs offices
// of the line's two parties; the actor must be the superior of both.
//
// Errors: Forbidden "not-yours"; NotFound "line-unknown", "office-unknown"; Malformed "programme-missing", "bad-programme",
// "bad-round", "not-a-party"; Conflict "inspection-exists", "programme-differs".
func (s *Store) CreateInspection(ctx context.Context, actor gazetteer.Actor, now time.Time, in NewInspection) (Inspection, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Inspection(ctx, actor, now, id); !fault.Is(err, "inspection-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		level, err := t.checkRound(ctx, actor, &in, now)
		if err != nil {
			return err
		}
		programme, err := findProgramme(ctx, tx, actor, in, level)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into inspection (id, programme_id, line_id, lead_office, cooperating_office, state, synthetic, created_at)
			values (@id, @programme, @line, @lead, @cooperating, @state, @synthetic, @now)`,
			pgx.StrictNamedArgs{
				"id": id, "programme": programme, "line": in.LineID, "lead": in.LeadOffice, "cooperating": in.CooperatingOffice,
				"state": string(boundary.InspectionPlanned), "synthetic": in.Synthetic, "now": now,
			})
		if err != nil {
			return inspectionExists(err)
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "inspection/" + id.String(), Verb: "create", After: in,
		})
	})
	if err != nil {
		return Inspection{}, err
	}
	return s.Inspection(ctx, actor, now, id)
}

func inspectionExists(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "inspection_once" {
		return fault.Wrap(err, fault.Conflict, "inspection-exists", "这一轮联检中已经有这条界线")
	}
	return fmt.Errorf("open the inspection: %w", err)
}

// maxProgramme is how many characters the name of a programme may have.
const maxProgramme = 100

func unseen(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

// checkRound checks the actor, the line and the two offices, and fills in the years.
func (s *Store) checkRound(ctx context.Context, actor gazetteer.Actor, in *NewInspection, now time.Time) (level string, err error) {
	if actor.OfficeID == uuid.Nil || !actor.Has(gazetteer.Superior) {
		return "", fault.New(fault.Forbidden, "not-yours", "安排联检须有上级民政部门的职责")
	}
	in.Programme = strings.TrimSpace(in.Programme)
	if in.Programme == "" {
		return "", fault.New(fault.Malformed, "programme-missing", "请写明联检的批次名称，如“县级界线第四轮联检”")
	}
	if utf8.RuneCountInString(in.Programme) > maxProgramme || strings.ContainsFunc(in.Programme, unseen) {
		return "", fault.New(fault.Malformed, "bad-programme", "批次名称不超过 %d 个字，其中不能有换行等看不见的字符", maxProgramme)
	}
	if in.YearFrom == 0 {
		in.YearFrom = now.In(beijing.Zone).Year()
	}
	if in.YearTo == 0 {
		in.YearTo = in.YearFrom
	}
	if in.Round < 1 || in.Round > 999 || in.YearFrom < 1900 || in.YearTo < in.YearFrom || in.YearTo > 2999 {
		return "", fault.New(fault.Malformed, "bad-round", "轮次应为 1 到 999，年份应在 1900 到 2999 之间，结束年份不早于开始年份")
	}
	var a, b uuid.UUID
	err = s.db.QueryRow(ctx, `select level, party_a, party_b from line where id = $1`, in.LineID).Scan(&level, &a, &b)
	if err != nil {
		return "", notFound(err, "line-unknown", "没有这条界线")
	}
	standing, err := s.standing(ctx, actor, now, a, b)
	if err != nil {
		return "", err
	}
	if standing != boundary.Above {
		return "", fault.New(fault.Forbidden, "not-yours", "这条界线的双方不都在您的辖区之内")
	}
	var lead, cooperating uuid.UUID
	err = s.db.QueryRow(ctx, `
		select x.division_id, y.division_id from office x, office y
		where x.id = $1 and y.id = $2 and x.kind = 'civil-affairs' and y.kind = 'civil-affairs'
		  and x.division_id is not null and y.division_id is not null`, in.LeadOffice, in.CooperatingOffice).Scan(&lead, &cooperating)
	if err != nil {
		return "", notFound(err, "office-unknown", "牵头方或配合方不是民政部门的单位")
	}
	if !(lead == a && cooperating == b || lead == b && cooperating == a) {
		return "", fault.New(fault.Malformed, "not-a-party", "牵头方和配合方须分别是界线两侧的民政部门")
	}
	return level, nil
}

// findProgramme finds the programme by its name, or makes it.
func findProgramme(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, in NewInspection, level string) (uuid.UUID, error) {
	_, err := tx.Exec(ctx, `
		insert into programme (id, name, level, round, year_from, year_to, owner_id)
		values (@id, @name, @level, @round, @from, @to, @owner) on conflict (name) do nothing`,
		pgx.StrictNamedArgs{
			"id": gazsql.NewID(), "name": in.Programme, "level": level, "round": in.Round, "from": in.YearFrom, "to": in.YearTo, "owner": actor.OfficeID,
		})
	if err != nil {
		return uuid.Nil, fmt.Errorf("make the programme: %w", err)
	}
	var id, owner uuid.UUID
	var round int
	var of string
	err = tx.QueryRow(ctx, `select id, owner_id, round, level from programme where name = $1`, in.Programme).Scan(&id, &owner, &round, &of)
	if err != nil {
		return uuid.Nil, err
	}
	if owner != actor.OfficeID || round != in.Round || of != level {
		return uuid.Nil, fault.New(fault.Conflict, "programme-differs", "已有同名的联检批次，其级别、轮次或主持单位不同：请换一个名称")
	}
	return id, nil
}

// Inspections lists the rounds the actor takes part in or is above, newest first, from before the one named. The second
// wall chooses them; the first looks at each once more.
func (s *Store) Inspections(ctx context.Context, actor gazetteer.Actor, now time.Time, before uuid.UUID, limit int) ([]InspectionSummary, error) {
	out := []InspectionSummary{}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, inspectionSQL+`
			where $1::uuid is null or i.id < $1 order by i.id desc limit $2`, nilID(before), limit)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, scanInspection)
		if err != nil {
			return err
		}
		for _, r := range found {
			may, err := s.over(tx).mayRead(ctx, actor, now, r)
			if err != nil {
				return err
			}
			if may {
				out = append(out, r.InspectionSummary)
			}
		}
		return nil
	})
	return out, err
}

// Inspection returns a round with its tracks, forms, declared stretches, figures and signatures as far as the actor may see them: forms of
// the other side once submitted, of its tracks only what they cover. Who works at the line by assignment finds what he
// handed in himself, and neither figures nor signatures.
func (s *Store) Inspection(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (out Inspection, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.roundOf(ctx, actor, now, id)
		if err != nil {
			return err
		}
		out = Inspection{
			InspectionSummary: r.InspectionSummary, Signatures: r.round.Signatures, Actions: r.round.OpenActions(actor),
		}
		if out.Tracks, err = t.tracksFor(ctx, actor, now, ` where t.inspection_id = $1`, id); err != nil {
			return err
		}
		if out.Forms, err = t.formsFor(ctx, actor, id); err != nil {
			return err
		}
		if out.Stretches, err = t.stretchesFor(ctx, actor, r, byChainage); err != nil {
			return err
		}
		if boundary.ByAssignment(actor) {
			out.Signatures = []boundary.Signature{}
			return nil
		}
		out.Figures, err = t.figures(ctx, r)
		return err
	})
	return out, err
}

// figures are those of the report, or of the evidence while there is none.
func (s *Store) figures(ctx context.Context, r inspectionRecord) (*boundary.Figures, error) {
	if r.State == boundary.InspectionPlanned {
		return nil, nil
	}
	if r.report != nil {
		report, err := readReport(r.report)
		return &report.Figures, err
	}
	facts, err := roundFacts(ctx, s.db, r)
	if err != nil {
		return nil, err
	}
	figures := boundary.CompileFigures(facts)
	return &figures, nil
}

func readReport(raw []byte) (boundary.Report, error) {
	var report boundary.Report
	if err := json.Unmarshal(raw, &report); err != nil {
		return report, fmt.Errorf("read the report: %w", err)
	}
	return report, nil
}
