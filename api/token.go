package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

func tokenKey(t gazsql.Token) uuid.UUID { return t.ID }

func (s *Server) ownTokens(c *gin.Context) error {
	found, err := s.Gaz.OwnTokens(c.Request.Context(), actor(c))
	if err != nil {
		return err
	}
	return writeList(s, c, found, len(found)+1, tokenKey)
}

// createToken makes a token of the account; this answer is the only one that holds it.
func (s *Server) createToken(c *gin.Context) error {
	var in struct {
		Name   string                 `json:"name"`
		Days   int                    `json:"days"`
		Scopes []gazetteer.TokenScope `json:"scopes"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"name": &in.Name}); err != nil {
		return err
	}
	if len(in.Scopes) == 0 {
		in.Scopes = []gazetteer.TokenScope{gazetteer.TokenRead, gazetteer.TokenUpload}
	}
	days := min(max(in.Days, 0), 10_000) // what is no life at all is for the use-case to refuse
	who := actor(c)
	token, err := s.Gaz.CreateToken(c.Request.Context(), who, s.Now(), who.Login, in.Name, time.Duration(days)*24*time.Hour, in.Scopes...)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusCreated, gin.H{"token": token})
	return nil
}

// allTokens lists the tokens of the accounts the administrator keeps, or of one.
func (s *Server) allTokens(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	account, err := queryID(c, "account")
	if err != nil {
		return err
	}
	found, err := s.Gaz.Tokens(c.Request.Context(), actor(c), account, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, tokenKey)
}
