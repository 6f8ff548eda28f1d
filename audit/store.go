package audit

import (
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// recalled returns what the store has under key, if read accepts it, or works it out and keeps it. Without a store, or with the
// zero key, nothing is kept.
func recalled[T any](store undertone.Store, key undertone.Digest, what string, read func([]byte) (T, error), work func() (T, error)) (T, error) {
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
