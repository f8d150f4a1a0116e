#!/bin/sh
# Says what this machine lacks to run (run) or to test (test) Fangyu, and installs it with apt where there is apt.
# Asks for nothing, and for no password, when nothing is missing.
set -eu

mode=${1:-run}
say() { printf '%s\n' "$*" >&2; }

# version_at_least HAVE WANT
version_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# Go and Node come from their own sites, not from the distribution, whose versions are too old.
have_go=$(go env GOVERSION 2>/dev/null | sed 's/^go//' || true)
if [ -z "$have_go" ] || ! version_at_least "$have_go" 1.26.3; then
    say "方舆需要 Go 1.26.3 以上（现有：${have_go:-没有}），请从 https://go.dev/dl/ 安装。Fangyu needs Go 1.26.3 or newer."
    exit 1
fi
have_node=$(node --version 2>/dev/null | sed 's/^v//' || true)
if [ -z "$have_node" ] || ! version_at_least "$have_node" 20.19.0; then
    say "方舆需要 Node 20.19 以上（现有：${have_node:-没有}），请从 https://nodejs.org/ 安装。Fangyu needs Node 20.19 or newer."
    exit 1
fi

# has_postgis: a PostgreSQL server of version 15 or newer that has PostGIS.
has_postgis() {
    for bin in /usr/lib/postgresql/*/bin; do
        [ -x "$bin/postgres" ] || continue
        major=$(basename "$(dirname "$bin")")
        [ "$major" -ge 15 ] 2>/dev/null && [ -e "/usr/share/postgresql/$major/extension/postgis.control" ] && return 0
    done
    command -v pg_config >/dev/null 2>&1 && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]
}

missing=
has_postgis || missing="$missing postgresql postgresql-postgis"
if [ "$mode" = test ]; then
    command -v ogr2ogr >/dev/null 2>&1 || missing="$missing gdal-bin"
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
    fc-list 2>/dev/null | grep -q 'Noto Sans CJK' || missing="$missing fontconfig fonts-noto-cjk"
    fc-list ':charset=23d66' 2>/dev/null | grep -q . || missing="$missing fonts-hanazono" # 𣵦 and its like
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    say "缺少 Missing:$missing"
    say "本机没有 apt：请用本机的包管理器安装 PostgreSQL 15 以上、PostGIS 3（测试另需 GDAL、Chromium、Noto CJK 字体和花园明朝），或用 --database 指定已有数据库。"
    say "There is no apt here: install PostgreSQL 15+ with PostGIS 3 (for the tests also GDAL, Chromium, Noto CJK fonts and Hanazono Mincho) with your own package manager."
    exit 1
fi

say "将用 apt 安装 Installing with apt:$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        say "需要 root 权限：请以 root 执行 apt-get install$missing"
        exit 1
    fi
    sudo=sudo
fi

# Installing PostgreSQL must not start a second server on port 5432: no main cluster unless one is there already.
case $missing in
*postgresql*)
    if [ ! -d /etc/postgresql ] || [ -z "$(ls -A /etc/postgresql)" ]; then
        $sudo mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.d/fangyu.conf >/dev/null
    fi
    ;;
esac
$sudo apt-get update -qq || say "apt-get update 没有成功，用已有的清单继续"
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2

if ! has_postgis; then
    say "安装后仍没有 PostgreSQL 15 以上与 PostGIS：这个发行版可能太旧。PostgreSQL 15+ with PostGIS is still missing: this release may be too old."
    exit 1
fi
