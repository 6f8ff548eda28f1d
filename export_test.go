package undertone

import "sync/atomic"

// CountDigests counts the digests of rows that are computed while it runs work.
func CountDigests(work func()) int {
	var n atomic.Int64
	hashing = func() { n.Add(1) }
	defer func() { hashing = nil }()
	work()
	return int(n.Load())
}
