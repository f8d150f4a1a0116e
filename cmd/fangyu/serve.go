package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"fangyu/api"
	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/ledger"
)

type serveCommand struct {
	Listen               string           `help:"监听地址，端口 0 为任选 Address to listen on; port 0 takes any" default:"127.0.0.1:8080" env:"FANGYU_LISTEN"`
	BaseURL              string           `help:"链接用的外部地址 Public address that links begin with" env:"FANGYU_BASE_URL"`
	MapReviewNumber      string           `help:"审图号 Map review number shown on every map" env:"FANGYU_MAP_REVIEW_NUMBER"`
	Secure               bool             `help:"只经 TLS 发送登录凭据 Send cookies over TLS only" env:"FANGYU_SECURE"`
	Migrate              bool             `help:"启动时升级数据库结构 Bring the schema up to date first" default:"true" negatable:"" env:"FANGYU_MIGRATE"`
	Demo                 bool             `help:"库为空时装入演示数据 Load the demo into an empty database" env:"FANGYU_DEMO"`
	From                 string           `help:"演示数据包所在文件夹 Folder of the demo's packages" type:"path" env:"FANGYU_DEMO_FROM"`
	TrustedProxy         []string         `help:"相信其 X-Forwarded-For 的代理地址或网段，可多次给出；缺省不信任任何代理 Proxies whose X-Forwarded-For is believed; none by default" placeholder:"CIDR" env:"FANGYU_TRUSTED_PROXY"`
	OIDCIssuer           string           `name:"oidc-issuer" help:"统一身份（OpenID Connect）提供方地址 Issuer of a second way in" placeholder:"https://…" env:"FANGYU_OIDC_ISSUER"`
	OIDCClientID         string           `name:"oidc-client-id" help:"在提供方登记的客户端标识 Client id there" env:"FANGYU_OIDC_CLIENT_ID"`
	OIDCClientSecret     string           `name:"oidc-client-secret" help:"客户端密钥 Client secret" env:"FANGYU_OIDC_CLIENT_SECRET"`
	OIDCClientSecretFile string           `name:"oidc-client-secret-file" help:"存放客户端密钥的文件 File that holds the client secret" type:"path" env:"FANGYU_OIDC_CLIENT_SECRET_FILE"`
	ExportAreaKm2        float64          `name:"export-area-km2" help:"一个单位在 --export-window 内可导出的全精度数据连片面积上限；由保密部门核定 Most contiguous area an office may export at full precision" default:"25" env:"FANGYU_EXPORT_AREA_KM2"`
	ExportWindow         time.Duration    `help:"连片面积的累计时长 Time over which exports are summed" default:"720h" env:"FANGYU_EXPORT_WINDOW"`
	ExportLayers         []string         `help:"计入连片面积的图层 Layers that are summed" default:"markers" env:"FANGYU_EXPORT_LAYERS"`
	Quota                map[string]int64 `help:"每个单位的上限：bytes（原件字节）、files（轨迹文件）、points（轨迹点）、jobs（待读取），0 为不限 Limits of every office" placeholder:"NAME=N;…" env:"FANGYU_QUOTA"`
	NodeLeastM           float64          `help:"协议图形的端点离结点不到这么多米，可以接上（另有该段精度的三倍） Metres within which an end of an agreed course may be put on its node" default:"1" env:"FANGYU_NODE_LEAST_M"`
	Attempts             map[string]int   `help:"15 分钟内容许的登录失败次数：account（一个账号）、network（一个网络） Failed sign-ins taken within 15 minutes" placeholder:"NAME=N;…" env:"FANGYU_ATTEMPTS"`
	Reading              map[string]int   `help:"一个账号 15 分钟内可读的非公开数据：tracks（轨迹）、rows（列表行）、exports（导出次数） What one account reads within 15 minutes" placeholder:"NAME=N;…" env:"FANGYU_READING"`
	ReaderMemory         int64            `help:"读取一个文件可用的内存，MiB Memory for reading one file" default:"1024" placeholder:"MIB" env:"FANGYU_READER_MEMORY"`
	ReaderTime           time.Duration    `help:"读取一个文件可用的时间 Time for reading one file" default:"2m" env:"FANGYU_READER_TIME"`
	ReadyFile            string           `help:"就绪后把地址写入此文件 Write the address here once listening" type:"path" env:"FANGYU_READY_FILE"`
}

// Run serves until it is told to stop, and lets go of everything in the reverse order.
func (c *serveCommand) Run(e *env) (err error) {
	if !(c.NodeLeastM > 0 && c.NodeLeastM <= boundary.MeetWithinM) {
		return usageError(fmt.Sprintf("--node-least-m 应大于 0、不超过 %d 米", boundary.MeetWithinM))
	}
	for _, p := range c.TrustedProxy {
		if err := api.CheckProxy(p); err != nil {
			return usageError("--trusted-proxy：" + err.Error())
		}
	}
	if c.ReaderMemory < minReaderMemory || c.ReaderTime < time.Second {
		return usageError(fmt.Sprintf("--reader-memory 不少于 %d（MiB），--reader-time 不少于 1s", minReaderMemory))
	}
	if c.ExportAreaKm2 <= 0 || c.ExportWindow <= 0 {
		return usageError("--export-area-km2 和 --export-window 须大于零，例如 25 和 720h")
	}
	quota, err := c.quota()
	if err != nil {
		return err
	}
	attempts, reading, err := c.rates()
	if err != nil {
		return err
	}
	oidc, err := c.oidc()
	if err != nil {
		return err
	}
	slog.Info("configuration", append(e.cfg.redacted(), "listen", c.Listen, "trusted-proxy", c.TrustedProxy, "oidc-issuer", c.OIDCIssuer)...)
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
	s.bound.Quota, s.bound.Sign, s.bound.NodeLeastM = quota, keys.Sign, c.NodeLeastM
	server, err := api.New(api.Config{
		Pool: s.pool, Gaz: s.gaz, Bound: s.bound, BaseURL: c.BaseURL, MapReviewNumber: c.MapReviewNumber, Secure: c.Secure,
		ExportLimit:  gazetteer.ExportLimit{AreaKm2: c.ExportAreaKm2, Window: c.ExportWindow, Layers: c.ExportLayers},
		DemoPassword: password, Log: slog.Default(), Ledger: &ledger.Book{DB: s.pool, Keys: keys},
		OIDC: oidc, TrustedProxies: c.TrustedProxy, Attempts: attempts, Reading: reading, Scratch: s.vault.Scratch(),
	})
	if err != nil {
		return err
	}
	lasting := context.WithoutCancel(e.ctx) // what was begun is ended by its own stop, not all at once
	stopLedger := startLedger(lasting, s, keys)
	defer func() { err = errors.Join(err, stopLedger()) }()
	readers := c.readers()
	defer readers.Close()
	s.jobs.ReadBy(readers.Do)
	if err := s.jobs.Start(lasting); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.jobs.Stop(lasting)) }()
	if err := c.announce(e, s, "http://"+l.Addr().String()); err != nil {
		return err
	}
	return server.Serve(e.ctx, l)
}

// quota is the usual one with what the flag changes.
func (c *serveCommand) quota() (boundsql.Quota, error) {
	quota := boundsql.UsualQuota
	for name, most := range c.Quota {
		if !quota.Set(name, most) {
			return quota, usageError(fmt.Sprintf("--quota：没有“%s=%d”这样的上限，可用 bytes、files、points、jobs", name, most))
		}
	}
	return quota, nil
}

// rates are the usual ones with what the flags change.
func (c *serveCommand) rates() (api.AttemptLimit, api.ReadingLimit, error) {
	attempts, reading := api.UsualAttempts, api.UsualReading
	for name, most := range c.Attempts {
		if !attempts.Set(name, most) {
			return attempts, reading, usageError(fmt.Sprintf("--attempts：没有“%s=%d”这样的上限，可用 account、network，须大于零", name, most))
		}
	}
	for name, most := range c.Reading {
		if !reading.Set(name, most) {
			return attempts, reading, usageError(fmt.Sprintf("--reading：没有“%s=%d”这样的上限，可用 tracks、rows、exports，须大于零", name, most))
		}
	}
	return attempts, reading, nil
}

// oidc is the second way in as the flags say, nil without one.
func (c *serveCommand) oidc() (*api.OIDC, error) {
	if c.OIDCIssuer == "" {
		if c.OIDCClientID+c.OIDCClientSecret+c.OIDCClientSecretFile != "" {
			return nil, usageError("--oidc-client-… 只与 --oidc-issuer 一同使用")
		}
		return nil, nil
	}
	secret := c.OIDCClientSecret
	if c.OIDCClientSecretFile != "" {
		if secret != "" {
			return nil, usageError("--oidc-client-secret 与 --oidc-client-secret-file 只能给出一个")
		}
		read, err := os.ReadFile(c.OIDCClientSecretFile)
		if err != nil {
			return nil, usageError("--oidc-client-secret-file 读不出来：" + err.Error())
		}
		secret = strings.TrimSpace(string(read))
	}
	door := &api.OIDC{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: secret}
	if err := door.Check(c.BaseURL); err != nil {
		return nil, usageError("--oidc-issuer：" + err.Error())
	}
	return door, nil
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
