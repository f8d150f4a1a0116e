package gazetteer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// Grade is how far a record may be known.
type Grade string

// The grades.
const (
	Public   Grade = "public"   // 公开
	Internal Grade = "internal" // 内部
	Secret   Grade = "secret"   // 涉密
)

// Grades lists every grade once, the most open first.
var Grades = []Grade{Public, Internal, Secret}

// gradeLabels are the words for the grades.
var gradeLabels = map[Grade]string{Public: "公开", Internal: "内部", Secret: "涉密"}

// Label is the grade in Chinese.
func (g Grade) Label() string { return gradeLabels[g] }

// ParseGrade reads a grade, else Malformed "bad-grade".
func ParseGrade(text string) (Grade, error) {
	if g := Grade(text); g.Label() != "" {
		return g, nil
	}
	return "", fault.New(fault.Malformed, "bad-grade", "密级“%s”不对：可用 public（公开）、internal（内部）、secret（涉密）", text)
}

// Grading is a decision to grade a record, with the paper it rests on.
type Grading struct {
	Grade    Grade
	Reason   string
	Document Document
}

// Check refuses a decision without grade, reason or paper: Malformed "bad-grade", "reason-missing", "document-missing".
func (g Grading) Check() error {
	if _, err := ParseGrade(string(g.Grade)); err != nil {
		return err
	}
	if utf8.RuneCountInString(strings.TrimSpace(g.Reason)) == 0 {
		return fault.New(fault.Malformed, "reason-missing", "请写明定密或解密的理由")
	}
	if strings.TrimSpace(g.Document.Title) == "" || strings.TrimSpace(g.Document.Number) == "" {
		return fault.New(fault.Malformed, "document-missing", "定密或解密须附依据文件的标题和文号")
	}
	return nil
}

// Graded is what an outcome of grading is judged on: the grade a record has and whether a case on it is open.
type Graded struct {
	Grade      Grade
	Represents bool // it is the place of a division or of its seat
	OpenCase   bool // a naming case on it is not decided
}

// Apply judges the grading of a record that stands so.
//
// Errors: those of Grading.Check; Conflict "grade-unchanged", "division-is-public", "case-open".
func (g Grading) Apply(to Graded) error {
	if err := g.Check(); err != nil {
		return err
	}
	switch {
	case g.Grade == to.Grade:
		return fault.New(fault.Conflict, "grade-unchanged", "它的密级已是“%s”", g.Grade.Label())
	case to.Represents: // the division itself is published under the same name
		return fault.New(fault.Conflict, "division-is-public", "行政区划及其驻地的名称随行政区划一并公布，不能定为内部或涉密")
	case to.OpenCase:
		return fault.New(fault.Conflict, "case-open", "这个地名还有未办结的申报：请先办结、撤回或退回，再改变密级")
	}
	return nil
}

// graders may grade what lies in their office's jurisdiction.
var graders = []Role{Approver, Superior}

// GradesIn reports whether the actor grades what lies in a division: an approver or superior of a civil-affairs bureau
// whose jurisdiction covers it.
func GradesIn(a Actor, l Lineage, division uuid.UUID) bool {
	return a.OfficeKind == "civil-affairs" && a.Has(graders...) && l.Covers(a.Jurisdiction, division)
}

// GradeActions are the grades the actor can give a record, as actions; none to who may not.
func GradeActions(may bool, now Grade) []OpenAction {
	open := []OpenAction{}
	if !may {
		return open
	}
	for _, g := range Grades {
		if g != now {
			open = append(open, OpenAction{Name: string(g), Label: "定为" + g.Label(), Needs: []string{"reason", "documents"}})
		}
	}
	return open
}

// WithoutEvidence are findings without the evidence named by id. A finding that rests on nothing else is left out; the
// others name what remains.
func WithoutEvidence(findings []NameFinding, hidden []string) []NameFinding {
	if len(hidden) == 0 {
		return findings
	}
	kept := []NameFinding{}
	for _, f := range findings {
		rest := slices.DeleteFunc(slices.Clone(f.Evidence), func(e fault.Evidence) bool { return slices.Contains(hidden, e.ID) })
		switch {
		case len(rest) == len(f.Evidence):
			kept = append(kept, f)
		case len(rest) > 0:
			kept = append(kept, f.restingOn(rest))
		}
	}
	return kept
}

// restingOn is a collision told anew of fewer records.
func (f NameFinding) restingOn(evidence []fault.Evidence) NameFinding {
	names := make([]string, len(evidence))
	for i, e := range evidence {
		names[i] = "“" + e.Name + "”"
	}
	how := map[string]string{
		"duplicate-name": "重名", "duplicate-but-prefix": "只差前面加的字，视为重名", "same-specific": "专名相同", "homophone": "同音", "lookalike": "字形相近",
	}[f.Code]
	f.Evidence, f.Detail = evidence, "“"+f.Part+"”与已有的"+strings.Join(names, "、")+how
	f.Alike = slices.DeleteFunc(slices.Clone(f.Alike), func(a Alike) bool {
		return !slices.ContainsFunc(evidence, func(e fault.Evidence) bool { return e.ID == a.ID })
	})
	return f
}

// Publishable are findings without what rests on records that are not public, to be kept where others read them.
func Publishable(findings []NameFinding) []NameFinding {
	var withheld []string
	for _, f := range findings {
		for _, e := range f.Evidence {
			if e.Grade != "" {
				withheld = append(withheld, e.ID)
			}
		}
	}
	return WithoutEvidence(findings, withheld)
}

// Reserved is the answer to an approver whose name equals one he may not know of. It says who can decide, and nothing of
// the other: Refused "name-reserved".
func Reserved(name string) error {
	detail := "“" + name + "”不能由本单位批准：请报上级民政部门核对后由其批准，或另取名称"
	return fault.Refuse("name-reserved", detail, []fault.Finding{{
		Code: "name-reserved", Severity: fault.Block, Pointer: "/name", Detail: detail,
	}})
}
