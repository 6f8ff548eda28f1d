//go:build unix

package lockfile

import (
	"errors"
	"syscall"
)

// removesLocked reports whether a file that is open can be removed.
const removesLocked = true

// isUnsupported reports whether a file system has no locks.
func isUnsupported(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.EOPNOTSUPP)
}
