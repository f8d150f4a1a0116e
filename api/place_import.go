package api

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// maxReceiving is how many files to import are received and looked through at once.
const maxReceiving = 2

// placeImports lists the imports of the actor's office, the latest first.
func (s *Server) placeImports(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.PlaceImports(c.Request.Context(), actor(c), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(p gazsql.PlaceImport) uuid.UUID { return p.ID })
}

// handInImport keeps a file of places; the body is the file. Handing the same in again finds the import under way.
func (s *Server) handInImport(c *gin.Context) error {
	select {
	case s.receiving <- struct{}{}:
		defer func() { <-s.receiving }()
	default:
		return fault.New(fault.Busy, "imports-busy", "同时交来的文件已有 %d 个，请稍后再试", maxReceiving)
	}
	name := c.Query("fileName")
	if err := checkText(map[string]*string{"fileName": &name}); err != nil {
		return err
	}
	body := http.MaxBytesReader(c.Writer, c.Request.Body, gazsql.MaxImportBytes+1)
	p, made, err := s.Gaz.HandInImport(c.Request.Context(), actor(c), s.Now(), name, body)
	if err != nil {
		return incomplete(err)
	}
	c.Header("Location", "/api/imports/"+p.ID.String())
	return writeVersioned(c, map[bool]int{true: http.StatusCreated, false: http.StatusOK}[made], p.Version, p, nil)
}

func (s *Server) placeImport(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p, err := s.Gaz.PlaceImport(c.Request.Context(), actor(c), id)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

// setImport says how a file is to be read, and has it judged.
func (s *Server) setImport(c *gin.Context) error {
	var in gazetteer.ImportSettings
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	texts := map[string]*string{
		"validFrom": &in.ValidFrom, "document.title": &in.Document.Title, "document.number": &in.Document.Number,
		"document.issuedBy": &in.Document.IssuedBy, "document.issuedOn": &in.Document.IssuedOn,
	}
	if err := checkText(texts); err != nil {
		return err
	}
	p, err := s.Gaz.SetImport(c.Request.Context(), actor(c), s.Now(), id, version, in)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

func (s *Server) actOnImport(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	p, err := s.Gaz.ActOnImport(c.Request.Context(), actor(c), s.Now(), id, version, in.Action)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

func (s *Server) decideImport(c *gin.Context) error {
	var in gazetteer.ImportDecision
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	p, err := s.Gaz.DecideImport(c.Request.Context(), actor(c), s.Now(), id, version, in)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

// importRows lists the rows of an import, those of one verdict where one is named.
func (s *Server) importRows(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	want := gazsql.RowsWanted{Verdict: gazetteer.ImportVerdict(c.Query("verdict"))}
	if want.Verdict != "" && !slices.Contains(gazetteer.ImportVerdicts, want.Verdict) {
		return badParameter("verdict", string(want.Verdict), "same、changed、new、twin、aside 或 refused")
	}
	if want.Limit, err = limitOf(c); err != nil {
		return err
	}
	if want.After, err = afterOf(c, gazsql.MaxImportRows); err != nil {
		return err
	}
	var found []gazsql.ImportedRow
	err = s.Gaz.EachImportedRow(c.Request.Context(), actor(c), id, want, func(r gazsql.ImportedRow) error {
		found = append(found, r)
		return nil
	})
	if err != nil {
		return err
	}
	return writePage(s, c, found, want.Limit, func(r gazsql.ImportedRow) string { return strconv.Itoa(r.Row) })
}

// importWorkbook answers the differences, the doubtful rows and the findings of an import as a workbook.
func (s *Server) importWorkbook(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p, err := s.Gaz.PlaceImport(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	var rows []gazetteer.ImportRow
	err = s.Gaz.EachImportedRow(c.Request.Context(), actor(c), id, gazsql.RowsWanted{}, func(r gazsql.ImportedRow) error {
		rows = append(rows, r.ImportRow)
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	asFile(c, feature.XLSX, "import")
	c.Status(http.StatusOK)
	return gazetteer.WriteImport(c.Writer, rows, p.Findings)
}

// importFile gives the file of an import out as it was handed in.
func (s *Server) importFile(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	name, f, err := s.Gaz.ImportFile(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	return giveOriginal(c, name, f)
}
