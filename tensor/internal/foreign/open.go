package foreign

import (
	"errors"
	"io/fs"
	"os"
)

// Open opens a regular file. A folder, a pipe or a device, which could block, is an error.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.Unwrap(err)}
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file: folders, pipes and devices are not read here")}
	}
	return os.Open(path)
}
