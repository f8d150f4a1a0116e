package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// packs lists the rule packs; who signed in reads drafts too.
func (s *Server) packs(c *gin.Context) error {
	who, err := s.identify(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Packs(c.Request.Context(), who)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, found)
	return nil
}

// pack answers a rule pack whole, as JSON or with ?f=yaml as a file that comes in again; id@n is its text of version n.
func (s *Server) pack(c *gin.Context) error {
	p, err := s.Gaz.Pack(c.Request.Context(), actor(c), s.Now(), c.Param("id"))
	if err != nil {
		return err
	}
	switch f := c.Query("f"); f {
	case "", "json":
		return writeVersioned(c, http.StatusOK, p.Version, p, nil)
	case "yaml":
		text, err := p.YAML()
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="`+p.ID+`.yaml"`)
		c.Data(http.StatusOK, "application/yaml; charset=utf-8", text)
		return nil
	default:
		return badParameter("f", f, "json 或 yaml")
	}
}

// packRequest is a pack as it is handed in: as YAML, or as what GET answers.
type packRequest struct {
	YAML string          `json:"yaml"`
	Pack *gazetteer.Pack `json:"pack"`
}

// readPack reads the pack that was handed in. Errors: Malformed "pack-missing"; those of gazetteer.ParsePack.
func readPack(c *gin.Context) (gazetteer.Pack, error) {
	var in packRequest
	if err := decode(c, &in); err != nil {
		return gazetteer.Pack{}, err
	}
	switch {
	case (in.Pack == nil) == (in.YAML == ""):
		return gazetteer.Pack{}, fault.New(fault.Malformed, "pack-missing", "请在 yaml 和 pack 之中写一个：规则包的 YAML 文本，或它的 JSON")
	case in.Pack != nil:
		return *in.Pack, nil
	}
	return gazetteer.ParsePack([]byte(in.YAML))
}

func (s *Server) draftPack(c *gin.Context) error {
	p, err := readPack(c)
	if err != nil {
		return err
	}
	known, err := s.Gaz.DraftPack(c.Request.Context(), actor(c), s.Now(), p)
	if err == nil {
		c.Header("Location", "/api/rule-packs/"+known.ID)
	}
	return writeVersioned(c, http.StatusCreated, known.Version, known, err)
}

func (s *Server) editPack(c *gin.Context) error {
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	p, err := readPack(c)
	if err != nil {
		return err
	}
	known, err := s.Gaz.EditPack(c.Request.Context(), actor(c), s.Now(), c.Param("id"), version, p)
	return writeVersioned(c, http.StatusOK, known.Version, known, err)
}

// actOnPack adopts, withdraws or ends a pack.
func (s *Server) actOnPack(c *gin.Context) error {
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	var in struct {
		actionRequest
		ValidTo string `json:"validTo"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	act := gazsql.PackAction{Name: in.Action, ValidTo: strings.TrimSpace(in.ValidTo)}
	if len(in.Documents) > 0 {
		paper, err := in.Documents[0].document("documents/0/issuedOn")
		if err != nil {
			return err
		}
		act.Document = &paper
	}
	known, err := s.Gaz.ActOnPack(c.Request.Context(), actor(c), s.Now(), c.Param("id"), version, act)
	return writeVersioned(c, http.StatusOK, known.Version, known, err)
}

// packRevisions lists the states of the text of a pack.
func (s *Server) packRevisions(c *gin.Context) error {
	found, err := s.Gaz.PackRevisions(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}

// packDiff tells what one pack says otherwise than another, that of ?from=, or than an earlier text of itself.
func (s *Server) packDiff(c *gin.Context) error {
	ctx, with := c.Request.Context(), c.Query("from")
	if with == "" {
		return badParameter("from", with, "一个规则包的代号，如 national-2022，或它的一稿，如 national-2022@1")
	}
	to, err := s.Gaz.Pack(ctx, actor(c), s.Now(), c.Param("id"))
	if err != nil {
		return err
	}
	from, err := s.Gaz.Pack(ctx, actor(c), s.Now(), with)
	if err != nil {
		return err
	}
	if from.ID == to.ID { // two texts of one pack: the words are kept apart, with days of their own
		from.Libraries, to.Libraries = nil, nil
	}
	c.JSON(http.StatusOK, struct {
		From    string                 `json:"from"`
		To      string                 `json:"to"`
		Changes []gazetteer.PackChange `json:"changes"`
	}{with, c.Param("id"), from.Diff(to.Pack)})
	return nil
}
