package api

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// markerRecordAnswer adds the sketch of the newest version.
type markerRecordAnswer struct {
	boundsql.MarkerRecords
	Sketch string `json:"sketch"` // SVG; "" without witness objects
}

func writeMarkerRecord(c *gin.Context, r boundsql.MarkerRecords) error {
	out := markerRecordAnswer{MarkerRecords: r}
	if sketch, ok := r.Sketch(); ok {
		svg, err := sketch.Draw()
		if err != nil {
			return err
		}
		out.Sketch = string(svg)
	}
	forOneOnly(c, r.Marker.Version)
	c.JSON(http.StatusOK, out)
	return nil
}

func (s *Server) markerRecord(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Bound.MarkerRecord(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	return writeMarkerRecord(c, r)
}

// markerRecordRequest is a version with the paper it rests on.
type markerRecordRequest struct {
	boundary.MarkerRecord
	ValidFrom string         `json:"validFrom"`
	Reason    string         `json:"reason"`
	Document  actionDocument `json:"document"`
}

// texts are the words of the request by field.
func (r *markerRecordRequest) texts() map[string]*string {
	texts := map[string]*string{
		"material": &r.Material, "location": &r.Location, "unitA": &r.UnitA, "unitB": &r.UnitB, "feature": &r.Feature, "side": &r.Side, "method": &r.Method,
		"surveyor": &r.Surveyor, "checker": &r.Checker, "oldPosition": &r.OldPosition, "remark": &r.Remark, "reason": &r.Reason,
	}
	for i := range r.Objects {
		texts["objects/"+strconv.Itoa(i)+"/name"] = &r.Objects[i].Name
	}
	return texts
}

func (s *Server) registerMarkerRecord(c *gin.Context) error {
	var in markerRecordRequest
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	record := boundsql.MarkerRecordInput{}
	if record.Document, err = in.Document.paper(in.texts()); err != nil {
		return err
	}
	if record.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
		return err
	}
	record.MarkerRecord, record.Reason = in.MarkerRecord, in.Reason
	r, err := s.Bound.RegisterMarkerRecord(c.Request.Context(), actor(c), s.Now(), id, version, record)
	if err != nil {
		return err
	}
	return writeMarkerRecord(c, r)
}

// witnessCheckAnswer says what witness objects measured again tell.
type witnessCheckAnswer struct {
	Detail string `json:"detail"`
	witnessFinding
	Others []witnessFinding `json:"others"` // that cannot be told from it
}

// witnessFinding is one explanation. Objects are numbered as in the record, from 1; 0 is the marker.
type witnessFinding struct {
	Cause       boundary.WitnessCause `json:"cause"`
	Objects     []int                 `json:"objects"`
	Shifts      []witnessShift        `json:"shifts"`
	Turned      float64               `json:"turnedDegrees"`
	Freedom     int                   `json:"freedom"`
	Probability float64               `json:"probability"`
	Residuals   []witnessResidual     `json:"residuals"`
}

type witnessShift struct {
	N           int     `json:"n"`
	EastM       float64 `json:"eastM"`
	NorthM      float64 `json:"northM"`
	SigmaEastM  float64 `json:"sigmaEastM"`
	SigmaNorthM float64 `json:"sigmaNorthM"`
}

type witnessResidual struct {
	N       int     `json:"n"`
	AlongM  float64 `json:"alongM"`
	AcrossM float64 `json:"acrossM"`
	Sigmas  float64 `json:"sigmas"`
}

func witnessFindingOf(f boundary.WitnessFinding) witnessFinding {
	out := witnessFinding{
		Cause: f.Cause, Objects: []int{}, Shifts: []witnessShift{}, Turned: f.Turned, Freedom: f.Freedom, Probability: f.Probability, Residuals: []witnessResidual{},
	}
	for _, i := range f.Witnesses {
		out.Objects = append(out.Objects, i+1)
	}
	for _, s := range f.Shifts {
		out.Shifts = append(out.Shifts, witnessShift{s.Witness + 1, s.EastM, s.NorthM, s.SigmaEastM, s.SigmaNorthM})
	}
	for i, r := range f.Residuals {
		out.Residuals = append(out.Residuals, witnessResidual{i + 1, r.AlongM, r.AcrossM, r.Sigmas})
	}
	return out
}

// checkWitnesses tells whether a marker or its witness objects moved. It records nothing.
func (s *Server) checkWitnesses(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Frame   string                     `json:"frame"`
		Objects []boundary.WitnessMeasured `json:"objects"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	var frame geo.Frame
	if in.Frame != "" {
		if frame, err = geo.ParseFrame(in.Frame); err != nil {
			return err
		}
	}
	result, err := s.Bound.CheckWitnesses(c.Request.Context(), actor(c), s.Now(), id, frame, in.Objects)
	if err != nil {
		return err
	}
	out := witnessCheckAnswer{Detail: result.Detail, witnessFinding: witnessFindingOf(result.WitnessFinding), Others: []witnessFinding{}}
	for _, o := range result.Others {
		out.Others = append(out.Others, witnessFindingOf(o))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// printedMarker is a marker of a line as papers give it, with a version of its record or none.
func printedMarker(m boundsql.MarkerView, grade gazetteer.Grade, line boundsql.LineRow, v *boundsql.MarkerRecordVersion, of int) print.PrintedMarker {
	out := print.PrintedMarker{
		Number: m.Number, Stone: m.Stone, State: m.State, At: orb.Point{m.Lon, m.Lat}, ElevationM: m.ElevationM, Synthetic: m.Synthetic,
		PartyA: line.PartyAName, PartyB: line.PartyBName, Of: of,
	}
	if grade != gazetteer.Public {
		out.Grade = grade.Label()
	}
	if m.Custodian != nil {
		out.Custodian = *m.Custodian
	}
	if v == nil {
		out.Record = boundary.MarkerRecord{Placement: m.Registered().Number.Placement(), Faces: m.Type}
		if m.Material != nil {
			out.Record.Material = *m.Material
		}
		return out
	}
	out.N, out.Record, out.ValidFrom, out.Reason, out.RegisteredBy = v.N, v.MarkerRecord, v.ValidFrom, v.Reason, v.Office
	out.Document = strings.TrimSpace(v.Document.Title + " " + v.Document.Number)
	if v.Custodian != nil {
		out.Custodian = *v.Custodian
	}
	return out
}

// markerRecordForm prints the record of a marker: its newest version, or that of ?version=.
func (s *Server) markerRecordForm(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Bound.MarkerRecord(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	of := len(r.Versions)
	if text := c.Query("version"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > of {
			return fault.New(fault.NotFound, "version-unknown", "登记表没有第 %s 版：共有 %d 版", text, of)
		}
		r.Versions = r.Versions[of-n:]
	}
	var version *boundsql.MarkerRecordVersion
	if of > 0 {
		version = &r.Versions[0]
	}
	line := r.Line()
	page := print.MarkerRecord{
		PrintedMarker: printedMarker(r.Marker.MarkerView, r.Marker.Grade, line, version, of), LineName: line.Name, LineCode: line.Code, LineLevel: line.Level,
		Notice: noticeFor(boundary.LegalStatus(line.LegalStatus)), MapReviewNumber: s.MapReviewNumber, PrintedAt: s.Now(),
	}
	if sketch, ok := r.Sketch(); ok {
		page.Sketch = &sketch
	}
	var b bytes.Buffer
	if err := print.WriteMarkerRecord(&b, page); err != nil {
		return err
	}
	forOneOnly(c, r.Marker.Version)
	writePaper(c, b.Bytes())
	return nil
}
