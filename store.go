package undertone

// Store keeps values that cost much to work out, under a digest of all that they depend on: the
// answers of a replicate student, the scores of a judge. Work that was stopped then goes on where
// it was, and work that shares a part does it once. Values are JSON. Both methods may be
// called from several goroutines. Package audit has one in memory and one in a folder.
type Store interface {
	// Get returns the value kept under key, or false.
	Get(key Digest) ([]byte, bool, error)
	// Put keeps the value; a second Put under one key has the same value.
	Put(key Digest, value []byte) error
}
