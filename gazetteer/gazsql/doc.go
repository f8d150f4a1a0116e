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
package gazsql
