// Package cache computes a value once and keeps it in a store.
package cache

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Value returns the value that store holds under key. If it holds none, Value calls compute and
// stores the result as JSON. decode reads a stored value and returns an error if it is not what
// the caller asked for; what describes the value in that error. Nothing is stored if store is nil
// or key is zero.
func Value[T any](store undertone.Store, key undertone.Digest, what string, decode func([]byte) (T, error), compute func() (T, error)) (T, error) {
	var zero T
	if store == nil || key.IsZero() {
		return compute()
	}
	stored, ok, err := store.Get(key)
	if err != nil {
		return zero, err
	}
	if ok {
		value, err := decode(stored)
		if err != nil {
			return zero, fmt.Errorf("stored value %s does not hold %s: delete it and run again: %w", key.Short(), what, withoutGoType(err))
		}
		return value, nil
	}
	value, err := compute()
	if err != nil {
		return zero, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return zero, err
	}
	return value, store.Put(key, text)
}

// withoutGoType rewrites the error on a JSON value of the wrong type, which names a type of Go.
func withoutGoType(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("unexpected JSON %s at byte %d", wrong.Value, wrong.Offset)
}
