package boundary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// ChangeState is where the case of a change of a marker (界桩变动) stands.
type ChangeState string

// The states.
const (
	ChangeDraft     ChangeState = "draft"     // 草稿，只有本方可见
	ChangeApplied   ChangeState = "applied"   // 已提出，待各方同意
	ChangeAgreed    ChangeState = "agreed"    // 各方已同意，待上级同意
	ChangeApproved  ChangeState = "approved"  // 上级已同意，待共同测绘
	ChangeSurveyed  ChangeState = "surveyed"  // 已共同测绘，待设桩归档
	ChangePlaced    ChangeState = "placed"    // 已设桩填表归档，待备案
	ChangeFiled     ChangeState = "filed"     // 已备案，登记生效
	ChangeDeclined  ChangeState = "declined"  // 未获同意
	ChangeWithdrawn ChangeState = "withdrawn" // 已撤回，留在本方
)

// ChangeStates lists every state once, in order.
var ChangeStates = []ChangeState{
	ChangeDraft, ChangeApplied, ChangeAgreed, ChangeApproved, ChangeSurveyed, ChangePlaced, ChangeFiled, ChangeDeclined, ChangeWithdrawn,
}

var changeStateWords = map[ChangeState]string{
	ChangeDraft: "草稿", ChangeApplied: "待各方同意", ChangeAgreed: "待上级同意", ChangeApproved: "待共同测绘", ChangeSurveyed: "待设桩归档", ChangePlaced: "待备案",
	ChangeFiled: "已备案", ChangeDeclined: "未获同意", ChangeWithdrawn: "已撤回",
}

// Label is the state in Chinese.
func (s ChangeState) Label() string { return changeStateWords[s] }

// ChangeKind is what is to become of a marker.
type ChangeKind string

// The kinds.
const (
	Relocation ChangeKind = "relocation" // 移设
	Addition   ChangeKind = "addition"   // 增设
	Retirement ChangeKind = "retirement" // 报废
)

// ChangeKinds lists every kind once.
var ChangeKinds = []ChangeKind{Relocation, Addition, Retirement}

// Label is the kind in Chinese.
func (k ChangeKind) Label() string {
	return map[ChangeKind]string{Relocation: "移设", Addition: "增设", Retirement: "报废"}[k]
}

// ChangeContent is what a side applies for.
type ChangeContent struct {
	Kind      ChangeKind `json:"kind"`
	Applicant string     `json:"applicant"` // for whom: a developer; "" for the side itself
	Reason    string     `json:"reason"`
	Proposed  []float64  `json:"proposed"` // longitude, latitude, and height where known; nil for a retirement
	Number    string     `json:"number"`   // of an addition
	Stone     string     `json:"stone"`
	Type      string     `json:"type"` // of an addition: two-face or three-face
}

const changeClause = "《行政区域界线管理条例》第六条"

// farFromLineM is how far from its line no marker is set, in metres.
const farFromLineM = FarMarkerM

// Check finds all that is wrong with an application at a line of which the course is known.
func (c ChangeContent) Check(line *geo.Chain) (found []fault.Finding) {
	if c.Kind.Label() == "" {
		return []fault.Finding{fault.Blocking("change-kind", "/kind", "没有“%s”这种界桩变动：可用 relocation（移设）、addition（增设）、retirement（报废）", c.Kind)}
	}
	if c.Reason == "" {
		found = append(found, fault.Blocking("reason-missing", "/reason", "请写明%s的理由", c.Kind.Label()))
	}
	switch {
	case c.Kind == Retirement && c.Proposed != nil:
		found = append(found, fault.Blocking("bad-position", "/proposed", "报废的界桩没有新的位置"))
	case c.Kind != Retirement:
		found = append(found, checkPlace("/proposed", c.Proposed, line)...)
	}
	if c.Kind != Addition {
		return found
	}
	if c.Number == "" {
		found = append(found, fault.Blocking("number-missing", "/number", "请写明增设界桩的界桩号：顺序按里程，号可以不接续，用过的号不再使用"))
	}
	if faceWords[c.Type] == "" {
		found = append(found, fault.Blocking("record-faces", "/type", "界桩面型“%s”不对：可用 two-face（双面型）、three-face（三面型）", c.Type))
	}
	return found
}

// checkPlace judges where a marker is to stand or was surveyed.
func checkPlace(pointer string, at []float64, line *geo.Chain) []fault.Finding {
	if len(at) != 2 && len(at) != 3 {
		return []fault.Finding{fault.Blocking("bad-position", pointer, "请写明位置：[经度, 纬度] 或 [经度, 纬度, 高程]")}
	}
	if len(at) == 3 && !(at[2] >= lowestM && at[2] <= highestM) {
		return []fault.Finding{fault.Blocking("bad-position", pointer, "高程 %g 米不在 %d 到 %d 米之间", at[2], lowestM, highestM)}
	}
	p := orb.Point{at[0], at[1]}
	if err := geo.CheckLonLat(p); err != nil {
		return []fault.Finding{fault.Blocking("bad-position", pointer, "%s", sentence(err))}
	}
	if _, offM := line.Project(p); !(offM <= farFromLineM && offM >= -farFromLineM) {
		return []fault.Finding{fault.Blocking("far-from-line", pointer, "位置距界线 %.0f 米，超过 %d 米：界桩设在界线上或两侧，请核对经纬度和坐标系", max(offM, -offM), farFromLineM)}
	}
	return nil
}

// Digest is the digest of what is applied for: what a side agrees to.
func (c ChangeContent) Digest(marker, line uuid.UUID) (string, error) {
	return digestOf(struct {
		Marker, Line uuid.UUID
		Content      ChangeContent
	}{marker, line, c})
}

// ChangeSurvey is what both sides surveyed together.
type ChangeSurvey struct {
	Position   []float64 `json:"position"` // longitude, latitude and height above the 1985 datum where measured
	SigmaM     *float64  `json:"sigmaM"`
	Method     string    `json:"method"` // rtk or total-station
	SurveyedOn string    `json:"surveyedOn"`
}

// Check finds all that is wrong with a survey made by the day.
func (s ChangeSurvey) Check(line *geo.Chain, today string) []fault.Finding {
	found := checkPlace("/survey/position", s.Position, line)
	if s.SigmaM == nil || !(*s.SigmaM > 0 && *s.SigmaM < 10) {
		found = append(found, fault.Blocking("bad-sigma", "/survey/sigmaM", "请写明点位中误差：大于 0、小于 10 米"))
	}
	if s.Method != "rtk" && s.Method != "total-station" {
		found = append(found, fault.Blocking("bad-method", "/survey/method", "共同测绘须用 rtk 或 total-station（全站仪）"))
	}
	if !dayBetween(s.SurveyedOn, earliestDay, today) {
		found = append(found, fault.Blocking("bad-day", "/survey/surveyedOn", "测绘日期“%s”不对：请写成 2026-11-24，不能晚于今天", s.SurveyedOn))
	}
	return found
}

// Digest is the digest of a survey of a case: what a side confirms.
func (s ChangeSurvey) Digest(change uuid.UUID) (string, error) {
	return digestOf(struct {
		Change uuid.UUID
		Survey ChangeSurvey
	}{change, s})
}

func digestOf(said any) (string, error) {
	text, err := json.Marshal(said)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
