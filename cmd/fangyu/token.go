package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"建立令牌 Make a token"`
	List   tokenListCommand   `cmd:"" help:"列出令牌 List tokens"`
	Revoke tokenRevokeCommand `cmd:"" help:"撤销令牌，下一次请求即失效 Revoke a token, from its next request on"`
}

type tokenCreateCommand struct {
	Login string        `arg:"" help:"账号 Account"`
	Name  string        `help:"用途 What it is for" default:"script"`
	Life  time.Duration `help:"有效期，最长 9600h（400 天）How long it is good for, 9600h at most" default:"720h"`
	Scope []string      `help:"范围，可多次给出：read upload work Scopes" default:"read,upload,work"`
}

// Run makes a token and prints it, the only time it is shown.
func (c *tokenCreateCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		scopes := make([]gazetteer.TokenScope, len(c.Scope))
		for i, scope := range c.Scope {
			scopes[i] = gazetteer.TokenScope(scope)
		}
		token, err := s.gaz.CreateToken(e.ctx, operator, time.Now(), c.Login, c.Name, c.Life, scopes...)
		if err != nil {
			return err
		}
		fmt.Fprintln(e.out, token)
		return nil
	})
}

type tokenListCommand struct {
	JSON bool `help:"打印 JSON Print JSON"`
}

// Run lists the tokens, the newest first.
func (c *tokenListCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		found, err := s.gaz.Tokens(e.ctx, operator, uuid.Nil, uuid.Nil, everyAccount)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.out, found)
		}
		for _, t := range found {
			fmt.Fprintf(e.out, "%s  %s…  %-16s %-20s %-16s %s\n", t.ID, t.Prefix, t.Login, t.Name, strings.Join(textsOf(t.Scopes), ","), standing(t, time.Now()))
		}
		return nil
	})
}

// standing says whether a token is good, and since or until when.
func standing(t gazsql.Token, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "已撤销 revoked " + t.RevokedAt.Format(time.DateOnly)
	case !t.ExpiresAt.After(now):
		return "已过期 expired " + t.ExpiresAt.Format(time.DateOnly)
	default:
		return "有效至 good until " + t.ExpiresAt.Format(time.DateOnly)
	}
}

type tokenRevokeCommand struct {
	Token string `arg:"" help:"令牌的编号或显示的开头 Id or shown prefix of the token"`
}

// Run revokes one token.
func (c *tokenRevokeCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		found, err := s.gaz.Tokens(e.ctx, operator, uuid.Nil, uuid.Nil, everyAccount)
		if err != nil {
			return err
		}
		var wanted []gazsql.Token
		for _, t := range found {
			if t.RevokedAt == nil && (t.ID.String() == c.Token || t.Prefix == strings.TrimSuffix(c.Token, "…")) {
				wanted = append(wanted, t)
			}
		}
		if len(wanted) != 1 {
			return fault.New(fault.NotFound, "token-unknown", "“%s”指的不是恰好一个未撤销的令牌，而是 %d 个：请用 fangyu token list 查看编号", c.Token, len(wanted))
		}
		if err := s.gaz.RevokeToken(e.ctx, operator, time.Now(), wanted[0].ID); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "已撤销 %s…\n", wanted[0].Prefix)
		return nil
	})
}
