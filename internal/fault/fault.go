package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The kinds, in the order of the HTTP statuses they map to. Internal is the zero value: an error nobody classified is ours.
const (
	Internal     Kind = iota // 500: our mistake; the text stays in the log
	Malformed                // 400: the request cannot be read
	Anonymous                // 401: sign in first
	Forbidden                // 403: signed in, not allowed
	NotFound                 // 404: absent, or its existence is secret
	Timeout                  // 408: the request took too long to arrive
	Conflict                 // 409: against the present state
	Gone                     // 410: was here; the successor is named
	Stale                    // 412: made against an older version
	TooLarge                 // 413: over a stated limit
	Unsupported              // 415: a form or frame we do not take
	Refused                  // 422: understood and refused, with findings
	Precondition             // 428: If-Match is missing
	Exceeded                 // 429: rate or quota
	Busy                     // 503: try again soon
	Full                     // 507: no storage left
	Garbled                  // 460: the bytes are not those of their checksum (tus)
)

// Kinds lists every kind once, for tables and tests.
var Kinds = []Kind{
	Internal, Malformed, Anonymous, Forbidden, NotFound, Timeout, Conflict, Gone, Stale, TooLarge,
	Unsupported, Refused, Precondition, Exceeded, Busy, Full, Garbled,
}

var kindNames = [...]string{
	"internal", "malformed", "anonymous", "forbidden", "not-found", "timeout", "conflict", "gone", "stale", "too-large",
	"unsupported", "refused", "precondition", "exceeded", "busy", "full", "garbled",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind-%d", uint8(k))
}

// Error is a failure with its kind, a stable lower-kebab code and a sentence for people in Chinese.
type Error struct {
	Kind     Kind
	Code     string
	Detail   string
	Findings []Finding
	Err      error // the cause, for the log only
}

func (e *Error) Error() string {
	s := e.Code
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	for _, f := range e.Findings {
		s += "\n  " + f.String()
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the kind; format and args make the Chinese detail.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause that stays in the log.
func Wrap(err error, kind Kind, code, format string, args ...any) *Error {
	e := New(kind, code, format, args...)
	e.Err = err
	return e
}

// Refuse returns a Refused error that carries the findings.
func Refuse(code, detail string, findings []Finding) *Error {
	return &Error{Kind: Refused, Code: code, Detail: detail, Findings: findings}
}

// KindOf returns the kind of the outermost Error in err's chain, Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err carries the code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
