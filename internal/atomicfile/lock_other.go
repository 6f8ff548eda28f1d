//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import (
	"errors"
	"os"
)

// locks is false where a leftover cannot be told from a file that is being written.
const locks = false

func lock(*os.File) (held bool, err error) { return false, errors.ErrUnsupported }
