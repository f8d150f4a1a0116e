// Package worker does a piece of work in a process of its own: this same program, started again with capped memory and
// time. What kills that process, a file made to do so or a mistake of ours, kills nothing else.
//
// The work's words go in on standard input, the file it is about as an open descriptor, and one document comes back on
// standard output. A Pool keeps one process ready, because starting takes longer than reading a small file; no process
// does more than one piece of work.
//
// Why (2026-11-28):
//   - The process caps itself before it reads a byte: Go has no way to cap a child between fork and exec, and what runs
//     until then is our own code.
//   - RLIMIT_DATA and not RLIMIT_AS: the runtime reserves address space that it never fills.
//   - The descriptor goes over a socket, because the process is started before it is known which file it will read. It gets
//     no environment, so no address of a database and no key.
package worker
