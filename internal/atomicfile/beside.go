package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// beside is a temporary file in the folder of the file that it will replace.
type beside struct {
	file *os.File
	path string // of the file to replace
}

// createBeside creates the first free temporary file of path and locks it for as long as this
// process writes it. A temporary file without a lock was left by a killed process and is removed.
func createBeside(path string, mode fs.FileMode) (File, error) {
	if err := failAt(StepCreate, path); err != nil {
		return nil, err
	}
	for slot := 0; ; {
		f, err := os.OpenFile(temporary(path, slot), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			if !removeLeftover(temporary(path, slot)) {
				slot++
			}
			continue
		}
		if err != nil {
			return nil, about(path, err)
		}
		if !claim(f) {
			_ = f.Close()
			continue
		}
		for next := slot + 1; removeLeftover(temporary(path, next)); next++ {
		}
		b := beside{f, path}
		if mode != 0 {
			if err := f.Chmod(mode); err != nil {
				b.Abandon()
				return nil, about(path, err)
			}
		}
		return b, nil
	}
}

// temporary returns the name of a temporary file of path. It starts with a dot and ends in .tmp, so
// that no program takes it for data. Concurrent writers of one path use different slots.
func temporary(path string, slot int) string {
	folder, name := filepath.Split(path)
	return fmt.Sprintf("%s.%s.%d.tmp", folder, name, slot)
}

// claim locks a file that this process has just created. It returns false if another process took
// it for a leftover between its creation and its lock.
func claim(f *os.File) bool {
	held, err := lock(f)
	if err != nil {
		return true // this file system has no locks, so no process removes leftovers
	}
	return held && hasName(f)
}

// removeLeftover removes a temporary file that no process has locked. It returns false if the file
// does not exist, is in use, or cannot be removed.
func removeLeftover(name string) bool {
	if info, err := os.Lstat(name); !locks || err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	held, err := lock(f)
	return err == nil && held && hasName(f) && os.Remove(name) == nil
}

// RemoveLeftovers removes the temporary files that killed processes left in a folder for the paths
// whose base name is wanted. Files that a living process writes stay. Nothing is removed where the
// system has no file locks.
func RemoveLeftovers(folder string, wanted func(name string) bool) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		inner, ok := strings.CutPrefix(e.Name(), ".")
		inner, ended := strings.CutSuffix(inner, ".tmp")
		dot := strings.LastIndexByte(inner, '.')
		if !ok || !ended || dot < 0 {
			continue
		}
		if _, err := strconv.ParseUint(inner[dot+1:], 10, 31); err == nil && wanted(inner[:dot]) {
			removeLeftover(filepath.Join(folder, e.Name()))
		}
	}
}

// Probe returns the error of writing a file to a folder. It leaves nothing behind.
func Probe(folder string) error {
	f, err := Create(filepath.Join(folder, ".probe"))
	if err != nil {
		return err
	}
	_, err = f.Write([]byte("probe"))
	f.Abandon()
	return err
}

// hasName reports whether the name that f was opened under still names f.
func hasName(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, named)
}

// Write implements [File].
func (b beside) Write(p []byte) (int, error) {
	if err := failAt(StepWrite, b.path); err != nil {
		return 0, err
	}
	n, err := b.file.Write(p)
	return n, about(b.path, err)
}

// Commit renames the file once its content is on disk, so that a power cut between the two steps
// cannot leave an empty file.
func (b beside) Commit() error {
	err := failAt(StepSync, b.path)
	if err == nil {
		err = b.file.Sync()
	}
	if !locks { // such a system may be unable to rename an open file
		err = errors.Join(err, b.file.Close())
	}
	if err == nil {
		err = failAt(StepRename, b.path)
	}
	if err == nil {
		err = os.Rename(b.file.Name(), b.path)
	}
	if err != nil {
		b.Abandon()
		return about(b.path, err)
	}
	_ = b.file.Close() // after the rename, because closing ends the lock
	// The file is in its place. A folder that cannot be synced (on Windows) is no error.
	syncFolder(filepath.Dir(b.path))
	return nil
}

// Abandon implements [File]. It removes the file before it ends the lock where the system can do
// so.
func (b beside) Abandon() {
	if locks {
		_ = os.Remove(b.file.Name())
	}
	_ = b.file.Close()
	if !locks {
		_ = os.Remove(b.file.Name())
	}
}

// about returns err with path in the place of the temporary file's name.
func about(path string, err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: path, Err: p.Err}
	}
	if l := (*os.LinkError)(nil); errors.As(err, &l) {
		return &fs.PathError{Op: l.Op, Path: path, Err: l.Err}
	}
	return err
}
