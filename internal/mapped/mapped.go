// Package mapped reads files through a memory mapping without the crash that a mapping risks. If
// another process truncates a mapped file, or the disk cannot deliver a page, the operating system
// ends the program with SIGBUS. A [File] gives an error instead:
//
//   - [File.Unchanged] compares the size, the modification time and the identity of the file with
//     those at the time when it was opened. A caller calls it before a read that must be current.
//   - [File.ReadAt] copies out of the mapping and never past the length of the file. While it
//     copies, a fault of this goroutine is a Go panic ([debug.SetPanicOnFault]), which it turns
//     into an error. This covers a file that is truncated between the comparison and the copy.
//
// No byte of the mapping is handed out, so nothing outside ReadAt can fault. A partial page at the
// end of a truncated file reads as zeros and does not fault: a caller must check what it has read.
package mapped

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"

	"golang.org/x/exp/mmap"
)

// ErrChanged means that the file changed after it was opened.
var ErrChanged = errors.New("the file changed while it was read")

// File is a mapped file. It is safe for concurrent use.
type File struct {
	path string      // absolute
	info fs.FileInfo // when it was opened
	mu   sync.RWMutex
	data *mmap.ReaderAt // nil after Close
}

// Open maps a regular file.
func Open(path string) (*File, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: whole}
	if f.info, err = os.Stat(whole); err != nil {
		return nil, err
	}
	if !f.info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is not a regular file")}
	}
	if f.data, err = mmap.Open(whole); err != nil {
		return nil, err
	}
	if err = f.Unchanged(); err == nil && int64(f.data.Len()) != f.Size() {
		err = ErrChanged
	}
	if err != nil {
		_ = f.data.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return f, nil
}

// Size returns the size of the file when it was opened, in bytes.
func (f *File) Size() int64 { return f.info.Size() }

// Info describes the file when it was opened.
func (f *File) Info() fs.FileInfo { return f.info }

// Unchanged returns [ErrChanged] if the path now names another file, or the file has another size
// or modification time than when it was opened. It costs one system call.
func (f *File) Unchanged() error {
	now, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: it was removed", ErrChanged)
	case err != nil:
		return err
	case !os.SameFile(now, f.info):
		return fmt.Errorf("%w: it was replaced", ErrChanged)
	case now.Size() != f.info.Size():
		return fmt.Errorf("%w: it has %d bytes, %d when it was opened", ErrChanged, now.Size(), f.info.Size())
	case !now.ModTime().Equal(f.info.ModTime()):
		return fmt.Errorf("%w: it was modified", ErrChanged)
	}
	return nil
}

// ReadAt implements [io.ReaderAt]. A page that the file no longer has is [ErrChanged].
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.data == nil {
		return 0, fs.ErrClosed
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface {
			runtime.Error
			Addr() uintptr
		}:
			n, err = 0, fmt.Errorf("%w: a part of it cannot be read", ErrChanged)
		default:
			panic(fault)
		}
	}()
	return f.data.ReadAt(p, off)
}

// Close ends the mapping, after the reads that have begun. A later read is an error.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.data == nil {
		return nil
	}
	data := f.data
	f.data = nil
	return data.Close()
}
