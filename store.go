package undertone

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/undertone-audit/undertone/internal/atomicfile"
)

// Store keeps values that are expensive to compute, such as the answers of a replicate or the
// scores of a judge. The key of a value is the digest of everything that the value depends on. A
// program with a Store resumes after an interruption, and computes what several audits share only
// once. Values are JSON. Both methods are safe for concurrent use. [DirStore] and [MemoryStore] are
// stores.
type Store interface {
	// Get returns the value of a key. It returns false if the store has no value of this key.
	Get(key Digest) ([]byte, bool, error)

	// Put keeps the value of a key. All values of one key are equal.
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

// Get implements [Store]. A file that is not valid JSON is an error.
func (d DirStore) Get(key Digest) ([]byte, bool, error) {
	value, err := os.ReadFile(d.File(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("undertone: store: %w", err)
	}
	if !json.Valid(value) {
		return nil, false, fmt.Errorf("undertone: store: %s is damaged: delete it and run again", d.File(key))
	}
	return value, true, nil
}

// Put implements [Store]. The file appears whole or not at all.
func (d DirStore) Put(key Digest, value []byte) error {
	err := os.MkdirAll(string(d), 0o755)
	if err == nil {
		err = atomicfile.WriteFile(d.File(key), value)
	}
	if err != nil {
		return fmt.Errorf("undertone: store: %w", err)
	}
	return nil
}

// File returns the path of the value under key, whether it exists or not.
func (d DirStore) File(key Digest) string {
	return filepath.Join(string(d), key.String()[len(digestPrefix):]+".json")
}
