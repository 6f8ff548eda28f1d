package cache

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func key(name string) undertone.Digest { return undertone.NewHasher("test").Text(name).Sum() }

// decode reads a number and refuses negative ones.
func decode(stored []byte) (n int, err error) {
	if err = json.Unmarshal(stored, &n); err == nil && n < 0 {
		err = errors.New("it is negative")
	}
	return n, err
}

// counted returns a function that computes value and counts its calls.
func counted(value int) (compute func() (int, error), calls *int) {
	calls = new(int)
	return func() (int, error) { *calls++; return value, nil }, calls
}

func TestValueIsComputedOnce(t *testing.T) {
	store := new(undertone.MemoryStore)
	compute, calls := counted(7)
	for range 3 {
		if n, err := Value(store, key("a"), "a number", decode, compute); n != 7 || err != nil {
			t.Fatalf("value %d, error %v", n, err)
		}
	}
	if *calls != 1 {
		t.Errorf("computed %d times, want once", *calls)
	}
	if _, err := Value(store, key("b"), "a number", decode, compute); err != nil || *calls != 2 {
		t.Errorf("another key: error %v, computed %d times in all, want 2", err, *calls)
	}
}

// The error on a stored value of another type speaks of JSON, not of a type of Go.
func TestStoredValueOfAnotherType(t *testing.T) {
	store := new(undertone.MemoryStore)
	wrapped, err := Wrap(key("a"), []byte(`{"b":1}`))
	if err == nil {
		err = store.Put(key("a"), wrapped)
	}
	if err != nil {
		t.Fatal(err)
	}
	compute, _ := counted(7)
	_, err = Value(store, key("a"), "a number", decode, compute)
	if err == nil || !strings.HasSuffix(err.Error(), "does not hold a number: delete it and run again: unexpected JSON object at byte 1") {
		t.Errorf("error %v", err)
	}
}

func TestNothingIsStoredWithoutStoreOrKey(t *testing.T) {
	store := new(undertone.MemoryStore)
	for _, c := range []struct {
		reason string
		store  undertone.Store
		key    undertone.Digest
	}{
		{"no store", nil, key("a")},
		{"the dependencies are unknown", store, undertone.Digest{}},
	} {
		compute, calls := counted(7)
		for range 2 {
			if n, err := Value(c.store, c.key, "a number", decode, compute); n != 7 || err != nil {
				t.Errorf("%s: value %d, error %v", c.reason, n, err)
			}
		}
		if *calls != 2 {
			t.Errorf("%s: computed %d times, want twice", c.reason, *calls)
		}
	}
	for range store.All() {
		t.Error("a value without a key was stored")
	}
}

// A damaged value is an error that says what to do. It is neither used nor replaced.
func TestDamagedValues(t *testing.T) {
	other, _ := Wrap(key("b"), []byte("7"))
	whole, _ := Wrap(key("a"), []byte("7"))
	for reason, stored := range map[string]string{
		"no JSON": "{", "empty": "", "a bare value": "7", "another type": wrapped(`"7"`), "a value that decode refuses": wrapped("-1"),
		"the value of another key": string(other), "an edited value": strings.Replace(string(whole), `"value":7`, `"value":8`, 1),
		"another key in the envelope": strings.Replace(string(other), key("b").String(), key("a").String(), 1),
		"one more field":              strings.Replace(string(whole), `"value"`, `"more":1,"value"`, 1),
	} {
		store := new(undertone.MemoryStore)
		if err := store.Put(key("a"), []byte(stored)); err != nil {
			t.Fatal(err)
		}
		compute, calls := counted(7)
		n, err := Value(store, key("a"), "a number", decode, compute)
		want := "stored value " + key("a").String() + " does not hold a number: delete it and run again"
		if n != 0 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: value %d, error %v, want %q", reason, n, err, want)
		}
		if kept, _, _ := store.Get(key("a")); *calls != 0 || string(kept) != stored {
			t.Errorf("%s: computed %d times; the store holds %q", reason, *calls, kept)
		}
	}
	if n, err := Value(negative(t), key("a"), "a number", decode, nil); n != 0 || err == nil || !strings.Contains(err.Error(), "it is negative") {
		t.Errorf("value %d, error %v, want the reason of decode", n, err)
	}
}

// wrapped returns a value as it is stored under the key a.
func wrapped(value string) string {
	text, err := Wrap(key("a"), []byte(value))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// A value in a folder is named by its file.
func TestErrorNamesTheFile(t *testing.T) {
	store := undertone.DirStore(t.TempDir())
	if err := store.Put(key("a"), []byte("7")); err != nil {
		t.Fatal(err)
	}
	if _, err := Value(store, key("a"), "a number", decode, nil); err == nil || !strings.Contains(err.Error(), store.File(key("a"))) {
		t.Errorf("error %v, want the path of the file", err)
	}
}

func negative(t *testing.T) undertone.Store {
	t.Helper()
	store := new(undertone.MemoryStore)
	if err := store.Put(key("a"), []byte(wrapped("-1"))); err != nil {
		t.Fatal(err)
	}
	return store
}

// broken is a store whose methods fail.
type broken struct{ get, put error }

func (b broken) Get(undertone.Digest) ([]byte, bool, error) { return nil, false, b.get }
func (b broken) Put(undertone.Digest, []byte) error         { return b.put }

func TestErrorsArePassedOn(t *testing.T) {
	failed := errors.New("failed")
	store := new(undertone.MemoryStore)
	fails := func() (int, error) { return 0, failed }
	if _, err := Value(store, key("a"), "a number", decode, fails); err != failed {
		t.Errorf("compute fails: error %v", err)
	}
	for range store.All() {
		t.Error("the value of a failed computation was stored")
	}
	compute, calls := counted(7)
	if _, err := Value(broken{get: failed}, key("a"), "a number", decode, compute); err != failed || *calls != 0 {
		t.Errorf("Get fails: error %v, computed %d times", err, *calls)
	}
	if _, err := Value(broken{put: failed}, key("a"), "a number", decode, compute); err != failed {
		t.Errorf("Put fails: error %v", err)
	}
	channel := func() (chan int, error) { return make(chan int), nil }
	if _, err := Value(store, key("c"), "a channel", func([]byte) (chan int, error) { return nil, nil }, channel); err == nil {
		t.Error("a value that JSON cannot write was stored")
	}
}
