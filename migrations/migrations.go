package migrations

import "embed"

// FS holds 0001_….sql and on, in the form jackc/tern reads.
//
//go:embed 0*.sql
var FS embed.FS
