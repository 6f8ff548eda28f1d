// Package atomicfile writes files that appear whole or not at all. The content goes to a temporary
// file in the same folder, which replaces the file once all of it is on disk. After an error, a
// kill or a power cut the old file is unchanged. The package imports the standard library only.
package atomicfile

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that is being written.
type File interface {
	io.Writer

	// Commit puts the file into its place. It is called once, and no other method after it.
	Commit() error

	// Abandon removes what was written. It is called once, and no other method after it.
	Abandon()
}

// Create starts the file at path. It returns an error if path is a folder. If path names a device
// or a pipe, which cannot be replaced, File writes to it directly. If path is a symbolic link, the
// file that it points to is replaced. The permissions of a replaced file are kept. Create removes
// the temporary files that killed processes left for this path. Errors of File and Create name
// path, not the temporary file.
func Create(path string) (File, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return createBeside(path, 0)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "create", Path: path, Err: errors.New("is a directory; name a file in it")}
	case info.Mode().IsRegular():
		return createBeside(path, info.Mode().Perm())
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return device{f}, nil
}

// device is a file that cannot be replaced, such as a pipe.
type device struct{ *os.File }

func (d device) Commit() error { return d.Close() }
func (d device) Abandon()      { _ = d.Close() }

// bufferSize is the size of the buffer of [Write], in bytes.
const bufferSize = 1 << 20

// Write calls write with a buffered writer and puts what it wrote at path. If write returns an
// error or panics, the file at path is unchanged.
func Write(path string, write func(io.Writer) error) error {
	return commit(path, func(f File) error {
		buffer := bufio.NewWriterSize(f, bufferSize)
		if err := write(buffer); err != nil {
			return err
		}
		return buffer.Flush()
	})
}

// WriteFile puts data at path.
func WriteFile(path string, data []byte) error {
	return commit(path, func(f File) error {
		_, err := f.Write(data)
		return err
	})
}

func commit(path string, fill func(File) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	filled := false
	defer func() { // also when fill panics
		if !filled {
			f.Abandon()
		}
	}()
	if err := fill(f); err != nil {
		return err
	}
	filled = true
	return f.Commit()
}
