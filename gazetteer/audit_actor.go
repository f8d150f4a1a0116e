package gazetteer

import (
	"strings"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// auditors may have the record of their jurisdiction audited and set findings aside; the auditor reads.
var auditors = []Role{Clerk, Editor, Approver, Superior}

// MayReadAudits refuses who is not of a civil-affairs bureau or has no part in names: Forbidden "not-yours".
func MayReadAudits(a Actor) error {
	if a.OfficeKind == "civil-affairs" && a.Has(append([]Role{Auditor}, auditors...)...) {
		return nil
	}
	return fault.New(fault.Forbidden, "not-yours", "质量检查由民政部门的地名经办、编纂、审批和审计人员查看")
}

// MayAudit refuses who may not have an audit made, or set its findings aside: Forbidden "not-yours".
func MayAudit(a Actor) error {
	if a.OfficeKind == "civil-affairs" && a.Has(auditors...) {
		return nil
	}
	return fault.New(fault.Forbidden, "not-yours", "质量检查由民政部门的地名经办、编纂和审批人员办理")
}

// AuditsIn reports whether the actor may have a division audited.
func AuditsIn(a Actor, l Lineage, division uuid.UUID) bool {
	return MayAudit(a) == nil && l.Covers(a.Jurisdiction, division)
}

// The states of an audit.
const (
	AuditWaiting   = "waiting"
	AuditRunning   = "running"
	AuditDone      = "done"
	AuditCancelled = "cancelled"
	AuditFailed    = "failed"
)

// AuditActions are what the actor can do to an audit in a state.
func AuditActions(a Actor, state string) []OpenAction {
	if MayAudit(a) != nil || state != AuditWaiting && state != AuditRunning {
		return []OpenAction{}
	}
	return []OpenAction{{Name: "cancel", Label: "停止检查", Needs: []string{}}}
}

// FindingActions are what the actor can do to a finding that was looked at or not.
func FindingActions(a Actor, looked bool) []OpenAction {
	switch {
	case MayAudit(a) != nil:
		return []OpenAction{}
	case looked:
		return []OpenAction{{Name: "bring-back", Label: "重新列出", Needs: []string{}}}
	}
	return []OpenAction{{Name: "set-aside", Label: "已看过", Needs: []string{"reason"}}}
}

// CheckFindingAction refuses what cannot be done to a finding: Malformed "action-unknown", "reason-missing"; Conflict
// "finding-looked-at", "finding-not-looked-at".
func CheckFindingAction(action, reason string, looked bool) error {
	switch {
	case action != "set-aside" && action != "bring-back":
		return fault.New(fault.Malformed, "action-unknown", "没有“%s”这个动作：可用 set-aside（已看过）、bring-back（重新列出）", action)
	case action == "set-aside" && strings.TrimSpace(reason) == "":
		return fault.New(fault.Malformed, "reason-missing", "请写明看过之后为什么不必处理，供以后查阅")
	case action == "set-aside" && looked:
		return fault.New(fault.Conflict, "finding-looked-at", "这一条已经有人看过：请刷新")
	case action == "bring-back" && !looked:
		return fault.New(fault.Conflict, "finding-not-looked-at", "这一条没有标记为看过：请刷新")
	}
	return nil
}
