package gazetteer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// ImportState is where an import of places that is reviewed stands.
type ImportState string

// The states. An import that is judging or committing waits for a job.
const (
	ImportOpen       ImportState = "open"
	ImportJudging    ImportState = "judging"
	ImportJudged     ImportState = "judged"
	ImportCommitting ImportState = "committing"
	ImportCommitted  ImportState = "committed"
	ImportAbandoned  ImportState = "abandoned"
)

// Ended reports whether nothing happens to the import any more.
func (s ImportState) Ended() bool { return s == ImportCommitted || s == ImportAbandoned }

// ImportSource is what a file holds before anybody says how it is to be read.
type ImportSource struct {
	Format        string          `json:"format"` // csv, xlsx, geojson, shapefile
	Rows          int             `json:"rows"`
	Headings      []ImportHeading `json:"headings"`
	DeclaredFrame string          `json:"declaredFrame"` // for geo.ParseFrame; "" where the file says nothing
}

// ImportHeading is a column of the file.
type ImportHeading struct {
	Name    string   `json:"name"`
	Field   string   `json:"field"` // that it is taken for; "-": known and left aside, "": unknown
	Samples []string `json:"samples"`
}

// ImportSettings say how a file is to be read and what is to be done with its rows. What is empty is as the file has it.
type ImportSettings struct {
	Mapping      map[string]string `json:"mapping"` // heading → field, "-" leaves the column out
	Frame        string            `json:"frame"`   // for geo.ParseFrame
	ConfirmFrame bool              `json:"confirmFrame"`
	ValidFrom    string            `json:"validFrom"` // a day
	Partial      bool              `json:"partial"`   // take the good rows when others are refused
	Twins        string            `json:"twins"`     // what undecided twins are: "", new, aside
	TwinM        float64           `json:"twinM"`     // metres; 0: TwinWithinM
	Document     ImportDocument    `json:"document"`
}

// ImportDocument is the paper an import rests on; its title is that of the file where none is given.
type ImportDocument struct {
	Title    string `json:"title"`
	Number   string `json:"number"`
	IssuedBy string `json:"issuedBy"`
	IssuedOn string `json:"issuedOn"` // a day
}

// maxTwinM bounds how far apart in metres places of one name are looked at.
const maxTwinM = 10_000

// Check refuses settings that say nothing that can be done: Malformed "bad-twins".
func (s ImportSettings) Check() error {
	if !slices.Contains([]string{"", "new", "aside"}, s.Twins) {
		return fault.New(fault.Malformed, "bad-twins", "未决定的疑似重复“%s”不对：可用 new（都是新地名）、aside（都不导入），或留空逐行决定", s.Twins)
	}
	if s.TwinM < 0 || s.TwinM > maxTwinM {
		return fault.New(fault.Malformed, "bad-twins", "同名地名相距多少米之内算疑似重复：应在 0 到 %d 之间", maxTwinM)
	}
	return nil
}

// ImportFigures is what an import may be acted on by.
type ImportFigures struct {
	State   ImportState
	Rows    map[ImportVerdict]int
	Pending int // decisions since the rows were judged
	Partial bool
}

// importers hand in files and decide doubtful rows; only an approver commits.
var importers = []Role{Clerk, Editor, Approver}

// MayReadImports refuses who is not of a civil-affairs bureau or has no part in names: Forbidden "not-yours".
func MayReadImports(a Actor) error {
	if a.OfficeKind == "civil-affairs" && a.Has(append([]Role{Superior, Auditor}, importers...)...) {
		return nil
	}
	return fault.New(fault.Forbidden, "not-yours", "地名导入由民政部门的地名经办、编纂、审批和审计人员查看")
}

// MayImport refuses who may not hand in a file or decide its rows: Forbidden "not-yours".
func MayImport(a Actor) error {
	if a.OfficeKind == "civil-affairs" && a.Jurisdiction != uuid.Nil && a.Has(importers...) {
		return nil
	}
	return fault.New(fault.Forbidden, "not-yours", "地名导入由民政部门的地名经办、编纂和审批人员办理")
}

// ImportActions are what the actor can do to an import.
func ImportActions(a Actor, f ImportFigures) []OpenAction {
	open := []OpenAction{}
	for _, action := range []string{"judge", "commit", "abandon"} {
		if CheckImportAction(a, f, action) == nil {
			open = append(open, importAction(action))
		}
	}
	return open
}

func importAction(name string) OpenAction {
	labels := map[string]string{"judge": "重新核对", "commit": "写入地名库", "abandon": "放弃导入"}
	needs := []string{}
	if name == "commit" {
		needs = []string{Confirmation}
	}
	return OpenAction{Name: name, Label: labels[name], Needs: needs}
}

// CheckImportAction refuses what the actor cannot do to an import as it stands.
//
// Errors: those of MayImport; Malformed "action-unknown"; Conflict "import-ended", "import-under-way", "not-judged";
// Forbidden "approver-needed"; Refused "decisions-pending", "twins-undecided", "rows-refused", "nothing-to-import".
func CheckImportAction(a Actor, f ImportFigures, action string) error {
	if err := MayImport(a); err != nil {
		return err
	}
	under := f.State == ImportJudging || f.State == ImportCommitting
	switch {
	case action != "judge" && action != "commit" && action != "abandon":
		return fault.New(fault.Malformed, "action-unknown", "没有“%s”这个动作：可用 judge（重新核对）、commit（写入地名库）、abandon（放弃导入）", action)
	case f.State.Ended():
		return importEnded()
	case action == "abandon":
		return nil
	case under:
		return fault.New(fault.Conflict, "import-under-way", "这次导入正在处理：请稍候再试")
	case f.State != ImportJudged && (action == "commit" || f.State != ImportOpen):
		return fault.New(fault.Conflict, "not-judged", "这次导入还没有核对：请先核对")
	case action == "judge":
		return nil
	case !a.Has(Approver):
		return fault.New(fault.Forbidden, "approver-needed", "写入地名库须由审批人员办理")
	case f.Pending > 0:
		return fault.New(fault.Refused, "decisions-pending", "核对之后又有 %d 项决定：请重新核对，看过结果再写入", f.Pending)
	case f.Rows[ImportTwin] > 0:
		return fault.New(fault.Refused, "twins-undecided", "有 %d 行疑似与已有地名重复，还没有决定：请逐行决定，或在设置里说明其余如何处理", f.Rows[ImportTwin])
	case f.Rows[ImportRefused] > 0 && !f.Partial:
		return fault.New(fault.Refused, "rows-refused", "有 %d 行不能导入：请改正文件后重交，或在设置里选择只导入其余各行", f.Rows[ImportRefused])
	case f.Rows[ImportNew]+f.Rows[ImportChanged] == 0:
		return fault.New(fault.Refused, "nothing-to-import", "没有要写入的：各行与地名库相同，或都不导入")
	}
	return nil
}

func importEnded() error {
	return fault.New(fault.Conflict, "import-ended", "这次导入已经结束")
}

// CheckImportSetting refuses to set or decide what is not to be set any more, or not now: as CheckImportAction.
func CheckImportSetting(a Actor, f ImportFigures) error {
	if f.State == ImportOpen {
		return MayImport(a)
	}
	return CheckImportAction(a, f, "judge")
}

// ImportDecision is what a person decides of doubtful rows: same (with the place), new, aside, or undecided, which takes an
// earlier decision back.
type ImportDecision struct {
	Rows  []int     `json:"rows"`
	As    string    `json:"as"`
	Place uuid.UUID `json:"placeId"`
}

// maxDecided bounds the rows that are decided at once.
const maxDecided = 1000

// Check refuses a decision that is none: Malformed "bad-decision".
func (d ImportDecision) Check() error {
	once := map[int]bool{}
	for _, row := range d.Rows {
		once[row] = true
	}
	switch {
	case !slices.Contains([]string{"same", "new", "aside", "undecided"}, d.As):
		return fault.New(fault.Malformed, "bad-decision", "决定“%s”不对：可用 same（就是已有的一处）、new（新地名）、aside（暂不导入）、undecided（撤回决定）", d.As)
	case d.As == "same" && d.Place == uuid.Nil:
		return fault.New(fault.Malformed, "bad-decision", "就是已有的哪一处：请给出 placeId")
	case d.As != "same" && d.Place != uuid.Nil:
		return fault.New(fault.Malformed, "bad-decision", "placeId 只用于 same（就是已有的一处）")
	case len(d.Rows) == 0:
		return fault.New(fault.Malformed, "bad-decision", "请给出要决定的行 rows")
	case len(d.Rows) > maxDecided, len(once) < len(d.Rows):
		return fault.New(fault.Malformed, "bad-decision", "一次最多决定 %d 行，每行只写一次：请分几次决定", maxDecided)
	}
	return nil
}

// Fits refuses a decision of a row that is not doubtful, or for a place it does not look like: Conflict "row-not-doubtful",
// Refused "not-a-suspect". decided says that the row was decided before.
func (d ImportDecision) Fits(row ImportRow, decided bool) error {
	if row.Verdict != ImportTwin && len(row.Twins) == 0 && !decided {
		return fault.New(fault.Conflict, "row-not-doubtful", "第 %d 条不是疑似重复，不用决定：请刷新", row.Row)
	}
	looksLike := slices.ContainsFunc(row.Twins, func(t TwinSuspect) bool { return t.ID == d.Place.String() })
	if d.As == "same" && !looksLike {
		return fault.New(fault.Refused, "not-a-suspect", "第 %d 条不像所选的这一处：请从列出的地名里选", row.Row)
	}
	return nil
}

// ImportRow is a row of an import as it was judged, for people.
type ImportRow struct {
	Row      int             `json:"row"`
	Line     int             `json:"line"`
	Verdict  ImportVerdict   `json:"verdict"`
	Name     string          `json:"name"`
	Category Category        `json:"category"`
	Code     DivisionCode    `json:"divisionCode"`
	At       *orb.Point      `json:"at"`         // longitude and latitude, CGCS2000
	Standing *uuid.UUID      `json:"standingId"` // the place of the record that it is
	Changes  []PlaceChange   `json:"changes"`
	Twins    []TwinSuspect   `json:"twins"`
	Findings []fault.Finding `json:"findings"`
}

// ImportRowOf is a judged row with what was found of it.
func ImportRowOf(j PlaceJudgement, found []fault.Finding) ImportRow {
	r := ImportRow{
		Row: j.Row, Line: j.Line, Verdict: j.Verdict, Name: j.Name, Category: j.Category, Code: j.Code,
		Changes: j.Changes, Twins: j.Twins, Findings: found,
	}
	if p, ok := j.Point.(orb.Point); ok {
		r.At = &p
	}
	if j.Standing != nil && j.Standing.ID != uuid.Nil {
		r.Standing = &j.Standing.ID
	}
	return r.filled()
}

// filled writes lists that are empty as such.
func (r ImportRow) filled() ImportRow {
	if r.Changes == nil {
		r.Changes = []PlaceChange{}
	}
	if r.Twins == nil {
		r.Twins = []TwinSuspect{}
	}
	if r.Findings == nil {
		r.Findings = []fault.Finding{}
	}
	return r
}

// Places are the places of the record that the row names, besides those it became.
func (r ImportRow) Places() []uuid.UUID {
	places := []uuid.UUID{}
	if r.Standing != nil {
		places = append(places, *r.Standing)
	}
	for _, t := range r.Twins {
		if id, err := uuid.Parse(t.ID); err == nil {
			places = append(places, id)
		}
	}
	return places
}

// ImportKey names what committing a judged row comes to: a row with the same key changes the record in the same way as when
// people looked at it.
func ImportKey(j PlaceJudgement) string {
	version, standing := 0, uuid.Nil
	if j.Standing != nil {
		standing = j.Standing.ID
		if j.Verdict == ImportChanged {
			version = j.Standing.Version
		}
	}
	text, err := json.Marshal([]any{j.Row, j.Verdict, standing, version, j.Changes})
	if err != nil {
		panic(err) // numbers and texts
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
