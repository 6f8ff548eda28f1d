// Package lockfile makes one process at a time the writer of a path. The lock is a file beside the
// path, locked by the operating system: it ends with the process that holds it, so the lock of a
// killed process is taken over.
package lockfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder describes the process that holds a lock.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	What  string    `json:"what"` // such as "undertone train"
}

// String returns a text such as "undertone train, process 12 on host, since 2026-11-26 20:10:36".
func (h Holder) String() string {
	if h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("%s, process %d on %s, since %s", printable(h.What), h.PID, printable(h.Host), h.Since.Local().Format(time.DateTime))
}

// printable returns a text without control characters: the file may have been edited.
func printable(text string) string {
	quoted := fmt.Sprintf("%+.100q", text)
	return quoted[1 : len(quoted)-1]
}

// HeldError says that another process holds the lock of a path.
type HeldError struct {
	Path   string
	Holder Holder
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s: %s writes it; wait until it ends, or name another output", e.Path, e.Holder)
}

// Lock is the lock of a path.
type Lock struct {
	path string // of the lock file
	held *flock.Flock
}

// File returns the path of the lock file of a path. It starts with a dot and lies in the folder of
// path.
func File(path string) string {
	folder, name := filepath.Split(filepath.Clean(path))
	return filepath.Join(folder, "."+name+".lock")
}

// Acquire locks a path. If another process holds the lock, it returns a [HeldError] at once. Where
// the operating system or the file system has no locks, it returns an error that wraps
// [errors.ErrUnsupported]. What names the program.
func Acquire(path, what string) (*Lock, error) {
	l := &Lock{path: File(path)}
	for {
		if err := l.checkName(); err != nil {
			return nil, err
		}
		l.held = flock.New(l.path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
		ok, err := l.held.TryLock()
		if err != nil {
			_ = l.held.Close()
			return nil, unsupported(err)
		}
		if !ok {
			held := &HeldError{Path: path, Holder: holder(l.path)}
			_ = l.held.Close()
			return nil, held
		}
		if l.hasName() {
			if info, err := l.held.Stat(); err == nil && info.Size() > 0 && holder(l.path).PID == 0 {
				_ = l.held.Close()
				return nil, errors.New("it is not a lock file; rename it, or name another output")
			}
			break
		}
		_ = l.held.Close() // another process removed the file between its opening and its lock
	}
	if err := l.describe(what); err != nil {
		l.Release()
		return nil, err
	}
	return l, nil
}

// checkName returns an error if the name of the lock file is taken by a link or a folder, which
// another person may have put there.
func (l *Lock) checkName() error {
	info, err := os.Lstat(l.path)
	switch {
	case err != nil:
		return nil // opening the file says what is wrong
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file; remove it")
	}
	return nil
}

// hasName reports whether the path still names the locked file.
func (l *Lock) hasName() bool {
	open, err := l.held.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(l.path)
	return err == nil && os.SameFile(open, named)
}

// Release ends the lock and removes its file.
func (l *Lock) Release() {
	if removesLocked {
		_ = os.Remove(l.path) // before the lock ends: afterwards the file may be that of another process
	}
	_ = l.held.Close()
	if !removesLocked {
		_ = os.Remove(l.path) // fails if another process has opened it
	}
}

// describe writes the holder into the lock file. Windows locks its first byte against other
// handles, so the text starts after it.
func (l *Lock) describe(what string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text, err := json.Marshal(Holder{os.Getpid(), host, time.Now().UTC(), what})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 1)
	}
	return errors.Join(err, f.Close())
}

// mostHolder is the largest accepted description of a holder, in bytes.
const mostHolder = 4096

// holder returns the holder that a lock file describes, or the zero value.
func holder(path string) (h Holder) {
	f, err := os.Open(path)
	if err != nil {
		return Holder{}
	}
	defer f.Close()
	text := make([]byte, mostHolder)
	n, _ := f.ReadAt(text, 1)
	if json.Unmarshal(bytes.TrimSpace(text[:n]), &h) != nil {
		return Holder{}
	}
	return h
}

// unsupported returns err, which wraps [errors.ErrUnsupported] if locks do not exist.
func unsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || isUnsupported(err) {
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
