// Package migrations holds the schema as forward-only steps, one idea each, and embeds them in the binary.
//
// A step is never edited once it has been on main; what was wrong is mended by the next number. schema.sql is the whole at
// rest, dumped from a migrated database; a test keeps it true.
package migrations
