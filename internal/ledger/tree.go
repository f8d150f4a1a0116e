package ledger

import (
	"crypto/sha256"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is what has to be known of a ledger to go on with it: its size, the end of the chain, and the right edge of the
// Merkle tree. It is a value; a copy is a snapshot.
type tree struct {
	size  int64
	chain tlog.Hash
	edge  [64]tlog.Hash // edge[l] is the hash of the complete subtree of 2^l entries at the right, where size has bit l
}

// add takes in the next entry's leaf and appends to nodes the hashes of the inner nodes it completes, lowest first.
func (t *tree) add(nodes []byte, leaf tlog.Hash) []byte {
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(t.edge[level], leaf)
		nodes = append(nodes, leaf[:]...)
	}
	t.edge[level] = leaf
	t.size++
	return nodes
}

// root is the hash of the whole tree.
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(uint64(t.size))
	root := t.edge[level]
	for level++; t.size>>level > 0; level++ {
		if t.size>>level&1 == 1 {
			root = tlog.NodeHash(t.edge[level], root)
		}
	}
	return root
}

// edgeIndexes are tlog's indexes of the hashes at the right edge of a tree, by level.
func edgeIndexes(size int64) (levels []int, indexes []int64) {
	for level := 0; size>>level > 0; level++ {
		if size>>level&1 == 1 {
			levels = append(levels, level)
			indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
		}
	}
	return levels, indexes
}
