package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/undertone-audit/undertone"
)

// Store keeps the answers of finished replicates and the scores of rows, so that an audit that was
// stopped goes on where it was, and audits that share an arm train it once.
type Store = undertone.Store

// Memory is a Store that lasts as long as the program. The zero value is ready to use.
type Memory struct{ values sync.Map }

// Get implements [Store].
func (m *Memory) Get(key undertone.Digest) ([]byte, bool, error) {
	v, ok := m.values.Load(key)
	if !ok {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

// Put implements [Store].
func (m *Memory) Put(key undertone.Digest, value []byte) error {
	m.values.Store(key, value)
	return nil
}

// Dir is a Store in a folder, one small file a value; the folder is made when needed.
type Dir string

// Get implements [Store].
func (d Dir) Get(key undertone.Digest) ([]byte, bool, error) {
	value, err := os.ReadFile(d.file(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("audit: store: %w", err)
	}
	if !json.Valid(value) {
		return nil, false, fmt.Errorf("audit: store: %s is damaged: delete it and run again", d.file(key))
	}
	return value, true, nil
}

// Put implements [Store]: the file appears whole or not at all.
func (d Dir) Put(key undertone.Digest, value []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("audit: store: %w", err)
		}
	}()
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(string(d), ".value-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	_, err = f.Write(value)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), d.file(key))
}

func (d Dir) file(key undertone.Digest) string {
	return filepath.Join(string(d), key.String()[len("sha256:"):]+".json")
}

// recalled returns what the store has under key, if read accepts it, or works it out and keeps it. Without a store, or with the
// zero key, nothing is kept.
func recalled[T any](store Store, key undertone.Digest, what string, read func([]byte) (T, error), work func() (T, error)) (T, error) {
	var none T
	if store == nil || key.IsZero() {
		return work()
	}
	kept, ok, err := store.Get(key)
	if err != nil {
		return none, err
	}
	if ok {
		value, err := read(kept)
		if err != nil {
			return none, fmt.Errorf("checkpoint %s holds no %s: delete it and run again: %w", key.Short(), what, err)
		}
		return value, nil
	}
	value, err := work()
	if err != nil {
		return none, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return none, err
	}
	return value, store.Put(key, text)
}
