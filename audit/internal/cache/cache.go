// Package cache computes a value once and keeps it in a store.
package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// stored is a value with the key that it belongs to and a checksum of both, so that a damaged
// value, or one under another key, is found.
type stored struct {
	Key      undertone.Digest `json:"key"`
	Checksum undertone.Digest `json:"checksum"`
	Value    json.RawMessage  `json:"value"`
}

func checksum(key undertone.Digest, value []byte) undertone.Digest {
	return undertone.NewHasher("stored value").Digest(key).Text(string(value)).Sum()
}

// Wrap returns a value, as JSON, with its key and checksum, as it is stored.
func Wrap(key undertone.Digest, value []byte) ([]byte, error) {
	return json.Marshal(stored{key, checksum(key, value), value})
}

// open returns the value in text if it belongs to key and is not damaged.
func open(key undertone.Digest, text []byte) ([]byte, error) {
	var s stored
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, errors.New("it is not a stored value")
	}
	if s.Key != key {
		return nil, fmt.Errorf("it belongs to the key %s", s.Key.Short())
	}
	if s.Checksum != checksum(key, s.Value) {
		return nil, errors.New("its checksum does not match")
	}
	return s.Value, nil
}

// Value returns the value that store holds under key. If it holds none, Value calls compute and
// stores the result as JSON, with its key and a checksum. decode reads a stored value and returns
// an error if it is not what the caller asked for; what describes the value in that error. Nothing
// is stored if store is nil or key is zero.
func Value[T any](store undertone.Store, key undertone.Digest, what string, decode func([]byte) (T, error), compute func() (T, error)) (T, error) {
	var zero T
	if store == nil || key.IsZero() {
		return compute()
	}
	text, ok, err := store.Get(key)
	if err != nil {
		return zero, err
	}
	if ok {
		var value T
		if text, err = open(key, text); err == nil {
			value, err = decode(text)
		}
		if err != nil {
			return zero, fmt.Errorf("stored value %s does not hold %s: delete it and run again: %w", name(store, key), what, withoutGoType(err))
		}
		return value, nil
	}
	value, err := compute()
	if err != nil {
		return zero, err
	}
	if text, err = json.Marshal(value); err == nil {
		text, err = Wrap(key, text)
	}
	if err != nil {
		return zero, fmt.Errorf("store %s: %w", what, err)
	}
	return value, store.Put(key, text)
}

// name names a stored value in an error: by its file, if the store has one.
func name(store undertone.Store, key undertone.Digest) string {
	if f, ok := store.(interface {
		File(key undertone.Digest) string
	}); ok {
		return f.File(key)
	}
	return key.String()
}

// withoutGoType rewrites the error on a JSON value of the wrong type, which names a type of Go.
func withoutGoType(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("unexpected JSON %s at byte %d", wrong.Value, wrong.Offset)
}
