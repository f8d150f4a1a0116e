package boundsql

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// openLine is a line with its open version.
type openLine struct {
	ID               uuid.UUID
	VersionID        uuid.UUID
	Name             string
	Level            string
	PartyA, PartyB   uuid.UUID
	RightParty       *uuid.UUID
	LegalStatus      string
	Frame            string
	Synthetic        bool
	AgreementID      *uuid.UUID
	ApprovalID       *uuid.UUID
	PublicationID    *uuid.UUID
	PublishedLengthM *float64
	PublishedSource  *string
	Later            bool // the version begins on the day of the change or after it
	Unsettled        bool // an earlier change left something to be settled
}

// lineReform carries a change of divisions through the lines beside them, within the transaction of the change.
type lineReform struct {
	tx                 pgx.Tx
	actor              gazetteer.Actor
	now                time.Time
	plan               *gazetteer.DivisionPlan
	approval, document uuid.UUID
	known              *divisions                // as they stand after the change, and those that ended as they were
	heirs              map[uuid.UUID][]uuid.UUID // of the divisions that ended
	open               map[uuid.UUID]openLine
}

// reformLines lets lines follow a change of divisions that was recorded: see boundary.ChangeLines. Markers come to the line that
// follows, rounds of lines that changed are void as after every new version, and the plan's findings name every line.
func reformLines(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, plan *gazetteer.DivisionPlan, approval, document uuid.UUID) error {
	r := &lineReform{tx: tx, actor: actor, now: now, plan: plan, approval: approval, document: document, heirs: plan.Succession().Successors}
	err := turnAtLines(ctx, tx)
	if err != nil {
		return err
	}
	if r.known, err = loadDivisions(ctx, tx); err != nil {
		return err
	}
	lines, err := r.gather(ctx)
	if err != nil {
		return err
	}
	shared := map[uuid.UUID]bool{}
	for _, id := range plan.Parts() {
		shared[id] = true
	}
	changes, err := boundary.ChangeLines(lines, r.became, shared)
	if err != nil {
		return err
	}
	if err := r.close(ctx, changes); err != nil {
		return err
	}
	for _, made := range changes.Made {
		if err := r.make(ctx, made); err != nil {
			return err
		}
	}
	if err := r.end(ctx, changes); err != nil {
		return err
	}
	return settleNodes(ctx, tx, now)
}

// became tells what took the place of a division.
func (r *lineReform) became(division uuid.UUID) (there []*boundary.Division) {
	heirs, gone := r.heirs[division]
	if !gone {
		heirs = []uuid.UUID{division}
	}
	for _, heir := range heirs {
		if d := r.known.byID[heir]; d != nil {
			there = append(there, d)
		}
	}
	return there
}

// touched are the divisions whose lines are looked at: those that end, give or get a part, or change their superior, and those
// that succeed.
func (r *lineReform) touched() (ids []uuid.UUID) {
	ids = append(ids, r.plan.Parts()...)
	for id, heirs := range r.heirs {
		ids = append(append(ids, id), heirs...)
	}
	for _, c := range r.plan.Changed {
		if c.Before.Parent != c.After.Parent {
			ids = append(ids, c.After.ID)
		}
	}
	return ids
}

// gather reads the lines beside the divisions touched as they stand on the day before the change.
func (r *lineReform) gather(ctx context.Context) (lines []*boundary.LineStanding, err error) {
	rows, err := r.tx.Query(ctx, `
		select l.id, v.id as version_id, l.name, l.level, l.party_a, l.party_b, l.right_party, coalesce(v.before_dispute, v.legal_status) as legal_status, v.frame, l.synthetic,
		       v.agreement_id, v.approval_id, v.publication_id, v.published_length_m, v.published_source,
		       coalesce(lower(v.valid) >= $2::text::date, false) as later, exists (select from line_event e where e.line_id = l.id and `+unsettled+`) as unsettled
		from line l join line_version v on v.line_id = l.id and upper_inf(v.valid)
		where l.party_a = any ($1) or l.party_b = any ($1)
		   or exists (select from section s where s.line_version_id = v.id and (s.division_a = any ($1) or s.division_b = any ($1)))
		order by l.name, l.id`, r.touched(), r.plan.On.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[openLine])
	if err != nil {
		return nil, fmt.Errorf("gather the lines beside: %w", err)
	}
	r.open = map[uuid.UUID]openLine{}
	for _, l := range found {
		if l.Later {
			r.find("line-later", fault.Review, l.ID, l.Name, "界线“%s”现在的版本自 %s 当日或以后起：这次区划变更没有改动它，双方须核定", l.Name, r.day())
			if err := r.event(ctx, l.ID, "stay", true); err != nil {
				return nil, err
			}
			continue
		}
		r.open[l.ID] = l
		standing := &boundary.LineStanding{
			ID: l.ID, Name: l.Name, Level: boundary.Level(l.Level), A: l.PartyA, B: l.PartyB, Status: boundary.LegalStatus(l.LegalStatus),
			Unsettled: l.Unsettled,
		}
		if l.RightParty != nil {
			standing.Right = *l.RightParty
		}
		if standing.Sections, err = r.sections(ctx, l.VersionID); err != nil {
			return nil, err
		}
		lines = append(lines, standing)
	}
	return lines, nil
}

func (r *lineReform) sections(ctx context.Context, version uuid.UUID) (sections []boundary.Section, err error) {
	type row struct {
		A, B uuid.UUID
		Geom orb.MultiLineString
	}
	err = each(ctx, r.tx, `select division_a as a, division_b as b, geom from section where line_version_id = $1 order by id`, func(s row) error {
		a, b := r.known.byID[s.A], r.known.byID[s.B]
		if a == nil || b == nil {
			return fault.New(fault.Refused, "change-refused", "界线段的一侧 %s—%s 不在行政区划里：请先核对", s.A, s.B)
		}
		sections = append(sections, boundary.Section{A: a, B: b, Parts: s.Geom})
		return nil
	}, version)
	return sections, err
}

func (r *lineReform) day() string { return r.plan.On.Format(time.DateOnly) }

func (r *lineReform) find(code string, severity fault.Severity, id uuid.UUID, name, format string, args ...any) {
	r.plan.Findings = append(r.plan.Findings, fault.Finding{
		Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...), Evidence: []fault.Evidence{{Kind: "line", ID: id.String(), Name: name}},
	})
}

// close ends the versions of all lines that do not stay as they are.
func (r *lineReform) close(ctx context.Context, changes boundary.LineChanges) error {
	var closing []uuid.UUID
	for _, l := range changes.Passed {
		closing = append(closing, l.ID)
	}
	for _, l := range changes.Ended {
		closing = append(closing, l.ID)
	}
	for _, m := range changes.Made {
		if m.GoesOn != nil {
			closing = append(closing, m.GoesOn.ID)
		}
	}
	for _, id := range closing {
		if err := closeVersion(ctx, r.tx, r.open[id].VersionID, r.plan.On); err != nil {
			return err
		}
		switch former := r.open[id]; boundary.LegalStatus(former.LegalStatus) {
		case boundary.InForce, boundary.UnderChange:
			if err := giveStatus(ctx, r.tx, former.VersionID, boundary.Superseded); err != nil {
				return err
			}
		}
	}
	return voidRoundsOf(ctx, r.tx, r.actor, r.now, closing, "界线随区划变更有了变化")
}

// make writes a line that begins, or the new version of one that goes on, with its sections, its past and its markers.
func (r *lineReform) make(ctx context.Context, made boundary.MadeLine) error {
	id, kind, verb := gazsql.NewID(), "begin", "begin"
	origins := made.From
	if made.GoesOn != nil {
		id, kind, verb = made.GoesOn.ID, "go-on", "revise"
		origins = append([]*boundary.LineStanding{made.GoesOn}, origins...)
	} else if err := r.register(ctx, id, made, r.open[origins[0].ID]); err != nil {
		return err
	}
	if err := r.version(ctx, id, made, r.open[origins[0].ID]); err != nil {
		return err
	}
	if err := r.event(ctx, id, kind, made.ToSettle); err != nil {
		return err
	}
	chain, err := geo.NewChain(made.Geometry)
	if err != nil {
		return err
	}
	var names []string
	for _, l := range origins {
		if l.ID != id {
			names = append(names, l.Name)
			if _, err := r.tx.Exec(ctx, `insert into line_link values ($1, $2, $3, $4)`, l.ID, id, r.approval, r.plan.On); err != nil {
				return fmt.Errorf("link lines: %w", err)
			}
			if err := r.inherit(ctx, l.ID, id); err != nil {
				return err
			}
		}
		if err := r.handOver(ctx, l.ID, id, chain); err != nil {
			return err
		}
	}
	name := made.Name
	if made.GoesOn != nil {
		name = made.GoesOn.Name
	}
	r.tell(id, name, made, names)
	return r.journal(ctx, id, verb, map[string]any{
		"name": name, "partyA": made.A.Name, "partyB": made.B.Name, "lengthM": made.LengthM, "sections": len(made.Sections), "legalStatus": made.Status,
		"validFrom": r.day(), "predecessors": names,
	})
}

// tell says in a finding what became of a line.
func (r *lineReform) tell(id uuid.UUID, name string, made boundary.MadeLine, before []string) {
	switch {
	case made.ToSettle:
		r.find("line-side-changed", fault.Review, id, name, "界线“%s”一侧的范围自 %s 起有变：各段的双方须实地核定，重新勘定", name, r.day())
	case made.GoesOn == nil:
		r.find("line-begun", fault.Info, id, name, "自 %s 起有界线“%s”，走向不变，承自 %s", r.day(), name, joined(before))
	case len(before) > 0:
		r.find("line-joined", fault.Info, id, name, "自 %s 起 %s 并入界线“%s”，走向不变", r.day(), joined(before), name)
	default:
		r.find("line-sides-named", fault.Info, id, name, "界线“%s”的界线段自 %s 起改用承继者的名称，走向不变", name, r.day())
	}
}

func joined(names []string) string { return "“" + strings.Join(names, "”、“") + "”" }

func (r *lineReform) register(ctx context.Context, id uuid.UUID, made boundary.MadeLine, like openLine) error {
	return copyRows(ctx, r.tx, "line",
		[]string{"id", "level", "name", "code", "code_scheme", "party_a", "party_b", "party_source", "right_party", "synthetic", "recorded_at"},
		[][]any{{
			id, string(made.Level), made.Name, nilText(made.Code), nilText(made.Scheme), made.A.ID, made.B.ID, made.PartySource, nilID(made.Right), like.Synthetic, r.now,
		}})
}

// version writes the version of a line from the day on. A line of law goes by the papers of the one it comes from; its published
// length stays only where nothing was added.
func (r *lineReform) version(ctx context.Context, id uuid.UUID, made boundary.MadeLine, like openLine) error {
	var law openLine
	if made.Law != nil {
		law = r.open[made.Law.ID]
	} else if made.GoesOn != nil {
		law = r.open[made.GoesOn.ID]
	}
	if made.GoesOn == nil || len(made.From) > 0 {
		like.PublishedLengthM, like.PublishedSource = nil, nil
	}
	version := gazsql.NewID()
	err := copyRows(ctx, r.tx, "line_version", []string{
		"id", "line_id", "legal_status", "geom", "length_m", "published_length_m", "published_source", "agreement_id", "approval_id", "publication_id",
		"document_id", "frame", "valid", "recorded_at",
	}, [][]any{{
		version, id, string(boundary.InDemarcation), made.Geometry, made.LengthM, like.PublishedLengthM, like.PublishedSource, law.AgreementID, law.ApprovalID, law.PublicationID,
		r.document, like.Frame, gazsql.Span(r.plan.On, time.Time{}), r.now,
	}})
	if err != nil {
		return err
	}
	var sections [][]any
	for _, s := range made.Sections {
		sections = append(sections, sectionRow(id, version, s.A.ID, s.B.ID, s.Parts))
	}
	err = copyRows(ctx, r.tx, "section", sectionColumns, sections)
	if err != nil {
		return err
	}
	if made.GoesOn != nil {
		if err := keepCourse(ctx, r.tx, r.open[made.GoesOn.ID].VersionID, version); err != nil {
			return err
		}
	}
	return giveStatus(ctx, r.tx, version, made.Status)
}

// inherit takes over what an earlier change left to be settled on a line, with the term that runs from that change.
func (r *lineReform) inherit(ctx context.Context, from, to uuid.UUID) error {
	_, err := r.tx.Exec(ctx, `
		insert into line_event (id, line_id, approval_id, kind, to_settle, on_day, document_id, recorded_at)
		select gen_random_uuid(), $2, e.approval_id, 'inherit', true, e.on_day, e.document_id, $3 from line_event e where e.line_id = $1 and `+unsettled+`
		on conflict (line_id, approval_id) do nothing`, from, to, r.now)
	if err != nil {
		return fmt.Errorf("take over what is to be settled: %w", err)
	}
	return nil
}

func (r *lineReform) event(ctx context.Context, line uuid.UUID, kind string, toSettle bool) error {
	_, err := r.tx.Exec(ctx, `insert into line_event values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		gazsql.NewID(), line, r.approval, kind, toSettle, r.plan.On, r.document, r.now)
	if err != nil {
		return fmt.Errorf("record what became of line %s: %w", line, err)
	}
	return nil
}

// handOver measures the markers of a line along the one they stand on from now on, and hands them over where that is another. Where
// a marker was registered does not change. Of a line that goes on in several, each takes the markers that lie on it, the withheld ones
// as well. Open disputes go along.
func (r *lineReform) handOver(ctx context.Context, from, to uuid.UUID, chain *geo.Chain) error {
	found, err := markersOn(ctx, r.tx, from)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, m := range found {
		chainage, offset := chain.Project(m.At)
		if from != to && math.Abs(offset) > boundary.FarMarkerM {
			continue
		}
		if m.withheld() {
			batch.Queue(`select hand_over_withheld($1, $2, $3, $4, $5, $6, $7)`, m.ID, to, chainage, offset, r.keptBy(m.Custodian), r.approval, r.plan.On)
			continue
		}
		batch.Queue(`update marker set line_id = $2, chainage_m = $3, offset_m = $4 where id = $1`, m.ID, to, chainage, offset)
		if from != to {
			batch.Queue(`insert into marker_handover values ($1, $2, $3, $4, $5)`, m.ID, from, to, r.approval, r.plan.On)
			batch.Queue(`update marker_identity set version = version + 1 where id = $1`, m.ID)
		}
	}
	for former, heirs := range r.heirs {
		if len(heirs) == 1 {
			batch.Queue(`update marker set custodian = $3 where line_id = $1 and custodian = $2 and upper_inf(valid)`, to, former, heirs[0])
		}
	}
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("hand markers over: %w", err)
	}
	return handDisputes(ctx, r.tx, r.now, from, to, chain)
}

// keptBy is who has custody of a marker after the change.
func (r *lineReform) keptBy(custodian *uuid.UUID) *uuid.UUID {
	if custodian != nil && len(r.heirs[*custodian]) == 1 {
		return &r.heirs[*custodian][0]
	}
	return custodian
}

// end writes what became of the lines that end, pass or stay.
func (r *lineReform) end(ctx context.Context, changes boundary.LineChanges) error {
	for _, l := range changes.Passed {
		if err := r.event(ctx, l.ID, "pass", false); err != nil {
			return err
		}
		if err := r.journal(ctx, l.ID, "pass", map[string]any{"name": l.Name, "validTo": r.day()}); err != nil {
			return err
		}
	}
	for _, l := range changes.Ended {
		if err := r.ends(ctx, l); err != nil {
			return err
		}
	}
	for _, l := range changes.ToSettle {
		if err := r.event(ctx, l.ID, "stay", true); err != nil {
			return err
		}
		r.find("line-side-changed", fault.Review, l.ID, l.Name, "界线“%s”有一侧自 %s 起范围有变，或承继者不止一个：走向和双方须核定，重新勘定", l.Name, r.day())
	}
	return nil
}

// ends writes that a line ended; its markers stand where they stand until somebody decides about them.
func (r *lineReform) ends(ctx context.Context, l boundary.EndedLine) error {
	text := "界线“%s”两侧自 %s 起同属%s，不再是两个区划之间的界线"
	if l.ToSettle {
		text = "界线“%s”两侧自 %s 起主要同属%s；有乡镇另行划转，剩下的部分须核定"
	}
	r.find("line-between-one", fault.Review, l.ID, l.Name, text, l.Name, r.day(), r.became(l.A)[0].Name)
	var markers int
	if err := r.tx.QueryRow(ctx, `select count(*) from marker where line_id = $1 and upper_inf(valid)`, l.ID).Scan(&markers); err != nil {
		return err
	}
	if markers > 0 {
		r.find("markers-without-line", fault.Review, l.ID, l.Name, "界线“%s”终止后，上面的 %d 座界桩不再标示界线：保留还是撤除，须报批准勘界的机关决定", l.Name, markers)
	}
	if err := r.event(ctx, l.ID, "end", l.ToSettle); err != nil {
		return err
	}
	return r.journal(ctx, l.ID, "end", map[string]any{"name": l.Name, "validTo": r.day()})
}

func (r *lineReform) journal(ctx context.Context, line uuid.UUID, verb string, after map[string]any) error {
	if names, ok := after["predecessors"].([]string); ok && len(names) == 0 {
		delete(after, "predecessors")
	}
	return gazsql.Record(ctx, r.tx, gazetteer.JournalEntry{
		At: r.now, Actor: r.actor, Subject: "line/" + line.String(), Verb: verb, After: after, Cites: []uuid.UUID{r.document},
	})
}
