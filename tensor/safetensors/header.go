package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/foreign"
)

const (
	maxHeader  = 100_000_000 // bytes, by the format's specification
	maxTensors = 1 << 20

	metadataKey = "__metadata__"
)

// entry is a tensor of a file.
type entry struct {
	Info
	name     string
	file     io.ReaderAt
	from, to int64 // in the file
	elements int
}

// header is what precedes the tensors of one file.
type header struct {
	tensors  []entry // by offset
	metadata map[string]string
}

// readHeader reads and checks the header of a file of the given size.
func readHeader(file io.ReaderAt, size int64) (header, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return header{}, fmt.Errorf("the file has %d bytes: it is not a safetensors file", size)
	}
	head := make([]byte, min(foreign.Head, size))
	if _, err := file.ReadAt(head, 0); err != nil && err != io.EOF {
		return header{}, err
	}
	if err := foreign.Check(head); err != nil {
		return header{}, err
	}
	copy(prefix[:], head)
	n := binary.LittleEndian.Uint64(prefix[:])
	switch rest := size - int64(len(prefix)); {
	case n > maxHeader:
		return header{}, fmt.Errorf("the header has %d bytes, want at most %d: the file is not a safetensors file", n, maxHeader)
	case n > uint64(rest):
		return header{}, fmt.Errorf("the header has %d bytes, the rest of the file %d: the file is truncated, or is not a safetensors file", n, rest)
	}
	text := make([]byte, n)
	if _, err := file.ReadAt(text, int64(len(prefix))); err != nil && err != io.EOF {
		return header{}, err
	}
	h, err := parseHeader(text)
	if err != nil {
		return header{}, fmt.Errorf("header: %w", err)
	}
	start := int64(len(prefix)) + int64(n)
	if err := h.place(size - start); err != nil {
		return header{}, err
	}
	for i := range h.tensors {
		e := &h.tensors[i]
		e.file, e.from, e.to = file, e.from+start, e.to+start
	}
	return h, nil
}

// parseHeader reads the JSON of a header; offsets are relative to its end.
func parseHeader(text []byte) (header, error) {
	var h header
	if len(text) == 0 || text[0] != '{' {
		return h, errors.New("it does not begin with {")
	}
	err := document(text, func(d *json.Decoder, name string) error {
		if name == metadataKey {
			h.metadata = map[string]string{}
			return object(d, func(key string) error {
				value, err := str(d)
				h.metadata[key] = value
				return err
			})
		}
		if len(h.tensors) == maxTensors {
			return fmt.Errorf("more than %d tensors", maxTensors)
		}
		e := entry{name: name}
		if err := e.parse(d); err != nil {
			return fmt.Errorf("tensor %.80q: %w", name, err)
		}
		h.tensors = append(h.tensors, e)
		return nil
	})
	return h, err
}

// parse reads the description of a tensor.
func (e *entry) parse(d *json.Decoder) error {
	var has struct{ dtype, shape, offsets bool }
	err := object(d, func(key string) error {
		switch key {
		case "dtype":
			has.dtype = true
			name, err := str(d)
			e.DType = DType(name)
			return err
		case "shape":
			has.shape = true
			dims, err := integers(d, maxRank)
			e.Shape = make([]int, len(dims))
			for i, v := range dims {
				if e.Shape[i] = int(v); int64(e.Shape[i]) != v {
					return errTooLarge
				}
			}
			return err
		case "data_offsets":
			has.offsets = true
			offsets, err := integers(d, 2)
			if err == nil && len(offsets) != 2 {
				err = fmt.Errorf("data_offsets has %d numbers, want 2", len(offsets))
			}
			if err == nil {
				e.from, e.to = offsets[0], offsets[1]
			}
			return err
		}
		return fmt.Errorf("unknown field %.40q", key)
	})
	switch {
	case err != nil:
		return err
	case !has.dtype || !has.shape || !has.offsets:
		return errors.New("dtype, shape or data_offsets is missing")
	case width[e.DType] == 0:
		return fmt.Errorf("unknown dtype %.40q", e.DType)
	}
	return e.measure()
}

// measure checks that the offsets span the size of the shape.
func (e *entry) measure() (err error) {
	if e.elements, err = count(e.Shape); err != nil {
		return err
	}
	if e.Bytes, err = e.DType.size(e.elements); err != nil {
		return err
	}
	if e.to < e.from || e.to-e.from != e.Bytes {
		return fmt.Errorf("data_offsets %d to %d, but %s of shape %v has %d bytes", e.from, e.to, e.DType, e.Shape, e.Bytes)
	}
	return nil
}

// place sorts the tensors by offset and checks that they fill size bytes without gaps.
func (h *header) place(size int64) error {
	slices.SortStableFunc(h.tensors, func(a, b entry) int {
		if a.from != b.from {
			return int(min(1, max(-1, a.from-b.from)))
		}
		return int(min(1, max(-1, a.to-b.to)))
	})
	at := int64(0)
	for _, e := range h.tensors {
		switch {
		case e.to > size:
			return fmt.Errorf("tensor %.80q ends at byte %d of %d: the file is truncated", e.name, e.to, size)
		case e.from < at:
			return fmt.Errorf("tensor %.80q begins at byte %d, inside another tensor", e.name, e.from)
		case e.from > at:
			return fmt.Errorf("bytes %d to %d before tensor %.80q belong to no tensor", at, e.from, e.name)
		}
		at = e.to
	}
	if at != size {
		return fmt.Errorf("the last %d bytes belong to no tensor", size-at)
	}
	return nil
}
