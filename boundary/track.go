package boundary

import (
	"slices"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// TrackState is where the reading of a track (轨迹) stands.
type TrackState string

// The states.
const (
	TrackReceived         TrackState = "received"          // 已收下，待读取
	TrackReading          TrackState = "reading"           // 正在读取
	TrackHeld             TrackState = "held"              // 坐标系待人确认，不计入覆盖
	TrackMatched          TrackState = "matched"           // 已比对
	TrackUnreadable       TrackState = "unreadable"        // 读不出轨迹
	TrackRefusedDangerous TrackState = "refused-dangerous" // 文件有害，不读
	TrackFailed           TrackState = "failed"            // 系统出错
)

// TrackStates lists every state once, in order.
var TrackStates = []TrackState{TrackReceived, TrackReading, TrackHeld, TrackMatched, TrackUnreadable, TrackRefusedDangerous, TrackFailed}

var trackWords = map[TrackState]string{
	TrackReceived: "已收下", TrackReading: "正在读取", TrackHeld: "坐标系待确认", TrackMatched: "已比对", TrackUnreadable: "无法读取",
	TrackRefusedDangerous: "已拒绝读取", TrackFailed: "读取出错",
}

// Label is the state in Chinese.
func (s TrackState) Label() string { return trackWords[s] }

// Handed is a track as its state machine sees it.
type Handed struct {
	State TrackState
	Frame geo.Frame // that a person confirmed; empty where nobody did
	Own   bool      // the actor works on it: one of its office, or who handed it in by assignment
	Round *Round    // it belongs to; nil for none
}

// TrackAction is an action asked for.
type TrackAction struct {
	Name   string
	Frame  string // for confirm-frame: what its positions were recorded in
	Reason string
}

type trackStep struct {
	from   TrackState
	action string
	label  string
	needs  []string
}

// trackSteps are all steps that people take; each has the track read again. What a person says of the frame binds, so that
// no token may.
var trackSteps = []trackStep{
	{TrackHeld, "confirm-frame", "确认坐标系", []string{"frame", "reason"}},
	{TrackMatched, "confirm-frame", "更正坐标系", []string{"frame", "reason"}},
	{TrackHeld, "read-again", "重新读取比对", []string{"reason"}},
	{TrackMatched, "read-again", "重新读取比对", []string{"reason"}},
	{TrackUnreadable, "read-again", "重新读取比对", []string{"reason"}},
	{TrackFailed, "read-again", "重新读取比对", []string{"reason"}},
}

// recordedFrames are the frames in which devices and programs record positions.
var recordedFrames = []geo.Frame{geo.WGS84, geo.GCJ02, geo.BD09}

var trackKeepers = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}

// allows reports whether the actor may take the step, whatever the round.
func (s trackStep) allows(h Handed, a gazetteer.Actor) bool {
	return s.from == h.State && h.Own && a.System == "" && a.Has(trackKeepers...) && !(s.action == "confirm-frame" && a.Token)
}

// closed is the round in which nothing may change any more.
func (h Handed) closed() bool { return h.Round != nil && !h.Round.Editable() }

// OpenActions are the actions open to the actor, in the order of the table.
func (h Handed) OpenActions(a gazetteer.Actor) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range trackSteps {
		if s.allows(h, a) && !h.closed() {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the track after it, which is then to be read again.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state, "not-in-field" when its round
// takes no evidence; Forbidden "not-yours"; Malformed "reason-missing", "bad-frame".
func (h Handed) Apply(in TrackAction, a gazetteer.Actor) (Handed, error) {
	at := slices.IndexFunc(trackSteps, func(s trackStep) bool { return s.from == h.State && s.action == in.Name })
	if at < 0 {
		return h, fault.New(fault.Conflict, "action-not-open", "轨迹现为“%s”，不能办理“%s”：请刷新后再试", h.State.Label(), in.Name)
	}
	step := trackSteps[at]
	switch {
	case !step.allows(h, a):
		return h, fault.New(fault.Forbidden, "not-yours", "“%s”须由轨迹所属单位的经办、负责人或测绘人员本人登录办理", step.label)
	case h.closed():
		return h, fault.New(fault.Conflict, "not-in-field", "轨迹所属的联检现处于“%s”，不能再改证据", h.Round.State.Label())
	case in.Reason == "":
		return h, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", step.label)
	}
	if step.action == "confirm-frame" {
		frame, err := geo.ParseFrame(in.Frame)
		if frame == geo.CGCS2000 {
			frame = geo.WGS84
		}
		if err != nil || !slices.Contains(recordedFrames, frame) {
			return h, fault.New(fault.Malformed, "bad-frame", "坐标系 frame“%s”应为 4326（按原样）、gcj02（火星坐标）或 bd09（百度坐标）", in.Frame)
		}
		h.Frame = frame
	}
	h.State = TrackReceived
	return h, nil
}
