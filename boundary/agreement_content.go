package boundary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// MarkKinds are what marks a line on the ground along a segment (《行政区域界线管理条例》第五条).
var MarkKinds = []string{"ridge", "river-centre", "river-bank", "valley", "road", "straight", "other"}

// OriginalDatums are the frames in which agreements give their coordinates. They are kept as they stand and never
// transformed: there is no exact transformation of the older ones.
var OriginalDatums = []string{"cgcs2000", "xian80", "beijing54", "other"}

// LineSegment (界线段) is a stretch of a line between two points: what marks the line there, and how well it is known.
type LineSegment struct {
	FromM          float64  `json:"fromM"` // chainage
	ToM            float64  `json:"toM"`   // of the last one may be 0 in what is handed in: to the end of the line
	MarkKind       string   `json:"markKind"`
	FollowsFeature string   `json:"followsFeature"` // the named ridge, river or road; "" for none
	AccuracyM      *float64 `json:"accuracyM"`      // nil: not known
	Description    string   `json:"description"`
}

// AgreementContent is what an agreement says of a line.
type AgreementContent struct {
	Geometry            orb.MultiLineString `json:"-"` // CGCS2000; nil: that of today's version
	DepartsAtMostM      *float64            `json:"departsAtMostM"`
	Course              string              `json:"course"` // 走向说明
	PublishedLengthM    *float64            `json:"publishedLengthM"`
	PublishedSource     string              `json:"publishedSource"`
	OriginalDatum       string              `json:"originalDatum"` // "" for none
	OriginalProjection  string              `json:"originalProjection"`
	OriginalCoordinates string              `json:"originalCoordinates"` // verbatim
	Segments            []LineSegment       `json:"segments"`
	SnapEnds            bool                `json:"snapEnds,omitempty"`   // put ends on what they meet within the tolerance
	MovesNodes          []MovedNode         `json:"movesNodes,omitempty"` // with the agreements on the other lines that meet there
	Settles             []uuid.UUID         `json:"settles,omitempty"`    // the open disputes that end by it
}

// The limits of an agreement.
const (
	MaxCourseVertices    = 50_000
	maxCourseParts       = 500
	MaxLineSegments      = 1000
	NearLineM            = 50      // a line that lies farther from the one it replaces has to say so
	maxDepartureM        = 100_000 // and farther than this it is another line
	segmentToleranceM    = 0.01
	departureStepM       = 100 // between the places where the distance of two lines is taken, besides their vertices
	departureSamples     = 20_000
	clauseOfCourse       = "《行政区域界线管理条例》第五条、第九条"
	clauseOfFixedGround  = "《行政区域界线管理条例》第二条"
	maxSegmentAccuracyM  = 10_000
	maxPublishedLengthKm = 100_000
)

// SettledContent is content as it is recorded: its geometry runs as the line does, its segments reach the end.
type SettledContent struct {
	AgreementContent
	Given    bool    // the geometry was handed in, not taken from today's version
	LengthM  float64 // geodesic
	DepartsM float64 // how far geometry and today's version lie from each other at most
	Snapped  []SnappedEnd
}

// Settle checks what an agreement says against today's version of its line and completes it: geometry that was handed in is
// joined and directed as the line runs, and its ends are held to what they meet. Everything wrong is among the findings, and then
// the content is worth nothing.
func (c AgreementContent) Settle(today orb.MultiLineString, meetings Meetings) (SettledContent, []fault.Finding) {
	out := SettledContent{AgreementContent: c, Given: c.Geometry != nil, Snapped: []SnappedEnd{}}
	out.MovesNodes = c.settledMoves(meetings.Nodes)
	former, err := geo.NewChain(today)
	if err != nil {
		return out, []fault.Finding{fault.Blocking("line-empty", "/lineId", "这条界线的现有图形没有长度，不能在上面订协议")}
	}
	found := c.checkWords()
	chain := former
	out.Geometry = today
	if out.Given {
		if f := checkCourse(c.Geometry); f != nil {
			return out, append(found, *f)
		}
		out.Geometry = Along(former, c.Geometry)
	}
	held := c.hold(today, out.Geometry, meetings)
	found = append(found, held.found...)
	handedInM := geo.LengthM(out.Geometry)
	if out.SnapEnds = false; len(held.snapped) > 0 {
		if f := checkCourse(held.course); f != nil {
			return out, append(found, *f)
		}
		out.Given, out.Snapped = true, held.snapped
	}
	if out.Given {
		out.Geometry = held.course
		if chain, err = geo.NewChain(out.Geometry); err != nil {
			return out, append(found, fault.Blocking("line-empty", "/geometry", "图形没有长度：至少要有两个不同的点"))
		}
		far, at := farthest(chain, out.Geometry, former, today)
		out.DepartsM = far
		found = append(found, c.checkDeparture(far, at)...)
	}
	out.LengthM = chain.LengthM()
	out.Segments = append([]LineSegment{}, c.Segments...)
	if n := len(out.Segments); n > 0 && (out.Segments[n-1].ToM == 0 || math.Abs(out.Segments[n-1].ToM-handedInM) <= segmentToleranceM && len(out.Snapped) > 0) {
		out.Segments[n-1].ToM = out.LengthM
	}
	return out, append(found, checkSegments(out.Segments, out.LengthM)...)
}

// checkCourse returns what is wrong with a geometry that was handed in, nil for nothing.
func checkCourse(g orb.MultiLineString) *fault.Finding {
	if len(g) > maxCourseParts {
		f := fault.Blocking("too-many-parts", "/geometry", "图形有 %d 段，最多 %d 段：首尾相接的请先连成一条", len(g), maxCourseParts)
		return &f
	}
	n := 0
	for _, part := range g {
		n += len(part)
		for i, p := range part {
			if err := geo.CheckLonLat(p); err != nil {
				f := fault.Blocking("bad-position", "/geometry", "第 %d 个点：%s", i+1, detailOf(err))
				return &f
			}
		}
	}
	if n > MaxCourseVertices {
		f := fault.Blocking("too-many-vertices", "/geometry", "图形有 %d 个点，最多 %d 个：请先抽稀", n, MaxCourseVertices)
		return &f
	}
	var f fault.Finding
	switch how, at := geo.SelfCrossing(g); how {
	case geo.Apart:
		return nil
	case geo.Cross:
		f = fault.Blocking("self-intersection", "/geometry", "图形在（%.7f, %.7f）处与自身相交：界线不能穿过自己，请改正", at[0], at[1])
	case geo.Overlap:
		f = fault.Blocking("self-intersection", "/geometry", "图形从（%.7f, %.7f）起有一段与自身重合：同一段只画一次，请改正", at[0], at[1])
	default:
		f = fault.Blocking("too-tangled", "/geometry", "图形太乱，看不出是否与自身相交：请核对各点的次序，先抽稀")
	}
	return &f
}

// detailOf is the sentence of a fault, or the error's own words.
func detailOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Detail
	}
	return err.Error()
}

func (c AgreementContent) checkDeparture(far float64, at orb.Point) []fault.Finding {
	where := fmt.Sprintf("%.6f, %.6f", at[0], at[1])
	switch most := c.DepartsAtMostM; {
	case far > maxDepartureM:
		return []fault.Finding{fault.Blocking("another-line", "/geometry", "图形在 %s 处离现有界线 %.0f 公里：请核对是不是这条界线、坐标是不是 CGCS2000", where, far/1000)}
	case most == nil && far > NearLineM:
		f := fault.Blocking("departs", "/departsAtMostM", "图形在 %s 处离现有界线 %.1f 米，超过 %d 米：确实改线的，请写明最多偏离多少米（departsAtMostM）", where, far, NearLineM)
		f.Clause = clauseOfFixedGround
		return []fault.Finding{f}
	case most != nil && (*most < 0 || far > *most):
		f := fault.Blocking("departs", "/departsAtMostM", "图形在 %s 处离现有界线 %.1f 米，多于所写的 %.1f 米：请核对图形，或改写偏离", where, far, *most)
		f.Clause = clauseOfFixedGround
		return []fault.Finding{f}
	}
	return nil
}

// checkWords finds what is wrong with everything but geometry and segments.
func (c AgreementContent) checkWords() (found []fault.Finding) {
	wrong := func(code, pointer, format string, args ...any) {
		found = append(found, fault.Blocking(code, pointer, format, args...))
	}
	if strings.TrimSpace(c.Course) == "" {
		wrong("course-missing", "/course", "请写明界线的走向说明")
	}
	if l := c.PublishedLengthM; l != nil && !(*l > 0 && *l <= maxPublishedLengthKm*1000) {
		wrong("bad-length", "/publishedLengthM", "公布长度应是大于 0 的米数，收到 %v", *l)
	}
	if (c.PublishedLengthM != nil) != (c.PublishedSource != "") {
		wrong("bad-length", "/publishedSource", "公布长度要和它的出处一起写，或都不写")
	}
	if c.OriginalDatum != "" && !slices.Contains(OriginalDatums, c.OriginalDatum) {
		wrong("bad-datum", "/originalDatum", "不认识坐标系“%s”：可用 cgcs2000、xian80、beijing54、other", c.OriginalDatum)
	}
	if c.OriginalDatum == "" && (c.OriginalCoordinates != "" || c.OriginalProjection != "") {
		wrong("bad-datum", "/originalDatum", "写了原协议的坐标或投影，请写明它的坐标系")
	}
	if c.OriginalDatum == "other" && c.OriginalProjection == "" {
		wrong("projection-missing", "/originalProjection", "坐标系为其他的，请写明是什么坐标系和投影")
	}
	return found
}

// checkSegments finds what is wrong with segments: they follow each other from 0 to the end of the line, to the centimetre.
func checkSegments(segments []LineSegment, lengthM float64) (found []fault.Finding) {
	wrong := func(i int, code, field, format string, args ...any) {
		f := fault.Blocking(code, fmt.Sprintf("/segments/%d/%s", i, field), "第 %d 段"+format, append([]any{i + 1}, args...)...)
		f.Clause = clauseOfCourse
		found = append(found, f)
	}
	switch {
	case len(segments) == 0:
		return []fault.Finding{fault.Blocking("segments-missing", "/segments", "请逐段写明界线的标志：从里程 0 到 %.2f 米，至少一段", lengthM)}
	case len(segments) > MaxLineSegments:
		return []fault.Finding{fault.Blocking("too-many-segments", "/segments", "有 %d 段，最多 %d 段", len(segments), MaxLineSegments)}
	}
	before := 0.0
	for i, s := range segments {
		switch {
		case math.IsNaN(s.FromM) || math.IsNaN(s.ToM) || s.FromM >= s.ToM:
			wrong(i, "bad-range", "toM", "的起点 %.2f 米应小于终点 %.2f 米", s.FromM, s.ToM)
		case s.FromM < 0:
			wrong(i, "bad-range", "fromM", "从 %v 米开始：里程从 0 起，不能小于 0", s.FromM)
		case s.FromM > before+segmentToleranceM:
			wrong(i, "segment-gap", "fromM", "从 %.2f 米开始，前面只到 %.2f 米：中间的 %.2f 米没有说明，请接上", s.FromM, before, s.FromM-before)
		case s.FromM < before-segmentToleranceM:
			wrong(i, "segment-overlap", "fromM", "从 %.2f 米开始，前面已到 %.2f 米：重叠 %.2f 米，请分开", s.FromM, before, before-s.FromM)
		}
		if s.ToM > lengthM+segmentToleranceM {
			wrong(i, "segment-beyond", "toM", "到 %.2f 米，超出界线全长 %.2f 米", s.ToM, lengthM)
		}
		if !slices.Contains(MarkKinds, s.MarkKind) {
			wrong(i, "bad-mark", "markKind", "的标志“%s”不对：可用 ridge、river-centre、river-bank、valley、road、straight、other", s.MarkKind)
		}
		if a := s.AccuracyM; a != nil && !(*a > 0 && *a <= maxSegmentAccuracyM) {
			wrong(i, "bad-accuracy", "accuracyM", "的精度应是大于 0、不超过 %d 的米数，收到 %v", maxSegmentAccuracyM, *a)
		}
		if s.ToM > before {
			before = s.ToM
		}
	}
	if before < lengthM-segmentToleranceM {
		wrong(len(segments)-1, "segment-gap", "toM", "是最后一段，只到 %.2f 米，界线全长 %.2f 米：还差 %.2f 米", before, lengthM, lengthM-before)
	}
	return found
}

// Along joins the parts of a geometry and directs them as the former line runs, so that left and right stay what they are.
func Along(former *geo.Chain, g orb.MultiLineString) orb.MultiLineString {
	parts := Orient(Join(g))
	open := 0
	for open < len(parts) && !closed(parts[open]) {
		open++
	}
	if open == 0 {
		return parts
	}
	last := parts[open-1]
	start, _ := former.Project(parts[0][0])
	end, _ := former.Project(last[len(last)-1])
	if start <= end {
		return parts
	}
	turned := make(orb.MultiLineString, 0, len(parts))
	for i := open - 1; i >= 0; i-- {
		turned = append(turned, reversed(parts[i]))
	}
	return append(turned, parts[open:]...)
}

// farthest returns how far two lines lie from each other at most, in metres, and where: the distance of every vertex, and of
// every 100 m along both, from the other line.
func farthest(a *geo.Chain, ga orb.MultiLineString, b *geo.Chain, gb orb.MultiLineString) (farM float64, at orb.Point) {
	from := func(line *geo.Chain, p orb.Point) {
		if _, d := line.Project(p); math.Abs(d) > farM {
			farM, at = math.Abs(d), p
		}
	}
	for _, side := range []struct {
		line, other *geo.Chain
		geometry    orb.MultiLineString
	}{{a, b, ga}, {b, a, gb}} {
		for _, part := range side.geometry {
			for _, p := range part {
				from(side.other, p)
			}
		}
		n := min(departureSamples, int(side.line.LengthM()/departureStepM)+1)
		for _, s := range side.line.Samples(n) {
			from(side.other, s.At)
		}
	}
	return farM, at
}

// Digest is the digest of what an agreement says on a line, over the version it replaces: what a side confirms.
func (c SettledContent) Digest(line, over uuid.UUID) (string, error) {
	text, err := json.Marshal(struct {
		Line, Over uuid.UUID
		Geometry   orb.MultiLineString
		Content    AgreementContent
		Snapped    []SnappedEnd `json:",omitempty"`
	}{line, over, c.Geometry, c.AgreementContent, c.Snapped})
	if err != nil {
		return "", fmt.Errorf("digest the agreement: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
