package safetensors

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sync/errgroup"
)

const (
	blockBytes = 1 << 18 // read at a time and then converted: fits the second-level cache
	manyBytes  = 1 << 24 // two goroutines read tensors of at least this size
)

// Float32s returns the elements of an F32, F16 or BF16 tensor as float32.
func (f *File) Float32s(name string) ([]float32, error) {
	e, err := f.find(name, F32, F16, BF16)
	if err != nil {
		return nil, err
	}
	values := make([]float32, e.elements)
	if e.DType == F32 {
		return values, f.read(e, raw(values), 4)
	}
	return values, f.blocks(e, func(at int, block []byte) {
		e.DType.toFloat32(values[at/2:at/2+len(block)/2], block)
	})
}

// Halves returns the bits of an F16 or BF16 tensor as they are stored.
func (f *File) Halves(name string) ([]uint16, error) {
	e, err := f.find(name, F16, BF16)
	if err != nil {
		return nil, err
	}
	values := make([]uint16, e.elements)
	return values, f.read(e, raw(values), 2)
}

// find returns the tensor with a name if it has one of the given types.
func (f *File) find(name string, types ...DType) (entry, error) {
	e, ok := f.tensors[name]
	if !ok {
		return e, fmt.Errorf("safetensors: %s: tensor %.80q is missing", f.path, name)
	}
	for _, t := range types {
		if e.DType == t {
			return e, nil
		}
	}
	return e, fmt.Errorf("safetensors: %s: tensor %.80q is %s, want one of %v", f.path, name, e.DType, types)
}

// read fills dst, which is elements of the given size, with the bytes of a tensor.
func (f *File) read(e entry, dst []byte, size int) error {
	err := halve(len(dst), func(from, to int) error {
		_, err := e.file.ReadAt(dst[from:to], e.from+int64(from))
		return err
	})
	if err != nil {
		return f.failed(e, err)
	}
	toNative(dst, size)
	return nil
}

// blocks reads a tensor of two-byte elements block by block; at is the position of the block in
// bytes. use is called from several goroutines.
func (f *File) blocks(e entry, use func(at int, block []byte)) error {
	err := halve(int(e.Bytes), func(from, to int) error {
		buffer := make([]byte, min(blockBytes, to-from))
		for at := from; at < to; at += len(buffer) {
			block := buffer[:min(len(buffer), to-at)]
			if _, err := e.file.ReadAt(block, e.from+int64(at)); err != nil {
				return err
			}
			use(at, block)
		}
		return nil
	})
	if err != nil {
		return f.failed(e, err)
	}
	return nil
}

func (f *File) failed(e entry, err error) error {
	return fmt.Errorf("safetensors: %s: tensor %.80q: %w", f.path, e.name, err)
}

// halve calls do for all n bytes, in two halves at once if there are many.
func halve(n int, do func(from, to int) error) error {
	if n < manyBytes {
		return do(0, n)
	}
	middle := n / 2 &^ 63
	var group errgroup.Group
	group.Go(func() error { return do(middle, n) })
	group.Go(func() error { return do(0, middle) })
	return group.Wait()
}

// raw returns the memory of numbers as bytes.
func raw[T float32 | uint16](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))
}

// bigEndian is true if the machine has another byte order than the file.
var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// toNative converts elements of the given size between the byte orders of the file and of the
// machine.
func toNative(data []byte, size int) {
	if !bigEndian {
		return
	}
	for ; len(data) >= size; data = data[size:] {
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			data[i], data[j] = data[j], data[i]
		}
	}
}
