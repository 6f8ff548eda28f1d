package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// file returns a file with a header and data.
func file(header, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

func read(b []byte) (header, error) { return readHeader(bytes.NewReader(b), int64(len(b))) }

func TestHeader(t *testing.T) {
	const good = `{"a":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  `
	h, err := read(file(good, "123456"))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.tensors) != 2 || h.tensors[0].name != "b" || h.tensors[1].from != int64(8+len(good)+4) {
		t.Errorf("%+v", h.tensors)
	}
}

func TestHeaderErrors(t *testing.T) {
	one := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`{"a":{"dtype":%q,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets)
	}
	for _, c := range []struct{ reason, header, data, want string }{
		{"not an object", `[]`, "", "does not begin with {"},
		{"space before the object", ` {}`, "", "does not begin with {"},
		{"cut off", `{"a":`, "", "unexpected EOF"},
		{"two objects", `{}{}`, "", "data after the object"},
		{"a tensor twice", `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, "", `"a" is listed twice`},
		{"a field twice", `{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, "", `"dtype" is listed twice`},
		{"a metadata key twice", `{"__metadata__":{"k":"v","k":"w"}}`, "", `"k" is listed twice`},
		{"metadata that is not text", `{"__metadata__":{"k":1}}`, "", "found 1, want a string"},
		{"an unknown field", `{"a":{"colour":"red"}}`, "", `unknown field "colour"`},
		{"a field in another case", `{"a":{"DType":"U8"}}`, "", `unknown field "DType"`},
		{"a field that is missing", `{"a":{"dtype":"U8","shape":[0]}}`, "", "data_offsets is missing"},
		{"an unknown type", one("Q4", "[0]", "[0,0]"), "", `unknown dtype "Q4"`},
		{"a negative dimension", one("U8", "[-1]", "[0,0]"), "", "found -1, want a number >= 0"},
		{"a fraction", one("U8", "[1.5]", "[0,1]"), "1", "found 1.5, want a number"},
		{"a dimension beyond int64", one("U8", "[9223372036854775808]", "[0,0]"), "", "want a number >= 0"},
		{"a product beyond int64", one("F32", "[4294967296,4294967296,2]", "[0,0]"), "", "more elements than memory"},
		{"bytes beyond int64", one("F64", "[1152921504606846976]", "[0,0]"), "", "more elements than memory"},
		{"half a byte", one("F4", "[3]", "[0,1]"), "1", "whole bytes"},
		{"17 dimensions", one("U8", "["+strings.Repeat("1,", 16)+"1]", "[0,1]"), "1", "more than 16 numbers"},
		{"three offsets", one("U8", "[1]", "[0,1,2]"), "1", "more than 2 numbers"},
		{"one offset", one("U8", "[1]", "[0]"), "1", "1 numbers, want 2"},
		{"offsets the wrong way round", one("U8", "[1]", "[1,0]"), "1", "but U8 of shape [1] has 1 bytes"},
		{"offsets that differ from the shape", one("F32", "[2]", "[0,4]"), "1234", "data_offsets 0 to 4, but F32 of shape [2] has 8 bytes"},
		{"an end beyond the file", one("F32", "[2]", "[0,8]"), "1234", "ends at byte 8 of 4"},
		{"a gap before", one("U8", "[1]", "[1,2]"), "12", "bytes 0 to 1 before tensor"},
		{"bytes after the last", one("U8", "[1]", "[0,1]"), "123", "the last 2 bytes belong to no tensor"},
		{"an overlap", `{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}`, "1234", `tensor "b" begins at byte 2, inside another`},
	} {
		if _, err := read(file(c.header, c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func TestHeaderLengths(t *testing.T) {
	for _, c := range []struct {
		reason string
		file   []byte
		want   string
	}{
		{"an empty file", nil, "the file has 0 bytes"},
		{"no header", []byte("1234567"), "the file has 7 bytes"},
		{"a header longer than the file", file("{}", "")[:9], "the header has 2 bytes, the rest of the file 1"},
		{"a header of 2⁶³ bytes and more", []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "want at most 100000000"},
	} {
		if _, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// FuzzHeader: a header is refused, or it describes the bytes exactly.
func FuzzHeader(f *testing.F) {
	f.Add(file(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, "1234"))
	f.Add(file(`{}`, ""))
	f.Add([]byte("12345678{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := read(b)
		if err != nil {
			return
		}
		total := int64(8) + int64(binary.LittleEndian.Uint64(b))
		all := File{tensors: map[string]entry{}}
		for _, e := range h.tensors {
			if e.from != total || e.to-e.from != e.Bytes {
				t.Fatalf("tensor %q lies from %d to %d, want from %d", e.name, e.from, e.to, total)
			}
			total = e.to
			all.tensors[e.name] = e
			if v, err := all.Float32s(e.name); err == nil && len(v) != e.elements {
				t.Fatalf("tensor %q has %d elements, want %d", e.name, len(v), e.elements)
			}
		}
		if total != int64(len(b)) {
			t.Fatalf("the tensors end at %d of %d bytes", total, len(b))
		}
	})
}
