package boundary

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// OfficeRef names an office.
type OfficeRef struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// ReceivedFile is a file that a receipt is for.
type ReceivedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Receipt (回执) says what was received when from whom. However often a submission is sent, its receipt is the same; and
// the same file for the same line from the same office, sent on its own, gets the receipt it got first.
type Receipt struct {
	SubmissionID uuid.UUID      `json:"submissionId"`
	Files        []ReceivedFile `json:"files"`
	ReceivedAt   time.Time      `json:"receivedAt"`
	Office       OfficeRef      `json:"office"`
	Entry        int64          `json:"entry,omitempty"` // sequence number of its entry in the journal; 0 in receipts of before 2026-11-28
	Leaf         string         `json:"leaf,omitempty"`  // the entry's hash in the ledger, base64, after its algorithm
	Note         string         `json:"note,omitempty"`  // Text, signed; empty where there was no key
}

// receiptTitle begins the text of a receipt; no checkpoint of a ledger begins so, whatever the key that signed it is called.
const receiptTitle = "fangyu receipt 1 (ed25519)"

// Text is what is signed: a line for each fact, names last.
func (r Receipt) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nsubmission %s\nreceived %s\noffice %s %s\nentry %d\n", receiptTitle, r.SubmissionID,
		r.ReceivedAt.UTC().Format(time.RFC3339Nano), r.Office.ID, oneLine(r.Office.Name), r.Entry)
	if r.Leaf != "" {
		fmt.Fprintf(&b, "leaf %s\n", r.Leaf)
	}
	for _, f := range r.Files {
		fmt.Fprintf(&b, "file %s %d %s\n", f.SHA256, f.Size, oneLine(f.Name))
	}
	return b.String()
}

// oneLine is a name that cannot be taken for lines of its own.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }

// ParseReceipt reads the text of a receipt.
//
// Errors: Malformed "receipt-unreadable".
func ParseReceipt(text string) (Receipt, error) {
	var r Receipt
	wrong := fault.New(fault.Malformed, "receipt-unreadable", "不是方舆的回执：首行应为“%s”，其后写明报送编号、时间、单位和文件", receiptTitle)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[0] != receiptTitle {
		return r, wrong
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, " ")
		var err error
		switch name {
		case "submission":
			r.SubmissionID, err = uuid.Parse(value)
		case "received":
			r.ReceivedAt, err = time.Parse(time.RFC3339Nano, value)
		case "office":
			id, called, _ := strings.Cut(value, " ")
			r.Office.Name = called
			r.Office.ID, err = uuid.Parse(id)
		case "entry":
			r.Entry, err = strconv.ParseInt(value, 10, 64)
		case "leaf":
			r.Leaf = value
		case "file":
			var f ReceivedFile
			parts := strings.SplitN(value, " ", 3)
			if len(parts) != 3 || !digestPattern.MatchString(parts[0]) {
				return r, wrong
			}
			f.SHA256, f.Name = parts[0], parts[2]
			f.Size, err = strconv.ParseInt(parts[1], 10, 64)
			r.Files = append(r.Files, f)
		default:
			return r, wrong
		}
		if err != nil {
			return r, wrong
		}
	}
	if r.Text() != strings.TrimSuffix(text, "\n")+"\n" || len(r.Files) == 0 { // one spelling only
		return r, wrong
	}
	return r, nil
}
