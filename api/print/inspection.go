package print

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/internal/beijing"
)

// Inspection is everything on the report of a joint inspection (联检报告).
type Inspection struct {
	Report          boundary.Report
	State           boundary.InspectionState
	SHA256          string // of the report's canonical bytes; empty while nothing is compiled
	Signatures      []boundary.Signature
	Line            orb.MultiLineString // CGCS2000 degrees, in the direction of its chainage
	Right, Left     string              // what lies on either side of the line in that direction; empty where it is not known
	Markers         []MarkerAt
	Notice          string // 示意，不作为划界依据, for a line without agreement, approval and publication
	Source          string // of the line's geometry
	AsOf            string // its day
	Entered         bool   // the day is that on which it was entered: the source gives none
	MapReviewNumber string // 审图号
	PrintedAt       time.Time
}

// MarkerAt is a marker drawn on the map.
type MarkerAt struct {
	Number, Stone string
	At            orb.Point
}

//go:embed inspection.html
var inspectionHTML string

var inspectionPage = template.Must(template.New("inspection").Funcs(template.FuncMap{
	"km": kilometres, "m": metres, "share": percent, "word": word, "day": day, "instant": instant, "add1": func(i int) int { return i + 1 },
	"offset": offset, "length": length, "ends": ends, "span": span,
}).Parse(inspectionHTML))

// WriteInspection writes the report as a page.
func WriteInspection(w io.Writer, in Inspection) error {
	picture, err := lineMap(in)
	if err != nil {
		return fmt.Errorf("draw the line: %w", err)
	}
	return inspectionPage.Execute(w, struct {
		Inspection
		Map   template.HTML
		Sides [2]side
	}{in, picture, [2]side{in.side(in.Report.Lead), in.side(in.Report.Cooperating)}})
}

// side is a party with its signatures, void ones included.
type side struct {
	Office     string
	Signatures []boundary.Signature
}

func (in Inspection) side(office boundary.OfficeRef) side {
	s := side{Office: office.Name}
	for _, signature := range in.Signatures {
		if signature.OfficeID == office.ID {
			s.Signatures = append(s.Signatures, signature)
		}
	}
	return s
}

func length(i boundary.Interval) template.HTML { return metres(i.ToM - i.FromM) }

// figure writes a number with its exact value beside the words for people.
func figure(exact float64, shown string) template.HTML {
	return template.HTML(`<data value="` + strconv.FormatFloat(exact, 'f', -1, 64) + `">` + shown + `</data>`)
}

func kilometres(m float64) template.HTML {
	return figure(m, strconv.FormatFloat(m/1000, 'f', 3, 64)+" 公里")
}

func metres(m float64) template.HTML { return figure(m, strconv.FormatFloat(m, 'f', 1, 64)+" 米") }

// offset is a signed distance across the line: + is right of it.
func offset(m float64) template.HTML {
	side := "右"
	if m < 0 {
		side = "左"
	}
	return figure(m, side+" "+strconv.FormatFloat(max(m, -m), 'f', 1, 64)+" 米")
}

func percent(share float64) template.HTML {
	return figure(share, strconv.FormatFloat(share*100, 'f', 2, 64)+"%")
}

func day(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return t.Format("2006年1月2日")
}

func instant(t time.Time) string { return t.In(beijing.Zone).Format("2006年1月2日 15:04") }

// words are the Chinese of the words in the report.
var words = map[string]string{
	"province": "省级", "county": "县级", "township": "乡级",
	"reference": "示意（未经勘定）", "in-demarcation": "勘界中", "disputed": "有争议", "signed": "已签协议", "in-force": "已勘定",
	"under-change": "变更中", "superseded": "已废止",
	"intact": "完好", "damaged": "损坏", "lost": "丢失", "buried": "掩埋", "not-reached": "未到达", "tilted": "倾斜", "illegible": "字迹不清",
	"differing": "双方不一致", "unchecked": "未检查",
	"visited": "到位", "passed": "经过", "missed": "未到", "not-found": "未找到", "suspected-moved": "疑似移位", "moved": "移位",
	"awaiting-restoration": "待恢复", "restored": "已恢复", "retired": "报废",
	"walked": "实地踏勘", "viewed": "远处目视", "imagery": "影像查看", "not-checked": "未检查",
	"phone": "手机", "handheld": "手持机", "rtk": "RTK", "total-station": "全站仪",
	"cliff": "悬崖陡坡", "river": "河流水面", "military": "军事管理区", "forest": "密林", "other": "其他",
}

// ends names a segment by the markers at its ends.
func ends(s boundary.SegmentWalks) string {
	from, to := "起点", "终点"
	if s.From != "" {
		from = s.From
	}
	if s.To != "" {
		to = s.To
	}
	return from + " 至 " + to
}

// span is when a segment was walked: a day and two times of day, or two instants.
func span(w boundary.SegmentWalk) string {
	if w.StartedAt == nil || w.EndedAt == nil {
		return "轨迹没有时间"
	}
	from, to := w.StartedAt.In(beijing.Zone), w.EndedAt.In(beijing.Zone)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return instant(from) + "–" + to.Format("15:04")
	}
	return instant(from) + "–" + instant(to)
}

// word translates a word of the report; "" stays a dash.
func word(w any) string {
	text := fmt.Sprint(w)
	if text == "" {
		return "—"
	}
	if said, ok := words[text]; ok {
		return said
	}
	return text
}
