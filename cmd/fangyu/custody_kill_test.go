package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fangyu/internal/postgis/cluster"
	"fangyu/internal/trial"
)

// running keeps the database of a data folder running while servers over it are killed.
func running(t *testing.T, data string) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Join(context.Background(), cluster.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// noByteIsLostWhenTheServerIsKilled (R1) kills the server, and not the database, at whatever byte it is.
func noByteIsLostWhenTheServerIsKilled(t *testing.T, o *office) {
	seed, kills := trial.Seed(t), trial.Size(10, 200, 10_000)
	running(t, o.data)
	var to atomic.Value
	s := serve(t, o.data)
	o.learn(s.url)
	to.Store(s.url)
	var enough atomic.Bool
	var group errgroup.Group
	var sent, whole atomic.Int64
	for n := range 3 {
		d := &device{office: o, address: func() string { return to.Load().(string) }, http: &http.Client{Timeout: 30 * time.Second}, chunk: 32 << 10}
		own := rand.New(rand.NewPCG(seed, uint64(200+n)))
		group.Go(func() error {
			defer func() { sent.Add(d.sent.Load()) }()
			for !enough.Load() {
				content := make([]byte, 100_000+own.IntN(400_000))
				for i := range content {
					content[i] = byte('a' + own.IntN(26))
				}
				if _, err := d.handIn(content); err != nil {
					enough.Store(true)
					return err
				}
				whole.Add(int64(len(content)))
			}
			return nil
		})
	}
	dice := rand.New(rand.NewPCG(seed, 5))
	for range kills {
		if enough.Load() {
			break
		}
		time.Sleep(time.Duration(dice.IntN(120)) * time.Millisecond)
		s.kill()
		s = serve(t, o.data)
		to.Store(s.url)
	}
	enough.Store(true)
	if err := group.Wait(); err != nil {
		t.Fatalf("FANGYU_SEED=%d: %v\n%s", seed, err, s.said())
	}
	t.Logf("%d kills, %d receipts so far, %d MB received for %d sent", kills, len(o.receipts), whole.Load()>>20, sent.Load()>>20)
}

// killedBetween (R2) kills the server when the original lies in the vault and the record of it waits, and when the record
// is made and the answer waits.
func killedBetween(t *testing.T, o *office) {
	rounds := trial.Size(6, 200, 5000)
	db := running(t, o.data)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	s := serve(t, o.data)
	o.learn(s.url)
	for round := range rounds {
		direct := &device{office: o, address: func() string { return s.url }, http: &http.Client{Timeout: 30 * time.Second}, chunk: 1 << 20}
		content := fmt.Appendf(nil, "<gpx>%d %s</gpx>", round, uuid.NewString())
		at := direct.create(content)
		if round%2 == 0 {
			o.killedBeforeTheCommit(t, ctx, conn, s, direct, at, content)
		} else {
			o.killedBeforeTheAnswer(t, ctx, conn, s, at, content)
		}
		s = serve(t, o.data)
		if err := direct.send(at, content); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		status, _, first := direct.persist("GET", at+"/receipt", nil)
		if status != 200 {
			t.Fatalf("round %d: %d %s", round, status, first)
		}
		if _, _, second := direct.persist("GET", at+"/receipt", nil); string(first) != string(second) {
			t.Fatalf("round %d: two receipts:\n%s\n%s", round, first, second)
		}
		o.keep(string(first))
	}
}

// killedBeforeTheCommit holds the record of the track back until the original lies in the vault, and kills the server then.
func (o *office) killedBeforeTheCommit(t *testing.T, ctx context.Context, conn *pgx.Conn, s *server, d *device, at string, content []byte) {
	t.Helper()
	tx, err := conn.Begin(ctx)
	if err == nil {
		_, err = tx.Exec(ctx, `lock table track in exclusive mode`)
	}
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan bool)
	go func() {
		_, _, _, ok := d.ask("PATCH", at, content, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		asked <- ok
	}()
	digest := fmt.Sprintf("%x", sha256.Sum256(content))
	waitFor(t, "the original in the vault and its record waiting", func() bool {
		var waiting int
		if err := tx.QueryRow(ctx, `select count(*) from pg_locks where not granted and relation = 'track'::regclass`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(filepath.Join(o.data, "vault", digest[:2], digest[2:4], digest))
		return err == nil && waiting > 0
	})
	s.kill()
	if <-asked {
		t.Error("an answer came from a killed server")
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
}

// killedBeforeTheAnswer swallows what the server says until the record is made, and kills it then.
func (o *office) killedBeforeTheAnswer(t *testing.T, ctx context.Context, conn *pgx.Conn, s *server, at string, content []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		near, err := l.Accept()
		if err != nil {
			return
		}
		defer near.Close()
		if far, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err == nil {
			go func() {
				_, _ = io.Copy(io.Discard, far) // nothing comes back
				near.Close()
			}()
			_, _ = io.Copy(far, near)
			far.Close()
		}
	}()
	deaf := &device{office: o, address: func() string { return "http://" + l.Addr().String() }, http: &http.Client{Timeout: 30 * time.Second}, chunk: 1 << 20}
	asked := make(chan bool)
	go func() {
		_, _, _, ok := deaf.ask("PATCH", at, content, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		asked <- ok
	}()
	waitFor(t, "the record", func() bool {
		var made bool
		err := conn.QueryRow(ctx, `
			select s.received_at is not null from upload u join submission s on s.account_id = u.account_id and s.id = u.submission_id where u.id = $1`,
			at[strings.LastIndexByte(at, '/')+1:]).Scan(&made)
		if err != nil {
			t.Fatal(err)
		}
		return made
	})
	s.kill()
	if <-asked {
		t.Error("an answer came through")
	}
}

// TestAFullDisk (R10) lets the disk of the originals run full under a server, and makes room again.
func TestAFullDisk(t *testing.T) {
	rounds := trial.Size(5, 20, 200)
	o := newOffice(t)
	disk := filepath.Join(o.data, "vault")
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("这台机器不许挂载内存盘，跳过磁盘写满的试验：%v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	s := serve(t, o.data)
	o.learn(s.url)
	d := &device{office: o, address: func() string { return s.url }, http: &http.Client{Timeout: time.Minute}, chunk: 1 << 20}
	for round := range rounds {
		content := fmt.Appendf(nil, "<gpx>%d%s</gpx>", round, strings.Repeat(uuid.NewString(), 20_000))
		at, ballast := d.create(content), filepath.Join(disk, "ballast")
		fill(t, ballast)
		status, header, answer := d.persist("PATCH", at, content, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		if status != http.StatusInsufficientStorage || header.Get("Retry-After") == "" {
			t.Fatalf("round %d: %d %s, Retry-After %q", round, status, answer, header.Get("Retry-After"))
		}
		if status, _, answer := d.persist("GET", "/api/tracks?limit=1", nil); status != 200 {
			t.Fatalf("round %d: reading: %d %s", round, status, answer)
		}
		if status, _, answer := d.persist("GET", at+"/receipt", nil); status != 404 {
			t.Fatalf("round %d: a receipt of what was not received: %d %s", round, status, answer)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := d.send(at, content); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("round %d: took %v to recover", round, took)
		}
		_, _, receipt := d.persist("GET", at+"/receipt", nil)
		o.keep(string(receipt))
	}
	o.kept()
}

// fill writes a file until there is no room on its disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 1<<20); err == nil; {
		_, err = f.Write(piece)
	}
	for piece := make([]byte, 1); !errors.Is(err, syscall.ENOSPC); {
		if _, err = f.Write(piece); err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}
