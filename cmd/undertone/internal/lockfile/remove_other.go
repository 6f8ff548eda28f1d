//go:build !unix

package lockfile

// removesLocked is false where a file that is open cannot be removed.
const removesLocked = false

func isUnsupported(error) bool { return false }
