package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// everyAccount is more accounts or tokens than are listed.
const everyAccount = 1_000_000

type userCommand struct {
	Add           userAddCommand     `cmd:"" help:"建立账号，密码从标准输入读取，首次登录时须修改 Make an account; the password is read from standard input and must be changed"`
	List          userListCommand    `cmd:"" help:"列出账号 List accounts"`
	Disable       userDisableCommand `cmd:"" help:"停用账号，登录与令牌立即失效 Disable an account, with its sessions and tokens"`
	Enable        userEnableCommand  `cmd:"" help:"启用账号 Enable an account"`
	Roles         userRolesCommand   `cmd:"" help:"改变职责 Change the roles"`
	ResetPassword userResetCommand   `cmd:"" help:"重设密码并打印一次 Reset the password and print it once"`
	EndSessions   userEndCommand     `cmd:"" help:"结束全部登录 End all sessions"`
	Identify      userLinkCommand    `cmd:"" help:"登记统一身份（OpenID Connect）Record an OpenID identity"`
}

type userAddCommand struct {
	Login    string   `arg:"" help:"登录名 Login"`
	Name     string   `help:"显示的单位与岗位 Office and post as shown" required:""`
	Office   string   `help:"单位 Office (made when it is not there)" required:""`
	Kind     string   `help:"单位类型 Kind of office" default:"civil-affairs"`
	Division string   `help:"新单位所管行政区划的代码 Code of the division a new office keeps"`
	Role     []string `help:"职责，可多次给出 Roles" required:""`
}

// Run makes an account.
func (c *userAddCommand) Run(e *env) error {
	password, err := readPassword(e)
	if err != nil {
		return err
	}
	return withSystem(e, func(s *system) error {
		now := time.Now()
		office := gazsql.Office{Name: c.Office, Kind: c.Kind}
		if c.Division != "" {
			division, err := s.gaz.DivisionByCode(e.ctx, c.Division)
			if err != nil {
				return err
			}
			office.DivisionID = &division
		}
		id, err := s.gaz.CreateOffice(e.ctx, operator, now, office)
		if err != nil {
			return err
		}
		_, err = s.gaz.CreateAccount(e.ctx, operator, now, gazsql.NewAccount{
			Login: c.Login, Name: c.Name, Password: password, OfficeID: id, Roles: rolesOf(c.Role),
		})
		if err == nil {
			fmt.Fprintf(e.out, "已建立账号 %s\n", c.Login)
		}
		return err
	})
}

func rolesOf(texts []string) []gazetteer.Role {
	roles := make([]gazetteer.Role, len(texts))
	for i, r := range texts {
		roles[i] = gazetteer.Role(r)
	}
	return roles
}

type userListCommand struct {
	JSON bool `help:"打印 JSON Print JSON"`
}

// Run lists the accounts, the newest first.
func (c *userListCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		found, err := s.gaz.Accounts(e.ctx, operator, uuid.Nil, uuid.Nil, everyAccount)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.out, found)
		}
		for _, a := range found {
			fmt.Fprintf(e.out, "%-16s %-8s %s（%s；%s）\n", a.Login, a.State, a.Name, a.OfficeName, strings.Join(textsOf(a.Roles), ", "))
		}
		return nil
	})
}

func textsOf[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

// userAct is what the actions on an account take.
type userAct struct {
	Login  string `arg:"" help:"账号 Account"`
	Reason string `help:"理由 Reason" default:"命令行 command line"`
}

type (
	userDisableCommand struct{ userAct }
	userEnableCommand  struct{ userAct }
	userResetCommand   struct{ userAct }
	userEndCommand     struct{ userAct }
)

// Run disables the account.
func (c *userDisableCommand) Run(e *env) error { return c.act(e, "disable") }

// Run enables the account.
func (c *userEnableCommand) Run(e *env) error { return c.act(e, "enable") }

// Run resets the password and prints the new one, the only time it is shown.
func (c *userResetCommand) Run(e *env) error { return c.act(e, "reset-password") }

// Run ends the sessions of the account.
func (c *userEndCommand) Run(e *env) error { return c.act(e, "end-sessions") }

func (c userAct) act(e *env, action string) error {
	return withSystem(e, func(s *system) error {
		a, err := s.gaz.AccountByLogin(e.ctx, operator, c.Login)
		if err != nil {
			return err
		}
		a, password, err := s.gaz.ActOnAccount(e.ctx, operator, time.Now(), a.ID, a.Version, gazsql.AccountAction{Name: action, Reason: c.Reason})
		if err != nil {
			return err
		}
		if password != "" {
			fmt.Fprintln(e.out, password)
			return nil
		}
		fmt.Fprintf(e.out, "%s %s %s\n", a.Login, action, a.State)
		return nil
	})
}

type userRolesCommand struct {
	Login string   `arg:"" help:"账号 Account"`
	Role  []string `help:"此后的全部职责，可多次给出 All roles from now on" required:""`
}

// Run changes the roles.
func (c *userRolesCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		a, err := s.gaz.AccountByLogin(e.ctx, operator, c.Login)
		if err != nil {
			return err
		}
		a, err = s.gaz.ChangeAccount(e.ctx, operator, time.Now(), a.ID, a.Version, gazsql.AccountChange{Name: a.Name, OfficeID: a.OfficeID, Roles: rolesOf(c.Role)})
		if err == nil {
			fmt.Fprintf(e.out, "%s %s\n", a.Login, strings.Join(textsOf(a.Roles), ", "))
		}
		return err
	})
}

type userLinkCommand struct {
	Login   string `arg:"" help:"账号 Account"`
	Issuer  string `help:"提供方地址 Issuer" required:""`
	Subject string `help:"其中的用户标识（sub）Subject there" required:""`
}

// Run records the identity.
func (c *userLinkCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		a, err := s.gaz.AccountByLogin(e.ctx, operator, c.Login)
		if err != nil {
			return err
		}
		_, err = s.gaz.AddIdentity(e.ctx, operator, time.Now(), a.ID, a.Version, c.Issuer, c.Subject)
		if err == nil {
			fmt.Fprintf(e.out, "%s %s %s\n", c.Login, c.Issuer, c.Subject)
		}
		return err
	})
}

// readPassword reads a line, without showing it where somebody types.
func readPassword(e *env) (string, error) {
	if f, ok := e.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.err, "密码 Password: ")
		defer fmt.Fprintln(e.err)
		typed, err := term.ReadPassword(int(f.Fd()))
		return string(typed), err
	}
	line, err := bufio.NewReader(e.in).ReadString('\n')
	if err != nil && line == "" {
		return "", usageError("没有读到密码：请从标准输入给出一行")
	}
	return strings.TrimRight(line, "\r\n"), nil
}
