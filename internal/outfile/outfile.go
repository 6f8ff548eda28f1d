// Package outfile makes files that are whole or not there: what is written goes
// to a new file beside the one that it is to replace, and is renamed when all of it is on disk.
package outfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// File is a file in the making.
type File interface {
	io.Writer

	// Commit puts the file into its place. It is called once, and no other method after it.
	Commit() error

	// Abandon leaves no trace of the file. It is called once, and no other method after it.
	Abandon()
}

// Create returns the file that is to stand at path, which must not be a
// directory. A path that cannot be replaced, such as a pipe, is written directly.
// What killed processes left beside path is removed.
func Create(path string) (File, error) {
	// The rename must replace the file that a link names, not the link.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return createAside(path, 0)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory; name a file in it")
	case info.Mode().IsRegular():
		return createAside(path, info.Mode().Perm())
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

// aside is a file beside the one that it is to replace.
type aside struct {
	*os.File
	path string // to replace
}

// createAside makes a new file in the folder of path. Its name starts with a
// dot and ends in .tmp, so that what a killed process leaves is not taken for
// rows, and it is locked for as long as this process lives.
func createAside(path string, mode fs.FileMode) (File, error) {
	removeLeftovers(path)
	for {
		f, err := os.OpenFile(temporary(path, rand.Uint32()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a := aside{f, path}
		if !a.claim() {
			a.Abandon()
			continue
		}
		if mode != 0 {
			if err := f.Chmod(mode); err != nil {
				a.Abandon()
				return nil, err
			}
		}
		return a, nil
	}
}

// temporary is the name of a file beside path, in the form that [removeLeftovers] knows.
func temporary(path string, random uint32) string {
	folder, name := filepath.Split(path)
	return fmt.Sprintf("%s.%s.%08x.tmp", folder, name, random)
}

// Commit renames the file once its content is on disk: a power cut between the
// two must not leave an empty file in the place of a whole one.
func (a aside) Commit() error {
	err := a.Sync()
	if !locks { // where an open file can perhaps not be renamed
		err = errors.Join(err, a.Close())
	}
	if err == nil {
		err = os.Rename(a.Name(), a.path)
	}
	if err != nil {
		a.Abandon()
		return err
	}
	_ = a.Close() // it is on disk; closed only now, since that ends the lock
	// The new file is in its place already. That the folder may not be synced
	// (Windows cannot) is no reason to report that it is not.
	if folder, err := os.Open(filepath.Dir(a.path)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}

func (a aside) Abandon() {
	_ = a.Close()
	_ = os.Remove(a.Name())
}
