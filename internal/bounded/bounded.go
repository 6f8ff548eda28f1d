// Package bounded reads files of other people: regular ones, of a bounded size.
package bounded

import (
	"fmt"
	"io"
	"os"
)

// ReadFile returns the content of a regular file of at most limit bytes. A folder, a pipe or a
// device is an error, and so is a larger file. Nothing beyond the limit is read.
func ReadFile(path string, limit int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
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
