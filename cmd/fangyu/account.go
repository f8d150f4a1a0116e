package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

type userCommand struct {
	Add userAddCommand `cmd:"" help:"建立账号，口令从标准输入读取 Make an account; the password is read from standard input"`
}

type userAddCommand struct {
	Login  string   `arg:"" help:"登录名 Login"`
	Name   string   `help:"显示的单位与岗位 Office and post as shown" required:""`
	Office string   `help:"单位 Office (made when it is not there)" required:""`
	Kind   string   `help:"单位类型 Kind of office" default:"civil-affairs"`
	Role   []string `help:"职责，可多次给出 Roles" required:""`
}

// Run makes an account.
func (c *userAddCommand) Run(e *env) error {
	roles := make([]gazetteer.Role, len(c.Role))
	for i, r := range c.Role {
		roles[i] = gazetteer.Role(r)
	}
	password, err := readPassword(e)
	if err != nil {
		return err
	}
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	now := time.Now()
	office, err := s.gaz.CreateOffice(e.ctx, operator, now, gazsql.Office{Name: c.Office, Kind: c.Kind})
	if err != nil {
		return err
	}
	_, err = s.gaz.CreateAccount(e.ctx, operator, now, gazsql.NewAccount{
		Login: c.Login, Name: c.Name, Password: password, OfficeID: office, Roles: roles,
	})
	if err == nil {
		fmt.Fprintf(e.out, "已建立账号 %s\n", c.Login)
	}
	return err
}

// readPassword reads a line, without showing it where somebody types.
func readPassword(e *env) (string, error) {
	if f, ok := e.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.err, "口令 Password: ")
		defer fmt.Fprintln(e.err)
		typed, err := term.ReadPassword(int(f.Fd()))
		return string(typed), err
	}
	line, err := bufio.NewReader(e.in).ReadString('\n')
	if err != nil && line == "" {
		return "", usageError("没有读到口令：请从标准输入给出一行")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"建立令牌 Make a token"`
}

type tokenCreateCommand struct {
	Login string        `arg:"" help:"账号 Account"`
	Name  string        `help:"用途 What it is for" default:"script"`
	Life  time.Duration `help:"有效期 How long it is good for" default:"720h"`
}

// Run makes a token and prints it, the only time it is shown.
func (c *tokenCreateCommand) Run(e *env) error {
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	token, err := s.gaz.CreateToken(e.ctx, operator, time.Now(), c.Login, c.Name, c.Life)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, token)
	return nil
}
