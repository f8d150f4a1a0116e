package postgis

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/internal/fault"
)

// Open opens a pool whose connections read and write geometry, after checking that the database serves.
//
// Errors: fault Refused "database-unfit" with a sentence for each thing missing; Unsupported "exec-mode" for a connection
// string that asks for a mode which cannot carry geometry; what pgx says otherwise.
func Open(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "database-address", "数据库地址读不懂：请写成 postgres://用户@主机/库名")
	}
	switch cfg.ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec:
		return nil, fault.New(fault.Unsupported, "exec-mode",
			"连接方式 %s 不能传送图形：请去掉 default_query_exec_mode", cfg.ConnConfig.DefaultQueryExecMode)
	}
	cfg.AfterConnect = registerGeometry
	cfg.ConnConfig.Tracer = patience{}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// Policies make small queries look dear, and PostgreSQL would compile them, which takes a quarter of a second and gains nothing.
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := checkFit(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// registerGeometry looks the OIDs up, which differ from database to database.
func registerGeometry(ctx context.Context, conn *pgx.Conn) error {
	var one, array uint32
	err := conn.QueryRow(ctx, `
		select coalesce(to_regtype('geometry')::oid, 0), coalesce(to_regtype('geometry[]')::oid, 0)`).Scan(&one, &array)
	if err != nil {
		return fmt.Errorf("look up the geometry type: %w", err)
	}
	if one != 0 {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "geometry", OID: one, Codec: geometryCodec{}})
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "_geometry", OID: array, Codec: arrayCodec{}})
	}
	return nil
}

// checkFit asks for what every statement of ours relies on, and says all that is missing at once.
func checkFit(ctx context.Context, pool *pgxpool.Pool) error {
	var fit struct {
		version         int
		encoding, ctype string
		missing         []string
		owner, app      bool
		postgis         string
	}
	err := pool.QueryRow(ctx, `
		select current_setting('server_version_num')::int,
		       pg_encoding_to_char(d.encoding), coalesce(nullif(d.datctype, ''), d.datcollate),
		       coalesce((select array_agg(w.name order by w.name)
		                 from (values ('postgis'), ('pg_trgm'), ('btree_gist')) w (name)
		                 where not exists (select from pg_extension e where e.extname = w.name)), '{}'),
		       exists (select from pg_roles where rolname = 'fangyu_owner'),
		       exists (select from pg_roles where rolname = 'fangyu_app'),
		       coalesce((select extversion from pg_extension where extname = 'postgis'), '')
		from pg_database d where d.datname = current_database()`).Scan(
		&fit.version, &fit.encoding, &fit.ctype, &fit.missing, &fit.owner, &fit.app, &fit.postgis)
	if err != nil {
		return err
	}
	var findings []fault.Finding
	unfit := func(bad bool, code, format string, args ...any) {
		if bad {
			findings = append(findings, fault.Finding{Code: code, Severity: fault.Block, Detail: fmt.Sprintf(format, args...)})
		}
	}
	unfit(fit.version < 150000, "postgresql-old", "PostgreSQL 版本过低（%d）：需要 15 以上", fit.version)
	unfit(fit.encoding != "UTF8", "encoding", "数据库编码是 %s：需要 UTF8", fit.encoding)
	unfit(fit.ctype == "C" || fit.ctype == "POSIX", "locale",
		"数据库的字符分类是 %s，汉字的三字组索引会落空：请用 C.UTF-8 或其他 UTF-8 区域重建数据库", fit.ctype)
	unfit(len(fit.missing) > 0, "extension-missing", "缺少扩展 %s：请由超级用户执行 create extension", strings.Join(fit.missing, "、"))
	unfit(fit.postgis != "" && olderThan(fit.postgis, 3, 3), "postgis-old", "PostGIS 版本过低（%s）：需要 3.3 以上", fit.postgis)
	unfit(!fit.owner || !fit.app, "role-missing", "缺少角色 fangyu_owner 或 fangyu_app：请由超级用户建立")
	if len(findings) > 0 {
		return fault.Refuse("database-unfit", "这个数据库不能用于方舆", findings)
	}
	return nil
}

// olderThan compares the first two numbers of a version such as "3.3.2".
func olderThan(version string, major, minor int) bool {
	var gotMajor, gotMinor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &gotMajor, &gotMinor); n < 2 {
		return true
	}
	return gotMajor < major || gotMajor == major && gotMinor < minor
}
