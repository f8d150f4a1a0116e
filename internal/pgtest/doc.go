// Package pgtest gives each test a real, migrated database.
//
// One cluster in memory serves all test processes of this account; it starts with the first and is gone with the last,
// however they end. A template database, named by the hash of the migrations, is made once and copied per test.
// internal/pgtest/hold keeps the cluster for a whole run of many packages.
//
// Why (2026-11-24): a copy of a template takes some 40 ms in memory, so no test needs to share what it writes, and no
// test needs a pretended database.
package pgtest
