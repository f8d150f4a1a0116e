package fault

import (
	"fmt"
	"slices"
)

// Severity is how much a finding weighs. The zero value is Pass.
type Severity string

// The severities, lightest first.
const (
	Pass    Severity = ""
	Info    Severity = "info"
	Warning Severity = "warning"
	Review  Severity = "review"
	Block   Severity = "block"
)

// Severities lists every severity from the lightest to the heaviest.
var Severities = []Severity{Pass, Info, Warning, Review, Block}

var severityWords = map[Severity]string{Pass: "通过", Info: "说明", Warning: "提醒", Review: "须审核", Block: "禁止"}

// Label is the severity in Chinese, as the pages write it.
func (s Severity) Label() string { return severityWords[s] }

// rank orders severities; an unknown one weighs as Block, so that a typing error never lets something through.
func (s Severity) rank() int {
	for i, t := range Severities {
		if s == t {
			return i
		}
	}
	return len(Severities)
}

// Finding is one thing found wrong or worth knowing, in the one shape every check answers with.
type Finding struct {
	Code     string     `json:"code"`
	Severity Severity   `json:"severity"`
	Detail   string     `json:"detail"`             // a Chinese sentence: what, where, how to mend it
	Clause   string     `json:"clause,omitempty"`   // the clause it rests on
	Pointer  string     `json:"pointer,omitempty"`  // JSON pointer to the field, or "line 12" of a file
	Evidence []Evidence `json:"evidence,omitempty"` // the records that prove it
}

// Evidence names a record a finding rests on.
type Evidence struct {
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	DistanceM *float64 `json:"distanceM,omitempty"` // ellipsoidal metres from the subject, where both have a position
	Within    string   `json:"within,omitempty"`    // where it lies, in words, where names alone would not tell records apart
	Grade     string   `json:"grade,omitempty"`     // internal or secret, told to those who may know the record; "" for a public one
}

// Blocking is a finding that forbids: what is wrong with the field that the JSON pointer names.
func Blocking(code, pointer, format string, args ...any) Finding {
	return Finding{Code: code, Severity: Block, Pointer: pointer, Detail: fmt.Sprintf(format, args...)}
}

func (f Finding) String() string {
	where := ""
	if f.Pointer != "" {
		where = " (" + f.Pointer + ")"
	}
	return fmt.Sprintf("[%s] %s%s: %s", f.Severity, f.Code, where, f.Detail)
}

// Worst returns the heaviest severity among the findings, Pass when there are none.
func Worst(findings []Finding) Severity {
	worst := Pass
	for _, f := range findings {
		if f.Severity.rank() > worst.rank() {
			worst = f.Severity
		}
	}
	return worst
}

// GravestFirst returns the findings with the heaviest first, those of one severity in the order in which they came.
func GravestFirst(findings []Finding) []Finding {
	return slices.SortedStableFunc(slices.Values(findings), ByGravity)
}

// ByGravity orders two findings, the heavier first: negative where a is.
func ByGravity(a, b Finding) int { return b.Severity.rank() - a.Severity.rank() }

// Verdict is Worst as the word the outside reads: "pass" when nothing was found.
func Verdict(findings []Finding) string {
	if w := Worst(findings); w != Pass {
		return string(w)
	}
	return "pass"
}
