package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fangyu/internal/fault"
	"fangyu/internal/trial"
)

// powerDisk is a file system in memory that forgets what was not synced when the power goes, or keeps some of it: bytes up
// to anywhere, a name with or without its file's bytes. A rename comes to disk whole or not at all, as journals have it.
type powerDisk struct {
	dice    *rand.Rand
	left    int // operations until the power goes
	names   map[string]*inode
	safe    map[string]*inode // the names that are on disk
	renamed map[string]string // from what, where it is not on disk yet
	room    int               // bytes that may still be written; negative: any
}

type inode struct {
	now, safe []byte
	held      bool
}

// errPower says that the power is gone.
var errPower = errors.New("the power is gone")

func newPowerDisk(dice *rand.Rand) *powerDisk {
	return &powerDisk{dice: dice, left: -1, names: map[string]*inode{}, safe: map[string]*inode{}, renamed: map[string]string{}, room: -1}
}

func (d *powerDisk) works() error {
	if d.left == 0 {
		return errPower
	}
	d.left--
	return nil
}

// fail is the power going and coming back.
func (d *powerDisk) fail() {
	from := slices.Collect(maps.Values(d.renamed))
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		if d.safe[name] != d.names[name] && d.dice.IntN(2) == 0 {
			d.settle(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.safe)) {
		if d.names[name] == nil && !slices.Contains(from, name) && d.dice.IntN(2) == 0 { // a removal that came to disk
			delete(d.safe, name)
		}
	}
	clear(d.renamed)
	d.names = map[string]*inode{}
	for _, name := range slices.Sorted(maps.Keys(d.safe)) {
		n := d.safe[name]
		if len(n.now) > len(n.safe) && bytes.HasPrefix(n.now, n.safe) {
			n.safe = n.now[:len(n.safe)+d.dice.IntN(len(n.now)-len(n.safe)+1)]
		}
		d.names[name] = &inode{now: slices.Clone(n.safe), safe: slices.Clone(n.safe)}
	}
	d.safe = map[string]*inode{}
	for name, n := range d.names {
		d.safe[name] = n
	}
	for name := range d.names { // a name lasts only in a folder that lasts
		for dir := filepath.Dir(name); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
			if d.names[dir] == nil {
				delete(d.names, name)
				delete(d.safe, name)
				break
			}
		}
	}
	d.left = -1
}

// settle brings a name to disk.
func (d *powerDisk) settle(name string) {
	d.safe[name] = d.names[name]
	if from := d.renamed[name]; from != "" {
		delete(d.safe, from)
		delete(d.renamed, name)
	}
}

// MkdirAll makes folders, whose names are names like others.
func (d *powerDisk) MkdirAll(dir string) error {
	for ; dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		if err := d.works(); err != nil {
			return err
		}
		if d.names[dir] == nil {
			d.names[dir] = &inode{}
		}
	}
	return nil
}

func (d *powerDisk) CreateHeld(dir string) (file, error) {
	return d.OpenHeld(filepath.Join(dir, putPrefix+strconv.FormatUint(d.dice.Uint64(), 16)))
}

func (d *powerDisk) OpenHeld(path string) (file, error) {
	if err := d.works(); err != nil {
		return nil, err
	}
	if d.names[path] == nil {
		d.names[path] = &inode{}
	}
	if d.names[path].held {
		return nil, errHeld
	}
	d.names[path].held = true
	return &powerFile{d: d, n: d.names[path], name: path, writes: true}, nil
}

func (d *powerDisk) Open(path string) (file, error) {
	if err := d.works(); err != nil {
		return nil, err
	}
	if d.names[path] == nil {
		return nil, fs.ErrNotExist
	}
	return &powerFile{d: d, n: d.names[path], name: path}, nil
}

func (d *powerDisk) Settle(from, to string) error {
	if err := d.works(); err != nil {
		return err
	}
	d.names[to] = d.names[from]
	delete(d.names, from)
	d.renamed[to] = from
	return nil
}

func (d *powerDisk) Remove(path string) error {
	if err := d.works(); err != nil {
		return err
	}
	if d.names[path] == nil {
		return fs.ErrNotExist
	}
	delete(d.names, path)
	return nil
}

func (d *powerDisk) SyncFolder(dir string) error {
	if err := d.works(); err != nil {
		return err
	}
	for name := range d.names {
		if filepath.Dir(name) == dir {
			d.settle(name)
		}
	}
	for name := range d.safe {
		if filepath.Dir(name) == dir && d.names[name] == nil {
			delete(d.safe, name)
		}
	}
	for to, from := range d.renamed {
		if filepath.Dir(from) == dir {
			d.settle(to)
		}
	}
	return nil
}

func (d *powerDisk) Names(dir string) (names []string, err error) {
	for name := range d.names {
		if filepath.Dir(name) == dir {
			names = append(names, filepath.Base(name))
		}
	}
	return names, nil
}

type powerFile struct {
	d      *powerDisk
	n      *inode
	name   string
	at     int64
	writes bool
}

func (f *powerFile) Name() string { return f.name }

func (f *powerFile) Read(p []byte) (int, error) {
	if err := f.d.works(); err != nil {
		return 0, err
	}
	if f.at >= int64(len(f.n.now)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.now[f.at:])
	f.at += int64(n)
	return n, nil
}

func (f *powerFile) ReadAt(p []byte, offset int64) (int, error) {
	return bytes.NewReader(f.n.now).ReadAt(p, offset)
}

func (f *powerFile) Write(p []byte) (int, error) {
	if err := f.d.works(); err != nil {
		return 0, err
	}
	var err error
	if f.d.room >= 0 && len(p) > f.d.room {
		p, err = p[:f.d.room], syscall.ENOSPC
	}
	if f.d.room >= 0 {
		f.d.room -= len(p)
	}
	f.n.now = append(f.n.now[:f.at:f.at], p...)
	f.at += int64(len(p))
	return len(p), err
}

func (f *powerFile) Seek(offset int64, _ int) (int64, error) {
	f.at = offset
	return offset, f.d.works()
}

func (f *powerFile) Sync() error {
	if err := f.d.works(); err != nil {
		return err
	}
	f.n.safe = slices.Clone(f.n.now)
	return nil
}

func (f *powerFile) Truncate(size int64) error {
	if err := f.d.works(); err != nil {
		return err
	}
	if freed := len(f.n.now) - int(size); f.d.room >= 0 {
		f.d.room += freed
	}
	f.n.now = f.n.now[:size:size]
	return nil
}

func (f *powerFile) Stat() (os.FileInfo, error) { return sizeInfo(len(f.n.now)), f.d.works() }

func (f *powerFile) Close() error {
	if f.writes {
		f.n.held = false
	}
	return nil
}

// sizeInfo is a file's size.
type sizeInfo int

func (s sizeInfo) Name() string       { return "" }
func (s sizeInfo) Size() int64        { return int64(s) }
func (s sizeInfo) Mode() fs.FileMode  { return 0o600 }
func (s sizeInfo) ModTime() time.Time { return time.Time{} }
func (s sizeInfo) IsDir() bool        { return false }
func (s sizeInfo) Sys() any           { return nil }

// TestPowerLossTakesNothingAcknowledged (R4) puts whole files and files in pieces on a disk whose power goes at a random
// operation, again and again, and after each time looks for all that was acknowledged before.
func TestPowerLossTakesNothingAcknowledged(t *testing.T) {
	seed, points := trial.Seed(t), trial.Size(10_000, 10_000, 1_000_000)
	dice := rand.New(rand.NewPCG(seed, 4))
	acknowledged, resumed := 0, 0
	for n := 0; n < points; {
		w := newStorm(dice)
		for life := 0; life < 6; life++ {
			w.live()
			n++
			if err := w.holds(); err != nil {
				t.Fatalf("FANGYU_SEED=%d, crash %d: %v", seed, n, err)
			}
		}
		acknowledged += len(w.originals)
		resumed += w.resumed
	}
	if acknowledged < points/4 || resumed < points/20 {
		t.Errorf("only %d originals and %d resumed pieces in %d crashes: the storm hits too early", acknowledged, resumed, points)
	}
	t.Logf("%d crashes, %d originals acknowledged, %d pieces resumed", points, acknowledged, resumed)
}

// storm is a vault on a disk whose power goes, and what was promised of it.
type storm struct {
	dice      *rand.Rand
	disk      *powerDisk
	v         *Vault
	originals map[string]bool
	part      []byte // the file that is coming in pieces
	id        string
	offset    int64  // acknowledged
	found     string // its digest once it was whole, as the database keeps it
	resumed   int
}

func newStorm(dice *rand.Rand) *storm {
	w := &storm{dice: dice, disk: newPowerDisk(dice), originals: map[string]bool{}}
	w.v = &Vault{dir: "/v", disk: w.disk}
	if err := errors.Join(w.disk.MkdirAll("/v"), w.disk.SyncFolder("/")); err != nil {
		panic(err)
	}
	return w
}

func (w *storm) bytes() []byte {
	b := make([]byte, w.dice.IntN(200))
	for i := range b {
		b[i] = byte('a' + w.dice.IntN(3)) // few, so that the same bytes come again
	}
	return b
}

// live works until the power goes.
func (w *storm) live() {
	if err := w.disk.MkdirAll(w.v.tmp()); err != nil { // as Open does
		panic(err)
	}
	w.disk.left = w.dice.IntN(120)
	for {
		var err error
		if w.dice.IntN(3) == 0 {
			err = w.put()
		} else {
			err = w.piece()
		}
		if err != nil {
			w.disk.fail()
			return
		}
	}
}

func (w *storm) put() error {
	d, err := w.v.Put(context.Background(), bytes.NewReader(w.bytes()), 0)
	if err == nil {
		w.originals[d.SHA256] = true
	}
	return err
}

// piece sends the next piece of a file, or makes it an original.
func (w *storm) piece() error {
	ctx := context.Background()
	if w.part == nil {
		w.part, w.id, w.offset, w.found = append(w.bytes(), 'x'), strconv.FormatUint(w.dice.Uint64(), 16), 0, ""
	}
	if size := int64(len(w.part)); w.offset < size {
		if w.offset > 0 {
			w.resumed++
		}
		end := w.offset + 1 + w.dice.Int64N(size-w.offset)
		return w.v.Append(ctx, w.id, Piece{
			Offset: w.offset, End: size, Body: bytes.NewReader(w.part[w.offset:end]),
			Kept: func(offset int64) error { w.offset = offset; return nil },
		})
	}
	if w.found == "" {
		d, _, err := w.v.Whole(ctx, w.id)
		if err != nil {
			return err
		}
		w.found = d.SHA256
	}
	err := w.v.Keep(w.id, w.found)
	if err == nil {
		w.originals[w.found], w.part = true, nil
	}
	return err
}

// holds reports what was acknowledged and is not there.
func (w *storm) holds() error {
	for digest := range w.originals {
		if n := w.disk.names[w.v.path(digest)]; n == nil || fmt.Sprintf("%x", sha256.Sum256(n.now)) != digest {
			return fmt.Errorf("the original %s is gone or damaged", digest)
		}
	}
	if w.part == nil {
		return nil
	}
	if w.found != "" {
		if want := fmt.Sprintf("%x", sha256.Sum256(w.part)); w.found != want {
			return fmt.Errorf("%s was found to be %s, is %s", w.id, w.found, want)
		}
		if w.v.whole(w.found) {
			return nil
		}
	}
	n := w.disk.names[w.v.part(w.id)]
	switch {
	case w.offset == 0:
	case n == nil:
		return fmt.Errorf("%d acknowledged bytes of %s are gone with its name", w.offset, w.id)
	case int64(len(n.now)) < w.offset || !bytes.Equal(n.now[:w.offset], w.part[:w.offset]):
		return fmt.Errorf("of %d acknowledged bytes of %s, %d are there", w.offset, w.id, len(n.now))
	}
	return nil
}

// TestAFullDiskKeepsWhatWasAcknowledged fills the disk in the midst of a piece: its bytes make room again, those before
// stay, and once there is room the same file goes on.
func TestAFullDiskKeepsWhatWasAcknowledged(t *testing.T) {
	w := newStorm(rand.New(rand.NewPCG(1, 1)))
	ctx, text, kept := context.Background(), bytes.Repeat([]byte("x"), 3000), int64(0)
	send := func(from int) error {
		return w.v.Append(ctx, "a", Piece{
			Offset: int64(from), End: 3000, Body: bytes.NewReader(text[from:]),
			Kept: func(offset int64) error { kept = offset; return nil },
		})
	}
	w.disk.room = 1000
	if err := send(0); fault.KindOf(err) != fault.Full || kept != 0 || w.disk.room != 1000 {
		t.Fatalf("got %v, %d kept, room for %d", err, kept, w.disk.room)
	}
	w.disk.room = 3000
	if err := send(0); err != nil || kept != 3000 {
		t.Fatalf("with room: %v, %d kept", err, kept)
	}
}

func TestPiecesThatAreRefused(t *testing.T) {
	v, ctx := open(t), context.Background()
	offset := int64(0)
	send := func(p Piece) error {
		p.End = 6
		p.Kept = func(at int64) error { offset = at; return nil }
		return v.Append(ctx, "a", p)
	}
	if err := send(Piece{Body: strings.NewReader("abc")}); err != nil || offset != 3 {
		t.Fatalf("got %v, %d", err, offset)
	}
	wrong := Piece{Offset: 3, Body: strings.NewReader("def"), Sum: sha256.New(), Want: make([]byte, 32)}
	if err := send(wrong); fault.KindOf(err) != fault.Garbled || offset != 3 {
		t.Errorf("another checksum: %v, %d", err, offset)
	}
	if err := send(Piece{Offset: 3, Body: strings.NewReader("defg")}); !fault.Is(err, "body-longer") || offset != 3 {
		t.Errorf("too long: %v, %d", err, offset)
	}
	if err := send(Piece{Offset: 5, Body: strings.NewReader("f")}); !fault.Is(err, "part-lost") {
		t.Errorf("with a gap: %v", err)
	}
	held, err := v.disk.OpenHeld(v.part("a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := send(Piece{Offset: 3, Body: strings.NewReader("def")}); fault.KindOf(err) != fault.Busy {
		t.Errorf("while another writes: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(strings.NewReader("d"), failing{})
	if err := send(Piece{Offset: 3, Body: broken}); !errors.Is(err, io.ErrUnexpectedEOF) || offset != 4 {
		t.Errorf("broken off: %v, %d", err, offset)
	}
	if err := send(Piece{Offset: 4, Body: strings.NewReader("ef")}); err != nil || offset != 6 {
		t.Fatalf("the rest: %v, %d", err, offset)
	}
	if _, err := Open(v.dir); err != nil {
		t.Fatal(err)
	}
	d, head, err := v.Whole(ctx, "a")
	if err != nil || d.Size != 6 || string(head) != "abcdef" {
		t.Fatalf("after another start: %v, %+v, %q", err, d, head)
	}
	for range 2 { // as after a crash in between
		if err := v.Keep("a", d.SHA256); err != nil || !v.whole(d.SHA256) {
			t.Fatalf("keep: %v", err)
		}
	}
	if parts, err := v.Parts(); err != nil || len(parts) != 0 {
		t.Errorf("left: %v, %v", parts, err)
	}
}

// failing is a body that breaks off.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
