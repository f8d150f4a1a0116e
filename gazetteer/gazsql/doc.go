// Package gazsql gathers the facts that package gazetteer decides on and records the decisions. Its files have the stems
// of gazetteer's; one exported method is one use-case and one transaction.
//
// It leans on pgx and internal/postgis. A Store built over a transaction joins it as a savepoint, which is how boundsql
// uses this package.
//
// Why (2026-11-24): an import is one transaction however long it takes, so that a killed one leaves nothing half-done;
// rows travel by COPY, so that this costs no time. Whoever writes divisions, places or standard names holds one lock until
// the end of the transaction: art. 9 forbids repetition in scopes that no constraint can express, so a name is judged and
// written with nobody in between. A case is judged at submission and again at approval.
//
// Why (2026-11-28): what is internal or secret does not lie in the published tables with a mark on it; it leaves them, whole,
// in the transaction that grades it (secrecy.go). Every query of a published table is then right without asking, also
// those nobody has written yet. Rows travel as jsonb and geometry, so that the very rows come back; a later migration that
// adds a column which may not be null fills it in withheld.rows too. Work tables refer to place_identity and
// marker_identity, which stay; there lies the version that grading and naming are decided against. What was told while the
// record was public is taken back where it can be: kept answers of idempotency keys are dropped, findings of other cases
// are read without that evidence, and the journal's entries about it are behind row-level security. The gain of one side
// must not be the loss of the other's record: a marker is graded by the bureau above both parties only.
//
// Why (2026-11-28): a name is found by its form (search_form.go), which the program computes and the transaction that writes the
// name makes: triggers put the place into name_form_due, formDue empties it. Ways of writing that do not call it are caught
// up with by FormNames, at start and whenever published tables change. A search reads what matches a key by one index in
// order of rank, a page at a time, and only then asks whether it fits the filters: with both in one condition the planner
// guesses how many fit, and guesses wrong (2026-11-28: 村 in a province read every name, 68,439 grams instead of 16).
//
// Why (2026-11-28): among 60,000 names the database answered 300 searches a second, most of the time planning them. The names are
// therefore in memory too (search_names.go, gazetteer.Names), and answer exactly as the database does, which a test holds; what they
// do not know, and everything while they are read, the database answers. What is said of a change is which places, never what:
// the names are read again, so that what is withheld is gone with its notification and nothing can be told wrongly.
//
// Why (2026-11-28): an audit works for the office that asked for it, by row-level security, so that it finds what that office
// may know and no more; its findings lie behind the same wall. A finding that names a place withheld since is not read any
// more by who may not know of it (hidden_places). Everything is gathered in one snapshot and judged in memory; a rule
// at a time in SQL would see the record at several moments.
package gazsql
