package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"fangyu/api"
	"fangyu/internal/ledger"
)

type serveCommand struct {
	Listen          string `help:"监听地址，端口 0 为任选 Address to listen on; port 0 takes any" default:"127.0.0.1:8080" env:"FANGYU_LISTEN"`
	BaseURL         string `help:"链接用的外部地址 Public address that links begin with" env:"FANGYU_BASE_URL"`
	MapReviewNumber string `help:"审图号 Map review number shown on every map" env:"FANGYU_MAP_REVIEW_NUMBER"`
	Secure          bool   `help:"只经 TLS 发送登录凭据 Send cookies over TLS only" env:"FANGYU_SECURE"`
	Migrate         bool   `help:"启动时升级数据库结构 Bring the schema up to date first" default:"true" negatable:"" env:"FANGYU_MIGRATE"`
	Demo            bool   `help:"库为空时装入演示数据 Load the demo into an empty database" env:"FANGYU_DEMO"`
	From            string `help:"演示数据包所在文件夹 Folder of the demo's packages" type:"path" env:"FANGYU_DEMO_FROM"`
	ReadyFile       string `help:"就绪后把地址写入此文件 Write the address here once listening" type:"path" env:"FANGYU_READY_FILE"`
}

// Run serves until it is told to stop, and lets go of everything in the reverse order.
func (c *serveCommand) Run(e *env) (err error) {
	slog.Info("configuration", append(e.cfg.redacted(), "listen", c.Listen)...)
	s, err := open(e.ctx, e, opening{serve: true, keep: !c.Migrate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.cluster != nil {
		defer s.cluster.Keep(context.WithoutCancel(e.ctx))()
	}
	if c.Demo {
		if err := loadDemo(e.ctx, e, s, c.From); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("监听 %s：%w", c.Listen, err)
	}
	defer l.Close()
	password, err := demoPasswordOf(e.ctx, s)
	if err != nil {
		return err
	}
	keys, err := ledger.OpenKeys(e.cfg.keysDir(s.cluster))
	if err != nil {
		return err
	}
	server, err := api.New(api.Config{
		Pool: s.pool, Gaz: s.gaz, Bound: s.bound, BaseURL: c.BaseURL, MapReviewNumber: c.MapReviewNumber, Secure: c.Secure,
		DemoPassword: password, Log: slog.Default(), Ledger: &ledger.Book{DB: s.pool, Keys: keys},
	})
	if err != nil {
		return err
	}
	lasting := context.WithoutCancel(e.ctx) // what was begun is ended by its own stop, not all at once
	stopLedger := startLedger(lasting, s, keys)
	defer func() { err = errors.Join(err, stopLedger()) }()
	if err := s.jobs.Start(lasting); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.jobs.Stop(lasting)) }()
	if err := c.announce(e, s, "http://"+l.Addr().String()); err != nil {
		return err
	}
	return server.Serve(e.ctx, l)
}

// announce says where the server is and, in a demo, who can sign in.
func (c *serveCommand) announce(e *env, s *system, address string) error {
	fmt.Fprintf(e.out, "listening %s\n", address)
	fmt.Fprintf(e.out, "  网页 Pages     %s/   手机 Field %s/field/\n  OGC API        %s/ogc\n  接口说明 Docs  %s/docs\n", address, address, address, address)
	if err := printDemoAccounts(e, s); err != nil {
		return err
	}
	if c.ReadyFile != "" {
		return os.WriteFile(c.ReadyFile, []byte(address+"\n"), 0o644)
	}
	return nil
}
