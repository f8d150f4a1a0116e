package main

import (
	"log/slog"
	"net/url"

	"fangyu/internal/postgis/cluster"
)

// Config is what every command that works on data needs. Each flag falls back to FANGYU_….
type Config struct {
	Data     string     `help:"数据文件夹 Data folder of the private cluster" placeholder:"DIR"`
	Database string     `help:"使用已有的数据库 Use this database instead of the private cluster" placeholder:"postgres://…"`
	Owner    string     `help:"升级结构时用的地址 Address for migrations, as fangyu_owner (with --database)" placeholder:"postgres://…"`
	Vault    string     `help:"原件文件夹 Folder of the original files (required with --database)" placeholder:"DIR"`
	LogLevel slog.Level `help:"日志级别 debug, info, warn, error" default:"warn"`
}

// dataDir is the data folder in force.
func (c Config) dataDir() string {
	if c.Data != "" {
		return c.Data
	}
	return cluster.DefaultDir()
}

// redacted is the configuration as it may be printed: without passwords.
func (c Config) redacted() []any {
	return []any{"data", c.dataDir(), "database", redact(c.Database), "vault", c.Vault}
}

func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "…"
	}
	return u.Redacted()
}
