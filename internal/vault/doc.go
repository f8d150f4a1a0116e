// Package vault keeps original bytes: content-addressed by sha256, written once, never changed.
//
// Put returns only after the bytes, their name and the folders they lie in are on disk, so that a receipt sent after it
// is a promise the disk can keep. Reading checks the digest; wrong bytes are never served as right ones.
//
// Why (2026-11-24): fsync of a file does not save its name; the folder is synced too, and after a failed fsync the file
// is treated as lost, because the kernel may report the failure only once.
package vault
