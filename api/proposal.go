package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

func (s *Server) proposals(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Proposals(c.Request.Context(), actor(c), s.Now(), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(p gazetteer.Proposal) uuid.UUID { return p.ID })
}

// maxFacts bounds the facts of a proposal in bytes.
const maxFacts = 64 << 10

func (s *Server) createProposal(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in struct {
			Kind     string             `json:"kind"`
			Name     string             `json:"name"`
			Category gazetteer.Category `json:"category"`
			Division string             `json:"division"`
			PlaceID  uuid.UUID          `json:"placeId"`
			Point    *point             `json:"point"`
			Reason   string             `json:"reason"`
			Facts    json.RawMessage    `json:"facts"`

			Statements []gazetteer.Statement `json:"statements"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		texts := map[string]*string{"reason": &in.Reason}
		for i := range in.Statements {
			texts["statements/"+strconv.Itoa(i)+"/reason"] = &in.Statements[i].Reason
		}
		if err := checkText(texts); err != nil {
			return err
		}
		if len(in.Statements) > maxStatements {
			return tooManyStatements(len(in.Statements))
		}
		if len(in.Facts) > maxFacts {
			return fault.New(fault.Malformed, "text-too-long", "facts 超过 %d 字节", maxFacts)
		}
		p, err := s.Gaz.CreateProposal(c.Request.Context(), actor(c), s.Now(), gazsql.NewProposal{
			ID: id, Kind: in.Kind, Name: in.Name, Category: in.Category, Division: in.Division, PlaceID: in.PlaceID, Point: in.Point.orb(),
			Reason: in.Reason, Facts: in.Facts, Statements: in.Statements,
		})
		if err != nil {
			return err
		}
		c.Header("Location", "/api/proposals/"+p.ID.String())
		etag(c, p.Version)
		c.JSON(http.StatusCreated, p)
		return nil
	})
}

func (s *Server) proposal(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p, err := s.Gaz.Proposal(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

// actionRequest is what POST …/actions takes everywhere.
type actionRequest struct {
	Action        string           `json:"action"`
	Reason        string           `json:"reason"`
	Approve       *bool            `json:"approve"`
	Documents     []actionDocument `json:"documents"`
	ContentSHA256 string           `json:"contentSha256"`
	ValidFrom     string           `json:"validFrom"`
	Frame         string           `json:"frame"`
}

// readAction reads the resource, the version it is acted on at, and the action of a POST …/{id}/actions.
func readAction(c *gin.Context) (id uuid.UUID, version int, in actionRequest, err error) {
	if id, version, err = readChange(c, &in); err == nil {
		err = in.check() // which also tidies the texts
	}
	return id, version, in, err
}

type actionDocument struct {
	Title    string `json:"title"`
	Number   string `json:"number"`
	IssuedBy string `json:"issuedBy"`
	IssuedOn string `json:"issuedOn"`
}

// paper checks the texts of a request and those of the paper it rests on, its field document, and returns that as it is filed.
func (d *actionDocument) paper(texts map[string]*string) (gazetteer.Document, error) {
	maps.Copy(texts, map[string]*string{"document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy})
	if err := checkText(texts); err != nil {
		return gazetteer.Document{}, err
	}
	return d.document("document/issuedOn")
}

// document is the paper as it is filed; issuedOn is how the field of its day is named to who sent it.
func (d actionDocument) document(issuedOn string) (gazetteer.Document, error) {
	day, err := dayOf(issuedOn, d.IssuedOn)
	return gazetteer.Document{Title: d.Title, Number: d.Number, IssuedBy: d.IssuedBy, IssuedOn: day}, err
}

// check refuses what would otherwise be taken for something else: a vote that does not say which way, and papers of which
// only the first is filed.
func (r *actionRequest) check() error {
	texts := map[string]*string{"reason": &r.Reason}
	for i := range r.Documents {
		d, at := &r.Documents[i], "documents/"+strconv.Itoa(i)+"/"
		texts[at+"title"], texts[at+"number"], texts[at+"issuedBy"] = &d.Title, &d.Number, &d.IssuedBy
	}
	if err := checkText(texts); err != nil {
		return err
	}
	if r.Action == "vote" && r.Approve == nil {
		return fault.New(fault.Malformed, "approve-missing", "表决须写明 approve：true 为赞成，false 为反对")
	}
	if len(r.Documents) > 1 {
		return fault.New(fault.Malformed, "one-document", "一次只附一份批准文件，收到了 %d 份", len(r.Documents))
	}
	return nil
}

func (s *Server) actOnProposal(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	act := gazetteer.ProposalAction{Name: in.Action, Reason: in.Reason, Approve: in.Approve != nil && *in.Approve}
	if act.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
		return err
	}
	if len(in.Documents) > 0 {
		document, err := in.Documents[0].document("documents/0/issuedOn")
		if err != nil {
			return err
		}
		act.Document = &document
	}
	p, err := s.Gaz.ActOnProposal(c.Request.Context(), actor(c), s.Now(), id, version, act)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

// dayOf reads an optional day.
func dayOf(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, fault.New(fault.Malformed, "bad-day", "%s“%s”不是日期：请写成 2026-11-24", name, text)
	}
	if t.Year() < 1900 || t.Year() > 2999 {
		return t, fault.New(fault.Malformed, "bad-day", "%s“%s”不对：年份应在 1900 到 2999 之间", name, text)
	}
	return t, nil
}
