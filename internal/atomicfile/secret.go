package atomicfile

import (
	"errors"
	"io/fs"
	"os"
)

// secretMode is the mode of a file that its owner alone can read.
const secretMode fs.FileMode = 0o600

// WriteNew puts data at path, where no file may be. If secret is set, the owner alone can read the
// file, from its creation on.
func WriteNew(path string, data []byte, secret bool) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
		}
		return err
	}
	mode := fs.FileMode(0)
	if secret {
		mode = secretMode
	}
	f, err := createBeside(path, mode) // the mode is set before anything is written
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Abandon()
		return err
	}
	return f.Commit()
}
