package boundary

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Assignment (任务) entrusts somebody with field work at a line on behalf of an office: a contractor's surveyor with
// stretches of it, or a keeper with markers. It gives no right to sign.
type Assignment struct {
	OfficeID  uuid.UUID   // the bureau that commissioned it, whose everything is that comes of it
	Seat      []uuid.UUID // that bureau, those whose place it took, and those that took its place
	AccountID uuid.UUID
	LineID    uuid.UUID
	Role      gazetteer.Role // Surveyor or Keeper
	Ranges    []Range        // none: the whole line
	Markers   []uuid.UUID    // none: every marker within Ranges
	From, To  string         // days; To is the first day on which it no longer runs
	EndedAt   *time.Time     // ended before its time
}

// Range is a stretch of a line by chainage in metres.
type Range struct {
	FromM float64 `json:"fromM"`
	ToM   float64 `json:"toM"`
}

// AssignmentState is where an assignment stands on a day.
type AssignmentState string

// The states.
const (
	AssignmentUpcoming AssignmentState = "upcoming" // 未开始
	AssignmentRunning  AssignmentState = "running"  // 进行中
	AssignmentEnded    AssignmentState = "ended"    // 已结束
)

// AssignmentRoles are what somebody can be assigned as.
var AssignmentRoles = []gazetteer.Role{gazetteer.Surveyor, gazetteer.Keeper}

// State is where the assignment stands on the day.
func (a Assignment) State(day string) AssignmentState {
	switch {
	case a.EndedAt != nil || a.To <= day:
		return AssignmentEnded
	case day < a.From:
		return AssignmentUpcoming
	}
	return AssignmentRunning
}

// Entrusts reports whether the actor works under the assignment at the line on the day.
func (a Assignment) Entrusts(who gazetteer.Actor, line uuid.UUID, day string) bool {
	return who.System == "" && who.AccountID != uuid.Nil && who.AccountID == a.AccountID && line == a.LineID &&
		slices.Contains(who.Roles, a.Role) && a.State(day) == AssignmentRunning
}

// For reports whether the work is for an office: for the bureau that commissioned it, or for another of its seat, under
// which a round may stand recorded.
func (a Assignment) For(office uuid.UUID) bool {
	return office != uuid.Nil && (office == a.OfficeID || slices.Contains(a.Seat, office))
}

// CoversMarker reports whether a marker of the line, at its chainage in metres, is part of the assignment.
func (a Assignment) CoversMarker(marker uuid.UUID, chainageM float64) bool {
	if len(a.Markers) > 0 {
		return slices.Contains(a.Markers, marker)
	}
	return len(a.Ranges) == 0 || slices.ContainsFunc(a.Ranges, func(r Range) bool { return r.FromM <= chainageM && chainageM <= r.ToM })
}

// CoversStretch reports whether a stretch of the line between two chainages, metres, is part of the assignment: of a
// surveyor's, to whom the line or a range that holds the stretch was given.
func (a Assignment) CoversStretch(fromM, toM float64) bool {
	if a.Role != gazetteer.Surveyor || len(a.Markers) > 0 && len(a.Ranges) == 0 {
		return false
	}
	return len(a.Ranges) == 0 || slices.ContainsFunc(a.Ranges, func(r Range) bool { return r.FromM <= fromM && toM <= r.ToM })
}

// SideIn is the side of a round that the work is for, uuid.Nil when it is for neither.
func (a Assignment) SideIn(r Round) uuid.UUID {
	for _, side := range []uuid.UUID{r.Lead, r.Cooperating} {
		if a.For(side) {
			return side
		}
	}
	return uuid.Nil
}

// deskRoles are those that see what their whole office has of a line.
var deskRoles = []gazetteer.Role{
	gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Superior, gazetteer.ApprovalAuthority, gazetteer.Surveyor,
	gazetteer.Archivist, gazetteer.Auditor,
}

// ByAssignment reports whether the actor works at lines by assignment only: who belongs to a contractor, and who is a
// keeper and nothing more at lines. The function acting_by_assignment of the schema says the same.
func ByAssignment(a gazetteer.Actor) bool {
	if a.System != "" || a.AccountID == uuid.Nil {
		return false
	}
	return a.OfficeKind == "contractor" || slices.Contains(a.Roles, gazetteer.Keeper) && !a.Has(deskRoles...)
}

// Assignee is somebody to be assigned.
type Assignee struct {
	AccountID  uuid.UUID
	OfficeID   uuid.UUID
	OfficeKind string
	Roles      []gazetteer.Role
}

// fits reports whether somebody of that office can be assigned as the role by another.
func (a Assignee) fits(role gazetteer.Role, by uuid.UUID) bool {
	if role == gazetteer.Surveyor {
		return a.OfficeKind == "contractor"
	}
	return a.OfficeKind == "contractor" || a.OfficeKind == "township-government" || a.OfficeID == by
}

// Suits reports whether somebody can be given the assignment by his role and office.
func (a Assignment) Suits(who Assignee) bool { return len(a.checkAssignee(who)) == 0 }

// longestAssignment is in years.
const longestAssignment = 5

// Check finds what is wrong with an assignment to be made on the day: at whom, where and when. lengthM is the line's
// length in metres, markers are those of the line.
func (a Assignment) Check(who Assignee, lengthM float64, markers []uuid.UUID, day string) []fault.Finding {
	found := a.checkAssignee(who)
	for i, r := range a.Ranges {
		if !(r.FromM >= 0 && r.FromM < r.ToM && r.ToM <= lengthM) {
			found = append(found, fault.Blocking("bad-range", fmt.Sprintf("/ranges/%d", i),
				"里程 %.0f 至 %.0f 米不对：起点应小于终点，都在界线全长 %.0f 米之内", r.FromM, r.ToM, lengthM))
		}
	}
	for i, m := range a.Markers {
		if !slices.Contains(markers, m) {
			found = append(found, fault.Blocking("marker-unknown", fmt.Sprintf("/markers/%d", i), "这条界线上没有这个界桩"))
		}
	}
	if a.Role == gazetteer.Keeper && len(a.Markers) == 0 {
		found = append(found, fault.Blocking("markers-missing", "/markers", "管护任务须写明管护哪些界桩"))
	}
	return append(found, a.checkSpan(day)...)
}

func (a Assignment) checkAssignee(who Assignee) []fault.Finding {
	switch {
	case !slices.Contains(AssignmentRoles, a.Role):
		return []fault.Finding{fault.Blocking("bad-role", "/role", "任务的职责“%s”不对：可用 surveyor（测绘作业）、keeper（管护员）", a.Role)}
	case !slices.Contains(who.Roles, a.Role):
		return []fault.Finding{fault.Blocking("role-missing", "/account", "此人没有相应的职责，请先由其单位的管理员授予")}
	case !who.fits(a.Role, a.OfficeID):
		return []fault.Finding{fault.Blocking("not-assignable", "/account",
			"测绘任务只能交给作业单位的测绘人员，管护任务只能交给作业单位、乡镇政府或本单位的管护员")}
	}
	return nil
}

func (a Assignment) checkSpan(day string) []fault.Finding {
	from, err := time.Parse(time.DateOnly, a.From)
	if err != nil {
		return []fault.Finding{fault.Blocking("bad-day", "/validFrom", "开始日期“%s”不是日期：请写成 2026-11-24", a.From)}
	}
	to, err := time.Parse(time.DateOnly, a.To)
	if err != nil {
		return []fault.Finding{fault.Blocking("bad-day", "/validTo", "结束日期“%s”不是日期：请写成 2026-11-24", a.To)}
	}
	switch {
	case !from.Before(to):
		return []fault.Finding{fault.Blocking("bad-span", "/validTo", "结束日期须晚于开始日期；结束日期当天任务已不再进行")}
	case a.To <= day:
		return []fault.Finding{fault.Blocking("bad-span", "/validTo", "结束日期 %s 已经过去", a.To)}
	case to.After(from.AddDate(longestAssignment, 0, 0)):
		return []fault.Finding{fault.Blocking("bad-span", "/validTo", "一项任务最长 %d 年，到期可另行安排", longestAssignment)}
	}
	return nil
}

// commissioners may assign work of their office's lines.
var commissioners = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader}

// MayCommission reports whether the actor, with that standing at a line, may assign work at it.
func MayCommission(a gazetteer.Actor, s Standing) bool {
	return a.System == "" && s == Party && a.Has(commissioners...)
}

// ReadBy reports whether the actor may read the assignment on the day: whoever keeps lines in the office that
// commissioned it, the bureau above both parties, and until it ends the one assigned.
func (a Assignment) ReadBy(who gazetteer.Actor, s Standing, day string) bool {
	switch {
	case who.System != "":
		return true
	case who.AccountID != uuid.Nil && who.AccountID == a.AccountID && a.State(day) != AssignmentEnded:
		return true
	case ByAssignment(who):
		return false
	case who.IsOf(a.OfficeID):
		return who.Has(deskRoles...)
	}
	return s == Above && who.Has(gazetteer.Superior, gazetteer.Auditor)
}

// OpenActions are the actions open to the actor on the day.
func (a Assignment) OpenActions(who gazetteer.Actor, day string) []gazetteer.OpenAction {
	if a.mayEnd(who, day) != nil {
		return []gazetteer.OpenAction{}
	}
	return []gazetteer.OpenAction{{Name: "end", Label: "结束任务", Needs: []string{"reason"}}}
}

func (a Assignment) mayEnd(who gazetteer.Actor, day string) error {
	if a.State(day) == AssignmentEnded {
		return fault.New(fault.Conflict, "action-not-open", "任务已经结束：请刷新后再试")
	}
	if who.System != "" || ByAssignment(who) || !who.IsOf(a.OfficeID) || !who.Has(commissioners...) {
		return fault.New(fault.Forbidden, "not-yours", "只有委托单位的界线经办或负责人可以结束任务")
	}
	return nil
}

// AssignmentAction is an action asked for; the only one is end.
type AssignmentAction struct {
	Name   string
	Reason string
}

// Apply takes the action and returns the assignment after it. From then on who was assigned sees nothing of it.
//
// Errors: Conflict "action-not-open" for another action, and when it has ended; Forbidden "not-yours"; Malformed
// "reason-missing".
func (a Assignment) Apply(in AssignmentAction, who gazetteer.Actor, at time.Time, day string) (Assignment, error) {
	if in.Name != "end" {
		return a, fault.New(fault.Conflict, "action-not-open", "任务没有“%s”这个办理事项", in.Name)
	}
	if err := a.mayEnd(who, day); err != nil {
		return a, err
	}
	if in.Reason == "" {
		return a, fault.New(fault.Malformed, "reason-missing", "请写明结束任务的理由")
	}
	a.EndedAt = &at
	return a, nil
}
