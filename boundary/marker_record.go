package boundary

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// MarkerRecord is one version of what the record of a marker (界桩登记表) says beside its position.
type MarkerRecord struct {
	Placement   Placement       `json:"placement"`
	Faces       string          `json:"faces"`    // two-face or three-face
	Material    string          `json:"material"` // stone, concrete, metal, composite, or in words; "" where not known
	Location    string          `json:"location"` // 位置说明; composed from the four below where it is empty
	UnitA       string          `json:"unitA"`    // from the province down to the village
	UnitB       string          `json:"unitB"`
	Feature     string          `json:"feature"`
	Side        string          `json:"side"`
	Plane       *PlanePosition  `json:"plane"` // nil where the record gives none
	ElevationM  *float64        `json:"elevationM"`
	HeightDatum string          `json:"heightDatum"` // 1985, 1956 or other; "" without a height
	Method      string          `json:"method"`
	SigmaM      *float64        `json:"sigmaM"`
	SurveyedOn  string          `json:"surveyedOn"` // a day; "" where not known
	Surveyor    string          `json:"surveyor"`   // office and post
	Checker     string          `json:"checker"`
	CustodianID *uuid.UUID      `json:"custodianId"` // the managing party
	OldPosition string          `json:"oldPosition"` // in an older datum, verbatim
	Remark      string          `json:"remark"`
	Objects     []WitnessRecord `json:"objects"`
}

// PlanePosition is a position on a Gauss–Krüger plane of CGCS2000, in metres.
type PlanePosition struct {
	EPSG int     `json:"epsg"`
	XM   float64 `json:"xM"` // to the north
	YM   float64 `json:"yM"` // to the east, with the zone number where the plane has it
}

// Frame is the plane.
func (p PlanePosition) Frame() geo.Frame { return geo.Frame(fmt.Sprint(p.EPSG)) }

// WitnessRecord is a witness object as a record gives it.
type WitnessRecord struct {
	Name           string  `json:"name"`
	BearingMinutes int     `json:"bearingMinutes"` // 坐标方位角 in minutes of arc: 227°10′ is 13630
	DistanceM      float64 `json:"distanceM"`      // to 0.1 m
}

// Object is the witness object. Errors as [NewWitnessObject].
func (w WitnessRecord) Object() (WitnessObject, error) {
	return NewWitnessObject(w.Name, geo.GridBearing(float64(w.BearingMinutes)/60), w.DistanceM)
}

// RegisteredMarker is what is registered of a marker, which no record changes.
type RegisteredMarker struct {
	Number     MarkerNumber
	Type       string // its faces
	At         orb.Point
	ElevationM *float64 // above the 1985 datum; nil where unknown
}

// KeepsMarkerRecords reports whether the actor, whose office has the standing at the line, registers records of its markers.
func KeepsMarkerRecords(a gazetteer.Actor, s Standing) bool {
	return s == Party && a.Has(gazetteer.PartyOfficer, gazetteer.PartyLeader) || s == Above && a.Has(gazetteer.Superior)
}

// The limits of records.
const (
	recordApartM  = 0.01  // a plane position farther than this from the registered one contradicts it
	recordLikeM   = 10    // nearer than this to it when read another way, that way is proposed
	recordHeightM = 0.1   // heights farther apart are remarked on
	height1956M   = 0.029 // what a height of 1956 is more than one of 1985
	fewWitnesses  = 3
	nearWitnessM  = 2 // a bearing to something nearer shows little
	lineNearM     = 5 // a marker farther from the line stands on a bank: no line leaves it
	lineAheadM    = 20
	lowestM       = -500
	highestM      = 9000
)

// Of the height datums, the words as they stand in texts; "other" is named in the remark.
var heightDatums = map[string]string{"1985": "1985 国家高程基准", "1956": "1956 年黄海高程系", "other": "其他高程基准"}

// HeightDatumLabel is the name of a height datum in Chinese; "" for none.
func HeightDatumLabel(datum string) string { return heightDatums[datum] }

// Check judges a version against what is registered of the marker, on a day. Findings (Block where not said otherwise):
//
//   - "record-placement" for an unknown placement, or one that the letter of the stone contradicts;
//   - "record-faces", a Warning where the registered type is another;
//   - "record-plane" for a frame that is no plane of CGCS2000, and for numbers that fit when read another way: swapped, in
//     another zone, with or without the zone number; "record-position" for numbers more than a centimetre from the
//     registered position; "record-zone" (Warning) for a plane of another zone than the marker's;
//   - "record-height" for a height out of range or without its datum, a Warning where it differs from the registered one;
//   - "record-sigma", "record-day", "record-witness" for what cannot be; numbers of an older datum are kept as given and not judged;
//   - "witness-few", "witness-near", "witness-twice" (Warning); "witness-rounded" (Info).
func (r MarkerRecord) Check(m RegisteredMarker, today string) []fault.Finding {
	found := r.checkForm(m)
	if r.Plane != nil {
		found = append(found, r.Plane.check(m.At)...)
	}
	found = append(found, r.checkHeight(m)...)
	if r.SigmaM != nil && !(*r.SigmaM > 0 && *r.SigmaM < 1000) {
		found = append(found, fault.Blocking("record-sigma", "/sigmaM", "点位中误差 %v 米不对：应大于 0、小于 1000 米", *r.SigmaM))
	}
	if r.SurveyedOn != "" {
		if _, err := time.Parse(time.DateOnly, r.SurveyedOn); err != nil {
			found = append(found, fault.Blocking("record-day", "/surveyedOn", "测量日期“%s”不是年-月-日，例如 2026-11-01", r.SurveyedOn))
		} else if r.SurveyedOn > today {
			found = append(found, fault.Blocking("record-day", "/surveyedOn", "测量日期 %s 还没有到：请核对", r.SurveyedOn))
		}
	}
	return append(found, r.checkWitnesses()...)
}

func warning(code, pointer, format string, args ...any) fault.Finding {
	f := fault.Blocking(code, pointer, format, args...)
	f.Severity = fault.Warning
	return f
}

func (r MarkerRecord) checkForm(m RegisteredMarker) (found []fault.Finding) {
	byLetter := m.Number.Placement()
	switch {
	case r.Placement.Label() == "":
		found = append(found, fault.Blocking("record-placement", "/placement", "设立形式“%s”不对：可用 single（单立）、pair（同号双立）、triple（同号三立）", r.Placement))
	case byLetter != "" && byLetter != r.Placement:
		f := fault.Blocking("record-placement", "/placement", "界桩号 %s 的字母 %s 表示%s，登记表却写%s：请核对", m.Number.Full(), m.Number.Stone, byLetter.Label(), r.Placement.Label())
		f.Clause = "GB/T 17796"
		found = append(found, f)
	}
	switch {
	case faceWords[r.Faces] == "":
		found = append(found, fault.Blocking("record-faces", "/faces", "界桩面型“%s”不对：可用 two-face（双面型）、three-face（三面型）", r.Faces))
	case m.Type != "" && m.Type != r.Faces:
		found = append(found, warning("record-faces", "/faces", "登记表写%s型，界桩登记的是%s型：请核对", faceWords[r.Faces], faceWords[m.Type]))
	}
	return found
}

// check judges the plane coordinates of a marker registered at a position.
func (p PlanePosition) check(at orb.Point) []fault.Finding {
	f := p.Frame()
	if _, _, ok := f.CentralMeridian(); !ok {
		return []fault.Finding{fault.Blocking("record-plane", "/plane/epsg",
			"EPSG:%d 不是 CGCS2000 高斯—克吕格平面：可用 4491–4554，例如 4545（三度带，中央经线 108°，不带带号）；旧坐标系的坐标请原样填入“旧坐标”", p.EPSG)}
	}
	if !(math.Abs(p.XM) < 1e8 && math.Abs(p.YM) < 1e8) {
		return []fault.Finding{fault.Blocking("record-plane", "/plane/xM", "X %v、Y %v 不是以米为单位的平面坐标：请核对小数点", p.XM, p.YM)}
	}
	east, north, err := f.FromCGCS2000(at)
	if err != nil {
		return []fault.Finding{fault.Blocking("record-plane", "/plane/epsg", "界桩（%s）不在 EPSG:%d 的平面之内：请核对带号", LonLatText(at), p.EPSG)}
	}
	if apart := math.Hypot(p.YM-east, p.XM-north); !(apart <= recordApartM) {
		return []fault.Finding{p.explain(at, east, north, apart)}
	}
	return zoneFinding(f, at)
}

// explain says how coordinates that contradict the registered position should be read, or by how much they do.
func (p PlanePosition) explain(at orb.Point, east, north, apart float64) fault.Finding {
	if math.Hypot(p.XM-east, p.YM-north) <= recordLikeM {
		return fault.Blocking("record-plane", "/plane/xM", "X 与 Y 填反了：X 是纵坐标（向北），Y 是横坐标（向东），请对调")
	}
	for _, f := range slices.Backward(geo.Frames()) { // 3° planes first
		if _, _, plane := f.CentralMeridian(); !plane {
			continue
		}
		e, n, err := f.FromCGCS2000(at)
		if err != nil || math.Hypot(e-east, n-north) < recordLikeM { // the same numbers: 3° and 6° zones share meridians
			continue
		}
		if math.Hypot(p.YM-e, p.XM-n) <= recordLikeM {
			return fault.Blocking("record-plane", "/plane/epsg", "X、Y 不在所选平面（%s）上，而在另一平面（%s）上：请核对所选平面和 Y 前的带号", planeName(p.Frame()), planeName(f))
		}
		if math.Hypot(p.XM-e, p.YM-n) <= recordLikeM {
			return fault.Blocking("record-plane", "/plane/epsg", "X 与 Y 填反了，平面也不是所选的（%s）而是 %s：请对调并核对带号", planeName(p.Frame()), planeName(f))
		}
	}
	f := fault.Blocking("record-position", "/plane/xM",
		"X、Y 与界桩的登记位置相差 %.2f 米，超过 %.2f 米：登记位置在这个平面上是 X %.3f，Y %.3f。登记位置只能经双方商定、备案的移位改变，请核对坐标",
		apart, recordApartM, north, east)
	f.Clause = "《行政区域界线管理条例》第六条"
	return f
}

// planeName names a plane: EPSG:4545，中央经线 108°，不带带号.
func planeName(f geo.Frame) string {
	meridian, zone, _ := f.CentralMeridian()
	if zone == 0 {
		return fmt.Sprintf("EPSG:%s，中央经线 %v°，不带带号", f, meridian)
	}
	return fmt.Sprintf("EPSG:%s，中央经线 %v°，带号 %d", f, meridian, zone)
}

// zoneFinding remarks on a plane of another zone than the one a position lies in.
func zoneFinding(f geo.Frame, at orb.Point) []fault.Finding {
	three, err := geo.ZoneOf(at[0], 3)
	if err != nil {
		return nil
	}
	six, err := geo.ZoneOf(at[0], 6)
	if err != nil || slices.Contains([]geo.Frame{three.Plain, three.Prefixed, six.Plain, six.Prefixed}, f) {
		return nil
	}
	return []fault.Finding{warning("record-zone", "/plane/epsg",
		"界桩在东经 %s，属三度带第 %d 带（中央经线 %v°）；所选的是邻带（%s），变形较大：协议统一用一个带的不必改",
		geo.FormatDMS(at[0], 0), three.Number, three.Meridian, planeName(f))}
}

func (r MarkerRecord) checkHeight(m RegisteredMarker) []fault.Finding {
	if r.ElevationM == nil {
		if r.HeightDatum != "" {
			return []fault.Finding{fault.Blocking("record-height", "/elevationM", "写了高程基准，没有高程：请补上高程，或不选高程基准")}
		}
		return nil
	}
	h := *r.ElevationM
	switch {
	case heightDatums[r.HeightDatum] == "":
		return []fault.Finding{fault.Blocking("record-height", "/heightDatum", "高程 %v 米没有高程基准：请选 1985（1985 国家高程基准）、1956（1956 年黄海高程系）或 other（其他）", h)}
	case !(h >= lowestM && h <= highestM):
		return []fault.Finding{fault.Blocking("record-height", "/elevationM", "高程 %v 米不在 %d 到 %d 米之间：请核对", h, lowestM, highestM)}
	case m.ElevationM == nil || r.HeightDatum == "other":
		return nil
	case r.HeightDatum == "1956":
		h -= height1956M
	}
	if apart := math.Abs(h - *m.ElevationM); apart > recordHeightM {
		return []fault.Finding{warning("record-height", "/elevationM", "高程与界桩登记的 %.2f 米（1985 国家高程基准）相差 %.2f 米：请核对", *m.ElevationM, apart)}
	}
	return nil
}

func (r MarkerRecord) checkWitnesses() (found []fault.Finding) {
	if len(r.Objects) > maxObjects {
		return []fault.Finding{fault.Blocking("record-witness", "/objects", "方位物有 %d 个，最多登记 %d 个", len(r.Objects), maxObjects)}
	}
	if len(r.Objects) < fewWitnesses {
		found = append(found, warning("witness-few", "/objects", "方位物有 %d 个，一般不少于 %d 个：少了以后查不出界桩是否移动", len(r.Objects), fewWitnesses))
	}
	seen := map[string]bool{}
	for i, w := range r.Objects {
		at := fmt.Sprintf("/objects/%d", i)
		object, err := w.Object()
		switch {
		case err != nil:
			found = append(found, fault.Blocking("record-witness", at, "第 %d 个方位物：%s", i+1, sentence(err)))
			continue
		case object.DistanceM < nearWitnessM:
			found = append(found, warning("witness-near", at+"/distanceM", "方位物“%s”距界桩只有 %.1f 米：太近，方位角说明不了什么，宜另选较远的", object.Name, object.DistanceM))
		}
		if math.Abs(object.DistanceM-w.DistanceM) > 1e-6 {
			f := warning("witness-rounded", at+"/distanceM", "方位物“%s”的距离 %v 米按 %.1f 米登记：登记表读到 0.1 米", object.Name, w.DistanceM, object.DistanceM)
			f.Severity = fault.Info
			found = append(found, f)
		}
		if seen[object.Name] {
			found = append(found, warning("witness-twice", at+"/name", "有两个方位物都叫“%s”：请写出区别，例如“石桥东北角”“石桥西南角”", object.Name))
		}
		seen[object.Name] = true
	}
	return found
}

// sentence is what an error says to people.
func sentence(err error) string {
	if f, ok := err.(*fault.Error); ok {
		return f.Detail
	}
	return err.Error()
}

// Witnesses are the objects of a record that [MarkerRecord.Check] let through.
func (r MarkerRecord) Witnesses() []WitnessObject {
	objects := make([]WitnessObject, 0, len(r.Objects))
	for _, w := range r.Objects {
		if o, err := w.Object(); err == nil {
			objects = append(objects, o)
		}
	}
	return objects
}

// Described is where the marker stands: in the words given, else composed by [DescribeMarker].
func (r MarkerRecord) Described(m RegisteredMarker) string {
	if text := strings.TrimSpace(r.Location); text != "" {
		return text
	}
	return DescribeMarker(MarkerText{
		Number: m.Number, Face: r.Faces, Material: r.Material, UnitA: r.UnitA, UnitB: r.UnitB, Feature: r.Feature, Side: r.Side,
		At: m.At, ElevationM: r.ElevationM, HeightDatum: HeightDatumLabel(r.HeightDatum), Objects: r.Witnesses(),
	})
}

// BearingFrame is the plane to which the bearings of a record refer: its own, else the nearest 3° plane of the position.
//
// Errors as [geo.ZoneFrame].
func (r MarkerRecord) BearingFrame(at orb.Point) (geo.Frame, error) {
	if r.Plane != nil {
		return r.Plane.Frame(), nil
	}
	return geo.ZoneFrame(at[0])
}

// LineBearings are the grid bearings in which a line leaves a marker that stands on it, backward first; none where it stands
// beside it, as pairs on the banks of a river do.
func LineBearings(line *geo.Chain, at orb.Point, f geo.Frame) []geo.GridBearing {
	m, offM := line.Project(at)
	if math.Abs(offM) > lineNearM {
		return nil
	}
	var bearings []geo.GridBearing
	for _, to := range []float64{m - lineAheadM, m + lineAheadM} {
		if to < 0 || to > line.LengthM() {
			continue
		}
		next := line.At(to)
		if geo.DistanceM(at, next) > 2*lineAheadM { // another part of the line
			continue
		}
		if b, _, err := f.GridBearing(at, next); err == nil {
			bearings = append(bearings, b)
		}
	}
	return bearings
}

// WitnessMeasured is a witness object of the record, by its number from 1, as it was measured again.
type WitnessMeasured struct {
	N              int     `json:"n"`
	BearingMinutes float64 `json:"bearingMinutes"`
	DistanceM      float64 `json:"distanceM"`
}

// CheckWitnesses tells from objects measured again, with bearings on the plane f, whether the marker at a position or an
// object of the record moved; see [CheckWitnessObjects].
//
// Errors: Malformed "witness-unknown" for a number the record does not have or that is given twice; those of
// [WitnessObject.See], [geo.Frame.GridAt] and [MarkerRecord.BearingFrame].
func (r MarkerRecord) CheckWitnesses(at orb.Point, f geo.Frame, again []WitnessMeasured) (WitnessResult, error) {
	own, err := r.BearingFrame(at)
	if err != nil {
		return WitnessResult{}, err
	}
	there, err := own.GridAt(at)
	if err != nil {
		return WitnessResult{}, err
	}
	here, err := cmp.Or(f, own).GridAt(at)
	if err != nil {
		return WitnessResult{}, err
	}
	var seen []WitnessSeen
	for _, o := range r.Witnesses() {
		seen = append(seen, WitnessSeen{WitnessObject: o})
	}
	for _, a := range again {
		if a.N < 1 || a.N > len(seen) || seen[a.N-1].Seen != nil {
			return WitnessResult{}, fault.New(fault.Malformed, "witness-unknown", "没有第 %d 个方位物，或写了两次：登记表有 %d 个", a.N, len(seen))
		}
		measured, err := seen[a.N-1].See(geo.GridBearing(a.BearingMinutes/60), a.DistanceM)
		if err != nil {
			return WitnessResult{}, err
		}
		if f != "" && f != own { // from its north to that of the record
			measured.Seen.Bearing = there.Bearing(here.Azimuth(measured.Seen.Bearing))
		}
		seen[a.N-1] = measured
	}
	return CheckWitnessObjects(seen, WitnessParameters{Convergence: there.Convergence}), nil
}
