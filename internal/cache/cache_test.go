package cache

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func key(name string) undertone.Digest { return undertone.NewHasher("test").Text(name).Sum() }

// number is the kind of the values of these tests.
const number = "a number"

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
	c := Cache{Store: new(undertone.MemoryStore), Warn: func(w string) { t.Error(w) }}
	compute, calls := counted(7)
	for range 3 {
		if n, err := Value(c, key("a"), number, decode, compute); n != 7 || err != nil {
			t.Fatalf("value %d, error %v", n, err)
		}
	}
	if *calls != 1 {
		t.Errorf("computed %d times, want once", *calls)
	}
	if _, err := Value(c, key("b"), number, decode, compute); err != nil || *calls != 2 {
		t.Errorf("another key: error %v, computed %d times in all, want 2", err, *calls)
	}
}

// Text that JSON can write in several ways is found again.
func TestTextIsFoundAgain(t *testing.T) {
	c := Cache{Store: new(undertone.MemoryStore), Warn: func(w string) { t.Error(w) }}
	text := func(stored []byte) (s string, err error) {
		err = json.Unmarshal(stored, &s)
		return s, err
	}
	want := "<owl> & \u2028\x00 \"cat\" é"
	for range 2 {
		if got, err := Value(c, key("a"), "a text", text, func() (string, error) { return want, nil }); got != want || err != nil {
			t.Errorf("value %q, error %v", got, err)
		}
	}
}

func TestNothingIsStoredWithoutStoreOrKey(t *testing.T) {
	store := new(undertone.MemoryStore)
	for _, c := range []struct {
		reason string
		cache  Cache
		key    undertone.Digest
	}{
		{"no store", Cache{}, key("a")},
		{"the dependencies are unknown", Cache{Store: store}, undertone.Digest{}},
	} {
		compute, calls := counted(7)
		for range 2 {
			if n, err := Value(c.cache, c.key, number, decode, compute); n != 7 || err != nil {
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

// wrapped returns a value as it is stored.
func wrapped(name, kind, value string) string {
	text, err := Wrap(key(name), kind, []byte(value))
	if err != nil {
		panic(err)
	}
	return string(text)
}

// resealed returns a value under the store key of a, with a digest that needs no configuration.
func resealed(value string) string {
	s := stored{Format: format, Kind: number, Key: StoreKey(key("a")), Value: json.RawMessage(value)}
	s.Digest = keyed(s.Key, s) // the best that a tool can do which sees the file only
	text, _ := json.Marshal(s)
	return string(text)
}

// A damaged value is computed again, replaced, and said once, with its file.
func TestDamagedValues(t *testing.T) {
	whole, other := wrapped("a", number, "7"), wrapped("b", number, "8")
	for _, c := range []struct{ reason, stored, want string }{
		{"no JSON", "{", "it is not a stored value"},
		{"empty", "", "it is not a stored value"},
		{"a bare value", "7", "it is not a stored value"},
		{"a bare object", `{"value":7}`, "its format is"},
		{"another type", wrapped("a", number, `"7"`), "unexpected JSON string at byte"},
		{"a value that decode refuses", wrapped("a", number, "-1"), "it is negative"},
		{"another kind", wrapped("a", "a price", "8"), `it holds "a price"`},
		{"another format", strings.Replace(whole, "value v1", "value v0", 1), `its format is "undertone value v0"`},
		{"the value of another configuration", other, "it belongs to the key"},
		{"an edited value", strings.Replace(whole, `"value":7`, `"value":8`, 1), "its digest does not match"},
		{"an edited and resealed value", resealed("8"), "its digest does not match"},
		{"the store key of another configuration", strings.Replace(other, StoreKey(key("b")).String(), StoreKey(key("a")).String(), 1), "its digest does not match"},
		{"one more field", strings.Replace(whole, `"value"`, `"more":1,"value"`, 1), "its digest does not match"},
		{"a field twice", strings.Replace(whole, `"value"`, `"value":8,"value"`, 1), "its digest does not match"},
		{"a field in capitals", strings.Replace(whole, `"value"`, `"VALUE"`, 1), "its digest does not match"},
		{"a space", whole + " ", "its digest does not match"},
	} {
		store := undertone.DirStore(t.TempDir())
		if err := store.Put(StoreKey(key("a")), []byte(c.stored)); err != nil {
			t.Fatal(err)
		}
		var warnings []string
		cache := Cache{Store: store, Warn: func(w string) { warnings = append(warnings, w) }}
		compute, calls := counted(7)
		for range 2 {
			if n, err := Value(cache, key("a"), number, decode, compute); n != 7 || err != nil || *calls != 1 {
				t.Errorf("%s: value %d, error %v, computed %d times", c.reason, n, err, *calls)
			}
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0], store.File(StoreKey(key("a")))) || !strings.Contains(warnings[0], c.want) {
			t.Errorf("%s: warnings %q, want one with the file and %q", c.reason, warnings, c.want)
		}
	}
}

// No byte of a stored value can change, and no configuration can take the value of another.
func TestEveryByteCounts(t *testing.T) {
	whole := []byte(wrapped("a", number, "7"))
	if v, err := open(key("a"), number, whole); string(v) != "7" || err != nil {
		t.Fatalf("value %s, error %v", v, err)
	}
	for i := range whole {
		for bit := range 8 {
			flipped := slices.Clone(whole)
			flipped[i] ^= 1 << bit
			if v, err := open(key("a"), number, flipped); err == nil {
				t.Errorf("bit %d of byte %d flipped: %s gives %s", bit, i, flipped, v)
			}
		}
		if v, err := open(key("a"), number, whole[:i]); err == nil {
			t.Errorf("cut to %d bytes: %s", i, v)
		}
	}
}

// The configuration, from which the digest is keyed, is not in the file.
func TestConfigurationIsNotStored(t *testing.T) {
	if text := wrapped("a", number, "7"); strings.Contains(text, key("a").String()) {
		t.Errorf("the stored value %s has the configuration", text)
	}
}

// broken is a store whose methods fail.
type broken struct{ get, put, prepare error }

func (b broken) Get(undertone.Digest) ([]byte, bool, error) { return nil, false, b.get }
func (b broken) Put(undertone.Digest, []byte) error         { return b.put }
func (b broken) Prepare() error                             { return b.prepare }

func TestErrorsArePassedOn(t *testing.T) {
	failed := errors.New("failed")
	store := new(undertone.MemoryStore)
	memory := Cache{Store: store}
	fails := func() (int, error) { return 0, failed }
	if _, err := Value(memory, key("a"), number, decode, fails); err != failed {
		t.Errorf("compute fails: error %v", err)
	}
	if n := len(maps.Collect(store.All())); n != 0 {
		t.Errorf("%d values of a failed computation were stored", n)
	}
	compute, calls := counted(7)
	if _, err := Value(Cache{Store: broken{get: failed}}, key("a"), number, decode, compute); err != failed || *calls != 0 {
		t.Errorf("Get fails: error %v, computed %d times", err, *calls)
	}
	if _, err := Value(Cache{Store: broken{put: failed}}, key("a"), number, decode, compute); err != failed {
		t.Errorf("Put fails: error %v", err)
	}
	channel := func() (chan int, error) { return make(chan int), nil }
	if _, err := Value(memory, key("c"), "a channel", func([]byte) (chan int, error) { return nil, nil }, channel); err == nil {
		t.Error("a value that JSON cannot write was stored")
	}
	if err := (Cache{Store: broken{prepare: failed}}).Prepare(); err != failed {
		t.Errorf("Prepare fails: error %v", err)
	}
	for _, c := range []Cache{{}, memory} {
		if err := c.Prepare(); err != nil {
			t.Errorf("a store that cannot be prepared gives %v", err)
		}
	}
}

// FuzzOpen: no text makes open panic, and only one text of a configuration and a kind holds a
// value.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(wrapped("a", number, "7")))
	f.Add([]byte(wrapped("b", number, `{"a":[1,"<"]}`)))
	f.Add([]byte(resealed("7")))
	f.Fuzz(func(t *testing.T, text []byte) {
		value, err := open(key("a"), number, text)
		if err != nil {
			return
		}
		if again, err := Wrap(key("a"), number, value); err != nil || string(again) != string(text) {
			t.Errorf("%q holds %q, which is stored as %q, %v", text, value, again, err)
		}
	})
}
