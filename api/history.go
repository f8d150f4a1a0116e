package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// history lists what the journal says of one record, newest first, to whoever may read the record now.
func (s *Server) history(c *gin.Context) error {
	subject := c.Query("subject")
	noun, text, _ := strings.Cut(subject, "/")
	read, named := s.historyOfNamed(c, text)[noun]
	if !named {
		id, err := uuid.Parse(text)
		if read = s.historyOf(c, id)[noun]; err != nil || read == nil {
			return badParameter("subject", subject, "记录的类别和编号，如 place/<编号>")
		}
		subject = noun + "/" + id.String()
	}
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(c.DefaultQuery("next", "0"), 10, 64)
	if err != nil || before < 0 {
		return badParameter("next", c.Query("next"), "上一页给出的 next")
	}
	if err := read(); err != nil {
		return err
	}
	found, err := s.Gaz.History(c.Request.Context(), actor(c), subject, before, limit, speaksEnglish(c))
	if err != nil {
		return err
	}
	next := ""
	if len(found) == limit {
		next = strconv.FormatInt(found[limit-1].Seq, 10)
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, gin.H{"items": found, "next": nilText(next)})
	return nil
}

// historyOfNamed is historyOf for what has no number but a name.
func (s *Server) historyOfNamed(c *gin.Context, name string) map[string]func() error {
	ctx, who, now := c.Request.Context(), actor(c), s.Now()
	return map[string]func() error{
		"rule-pack":    func() error { _, err := s.Gaz.Pack(ctx, who, now, name); return err },
		"word-library": func() error { _, err := s.Gaz.Library(ctx, who, now, name, "", 0, 1); return err },
	}
}

// historyOf gives, by noun, the use-case that reads the record: it decides who may read its history too.
func (s *Server) historyOf(c *gin.Context, id uuid.UUID) map[string]func() error {
	ctx, who, now := c.Request.Context(), actor(c), s.Now()
	administers := func(read func() error) func() error {
		return func() error {
			if err := read(); err != nil {
				return err
			}
			if who.Token {
				return fault.New(fault.Forbidden, "token-not-here", "令牌不能办理这一项：请本人登录办理")
			}
			return nil
		}
	}
	return map[string]func() error{
		"place-import":  func() error { _, err := s.Gaz.PlaceImport(ctx, who, id); return err },
		"place":         func() error { _, err := s.Gaz.Place(ctx, who, now, id); return err },
		"division":      func() error { _, err := s.Gaz.Division(ctx, id); return err },
		"proposal":      func() error { _, err := s.Gaz.Proposal(ctx, who, now, id); return err },
		"line":          func() error { _, err := s.Bound.Line(ctx, id); return err },
		"marker":        func() error { _, err := s.Bound.Marker(ctx, who, now, id); return err },
		"inspection":    func() error { _, err := s.Bound.Inspection(ctx, who, now, id); return err },
		"marker-form":   func() error { _, err := s.Bound.MarkerForm(ctx, who, now, id); return err },
		"stretch":       func() error { _, err := s.Bound.Stretch(ctx, who, now, id); return err },
		"track":         func() error { _, err := s.Bound.Track(ctx, who, now, id); return err },
		"photo":         func() error { _, err := s.Bound.Photo(ctx, who, now, id); return err },
		"assignment":    func() error { _, err := s.Bound.Assignment(ctx, who, now, id); return err },
		"claim":         func() error { _, err := s.Bound.Claim(ctx, who, now, id); return err },
		"agreement":     func() error { _, err := s.Bound.Agreement(ctx, who, now, id); return err },
		"dispute":       func() error { _, err := s.Bound.Dispute(ctx, who, now, id); return err },
		"marker-change": func() error { _, err := s.Bound.MarkerChange(ctx, who, now, id); return err },
		"marker-work":   func() error { _, err := s.Bound.MarkerWork(ctx, who, now, id); return err },
		"account":       administers(func() error { _, err := s.Gaz.Account(ctx, who, id); return err }),
		"office":        administers(func() error { _, err := s.Gaz.Office(ctx, who, id); return err }),
		"token":         administers(func() error { _, err := s.Gaz.Token(ctx, who, id); return err }),
	}
}
