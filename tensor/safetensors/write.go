package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Tensor is a tensor for [Write]. F32 needs Float32s; F16 and BF16 need Halves, the bits of each
// element.
type Tensor struct {
	Name     string // unique in the file
	DType    DType
	Shape    []int     // outermost dimension first; empty for a scalar
	Float32s []float32 // the elements of F32, row-major
	Halves   []uint16  // the bits of the elements of F16 and BF16, row-major
}

// Write writes a file of tensors to w, with one call per tensor. The tensors keep their order, but
// those of F32 come first, so that each one starts at a multiple of its element size. Equal
// arguments give equal bytes. An error in the arguments is reported before the first byte is
// written.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	tensors = slices.Clone(tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return cmp.Compare(width[b.DType], width[a.DType]) })
	header, err := encodeHeader(tensors, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: write: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("safetensors: write the header: %w", err)
	}
	for _, t := range tensors {
		if err := t.encode(w); err != nil {
			return fmt.Errorf("safetensors: write tensor %.80q: %w", t.Name, err)
		}
	}
	return nil
}

// described is a tensor in the JSON of a header.
type described struct {
	DType   DType    `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// encodeHeader returns the length, the JSON, and spaces to a multiple of 8 bytes.
func encodeHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	header := make([]byte, 8, 1024)
	header = append(header, '{')
	seen := map[string]struct{}{}
	field := func(name string, value any) error {
		if _, twice := seen[name]; twice {
			return fmt.Errorf("tensor %.80q is listed twice", name)
		}
		if seen[name] = struct{}{}; len(seen) > 1 {
			header = append(header, ',')
		}
		for i, v := range []any{name, value} {
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if i == 1 {
				header = append(header, ':')
			}
			header = append(header, text...)
		}
		return nil
	}
	if len(metadata) > 0 {
		if err := field(metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	at := int64(0)
	for _, t := range tensors {
		size, err := t.size()
		if err != nil {
			return nil, err
		}
		if t.Name == metadataKey {
			return nil, fmt.Errorf("a tensor has the reserved name %q", metadataKey)
		}
		if err := field(t.Name, described{t.DType, append([]int{}, t.Shape...), [2]int64{at, at + size}}); err != nil {
			return nil, err
		}
		at += size
	}
	header = append(header, '}')
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	if len(header)-8 > maxHeader {
		return nil, fmt.Errorf("the header has %d bytes, want at most %d", len(header)-8, maxHeader)
	}
	binary.LittleEndian.PutUint64(header, uint64(len(header)-8))
	return header, nil
}

// size returns the bytes of the tensor, or what is wrong with it.
func (t Tensor) size() (int64, error) {
	n, err := count(t.Shape)
	if err == nil && len(t.Shape) > maxRank {
		err = fmt.Errorf("%d dimensions, want at most %d", len(t.Shape), maxRank)
	}
	if err != nil {
		return 0, fmt.Errorf("tensor %.80q: %w", t.Name, err)
	}
	have := len(t.Halves)
	switch t.DType {
	case F32:
		have = len(t.Float32s)
	case F16, BF16:
	default:
		return 0, fmt.Errorf("tensor %.80q: cannot write dtype %.40q; want %s, %s or %s", t.Name, t.DType, F32, F16, BF16)
	}
	if !utf8.ValidString(t.Name) {
		return 0, fmt.Errorf("tensor %.80q: the name is not UTF-8", t.Name)
	}
	if have != n {
		return 0, fmt.Errorf("tensor %.80q: %d %s elements for shape %v", t.Name, have, t.DType, t.Shape)
	}
	return t.DType.size(n)
}

// encode writes the elements, a block at a time if their byte order must change.
func (t Tensor) encode(w io.Writer) error {
	data, size := raw(t.Float32s), 4
	if t.DType != F32 {
		data, size = raw(t.Halves), 2
	}
	if !bigEndian {
		_, err := w.Write(data)
		return err
	}
	for len(data) > 0 {
		block := slices.Clone(data[:min(blockBytes, len(data))])
		data = data[len(block):]
		toNative(block, size)
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}
