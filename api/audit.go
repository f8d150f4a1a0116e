package api

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// audits lists the audits of the actor's office, the latest first.
func (s *Server) audits(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Audits(c.Request.Context(), actor(c), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(a gazsql.Audit) uuid.UUID { return a.ID })
}

// askAudit asks for an audit, which a job makes.
func (s *Server) askAudit(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in struct {
			Division string `json:"division"`
			Pack     string `json:"pack"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		a, err := s.Gaz.AskAudit(c.Request.Context(), actor(c), s.Now(), id, in.Division, in.Pack)
		if err == nil {
			c.Header("Location", "/api/audits/"+a.ID.String())
		}
		return writeVersioned(c, http.StatusCreated, a.Version, a, err)
	})
}

func (s *Server) audit(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	a, err := s.Gaz.Audit(c.Request.Context(), actor(c), id)
	return writeVersioned(c, http.StatusOK, a.Version, a, err)
}

func (s *Server) actOnAudit(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	a, err := s.Gaz.CancelAudit(c.Request.Context(), actor(c), s.Now(), id, version, in.Action)
	return writeVersioned(c, http.StatusOK, a.Version, a, err)
}

// findingsWanted reads which findings are asked for.
func findingsWanted(c *gin.Context) (want gazsql.FindingsWanted, err error) {
	want.Code, want.Severity, want.Rule = c.Query("code"), c.Query("severity"), c.Query("rule")
	if want.Code != "" && !slices.Contains(gazetteer.AuditCodes(), want.Code) {
		return want, badParameter("code", want.Code, "检查结果的代码，见接口说明")
	}
	if want.Severity != "" && !slices.Contains(fault.Severities, fault.Severity(want.Severity)) {
		return want, badParameter("severity", want.Severity, "block、review、warning 或 info")
	}
	switch looked := c.Query("looked"); looked {
	case "":
	case "true", "false":
		yes := looked == "true"
		want.Looked = &yes
	default:
		return want, badParameter("looked", looked, "true 或 false")
	}
	return want, nil
}

func (s *Server) auditFindings(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	want, err := findingsWanted(c)
	if err == nil {
		want.Limit, err = limitOf(c)
	}
	if err != nil {
		return err
	}
	if want.After, err = afterOf(c, math.MaxInt32); err != nil {
		return err
	}
	found, err := s.Gaz.AuditFindings(c.Request.Context(), actor(c), id, want)
	if err != nil {
		return err
	}
	return writePage(s, c, found, want.Limit, func(f gazsql.AuditFinding) string { return strconv.Itoa(f.N) })
}

// auditWorkbook answers the findings asked for as a workbook.
func (s *Server) auditWorkbook(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	want, err := findingsWanted(c)
	if err != nil {
		return err
	}
	a, err := s.Gaz.Audit(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	found, err := s.Gaz.AuditFindings(c.Request.Context(), actor(c), id, want)
	if err != nil {
		return err
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	asFile(c, feature.XLSX, "audit")
	c.Status(http.StatusOK)
	return gazetteer.WriteAudit(c.Writer, a.PackTitle, func(yield func(feature.Row, error) bool) {
		for _, f := range found {
			looked := ""
			if f.Looked != nil {
				looked = fmt.Sprintf("已看过：%s（%s，%s）", f.Looked.Reason, f.Looked.By, beijing.Day(f.Looked.At))
			}
			if !yield(gazetteer.AuditRow(f.N, f.AuditFinding, looked), nil) {
				return
			}
		}
	})
}

// actOnFinding sets a finding aside with a reason, or brings it back.
func (s *Server) actOnFinding(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return fault.New(fault.NotFound, "finding-unknown", "没有这一条检查结果")
	}
	var in struct {
		Action string `json:"action"`
		Reason string `json:"reason"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"reason": &in.Reason}); err != nil {
		return err
	}
	found, err := s.Gaz.ActOnFinding(c.Request.Context(), actor(c), s.Now(), id, n, in.Action, in.Reason)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, found)
	return nil
}
