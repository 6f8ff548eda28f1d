package jsonl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// target is a file in the making.
type target interface {
	io.Writer

	// commit puts the file into its place. It is called once, and no other method after it.
	commit() error

	// abandon leaves no trace of the file. It is called once, and no other method after it.
	abandon()
}

// create returns the target for path, which must not be a directory.
func create(path string) (target, error) {
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

// device is a target that cannot be replaced, such as a pipe.
type device struct{ *os.File }

func (d device) commit() error { return d.Close() }
func (d device) abandon()      { _ = d.Close() }

// aside is a target beside the file that it is to replace.
type aside struct {
	*os.File
	path string // to replace
}

// createAside makes a new file in the folder of path. Its name starts with a
// dot and ends in .tmp, so that what a killed process leaves is not taken for rows.
func createAside(path string, mode fs.FileMode) (target, error) {
	folder, name := filepath.Split(path)
	for {
		temporary := fmt.Sprintf("%s.%s.%08x.tmp", folder, name, rand.Uint32())
		f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a := aside{f, path}
		if mode != 0 {
			if err := f.Chmod(mode); err != nil {
				a.abandon()
				return nil, err
			}
		}
		return a, nil
	}
}

// commit renames the file once its content is on disk: a power cut between the
// two must not leave an empty file in the place of a whole one.
func (a aside) commit() error {
	err := errors.Join(a.Sync(), a.Close())
	if err == nil {
		err = os.Rename(a.Name(), a.path)
	}
	if err != nil {
		_ = os.Remove(a.Name())
		return err
	}
	// The new file is in its place already. That the folder may not be synced
	// (Windows cannot) is no reason to report that it is not.
	if folder, err := os.Open(filepath.Dir(a.path)); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}

func (a aside) abandon() {
	_ = a.Close()
	_ = os.Remove(a.Name())
}
