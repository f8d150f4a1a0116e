package boundary

import (
	"math"
	"slices"

	"fangyu/internal/fault"
)

// WorkKind is what was found or done at a marker (界桩维护).
type WorkKind string

// The kinds: four findings, what is measured together, the plan to restore, its being done, and upkeep.
const (
	FoundIntact  WorkKind = "intact"
	FoundDamaged WorkKind = "damaged"
	FoundNothing WorkKind = "not-found"
	FoundApart   WorkKind = "deviates" // it stands elsewhere than it is registered
	Remeasured   WorkKind = "remeasured"
	Planned      WorkKind = "plan"
	RestoredHere WorkKind = "restoration"
	UpkeepDone   WorkKind = "upkeep"
)

// WorkKinds lists every kind once.
var WorkKinds = []WorkKind{FoundIntact, FoundDamaged, FoundNothing, FoundApart, Remeasured, Planned, RestoredHere, UpkeepDone}

var workWords = map[WorkKind]string{
	FoundIntact: "查看完好", FoundDamaged: "发现损坏", FoundNothing: "查找未见", FoundApart: "发现位置偏离", Remeasured: "双方复测",
	Planned: "恢复方案", RestoredHere: "修复或重立", UpkeepDone: "日常养护",
}

// Label is the kind in Chinese.
func (k WorkKind) Label() string { return workWords[k] }

// Together reports whether both sides of the line, at a tripoint all of them, must stand behind the record.
func (k WorkKind) Together() bool {
	return slices.Contains([]WorkKind{Remeasured, Planned, RestoredHere}, k)
}

// measured reports whether the kind is nothing without an observed position.
func (k WorkKind) measured() bool {
	return slices.Contains([]WorkKind{FoundApart, Remeasured, RestoredHere}, k)
}

// pictured reports whether the kind wants photos, or a reason why there are none.
func (k WorkKind) pictured() bool {
	return slices.Contains([]WorkKind{FoundDamaged, FoundNothing, RestoredHere}, k)
}

var markerWords = map[MarkerState]string{
	Intact: "完好", Damaged: "损坏", Lost: "丢失", SuspectedMoved: "疑似移位", Moved: "移位", AwaitingRestoration: "待恢复", Restored: "已恢复", Retired: "报废",
}

// Label is the state in Chinese.
func (s MarkerState) Label() string { return markerWords[s] }

// Fit is how an observed position lies to the registered one.
type Fit string

// The fits.
const (
	Unmeasured Fit = ""
	Within     Fit = "within" // the limit
	Beyond     Fit = "beyond"
)

// MarkerLimitM is from where on an observed position differs from the registered one by more than both can err, in metres:
// 3·√(σ² + σ registered²). A registered σ that is not known (0) is that of a position plotted on a map of 1:50,000.
func MarkerLimitM(sigmaM, registeredM float64) float64 {
	if registeredM == 0 {
		registeredM = Parameters{}.Complete().MarkerSigmaM
	}
	return 3 * math.Hypot(sigmaM, registeredM)
}

// movedFloorM is less than what a stone moved by hand moves: a smaller deviation is no movement, however well it was measured.
const movedFloorM = 0.5

// fit judges an observed position of a kind of work that lies apart from the registered one.
func (k WorkKind) fit(apartM, limitM float64) Fit {
	if apartM <= limitM || k == Remeasured && apartM < movedFloorM {
		return Within
	}
	return Beyond
}

// markerStep is a row of the table of states: the work that leads from one to another, and how its position must lie.
type markerStep struct {
	from MarkerState
	work WorkKind
	fit  Fit // Unmeasured: however
	to   MarkerState
}

// markerSteps are all steps that work at a marker takes. Relocation, addition and retirement are cases of their own, see
// MarkerChange. 《行政区域界线管理条例》第六条.
var markerSteps = []markerStep{
	{Intact, FoundDamaged, Unmeasured, Damaged},
	{Intact, FoundNothing, Unmeasured, Lost},
	{Damaged, FoundNothing, Unmeasured, Lost},
	{Intact, FoundApart, Beyond, SuspectedMoved},
	{SuspectedMoved, Remeasured, Beyond, Moved},
	{SuspectedMoved, Remeasured, Within, Intact},
	{Damaged, Planned, Unmeasured, AwaitingRestoration},
	{Lost, Planned, Unmeasured, AwaitingRestoration},
	{Moved, Planned, Unmeasured, AwaitingRestoration},
	{AwaitingRestoration, RestoredHere, Within, Restored},
	{Restored, FoundIntact, Unmeasured, Intact},
}

// After is the state that work of a kind leads to, the state itself where it is merely put on record: a finding never is refused,
// because it is what somebody saw. ok is false for what cannot be done in this state.
func (s MarkerState) After(k WorkKind, fit Fit) (to MarkerState, ok bool) {
	for _, step := range markerSteps {
		if step.from == s && step.work == k && (step.fit == Unmeasured || step.fit == fit) {
			return step.to, true
		}
	}
	return s, s != Retired && !k.Together()
}

// OpenWork are the kinds of work that can be recorded at a marker in this state.
func (s MarkerState) OpenWork() []WorkKind {
	open := []WorkKind{}
	for _, k := range WorkKinds {
		_, within := s.After(k, Within)
		_, beyond := s.After(k, Beyond)
		if within || beyond {
			open = append(open, k)
		}
	}
	return open
}

// Takes returns nil when work of a kind can be recorded at a marker in this state.
//
// Errors: Conflict "marker-state", which says what comes first.
func (s MarkerState) Takes(k WorkKind, fit Fit) error {
	if _, ok := s.After(k, fit); !ok {
		return s.notOpen(k, fit)
	}
	return nil
}

// notOpen says why work of a kind cannot be done in the state, and what comes first.
func (s MarkerState) notOpen(k WorkKind, fit Fit) error {
	switch {
	case s == Retired:
		return fault.New(fault.Conflict, "marker-state", "界桩已经报废，不再办理“%s”", k.Label())
	case k == RestoredHere && s == AwaitingRestoration && fit == Beyond:
		return fault.New(fault.Conflict, "marker-state", "恢复后的位置与登记位置不合，还不是恢复：请按登记位置重立、再测")
	}
	return fault.New(fault.Conflict, "marker-state", "界桩现为“%s”，不能办理“%s”：%s", s.Label(), k.Label(), map[WorkKind]string{
		Remeasured: "双方复测是对疑似移位的界桩办的，请先登记发现的偏离", Planned: "恢复方案是对损坏、丢失或移位的界桩订的，请先登记查看结果",
		RestoredHere: "修复或重立须先由双方商定恢复方案",
	}[k])
}
