package boundary

import (
	"time"

	"github.com/google/uuid"
)

// OfficeRef names an office.
type OfficeRef struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Receipt (回执) says what was received when from whom. The same file for the same line from the same office gets the
// same receipt, however often it is sent.
type Receipt struct {
	SubmissionID uuid.UUID `json:"submissionId"` // the track
	SHA256       string    `json:"sha256"`
	Size         int64     `json:"size"` // bytes
	FileName     string    `json:"fileName"`
	ReceivedAt   time.Time `json:"receivedAt"`
	Office       OfficeRef `json:"office"`
}
