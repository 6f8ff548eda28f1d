// Package bounded reads files of other people: regular ones, of a bounded size, whose content takes
// a bounded memory.
package bounded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrKind is the reason why a folder, a pipe or a device is not opened.
var ErrKind = errors.New("not a regular file: folders, pipes and devices are not read here")

// Open opens a regular file. A folder, a pipe or a device, which could block, is [ErrKind].
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.Unwrap(err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrKind}
	}
	return os.Open(path)
}

// ReadFile returns the content of a regular file of at most limit bytes. What [Open] refuses is an
// error, and so is a larger file. Nothing beyond the limit is read.
func ReadFile(path string, limit int) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err == nil && len(text) > limit {
		err = fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	return text, err
}
