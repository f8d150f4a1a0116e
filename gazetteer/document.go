package gazetteer

import (
	"time"

	"github.com/google/uuid"
)

// Document is a paper or data set that something rests on: an approval, an agreement, a regulation, an imported file.
type Document struct {
	ID       uuid.UUID `json:"id"`
	Kind     string    `json:"kind"` // approval, agreement, publication, dataset, regulation, other
	Title    string    `json:"title"`
	Number   string    `json:"number,omitempty"` // 文号
	IssuedBy string    `json:"issuedBy,omitempty"`
	IssuedOn time.Time `json:"-"` // a day; zero when unknown
	URL      string    `json:"url,omitempty"`
	Licence  string    `json:"licence,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// JournalEntry is one line of the record of who did what (审计日志).
type JournalEntry struct {
	At      time.Time
	Actor   Actor
	Subject string // noun/id
	Verb    string
	Before  any // marshalled as JSON; nil for none
	After   any
	Cites   []uuid.UUID // documents
}
