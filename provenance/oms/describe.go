package oms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/parallel"
)

// Options say how a folder is described. The zero value of a field means the stated default.
type Options struct {
	Ignore    []string // paths that are not signed, relative to the folder, with slashes (default none)
	ShardSize int64    // bytes of a part of a file that is hashed alone, >= 1; 0 hashes files whole (default 0)
}

// Describe hashes the files of a folder. It refuses symbolic links and what is no regular file.
// Files of git at the top of the folder are never signed: .git, .gitattributes, .github and
// .gitignore.
func Describe(ctx context.Context, folder string, o Options) (*Manifest, error) {
	s := Serialization{Method: Files, HashType: SHA256, ShardSize: byteSize(o.ShardSize)}
	if o.ShardSize != 0 {
		s.Method = Shards
	}
	s.IgnorePaths = slices.Compact(slices.Sorted(slices.Values(append(alwaysIgnored(), o.Ignore...))))
	m, err := describe(ctx, folder, s, nil)
	if err == nil {
		err = m.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("oms: folder %s: %w", folder, err)
	}
	return m, nil
}

// describe hashes the files of a folder, or a single file, except those of the paths to skip.
func describe(ctx context.Context, folder string, s Serialization, skip []string) (*Manifest, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Name: filepath.Base(absolute), Serialization: s}
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return nil, errors.New("it is a file; name the folder that holds it")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer root.Close()
	w := walk{root: root, serialization: &s, skip: skip}
	files, err := w.files(ctx)
	if err != nil {
		return nil, err
	}
	finish := func(h hashedFile) error {
		if h.err != nil {
			return h.err
		}
		m.Resources = append(m.Resources, h.resources...)
		return nil
	}
	err = parallel.Ordered(ctx, runtime.GOMAXPROCS(0), values(files), func(name string) hashedFile { return w.hash(ctx, name) }, finish)
	slices.SortFunc(m.Resources, func(a, b Resource) int { return strings.Compare(a.Name, b.Name) })
	return m, err
}

// walk reads the files of a folder, and nothing outside it.
type walk struct {
	root          *os.Root
	serialization *Serialization
	skip          []string
}

// files returns the paths of the files to sign, with slashes.
func (w *walk) files(ctx context.Context) (all []string, err error) {
	err = fs.WalkDir(w.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name == ".":
			return nil
		case w.serialization.ignores(name) || slices.Contains(w.skip, name):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case len(all) == maxResources:
			return fmt.Errorf("it has more than %d files", maxResources)
		}
		all = append(all, name)
		return w.check(name, entry.Type())
	})
	return all, err
}

// check returns an error if a file cannot be signed.
func (w *walk) check(name string, mode fs.FileMode) error {
	if err := checkPath(name); err != nil {
		return fmt.Errorf("file %q: %w", name, err)
	}
	if mode&fs.ModeSymlink != 0 {
		if !w.serialization.AllowSymlinks {
			return fmt.Errorf("file %q is a symbolic link; replace it by the file, because a link can be pointed elsewhere", name)
		}
		info, err := w.root.Stat(name) // fails for a target outside the folder
		if err != nil {
			return fmt.Errorf("file %q: the symbolic link leads outside the folder or to nothing: %w", name, withoutPath(err))
		}
		mode = info.Mode().Type()
	}
	if mode.IsRegular() {
		return nil
	}
	return fmt.Errorf("file %q is no regular file", name)
}

// hashedFile is a file with its resources.
type hashedFile struct {
	resources []Resource
	err       error
}

func (w *walk) hash(ctx context.Context, name string) (h hashedFile) {
	f, err := w.root.Open(name)
	if err != nil {
		return hashedFile{err: fmt.Errorf("file %q: %w", name, withoutPath(err))}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return hashedFile{err: fmt.Errorf("file %q is no regular file", name)}
	}
	h.resources, h.err = w.serialization.resources(ctx, name, f)
	if h.err != nil {
		h.err = fmt.Errorf("file %q: %w", name, withoutPath(h.err))
	}
	return h
}

// resources reads a file and returns its resources.
func (s *Serialization) resources(ctx context.Context, name string, f io.Reader) ([]Resource, error) {
	read := &interruptible{ctx, f}
	if s.Method == Files {
		digest, _, err := sum(read)
		return []Resource{{name, s.HashType, digest}}, err
	}
	var all []Resource
	size := int64(s.ShardSize)
	for start := int64(0); ; start += size {
		digest, n, err := sum(io.LimitReader(read, size))
		if err != nil || n == 0 {
			return all, err
		}
		all = append(all, Resource{shard{name, start, start + n}.name(), s.shardAlgorithm(), digest})
		if len(all) > maxResources {
			return nil, fmt.Errorf("it has more than %d shards", maxResources)
		}
	}
}

// sum returns the SHA-256 of what is read, and its size in bytes.
func sum(r io.Reader) (string, int64, error) {
	h := sha256.New()
	n, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 1<<18))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// interruptible is a reader that fails once its context is done.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// values yields the values of a list without errors.
func values[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// withoutPath returns the reason of an error on a file whose path is said already.
func withoutPath(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
