// Package cluster keeps the private PostgreSQL cluster that Fangyu starts when no database is named: found binaries, a
// data folder and a Unix socket of its own, no network.
//
// Every command joins: it holds a shared lock on the folder and talks to the one server; the last one out stops it. Only
// serve holds a second, exclusive lock, and a second serve is told the pid of the first. Locks are flock, which the
// kernel gives back however a process ends, so a killed command leaves nothing to clean up: the server stays up and the
// next start takes it over.
//
// Why (2026-11-24):
//   - A server is alive when it answers, not when its pid file says so: pids are reused, and a dead postmaster can stay
//     as a zombie in a container.
//   - As root the server runs as the account the packages made (postgres), because initdb refuses root.
//   - A new cluster is made beside its place and renamed, so that a start that was killed half-way is simply made again.
//   - A cluster for tests lives in memory without durability, and a small process of its own, waiting for the exclusive
//     lock, removes it when the last holder has gone.
package cluster
