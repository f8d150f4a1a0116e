package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"fangyu/internal/fault"
)

const oldestMajor = 15

var majorPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// findBinaries returns the folder that holds initdb, pg_ctl and postgres: of the major version that made the cluster, or
// for a new one (0) of the newest PostgreSQL from 15 on. Debian's places come first, then the PATH. The error names the
// packages to install.
func findBinaries(made int) (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if p, err := exec.LookPath("pg_ctl"); err == nil {
		candidates = append(candidates, filepath.Dir(p))
	}
	return pickBinaries(candidates, made)
}

func pickBinaries(candidates []string, made int) (string, error) {
	best, bestMajor := "", oldestMajor-1
	for _, dir := range candidates {
		if major := majorOf(dir); major > bestMajor && (made == 0 || major == made) {
			best, bestMajor = dir, major
		}
	}
	switch {
	case best == "" && made != 0:
		return "", fault.New(fault.Internal, "postgresql-missing",
			"数据由 PostgreSQL %d 建立，本机没有这个版本：请安装软件包 postgresql-%d 与 postgresql-%d-postgis-3，或先用 pg_upgrade 升级数据", made, made, made)
	case best == "":
		return "", fault.New(fault.Internal, "postgresql-missing",
			"没有找到 PostgreSQL %d 以上的服务程序：请安装软件包 postgresql 与 postgresql-postgis，或用 --database 指定已有数据库", oldestMajor)
	case !hasPostGIS(best):
		return "", fault.New(fault.Internal, "postgis-missing",
			"PostgreSQL %d 没有 PostGIS：请安装软件包 postgresql-postgis（postgresql-%d-postgis-3）", bestMajor, bestMajor)
	}
	return best, nil
}

// majorOf returns the major version of the server in dir, 0 when there is none.
func majorOf(dir string) int {
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return 0
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := majorPattern.FindSubmatch(out)
	if m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	return major
}

func hasPostGIS(dir string) bool {
	out, err := exec.Command(filepath.Join(dir, "pg_config"), "--sharedir").Output()
	share := ""
	if err == nil {
		share = string(out[:max(0, len(out)-1)])
	} else { // pg_config of the server may not be installed: Debian's layout
		share = filepath.Join("/usr/share/postgresql", filepath.Base(filepath.Dir(dir)))
	}
	_, err = os.Stat(filepath.Join(share, "extension", "postgis.control"))
	return err == nil
}
