package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/internal/fault"
)

// commands is the whole command line.
type commands struct {
	Config

	Serve    serveCommand    `cmd:"" help:"启动服务 Serve the pages and interfaces"`
	Migrate  migrateCommand  `cmd:"" help:"把数据库升级到最新结构 Bring the schema up to date"`
	Import   importCommand   `cmd:"" help:"导入文件：地名、区划、界线、界桩、规则包、词等 Import places, divisions, lines, markers, place classes, code lists, rule packs or words"`
	Export   exportCommand   `cmd:"" help:"导出 Export places as a file"`
	Demo     demoCommand     `cmd:"" help:"装入演示数据 Load the demo, or print its accounts with --json"`
	User     userCommand     `cmd:"" help:"账号 Accounts"`
	Office   officeCommand   `cmd:"" help:"单位 Offices"`
	Division divisionCommand `cmd:"" help:"行政区划 Divisions in time"`
	Line     lineCommand     `cmd:"" help:"界线 Boundary lines"`
	Token    tokenCommand    `cmd:"" help:"令牌 Tokens for scripts and devices"`
	Check    checkCommand    `cmd:"" help:"检查数据质量 Check the quality of the record"`
	Topology topologyCommand `cmd:"" help:"面与线 Bring neighbours' edges together; lines of areas, areas of lines"`
	Name     nameCommand     `cmd:"" help:"地名 Check or romanize names"`
	Rule     ruleCommand     `cmd:"" help:"命名规则包 Packs of naming rules"`
	Geo      geoCommand      `cmd:"" help:"坐标与量算 Convert and measure"`
	Track    trackCommand    `cmd:"" help:"轨迹 Check and match track files"`
	Ledger   ledgerCommand   `cmd:"" help:"账本 The journal's ledger"`
	Verify   verifyCommand   `cmd:"" help:"核查 Verify what was recorded"`
	Worker   workerCommand   `cmd:"" hidden:""`
	Version  versionCommand  `cmd:"" help:"版本 Print the version"`
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main with its surroundings passed in; it returns the exit code.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	var cli commands
	parser, err := kong.New(&cli, kong.Name("fangyu"), kong.Description("方舆：标准地名与行政区域界线 Place names and boundary lines"),
		kong.Writers(out, errs), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	code, asked := parse(parser, args, errs)
	if asked == nil {
		return code
	}
	stopLog, err := beginLog(cli.Config, errs)
	if err != nil {
		return explain(errs, err)
	}
	defer stopLog()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err = asked.Run(&env{ctx: ctx, cfg: cli.Config, in: in, out: out, err: errs})
	if err == nil {
		return 0
	}
	return explain(errs, err)
}

// exit carries kong's exit code out of its callback (--help).
type exit int

func parse(parser *kong.Kong, args []string, errs io.Writer) (code int, asked *kong.Context) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exit)
			if !ok {
				panic(r)
			}
			code, asked = int(e), nil
		}
	}()
	asked, err := parser.Parse(args)
	if err != nil {
		var wrong *kong.ParseError
		if errors.As(err, &wrong) {
			parser.Stdout = errs // standard output is for answers
			_ = wrong.Context.PrintUsage(true)
		}
		fmt.Fprintf(errs, "fangyu: %v\n", err)
		return 2, nil
	}
	return 0, asked
}

// env is what a command works with.
type env struct {
	ctx      context.Context
	cfg      Config
	in       io.Reader
	out, err io.Writer
}

// errFound says that a command did its work and found something that blocks.
var errFound = errors.New("findings")

// usageError is a wrong use of the command line, exit code 2.
type usageError string

func (u usageError) Error() string { return string(u) }

// What PostgreSQL calls a table or a column that is not there.
const (
	undefinedTable  = "42P01"
	undefinedColumn = "42703"
)

// maxShown bounds the findings printed for people.
const maxShown = 20

// flagsFor are the flags with which a person does on the command line what the sentence of an error says.
var flagsFor = map[string]string{
	"column-twice":     "--map 列名=-：略去一列",
	"unknown-column":   "--map 列名=字段：指定，--map 列名=-：略去",
	"frame-missing":    "--frame",
	"frame-undeclared": "--frame",
	"frame-held":       "--confirm-frame：确认坐标系",
	"frame-differs":    "--confirm-frame：确认坐标系",
	"import-refused":   "--partial：只导入其余各行",
	"twins-undecided":  "--twins new：都是新地名，--twins aside：都不导入",
}

// explain prints an error for people and returns the exit code.
func explain(w io.Writer, err error) int {
	var usage usageError
	var f *fault.Error
	var database *pgconn.PgError
	switch {
	case errors.Is(err, errFound):
		return 1
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "fangyu: 已取消 Cancelled")
		return 1
	case errors.As(err, &usage):
		fmt.Fprintf(w, "fangyu: %s\n", usage)
		return 2
	case errors.As(err, &f):
		fmt.Fprintf(w, "fangyu: %s（%s）\n", f.Detail, f.Code)
		if flags := flagsFor[f.Code]; flags != "" {
			fmt.Fprintf(w, "  可加 %s\n", flags)
		}
		printFindings(w, f.Findings)
		if f.Err != nil {
			slog.Debug("cause", "error", f.Err)
		}
		return 1
	case errors.As(err, &database) && (database.Code == undefinedTable || database.Code == undefinedColumn):
		fmt.Fprintf(w, "fangyu: 数据库的结构与这个程序不合（%s）：请用 fangyu migrate --database … --owner … 升级\n", database.Message)
		return 1
	default:
		fmt.Fprintf(w, "fangyu: %v\n", err)
		return 1
	}
}

// printFindings lists findings for people, what forbids first: it must not be among those that are left out.
func printFindings(w io.Writer, findings []fault.Finding) {
	for i, f := range fault.GravestFirst(findings) {
		if i == maxShown {
			fmt.Fprintf(w, "  … 另有 %d 处\n", len(findings)-maxShown)
			return
		}
		where := ""
		if f.Pointer != "" {
			where = f.Pointer + " "
		}
		fmt.Fprintf(w, "  %s[%s] %s（%s）\n", where, f.Severity.Label(), f.Detail, f.Code)
	}
}
