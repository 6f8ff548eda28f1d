package undertone

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone/internal/atomicfile"
)

// Store keeps values that are expensive to compute, such as the answers of a replicate or the
// scores of a judge. The key of a value is the digest of everything that the value depends on. A
// program with a Store resumes after an interruption, and computes what several audits share only
// once. Both methods are safe for concurrent use. [DirStore] and [MemoryStore] are stores.
//
// A store need not check what it returns. The packages of this module write each value with its
// key, its kind, the version of its form and a keyed digest, compute a damaged value again, and say
// so; docs/store.md describes the form and what it protects against. A store may have a method
// Prepare() error, which is called before the work whose results the store keeps.
type Store interface {
	// Get returns the value of a key. It returns false if the store has no value of this key.
	Get(key Digest) ([]byte, bool, error)

	// Put keeps the value of a key, and replaces an earlier one. The values of one key are equal,
	// unless one was damaged.
	Put(key Digest, value []byte) error
}

// MemoryStore is a [Store] in memory. The zero value is empty and ready to use.
type MemoryStore struct{ values sync.Map }

// Get implements [Store].
func (m *MemoryStore) Get(key Digest) ([]byte, bool, error) {
	v, ok := m.values.Load(key)
	if !ok {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

// Put implements [Store].
func (m *MemoryStore) Put(key Digest, value []byte) error {
	m.values.Store(key, value)
	return nil
}

// All ranges over the keys and values, in no particular order.
func (m *MemoryStore) All() iter.Seq2[Digest, []byte] {
	return func(yield func(Digest, []byte) bool) {
		m.values.Range(func(k, v any) bool { return yield(k.(Digest), v.([]byte)) })
	}
}

// DirStore is a [Store] in the folder of this name. It keeps each value in a file of its own and
// creates the folder with the first value. Several processes may share the folder.
type DirStore string

// maxValue is the largest size of a file of a [DirStore], in bytes.
const maxValue = 1 << 32

// Get implements [Store]. A path that is not a regular file, such as a pipe, is an error.
func (d DirStore) Get(key Digest) ([]byte, bool, error) {
	info, err := os.Lstat(d.File(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file: delete it and run again", d.File(key))
	}
	if err == nil && info.Size() > maxValue {
		err = fmt.Errorf("%s has %d bytes, want <= %d: delete it and run again", d.File(key), info.Size(), int64(maxValue))
	}
	var value []byte
	if err == nil {
		value, err = os.ReadFile(d.File(key))
	}
	if err != nil {
		return nil, false, fmt.Errorf("undertone: store: %w", err)
	}
	return value, true, nil
}

// Put implements [Store]. The file appears whole or not at all. A path that is not a regular file,
// such as a pipe or a symbolic link, is an error.
func (d DirStore) Put(key Digest, value []byte) error {
	err := os.MkdirAll(string(d), 0o755)
	if err == nil {
		if info, missing := os.Lstat(d.File(key)); missing == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is not a regular file: delete it and run again", d.File(key))
		}
	}
	if err == nil {
		err = atomicfile.WriteFile(d.File(key), value)
	}
	if err != nil {
		return fmt.Errorf("undertone: store: %w", err)
	}
	return nil
}

// Prepare creates the folder, checks that a file can be written to it, and removes the temporary
// files that killed processes left. Those of living processes stay.
func (d DirStore) Prepare() error {
	err := os.MkdirAll(string(d), 0o755)
	if err == nil {
		err = atomicfile.Probe(string(d))
	}
	if err != nil {
		return fmt.Errorf("undertone: store %s cannot be written: %w: name another folder", string(d), err)
	}
	atomicfile.RemoveLeftovers(string(d), func(name string) bool {
		key, ok := strings.CutSuffix(name, valueSuffix)
		digits, err := hex.DecodeString(key)
		return ok && err == nil && len(digits) == len(Digest{})
	})
	return nil
}

// valueSuffix ends the name of the file of a value.
const valueSuffix = ".json"

// File returns the path of the value under key, whether it exists or not.
func (d DirStore) File(key Digest) string {
	return filepath.Join(string(d), key.String()[len(digestPrefix):]+valueSuffix)
}
