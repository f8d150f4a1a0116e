package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"

	"fangyu/internal/fault"
)

// Limits cap one piece of work.
type Limits struct {
	MemoryBytes int64         // of data; the collector of garbage works harder from half of it on
	Time        time.Duration // by the clock
	AnswerBytes int64         // of the document that comes back
}

// Pool runs pieces of work, each in a process of its own. The zero value starts none.
type Pool struct {
	Program string   // "": the one that is running
	Args    []string // with which the program does a piece of work: it calls Serve
	Limits  Limits

	mu     sync.Mutex
	spares []*process
	closed bool
}

// spares is how many processes are kept ready: starting one takes longer than most work, and work comes in bursts.
const spares = 2

// process is a program started and waiting for its work.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    bytes.Buffer
	said   bytes.Buffer // the end of what it wrote on standard error
	socket *net.UnixConn
	cancel context.CancelFunc
}

// Do has a piece of work done on a file and returns the document that came back. It ends the process when ctx ends.
//
// Errors: Internal "worker-memory", "worker-time", "worker-answer" when a limit ended it, "worker-died" for any other end;
// the error of ctx.
func (p *Pool) Do(ctx context.Context, words []byte, file *os.File) ([]byte, error) {
	w, err := p.take()
	if err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	defer w.cancel()
	bounded, cancel := context.WithTimeout(ctx, p.Limits.Time)
	defer cancel()
	stop := context.AfterFunc(bounded, w.cancel)
	defer stop()
	w.hand(words, file) // a process that died meanwhile says so at its end
	err = w.cmd.Wait()
	w.socket.Close()
	go p.prepare()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		return nil, fault.New(fault.Internal, "worker-time", "读取超过 %v，已中止", p.Limits.Time)
	case int64(w.out.Len()) > p.Limits.AnswerBytes:
		return nil, fault.New(fault.Internal, "worker-answer", "读取结果超过 %d 字节，已中止", p.Limits.AnswerBytes)
	case err != nil && starved.Match(w.said.Bytes()):
		return nil, fault.Wrap(w.why(err), fault.Internal, "worker-memory", "读取所需内存超过 %d MiB，已中止", p.Limits.MemoryBytes>>20)
	case err != nil:
		return nil, fault.Wrap(w.why(err), fault.Internal, "worker-died", "读取程序意外终止")
	}
	return w.out.Bytes(), nil
}

// starved are the words of the runtime that got no memory from the system, wherever that befalls it. The last is its
// collector's, which asks for a queue, does not look whether it got one and writes to address 0; a fault of ours at
// address 0 begins with "panic:".
var starved = regexp.MustCompile(`out of memory|cannot allocate memory|errno=12|failed to reserve|failed to create new OS thread|pthread_create failed|cannot map pages|` +
	`(?m)^SIGSEGV: segmentation violation\nPC=0x[0-9a-f]+ m=\d+ sigcode=1 addr=0x[0-9a-f]{1,3}\n`)

func (w *process) why(err error) error {
	return fmt.Errorf("%w: %.2000s", err, w.said.Bytes())
}

// hand gives the process its work.
func (w *process) hand(words []byte, file *os.File) {
	_, _, err := w.socket.WriteMsgUnix([]byte{1}, syscall.UnixRights(int(file.Fd())), nil)
	if err == nil {
		_, err = w.in.Write(words)
	}
	if err = errors.Join(err, w.in.Close()); err != nil {
		w.cancel()
	}
}

// take returns the process that has been ready longest, or starts one.
func (p *Pool) take() (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.spares) > 0 {
		w := p.spares[0]
		p.spares = p.spares[1:]
		return w, nil
	}
	return p.start()
}

// prepare keeps processes ready for the next pieces of work. One that cannot be started now is started then.
func (p *Pool) prepare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && len(p.spares) < spares {
		w, err := p.start()
		if err != nil {
			return
		}
		p.spares = append(p.spares, w)
	}
}

// Start keeps the first processes ready.
func (p *Pool) Start() { p.prepare() }

// Close ends the processes kept ready; work under way ends with its context.
func (p *Pool) Close() {
	p.mu.Lock()
	left := p.spares
	p.spares, p.closed = nil, true
	p.mu.Unlock()
	for _, w := range left {
		w.cancel()
		_ = w.cmd.Wait()
		w.socket.Close()
	}
}

func (p *Pool) start() (*process, error) {
	program := p.Program
	if program == "" {
		var err error
		if program, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	theirs := os.NewFile(uintptr(ends[1]), "worker")
	defer theirs.Close()
	ours := os.NewFile(uintptr(ends[0]), "worker")
	socket, err := net.FileConn(ours)
	ours.Close()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &process{cmd: exec.CommandContext(ctx, program, p.Args...), socket: socket.(*net.UnixConn), cancel: cancel}
	w.cmd.Env = []string{
		limitEnv + "=" + strconv.FormatInt(p.Limits.MemoryBytes, 10), "GOMEMLIMIT=" + strconv.FormatInt(p.Limits.MemoryBytes/2, 10),
		"GOTRACEBACK=single",
	}
	w.cmd.ExtraFiles = []*os.File{theirs} // 3
	w.cmd.Stdout = &bounded{&w.out, p.Limits.AnswerBytes + 1}
	w.cmd.Stderr = &bounded{&w.said, 64 << 10}
	w.cmd.WaitDelay = 5 * time.Second
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if w.in, err = w.cmd.StdinPipe(); err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		cancel()
		socket.Close()
		return nil, err
	}
	return w, nil
}

// bounded keeps the first bytes written to it.
type bounded struct {
	into *bytes.Buffer
	most int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - int64(b.into.Len()); int64(len(p)) > room {
		b.into.Write(p[:max(room, 0)])
		return len(p), nil // who writes more is not held up: its answer counts as too large
	}
	return b.into.Write(p)
}

// limitEnv carries the cap of memory to the process.
const limitEnv = "FANGYU_WORKER_MEMORY"

// Serve is the other side: within the process it caps itself, waits for its work, and writes what do answers to out.
func Serve(in io.Reader, out io.Writer, do func(words []byte, file *os.File) ([]byte, error)) error {
	if err := confine(os.Getenv(limitEnv)); err != nil {
		return err
	}
	file, err := receiveFile(3)
	if err != nil {
		return fmt.Errorf("receive the file: %w", err)
	}
	defer file.Close()
	words, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	answer, err := do(words, file)
	if err == nil {
		_, err = out.Write(answer)
	}
	return err
}

// confine caps this process for good: memory, no core, and no file written anywhere.
func confine(memory string) error {
	bytes, err := strconv.ParseUint(memory, 10, 63)
	if err != nil {
		return errors.New("a worker is started by the server only")
	}
	for what, most := range map[int]uint64{syscall.RLIMIT_DATA: bytes, syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: 0} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("cap the worker: %w", err)
		}
	}
	return nil
}

// receiveFile takes the descriptor that comes over the socket.
func receiveFile(socket int) (*os.File, error) {
	side := os.NewFile(uintptr(socket), "server")
	c, err := net.FileConn(side)
	if err != nil {
		return nil, err
	}
	side.Close()
	defer c.Close()
	b, oob := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	_, n, _, _, err := c.(*net.UnixConn).ReadMsgUnix(b, oob)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:n])
	if err != nil || len(messages) == 0 {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return os.NewFile(uintptr(fds[0]), "original"), nil
}
