package boundary

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

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
	ChangeReturned  ChangeState = "returned"  // 退回提出的一方修改
)

// ChangeStates lists every state once, in order.
var ChangeStates = []ChangeState{
	ChangeDraft, ChangeApplied, ChangeAgreed, ChangeApproved, ChangeSurveyed, ChangePlaced, ChangeFiled, ChangeDeclined, ChangeWithdrawn, ChangeReturned,
}

var changeStateWords = map[ChangeState]string{
	ChangeDraft: "草稿", ChangeApplied: "待各方同意", ChangeAgreed: "待上级同意", ChangeApproved: "待共同测绘", ChangeSurveyed: "待设桩归档", ChangePlaced: "待备案",
	ChangeFiled: "已备案", ChangeDeclined: "未获同意", ChangeWithdrawn: "已撤回", ChangeReturned: "退回修改",
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
		return []fault.Finding{fault.Blocking("bad-position", pointer, "请写明位置的经度和纬度，按度填写；高程可以不写")}
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
	// Objects are the witness objects from the new place, on the 3° plane of its longitude; none where they were not measured.
	Objects []WitnessRecord `json:"objects"`
	// Again is what the other crew measured of them, which the first is held against; none where nobody did.
	Again []WitnessMeasured `json:"again"`
}

// Check finds all that is wrong with a survey made by the day.
func (s ChangeSurvey) Check(line *geo.Chain, today string) []fault.Finding {
	found := checkPlace("/survey/position", s.Position, line)
	placed := len(found) == 0
	if s.SigmaM == nil || !(*s.SigmaM > 0 && *s.SigmaM < 10) {
		found = append(found, fault.Blocking("bad-sigma", "/survey/sigmaM", "请写明点位中误差：大于 0、小于 10 米"))
	}
	if surveyWords[s.Method] == "" {
		found = append(found, fault.Blocking("bad-method", "/survey/method", "共同测绘须用 rtk 或 total-station（全站仪）"))
	}
	if !dayBetween(s.SurveyedOn, earliestDay, today) {
		found = append(found, fault.Blocking("bad-day", "/survey/surveyedOn", "测绘日期“%s”不对：请写成 2026-11-24，不能晚于今天", s.SurveyedOn))
	}
	if !placed {
		return found
	}
	return append(found, s.checkWitnesses()...)
}

var surveyWords = map[string]string{"rtk": "RTK", "total-station": "全站仪"}

// checkWitnesses judges the witness objects as a record does, and by least squares what the two crews measured of them: where the
// second did not stand where the first stood, or saw something else, one of them is wrong.
func (s ChangeSurvey) checkWitnesses() (found []fault.Finding) {
	if len(s.Objects) == 0 {
		if len(s.Again) > 0 {
			found = append(found, fault.Blocking("record-witness", "/survey/again", "写了复测，没有方位物：请先写明方位物"))
		}
		return found
	}
	record := MarkerRecord{Objects: s.Objects}
	for _, f := range record.checkWitnesses() {
		f.Pointer = "/survey" + f.Pointer
		if f.Severity == fault.Block {
			found = append(found, f)
		}
	}
	if len(found) > 0 || len(s.Again) == 0 {
		return found
	}
	result, err := record.CheckWitnesses(orb.Point{s.Position[0], s.Position[1]}, "", s.Again)
	switch {
	case err != nil:
		found = append(found, fault.Blocking("record-witness", "/survey/again", "%s", sentence(err)))
	case result.Cause != MarkerInPlace:
		found = append(found, fault.Blocking("witness-disagree", "/survey/again", "双方测得的方位物不一致：%s请核对后重新测量", result.Detail))
	}
	return found
}

// Record is the version of a marker's record that the survey makes, of one that was registered before with these words: what the
// former says of its surroundings and its witness objects is of the former place. The plane is the 3° one of the new longitude.
//
// Errors as [geo.ZoneFrame] and [geo.Frame.FromCGCS2000].
func (s ChangeSurvey) Record(was MarkerRecord) (MarkerRecord, error) {
	r := MarkerRecord{
		Placement: cmp.Or(was.Placement, "single"), Faces: was.Faces, Material: was.Material, UnitA: was.UnitA, UnitB: was.UnitB, CustodianID: was.CustodianID,
		SigmaM: s.SigmaM, Method: surveyWords[s.Method], SurveyedOn: s.SurveyedOn, Objects: s.Objects,
	}
	if len(s.Position) == 3 {
		r.ElevationM, r.HeightDatum = &s.Position[2], "1985"
	}
	at := orb.Point{s.Position[0], s.Position[1]}
	frame, err := geo.ZoneFrame(at[0])
	if err != nil {
		return r, err
	}
	east, north, err := frame.FromCGCS2000(at)
	if err != nil {
		return r, err
	}
	epsg, err := strconv.Atoi(string(frame))
	r.Plane = &PlanePosition{EPSG: epsg, XM: toMillimetre(north), YM: toMillimetre(east)}
	return r, err
}

// toMillimetre rounds as records give plane coordinates.
func toMillimetre(m float64) float64 { return math.Round(m*1000) / 1000 }

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
