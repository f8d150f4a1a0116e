package boundary

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// WorkContent is what a record of work at a marker says.
type WorkContent struct {
	Kind        WorkKind    `json:"kind"`
	DoneOn      string      `json:"doneOn"`   // a day
	Measures    []string    `json:"measures"` // of upkeep, of a plan, and of what was restored
	Observed    []float64   `json:"observed"` // longitude, latitude, and height in metres where measured; nil when not
	SigmaM      *float64    `json:"sigmaM"`   // of the observed position
	Method      string      `json:"method"`   // phone, handheld, rtk or total-station
	Note        string      `json:"note"`     // what was found or done; how it was searched
	Photos      []uuid.UUID `json:"photos"`   // of the own office, of this line
	NoPhotos    string      `json:"noPhotos"` // why there are none
	DueOn       string      `json:"dueOn"`    // of a plan: the day by which
	CustodianID *uuid.UUID  `json:"custodianId"`
}

// The measures at a marker.
const (
	Clearing   = "clear"    // 清除 5 米内杂草、杂物
	Repainting = "repaint"  // 描红
	Righting   = "righting" // 扶正：是养护还是维修，由各级规定
	Repairing  = "repair"
	Reerecting = "re-erect" // 原位重立
	Replacing  = "replace"  // 原位更换
)

var (
	upkeepMeasures = []string{Clearing, Repainting, Righting}
	repairMeasures = []string{Repairing, Righting, Reerecting, Replacing}
	surveyMethods  = []string{"phone", "handheld", "rtk", "total-station"}
)

const (
	repairClause = "《行政区域界线管理条例》第六条、第十六条"
	maxObservedM = 10_000 // whoever observes it farther off has mistaken a number, the frame or the marker
	maxPhotos    = 50
)

// WorkFacts are what a record is held against.
type WorkFacts struct {
	Marker           MarkerState
	Registered       orb.Point
	RegisteredSigmaM float64     // 0 where not known
	Parties          []uuid.UUID // of every line the stone stands on: two, at a tripoint three
	RightingIsUpkeep bool        // as the rule for the level and jurisdiction of its line says
	PhotosFound      int         // of those named, how many are the office's own of this line
}

// JudgedWork is how the observed position lies to the registered one; zero without one.
type JudgedWork struct {
	ApartM, LimitM *float64
	Fit            Fit
}

// Judge measures the observed position against the registered one, which no observation moves.
func (c WorkContent) Judge(f WorkFacts) (j JudgedWork) {
	if len(c.Observed) < 2 || c.SigmaM == nil {
		return j
	}
	apart, limit := geo.DistanceM(f.Registered, orb.Point{c.Observed[0], c.Observed[1]}), MarkerLimitM(*c.SigmaM, f.RegisteredSigmaM)
	return JudgedWork{ApartM: &apart, LimitM: &limit, Fit: c.Kind.fit(apart, limit)}
}

// Check finds all that is wrong with a record made on the day.
func (c WorkContent) Check(f WorkFacts, today string) []fault.Finding {
	if c.Kind.Label() == "" {
		return []fault.Finding{fault.Blocking("work-kind", "/kind", "没有“%s”这种界桩维护记录", c.Kind)}
	}
	var found []fault.Finding
	if !dayBetween(c.DoneOn, earliestDay, today) {
		found = append(found, fault.Blocking("bad-day", "/doneOn", "日期“%s”不对：请写明查看或施工的日期，如 2026-11-24，不能晚于今天", c.DoneOn))
	}
	if c.Note == "" && slices.Contains([]WorkKind{FoundDamaged, FoundNothing, Planned, RestoredHere}, c.Kind) {
		found = append(found, fault.Blocking("note-missing", "/note", "%s", map[WorkKind]string{
			FoundDamaged: "请写明损坏的情况", FoundNothing: "请写明查找的经过：找了哪里、多大范围、问过谁", Planned: "请写明恢复的做法", RestoredHere: "请写明做了什么",
		}[c.Kind]))
	}
	found = append(found, c.checkPhotos(f)...)
	found = append(found, c.checkObserved(f)...)
	found = append(found, c.checkMeasures(f)...)
	if c.Kind == Planned {
		found = append(found, c.checkPlan(f)...)
	} else if c.DueOn != "" || c.CustodianID != nil {
		found = append(found, fault.Blocking("plan-only", "/dueOn", "完成期限和负责恢复的一方只写在恢复方案里"))
	}
	return found
}

func (c WorkContent) checkPhotos(f WorkFacts) []fault.Finding {
	switch {
	case len(c.Photos) > maxPhotos:
		return []fault.Finding{fault.Blocking("photos-many", "/photos", "照片有 %d 张，一份记录最多 %d 张", len(c.Photos), maxPhotos)}
	case f.PhotosFound < len(c.Photos):
		return []fault.Finding{fault.Blocking("photo-unknown", "/photos", "有 %d 张照片不是本单位在这条界线上提交的：请先上传，再在这里选用", len(c.Photos)-f.PhotosFound)}
	case c.Kind.pictured() && len(c.Photos) == 0 && c.NoPhotos == "":
		return []fault.Finding{fault.Blocking("photos-missing", "/photos", "“%s”须附现场照片；确实没有的，请写明原因", c.Kind.Label())}
	}
	return nil
}

func (c WorkContent) checkObserved(f WorkFacts) (found []fault.Finding) {
	if c.Observed == nil {
		if c.Kind.measured() {
			found = append(found, fault.Blocking("observed-missing", "/observed", "“%s”须有观测位置", c.Kind.Label()))
		}
		return found
	}
	switch n := len(c.Observed); {
	case n != 2 && n != 3:
		return []fault.Finding{fault.Blocking("bad-observed", "/observed", "观测位置应为 [经度, 纬度] 或 [经度, 纬度, 高程]")}
	case n == 3 && !(c.Observed[2] >= lowestM && c.Observed[2] <= highestM):
		found = append(found, fault.Blocking("bad-observed", "/observed", "高程 %g 米不在 %d 到 %d 米之间", c.Observed[2], lowestM, highestM))
	}
	at := orb.Point{c.Observed[0], c.Observed[1]}
	if err := geo.CheckLonLat(at); err != nil {
		return append(found, fault.Blocking("bad-observed", "/observed", "%s", sentence(err)))
	}
	if apart := geo.DistanceM(f.Registered, at); apart > maxObservedM {
		found = append(found, fault.Blocking("observed-far", "/observed", "观测位置距登记位置 %.1f 公里：请核对经纬度、坐标系和界桩号", apart/1000))
	}
	if c.SigmaM == nil || !(*c.SigmaM > 0 && *c.SigmaM <= 1000) {
		found = append(found, fault.Blocking("bad-sigma", "/sigmaM", "请写明观测中误差：0 到 1000 米之间的正数，例如手机 8、RTK 0.05"))
	}
	switch {
	case !slices.Contains(surveyMethods, c.Method):
		found = append(found, fault.Blocking("bad-method", "/method", "测量方法“%s”不对：可用 phone（手机）、handheld（手持机）、rtk、total-station（全站仪）", c.Method))
	case c.Kind.Together() && c.Method != "rtk" && c.Method != "total-station":
		found = append(found, fault.Blocking("bad-method", "/method", "“%s”须用 RTK 或全站仪测量：手机和手持机的误差盖过移位", c.Kind.Label()))
	}
	return found
}

// checkMeasures holds the measures against the kind. What needs the neighbour is no upkeep.
func (c WorkContent) checkMeasures(f WorkFacts) (found []fault.Finding) {
	var allowed []string
	switch c.Kind {
	case UpkeepDone:
		allowed = upkeepMeasures
	case Planned, RestoredHere:
		allowed = repairMeasures
	}
	if allowed != nil && len(c.Measures) == 0 {
		found = append(found, fault.Blocking("measures-missing", "/measures", "请选明措施：%v", allowed))
	}
	for i, m := range c.Measures {
		at := fmt.Sprintf("/measures/%d", i)
		switch {
		case c.Kind == UpkeepDone && (slices.Contains([]string{Repairing, Reerecting, Replacing}, m) || m == Righting && !f.RightingIsUpkeep):
			w := fault.Blocking("repair-is-no-upkeep", at, "“%s”是维修，不是日常养护：须由管理一方会同毗邻一方进行，请先商定恢复方案，再登记修复", m)
			w.Clause = repairClause
			found = append(found, w)
		case !slices.Contains(allowed, m):
			found = append(found, fault.Blocking("bad-measure", at, "“%s”不是“%s”的措施", m, c.Kind.Label()))
		}
	}
	return found
}

func (c WorkContent) checkPlan(f WorkFacts) (found []fault.Finding) {
	if !dayBetween(c.DueOn, max(c.DoneOn, earliestDay), "2999-12-31") {
		found = append(found, fault.Blocking("bad-day", "/dueOn", "完成期限“%s”不对：请写明年月日，不能早于方案日期", c.DueOn))
	}
	if c.CustodianID == nil || !slices.Contains(f.Parties, *c.CustodianID) {
		found = append(found, fault.Blocking("custodian-missing", "/custodianId", "请写明由界线哪一方负责恢复（界桩的管理方）"))
	}
	return found
}

// Digest is the digest of what a record says of a marker at its registered position: what a side confirms.
func (c WorkContent) Digest(marker uuid.UUID, f WorkFacts) (string, error) {
	return digestOf(struct {
		Marker     uuid.UUID
		Registered orb.Point
		Content    WorkContent
	}{marker, f.Registered, c})
}
