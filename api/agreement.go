package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// agreements lists the agreements the actor may read, on one line where ?line= names it, in one state where ?state= does.
func (s *Server) agreements(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	line, err := idField("line", c.Query("line"))
	if err != nil {
		return err
	}
	state, err := stateParameter(c, boundary.AgreementStates)
	if err != nil {
		return err
	}
	found, err := s.Bound.Agreements(c.Request.Context(), actor(c), s.Now(), boundsql.AgreementFilter{Line: line, State: state}, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(a boundsql.Agreement) uuid.UUID { return a.ID })
}

func (s *Server) agreement(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	agreement, err := s.Bound.Agreement(c.Request.Context(), actor(c), s.Now(), id)
	return writeAgreement(c, http.StatusOK, agreement, err)
}

// agreementAnswer is an agreement with its geometry as GeoJSON.
type agreementAnswer struct {
	boundsql.Agreement
	Geometry *geojson.Geometry `json:"geometry"`
}

func writeAgreement(c *gin.Context, status int, agreement boundsql.Agreement, err error) error {
	return writeVersioned(c, status, agreement.Version, agreementAnswer{agreement, geojson.NewGeometry(agreement.Geometry)}, err)
}

// agreementRequest is what an agreement says.
type agreementRequest struct {
	LineID uuid.UUID `json:"lineId"`
	boundary.AgreementContent
	Geometry json.RawMessage `json:"geometry"`
}

// maxLongText bounds the course of a line and the coordinates of an old agreement, in characters: they fill many pages.
const maxLongText = 200_000

// maxSettled is how many disputes an agreement settles at most.
const maxSettled = 100

// decodeAgreement reads what an agreement says. The coordinates of the old one are kept to the letter.
func decodeAgreement(c *gin.Context) (in agreementRequest, err error) {
	if err := decode(c, &in); err != nil {
		return in, err
	}
	if in.AgreementContent.Geometry, err = courseOf(in.Geometry); err != nil {
		return in, err
	}
	for name, text := range map[string]string{"course": in.Course, "originalCoordinates": in.OriginalCoordinates} {
		if strings.ContainsFunc(text, func(r rune) bool { return gazetteer.Misleading(r, true) }) {
			return in, fault.New(fault.Malformed, "bad-text", "%s 中有控制字符或改变书写方向的字符：请去掉后再提交", name)
		}
		if utf8.RuneCountInString(text) > maxLongText {
			return in, fault.New(fault.Malformed, "text-too-long", "%s 超过 %d 个字：请分开，或另附文件", name, maxLongText)
		}
	}
	if len(in.Settles) > maxSettled {
		return in, fault.New(fault.Malformed, "too-many-disputes", "一份协议书最多解决 %d 件争议", maxSettled)
	}
	in.Course = strings.TrimSpace(in.Course)
	texts := map[string]*string{"publishedSource": &in.PublishedSource, "originalProjection": &in.OriginalProjection}
	for i := range in.Segments {
		g := &in.Segments[i]
		for name, text := range map[string]*string{"markKind": &g.MarkKind, "followsFeature": &g.FollowsFeature, "description": &g.Description} {
			texts[fmt.Sprintf("segments/%d/%s", i, name)] = text
		}
	}
	return in, checkText(texts)
}

// courseOf reads the geometry of a line; nil for null.
func courseOf(text json.RawMessage) (orb.MultiLineString, error) {
	g, err := geometryOf(text)
	if err != nil || g == nil {
		return nil, err
	}
	switch g := g.(type) {
	case orb.LineString:
		return orb.MultiLineString{g}, nil
	case orb.MultiLineString:
		return append(orb.MultiLineString{}, g...), nil
	}
	return nil, fault.New(fault.Malformed, "bad-geometry", "geometry 是 %s，界线应是 LineString 或 MultiLineString", g.GeoJSONType())
}

func (s *Server) createAgreement(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		in, err := decodeAgreement(c)
		if err != nil {
			return err
		}
		agreement, err := s.Bound.CreateAgreement(c.Request.Context(), actor(c), s.Now(), boundsql.AgreementInput{
			ID: id, LineID: in.LineID, AgreementContent: in.AgreementContent,
		})
		if err == nil {
			c.Header("Location", "/api/agreements/"+agreement.ID.String())
		}
		return writeAgreement(c, http.StatusCreated, agreement, err)
	})
}

func (s *Server) editAgreement(c *gin.Context) error {
	id, version, err := versioned(c)
	if err != nil {
		return err
	}
	in, err := decodeAgreement(c)
	if err != nil {
		return err
	}
	agreement, err := s.Bound.EditAgreement(c.Request.Context(), actor(c), s.Now(), id, version, in.AgreementContent)
	return writeAgreement(c, http.StatusOK, agreement, err)
}

// maxTogether bounds the agreements that are approved with one: few lines meet at a node.
const maxTogether = 100

// lineNodes lists the nodes that a line meets.
func (s *Server) lineNodes(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	found, err := s.Bound.LineNodes(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}

// actOnAgreement takes a step. approve rests on two papers: the approval among documents, and the publication.
func (s *Server) actOnAgreement(c *gin.Context) error {
	var in struct {
		actionRequest
		Publication *actionDocument         `json:"publication"`
		Together    []boundary.AgreementRef `json:"together"`
	}
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	act := boundary.AgreementAction{Name: in.Action, Reason: in.Reason, ContentSHA256: in.ContentSHA256}
	if act.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
		return err
	}
	if len(in.Documents) > 0 {
		if act.Document, err = agreementPaper(&in.Documents[0], "documents/0"); err != nil {
			return err
		}
	}
	if len(in.Together) > maxTogether {
		return fault.New(fault.Malformed, "too-many-agreements", "一并批准 %d 份，最多 %d 份", len(in.Together), maxTogether)
	}
	act.Together = in.Together
	if in.Publication != nil {
		if act.Publication, err = agreementPaper(in.Publication, "publication"); err != nil {
			return err
		}
	}
	agreement, err := s.Bound.ActOnAgreement(c.Request.Context(), actor(c), s.Now(), id, version, act)
	return writeAgreement(c, http.StatusOK, agreement, err)
}

// agreementPaper is a paper of a step as it is filed; field is how it is named to who sent it.
func agreementPaper(d *actionDocument, field string) (*gazetteer.Document, error) {
	err := checkText(map[string]*string{field + "/title": &d.Title, field + "/number": &d.Number, field + "/issuedBy": &d.IssuedBy})
	if err != nil {
		return nil, err
	}
	paper, err := d.document(field + "/issuedOn")
	return &paper, err
}

// lineVersions lists the versions of a line with what they rest on.
func (s *Server) lineVersions(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	who, err := s.whoAsks(c)
	if err != nil {
		return err
	}
	found, err := s.Bound.LineVersions(c.Request.Context(), who, s.Now(), id)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}
