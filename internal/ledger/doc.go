// Package ledger makes the journal tamper-evident.
//
// One Sequencer links committed entries of the journal, each within a second, into a hash chain and a Merkle tree
// (RFC 6962, as golang.org/x/mod/sumdb/tlog computes it), and signs the head of the tree: hourly, at each decision, and
// when somebody asks for a proof. A signed head is a Checkpoint, a C2SP signed note, kept in the database and, out of a
// database superuser's reach, in the folder of the Keys. Book reads: the latest checkpoint, that an entry lies in it, that
// one checkpoint continues another. Verify recomputes everything and names the first entry that is wrong.
//
// Between checkpoints the sequencer keeps the signed head of the tree in the folder too, at most a second after an entry was
// linked, so that a tail cannot be cut off without a trace. It does not wait for the disk with it: when the machine loses
// power, the head in the folder may be some seconds old.
//
// The order of the ledger, n, is the order in which entries became visible, without gaps. The journal's own seq is not: it
// is drawn before the commit, so a reader that goes by seq can pass an entry that commits late. Whoever polls goes by n.
//
// Offices are the witnesses: a Witness signs a checkpoint only if it continues the one it signed before, and keeps what it
// signed. The database keeps the signatures too, under keys that the offices registered.
//
// What is hashed, all numbers big-endian, every part with its length in front:
//
//	row    algorithm ‖ seq ‖ at ‖ actor ‖ office ‖ subject ‖ verb ‖ before ‖ after ‖ cites, in PostgreSQL's binary form
//	leaf   SHA-256(0x00 ‖ row)
//	node   SHA-256(0x01 ‖ left ‖ right)
//	chain  SHA-256(algorithm ‖ n ‖ linked_at ‖ chain before ‖ leaf)
//
// Why (2026-11-28):
//   - The binary form of a row is unambiguous, stable since PostgreSQL 9.4, tells null from empty, and needs no decoding:
//     a million entries are checked in seconds. A column added to the journal needs a new Algorithm; a test says so.
//   - The algorithm stands in front of what is hashed and in each row and checkpoint, so that SM3 and SM2 can follow
//     SHA-256 and Ed25519 in the same ledger.
//   - The chain and the tree are both kept: the chain also binds when an entry was linked, the tree gives short proofs. A
//     checkpoint signs both.
//   - Writers do nothing for the ledger: a trigger that noted each entry in a table of what waits took a quarter of the
//     writers' throughput. The sequencer polls, reads the journal on from the highest number linked, and looks again for the
//     numbers missing below it until everybody has ended who may have drawn them (gap.go).
//   - Nor do they notify: a commit that notifies holds a lock of the whole PostgreSQL server until it is on disk, and the
//     writers would wait for each other. Asking for a checkpoint does notify.
//   - An entry that is deleted before it was linked leaves no trace, and one that a superuser adds at the end is linked like
//     any other: the ledger shows what was changed since it was linked, not who wrote.
//   - The lock is a session's advisory lock and the linking runs in that same session: whoever loses the lock has lost its
//     transaction with it, so two sequencers never link side by side.
//   - A checkpoint goes to the file only after its transaction is durable. The other way round a crash could leave a signed
//     tree that never came to be.
//   - A sequencer that finds its ledger shorter or other than a checkpoint it knows does not go on: it would sign two
//     histories with one key. A person has to look, and after a restore say so: Restored.
//   - The inner nodes lie in the row of the entry that completes them, not in a table of their own: half the rows to verify,
//     and nothing is ever updated.
//   - An office's signature is one more line under the same note: whoever keeps the note keeps it, and one reader opens both.
//   - The witness refuses what does not continue its last checkpoint, in its own files and by the proof alone; it would
//     otherwise sign both of two histories. It keeps a signature before it gives it out, as a crash could otherwise forget it.
//   - A stored signature of a key that was revoked later still counts. When it was revoked the database alone says, and
//     whoever rewrites the ledger could say anything there.
package ledger
