package ledger

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"fangyu/internal/fault"
)

// TestTreeIsTlogs holds our right edge against tlog's own stored hashes and roots.
func TestTreeIsTlogs(t *testing.T) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = stored[index]
		}
		return out, nil
	})
	var ours tree
	for n := range int64(300) {
		if want, err := tlog.TreeHash(n, reader); err != nil || ours.root() != want {
			t.Fatalf("size %d: got %v, wanted %v, %v", n, ours.root(), want, err)
		}
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8)})
		want, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, want...)
		nodes := ours.add(nil, leaf)
		if len(nodes) != (len(want)-1)*tlog.HashSize {
			t.Fatalf("entry %d completes %d nodes, wanted %d", n, len(nodes)/tlog.HashSize, len(want)-1)
		}
		for i, h := range want[1:] {
			if string(nodes[i*tlog.HashSize:][:tlog.HashSize]) != string(h[:]) {
				t.Fatalf("entry %d, node %d", n, i)
			}
		}
	}
}

// TestRowsAreUnambiguous: no two rows are written down the same way, whatever lies in their columns.
func TestRowsAreUnambiguous(t *testing.T) {
	column := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.Bool().Draw(t, "null") {
			return nil
		}
		return rapid.SliceOfN(rapid.ByteRange(0, 1), 0, 6).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(column, 3, 3).Draw(t, "a")
		b := rapid.SliceOfN(column, 3, 3).Draw(t, "b")
		same := true
		for i := range a {
			same = same && string(a[i]) == string(b[i]) && (a[i] == nil) == (b[i] == nil)
		}
		if written := string(appendRow(nil, Algorithm, a)) == string(appendRow(nil, Algorithm, b)); written != same {
			t.Errorf("%q and %q", a, b)
		}
	})
}

func checkpointForTest() Checkpoint {
	return Checkpoint{
		Origin: "fangyu.ledger/test", Size: 12, Algorithm: Algorithm, At: time.Date(2026, 11, 28, 1, 2, 3, 4000, time.UTC), Reason: Hourly,
	}
}

func TestCheckpointsAreReadAsWritten(t *testing.T) {
	c := checkpointForTest()
	if got, err := parseCheckpoint(c.body()); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, wrong := range []string{
		"", "x", strings.Replace(c.body(), "\n12\n", "\n+12\n", 1), strings.Replace(c.body(), "\n12\n", "\n012\n", 1),
		strings.Replace(c.body(), "Z", "+00:00", 1), strings.Replace(c.body(), "chain ", "chain  ", 1), strings.Replace(c.body(), "reason", "cause", 1),
	} {
		if _, err := OpenCheckpoint(wrong); !fault.Is(err, "checkpoint-unreadable") {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	f.Add(checkpointForTest().body() + "\n— fangyu.ledger/test AAAAAA==\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, note := range SplitCheckpoints(text) {
			if _, err := OpenCheckpoint(note); err == nil {
				t.Error("no key signed it")
			}
			if c, err := parseCheckpoint(note); err == nil && !strings.HasPrefix(note, c.body()) {
				t.Errorf("%q reads as %+v", note, c)
			}
		}
	})
}
