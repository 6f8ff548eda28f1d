// Package cache computes a value once and keeps it in a store, in a form in which a damaged, edited
// or misplaced value is found. docs/store.md describes the form.
package cache

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Cache is a store with the function that is told about values that cannot be used. The zero value
// stores nothing.
type Cache struct {
	Store undertone.Store

	// Warn is called with a sentence for each stored value that is damaged, and computed again. It
	// may be called by several goroutines at once; nil is not called.
	Warn func(warning string)
}

// format is the version of the form of a stored value.
const format = "undertone value v1"

// stored is a value with what it is.
type stored struct {
	Format string           `json:"format"`
	Kind   string           `json:"kind"`   // such as "scores of these rows"
	Key    undertone.Digest `json:"key"`    // under which it is stored; see [StoreKey]
	Digest undertone.Digest `json:"digest"` // keyed; see [keyed]
	Value  json.RawMessage  `json:"value"`
}

// StoreKey returns the key under which a store keeps the value of a configuration: a digest of the
// digest of everything that the value depends on. The latter is in no file, because the key of the
// digest of a stored value is derived from it.
func StoreKey(configuration undertone.Digest) undertone.Digest {
	return undertone.NewHasher("store key").Digest(configuration).Sum()
}

// keyed returns the HMAC-SHA-256 of a stored value, without its field Digest. Its key is derived
// from the configuration.
func keyed(configuration undertone.Digest, s stored) undertone.Digest {
	key := undertone.NewHasher("store digest key").Digest(configuration).Sum()
	content := undertone.NewHasher("stored value").Text(s.Format).Text(s.Kind).Digest(s.Key).Text(string(s.Value)).Sum()
	mac := hmac.New(sha256.New, key[:])
	mac.Write(content[:])
	return undertone.Digest(mac.Sum(nil))
}

// Wrap returns a value, as JSON, in the form in which it is stored.
func Wrap(configuration undertone.Digest, kind string, value []byte) ([]byte, error) {
	s := stored{Format: format, Kind: kind, Key: StoreKey(configuration)}
	var err error
	if s.Value, err = json.Marshal(json.RawMessage(value)); err != nil { // compact
		return nil, err
	}
	s.Digest = keyed(configuration, s)
	return json.Marshal(s)
}

// open returns the value in text if it is of this configuration and kind, and not damaged.
func open(configuration undertone.Digest, kind string, text []byte) ([]byte, error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, errors.New("it is not a stored value")
	}
	switch {
	case s.Format != format:
		return nil, fmt.Errorf("its format is %.40q, want %q", s.Format, format)
	case s.Kind != kind:
		return nil, fmt.Errorf("it holds %.60q", s.Kind)
	case s.Key != StoreKey(configuration):
		return nil, fmt.Errorf("it belongs to the key %s", s.Key.Short())
	}
	want, err := Wrap(configuration, kind, s.Value)
	if err != nil || !bytes.Equal(text, want) { // also if a byte beside the fields differs
		return nil, errors.New("its digest does not match")
	}
	return s.Value, nil
}

// Get returns the value that the store holds for a configuration. It returns false if the store
// holds none, or a damaged one, about which it calls Warn. A value that decode refuses is damaged.
// kind says what the value is.
func Get[T any](c Cache, configuration undertone.Digest, kind string, decode func([]byte) (T, error)) (value T, ok bool, err error) {
	if c.Store == nil || configuration.IsZero() {
		return value, false, nil
	}
	key := StoreKey(configuration)
	text, ok, err := c.Store.Get(key)
	if err != nil || !ok {
		return value, false, err
	}
	if text, err = open(configuration, kind, text); err == nil {
		value, err = decode(text)
	}
	if err != nil {
		if c.Warn != nil {
			c.Warn(fmt.Sprintf("stored value %s is damaged and is computed again: it does not hold %s: %v", name(c.Store, key), kind, withoutGoType(err)))
		}
		var none T
		return none, false, nil
	}
	return value, true, nil
}

// Put stores the value of a configuration as JSON.
func Put[T any](c Cache, configuration undertone.Digest, kind string, value T) error {
	if c.Store == nil || configuration.IsZero() {
		return nil
	}
	text, err := json.Marshal(value)
	if err == nil {
		text, err = Wrap(configuration, kind, text)
	}
	if err != nil {
		return fmt.Errorf("store %s: %w", kind, err)
	}
	return c.Store.Put(StoreKey(configuration), text)
}

// Value returns the value that the store holds for a configuration, as [Get] does. If it holds
// none, Value calls compute and stores the result. Nothing is stored if there is no store, or if
// the configuration is zero, that is unknown.
func Value[T any](c Cache, configuration undertone.Digest, kind string, decode func([]byte) (T, error), compute func() (T, error)) (T, error) {
	value, ok, err := Get(c, configuration, kind, decode)
	if ok || err != nil {
		return value, err
	}
	if value, err = compute(); err != nil {
		var none T
		return none, err
	}
	return value, Put(c, configuration, kind, value)
}

// Prepare checks that the store can keep values, so that an error occurs before the work and not
// after it. A store without a method Prepare is not checked.
func (c Cache) Prepare() error {
	if p, ok := c.Store.(interface{ Prepare() error }); ok {
		return p.Prepare()
	}
	return nil
}

// name names a stored value in a warning: by its file, if the store has one.
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
