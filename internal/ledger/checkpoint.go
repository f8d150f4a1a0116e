package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
)

// Reason says why a checkpoint was made.
type Reason string

// The reasons there are.
const (
	Hourly   Reason = "hourly"   // an hour after the one before, if anything came
	Decision Reason = "decision" // a decision was linked
	Asked    Reason = "asked"    // somebody wanted a proof
	Head     Reason = "head"     // between checkpoints, every second in which entries came; kept in the folder of the keys only
)

// Checkpoint is the head of a ledger at a size.
type Checkpoint struct {
	Origin    string // the ledger: the name of its key
	Size      int64
	Root      tlog.Hash // of the Merkle tree
	Algorithm string
	Chain     tlog.Hash // of entry Size-1
	At        time.Time
	Reason    Reason
	Note      string // all of it as signed; empty before
}

// body is the text that is signed: a C2SP checkpoint whose extension lines are the algorithm, the chain, the time and the
// reason.
func (c Checkpoint) body() string {
	return strings.Join([]string{
		c.Origin, strconv.FormatInt(c.Size, 10), base64.StdEncoding.EncodeToString(c.Root[:]),
		"algorithm " + c.Algorithm, "chain " + base64.StdEncoding.EncodeToString(c.Chain[:]),
		"at " + c.At.UTC().Format(time.RFC3339Nano), "reason " + string(c.Reason), "",
	}, "\n")
}

// sign returns the checkpoint with its note.
func (c Checkpoint) sign(signer note.Signer) (Checkpoint, error) {
	c.Origin = signer.Name()
	msg, err := note.Sign(&note.Note{Text: c.body()}, signer)
	c.Note = string(msg)
	return c, err
}

// OpenCheckpoint reads a signed note and checks that one of the verifiers' keys signed it.
//
// Errors: Malformed "checkpoint-unreadable" for what is no checkpoint of a ledger; Refused "checkpoint-unsigned" where no
// signature holds.
func OpenCheckpoint(signed string, verifiers ...note.Verifier) (Checkpoint, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		if _, bodyOnly := parseCheckpoint(signed); bodyOnly != nil {
			return Checkpoint{}, fault.Wrap(err, fault.Malformed, "checkpoint-unreadable", "不是账本检查点：应为签名的 C2SP checkpoint")
		}
		return Checkpoint{}, fault.Wrap(err, fault.Refused, "checkpoint-unsigned", "检查点没有已知密钥的有效签名")
	}
	c, err := parseCheckpoint(opened.Text)
	if err == nil && !signedBy(opened, c.Origin) {
		return Checkpoint{}, fault.New(fault.Refused, "checkpoint-unsigned", "检查点没有由账本 %s 自己的密钥签名", c.Origin)
	}
	c.Note = signed
	return c, err
}

func signedBy(n *note.Note, origin string) bool {
	for _, s := range n.Sigs {
		if s.Name == origin {
			return true
		}
	}
	return false
}

// parseCheckpoint reads the lines of body; more lines may follow.
func parseCheckpoint(text string) (Checkpoint, error) {
	wrong := fault.New(fault.Malformed, "checkpoint-unreadable", "不是账本检查点：应依次写明账本名、条数、树根、算法、链尾、时间、缘由")
	lines := strings.Split(text, "\n")
	if len(lines) < 8 || lines[0] == "" {
		return Checkpoint{}, wrong
	}
	var values [4]string
	for i, name := range []string{"algorithm", "chain", "at", "reason"} {
		value, ok := strings.CutPrefix(lines[3+i], name+" ")
		if !ok {
			return Checkpoint{}, wrong
		}
		values[i] = value
	}
	size, sizeErr := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := tlog.ParseHash(lines[2])
	chain, chainErr := tlog.ParseHash(values[1])
	at, atErr := time.Parse(time.RFC3339Nano, values[2])
	c := Checkpoint{
		Origin: lines[0], Size: size, Root: root, Algorithm: values[0], Chain: chain, At: at, Reason: Reason(values[3]),
	}
	canonical := strings.HasPrefix(text, c.body()) // one spelling only: no +1, no leading zeros, no other zone
	if sizeErr != nil || rootErr != nil || chainErr != nil || atErr != nil || size < 0 || !canonical {
		return Checkpoint{}, wrong
	}
	return c, nil
}

// signatureMark begins the line of a signature.
const signatureMark = "— "

// SplitCheckpoints takes apart what a file of checkpoints holds: signed notes one after the other.
func SplitCheckpoints(text string) []string {
	var notes []string
	var current strings.Builder
	signatures := false
	for line := range strings.Lines(text) {
		signature := strings.HasPrefix(line, signatureMark)
		if signatures && !signature {
			notes = append(notes, current.String())
			current.Reset()
		}
		if signatures = signature; strings.TrimSpace(line) == "" && current.Len() == 0 {
			continue
		}
		current.WriteString(line)
	}
	if strings.TrimSpace(current.String()) != "" {
		notes = append(notes, current.String())
	}
	return notes
}
