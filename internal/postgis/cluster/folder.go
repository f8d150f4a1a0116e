package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"fangyu/internal/fault"
)

const systemDir = "/var/lib/fangyu"

// DefaultDir is where the data lies when nothing else is said: /var/lib/fangyu for root and for whoever may write there,
// else below $XDG_DATA_HOME.
func DefaultDir() string {
	const writeAndPass = 2 | 1
	if os.Geteuid() == 0 || syscall.Access(systemDir, writeAndPass) == nil {
		return systemDir
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "fangyu")
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "fangyu")
}

// folder is the layout of a cluster on disk and the account its server runs as.
type folder struct {
	dir     string // the data folder
	socket  string // holds the Unix socket, 0700, owned by the account
	account account
}

func (f folder) pg() string        { return pgDir(f.dir) }
func (f folder) log() string       { return filepath.Join(f.socket, "server.log") }
func (f folder) lock() string      { return filepath.Join(f.dir, "lock") }
func (f folder) startLock() string { return filepath.Join(f.dir, "start.lock") }
func (f folder) serveLock() string { return filepath.Join(f.dir, "serve.lock") }

func pgDir(dir string) string { return filepath.Join(dir, "pg") }

// madeBy returns the major version that made the cluster in the data folder, 0 when there is none to be seen.
func madeBy(dir string) int {
	b, err := os.ReadFile(filepath.Join(pgDir(dir), "PG_VERSION"))
	if err != nil {
		return 0
	}
	major, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return major
}

const (
	socketFile     = "/.s.PGSQL.5432"
	socketPathRoom = 107 // bytes a Unix socket path may hold
)

// newFolder makes the data folder and the socket folder with the owners and modes they need.
func newFolder(o Options) (folder, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return folder{}, err
	}
	if err := makeDataFolder(dir, o.Memory); err != nil {
		return folder{}, err
	}
	acc, err := serverAccount(pgDir(dir))
	if err != nil {
		return folder{}, err
	}
	f := folder{dir: dir, account: acc, socket: filepath.Join(dir, "run")}
	if len(f.socket)+len(socketFile) > socketPathRoom {
		// Made of the data folder and its account alone: everyone who joins must come to the same place.
		sum := sha256.Sum256([]byte(dir))
		f.socket = "/tmp/fangyu-" + strconv.Itoa(acc.uid) + "-" + hex.EncodeToString(sum[:6])
	}
	if err := acc.claim(f.socket); err != nil {
		return folder{}, err
	}
	if at := closedTo(acc, dir); acc.switched && at != "" {
		return folder{}, fault.New(fault.Internal, "data-folder-closed",
			"账号 %s 进不了文件夹 %s，数据库不能放在它下面：请用 --data 另选位置，或放开它的 x 权限", acc.name, at)
	}
	return f, nil
}

// makeDataFolder makes the folder where it is missing. One in a place where everyone may write must be our own.
func makeDataFolder(dir string, memory bool) error {
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.Chmod(dir, 0o755) // whatever the umask: the server's account passes through
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "data-folder", "不能建立数据文件夹 %s：%v", dir, err)
	}
	if memory && !ownFolder(dir, os.Geteuid()) {
		return foreign(dir)
	}
	return nil
}

// claim makes a folder that only the account may enter. The name may be foreseen and lie in /tmp, so a folder or link that
// somebody else put there is refused.
func (a account) claim(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, fault.Internal, "data-folder", "不能建立文件夹 %s：%v", path, err)
	}
	if !ownFolder(path, os.Geteuid(), a.uid) {
		return foreign(path)
	}
	if a.switched {
		if err := os.Lchown(path, a.uid, a.gid); err != nil {
			return err
		}
	}
	return os.Chmod(path, 0o700)
}

func foreign(path string) error {
	return fault.New(fault.Internal, "folder-foreign",
		"%s 不是本账号的文件夹：请以它所属的账号运行，或用 --data 另选位置", path)
}

// ownFolder reports whether the path is a folder, not a link to one, of one of the owners.
func ownFolder(path string, owners ...int) bool {
	var st syscall.Stat_t
	if syscall.Lstat(path, &st) != nil || st.Mode&syscall.S_IFMT != syscall.S_IFDIR {
		return false
	}
	for _, uid := range owners {
		if int(st.Uid) == uid {
			return true
		}
	}
	return false
}

// account is whom the server runs as: ourselves, or as root somebody else.
type account struct {
	name     string
	uid, gid int
	switched bool // the server runs as somebody else than we do
}

// serverAccount says whom the server of the cluster in pg runs as. Root takes the account the cluster belongs to, and for
// a new one that of the packages, because PostgreSQL refuses root; everyone else runs their own only.
func serverAccount(pg string) (account, error) {
	var st syscall.Stat_t
	made := syscall.Stat(pg, &st) == nil
	if os.Geteuid() == 0 {
		if made && st.Uid != 0 {
			return account{name: accountName(int(st.Uid)), uid: int(st.Uid), gid: int(st.Gid), switched: true}, nil
		}
		return packagedAccount()
	}
	if made && int(st.Uid) != os.Geteuid() {
		return account{}, foreign(pg)
	}
	return account{name: accountName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}, nil
}

// packagedAccount is the one the packages of PostgreSQL make.
func packagedAccount() (account, error) {
	pg, err := user.Lookup(Superuser)
	if err != nil {
		return account{}, fault.New(fault.Internal, "account-missing",
			"以 root 运行时数据库要用账号 postgres，本机没有这个账号：请安装软件包 postgresql 与 postgresql-postgis，或改用普通账号运行")
	}
	uid, err1 := strconv.Atoi(pg.Uid)
	gid, err2 := strconv.Atoi(pg.Gid)
	return account{name: pg.Username, uid: uid, gid: gid, switched: true}, errors.Join(err1, err2)
}

func accountName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// credential makes a child process run as the account.
func (a account) credential() *syscall.SysProcAttr {
	if !a.switched {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
}

// give hands a file of ours to the account.
func (a account) give(path string) error {
	if !a.switched {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// closedTo returns the first folder on the way to dir that the account may not pass through, "" when all are open.
func closedTo(acc account, dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		var st syscall.Stat_t
		if syscall.Stat(at, &st) == nil {
			switch {
			case int(st.Uid) == acc.uid && st.Mode&0o100 != 0:
			case int(st.Gid) == acc.gid && st.Mode&0o010 != 0:
			case st.Mode&0o001 != 0:
			default:
				return at
			}
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}
