// Package api is the HTTP face of Fangyu: a handler decodes, calls one use-case, encodes, and returns its error.
//
// routes.go is the whole route table. The public side (OGC API Features, tiles) is served from an immutable snapshot in
// memory that follows the database; everything that is decided goes to the stores. openapi.yaml says what every route
// answers, and a test holds the router to it.
//
// It leans on gin for routing, scs for sessions, the stores of gazsql and boundsql, geo/index and geo/tile.
//
// Why (2026-11-24):
//   - The snapshot holds every version with its days, so that datetime= is answered like today and needs no SQL.
//   - Every answer that is not success is application/problem+json (RFC 9457), 404 and panic included; the text of an
//     internal error stays in the log under the request's id.
//   - A validator is the digest of a collection's content, so that it is the same on every node and after every restart.
//   - Sessions are looked up below /api only: what is public costs no statement.
//   - Pages may load nothing but our own files and run no inline style or script; the report and the docs, which carry
//     their styles inside, may load nothing at all.
//   - No proxy is trusted unless configured: the peer's address is what the limiter and the log see.
//   - What is graded internal or secret is gone from this node's snapshot before the grading is answered, and from the others'
//     when their notification comes. A test reads every byte of every route over random grades (2026-11-28).
//   - Answers that depend on who asks are private and not stored by any cache.
package api
