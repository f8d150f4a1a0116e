// Package vault keeps original bytes: content-addressed by sha256, written once, never changed.
//
// Put returns only after the bytes, their name and the folders they lie in are on disk, so that a receipt sent after it
// is a promise the disk can keep. Reading checks the digest; wrong bytes are never served as right ones. It leans on
// nothing but the file system and internal/fault.
//
// Why (2026-11-24):
//   - fsync of a file does not save its name; the folders are synced too, and after a failed fsync the file is treated as
//     lost, because the kernel may report the failure only once.
//   - A temporary file is locked by its writer. What nobody locks was left by a process that was killed, and goes at the
//     next Open; an age would either wait too long or hit a slow upload.
//   - Bytes sent again are compared with what lies there, which costs a read and mends a damaged original.
package vault
