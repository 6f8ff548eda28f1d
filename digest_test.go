package undertone

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestDigestText(t *testing.T) {
	d := NewHasher("test").Sum()
	text := d.String()
	if !strings.HasPrefix(text, "sha256:") || len(text) != 7+64 || d.Short() != text[7:19] {
		t.Errorf("digest %q, short %q", text, d.Short())
	}
	if d.IsZero() || !(Digest{}).IsZero() {
		t.Error("only a digest that was never set is zero")
	}
	form, err := json.Marshal(map[Digest]Digest{d: d}) // as a key and as a value
	if err != nil {
		t.Fatal(err)
	}
	var again map[Digest]Digest
	if err := json.Unmarshal(form, &again); err != nil || again[d] != d {
		t.Errorf("%s is read as %v (%v)", form, again, err)
	}
}

func TestDigestRefusals(t *testing.T) {
	good := NewHasher("test").Sum().String()
	for _, c := range []struct{ reason, text string }{
		{"empty", ""},
		{"no prefix", good[7:]},
		{"another algorithm", "sha512:" + good[7:]},
		{"the prefix in capitals", "SHA256:" + good[7:]},
		{"a digit short", good[:len(good)-1]},
		{"a digit more", good + "0"},
		{"not hexadecimal", good[:len(good)-1] + "g"},
		{"space around it", " " + good[:len(good)-1]},
		{"capitals: a digest has one form", "sha256:" + strings.Repeat("A", 64)},
		{"long", "sha256:" + strings.Repeat("0", 1<<20)},
	} {
		d := Digest{1}
		err := d.UnmarshalText([]byte(c.text))
		if err == nil || d != (Digest{1}) {
			t.Errorf("%s: read as %v, error %v", c.reason, d, err)
		} else if !strings.HasPrefix(err.Error(), "undertone: digest ") || len(err.Error()) > 300 {
			t.Errorf("%s: error %v", c.reason, err)
		}
	}
}

// TestHasherForm pins the canonical form, which docs/rows.md publishes: it is read by
// programs in other languages.
func TestHasherForm(t *testing.T) {
	form := strings.Join([]string{
		"0000000000000004", "74657374", // the kind, "test", with its length
		"0000000000000002", "c3a9", // Text, in bytes
		"0000000000000000",                         // Text of nothing
		"0102030405060708",                         // Uint, big-endian
		"3ff8000000000000",                         // Float of 1.5
		"0000000000000002", "3f800000", "c0000000", // Floats of 1 and −2
		strings.Repeat("ab", 32), // Digest, as it is
	}, "")
	bytes, err := hex.DecodeString(form)
	if err != nil {
		t.Fatal(err)
	}
	var d Digest
	for i := range d {
		d[i] = 0xab
	}
	got := NewHasher("test").Text("é").Text("").Uint(0x0102030405060708).Float(1.5).Floats([]float32{1, -2}).Digest(d).Sum()
	if want := Digest(sha256.Sum256(bytes)); got != want {
		t.Errorf("digest %v, want that of the bytes %s: %v", got, form, want)
	}
	if want := uint64(got[0])<<56 | uint64(got[1])<<48; got.Uint64()>>48<<48 != want {
		t.Errorf("Uint64 is %x, of %v", got.Uint64(), got)
	}
}

// Long slices are hashed in blocks; the borders of the blocks must not show.
func TestHasherFloatsOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 1, 1023, 1024, 1025, 2048, 5000} {
		v := make([]float32, n)
		bytes := []byte{0, 0, 0, 0, 0, 0, byte(n >> 8), byte(n)}
		for i := range v {
			v[i] = float32(i) - 0.5
			bits := math.Float32bits(v[i])
			bytes = append(bytes, byte(bits>>24), byte(bits>>16), byte(bits>>8), byte(bits))
		}
		h := NewHasher("")
		want := Digest(sha256.Sum256(append(make([]byte, 8), bytes...)))
		if got := h.Floats(v).Sum(); got != want {
			t.Errorf("%d numbers: %v, want %v", n, got, want)
		}
	}
}

// TestHasherTellsFieldsApart: fields of one kind of thing, in one order, have one form only.
func TestHasherTellsFieldsApart(t *testing.T) {
	nan := math.Float64frombits(0x7ff8000000000002)
	seen := map[Digest]string{}
	for _, c := range []struct {
		name string
		h    *Hasher
	}{
		{"a, bc", NewHasher("k").Text("a").Text("bc")},
		{"ab, c", NewHasher("k").Text("ab").Text("c")},
		{"abc", NewHasher("k").Text("abc")},
		{"abc and nothing", NewHasher("k").Text("abc").Text("")},
		{"nothing and abc", NewHasher("k").Text("").Text("abc")},
		{"kind ka, bc", NewHasher("ka").Text("bc")},
		{"a kind alone", NewHasher("kabc")},
		{"a NUL", NewHasher("k").Text("a\x00").Text("bc")},
		{"a length in the text", NewHasher("k").Text("a\x00\x00\x00\x00\x00\x00\x00\x02bc")},
		{"0", NewHasher("f").Float(0)},
		{"−0", NewHasher("f").Float(math.Copysign(0, -1))},
		{"NaN", NewHasher("f").Float(math.NaN())},
		{"another NaN", NewHasher("f").Float(nan)},
		{"1", NewHasher("f").Float(1)},
		{"1, 2", NewHasher("v").Floats([]float32{1, 2})},
		{"2, 1", NewHasher("v").Floats([]float32{2, 1})},
		{"1; 2", NewHasher("v").Floats([]float32{1}).Floats([]float32{2})},
		{"1, 2; nothing", NewHasher("v").Floats([]float32{1, 2}).Floats(nil)},
	} {
		d := c.h.Sum()
		if other, ok := seen[d]; ok {
			t.Errorf("%q has the digest of %q", c.name, other)
		}
		seen[d] = c.name
	}
}

func TestHasherSumDoesNotEndTheForm(t *testing.T) {
	h := NewHasher("k").Text("a")
	if first, second := h.Sum(), h.Sum(); first != second {
		t.Error("a second Sum differs from the first")
	}
	if h.Text("b").Sum() != NewHasher("k").Text("a").Text("b").Sum() {
		t.Error("a Sum on the way changes what follows")
	}
}

// TestHasherBlocks compares values around the size of a block with the hash of all bytes at once.
func TestHasherBlocks(t *testing.T) {
	number := func(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }
	text := strings.Repeat("0123456789abcdef", 128)
	for n := range 1100 {
		h := NewHasher("k").Text(text[:n]).Uint(7).Digest(Digest{1}).Text(text[:n/2])
		want := append(number(nil, 1), 'k')
		want = append(number(want, uint64(n)), text[:n]...)
		want = append(number(want, 7), 1)
		want = append(want, make([]byte, 31)...)
		want = append(number(want, uint64(n/2)), text[:n/2]...)
		if got := h.Sum(); got != sha256.Sum256(want) || h.Sum() != got {
			t.Fatalf("%d bytes: another digest than that of all bytes", n)
		}
		if h.Uint(9).Sum() != sha256.Sum256(number(want, 9)) {
			t.Fatalf("%d bytes: a field after Sum is lost", n)
		}
	}
}
