package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// accounts lists the accounts of the offices the administrator keeps, or of one office.
func (s *Server) accounts(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	office, err := queryID(c, "office")
	if err != nil {
		return err
	}
	found, err := s.Gaz.Accounts(c.Request.Context(), actor(c), office, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(a gazsql.Account) uuid.UUID { return a.ID })
}

// accountAnswer is an account, with the password it was given just now.
type accountAnswer struct {
	gazsql.Account
	Password string `json:"password,omitempty"`
}

func writeAccount(c *gin.Context, status int, a gazsql.Account, password string) {
	etag(c, a.Version)
	c.Header("Cache-Control", "no-store")
	c.JSON(status, accountAnswer{a, password})
}

// createAccount makes an account. Its first password is made here and stands in this answer only.
func (s *Server) createAccount(c *gin.Context) error {
	var in struct {
		Account  string           `json:"account"`
		Name     string           `json:"name"`
		OfficeID uuid.UUID        `json:"officeId"`
		Roles    []gazetteer.Role `json:"roles"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"name": &in.Name}); err != nil {
		return err
	}
	ctx, who, password := c.Request.Context(), actor(c), gazsql.InitialPassword()
	id, err := s.Gaz.CreateAccount(ctx, who, s.Now(), gazsql.NewAccount{
		Login: in.Account, Name: in.Name, Password: password, OfficeID: in.OfficeID, Roles: in.Roles,
	})
	if err != nil {
		return err
	}
	a, err := s.Gaz.Account(ctx, who, id)
	if err != nil {
		return err
	}
	c.Header("Location", "/api/accounts/"+id.String())
	writeAccount(c, http.StatusCreated, a, password)
	return nil
}

func (s *Server) account(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	a, err := s.Gaz.Account(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	writeAccount(c, http.StatusOK, a, "")
	return nil
}

func (s *Server) changeAccount(c *gin.Context) error {
	return s.onAccount(c, func(id uuid.UUID, version int) (gazsql.Account, string, error) {
		var to gazsql.AccountChange
		if err := decode(c, &to); err != nil {
			return gazsql.Account{}, "", err
		}
		if err := checkText(map[string]*string{"name": &to.Name}); err != nil {
			return gazsql.Account{}, "", err
		}
		a, err := s.Gaz.ChangeAccount(c.Request.Context(), actor(c), s.Now(), id, version, to)
		return a, "", err
	})
}

func (s *Server) actOnAccount(c *gin.Context) error {
	return s.onAccount(c, func(id uuid.UUID, version int) (gazsql.Account, string, error) {
		var in struct {
			Action string `json:"action"`
			Reason string `json:"reason"`
		}
		if err := decode(c, &in); err != nil {
			return gazsql.Account{}, "", err
		}
		if err := checkText(map[string]*string{"reason": &in.Reason}); err != nil {
			return gazsql.Account{}, "", err
		}
		return s.Gaz.ActOnAccount(c.Request.Context(), actor(c), s.Now(), id, version, gazsql.AccountAction{Name: in.Action, Reason: in.Reason})
	})
}

func (s *Server) addIdentity(c *gin.Context) error {
	return s.onAccount(c, func(id uuid.UUID, version int) (gazsql.Account, string, error) {
		var in struct {
			Issuer  string `json:"issuer"`
			Subject string `json:"subject"`
		}
		if err := decode(c, &in); err != nil {
			return gazsql.Account{}, "", err
		}
		if err := checkText(map[string]*string{"issuer": &in.Issuer, "subject": &in.Subject}); err != nil {
			return gazsql.Account{}, "", err
		}
		a, err := s.Gaz.AddIdentity(c.Request.Context(), actor(c), s.Now(), id, version, in.Issuer, in.Subject)
		return a, "", err
	})
}

func (s *Server) removeIdentity(c *gin.Context) error {
	return s.onAccount(c, func(id uuid.UUID, version int) (gazsql.Account, string, error) {
		identity, err := pathID(c, "identityId")
		if err != nil {
			return gazsql.Account{}, "", err
		}
		a, err := s.Gaz.RemoveIdentity(c.Request.Context(), actor(c), s.Now(), id, version, identity)
		return a, "", err
	})
}

// onAccount changes the account of the path at the version of If-Match, and answers with it.
func (s *Server) onAccount(c *gin.Context, change func(id uuid.UUID, version int) (gazsql.Account, string, error)) error {
	id, version, err := versioned(c)
	if err != nil {
		return err
	}
	a, password, err := change(id, version)
	if err != nil {
		return err
	}
	writeAccount(c, http.StatusOK, a, password)
	return nil
}

// queryID reads an optional id from the query.
func queryID(c *gin.Context, name string) (uuid.UUID, error) {
	text := c.Query(name)
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, badParameter(name, text, "编号")
	}
	return id, nil
}
