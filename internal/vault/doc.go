// Package vault keeps original bytes: content-addressed by sha256, written once, never changed.
//
// Put returns only after the bytes, their name and the folders they lie in are on disk, so that a receipt sent after it
// is a promise the disk can keep. Reading checks the digest; wrong bytes are never served as right ones. A file may come in
// pieces (Append): an offset is acknowledged once every byte before it is on disk, and the whole file becomes an original
// (Keep). It leans on nothing but the file system and internal/fault.
//
// Why (2026-11-24):
//   - fsync of a file does not save its name; the folders are synced too, before anything is moved there and after, and
//     after a failed fsync the file is treated as lost, because the kernel may report the failure only once.
//   - A temporary file is locked by its writer. What nobody locks was left by a process that was killed, and goes at the
//     next Open; an age would either wait too long or hit a slow upload.
//   - Bytes sent again are compared with what lies there, which costs a read and mends a damaged original.
//
// Why (2026-11-28):
//   - How far a file in pieces has come is known to whoever calls, in a database. Its length on disk is no proof: after a
//     loss of power it may hold bytes that were never synced. What lies beyond the acknowledged offset is cut off.
//   - The digest is taken of the whole file as it lies there once its last piece has come, not carried along from piece to
//     piece: it then also covers what happened to the bytes in between, at 1.5 GB a second.
//   - What is made of originals lies in a vault of its own within the folder (Derived): kept and checked in the same way,
//     never found where an original is looked for, and made again when it is lost.
package vault
