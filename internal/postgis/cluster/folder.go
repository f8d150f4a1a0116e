package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"fangyu/internal/fault"
)

// DefaultDir is where the data lies when nothing else is said: /var/lib/fangyu for root, else below $XDG_DATA_HOME.
func DefaultDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/fangyu"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
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

func (f folder) pg() string        { return filepath.Join(f.dir, "pg") }
func (f folder) log() string       { return filepath.Join(f.socket, "server.log") }
func (f folder) lock() string      { return filepath.Join(f.dir, "lock") }
func (f folder) startLock() string { return filepath.Join(f.dir, "start.lock") }
func (f folder) serveLock() string { return filepath.Join(f.dir, "serve.lock") }

// account is whom the server runs as: ourselves, or as root the account the packages made.
type account struct {
	name     string
	uid, gid int
	switched bool // the server runs as somebody else than we do
}

func serverAccount() (account, error) {
	me, err := user.Current()
	if err != nil {
		return account{}, err
	}
	if os.Geteuid() != 0 {
		return account{name: me.Username, uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	pg, err := user.Lookup("postgres")
	if err != nil {
		return account{}, fault.New(fault.Internal, "account-missing",
			"以 root 运行时数据库要用账号 postgres，本机没有这个账号：请安装软件包 postgresql，或改用普通账号运行")
	}
	uid, _ := strconv.Atoi(pg.Uid)
	gid, _ := strconv.Atoi(pg.Gid)
	return account{name: "postgres", uid: uid, gid: gid, switched: true}, nil
}

// credential makes a child process run as the account.
func (a account) credential() *syscall.SysProcAttr {
	if !a.switched {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
}

const (
	socketFile     = "/.s.PGSQL.5432"
	socketPathRoom = 107 // bytes a Unix socket path may hold
)

// newFolder makes the data folder and the socket folder with the owners and modes they need.
func newFolder(dir string) (folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	acc, err := serverAccount()
	if err != nil {
		return folder{}, err
	}
	f := folder{dir: dir, account: acc, socket: filepath.Join(dir, "run")}
	if len(f.socket)+len(socketFile) > socketPathRoom {
		sum := sha256.Sum256([]byte(dir))
		f.socket = filepath.Join(os.TempDir(), "fangyu-"+strconv.Itoa(os.Geteuid())+"-"+hex.EncodeToString(sum[:6]))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return folder{}, fault.Wrap(err, fault.Internal, "data-folder", "不能建立数据文件夹 %s：%v", dir, err)
	}
	if err := os.MkdirAll(f.socket, 0o700); err != nil {
		return folder{}, fault.Wrap(err, fault.Internal, "data-folder", "不能建立文件夹 %s：%v", f.socket, err)
	}
	if acc.switched {
		if err := os.Chown(f.socket, acc.uid, acc.gid); err != nil {
			return folder{}, err
		}
		if at := closedTo(acc, dir); at != "" {
			return folder{}, fault.New(fault.Internal, "data-folder-closed",
				"账号 %s 进不了文件夹 %s，数据库不能放在它下面：请用 --data 另选位置，或放开它的 x 权限", acc.name, at)
		}
	}
	return f, nil
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
