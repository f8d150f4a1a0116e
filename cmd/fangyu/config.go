package main

import (
	"log/slog"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/postgis/cluster"
)

// Config is what every command that works on data needs. Each flag falls back to its FANGYU_… in the environment.
type Config struct {
	Data     string     `help:"数据文件夹 Data folder of the private cluster" placeholder:"DIR" env:"FANGYU_DATA"`
	Database string     `help:"使用已有的数据库 Use this database instead of the private cluster" placeholder:"postgres://…" env:"FANGYU_DATABASE"`
	Owner    string     `help:"升级结构时用的地址 Address for migrations, as fangyu_owner (with --database)" placeholder:"postgres://…" env:"FANGYU_OWNER"`
	Vault    string     `help:"原件文件夹 Folder of the original files (required with --database)" placeholder:"DIR" env:"FANGYU_VAULT"`
	Keys     string     `help:"账本密钥文件夹 Folder of the ledger's key (DATA/keys; with --database VAULT/keys)" placeholder:"DIR" env:"FANGYU_KEYS"`
	LogDir   string     `help:"日志文件夹，按日分文件；缺省写到标准错误 Folder of the log, a file a day; standard error by default" placeholder:"DIR" env:"FANGYU_LOG_DIR"`
	LogKeep  int        `help:"日志留存天数，不少于 183 Days for which the log is kept" default:"190" placeholder:"DAYS" env:"FANGYU_LOG_KEEP"`
	LogLevel slog.Level `help:"日志级别 debug, info, warn, error" default:"info" env:"FANGYU_LOG_LEVEL"`
}

// check refuses what does not go together, before anything is opened.
func (c Config) check() error {
	if c.Database == "" {
		if c.Owner != "" {
			return usageError("--owner 只与 --database 一同使用：自带的数据库不需要它")
		}
		return nil
	}
	if c.Vault == "" {
		return usageError("使用 --database 时须用 --vault 指定各节点共用的原件文件夹")
	}
	for flag, address := range map[string]string{"--database": c.Database, "--owner": c.Owner} {
		if _, err := pgx.ParseConfig(address); err != nil {
			return usageError(flag + " 的地址读不懂：请写成 postgres://用户@主机/库名")
		}
	}
	return nil
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
	if c.Database != "" {
		return []any{"database", redact(c.Database), "owner", redact(c.Owner), "vault", c.Vault, "keys", c.Keys}
	}
	return []any{"data", c.dataDir(), "vault", c.Vault, "keys", c.Keys}
}

// redact tells where a database is and who signs in there, however the address is written.
func redact(address string) string {
	if address == "" {
		return ""
	}
	at, err := pgx.ParseConfig(address)
	if err != nil {
		return "…"
	}
	return "postgres://" + at.User + "@" + at.Host + "/" + at.Database
}
