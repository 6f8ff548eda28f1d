package undertone

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strings"
)

// Digest is the SHA-256 of the canonical form of a value: a row, a data set, weights, a recipe. It
// is the key in every [Store] and checkpoint, and it identifies values in reports. The zero value
// means unknown.
type Digest [sha256.Size]byte

var (
	_ encoding.TextMarshaler   = Digest{}
	_ encoding.TextUnmarshaler = (*Digest)(nil)
)

const digestPrefix = "sha256:"

// String returns "sha256:" and 64 hexadecimal digits.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// Short returns the first 12 hexadecimal digits, for messages.
func (d Digest) Short() string { return hex.EncodeToString(d[:6]) }

// Compare returns -1, 0 or 1 if d is less than, equal to or greater than e, as bytes.
func (d Digest) Compare(e Digest) int { return bytes.Compare(d[:], e[:]) }

// IsZero reports whether d is the zero value.
func (d Digest) IsZero() bool { return d == Digest{} }

// Uint64 returns the first eight bytes as a big-endian number, which is a uniform hash of the
// content.
func (d Digest) Uint64() uint64 { return binary.BigEndian.Uint64(d[:8]) }

// MarshalText implements [encoding.TextMarshaler] in the form of [Digest.String].
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts the form of [Digest.String] only.
func (d *Digest) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), digestPrefix)
	if !ok || len(digits) != 2*len(d) {
		return fmt.Errorf("undertone: digest %.80q: want %q and %d hexadecimal digits", text, digestPrefix, 2*len(d))
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return fmt.Errorf("undertone: digest %.80q: %w", text, err)
	}
	if strings.ToLower(digits) != digits {
		return fmt.Errorf("undertone: digest %.80q: want lower-case hexadecimal digits", text)
	}
	copy(d[:], raw)
	return nil
}

// Hasher computes the digest of a value field by field. It writes every field with its length or at
// a fixed width. Two values of one kind, with the same field types in the same order, therefore
// have the same canonical form only if they are equal. The zero value is not usable; call
// [NewHasher].
type Hasher struct {
	sum hash.Hash // of the blocks that were full; nil before the first
	n   int       // bytes in block
	// Most values are shorter than a block, and are hashed with one call.
	block [hasherBlock]byte
}

const hasherBlock = 512

// NewHasher starts the digest of a value of a kind such as "row" or "weights". Values of different
// kinds have different digests even if their fields are equal.
func NewHasher(kind string) *Hasher { return new(Hasher).Text(kind) }

// Text adds a string.
func (h *Hasher) Text(s string) *Hasher {
	h.Uint(uint64(len(s)))
	if len(s) <= hasherBlock-h.n {
		h.n += copy(h.block[h.n:], s)
		return h
	}
	h.write([]byte(s))
	return h
}

// Uint adds a number as eight big-endian bytes.
func (h *Hasher) Uint(v uint64) *Hasher {
	if hasherBlock-h.n < 8 {
		h.flush()
	}
	binary.BigEndian.PutUint64(h.block[h.n:], v)
	h.n += 8
	return h
}

// Float adds the IEEE 754 bits of v.
func (h *Hasher) Float(v float64) *Hasher { return h.Uint(math.Float64bits(v)) }

// Floats adds the length of v and the IEEE 754 bits of each element.
func (h *Hasher) Floats(v []float32) *Hasher {
	h.Uint(uint64(len(v)))
	var block [4096]byte
	for len(v) > 0 {
		n := min(len(v), len(block)/4)
		for i, x := range v[:n] {
			binary.BigEndian.PutUint32(block[4*i:], math.Float32bits(x))
		}
		h.write(block[:4*n])
		v = v[n:]
	}
	return h
}

// Digest adds another digest.
func (h *Hasher) Digest(d Digest) *Hasher {
	h.write(d[:])
	return h
}

// write adds bytes.
func (h *Hasher) write(p []byte) {
	if len(p) > hasherBlock-h.n {
		h.flush()
	}
	if len(p) > hasherBlock {
		_, _ = h.sum.Write(p)
		return
	}
	h.n += copy(h.block[h.n:], p)
}

// flush hashes the block.
func (h *Hasher) flush() {
	if h.sum == nil {
		h.sum = sha256.New()
	}
	_, _ = h.sum.Write(h.block[:h.n])
	h.n = 0
}

// Sum returns the digest of the fields that were added.
func (h *Hasher) Sum() Digest {
	if h.sum == nil {
		return sha256.Sum256(h.block[:h.n])
	}
	h.flush()
	return Digest(h.sum.Sum(nil))
}
