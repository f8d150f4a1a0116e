package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/geo/track"
	"fangyu/internal/fault"
)

type trackCommand struct {
	Check trackCheckCommand `cmd:"" help:"检查轨迹文件 Say how files can be read"`
	Match trackMatchCommand `cmd:"" help:"与界线比对 Match tracks to a line"`

	Recompute trackRecomputeCommand `cmd:"" help:"重算已记录的比对结果，核对是否一致 Work recorded results out anew and compare"`
}

type trackCheckCommand struct {
	JSON  bool     `help:"输出 JSON"`
	Files []string `arg:"" type:"path"`
}

// trackEnd is the first or last point of a track.
type trackEnd struct {
	Lon        float64    `json:"lon"`
	Lat        float64    `json:"lat"`
	ElevationM *float64   `json:"elevationM"`
	Time       *time.Time `json:"time"`
}

type trackChecked struct {
	File      string       `json:"file"`
	Format    string       `json:"format"`
	State     track.State  `json:"state"`
	Segments  int          `json:"segments"`
	Points    int          `json:"points"`
	Waypoints int          `json:"waypoints"`
	First     *trackEnd    `json:"first"`
	Last      *trackEnd    `json:"last"`
	BBox      []float64    `json:"bbox"`
	Notes     []track.Note `json:"notes"`
}

// Run reads each file and says what is in it; it needs no database.
func (c *trackCheckCommand) Run(e *env) error {
	checked := make([]trackChecked, 0, len(c.Files))
	refused := false
	for _, path := range c.Files {
		t, err := readTrack(path)
		if err != nil {
			t = unopened(err) // the others are read all the same
		}
		checked = append(checked, checkedOf(path, t))
		refused = refused || unusable(t)
	}
	if c.JSON {
		if err := printJSON(e.out, checked); err != nil {
			return err
		}
	} else {
		for _, t := range checked {
			fmt.Fprintf(e.out, "%s：%s，%d 段 %d 点 %d 航点\n", t.File, strings.TrimSpace(t.Format+" "+t.State.Label()), t.Segments, t.Points, t.Waypoints)
			for _, n := range t.Notes {
				fmt.Fprintf(e.out, "  %s\n", noteText(n))
			}
		}
	}
	if refused {
		return errFound
	}
	return nil
}

// noteText is a note for people, with its place where it has one.
func noteText(n track.Note) string {
	text := fmt.Sprintf("[%s] ", n.Severity.Label())
	if n.Line > 0 {
		text += fmt.Sprintf("第 %d 行：", n.Line)
	}
	text += n.Detail
	if n.Count > 1 {
		text += fmt.Sprintf("（共 %d 处）", n.Count)
	}
	return text
}

func unusable(t *track.Track) bool {
	return t.State == track.Unreadable || t.State == track.RefusedDangerous || t.State == track.Empty
}

// unopened is a file of which nothing could be read, and why.
func unopened(err error) *track.Track {
	said := fault.Finding{Code: "file-unread", Severity: fault.Block, Detail: err.Error()}
	var known *fault.Error
	if errors.As(err, &known) {
		said.Code, said.Detail = known.Code, known.Detail
	}
	return &track.Track{State: track.Unreadable, Notes: []track.Note{{Finding: said}}}
}

func readTrack(path string) (*track.Track, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件 %s：请确认文件存在且可读", path)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fault.New(fault.Malformed, "file-folder", "%s 是文件夹：请给出里面的文件，例如 %s", path, filepath.Join(path, "*.gpx"))
	}
	t, err := track.Read(filepath.Base(path), f)
	if err == nil {
		t.Check(time.Now())
	}
	return t, err
}

func checkedOf(path string, t *track.Track) trackChecked {
	out := trackChecked{
		File: path, Format: t.Format, State: t.State, Segments: len(t.Segments), Points: t.NumPoints(), Waypoints: len(t.Waypoints), Notes: t.Notes,
	}
	if out.Notes == nil {
		out.Notes = []track.Note{}
	}
	if first, last, ok := t.Ends(); ok {
		out.First, out.Last = endOf(first), endOf(last)
	}
	if b, ok := t.Bound(); ok {
		out.BBox = []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	return out
}

func endOf(p track.Point) *trackEnd {
	end := &trackEnd{Lon: p.Lon, Lat: p.Lat}
	if !math.IsNaN(p.ElevationM) {
		end.ElevationM = &p.ElevationM
	}
	if !p.Time.IsZero() {
		end.Time = &p.Time
	}
	return end
}

type trackMatchCommand struct {
	Line       string   `help:"界线文件，恰有一条线 A file with exactly one line" required:"" type:"path"`
	Level      string   `help:"级别 provincial, county, township" default:"county" enum:"provincial,county,township"`
	Receiver   string   `help:"接收设备 Receiver: phone, handheld, gnss-single, gnss-float, gnss-fixed" default:"phone" enum:"phone,handheld,gnss-single,gnss-float,gnss-fixed"`
	SigmaM     float64  `help:"点位中误差（米） Standard deviation of a position"`
	ToleranceM float64  `help:"容差（米） Tolerance; default from level and receiver"`
	Markers    string   `help:"界桩文件 A file of markers" type:"path"`
	Frame      string   `help:"已核实的轨迹坐标系 The frame that the tracks are known to be in: 4326, gcj02, bd09"`
	Photos     []string `name:"photo" help:"同一次上交的照片，可重复 A photo of the same submission, repeatable" type:"path" sep:"none"`
	JSON       bool     `help:"输出 JSON"`
	Files      []string `arg:"" type:"path"`
}

// Run matches tracks to a line on files alone.
func (c *trackMatchCommand) Run(e *env) error {
	level, err := boundary.ParseLevel(c.Level)
	if err != nil {
		return err
	}
	line, err := readLine(c.Line)
	if err != nil {
		return err
	}
	markers, err := readMarkers(c.Markers)
	if err != nil {
		return err
	}
	var frame geo.Frame
	if c.Frame != "" {
		if frame, err = geo.ParseFrame(c.Frame); err != nil {
			return err
		}
	}
	photos, err := readPhotos(c.Photos)
	if err != nil {
		return err
	}
	var tracks []boundary.MatchTrack
	var unread []string // why, for people
	refused := false
	for _, path := range c.Files {
		t, err := readTrack(path)
		if err != nil {
			return err
		}
		flags := map[string]int{}
		for _, n := range t.Notes {
			flags[n.Code] = n.Count
		}
		if unusable(t) {
			refused = true
			for _, n := range t.Notes {
				unread = append(unread, fmt.Sprintf("  %s %s，不计入：%s\n", path, t.State.Label(), noteText(n)))
			}
		}
		tracks = append(tracks, boundary.MatchTrack{File: path, Segments: t.Segments, Waypoints: t.Waypoints, Flags: flags, Frame: frame, Photos: photos})
	}
	r := boundary.Match(line, markers, tracks, nil, boundary.Parameters{
		Level: level, Receiver: boundary.Receiver(c.Receiver), SigmaM: c.SigmaM, ToleranceM: c.ToleranceM,
	})
	if c.JSON {
		err = printJSON(e.out, r)
	} else if err = printMatch(e.out, &r); err == nil {
		fmt.Fprint(e.out, strings.Join(unread, ""))
		err = printPhotos(e.out, photos, markers)
	}
	if err == nil && refused {
		err = errFound
	}
	return err
}

// printMatch prints a match for people.
func printMatch(out io.Writer, r *boundary.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "界线长 %.1f 米，容差 %.1f 米，走到 %.1f 米，覆盖率 %.1f%%（T/2 %.1f%%，2T %.1f%%，走廊 %.1f%%）\n",
		r.LineLengthM, r.ToleranceM, r.WalkedM, 100*r.Coverage, 100*r.CoverageHalfT, 100*r.CoverageTwiceT, 100*r.CorridorCoverage)
	for _, i := range r.Intervals {
		fmt.Fprintf(&b, "  %.0f–%.0f 米 %s\n", i.FromM, i.ToM, i.Class.Label())
	}
	for _, m := range r.Markers {
		fmt.Fprintf(&b, "  界桩 %s%s %s", m.Number, m.Stone, m.Verdict.Label())
		if m.DistanceM != nil {
			fmt.Fprintf(&b, "，最近 %.1f 米", *m.DistanceM)
		}
		b.WriteByte('\n')
	}
	for _, t := range r.Tracks {
		fmt.Fprintf(&b, "  轨迹 %s：证据等级 %s，容差 %.1f 米，%d 张照片相符", t.File, t.Grade, t.ToleranceM, t.Photos)
		if t.Held {
			b.WriteString("，坐标系待确认，未计入（核实后用 --frame 说明）")
		}
		b.WriteByte('\n')
		for _, s := range t.Signs {
			fmt.Fprintf(&b, "    存疑 %.2f：%s\n", s.Score, s.Detail)
		}
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  [%s] %s\n", w.Severity.Label(), w.Detail)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// readLine reads the one line of a file.
func readLine(path string) (*geo.Chain, error) {
	var found []orb.MultiLineString
	err := eachRecord(path, func(rec feature.Record) {
		switch g := rec.Geometry.(type) {
		case orb.LineString:
			found = append(found, orb.MultiLineString{g})
		case orb.MultiLineString:
			found = append(found, g)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, usageError(fmt.Sprintf("界线文件 %s 里有 %d 条线，应恰有一条", path, len(found)))
	}
	return geo.NewChain(found[0])
}

// readMarkers reads the points of a file as markers; an empty path has none.
func readMarkers(path string) ([]boundary.MarkerPosition, error) {
	var markers []boundary.MarkerPosition
	if path == "" {
		return nil, nil
	}
	err := eachRecord(path, func(rec feature.Record) {
		if p, ok := rec.Geometry.(orb.Point); ok {
			sigma, _ := strconv.ParseFloat(rec.Fields["sigmaM"], 64)
			markers = append(markers, boundary.MarkerPosition{Number: rec.Fields["number"], Stone: rec.Fields["stone"], At: p, SigmaM: sigma})
		}
	})
	return markers, err
}

// eachRecord reads a file of the stored frame or WGS 84.
func eachRecord(path string, do func(feature.Record)) error {
	src, err := feature.Open(path)
	if err != nil {
		return err
	}
	frame := geo.CGCS2000
	if src.DeclaredFrame != "" {
		if frame, err = geo.ParseFrame(src.DeclaredFrame); err != nil {
			return err
		}
	}
	for rec, err := range src.Records() {
		if err != nil {
			return err
		}
		if rec.Geometry, err = geo.ToCGCS2000(rec.Geometry, frame); err != nil {
			return err
		}
		do(rec)
	}
	return nil
}
