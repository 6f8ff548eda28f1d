//go:build linux || darwin

package machine

import (
	"math"
	"syscall"
)

// addressSpace returns the largest address space of this process, or 0 if it has no limit.
func addressSpace() int64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) != nil || limit.Cur > math.MaxInt64 {
		return 0
	}
	return int64(limit.Cur)
}
